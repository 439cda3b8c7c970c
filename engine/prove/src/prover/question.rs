//! A question as a script whose models are counterexamples.

use std::collections::BTreeSet;

use redress_kernel::guardrails::{Base, BasisKind};
use redress_model::{Direction, Slot};

use super::bounds::{Bound, Formulas, is_counted};
use super::sums::{any, counted, decided, face, granted, is_of, total};
use super::{Answer, Prover, Side, no_answer, unmodelled};
use crate::exec::{self, End, Ground, INT, Meaning, Remedy};
use crate::property::Question;
use crate::script::{Copied, Script};
use crate::smt::{self, Model, Solver};
use crate::term::{Part, Term, Terms, Var};
use crate::world::{self, Facts};

/// A script, and how its model is read.
pub(super) struct Asked {
    text: String,
    vars: Vec<String>,
    copies: &'static [&'static str],
    loose: bool,
}

impl Prover {
    /// Asks a solver, and the engines whether they say the same of its model.
    pub(super) fn ask(&self, question: &Question, solver: &impl Solver) -> Answer {
        let asked = match self.script(question) {
            Ok(asked) => asked,
            Err(answer) => return answer,
        };
        let said = solver.ask(&asked.text);
        let model = match said.and_then(|said| smt::read(&said, &asked.vars)) {
            Ok(None) => return Answer::Proved,
            Ok(Some(model)) => model,
            Err(fault) => return no_answer(&fault),
        };
        let variants = self.variants_of(&model, asked.copies);
        if self.violates(question, &variants) {
            return self.refuted(question, variants, solver);
        }
        self.not_replayed(&variants, asked.loose)
    }

    fn variants_of(&self, model: &Model, copies: &[&str]) -> Vec<Facts> {
        let schema = self.side.world.schema();
        let of = |mark: &&str| world::facts_of(schema, model, mark, &self.names);
        copies.iter().map(of).collect()
    }

    /// The script whose models are counterexamples.
    fn script(&self, question: &Question) -> Result<Asked, Answer> {
        let meaning = self.side.meaning.as_ref().map_err(unmodelled)?;
        let route = match (question, &self.side.route) {
            (Question::NeverFails, Some(route)) => Some(route.as_ref().map_err(unmodelled)?),
            _ => None,
        };
        let mut formulas = self.formulas();
        let mut ways = meaning
            .ways
            .iter()
            .chain(route.iter().flat_map(|it| &it.ways));
        let loose = ways.any(|way| way.loose);
        if !apart(question).is_empty() {
            let mut compared = Compared::new(&mut formulas, question, meaning);
            let mut script = compared.script(&formulas, question);
            script.assert(&compared.worse);
            let (text, vars) = script.finish();
            return Ok(Asked {
                text,
                vars,
                copies: copies(question),
                loose,
            });
        }
        let bad = formulas
            .violated(question, meaning, route)
            .ok_or_else(|| Answer::Unknown {
                code: "no_formula",
                why: "the limit is a share of a sum in any currency, or asks for a text".into(),
            })?;
        if formulas.terms.as_bool(bad) == Some(false) {
            return Err(Answer::Proved);
        }
        let mut script = Script::new(&formulas.terms);
        let copy = script.copy("", &BTreeSet::new());
        required(&mut script, &self.side, &[]);
        script.assert_term(bad, &copy);
        let (text, vars) = script.finish();
        Ok(Asked {
            text,
            vars,
            copies: &[""],
            loose,
        })
    }

    /// A place for the formulas of one question.
    pub(super) fn formulas(&self) -> Formulas<'_> {
        Formulas {
            terms: self.terms.clone(),
            names: self.names.clone(),
            side: &self.side,
        }
    }
}

