//! Prints how long every engine takes for one case, as ratios, in Markdown.

use redress_peers::contest;
use redress_workload::race::Effort;

fn main() -> anyhow::Result<()> {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let effort = if smoke { Effort::SMOKE } else { Effort::FULL };
    let flights = redress_workload::flights();
    let times = contest::race(&flights)?.run(effort);
    println!("| engine | times the plain Rust function |");
    println!("| --- | ---: |");
    for name in times.names() {
        println!(
            "| {name} | {:.1} | {:.0} ns",
            times.ratio(name, contest::PLAIN),
            times.pass_ns(name) / 1000.0
        );
    }
    Ok(())
}
