//! The benches, a group for each question.
//!
//! `cargo bench -p redress-benches -- decide` runs one group, `-- --test` runs
//! everything once. Every time is for the whole workload of 1,000 cases, but for the
//! group `load`. The ratios of the README come from `benches/report.sh`, which lets the
//! contestants take turns.

use std::hint::black_box;

use anyhow::Result;
use criterion::{Criterion, Throughput};
use redress::{Engine, EngineLimits};
use redress_benches::Bench;
use redress_benches::contest::{self, Group};
use redress_workload::{FLIGHTS, release_folder};

fn main() -> Result<()> {
    let bench = Bench::load()?;
    bench.check()?;
    let mut criterion = Criterion::default().configure_from_args();
    for group in Group::ALL {
        let mut timed = criterion.benchmark_group(group.name());
        timed.throughput(Throughput::Elements(FLIGHTS.into()));
        for (name, mut pass) in contest::group(&bench, group)?.into_passes() {
            timed.bench_function(name, |bencher| {
                bencher.iter_custom(|passes| (0..passes).map(|_| pass()).sum());
            });
        }
        timed.finish();
    }
    load(&mut criterion);
    criterion.final_summary();
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
