//! Scripts on their way to something that runs.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use redress::source::{ReleaseSource, SourceFolder};
use redress::{Engine, EngineLimits, Release, ScriptCheck};

use crate::Bench;

/// How many lines [`LongScript`] has.
pub const LINES: usize = 300;

/// The module that the workload's script compiles to, and the most that its memory may have
/// in bytes.
///
/// # Errors
/// When the script does not compile.
pub fn compiled(bench: &Bench) -> Result<(Vec<u8>, usize)> {
    let (source, budget) = (bench.release.source(), EngineLimits::STANDARD.budget);
    let checked = ScriptCheck::of(source, budget).context("a script")?;
    let made = checked.module(source, budget)?.context("a program")?;
    Ok((made.module, usize::try_from(budget.memory_bytes_max)?))
}

/// A release whose script has [`LINES`] lines, all of them in use: the longest policy that
/// is shipped, and functions that it calls.
pub struct LongScript {
    engine: Engine,
    source: ReleaseSource,
}

impl LongScript {
    /// Reads the release.
    ///
    /// # Errors
    /// When the release cannot be read, or its script is not as long as it should be.
    pub fn load() -> Result<Self> {
        let goodwill = "../policies/travel/goodwill/1.0.0";
        let folder = SourceFolder::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(goodwill))?;
        let script = folder.file("policy.rhai").context("a script")?;
        let mut script = String::from_utf8(script.to_vec())?;
        let mut calls = String::from("let calls = 0;");
        for number in 1.. {
            let lines = script.lines().count();
            if lines >= LINES {
                break;
            }
            if lines + 6 > LINES {
                script.push_str("//\n");
                continue;
            }
            write!(calls, " calls += more_{number}(calls);")?;
            write!(
                script,
                "fn more_{number}(n) {{\n    if n > {number} {{\n        return n - {number};\n    }}\n    n + {number}\n}}\n"
            )?;
        }
        let remedy = "fn remedy(facts) {";
        ensure!(script.contains(remedy), "no function `remedy`");
        let script = script.replacen(remedy, &format!("{remedy} {calls}"), 1);
        ensure!(script.lines().count() == LINES, "not {LINES} lines");
        let folder = folder.with_file("policy.rhai", script.into_bytes());
        let long = Self {
            engine: Engine::new(EngineLimits::STANDARD),
            source: folder.release()?,
        };
        let program = long.check()?.program;
        ensure!(
            program.is_some(),
            "the script of {LINES} lines does not compile"
        );
        Ok(long)
    }

    /// Parses and checks the script, with all that there is to say of it.
    ///
    /// # Errors
    /// Never, since there is a script.
    pub fn check(&self) -> Result<ScriptCheck> {
        ScriptCheck::of(&self.source, EngineLimits::STANDARD.budget).context("a script")
    }

    /// Makes a release out of it that can decide, compiled and interpreted.
    ///
    /// # Errors
    /// When the script does not compile.
    pub fn ready(&self) -> Result<Release> {
        Ok(self.engine.compile(self.source.clone())?)
    }
}
