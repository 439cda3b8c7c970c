//! The REPL: blocks of code and commands against one case, with everything injected.
//!
//! A host hands in blocks as they are typed or piped and prints the texts that come
//! back. Code runs in the policy's own interpreter and within its limits; the case is
//! decided by the same call as everywhere else. Nothing ends a session but `:quit`.

mod commands;
mod complete;
mod docs;
mod draft;
mod files;
mod problem;
mod sweep;
#[cfg(test)]
mod tests;
mod view;

use std::path::{Path, PathBuf};

use redress::{Decided, Engine, LoadError, Policy, Release, Session};
use redress_model::{Actor, ActorId, Assurance, Code, Date, Facts, Standing, Timestamp, Warnings};

pub use self::complete::{Completions, KEYWORDS};
pub use self::docs::FUNCTIONS;
use self::draft::Draft;
pub use self::view::{Stamp, diff, stamp};
use crate::Lang;

/// What a session is begun with.
pub struct Setting {
    /// The folder of a policy or of one version.
    pub policy: PathBuf,
    /// The moment of every decision.
    pub as_of: Timestamp,
    /// Who decides at first.
    pub actor: Actor,
    /// What the ledger knows at first.
    pub standing: Standing,
    /// The language of sentences.
    pub lang: Lang,
    /// The columns to fill.
    pub columns: usize,
}

/// What a block led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What to print, with colours; may be empty.
    pub text: String,
    /// Whether the session goes on.
    pub next: Next,
}

/// Whether a session goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It waits for the next block.
    Go,
    /// It was ended.
    End,
}

/// A decision with the card that shows it.
struct Run {
    decided: Decided,
    release: Release,
    facts: Facts,
    warnings: Warnings,
    card: String,
}

/// A session.
pub struct Repl {
    engine: Engine,
    setting: Setting,
    policy: Policy,
    release: Release,
    session: Session,
    draft: Draft,
    /// The newest run and the one before it.
    last: Option<Run>,
    previous: Option<Run>,
    /// The files as they were when they were last loaded.
    stamp: Stamp,
}

impl Repl {
    /// Loads the policy and begins with a case of which nothing is known.
    ///
    /// # Errors
    /// [`LoadError`] when the policy cannot be loaded.
    pub fn new(engine: Engine, setting: Setting) -> Result<Self, LoadError> {
        // Before the files are read, so that a change meanwhile is not missed.
        let stamp = stamp(&setting.policy);
        let policy = engine.load_policy(&setting.policy)?;
        let today = setting.as_of.date_at(0);
        let covering = today.and_then(|today| policy.release_for(today).ok());
        let newest = covering.or_else(|| policy.releases().last());
        let Some(release) = newest.cloned() else {
            return Err(LoadError::Host {
                problem: "the policy has no version".into(),
            });
        };
        let effective = release.source().manifest().effective;
        let date = today.filter(|today| effective.covers(*today));
        let session = release.session()?;
        Ok(Self {
            draft: Draft::new(date.unwrap_or(effective.from)),
            stamp,
            engine,
            setting,
            policy,
            release,
            session,
            last: None,
            previous: None,
        })
    }

    /// The first lines of a session.
    #[must_use]
    pub fn greeting(&self) -> String {
        let hint = "Type code, or :help for the commands.\n";
        problem::wrapped(&format!("{}{hint}", self.title()), "", self.setting.columns)
    }

    /// The release at hand with its summary, as a line.
    fn title(&self) -> String {
        let id = self.release.id();
        let summary = &self.release.source().manifest().summary;
        format!("{} {}: {summary}\n", id.name, id.version)
    }

    /// The versions of the policy, in order.
    #[must_use]
    pub fn releases(&self) -> &[Release] {
        self.policy.releases()
    }

    /// The actor that a command line names by its role.
    #[must_use]
    pub fn actor_of(role: Code) -> Option<Actor> {
        Some(Actor {
            id: ActorId::new("author").ok()?,
            role,
            assurance: Assurance::Authenticated,
        })
    }

    /// How many columns replies may fill from now on.
    pub fn resize(&mut self, columns: usize) {
        self.setting.columns = columns;
    }

