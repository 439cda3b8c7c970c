//! Prints how long every engine takes for one case, as ratios, in Markdown.

use anyhow::Result;
use redress_peers::contest;
use redress_workload::race::Effort;

fn main() -> Result<()> {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let effort = if smoke { Effort::SMOKE } else { Effort::FULL };
    let flights = redress_workload::flights();
    let times = contest::race(&flights)?.run(effort);
    println!("| question | measured | target | |");
    println!("| --- | ---: | ---: | --- |");
    let redress = contest::REDRESS;
    for name in times.names().filter(|name| *name != redress) {
        let ratio = times.ratio(name, redress);
        let least = match name {
            contest::CEDAR => Some(4.0),
            contest::MACHINE => Some(15.0),
            _ => None,
        };
        let target = least.map_or_else(String::new, |least| format!("at least {least} ×"));
        let met = match least {
            Some(least) if ratio >= least => "met",
            Some(_) => "not met",
            None => "",
        };
        println!("| {name} to {redress} | {ratio:.3} × | {target} | {met} |");
    }
    Ok(())
}
