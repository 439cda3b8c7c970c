//! Why not: the rules that did not fire on a case, the first fact that stopped each, and the
//! nearest change that would flip the outcome.
//!
//! The typed representation of the script is followed with the facts of the case, so that
//! each branch that was not taken names the condition and the fact that it hung on, through
//! variables and functions. A change is told only after it was decided: by the policy in the
//! release's own engine and through the kernel, with the same actor, standing and moment.

mod axis;
mod follow;
mod rules;
mod search;
mod show;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use redress::{Case, Decided, Release, ScriptCheck};
use redress_compiler::syntax::Lines;
use redress_kernel::GrantedRemedy;
use redress_model::{Actor, Code, Fault, Reason, Slot, Standing, Timestamp};
use rowan::TextRange;
use serde::Serialize;

use self::follow::{End, Followed, Script, Stop, follow};
use self::rules::{Place, Rule, Rules, shortened};
use self::search::{Found, Question, Search};

/// The most decisions that one search makes unless it is told otherwise.
pub const DECISIONS_MAX: u32 = 50_000;

/// Why a case came out as it did and not otherwise.
#[derive(Debug, Clone, Serialize)]
pub struct WhyNot {
    /// The rules that did not fire, in the order of the script.
    pub rules: Vec<Unfired>,
    /// Why there are no rules to tell of; `None` where the script was followed.
    pub not_followed: Option<NotFollowed>,
    /// The changes that would flip the outcome, the nearest first: those of one fact, then
    /// those of two.
    pub changes: Vec<Change>,
    /// How far the search went.
    pub search: Searched,
}

/// A rule that did not fire: a place of the script that proposes a remedy, gives a reason
/// or ends the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unfired {
    /// Its line, from 1.
    pub line: u32,
    /// The function that it stands in.
    pub function: String,
    /// What it would do, such as `give cash, statutory eu261_art8_1_a (price_back)`.
    pub does: String,
    /// The reason code that it gives, if it writes one down.
    pub reason: Option<String>,
    /// What stopped it.
    pub stopped: Stopped,
    /// The first of the changes after which it fires, from 1.
    pub change: Option<usize>,
}

/// What stopped a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Stopped {
    /// A condition came out the other way, or a `switch` took another arm.
    Condition {
        /// The line of the condition, from 1.
        line: u32,
        /// The condition as it is written.
        condition: String,
        /// What it came to; `None` for the value of a `switch` or of `??`.
        held: Option<bool>,
        /// The fact that it hung on, the one that decided first; `None` for a constant.
        fact: Option<StoppingFact>,
    },
    /// The case waits for a fact that is not known.
    Unknown {
        /// The fact.
        fact: String,
    },
    /// The run ended before it came there.
    Ended,
}

/// A fact that stopped a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoppingFact {
    /// Its name.
    pub name: String,
    /// Its value; `None` while it is unknown.
    pub value: Option<String>,
    /// The unit of a number.
    pub unit: Option<String>,
    /// The line that reads it, from 1.
    pub line: u32,
}

/// Why the rules of a policy cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotFollowed {
    /// The policy is a module; nobody sees into it.
    NoScript,
    /// The script lies outside of what compiles, or has a mistake.
    NotCompiled,
    /// The case could not be followed to the end that the engine came to.
    Differs,
}

/// A change that would flip the outcome.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// What is changed: one fact, or two.
    pub facts: Vec<FactChange>,
    /// What would be decided.
    pub would: Would,
}

/// A fact that is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactChange {
    /// Its name.
    pub name: String,
    /// Its value in the case; `None` while it is unknown.
    pub from: Option<String>,
    /// The value instead.
    pub to: String,
    /// The unit of a number.
    pub unit: Option<String>,
}

/// What would be decided after a change.
#[derive(Debug, Clone, Serialize)]
pub struct Would {
    /// The outcome.
    pub outcome: redress::Outcome,
    /// What would be given, and how.
    pub remedies: Vec<GrantedRemedy>,
    /// Who would have to decide; of an escalation.
    pub owner: Option<Code>,
    /// What would be waited for; of a hold.
    pub missing: Option<Code>,
    /// The reasons of the decision itself.
    pub reasons: Vec<Reason>,
}

/// How far a search went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Searched {
    /// How many decisions were made.
    pub decisions: u32,
    /// Whether it ended before a limit was met.
    pub complete: bool,
    /// Facts that were not varied: texts, lists, sums of an unknown currency.
    pub left_out: Vec<String>,
}

/// A decision that is asked about, with everything that it was made from.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The release.
    pub release: &'a Release,
    /// The case, admitted to it.
    pub case: &'a Case,
    /// Who decides.
    pub actor: &'a Actor,
    /// What the ledger knows.
    pub standing: &'a Standing,
    /// The moment of the decision.
    pub as_of: Timestamp,
    /// The most decisions that the search may make; [`DECISIONS_MAX`] is enough for every
    /// shipped policy.
    pub decisions_max: u32,
}