    /// Runs a block: a command that starts with `:`, or code.
    pub fn feed(&mut self, block: &str) -> Reply {
        let mut text = self.reload_if_changed();
        let block = block.trim_matches(['\u{feff}', '\n', '\r', ' ', '\t']);
        let block = block.replace("\r\n", "\n");
        let mut next = Next::Go;
        if let Some(command) = block.strip_prefix(':') {
            match self.command(command) {
                Ok(commands::Done::Said(said)) => text.push_str(&said),
                Ok(commands::Done::End) => next = Next::End,
                Err(problem) => text.push_str(&problem::plain(&problem, self.setting.columns)),
            }
        } else if !block.is_empty() {
            text.push_str(&self.code(&block));
        }
        Reply { text, next }
    }

    fn code(&mut self, code: &str) -> String {
        let facts = self.draft.facts(&self.release);
        match self
            .session
            .run(code, &facts, self.setting.standing.warnings)
        {
            Ok(ran) => match ran.value {
                Some(value) => format!("{value}\n"),
                None => String::new(),
            },
            Err(error) => problem::shown(&error, code, &self.names(), self.setting.columns),
        }
    }

    /// The names that code may use, beside keywords; facts with `facts.` before them.
    fn names(&self) -> Vec<String> {
        let mut names = self.session.variables();
        names.extend(self.session.functions());
        names.extend(FUNCTIONS.iter().map(|(name, ..)| (*name).to_owned()));
        names.extend(["facts", "warnings"].map(str::to_owned));
        let facts = self.release.schema().facts().iter();
        names.extend(facts.map(|fact| format!("facts.{}", fact.name)));
        names
    }

    /// What may stand in place of the word that ends `before`.
    #[must_use]
    pub fn complete(&self, before: &str) -> Completions {
        let mut names = self.session.variables();
        names.extend(self.session.functions());
        complete::complete(before, &self.release, &names)
    }

    /// What the fact that ends a line takes: its type and unit.
    #[must_use]
    pub fn hint(&self, line: &str) -> Option<String> {
        complete::hint(line, &self.release)
    }

    /// Whether a block can be run as it stands, or its author is still writing.
    #[must_use]
    pub fn is_whole(block: &str) -> bool {
        complete::is_whole(block)
    }

    /// The functions that a script has, by name and in order.
    pub fn functions() -> impl Iterator<Item = &'static str> {
        FUNCTIONS.iter().map(|(name, ..)| *name)
    }

    /// The block in colours.
    #[must_use]
    pub fn highlight(block: &str) -> String {
        complete::highlight(block)
    }

    /// Takes the release that covers the case's incident date, with a session of its own.
    fn choose_release(&mut self) -> Result<(), String> {
        let Some(date) = self.draft.incident_date() else {
            return Ok(());
        };
        let release = self.policy.release_for(date);
        let release = release.map_err(|error| error.to_string())?.clone();
        if release.id() != self.release.id() {
            self.session = release.session().map_err(|error| error.to_string())?;
            self.release = release;
        }
        Ok(())
    }

    fn reload_if_changed(&mut self) -> String {
        let stamp = stamp(&self.setting.policy);
        if stamp == self.stamp {
            return String::new();
        }
        match self.reload() {
            Ok(()) => {
                let words = "reloaded: a file of the policy has changed";
                problem::wrapped(words, "", self.setting.columns)
            }
            Err(error) => {
                let error = error.to_string().replace('\n', "\n  ");
                let problem = format!(
                    "a file of the policy has changed and cannot be used yet; the version before stays\n  {}",
                    error
                );
                problem::plain(&problem, self.setting.columns)
            }
        }
    }

    fn reload(&mut self) -> Result<(), LoadError> {
        self.stamp = stamp(&self.setting.policy);
        let policy = self.engine.load_policy(&self.setting.policy)?;
        let date = self.draft.incident_date();
        let release = date.and_then(|date| policy.release_for(date).ok());
        let release = release.or_else(|| policy.releases().last()).cloned();
        if let Some(release) = release {
            self.session = release.session()?;
            self.release = release;
        }
        self.policy = policy;
        Ok(())
    }

    fn first_day_of(release: &Release) -> Date {
        release.source().manifest().effective.from
    }

    fn folder(&self) -> &Path {
        self.release.source().path()
    }
}
