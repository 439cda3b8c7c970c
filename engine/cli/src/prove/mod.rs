//! `redress prove`: what a policy never does.

mod args;
pub(crate) mod ask;
mod offer;
mod solver;

use std::time::Duration;

use redress::{Engine, EngineLimits, Release};
use redress_authoring::parallel;
use redress_authoring::text::Tone;
use redress_prove::{Answer, Property, Prover, Region, independent, properties};
use serde::Serialize;

pub(crate) use self::args::ProveArgs;
use self::args::ProveFormat;
use self::solver::Process;
use crate::clock::Stopwatch;
use crate::failure::{Exit, Failure};
use crate::{sides, term};

/// What became of one question.
#[derive(Debug, Serialize)]
struct Row {
    property: String,
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gives: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cases: Vec<serde_json::Value>,
    milliseconds: u64,
}

/// Everything about one release.
#[derive(Debug, Serialize)]
struct Report {
    release: String,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<String>,
    solver: Option<String>,
    /// What is taken for granted of the facts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumes: Vec<String>,
    properties: Vec<Row>,
    milliseconds: u64,
}

/// Runs `redress prove`.
pub(crate) fn run(args: &ProveArgs) -> Result<Exit, Failure> {
    let engine = Engine::new(EngineLimits::STANDARD);
    let solver = Process::find(Duration::from_secs(args.seconds));
    let old = releases(&engine, args)?;
    let mut reports = Vec::new();
    for release in &old {
        let report = match &args.against {
            Some(path) => {
                let new = sides::release(&engine, path)?;
                against(release, &new, &solver)?
            }
            None => standard(release, args, &solver)?,
        };
        if let Some(folder) = &args.cases {
            for file in offer::write(release, &report.properties, folder)? {
                term::tell(&format!("wrote {}\n", file.display()));
            }
        }
        if args.format == ProveFormat::Pretty {
            term::print(&pretty(&report))?;
        }
        reports.push(report);
    }
    if args.format == ProveFormat::Json {
        let mut text = serde_json::to_vec_pretty(&reports).map_err(Failure::internal)?;
        text.push(b'\n');
        term::put(&text)?;
    }
    let rows = || reports.iter().flat_map(|report| &report.properties);
    if args.fail && rows().any(|row| row.answer != "proved") {
        return Ok(Exit::Failed);
    }
    Ok(Exit::Ok)
}

/// The one release, or every version of a policy.
fn releases(engine: &Engine, args: &ProveArgs) -> Result<Vec<Release>, Failure> {
    if args.policy.join("release.toml").is_file() || args.policy.is_file() {
        return Ok(vec![sides::release(engine, &args.policy)?]);
    }
    let policy = engine.load_policy(&args.policy).map_err(Failure::invalid)?;
    Ok(policy.releases().to_vec())
}

fn title(release: &Release) -> String {
    format!("{} {}", release.id().name, release.id().version)
}

fn standard(release: &Release, args: &ProveArgs, solver: &Process) -> Result<Report, Failure> {
    let start = Stopwatch::start();
    let prover = Prover::new(release).map_err(Failure::invalid)?;
    let mut asked: Vec<Property> = properties(release).map_err(Failure::invalid)?;
    for fact in &args.independent {
        asked.push(independent(release, fact).map_err(Failure::invalid)?);
    }
    let rows = answered(&prover, &asked, solver, &title(release));
    Ok(Report {
        release: title(release),
        digest: prover.digest().to_string(),
        against: None,
        solver: solver.name(),
        assumes: prover.assumed().map(str::to_owned).collect(),
        properties: rows,
        milliseconds: whole(start.seconds()),
    })
}

/// Asks each question, on every core, and shows how many are answered.
fn answered(prover: &Prover, asked: &[Property], solver: &Process, doing: &str) -> Vec<Row> {
    let ask = |property: &Property| {
        let begun = Stopwatch::start();
        let answer = prover.answer(property, solver);
        row(property.says.clone(), answer, begun.seconds())
    };
    let told = |done| progress(&format!("{doing} {done}/{}", asked.len()));
    told(0);
    let rows = parallel::each(asked, ask, told);
    progress("");
    rows
}

