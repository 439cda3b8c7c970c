//! Every engine on the whole workload of 1,000 cases.
//!
//! `cargo bench --manifest-path benches/peers/Cargo.toml` runs it; `-- --test` runs
//! everything once. The ratios come from the program `peers-ratios`.

use anyhow::Result;
use criterion::{Criterion, Throughput};
use redress_peers::contest;
use redress_workload::{FLIGHTS, flights};

fn main() -> Result<()> {
    let flights = flights();
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("peers");
    group.throughput(Throughput::Elements(FLIGHTS.into()));
    for (name, mut pass) in contest::race(&flights)?.into_passes() {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|passes| (0..passes).map(|_| pass()).sum());
        });
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}