impl Formulas<'_> {
    /// When a case shows that a property of single cases does not hold; `None` where that
    /// has no formula.
    fn violated(
        &mut self,
        question: &Question,
        meaning: &Meaning,
        route: Option<&Meaning>,
    ) -> Option<Term> {
        Some(match question {
            Question::Cap(claim) => {
                let most = self.limit(&claim.max_per_person)?;
                let code = self.names.text(claim.code.as_str());
                self.above(meaning, most, &mut |terms, remedy| {
                    is_of(terms, remedy, code)
                })
            }
            Question::Floor(floor) => {
                let Bound {
                    currency,
                    sum: least,
                    mut needs,
                } = self.limit(&floor.at_least)?;
                let code = self.names.text(floor.claim.as_str());
                let mut of = |terms: &mut Terms, remedy: &Remedy| is_of(terms, remedy, code);
                let owed = match floor.when.is_empty() {
                    true => any(&mut self.terms, meaning, currency, &mut of),
                    false => self.all_hold(&floor.when)?,
                };
                let sum = counted(&mut self.terms, meaning, currency, &mut of);
                needs.push(owed);
                needs.push(decided(&mut self.terms, meaning));
                needs.push(self.terms.less(sum, least));
                self.terms.and(&needs)
            }
            Question::Tier(tier) => {
                let Bound {
                    currency,
                    sum: most,
                    needs,
                } = self.share(&tier.of, tier.to_basis_points)?;
                let name = self.names.text(tier.name.as_str());
                let (name, mut ways) = (self.terms.int(name), Vec::new());
                for grant in granted(meaning) {
                    let Some(tier) = grant.tier else { continue };
                    let terms = &mut self.terms;
                    let mut goodwill = |terms: &mut Terms, remedy: &Remedy| {
                        terms.bool(remedy.ground == Ground::Goodwill)
                    };
                    let sum = face(terms, grant.remedies, currency, &mut goodwill);
                    let (named, above) = (terms.same(tier, name), terms.less(most, sum));
                    ways.push(terms.and(&[grant.condition, named, above]));
                }
                let ways = self.terms.or(&ways);
                self.bound(needs, ways)
            }
            Question::LossMultiple(loss, points) => {
                let most = self.share(loss, *points)?;
                self.discretion_above(meaning, most, None)
            }
            Question::RollingCap(cap) => {
                let most = Bound {
                    currency: self.names.currency(cap.limit.currency()),
                    sum: self.terms.int(cap.limit.minor().into()),
                    needs: Vec::new(),
                };
                self.discretion_above(meaning, most, cap.basis)
            }
            Question::NoLossNoCash(loss) => self.cash_without_loss(meaning, loss)?,
            Question::NeverNegative => {
                let (zero, mut all) = (self.terms.int(0), Vec::new());
                for grant in granted(meaning) {
                    let mut below = Vec::new();
                    for remedy in grant.remedies {
                        below.push(self.terms.less(remedy.amount, zero));
                    }
                    let below = self.terms.or(&below);
                    all.push(self.terms.and(&[grant.condition, below]));
                }
                self.terms.or(&all)
            }
            Question::NeverFails => {
                let fails = self.fails(meaning);
                // What routes a case runs once `remedy` has come to an end.
                let ends = meaning.ways.iter();
                let ends = ends.filter(|way| matches!(way.end, End::Verdict(_)));
                let ends: Vec<Term> = ends.map(|way| way.condition).collect();
                let ends = self.terms.or(&ends);
                let routed = match route {
                    Some(route) => self.fails(route),
                    None => self.terms.bool(false),
                };
                let routed = self.terms.and(&[ends, routed]);
                self.terms.or(&[fails, routed])
            }
            Question::AtMost(most) => {
                let currency = self.names.currency(most.currency());
                let sum = total(&mut self.terms, meaning, currency);
                let most = self.terms.int(most.minor().into());
                let decided = decided(&mut self.terms, meaning);
                let above = self.terms.less(most, sum);
                self.terms.and(&[decided, above])
            }
            // These compare cases, or are not asked of a solver at all.
            Question::Monotone(..)
            | Question::Independent(_)
            | Question::Order { .. }
            | Question::Split(_)
            | Question::Reachable
            | Question::Tables => return None,
        })
    }

    fn fails(&mut self, meaning: &Meaning) -> Term {
        let ways = meaning.ways.iter();
        let traps = ways.filter(|way| matches!(way.end, End::Trap(_)));
        let traps: Vec<Term> = traps.map(|way| way.condition).collect();
        self.terms.or(&traps)
    }

    fn bound(&mut self, mut needs: Vec<Term>, violated: Term) -> Term {
        needs.push(violated);
        self.terms.and(&needs)
    }

    /// When what counts comes to more than a limit.
    fn above(
        &mut self,
        meaning: &Meaning,
        most: Bound,
        counts: &mut super::sums::Counts<'_>,
    ) -> Term {
        let sum = counted(&mut self.terms, meaning, most.currency, counts);
        let zero = self.terms.int(0);
        let (some, above) = (self.terms.less(zero, sum), self.terms.less(most.sum, sum));
        let violated = self.terms.and(&[some, above]);
        self.bound(most.needs, violated)
    }

    fn discretion_above(
        &mut self,
        meaning: &Meaning,
        most: Bound,
        basis: Option<BasisKind>,
    ) -> Term {
        self.above(meaning, most, &mut |terms, remedy| {
            terms.bool(is_counted(remedy.ground, basis))
        })
    }

    fn cash_without_loss(&mut self, meaning: &Meaning, loss: &Base) -> Option<Term> {
        // The whole of the loss, which is known where it is asked for.
        let lost = self.share(loss, 10_000)?;
        let (zero, cash) = (self.terms.int(0), self.names.text("cash"));
        let cash = self.terms.int(cash);
        let mut ways = Vec::new();
        for grant in granted(meaning) {
            let mut paid = Vec::new();
            for remedy in grant.remedies {
                if remedy.ground == Ground::Goodwill && remedy.currency.is_some() {
                    let is_cash = self.terms.same(remedy.kind, cash);
                    let some = self.terms.less(zero, remedy.amount);
                    paid.push(self.terms.and(&[is_cash, some]));
                }
            }
            let paid = self.terms.or(&paid);
            ways.push(self.terms.and(&[grant.condition, paid]));
        }
        let paid = self.terms.or(&ways);
        let none = self.terms.at_most(lost.sum, zero);
        let violated = self.terms.and(&[paid, none]);
        Some(self.bound(lost.needs, violated))
    }
}

