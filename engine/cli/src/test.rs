//! `redress test`: runs the cases of every release below the paths.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use redress::{Engine, Release};
use redress_authoring::gate::{self, Released};
use redress_authoring::suite::{self, Problem, Suite, Tester, Totals, Verdict};
use redress_authoring::{boundaries, diff, mutants, parallel, stamp, update};
use redress_release::SourceFolder;
use serde::Serialize;

use crate::args::{TestArgs, TestFormat};
use crate::coverage::Measured;
use crate::failure::{Exit, Failure};
use crate::term::Tone;
use crate::{input, term};

/// Runs `redress test`.
pub(crate) fn run(args: &TestArgs) -> Result<Exit, Failure> {
    if !args.watch {
        return once(args);
    }
    let seen = || args.path.iter().map(|path| stamp(path)).collect::<Vec<_>>();
    loop {
        let before = seen();
        // A folder that is half written is told of and looked at again, not the end.
        match once(args) {
            Ok(_) => {}
            Err(failure) if failure.is_broken_pipe() => return Ok(Exit::Ok),
            Err(failure) => {
                failure.report();
            }
        }
        while seen() == before {
            thread::sleep(WATCH_EVERY);
        }
    }
}

/// How often files are looked at.
const WATCH_EVERY: Duration = Duration::from_millis(200);