fn against(old: &Release, new: &Release, solver: &Process) -> Result<Report, Failure> {
    let start = Stopwatch::start();
    let prover = Prover::against(old, new).map_err(Failure::invalid)?;
    let mut rows = Vec::new();
    for (says, at_least) in [
        ("the new release gives the same", false),
        ("the new release gives at least as much", true),
    ] {
        progress(says);
        let begun = Stopwatch::start();
        let answer = prover.compare(at_least, solver);
        rows.push(row(says.to_owned(), answer, begun.seconds()));
    }
    progress("");
    Ok(Report {
        release: title(old),
        digest: prover.digest().to_string(),
        against: Some(format!("{} {}", title(new), new.id().digest)),
        solver: solver.name(),
        assumes: prover.assumed().map(str::to_owned).collect(),
        properties: rows,
        milliseconds: whole(start.seconds()),
    })
}

fn row(property: String, answer: Answer, seconds: f64) -> Row {
    let (name, code, why, gives, cases) = match answer {
        Answer::Proved => ("proved", None, None, Vec::new(), Vec::new()),
        Answer::Refuted(found) => {
            let mut gives = found.gives;
            gives.extend(found.region.iter().map(falls));
            ("refuted", None, None, gives, found.cases)
        }
        Answer::Unknown { code, why } => ("unknown", Some(code), Some(why), Vec::new(), Vec::new()),
        Answer::Bug { what, cases } => ("bug", Some("not_replayed"), Some(what), Vec::new(), cases),
    };
    Row {
        property,
        answer: name,
        code,
        why,
        gives,
        cases,
        milliseconds: whole(seconds),
    }
}

/// Where a worse fact pays less, in words.
fn falls(region: &Region) -> String {
    let named: Vec<&str> = region.at.iter().map(String::as_str).collect();
    match (named.as_slice(), region.elsewhere) {
        ([], _) => "it falls at values that the policy does not name".into(),
        (few, true) => {
            let few = few.get(..FALLS_SHOWN).unwrap_or(few);
            format!("it falls at {} and elsewhere", few.join(", "))
        }
        (all, false) => format!("it falls at {} and nowhere else", all.join(", ")),
    }
}

/// How many values are shown where there are others that nobody can list.
const FALLS_SHOWN: usize = 5;

/// Whole milliseconds.
fn whole(seconds: f64) -> u64 {
    let spent = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    u64::try_from(spent.as_millis()).unwrap_or(u64::MAX)
}

/// Shows what is worked on, on a terminal alone.
fn progress(text: &str) {
    if term::shows_progress() {
        let room = term::progress_columns().saturating_sub(1);
        let text: String = text.chars().take(room).collect();
        term::tell(&format!("\r\u{1b}[K{text}"));
    }
}

fn pretty(report: &Report) -> String {
    let mut text = format!(
        "{}  {}\n",
        Tone::Strong.paint(&report.release),
        report.digest
    );
    if let Some(against) = &report.against {
        text.push_str(&format!("against {against}\n"));
    }
    if report.solver.is_none() {
        text.push_str("no solver was found: install z3, or name one in SMT_SOLVER\n");
    }
    let width = term::columns_wide();
    for assumed in &report.assumes {
        for line in term::wrap(&format!("given that {assumed}"), width.max(20)) {
            text.push_str(&format!("{line}\n"));
        }
    }
    for row in &report.properties {
        let tone = match row.answer {
            "proved" => Tone::Good,
            "refuted" | "bug" => Tone::Bad,
            _ => Tone::Wait,
        };
        let head = format!("{:<8}", row.answer);
        let body = format!("{} ({} ms)", row.property, row.milliseconds);
        let lines = term::wrap(&body, width.saturating_sub(10).max(20));
        for (number, line) in lines.iter().enumerate() {
            let head = if number == 0 {
                tone.paint(&head).to_string()
            } else {
                " ".repeat(8)
            };
            text.push_str(&format!("  {head}{line}\n"));
        }
        for said in row.why.iter().chain(&row.gives) {
            for line in term::wrap(said, width.saturating_sub(10).max(20)) {
                text.push_str(&format!("          {line}\n"));
            }
        }
        for case in &row.cases {
            let facts = case
                .get("facts")
                .map(ToString::to_string)
                .unwrap_or_default();
            text.push_str(&format!("          {facts}\n"));
        }
    }
    let count = |name| {
        report
            .properties
            .iter()
            .filter(|row| row.answer == name)
            .count()
    };
    text.push_str(&format!(
        "{} proved, {} refuted, {} unknown, {} bugs in {} ms\n",
        count("proved"),
        count("refuted"),
        count("unknown"),
        count("bug"),
        report.milliseconds
    ));
    text
}
