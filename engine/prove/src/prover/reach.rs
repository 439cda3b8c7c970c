//! Whether some case reaches each branch.

use std::collections::{BTreeMap, BTreeSet};

use redress_compiler::ir::SiteKind;

use super::question::required;
use super::{Answer, Counterexample, Prover, no_answer, unmodelled};
use crate::script::Script;
use crate::smt::{self, Solver};
use crate::term::Term;
use crate::world;

impl Prover {
    /// Whether every case goes one of the ways that were followed through `remedy`: a
    /// guard against mistakes of this program, since what is proved is proved of these.
    pub(super) fn cover(&self, solver: &impl Solver) -> Answer {
        let mut terms = self.terms.clone();
        let mut texts = Vec::new();
        for side in std::iter::once(&self.side).chain(&self.other) {
            let meaning = match &side.meaning {
                Ok(meaning) => meaning,
                Err(error) => return unmodelled(error),
            };
            let ways: Vec<Term> = meaning.ways.iter().map(|way| way.condition).collect();
            let some = terms.or(&ways);
            texts.push(terms.not(some));
        }
        let none = terms.or(&texts);
        let mut script = Script::new(&terms);
        let copy = script.copy("", &BTreeSet::new());
        required(&mut script, &self.side, &[]);
        script.assert_term(none, &copy);
        let (text, vars) = script.finish();
        match solver.ask(&text).and_then(|said| smt::read(&said, &vars)) {
            Ok(None) => Answer::Proved,
            Ok(Some(model)) => {
                let facts = world::facts_of(self.side.world.schema(), &model, "", &self.names);
                self.not_replayed(&[facts], false)
            }
            Err(fault) => no_answer(&fault),
        }
    }

    /// Whether some case reaches each branch of `remedy` and of `route`.
    pub(super) fn reachable(&self, solver: &impl Solver) -> Answer {
        let mut branches: BTreeMap<(u32, usize), Vec<Term>> = BTreeMap::new();
        for meaning in std::iter::once(&self.side.meaning).chain(&self.side.route) {
            match meaning {
                Ok(meaning) => {
                    for (branch, reached) in &meaning.branches {
                        branches.entry(*branch).or_default().extend(reached);
                    }
                }
                Err(error) => return unmodelled(error),
            }
        }
        let mut terms = self.terms.clone();
        let Some(program) = &self.side.check.program else {
            return Answer::Proved;
        };
        let seen: BTreeSet<u32> = branches.keys().map(|(site, _)| *site).collect();
        let mut asked = Vec::new();
        let mut never = Vec::new();
        for (number, site) in (0..).zip(&program.sites) {
            // What `??` stands in for is known in no case where admission insists on it.
            if !seen.contains(&number) || !matches!(site.kind, SiteKind::If | SiteKind::Switch) {
                continue;
            }
            for (branch, span) in site.branches.iter().enumerate() {
                // A branch that nobody wrote.
                if span.is_empty() || *span == site.span {
                    continue;
                }
                match branches.get(&(number, branch)) {
                    Some(reached) => {
                        let reached = terms.or(reached);
                        match terms.as_bool(reached) {
                            Some(true) => {}
                            _ => asked.push((reached, *span)),
                        }
                    }
                    None => never.push(*span),
                }
            }
        }
        let mut text = String::new();
        let mut script = Script::new(&terms);
        let copy = script.copy("", &BTreeSet::new());
        required(&mut script, &self.side, &[]);
        for (reached, _) in &asked {
            let name = script.name(*reached, &copy);
            text.push_str(&format!("(push)\n(assert {name})\n(check-sat)\n(pop)\n"));
        }
        let whole = format!("{}{text}", script.so_far());
        let answers = match asked.is_empty() {
            true => Ok(Vec::new()),
            false => solver
                .ask(&whole)
                .and_then(|said| smt::read_many(&said, asked.len())),
        };
        let answers = match answers {
            Ok(answers) => answers,
            Err(fault) => return no_answer(&fault),
        };
        for ((_, span), reached) in asked.iter().zip(answers) {
            if !reached {
                never.push(*span);
            }
        }
        if never.is_empty() {
            return Answer::Proved;
        }
        let lines = &self.side.check.lines;
        let places = never.iter().map(|span| {
            let at = lines.position(span.start());
            format!("line {}, column {} is never reached", at.line, at.column)
        });
        Answer::Refuted(Counterexample {
            cases: Vec::new(),
            gives: places.collect(),
            region: None,
        })
    }
}
