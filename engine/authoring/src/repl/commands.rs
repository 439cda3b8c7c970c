//! The commands of a session.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;

use redress_model::admit::AdmitLimits;
use redress_model::code::nearest;
use redress_model::{Code, Locale, Reason, Standing};
use regex::Regex;

use super::docs::COMMANDS;
use super::draft::Draft;
use super::sweep::Sweep;
use super::{Repl, Run, view};
use crate::card::card;
use crate::casefile::CaseText;
use crate::explain::{Explanation, Reader};
use crate::gate::{self, Released};
use crate::suite::{self, Suite, Tester};
use crate::text::{Tone, grouped, plain};
use crate::{Lang, words};

/// What a command led to.
pub(super) enum Done {
    /// Something to print.
    Said(String),
    /// The end of the session.
    End,
}

type Said = Result<String, String>;

impl Repl {
    pub(super) fn command(&mut self, command: &str) -> Result<Done, String> {
        let (name, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let rest = rest.trim();
        let given: Vec<&str> = rest.split_whitespace().collect();
        let said = match (name, given.as_slice()) {
            ("quit" | "q" | "exit", _) => return Ok(Done::End),
            ("help", _) => Ok(view::help(self.setting.columns)),
            ("case", [_, ..]) => self.take_case(rest),
            ("set", [name, _, ..]) => {
                let value = rest.strip_prefix(name).unwrap_or_default().trim();
                self.set(name, value)
            }
            ("unset", [name]) => self.unset(name),
            ("facts", given) => Ok(self.facts(given.first().copied().unwrap_or_default())),
            ("run", []) => self.run(),
            ("why", given) => self.why(given),
            ("trace", []) => self.trace(),
            ("standing", given) => self.standing(given, rest),
            ("actor", given) => self.actor(given),
            ("guardrails", given) => self.guardrails(given),
            ("diff", given) => self.diff(given),
            ("sweep", [name, from, to, step]) => self.sweep(name, from, to, step),
            // A sum has a space between its amount and its currency.
            ("sweep", [name, from, unit, to, again, step, last])
                if unit == again && again == last =>
            {
                self.sweep(name, from, to, step)
            }
            ("save", [_, ..]) => self.save(rest),
            ("test", given) => self.test(given),
            ("reload", []) => self.reload().map_or_else(
                |error| Err(error.to_string()),
                |()| {
                    Ok(self
                        .greeting()
                        .lines()
                        .next()
                        .map(|line| format!("{line}\n"))
                        .unwrap_or_default())
                },
            ),
            ("fuel", []) => Ok(self.fuel()),
            ("doc", [name]) => self.doc(name),
            _ => Err(misused(name)),
        };
        said.map(Done::Said)
    }

    fn take_case(&mut self, name: &str) -> Said {
        // The version at hand goes before the others, which may have a case of the name too.
        let releases = std::iter::once(&self.release).chain(self.policy.releases());
        let own = releases
            .filter_map(|release| release.source().cases().ok())
            .flatten()
            .find(|case| case.stem == name);
        if let Some(case) = own {
            self.draft = Draft::from_json(&case.to_json())?;
            self.setting.actor = case.actor.clone();
            self.setting.standing = case.standing.clone();
            self.setting.as_of = case.as_of;
            self.choose_release()?;
            return Ok(format!("{}\n", case.name));
        }
        let limit = AdmitLimits::STANDARD.bytes_max;
        let bytes = read(Path::new(name), limit).map_err(|problem| {
            let cases = self.release.source().cases().unwrap_or_default();
            match nearest(name, cases.iter().map(|case| case.stem.as_str())) {
                Some(near) => format!("{problem}; did you mean the case `{near}`?"),
                None => problem,
            }
        })?;
        if std::str::from_utf8(&bytes).is_err() {
            return Err(format!("{name} is not UTF-8; save it as UTF-8"));
        }
        let wrong = |problem: String| format!("{name} is not a case: {problem}");
        self.draft = Draft::from_json(&bytes).map_err(wrong)?;
        self.choose_release()?;
        match self.draft.admit(&self.release) {
            Ok(_) => Ok(format!("case {name}\n")),
            Err(errors) => Err(wrong(format!("\n  {}", errors.join("\n  ")))),
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Said {
        let name = name.strip_prefix("facts.").unwrap_or(name);
        let before = self.draft.clone();
        self.draft.set(&self.release, name, value)?;
        if name == "incident_date"
            && let Err(problem) = self.choose_release()
        {
            self.draft = before;
            return Err(problem);
        }
        Ok(String::new())
    }

    fn unset(&mut self, name: &str) -> Said {
        let name = name.strip_prefix("facts.").unwrap_or(name);
        if self.draft.unset(name) {
            return Ok(String::new());
        }
        match self.release.schema().slot(name) {
            Some(_) => Ok(format!("`{name}` was unknown already\n")),
            None => Err(format!("the case has no `{name}`")),
        }
    }

    fn facts(&self, word: &str) -> String {
        let facts = self.draft.facts(&self.release);
        let rows = view::facts(&self.release, &facts, word);
        let mut text = crate::text::columns(&rows, 0, self.setting.columns);
        if word.is_empty() {
            let parts = self.draft.envelope();
            let parts = parts.map(|(name, value)| vec![name.to_owned(), value]);
            let parts: Vec<Vec<String>> = parts.collect();
            text.push('\n');
            text.push_str(&crate::text::columns(&parts, 0, self.setting.columns));
        }
        text
    }

    fn run(&mut self) -> Said {
        let run = self.decide()?;
        let text = run.card.clone();
        self.previous = self.last.replace(run);
        Ok(text)
    }

    fn decide(&self) -> Result<Run, String> {
        self.decide_with(&self.release, &self.draft)
    }

    fn decide_with(&self, release: &redress::Release, draft: &Draft) -> Result<Run, String> {
        let case = draft.admit(release).map_err(|errors| {
            format!("the case cannot be decided yet\n  {}", errors.join("\n  "))
        })?;
        let setting = &self.setting;
        let decided = release.decide(&case, &setting.actor, &setting.standing, setting.as_of);
        let locale = Locale::new(setting.lang.code()).ok();
        let messages = release.source().messages();
        let sentence = |reason: &Reason| {
            let own = || words::sentence(&reason.code, setting.lang).map(str::to_owned);
            let of_release = locale
                .as_ref()
                .and_then(|locale| messages.reason(locale, reason));
            of_release.or_else(own)
        };
        let card = card(&decided, &sentence, setting.columns);
        Ok(Run {
            decided,
            release: release.clone(),
            card,
        })
    }

    fn why(&mut self, given: &[&str]) -> Said {
        let (mut reader, mut lang) = (Reader::Auditor, self.setting.lang);
        for word in given {
            match *word {
                "customer" => reader = Reader::Customer,
                "agent" => reader = Reader::Agent,
                "auditor" => reader = Reader::Auditor,
                "zh" => lang = Lang::Zh,
                "en" => lang = Lang::En,
                _ => return Err(misused("why")),
            }
        }
        if self.last.is_none() {
            self.run()?;
        }
        let run = self.last.as_ref().ok_or("nothing was run yet")?;
        let page = Explanation::new(&run.decided, &run.release, lang).page(reader);
        Ok(page.text(self.setting.columns))
    }

    fn trace(&self) -> Said {
        if self.release.source().policy().rhai().is_none() {
            return Err("the policy has no script, and a module cannot be followed".to_owned());
        }
        let facts = self.draft.facts(&self.release);
        let (run, traced) = self.session.trace(&facts, &self.setting.standing.warnings);
        let mut text = view::trace(&self.release, &traced, self.setting.columns);
        let answer = self.session.answer_in_words(&run);
        text.push_str(&format!("{} {answer}\n", Tone::Strong.paint("answer")));
        Ok(text)
    }

    fn standing(&mut self, given: &[&str], path: &str) -> Said {
        match given {
            [] => {}
            ["fresh"] => self.setting.standing = Standing::fresh(),
            _ => {
                let bytes = read(Path::new(path), 1024 * 1024)?;
                let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
                let standing = serde_json::from_slice(bytes);
                self.setting.standing =
                    standing.map_err(|error| format!("{path} is not a standing: {error}"))?;
            }
        }
        let text = serde_json::to_string_pretty(&self.setting.standing);
        text.map(|text| text + "\n")
            .map_err(|error| error.to_string())
    }

    fn actor(&mut self, given: &[&str]) -> Said {
        if let [role] = given {
            let role = role.strip_prefix("role=").unwrap_or(role);
            let roles = &self.release.guardrails().roles;
            let known = roles.iter().any(|own| own.name == *role);
            if !known {
                let names: Vec<&str> = roles.iter().map(|own| own.name.as_str()).collect();
                return Err(format!(
                    "there is no role {role:?}; the guardrails know {}",
                    names.join(", ")
                ));
            }
            self.setting.actor.role = Code::new(role).map_err(|error| error.to_string())?;
        }
        let actor = &self.setting.actor;
        Ok(format!("{} ({})\n", actor.role, actor.id))
    }

    fn guardrails(&self, given: &[&str]) -> Said {
        let folder = self.release.source().folder();
        let file = view::guardrails_file(&self.release);
        let text = file.and_then(|file| folder.file(&file).map(<[u8]>::to_vec));
        let text = text.and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or("the guardrails cannot be shown")?;
        let text = text.replace("\r\n", "\n");
        let [word] = given else {
            return Ok(view::sections(&text));
        };
        let blocks: Vec<&str> = text
            .split("\n\n")
            .filter(|block| block.contains(word))
            .collect();
        match blocks.as_slice() {
            [] => Err(format!("no limit mentions {word:?}")),
            blocks => Ok(blocks.join("\n\n").trim_end().to_owned() + "\n"),
        }
    }

    fn diff(&mut self, given: &[&str]) -> Said {
        if let [version] = given {
            let releases = self.policy.releases();
            let other = releases.iter().find(|it| it.id().version == *version);
            let Some(other) = other else {
                let known: Vec<&str> = releases.iter().map(|it| it.id().version.as_str()).collect();
                return Err(format!(
                    "there is no version {version}; there are {}",
                    known.join(", ")
                ));
            };
            let own = self.decide()?;
            let (mut draft, mut note) = (self.draft.clone(), String::new());
            if !draft.incident_date().is_some_and(|date| other.covers(date)) {
                let date = Self::first_day_of(other);
                draft.set(other, "incident_date", &date.to_string())?;
                note = format!("{version} does not cover the incident; shown for one of {date}\n");
            }
            let others = self.decide_with(other, &draft)?;
            return Ok(format!(
                "{note}{}",
                view::diff(&plain(&others.card), &plain(&own.card))
            ));
        }
        let now = self.decide()?;
        let before = match (&self.last, &self.previous) {
            (Some(last), _) if last.card != now.card => last,
            (_, Some(previous)) => previous,
            (Some(last), None) => last,
            (None, None) => return Err("nothing was run yet; `:run` decides the case".to_owned()),
        };
        Ok(view::diff(&plain(&before.card), &plain(&now.card)))
    }

    fn sweep(&self, name: &str, from: &str, to: &str, step: &str) -> Said {
        let name = name.strip_prefix("facts.").unwrap_or(name);
        let sweep = Sweep {
            release: &self.release,
            draft: &self.draft,
            actor: &self.setting.actor,
            standing: &self.setting.standing,
            as_of: self.setting.as_of,
            columns: self.setting.columns,
        };
        sweep.run(name, from, to, step)
    }

    fn save(&mut self, name: &str) -> Said {
        if let Ok(Released::Locked) = gate::unchanged(self.release.source()) {
            return Err(
                "this version is released and its files may not change; make a new version"
                    .to_owned(),
            );
        }
        let stem: String = name
            .chars()
            .map(|c| {
                if c.is_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect();
        let cases = self
            .release
            .source()
            .cases()
            .map_err(|errors| errors.to_string())?;
        if cases.iter().any(|case| case.name == name) {
            return Err(format!("there is a case with the name {name:?} already"));
        }
        let run = self.decide()?;
        let mut case = self.draft.to_json();
        case.insert("id".into(), stem.clone().into());
        let setting = &self.setting;
        let text = CaseText {
            name,
            case: &case,
            as_of: setting.as_of,
            actor: &setting.actor,
            standing: &setting.standing,
        };
        let path = self.folder().join("cases").join(format!("{stem}.toml"));
        write_new(&path, &text.with(&run.decided.decision))?;
        // The file is ours, so the change is none to tell of.
        let reloaded = self.reload().map_err(|error| error.to_string());
        reloaded.map(|()| format!("saved {}\n", path.display()))
    }

    fn test(&self, given: &[&str]) -> Said {
        let filter = match given {
            [] => None,
            words => {
                Some(Regex::new(&regex::escape(&words.join(" "))).map_err(|it| it.to_string())?)
            }
        };
        let tester = Tester {
            engine: &self.engine,
            filter: filter.as_ref(),
            sandbox: None,
        };
        let suites: Vec<Suite> = vec![tester.suite(self.folder())];
        Ok(suite::pretty(&suites, self.setting.columns))
    }

    fn fuel(&self) -> String {
        let budget = self.release.budget();
        let used = match &self.last {
            Some(run) => format!("{} of ", grouped(run.decided.execution.steps)),
            None => "nothing was run yet; at most ".to_owned(),
        };
        format!(
            "steps   {used}{}\nmemory  at most {} bytes\ndepth   at most {} calls\nanswer  at most {} bytes\n",
            grouped(budget.steps_max),
            grouped(budget.memory_bytes_max),
            budget.call_depth_max,
            grouped(budget.output_bytes_max),
        )
    }

    fn doc(&self, name: &str) -> Said {
        let name = name.strip_prefix("facts.").unwrap_or(name);
        view::doc(&self.release, name, self.setting.lang).ok_or_else(|| {
            format!("nothing is called {name:?}; `:facts` and `:help` list what there is")
        })
    }
}

/// How a command is written, or which one was meant.
fn misused(name: &str) -> String {
    let full = format!(":{name}");
    match COMMANDS.iter().find(|(own, ..)| *own == full) {
        Some((own, arguments, _)) => format!("write {}", format!("{own} {arguments}").trim_end()),
        None => {
            let near = nearest(&full, COMMANDS.iter().map(|(own, ..)| *own));
            let near = near.map(|near| format!("; did you mean {near}?"));
            format!("there is no command {full}{}", near.unwrap_or_default())
        }
    }
}

/// Reads a file of at most so many bytes.
fn read(path: &Path, limit: usize) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let file = fs::File::open(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(|error| format!("cannot read {shown}: {error}"))?;
    if bytes.len() > limit {
        return Err(format!("{shown} is longer than {limit} bytes"));
    }
    Ok(bytes)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> Result<(), String> {
    let shown = path.display();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{shown} is there already"),
        _ => format!("cannot write {shown}: {error}"),
    })?;
    file.write_all(text.as_bytes())
        .map_err(|error| format!("cannot write {shown}: {error}"))
}
