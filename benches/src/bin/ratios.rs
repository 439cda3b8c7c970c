//! Prints the ratios of the README in Markdown, and behind them what each contestant takes.

use std::hint::black_box;

use anyhow::Result;
use redress_benches::source::{LINES, LongScript};
use redress_benches::{Bench, contest};
use redress_workload::FLIGHTS;
use redress_workload::race::{Effort, Race, Times, made};

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
    for question in script(effort)? {
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

/// How long an author's script takes until there is something to say of it, and until it
/// can decide.
fn script(effort: Effort) -> Result<[String; 2]> {
    let script = LongScript::load()?;
    let (check, ready) = ("parse and check", "ready to run");
    let mut race = Race::default();
    race.enter(check, || {
        made(black_box(&script).check());
    });
    race.enter(ready, || {
        made(black_box(&script).ready());
    });
    let times = race.run(effort);
    let row = |question: &str, name, most: f64| {
        let ms = times.pass_ns(name) / 1e6;
        row(
            &format!("{LINES} lines of script, {question}"),
            &format!("{ms:.2} ms"),
            &format!("at most {most} ms"),
            ms <= most,
        )
    };
    Ok([
        row("parsed and checked", check, 2.0),
        row("from source to ready", ready, 20.0),
    ])
}

/// The questions that have a target, each with its row of the table.
fn questions(times: &Times) -> [String; 8] {
    use contest::{
        BARE_C, BARE_COMPILED, BARE_RHAI, BARE_WASM, COMPILED, JSON_TO_JSON, KERNEL, PARSE, PLAIN,
        PLAIN_ALONE, PLAIN_TWICE, RHAI, RHAI_TWICE, WASM,
    };
    let bounded = |question: &str, ratio: f64, bound: String, met: bool| {
        row(question, &format!("{ratio:.2} ×"), &bound, met)
    };
    let at_most = |question: &str, ratio: f64, most: f64| {
        bounded(question, ratio, format!("at most {most} ×"), ratio <= most)
    };
    let at_least = |question: &str, ratio: f64, least: f64| {
        bounded(
            question,
            ratio,
            format!("at least {least} ×"),
            ratio >= least,
        )
    };
    let kernel_ns = times.pass_ns(KERNEL) / f64::from(FLIGHTS);
    let names = [RHAI, RHAI_TWICE, PLAIN_ALONE, PLAIN_TWICE];
    let scaling = times.median_of(names, |[one, two, plain_one, plain_two]| {
        (one / two) / (plain_one / plain_two)
    });
    [
        at_most("Rhai path to bare Rhai", times.ratio(RHAI, BARE_RHAI), 1.3),
        at_least(
            "Rhai path to the compiled path",
            times.ratio(RHAI, COMPILED),
            10.0,
        ),
        at_most(
            "compiled path to the plain function",
            times.ratio(COMPILED, PLAIN),
            100.0,
        ),
        at_most(
            "compiled script alone to the same in C",
            times.ratio(BARE_COMPILED, BARE_C),
            2.0,
        ),
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
        at_least("two threads, beside the plain function's", scaling, 0.85),
    ]
}

fn row(question: &str, measured: &str, target: &str, met: bool) -> String {
    let met = if met { "met" } else { "not met" };
    format!("| {question} | {measured} | {target} | {met} |")
}
