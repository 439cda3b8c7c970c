//! The benches, a group for each question.
//!
//! `cargo bench -p redress-benches -- decide` runs one group, `-- --test` runs
//! everything once. Every time is for the whole workload of 1,000 cases, but for the
//! group `load`. The ratios of the README come from `benches/report.sh`, which lets the
//! contestants take turns.

use std::hint::black_box;

use anyhow::{Context as _, Result};
use criterion::{BatchSize, Criterion, Throughput};
use redress::{Engine, EngineLimits, Release};
use redress_benches::Bench;
use redress_workload::bare_rhai::{BareRhai, ReadyFacts};
use redress_workload::{FLIGHTS, SCRIPT, plain, release_folder};

fn main() -> Result<()> {
    let bench = Bench::load()?;
    bench.check()?;
    let mut criterion = Criterion::default().configure_from_args();
    decide(&mut criterion, &bench)?;
    kernel(&mut criterion, &bench)?;
    admit(&mut criterion, &bench)?;
    load(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// How long does a typed case take to its decision, and how long what we build on?
fn decide(criterion: &mut Criterion, bench: &Bench) -> Result<()> {
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(FLIGHTS.into()));
    group.bench_function("plain_rust", |bencher| {
        bencher.iter(|| {
            for input in &bench.inputs {
                black_box(plain::decide(black_box(&input.flight)));
            }
        });
    });
    let rhai = BareRhai::new(SCRIPT)?;
    let facts: Vec<_> = bench
        .inputs
        .iter()
        .map(|input| ReadyFacts::new(&input.flight))
        .collect();
    group.bench_function("bare_rhai", |bencher| {
        bencher.iter(|| {
            for facts in &facts {
                let _ = black_box(rhai.run(black_box(facts)));
            }
        });
    });
    for kind in bench.release.sandboxes() {
        let release: Release = bench.release.with_sandbox(kind).context("a form")?;
        group.bench_function(format!("redress_{}", kind.name()), |bencher| {
            bencher.iter(|| {
                for input in &bench.inputs {
                    black_box(bench.decide(&release, black_box(input)));
                }
            });
        });
    }
    group.finish();
    Ok(())
}

/// How long does the kernel take for a proposal that is there?
fn kernel(criterion: &mut Criterion, bench: &Bench) -> Result<()> {
    let proposals = bench.proposals()?;
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
    Ok(())
}

/// How long does a case take from its bytes to its types, and a decision to its bytes?
fn admit(criterion: &mut Criterion, bench: &Bench) -> Result<()> {
    let bytes = bench
        .inputs
        .iter()
        .map(|input| input.json.len())
        .sum::<usize>();
    let mut group = criterion.benchmark_group("admit");
    group.throughput(Throughput::Bytes(u64::try_from(bytes)?));
    group.bench_function("serde_json_value", |bencher| {
        bencher.iter(|| {
            for input in &bench.inputs {
                let value = serde_json::from_str::<serde_json::Value>(black_box(&input.json));
                let _ = black_box(value);
            }
        });
    });
    group.bench_function("admit", |bencher| {
        bencher.iter(|| {
            for input in &bench.inputs {
                let _ = black_box(bench.release.admit(black_box(input.json.as_bytes())));
            }
        });
    });
    let proposals = bench.proposals()?;
    group.bench_function("json_to_json_without_policy", |bencher| {
        bencher.iter_batched(
            || proposals.clone(),
            |proposals| {
                for (input, proposal) in bench.inputs.iter().zip(proposals) {
                    let _ = black_box(bench.json_to_json(black_box(input), proposal));
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
    Ok(())
}

/// How long does a release take from its folder until it can decide?
fn load(criterion: &mut Criterion) {
    let folder = release_folder();
    let mut group = criterion.benchmark_group("load");
    group.bench_function("release", |bencher| {
        bencher.iter(|| {
            let engine = Engine::new(EngineLimits::STANDARD);
            black_box(engine.load(black_box(&folder)))
        });
    });
    group.finish();
}
