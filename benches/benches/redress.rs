//! The benches, a group for each question.
//!
//! `cargo bench -p redress-benches -- decide` runs one group, `-- --test` runs
//! everything once. Every time is for the whole workload of 1,000 cases, but for the
//! group `load`. The ratios of the README come from `benches/report.sh`, which lets the
//! contestants take turns.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use redress::{Engine, EngineLimits, Release};
use redress_benches::Bench;
use redress_workload::bare_rhai::{BareRhai, ReadyFacts};
use redress_workload::{FLIGHTS, SCRIPT, plain, release_folder};

fn ready() -> Bench {
    let bench = Bench::load().unwrap();
    bench.check().unwrap();
    bench
}

/// How long does a typed case take to its decision, and how long what we build on?
fn decide(criterion: &mut Criterion) {
    let bench = ready();
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(FLIGHTS.into()));
    group.bench_function("plain_rust", |bencher| {
        bencher.iter(|| {
            for input in &bench.inputs {
                black_box(plain::decide(black_box(&input.flight)));
            }
        });
    });
    let rhai = BareRhai::new(SCRIPT).unwrap();
    let facts: Vec<_> = bench
        .inputs
        .iter()
        .map(|input| ReadyFacts::new(&input.flight))
        .collect();
    group.bench_function("bare_rhai", |bencher| {
        bencher.iter(|| {
            for facts in &facts {
                black_box(rhai.run(black_box(facts)).unwrap());
            }
        });
    });
    for kind in bench.release.sandboxes() {
        let release: Release = bench.release.with_sandbox(kind).unwrap();
        group.bench_function(format!("redress_{}", kind.name()), |bencher| {
            bencher.iter(|| {
                for input in &bench.inputs {
                    black_box(bench.decide(&release, black_box(input)));
                }
            });
        });
    }
    group.finish();
}

/// How long does the kernel take for a proposal that is there?
fn kernel(criterion: &mut Criterion) {
    let bench = ready();
    let proposals = bench.proposals().unwrap();
    let mut group = criterion.benchmark_group("kernel");
    group.throughput(Throughput::Elements(FLIGHTS.into()));
    group.bench_function("enforce", |bencher| {
        bencher.iter_batched(
            || proposals.clone(),
            |proposals| {
                for (input, proposal) in bench.inputs.iter().zip(proposals) {
                    black_box(bench.enforce(black_box(input), proposal));
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// How long does a case take from its bytes to its types, and a decision to its bytes?
fn admit(criterion: &mut Criterion) {
    let bench = ready();
    let bytes = bench
        .inputs
        .iter()
        .map(|input| input.json.len())
        .sum::<usize>();
    let mut group = criterion.benchmark_group("admit");
    group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap()));
    group.bench_function("serde_json_value", |bencher| {
        bencher.iter(|| {
            for input in &bench.inputs {
                let value: serde_json::Value =
                    serde_json::from_str(black_box(&input.json)).unwrap();
                black_box(value);
            }
        });
    });
    group.bench_function("admit", |bencher| {
        bencher.iter(|| {
            for input in &bench.inputs {
                black_box(
                    bench
                        .release
                        .admit(black_box(input.json.as_bytes()))
                        .unwrap(),
                );
            }
        });
    });
    let proposals = bench.proposals().unwrap();
    group.bench_function("json_to_json_without_policy", |bencher| {
        bencher.iter_batched(
            || proposals.clone(),
            |proposals| {
                for (input, proposal) in bench.inputs.iter().zip(proposals) {
                    black_box(bench.json_to_json(black_box(input), proposal).unwrap());
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// How long does a release take from its folder until it can decide?
fn load(criterion: &mut Criterion) {
    let folder = release_folder();
    let mut group = criterion.benchmark_group("load");
    group.bench_function("release", |bencher| {
        bencher.iter(|| {
            let engine = Engine::new(EngineLimits::STANDARD);
            black_box(engine.load(black_box(&folder)).unwrap())
        });
    });
    group.finish();
}

criterion_group!(benches, decide, kernel, admit, load);
criterion_main!(benches);