impl WhyNot {
    /// Answers for a decision.
    #[must_use]
    pub fn of(asked: Asked<'_>) -> Self {
        let (release, case) = (asked.release, asked.case);
        let decided = release.decide(case, asked.actor, asked.standing, asked.as_of);
        let check = ScriptCheck::of(release.source(), release.budget());
        let seen = check.as_ref().and_then(|check| {
            let program = check.program.as_ref()?;
            let messages = release.source().messages();
            let rules = Rules::of(program, &check.lines, messages);
            Some((program, &check.lines, rules))
        });
        let script = seen.as_ref().map(|(program, _, rules)| Script {
            program,
            schema: release.schema(),
            tables: release.source().tables(),
            rounding: release.source().manifest().rounding,
            rules,
        });
        let followed = script.map(|script| follow(script, &case.facts, None));
        let ran = release.reached(case, &asked.standing.warnings);
        let is_same = |followed: &Followed| match (&ran, script) {
            (Some((proposed, reached)), Some(script)) => {
                followed.is(proposed.as_ref().ok()) && followed.took(reached, script.program)
            }
            // Left to the interpreter, which tells of no branches.
            _ => match release.propose(case, &asked.standing.warnings) {
                Ok(proposal) => followed.is(Some(&proposal)),
                Err(Fault::Host { .. }) => false,
                Err(_) => followed.is(None),
            },
        };
        let not_followed = match (&check, &followed) {
            (None, _) => Some(NotFollowed::NoScript),
            (Some(_), None) => Some(NotFollowed::NotCompiled),
            (Some(_), Some(followed)) if !is_same(followed) => Some(NotFollowed::Differs),
            _ => None,
        };
        let script = script.filter(|_| not_followed.is_none());
        let mut search = Search::new(
            Question {
                release,
                script,
                case,
                actor: asked.actor,
                standing: asked.standing,
                as_of: asked.as_of,
                decisions_max: asked.decisions_max,
            },
            &decided,
        );
        let found = search.run();
        let rules = match (script, &followed, &seen) {
            (Some(script), Some(followed), Some((_, lines, rules))) => {
                let fired = found
                    .iter()
                    .map(|found| follow(script, &found.facts, None).fired);
                let fired: Vec<BTreeSet<Place>> = fired.collect();
                let teller = Teller {
                    release,
                    case,
                    lines,
                    followed,
                    fired: &fired,
                };
                let silent = rules.all.iter();
                let silent = silent.filter(|(place, _)| !followed.fired.contains(place));
                silent
                    .map(|(place, rule)| teller.unfired(*place, rule))
                    .collect()
            }
            _ => Vec::new(),
        };
        let changes = found.iter().map(|found| change(release, case, found));
        Self {
            rules,
            not_followed,
            changes: changes.collect(),
            search: Searched {
                decisions: search.decisions,
                complete: !search.cut,
                left_out: search.left_out(),
            },
        }
    }

    /// A decision's JSON with the answer as one field more, `why_not`.
    ///
    /// # Errors
    /// None in practice: plain values are written into memory.
    pub fn beside(&self, decision: &[u8]) -> serde_json::Result<Vec<u8>> {
        let mut text = decision.trim_ascii_end().to_vec();
        // The object's last brace, behind which one field more stands.
        text.truncate(text.len().saturating_sub(1));
        text.extend_from_slice(b",\"why_not\":");
        serde_json::to_writer(&mut text, self)?;
        text.push(b'}');
        Ok(text)
    }
}

struct Teller<'a> {
    release: &'a Release,
    case: &'a Case,
    lines: &'a Lines,
    followed: &'a Followed,
    fired: &'a [BTreeSet<Place>],
}

impl Teller<'_> {
    fn line(&self, at: TextRange) -> u32 {
        self.lines.position(at.start()).line
    }

    fn unfired(&self, place: Place, rule: &Rule) -> Unfired {
        let stopped = match (self.followed.stopped.get(&place), &self.followed.end) {
            (Some(Stop { why, .. }), _) => {
                let text = self.lines.text().get(std::ops::Range::from(why.condition));
                let words: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
                let cause = why.causes.first();
                Stopped::Condition {
                    line: self.line(why.condition),
                    condition: shortened(&words.join(" ")),
                    held: why.held,
                    fact: cause.and_then(|cause| self.fact(cause.slot, cause.at)),
                }
            }
            (None, End::Unknown(slot)) => Stopped::Unknown {
                fact: name(self.release, *slot),
            },
            (None, _) => Stopped::Ended,
        };
        let mut changes = self.fired.iter();
        let change = changes.position(|fired| fired.contains(&place));
        Unfired {
            line: self.line(rule.at),
            function: rule.function.clone(),
            does: rule.does.clone(),
            reason: rule.reason.clone(),
            stopped,
            change: change.map(|at| at.saturating_add(1)),
        }
    }

    fn fact(&self, slot: Slot, at: TextRange) -> Option<StoppingFact> {
        let schema = self.release.schema();
        let fact = schema.fact(slot)?;
        let value = self.case.facts.get(slot);
        Some(StoppingFact {
            name: fact.name.to_string(),
            value: value.map(|value| schema.show(slot, value).to_string()),
            unit: unit(self.release, slot),
            line: self.line(at),
        })
    }
}

fn name(release: &Release, slot: Slot) -> String {
    let fact = release.schema().fact(slot);
    fact.map(|fact| fact.name.to_string()).unwrap_or_default()
}

fn unit(release: &Release, slot: Slot) -> Option<String> {
    let unit = release.schema().fact(slot)?.unit.as_ref()?;
    Some(unit.to_string())
}

fn change(release: &Release, case: &Case, found: &Found) -> Change {
    let schema = release.schema();
    let facts = found.moved.iter().map(|moved| {
        let from = case.facts.get(moved.slot);
        FactChange {
            name: name(release, moved.slot),
            from: from.map(|value| schema.show(moved.slot, value).to_string()),
            to: moved.to.clone(),
            unit: unit(release, moved.slot),
        }
    });
    Change {
        facts: facts.collect(),
        would: Would::of(&found.decided),
    }
}

impl Would {
    fn of(decided: &Decided) -> Self {
        let decision = &decided.decision;
        let escalated = decision.escalations().first();
        Self {
            outcome: decision.outcome(),
            remedies: decision.remedies().to_vec(),
            owner: escalated.map(|escalation| escalation.owner.clone()),
            missing: decision.hold().map(|hold| hold.missing.clone()),
            reasons: decision.reasons().cloned().collect(),
        }
    }
}
