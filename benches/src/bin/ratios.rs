//! Prints the ratios of the README in Markdown, and behind them what each contestant takes.

use anyhow::Result;
use redress_benches::{Bench, contest};
use redress_workload::FLIGHTS;
use redress_workload::race::{Effort, Times};

fn main() -> Result<()> {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let effort = if smoke { Effort::SMOKE } else { Effort::FULL };
    let bench = Bench::load()?;
    bench.check()?;
    let times = contest::race(&bench)?.run(effort);
    println!("| question | measured | target | |");
    println!("| --- | ---: | ---: | --- |");
    for question in questions(&times) {
        println!("{question}");
    }
    for name in times.names() {
        if let Some(cases) = contest::cases(name) {
            let case_ns = times.pass_ns(name) / f64::from(cases);
            println!("| one case, {name} | {case_ns:.0} ns | | |");
        }
    }
    Ok(())
}

/// The questions that have a target, each with its row of the table.
fn questions(times: &Times) -> [String; 6] {
    use contest::{
        BARE_RHAI, BARE_WASM, COMPILED, JSON_TO_JSON, KERNEL, PARSE, PLAIN_ALONE, PLAIN_TWICE,
        RHAI, RHAI_TWICE, WASM,
    };
    let at_most = |question: &str, ratio: f64, most: f64| {
        row(
            question,
            &format!("{ratio:.2} ×"),
            &format!("at most {most} ×"),
            ratio <= most,
        )
    };
    let kernel_ns = times.pass_ns(KERNEL) / f64::from(FLIGHTS);
    let names = [RHAI, RHAI_TWICE, PLAIN_ALONE, PLAIN_TWICE];
    let scaling = times.median_of(names, |[one, two, plain_one, plain_two]| {
        (one / two) / (plain_one / plain_two)
    });
    [
        at_most("Rhai path to bare Rhai", times.ratio(RHAI, BARE_RHAI), 1.3),
        {
            let gain = times.ratio(RHAI, COMPILED);
            row(
                "Rhai path to the compiled path",
                &format!("{gain:.2} ×"),
                "at least 10 ×",
                gain >= 10.0,
            )
        },
        at_most(
            "WASM path to bare wasmtime",
            times.ratio(WASM, BARE_WASM),
            1.5,
        ),
        row(
            "kernel, five guardrails touching",
            &format!("{kernel_ns:.0} ns"),
            "at most 300 ns",
            kernel_ns <= 300.0,
        ),
        at_most(
            "JSON to JSON to the `serde_json` parse",
            times.ratio(JSON_TO_JSON, PARSE),
            4.0,
        ),
        row(
            "two threads, beside the plain function's",
            &format!("{scaling:.2} ×"),
            "at least 0.85 ×",
            scaling >= 0.85,
        ),
    ]
}

fn row(question: &str, measured: &str, target: &str, met: bool) -> String {
    let met = if met { "met" } else { "not met" };
    format!("| {question} | {measured} | {target} | {met} |")
}
