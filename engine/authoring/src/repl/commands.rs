//! The commands of a session.

use redress_model::Code;
use redress_model::code::nearest;
use redress_release::CaseFile;
use regex::Regex;

use super::docs::COMMANDS;
use super::draft::Draft;
use super::sweep::Sweep;
use super::{Repl, Run, problem, view};
use crate::Lang;
use crate::card::card;
use crate::explain::{Explanation, Reader};
use crate::suite::{self, Suite, Tester};
use crate::text::{Tone, grouped, plain};
use crate::whynot::{Asked, DECISIONS_MAX, WhyNot};

/// What a command led to.
pub(super) enum Done {
    /// Something to print.
    Said(String),
    /// The end of the session.
    End,
}

pub(super) type Said = Result<String, String>;

impl Repl {
    pub(super) fn command(&mut self, command: &str) -> Result<Done, String> {
        let (name, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let rest = rest.trim();
        let given: Vec<&str> = rest.split_whitespace().collect();
        let said = match (name, given.as_slice()) {
            ("quit" | "q" | "exit", []) => return Ok(Done::End),
            ("quit" | "q" | "exit", _) => Err(misused("quit")),
            ("help", _) => Ok(view::help(self.setting.columns)),
            ("case", [_, ..]) => self.take_case(rest),
            ("set", [name, _, ..]) => {
                let value = rest.strip_prefix(name).unwrap_or_default().trim();
                self.set(name, value)
            }
            ("unset", [name]) => self.unset(name),
            ("facts", given) => self.facts(given.first().copied().unwrap_or_default()),
            ("run", []) => self.run(),
            ("why", given) => self.why(given),
            ("whynot", []) => self.why_not(),
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
                |()| Ok(problem::wrapped(&self.title(), "", self.setting.columns)),
            ),
            ("fuel", []) => Ok(self.fuel()),
            ("doc", [name]) => self.doc(name),
            _ => Err(misused(name)),
        };
        said.map(Done::Said)
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

    fn facts(&self, word: &str) -> Said {
        let facts = self.draft.facts(&self.release);
        let rows = view::facts(&self.release, &facts, word);
        if rows.is_empty() && !word.is_empty() {
            let facts = self.release.schema().facts().iter();
            let near = problem::near(word, facts.map(|fact| fact.name.as_str()));
            let near = near.map(|near| format!("did you mean `{near}`?"));
            let near = near.unwrap_or_else(|| "`:facts` lists them".to_owned());
            return Err(format!("no fact mentions {word:?}; {near}"));
        }
        let mut text = crate::text::columns(&rows, 0, self.setting.columns);
        if word.is_empty() {
            let parts = self.draft.envelope();
            let parts = parts.map(|(name, value)| vec![name.to_owned(), value]);
            let parts: Vec<Vec<String>> = parts.collect();
            text.push('\n');
            text.push_str(&crate::text::columns(&parts, 0, self.setting.columns));
        }
        Ok(text)
    }

    fn run(&mut self) -> Said {
        let run = self.decide()?;
        let text = run.card.clone();
        self.previous = self.last.replace(run);
        Ok(text)
    }

    pub(super) fn decide(&self) -> Result<Run, String> {
        self.decide_with(&self.release, &self.draft)
    }

    fn decide_with(&self, release: &redress::Release, draft: &Draft) -> Result<Run, String> {
        let case = draft.admit(release).map_err(|errors| {
            format!("the case cannot be decided yet\n  {}", errors.join("\n  "))
        })?;
        let setting = &self.setting;
        let decided = release.decide(&case, &setting.actor, &setting.standing, setting.as_of);
        let explanation = Explanation::new(&decided, release, setting.lang);
        let card = card(&explanation, setting.columns);
        Ok(Run {
            decided,
            release: release.clone(),
            facts: case.facts,
            warnings: setting.standing.warnings,
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
        let explanation = Explanation::new(&run.decided, &run.release, lang);
        let explanation = explanation.of_case(&run.facts, &run.warnings);
        Ok(explanation.page(reader).text(self.setting.columns))
    }

    fn why_not(&self) -> Said {
        let case = self.draft.admit(&self.release).map_err(|errors| {
            format!("the case cannot be decided yet\n  {}", errors.join("\n  "))
        })?;
        let why_not = WhyNot::of(Asked {
            release: &self.release,
            case: &case,
            actor: &self.setting.actor,
            standing: &self.setting.standing,
            as_of: self.setting.as_of,
            decisions_max: DECISIONS_MAX,
        });
        Ok(why_not.text(self.setting.columns))
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
                let words =
                    format!("{version} does not cover the incident; shown for one of {date}");
                note = problem::wrapped(&words, "", self.setting.columns);
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
            (Some(_), None) => {
                let problem = "there is one run, and the case has not changed since; `:set` a \
                    fact, or name a version";
                return Err(problem.to_owned());
            }
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

    fn test(&self, given: &[&str]) -> Said {
        let words = given.join(" ");
        let filter = match given {
            [] => None,
            _ => Some(Regex::new(&regex::escape(&words)).map_err(|it| it.to_string())?),
        };
        let tester = Tester {
            engine: &self.engine,
            filter: filter.as_ref(),
            sandbox: None,
        };
        let suites: Vec<Suite> = vec![tester.suite(self.folder())];
        let is_empty = suites.iter().all(Suite::is_empty);
        if is_empty && !words.is_empty() {
            let cases = self.release.source().cases().unwrap_or_default();
            let near = case_near(&words, &cases);
            return Err(format!("no case of the version matches {words:?}{near}"));
        }
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
        let name = name.strip_prefix("maybe.").unwrap_or(name);
        match view::doc(&self.release, name, self.setting.lang) {
            Some(text) => Ok(problem::wrapped(&text, "", self.setting.columns)),
            None => Err(match problem::near(name, view::documented(&self.release)) {
                Some(near) => format!("nothing is called {name:?}; did you mean `{near}`?"),
                None => {
                    format!("nothing is called {name:?}; `:facts` and `:help` list what there is")
                }
            }),
        }
    }
}

/// Which case was meant by a word, as the end of a sentence; nothing if none is near.
pub(super) fn case_near(word: &str, cases: &[CaseFile]) -> String {
    let word = word.strip_suffix(".toml").unwrap_or(word);
    let near = problem::near(word, cases.iter().map(|case| case.stem.as_str()));
    let near = near.map(|near| format!("; did you mean `{near}`?"));
    near.unwrap_or_default()
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