fn once(args: &TestArgs) -> Result<Exit, Failure> {
    if args.mutants {
        return mutate(args);
    }
    if let Some(folder) = &args.boundaries {
        return offer(args, folder);
    }
    let filter = args.regex.as_ref();
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let mut folders = Vec::new();
    for path in &args.path {
        folders.extend(redress_release::find_releases(path).map_err(Failure::invalid)?);
    }
    let tester = Tester {
        engine: &engine,
        filter,
        sandbox: args.sandbox.map(input::kind),
    };
    let mut suites = parallel::each(&folders, |folder| tester.suite(folder), |_| ());
    let mut measured = match args.cover.is_asked() {
        true => Measured::of(&tester, &folders),
        false => Measured::default(),
    };
    if filter.is_some() {
        suites.retain(|suite| suite.problem.is_some() || !suite.runs.is_empty());
        measured.only_with_cases();
    }
    if let Some(filter) = filter
        && suites.is_empty()
    {
        let regex = filter.to_string();
        return Err(Failure::usage(TestError::NoMatch { regex }));
    }
    if args.update {
        return review(args, &suites);
    }
    let text = match args.format {
        TestFormat::Pretty => suite::pretty(&suites, term::room()),
        TestFormat::Json if args.cover.is_asked() => {
            let text = suite::json(&suites).map_err(Failure::internal)?;
            measured.within(&text).map_err(Failure::internal)?
        }
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
        term::warn("there is no case");
    }
    if !args.cover.is_asked() {
        return Ok(exit(&suites));
    }
    if args.format == TestFormat::Pretty {
        measured.print()?;
    }
    measured.write(&args.cover)?;
    let cover = measured.exit(&args.cover);
    Ok(match exit(&suites) {
        Exit::Ok => cover,
        other => other,
    })
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

/// Runs `redress test --update`: each change is shown, and written once it is agreed to.
fn review(args: &TestArgs, suites: &[Suite]) -> Result<Exit, Failure> {
    let asks = io::stdin().is_terminal() && io::stdout().is_terminal();
    let (mut shown, mut written, mut left) = (BTreeSet::new(), 0, 0);
    for suite in suites {
        if let Some(problem) = &suite.problem {
            term::warn(&format!("{}: {}", suite.release, problem.text()));
            left += 1;
            continue;
        }
        for run in &suite.runs {
            let file = run.file.display();
            let (differences, decided) = match (&run.verdict, &run.decided) {
                (Verdict::Passed, _) => continue,
                (Verdict::Failed(differences), Some(decided)) => (differences, decided),
                (Verdict::Failed(_) | Verdict::Invalid(_), _) => {
                    if shown.insert(&run.file) {
                        term::warn(&format!(
                            "{file}: the facts are not valid, so nothing is decided"
                        ));
                        left += 1;
                    }
                    continue;
                }
            };
            // The forms of a policy decide alike, or the case fails for that.
            if !shown.insert(&run.file) {
                continue;
            }
            if is_released(&run.file) {
                let release = &suite.release;
                term::warn(&format!(
                    "{file}: {release} is released, and its files may not change"
                ));
                left += 1;
                continue;
            }
            let text = fs::read_to_string(&run.file)?;
            let change = update::updated(&text, differences, &decided.decision);
            let change = change
                .map_err(|problem| Failure::invalid(TestError::Update { problem }).at(file))?;
            term::print(&format!(
                "{}\n{}",
                Tone::Place.paint(&run.file.display().to_string()),
                diff(&text, &change.text)
            ))?;
            if !change.left.is_empty() {
                term::warn(&format!(
                    "{} cannot be expected otherwise",
                    change.left.join(", ")
                ));
            }
            if change.text != text && (args.yes || (asks && agrees()?)) {
                fs::write(&run.file, &change.text)?;
                written += 1;
            } else {
                left += 1;
            }
        }
    }
    let how = if left > 0 && !asks && !args.yes {
        "; --yes writes them"
    } else {
        ""
    };
    term::print(&format!(
        "{written} written, {left} left as they were{how}\n"
    ))?;
    Ok(if left > 0 { Exit::Failed } else { Exit::Ok })
}

/// Whether a case belongs to a version that is released.
fn is_released(case: &Path) -> bool {
    let folder = case.parent().and_then(Path::parent);
    let source = folder.and_then(|folder| SourceFolder::read(folder).ok());
    let state = source.map(|source| gate::unchanged(&source));
    !matches!(state, Some(Ok(Released::Draft)))
}

/// Asks whether to write a change; anything but yes is no.
fn agrees() -> io::Result<bool> {
    term::print("Write this? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Runs `redress test --boundaries`: the offers go into a folder of the author's choice,
/// since nobody has said yet that what is decided there is right.
fn offer(args: &TestArgs, into: &Path) -> Result<Exit, Failure> {
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    for path in &args.path {
        for folder in redress_release::find_releases(path).map_err(Failure::invalid)? {
            let release = engine.load(&folder).map_err(Failure::invalid)?;
            let title = format!("{} {}", release.id().name, release.id().version);
            let Some(found) = boundaries::find(&engine, &release) else {
                term::warn(&format!(
                    "{title} has no script, or cases that cannot be read"
                ));
                continue;
            };
            let own = into.join(title.replace(['/', ' '], "_"));
            for offer in &found.offers {
                fs::create_dir_all(&own)?;
                let file = own.join(format!("{}.toml", offer.stem));
                fs::write(&file, &offer.text)?;
                term::print(&format!("{}\n", file.display()))?;
            }
            let rest = if found.complete {
                ""
            } else {
                "; there were more values than are tried"
            };
            let (count, offers) = (found.found, found.offers.len());
            term::print(&format!(
                "{title}: boundaries {count}, sides without a case {offers}{rest}\n"
            ))?;
        }
    }
    Ok(Exit::Ok)
}

/// A mutant as JSON: `file`, `line` and `what` of the change, `result` and, where there is
/// one, the `killer` or the case that it was killed `by`.
#[derive(Serialize)]
struct Mutant<'a> {
    #[serde(flatten)]
    change: &'a mutants::Change,
    #[serde(flatten)]
    fate: &'a mutants::Fate,
}

/// Runs `redress test --mutants`.
fn mutate(args: &TestArgs) -> Result<Exit, Failure> {
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let mut reports = Vec::new();
    let mut survived = false;
    for path in &args.path {
        for folder in redress_release::find_releases(path).map_err(Failure::invalid)? {
            let tester = Tester {
                engine: &engine,
                filter: None,
                sandbox: None,
            };
            let suite = tester.suite(&folder);
            if exit(std::slice::from_ref(&suite)) != Exit::Ok {
                term::print(&suite::pretty(std::slice::from_ref(&suite), term::room()))?;
                return Err(Failure::gate(TestError::NotPassing {
                    release: suite.release,
                }));
            }
            let release = engine.load(&folder).map_err(Failure::invalid)?;
            let Some(mutation) = mutation(&engine, &release) else {
                term::warn(&format!("{} has no script to change", suite.release));
                continue;
            };
            survived |= mutation.counts().1 > 0;
            if args.format == TestFormat::Pretty {
                term::print(&format!("{}\n{}", suite.release, mutation.text()))?;
            }
            let mutants = mutation.mutants.iter();
            let mutants: Vec<Mutant<'_>> = mutants
                .map(|(change, fate)| Mutant { change, fate })
                .collect();
            reports.push(serde_json::json!({
                "release": suite.release,
                "mutants": mutants,
            }));
        }
    }
    match args.format {
        TestFormat::Pretty => {}
        TestFormat::Json => {
            let mut text = serde_json::to_vec_pretty(&reports).map_err(Failure::internal)?;
            text.push(b'\n');
            term::put(&text)?;
        }
        TestFormat::Junit | TestFormat::Tap | TestFormat::Github => {
            return Err(Failure::usage(TestError::NoFormat));
        }
    }
    Ok(if survived { Exit::Failed } else { Exit::Ok })
}

/// Tries every mutant of a release, with a bar for the user; `None` if it has no script.
pub(crate) fn mutation(engine: &Engine, release: &Release) -> Option<mutants::Mutation> {
    let bar = progress();
    let found = mutants::run(engine, release, |done, total| {
        bar.set_length(u64::try_from(total).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
    });
    bar.finish_and_clear();
    found
}

/// How far a run of mutants has come, on a terminal alone.
fn progress() -> indicatif::ProgressBar {
    if !term::shows_progress() {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template("{bar:30} {pos} of {len} mutants");
    let bar = indicatif::ProgressBar::new(0);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Why a test run cannot be made.
#[derive(Debug, thiserror::Error)]
enum TestError {
    /// Nothing is tested where a filter lets nothing through.
    #[error("no case matches {regex:?}; a case goes by its release, its file and its name")]
    NoMatch {
        /// The filter.
        regex: String,
    },
    /// A mutant says nothing where the cases fail anyway.
    #[error("{release} does not pass its cases, and mutants say nothing until it does")]
    NotPassing {
        /// The release.
        release: String,
    },
    /// The case cannot be changed.
    #[error("the case cannot be updated: {problem}")]
    Update {
        /// What is wrong.
        problem: String,
    },
    /// Mutants have no place in formats of cases.
    #[error("mutants are shown as pretty or json")]
    NoFormat,
}
