//! Prints how long every engine takes for one case, as ratios, in Markdown.

use anyhow::Result;
use redress_peers::contest;
use redress_workload::race::Effort;

fn main() -> Result<()> {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let effort = if smoke { Effort::SMOKE } else { Effort::FULL };
    let flights = redress_workload::flights();
    let times = contest::race(&flights)?.run(effort);
    println!("| engine | times the plain Rust function | times Redress, Rhai |");
    println!("| --- | ---: | ---: |");
    for name in times.names() {
        let (plain, redress) = (
            times.ratio(name, contest::PLAIN),
            times.ratio(name, contest::REDRESS_RHAI),
        );
        println!("| {name} | {plain:.0} | {redress:.2} |");
    }
    Ok(())
}
