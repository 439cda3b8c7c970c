//! `redress test`: runs the cases of every release below the paths.

use redress::Engine;
use redress_authoring::suite::{self, Problem, Suite, Tester, Totals};

use crate::args::{TestArgs, TestFormat};
use crate::failure::{Exit, Failure};
use crate::{input, term};

/// Runs `redress test`.
pub(crate) fn run(args: &TestArgs) -> Result<Exit, Failure> {
    let filter = args.regex.as_ref();
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let mut suites = Vec::new();
    for path in &args.path {
        let folders = redress_release::find_releases(path).map_err(Failure::invalid)?;
        for folder in folders {
            let tester = Tester {
                engine: &engine,
                filter,
                sandbox: args.sandbox.map(input::kind),
            };
            suites.push(tester.suite(&folder));
        }
    }
    if filter.is_some() {
        suites.retain(|suite| suite.problem.is_some() || !suite.runs.is_empty());
    }
    let text = match args.format {
        TestFormat::Pretty => suite::pretty(&suites, term::room()),
        TestFormat::Json => suite::json(&suites).map_err(Failure::internal)?,
        TestFormat::Junit => suite::junit(&suites),
        TestFormat::Tap => suite::tap(&suites),
        TestFormat::Github => suite::github(&suites),
    };
    match args.format {
        TestFormat::Pretty => term::print(&text)?,
        _ => term::put(text.as_bytes())?,
    }
    if suites.iter().all(|suite| suite.runs.is_empty()) {
        let matches = if filter.is_some() {
            " that matches"
        } else {
            ""
        };
        term::warn(&format!("there is no case{matches}"));
    }
    Ok(exit(&suites))
}

fn exit(suites: &[Suite]) -> Exit {
    let totals = Totals::of(suites);
    let problems = || suites.iter().filter_map(|suite| suite.problem.as_ref());
    let invalid = |problem: &Problem| matches!(problem, Problem::Invalid(_));
    if totals.invalid > 0 || problems().any(invalid) {
        Exit::Invalid
    } else if totals.failed > 0 || problems().next().is_some() {
        Exit::Failed
    } else {
        Exit::Ok
    }
}
