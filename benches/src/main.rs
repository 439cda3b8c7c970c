//! Prints the ratios of the README in Markdown.

use anyhow::Result;
use redress_benches::{Bench, contest};
use redress_workload::FLIGHTS;
use redress_workload::race::Effort;

fn main() -> Result<()> {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let effort = if smoke { Effort::SMOKE } else { Effort::FULL };
    let bench = Bench::load()?;
    bench.check()?;
    let times = contest::race(&bench)?.run(effort);
    println!("| contestant | ns a case | times the plain function |");
    println!("| --- | ---: | ---: |");
    for name in times.names() {
        let case_ns = times.pass_ns(name) / f64::from(FLIGHTS);
        println!(
            "| {name} | {case_ns:.0} | {:.1} |",
            times.ratio(name, contest::PLAIN)
        );
    }
    Ok(())
}
