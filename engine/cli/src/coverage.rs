//! `redress test --coverage`: what the cases have gone through.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use redress_authoring::coverage::{self, Coverage, Metric, Threshold};
use redress_authoring::parallel;
use redress_authoring::suite::Tester;
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};
use crate::output::write_whole;
use crate::term;

/// What is asked about coverage.
#[derive(Debug, Args)]
#[command(next_help_heading = "Coverage")]
pub(crate) struct CoverArgs {
    /// Tell which lines, branches, conditions (MC/DC), rows and guardrails the cases have
    /// gone through
    #[arg(long, conflicts_with_all = ["mutants", "update", "boundaries"])]
    coverage: bool,
    /// Write coverage as an lcov tracefile
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["mutants", "update", "boundaries"])]
    lcov: Option<PathBuf>,
    /// Write coverage as pages into this folder
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, conflicts_with_all = ["mutants", "update", "boundaries"])]
    coverage_html: Option<PathBuf>,
    /// Fail unless every release comes to so many percent of lines, branches, conditions,
    /// rows or guardrails, such as branches=90,conditions=80
    #[arg(long, value_name = "METRIC=PERCENT", value_delimiter = ',', conflicts_with_all = ["mutants", "update", "boundaries"])]
    threshold: Vec<Threshold>,
}

impl CoverArgs {
    /// Whether anything is asked.
    pub(crate) const fn is_asked(&self) -> bool {
        self.coverage
            || self.lcov.is_some()
            || self.coverage_html.is_some()
            || !self.threshold.is_empty()
    }
}

/// The coverage of every release that could be measured.
#[derive(Default)]
pub(crate) struct Measured {
    all: Vec<Coverage>,
    unmeasured: usize,
}

impl Measured {
    /// Measures the releases in folders, on every core; one that cannot be loaded is told
    /// of by its suite.
    pub(crate) fn of(tester: &Tester<'_>, folders: &[PathBuf]) -> Self {
        let measure = |folder: &PathBuf| {
            let release = tester.engine.load(folder).ok()?;
            let title = format!("{} {}", release.id().name, release.id().version);
            let measured = coverage::measure(&release, |case| tester.chosen(&title, case));
            Some((title, measured))
        };
        let mut all = Self::default();
        let measured = parallel::each(folders, measure, |_| ());
        for (title, measured) in measured.into_iter().flatten() {
            match measured {
                Ok(coverage) => {
                    if coverage.script.is_none() {
                        term::warn(&format!(
                            "{title} has no script that can be measured; its guardrails are"
                        ));
                    }
                    all.all.push(coverage);
                }
                Err(error) => {
                    all.unmeasured += 1;
                    term::warn(&format!("{title}: no coverage: {error}"));
                }
            }
        }
        all
    }

    /// Forgets releases of which no case ran.
    pub(crate) fn only_with_cases(&mut self) {
        self.all.retain(|coverage| !coverage.cases.is_empty());
    }

    pub(crate) fn print(&self) -> Result<(), Failure> {
        let text = coverage::pretty(&self.all, term::room());
        Ok(term::print(&format!("\n{text}"))?)
    }

    /// The results of the tests as JSON, with the shares beside them.
    pub(crate) fn within(&self, results: &str) -> serde_json::Result<String> {
        let mut results: Value = serde_json::from_str(results)?;
        let shares = |coverage: &Coverage| {
            let shares = Metric::ALL.iter().map(|metric| {
                let share = coverage.share(*metric);
                let counts = json!({ "hit": share.hit, "found": share.found });
                (metric.name().to_owned(), counts)
            });
            let mut object: serde_json::Map<String, Value> = shares.collect();
            object.insert("release".into(), json!(coverage.release));
            Value::Object(object)
        };
        if let Some(object) = results.as_object_mut() {
            let all: Vec<Value> = self.all.iter().map(shares).collect();
            object.insert("coverage".into(), json!(all));
        }
        Ok(serde_json::to_string_pretty(&results)? + "\n")
    }

    /// Writes the files that were asked for.
    pub(crate) fn write(&self, args: &CoverArgs) -> Result<(), Failure> {
        if let Some(file) = &args.lcov {
            put(file, &coverage::lcov(&self.all))?;
        }
        if let Some(folder) = &args.coverage_html {
            fs::create_dir_all(folder).map_err(|error| unwritten(folder, error))?;
            put(&folder.join("index.html"), &coverage::index(&self.all))?;
            for coverage in &self.all {
                let (name, text) = coverage::page(coverage);
                put(&folder.join(name), &text)?;
            }
        }
        Ok(())
    }

    /// Holds every release against the thresholds, and tells which it misses.
    pub(crate) fn exit(&self, args: &CoverArgs) -> Exit {
        let mut missed = self.unmeasured > 0;
        for coverage in &self.all {
            for threshold in &args.threshold {
                let share = coverage.share(threshold.metric);
                if !share.reaches(threshold.percent) {
                    missed = true;
                    let metric = threshold.metric.name();
                    term::warn(&format!(
                        "{}: {metric} {share}, at least {} % is asked",
                        coverage.release, threshold.percent
                    ));
                }
            }
        }
        if missed { Exit::Failed } else { Exit::Ok }
    }
}

fn put(file: &Path, text: &str) -> Result<(), Failure> {
    write_whole(file, text.as_bytes()).map_err(|error| unwritten(file, error))
}

fn unwritten(path: &Path, error: std::io::Error) -> Failure {
    let context = format!("cannot write {}", path.display());
    Failure::internal(anyhow::Error::new(error).context(context))
}