/// The facts in which the cases that a question compares may differ.
pub(super) fn apart(question: &Question) -> BTreeSet<Slot> {
    match question {
        Question::Monotone(slot, _)
        | Question::Independent(slot)
        | Question::Order { slot, .. }
        | Question::Split(slot) => BTreeSet::from([*slot]),
        _ => BTreeSet::new(),
    }
}

/// The marks of the copies that a question compares.
const fn copies(question: &Question) -> &'static [&'static str] {
    match question {
        Question::Split(_) => &["", "_b", "_c"],
        _ => &["", "_b"],
    }
}

/// The formulas of a question that compares cases which differ in one fact.
pub(super) struct Compared {
    slot: Slot,
    decided: Term,
    known: Term,
    value: Term,
    currency: Term,
    sums: Vec<Term>,
    /// The values of the fact in the copies, once there is a script.
    pub(super) values: Vec<String>,
    /// That the values stand as the question says, once there is a script.
    pub(super) worse: String,
}

impl Compared {
    pub(super) fn new(formulas: &mut Formulas<'_>, question: &Question, meaning: &Meaning) -> Self {
        let slot = apart(question).first().copied().unwrap_or(Slot::new(0));
        let currencies = i128::try_from(formulas.names.currencies()).unwrap_or(0);
        let schema = formulas.side.world.schema();
        let range = schema.fact(slot).map_or(INT, |fact| exec::range(&fact.ty));
        let terms = &mut formulas.terms;
        let mut part = |part, range| terms.var(Var { slot, part }, range);
        let (known, value, currency) = (
            part(Part::Known, (0, 1)),
            part(Part::Value, range),
            part(Part::Currency, (0, currencies.saturating_sub(1).max(0))),
        );
        Self {
            slot,
            decided: decided(terms, meaning),
            known,
            value,
            currency,
            sums: (0..currencies)
                .map(|currency| total(terms, meaning, currency))
                .collect(),
            values: Vec::new(),
            worse: String::new(),
        }
    }

    /// A script in which the cases are decided and the sums stand as they must not; how
    /// the values stand is left to say.
    pub(super) fn script<'f>(
        &mut self,
        formulas: &'f Formulas<'_>,
        question: &Question,
    ) -> Script<'f> {
        let mut script = Script::new(&formulas.terms);
        let apart = BTreeSet::from([self.slot]);
        let marks = copies(question).iter();
        let copied: Vec<_> = marks.map(|mark| script.copy(mark, &apart)).collect();
        required(&mut script, formulas.side, &copied);
        let mut currencies = Vec::new();
        self.values.clear();
        for copy in &copied {
            script.assert_term(self.decided, copy);
            script.assert_term(self.known, copy);
            self.values.push(script.name(self.value, copy));
            currencies.push(script.name(self.currency, copy));
        }
        if let Some((first, others)) = currencies.split_first() {
            for other in others {
                script.assert(&format!("(= {first} {other})"));
            }
        }
        self.worse = self.stands(question);
        for sum in &self.sums {
            for copy in &copied {
                script.name(*sum, copy);
            }
        }
        if let [first, second] = copied.as_slice() {
            script.grow_together(first, second);
        }
        let mut any = Vec::new();
        for sum in &self.sums {
            let of: Vec<String> = copied.iter().map(|copy| script.name(*sum, copy)).collect();
            any.push(match (question, of.as_slice()) {
                (Question::Split(_), [whole, a, b]) => format!("(> (+ {a} {b}) {whole})"),
                (Question::Independent(_), [a, b]) => format!("(not (= {a} {b}))"),
                (_, [a, b]) => format!("(< {a} {b})"),
                _ => "false".to_owned(),
            });
        }
        script.assert(&format!("(or false {})", any.join(" ")));
        script
    }

    /// How the values of the copies stand to each other.
    fn stands(&self, question: &Question) -> String {
        let name = |at: usize| self.values.get(at).map_or("0", String::as_str);
        match question {
            Question::Monotone(_, Direction::HigherIsWorse) => {
                format!("(> {} {})", name(0), name(1))
            }
            Question::Monotone(_, Direction::LowerIsWorse) => {
                format!("(< {} {})", name(0), name(1))
            }
            Question::Order { better, worse, .. } => {
                format!("(and (= {} {better}) (= {} {worse}))", name(0), name(1))
            }
            Question::Split(_) => {
                let (whole, a, b) = (name(0), name(1), name(2));
                format!("(and (>= {a} 0) (>= {b} 0) (= {whole} (+ {a} {b})))")
            }
            _ => "true".to_owned(),
        }
    }
}

/// What admission insists on is known in every copy, and what is taken for granted holds.
pub(super) fn required(script: &mut Script<'_>, side: &Side, copies: &[Copied]) {
    for slot in side.world.assumed() {
        script.valued(slot);
    }
    for (slot, fact) in side.world.schema().slots() {
        if fact.required {
            script.known(slot, copies);
        }
    }
}
