//! Asks each question: first by chance in the compiled code, then of the solver.

use std::collections::{BTreeMap, BTreeSet};

use redress::{Case, Currency, Money, Release, ScriptCheck};
use redress_compiler::ir::SiteKind;
use redress_kernel::guardrails::Limit;
use redress_model::{
    Amount, Basis, Code, Digest, Direction, Slot, Value as Fact, Verdict as Answered,
};
use serde_json::Value;

use crate::exec::{self, End, Ground, Meaning, Names, Remedy, Setting, Unmodelled, Verdict};
use crate::property::{Property, Question};
use crate::smt::{self, Model, Solver, SolverFault};
use crate::term::{Part, Script, Term, Terms, Var};
use crate::world::{self, Chance, Facts, Run, World};

/// How many cases are tried by chance for each question.
const TRIES: u64 = 400;
/// How often a counterexample is made smaller.
const STEPS_MAX: u32 = 400;

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It holds of every case that the schema allows.
    Proved,
    /// It does not: these cases show it, in both engines.
    Refuted(Counterexample),
    /// Nobody knows.
    Unknown {
        /// A stable code: that of the solver's fault, `no_formula` or `loose`.
        code: &'static str,
        /// Why.
        why: String,
    },
    /// The solver's counterexample is none in the engines: a mistake of this program.
    Bug {
        /// What does not fit.
        what: String,
        /// The cases that it gave.
        cases: Vec<Value>,
    },
}

/// Cases of which a property does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counterexample {
    /// The cases, as `redress eval` takes them: one, or those that are compared.
    pub cases: Vec<Value>,
    /// What each of them is given, in words.
    pub gives: Vec<String>,
}

/// Why nothing can be proved of a release.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// Its policy has no compiled script.
    #[error("{release} has no script that compiles; `redress check` says why")]
    NotCompiled {
        /// Its name and version.
        release: String,
    },
    /// The releases that are compared read different facts.
    #[error("the releases have different fact schemas")]
    OtherSchema,
}

impl ProveError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotCompiled { .. } => "prove_not_compiled",
            Self::OtherSchema => "prove_other_schema",
        }
    }
}

/// A release as formulas, beside its engines.
struct Side {
    world: World,
    check: ScriptCheck,
    meaning: Result<Meaning, Unmodelled>,
}

/// Proves what a release never does.
pub struct Prover {
    terms: Terms,
    names: Names,
    side: Side,
    other: Option<Side>,
    /// The numbers that the policies name.
    named: Vec<i128>,
}

impl std::fmt::Debug for Prover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prover").finish_non_exhaustive()
    }
}

fn side(release: &Release, terms: &mut Terms, names: &mut Names) -> Result<Side, ProveError> {
    let none = || ProveError::NotCompiled {
        release: format!("{} {}", release.id().name, release.id().version),
    };
    let world = World::new(release).ok_or_else(none)?;
    let check = ScriptCheck::of(release.source(), release.budget()).ok_or_else(none)?;
    let program = check.program.as_ref().ok_or_else(none)?;
    let source = release.source();
    let setting = Setting {
        program,
        lines: &check.lines,
        schema: source.schema(),
        tables: source.tables(),
        rounding: source.manifest().rounding,
    };
    let meaning = exec::run(&setting, terms, names);
    Ok(Side {
        world,
        check,
        meaning,
    })
}

impl Prover {
    /// Puts a release into formulas.
    ///
    /// # Errors
    /// [`ProveError::NotCompiled`].
    pub fn new(release: &Release) -> Result<Self, ProveError> {
        let (mut terms, mut names) = (Terms::default(), Names::default());
        // Currencies that only facts have are those that the release itself names.
        for claim in &release.guardrails().claims {
            if let Limit::Fixed(money) = &claim.max_per_person {
                names.currency(money.currency());
            }
        }
        names.currencies_of(release.schema());
        let side = side(release, &mut terms, &mut names)?;
        let named = terms.constants();
        Ok(Self {
            terms,
            names,
            side,
            other: None,
            named,
        })
    }

    /// Puts two releases into formulas, to be compared.
    ///
    /// # Errors
    /// [`ProveError`] when one of them does not compile or their schemas differ.
    pub fn against(old: &Release, new: &Release) -> Result<Self, ProveError> {
        if old.schema().digest() != new.schema().digest() {
            return Err(ProveError::OtherSchema);
        }
        let mut prover = Self::new(old)?;
        prover.other = Some(side(new, &mut prover.terms, &mut prover.names)?);
        prover.named = prover.terms.constants();
        Ok(prover)
    }

    /// The digest of what is proved.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.side.world.compiled.id().digest
    }

    /// Answers one question.
    pub fn answer(&mut self, property: &Property, solver: &mut impl Solver) -> Answer {
        match &property.question {
            // A release with a gap or an overlap is not loaded: the check goes over every cell.
            Question::Tables => return Answer::Proved,
            Question::Reachable => return self.reachable(solver),
            _ => {}
        }
        let question = property.question.clone();
        if let Some(found) = self.by_chance(&question) {
            return self.refuted(&question, found);
        }
        let asked = match self.script(&question) {
            Ok(asked) => asked,
            Err(answer) => return answer,
        };
        self.ask(&question, asked, solver)
    }

    /// Whether the new release gives the same as the old one, and if not, whether at least
    /// as much: where they part.
    pub fn compare(&mut self, at_least: bool, solver: &mut impl Solver) -> Answer {
        for seed in 0..TRIES.saturating_mul(4) {
            let facts = self.any_facts(&mut Chance(seed));
            if self.parts(&facts, at_least) {
                return self.parted(facts, at_least);
            }
        }
        let Some(other) = &self.other else {
            return Answer::Proved;
        };
        let (old, new) = match (&self.side.meaning, &other.meaning) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(error), _) | (_, Err(error)) => return unmodelled(error),
        };
        let mut bad = Vec::new();
        for currency in 0..self.names.currencies() {
            let number = i128::try_from(currency).unwrap_or(0);
            let before = total(&mut self.terms, old, number);
            let after = total(&mut self.terms, new, number);
            let less = self.terms.less(after, before);
            bad.push(less);
            if !at_least {
                bad.push(self.terms.less(before, after));
            }
        }
        let sums = self.terms.or(&bad);
        let (own, others) = (decided(&mut self.terms, old), decided(&mut self.terms, new));
        let not = self.terms.not(others);
        let differ = self.terms.and(&[own, not]);
        let bad = if at_least {
            let both = self.terms.and(&[own, others, sums]);
            self.terms.or(&[both, differ])
        } else {
            let not_own = self.terms.not(own);
            let other_way = self.terms.and(&[others, not_own]);
            let both = self.terms.and(&[own, others, sums]);
            self.terms.or(&[both, differ, other_way])
        };
        let loose = old.ways.iter().chain(&new.ways).any(|way| way.loose);
        let mut script = Script::new(&self.terms);
        let copy = script.copy("", &BTreeSet::new());
        required(&mut script, &self.side, &[]);
        script.assert_term(bad, &copy);
        let (text, vars) = script.finish();
        let model = match solver.ask(&text).and_then(|said| smt::read(&said, &vars)) {
            Ok(None) => return Answer::Proved,
            Ok(Some(model)) => model,
            Err(fault) => return no_answer(&fault),
        };
        let facts = world::facts_of(self.side.world.schema(), &model, "", &self.names);
        if self.parts(&facts, at_least) {
            return self.parted(facts, at_least);
        }
        self.not_replayed(&[facts], loose)
    }

    fn parts(&self, facts: &Facts, at_least: bool) -> bool {
        let Some(other) = &self.other else {
            return false;
        };
        let Some(case) = self.side.world.case(facts) else {
            return false;
        };
        let engines = [
            (self.side.world.run(&case), other.world.run(&case)),
            (self.side.world.oracle(&case), other.world.oracle(&case)),
        ];
        engines.iter().all(|(old, new)| {
            let sums = |run: &Run| run.as_ref().ok().and_then(world::totals);
            match (sums(old), sums(new)) {
                (None, None) => false,
                (None, Some(_)) => !at_least,
                (Some(_), None) => true,
                (Some(old), Some(new)) if at_least => any_less(&new, &old),
                (Some(mut old), Some(mut new)) => {
                    old.retain(|_, sum| *sum != 0);
                    new.retain(|_, sum| *sum != 0);
                    old != new
                }
            }
        })
    }

    fn parted(&self, mut facts: Facts, at_least: bool) -> Answer {
        self.shrink(&mut facts, |facts| self.parts(facts, at_least));
        let mut gives = Vec::new();
        if let (Some(case), Some(other)) = (self.side.world.case(&facts), &self.other) {
            gives.push(format!(
                "old: {}",
                in_words(&self.side.world.run(&case), &self.side)
            ));
            gives.push(format!("new: {}", in_words(&other.world.run(&case), other)));
        }
        Answer::Refuted(Counterexample {
            cases: vec![world::case_json(self.side.world.schema(), &facts)],
            gives,
        })
    }

    fn shrink(&self, facts: &mut Facts, still: impl Fn(&Facts) -> bool) {
        let schema = self.side.world.schema();
        let mut left = STEPS_MAX;
        let mut smaller = true;
        while smaller && left > 0 {
            smaller = false;
            for (slot, value) in facts.clone() {
                let Some(fact) = schema.fact(slot) else {
                    continue;
                };
                for other in world::simpler(fact, &value) {
                    let mut tried = facts.clone();
                    match other {
                        Some(other) => drop(tried.insert(slot, other)),
                        None => drop(tried.remove(&slot)),
                    }
                    left = left.saturating_sub(1);
                    if still(&tried) {
                        *facts = tried;
                        smaller = true;
                        break;
                    }
                }
            }
        }
    }

    fn any_facts(&self, chance: &mut Chance) -> Facts {
        let mut facts = Facts::new();
        for (slot, fact) in self.side.world.schema().slots() {
            if fact.required || chance.below(6) > 0 {
                let value = chance.any(fact, &self.named, &self.names);
                facts.extend(value.map(|value| (slot, value)));
            }
        }
        facts
    }

    /// The cases that a question compares, made from one.
    fn variants(
        &self,
        question: &Question,
        facts: Facts,
        chance: &mut Chance,
    ) -> Option<Vec<Facts>> {
        let schema = self.side.world.schema();
        let slot = match question {
            Question::Monotone(slot, _) | Question::Independent(slot) => *slot,
            Question::Order {
                slot,
                better,
                worse,
            } => {
                let fact = schema.fact(*slot)?;
                let redress_model::FactType::Enum(values) = &fact.ty else {
                    return None;
                };
                let of = |place: &i128| {
                    let mut facts = facts.clone();
                    let value = values.get(usize::try_from(*place).ok()?)?;
                    facts.insert(*slot, Value::from(value.as_str()));
                    Some(facts)
                };
                return Some(vec![of(better)?, of(worse)?]);
            }
            Question::Split(slot) => {
                let fact = schema.fact(*slot)?;
                let (a, b) = (
                    chance.any(fact, &self.named, &self.names)?,
                    chance.any(fact, &self.named, &self.names)?,
                );
                let sum = add(&a, &b)?;
                let of = |value| {
                    let mut facts = facts.clone();
                    facts.insert(*slot, value);
                    facts
                };
                return Some(vec![of(sum), of(a), of(b)]);
            }
            _ => return Some(vec![facts]),
        };
        let fact = schema.fact(slot)?;
        let mut first = facts.clone();
        let mut second = facts;
        first.insert(slot, chance.any(fact, &self.named, &self.names)?);
        second.insert(slot, chance.any(fact, &self.named, &self.names)?);
        Some(vec![first, second])
    }

    fn by_chance(&self, question: &Question) -> Option<Vec<Facts>> {
        (0..TRIES).find_map(|seed| {
            let mut chance = Chance(seed);
            let facts = self.any_facts(&mut chance);
            let variants = self.variants(question, facts, &mut chance)?;
            self.violates(question, &variants).then_some(variants)
        })
    }

    /// Whether these cases show, in both engines, that a property does not hold.
    fn violates(&self, question: &Question, variants: &[Facts]) -> bool {
        let cases: Option<Vec<Case>> = variants
            .iter()
            .map(|facts| self.side.world.case(facts))
            .collect();
        let Some(cases) = cases else { return false };
        let compiled: Vec<Run> = cases.iter().map(|case| self.side.world.run(case)).collect();
        if !self.shows(question, &cases, &compiled) {
            return false;
        }
        let interpreted: Vec<Run> = cases
            .iter()
            .map(|case| self.side.world.oracle(case))
            .collect();
        self.shows(question, &cases, &interpreted)
    }

    fn limit(&self, limit: &Limit, case: &Case) -> Option<(Currency, i128)> {
        let one = match limit {
            Limit::Fixed(money) => *money,
            Limit::Share {
                basis_points,
                of,
                at_most,
            } => {
                let base = case.facts.money(of.slot)?;
                let rounding = self.side.world.compiled.source().manifest().rounding;
                let share = base.basis_points(*basis_points, rounding).ok()?;
                let share = Money::new(share.minor().max(0), share.currency());
                match at_most {
                    Some(most) if most.minor() < share.minor() => *most,
                    _ => share,
                }
            }
        };
        let persons = self.side.world.compiled.guardrails().facts.persons.as_ref();
        let persons = persons.and_then(|base| world::number(case.facts.get(base.slot)));
        let persons = persons.unwrap_or(1).max(1);
        Some((
            one.currency(),
            i128::from(one.minor()).saturating_mul(persons),
        ))
    }

    fn shows(&self, question: &Question, cases: &[Case], runs: &[Run]) -> bool {
        let (Some(case), Some(run)) = (cases.first(), runs.first()) else {
            return false;
        };
        let claimed = |code: &Code, currency: Currency| {
            let Ok(proposal) = run else {
                return None;
            };
            let Answered::Grant(remedies) = &proposal.verdict else {
                return None;
            };
            let of = remedies
                .iter()
                .filter(|remedy| remedy.basis.claim() == Some(code));
            let mut sum = None;
            for remedy in of {
                if let Amount::Money(money) = &remedy.amount
                    && money.currency() == currency
                {
                    sum = Some(i128::from(money.minor()).saturating_add(sum.unwrap_or(0)));
                }
            }
            sum
        };
        let sums = |run: &Run| run.as_ref().ok().and_then(world::totals);
        let all: Vec<_> = runs.iter().map(sums).collect();
        let less = |first: usize, second: usize| match (all.get(first), all.get(second)) {
            (Some(Some(first)), Some(Some(second))) => any_less(first, second),
            _ => false,
        };
        match question {
            Question::Cap(claim) => {
                let Some((currency, most)) = self.limit(&claim.max_per_person, case) else {
                    return false;
                };
                claimed(&claim.code, currency).is_some_and(|sum| sum > most)
            }
            Question::Floor(floor) => {
                let Some((currency, least)) = self.limit(&floor.at_least, case) else {
                    return false;
                };
                claimed(&floor.claim, currency).is_some_and(|sum| sum < least)
            }
            Question::NeverNegative => match run {
                Ok(proposal) => match &proposal.verdict {
                    Answered::Grant(remedies) => {
                        remedies.iter().any(|remedy| match &remedy.amount {
                            Amount::Money(money) => money.minor() < 0,
                            Amount::Units { count, .. } => *count < 0,
                        })
                    }
                    _ => false,
                },
                Err(_) => false,
            },
            Question::NeverFails => run.is_err(),
            Question::Monotone(slot, direction) => {
                let of = |case: Option<&Case>| world::number(case?.facts.get(*slot));
                let (Some(a), Some(b)) = (of(cases.first()), of(cases.get(1))) else {
                    return false;
                };
                let first_is_worse = match direction {
                    Direction::HigherIsWorse => a > b,
                    Direction::LowerIsWorse => a < b,
                };
                let same_currency = match (
                    case.facts.get(*slot),
                    cases.get(1).and_then(|case| case.facts.get(*slot)),
                ) {
                    (Some(Fact::Money(a)), Some(Fact::Money(b))) => a.currency() == b.currency(),
                    _ => true,
                };
                first_is_worse && same_currency && less(0, 1)
            }
            Question::Independent(_) => less(0, 1) || less(1, 0),
            Question::Order { .. } => less(0, 1),
            Question::AtMost(most) => all.first().and_then(Option::as_ref).is_some_and(|sums| {
                sums.get(&most.currency()).copied().unwrap_or(0) > most.minor().into()
            }),
            Question::Split(slot) => {
                let part =
                    |at: usize| world::number(cases.get(at).and_then(|case| case.facts.get(*slot)));
                let (Some(whole), Some(a), Some(b)) = (part(0), part(1), part(2)) else {
                    return false;
                };
                let (Some(Some(one)), Some(Some(first)), Some(Some(second))) =
                    (all.first(), all.get(1), all.get(2))
                else {
                    return false;
                };
                let currencies: BTreeSet<_> = first.keys().chain(second.keys()).collect();
                a >= 0
                    && b >= 0
                    && a.saturating_add(b) == whole
                    && currencies.into_iter().any(|currency| {
                        let of = |sums: &BTreeMap<Currency, i128>| {
                            sums.get(currency).copied().unwrap_or(0)
                        };
                        of(first).saturating_add(of(second)) > of(one)
                    })
            }
            Question::Reachable | Question::Tables => false,
        }
    }

    fn refuted(&self, question: &Question, variants: Vec<Facts>) -> Answer {
        let variants = self.smaller(question, variants);
        let schema = self.side.world.schema();
        let gives = variants
            .iter()
            .filter_map(|facts| self.side.world.case(facts));
        let gives = gives.map(|case| in_words(&self.side.world.run(&case), &self.side));
        Answer::Refuted(Counterexample {
            cases: variants
                .iter()
                .map(|facts| world::case_json(schema, facts))
                .collect(),
            gives: gives.collect(),
        })
    }

    /// Changes all variants alike as long as they show the same.
    fn smaller(&self, question: &Question, mut variants: Vec<Facts>) -> Vec<Facts> {
        let schema = self.side.world.schema();
        let apart = apart(question);
        let mut left = STEPS_MAX;
        let mut goes_on = true;
        while goes_on && left > 0 {
            goes_on = false;
            let slots: Vec<Slot> = variants
                .iter()
                .flat_map(|facts| facts.keys().copied())
                .collect();
            for slot in BTreeSet::from_iter(slots) {
                let Some(fact) = schema.fact(slot) else {
                    continue;
                };
                let own = apart.contains(&slot);
                for at in 0..variants.len() {
                    let Some(value) = variants.get(at).and_then(|facts| facts.get(&slot)).cloned()
                    else {
                        continue;
                    };
                    for other in world::simpler(fact, &value) {
                        left = left.saturating_sub(1);
                        let mut tried = variants.clone();
                        for (number, facts) in tried.iter_mut().enumerate() {
                            if own && number != at {
                                continue;
                            }
                            match &other {
                                Some(other) => drop(facts.insert(slot, other.clone())),
                                None => drop(facts.remove(&slot)),
                            }
                        }
                        if self.violates(question, &tried) {
                            variants = tried;
                            goes_on = true;
                            break;
                        }
                    }
                    if !own {
                        break;
                    }
                }
            }
        }
        variants
    }

    fn ask(&self, question: &Question, asked: Asked, solver: &mut impl Solver) -> Answer {
        let model = match solver
            .ask(&asked.text)
            .and_then(|said| smt::read(&said, &asked.vars))
        {
            Ok(None) => return Answer::Proved,
            Ok(Some(model)) => model,
            Err(fault) => return no_answer(&fault),
        };
        let variants = self.variants_of(&model, asked.copies);
        if self.violates(question, &variants) {
            return self.refuted(question, variants);
        }
        self.not_replayed(&variants, asked.loose)
    }

    fn variants_of(&self, model: &Model, copies: &[&str]) -> Vec<Facts> {
        let schema = self.side.world.schema();
        let of = |mark: &&str| world::facts_of(schema, model, mark, &self.names);
        copies.iter().map(of).collect()
    }

    fn not_replayed(&self, variants: &[Facts], loose: bool) -> Answer {
        let schema = self.side.world.schema();
        if loose {
            return Answer::Unknown {
                code: "loose",
                why: "a question about a text has no formula, and the case found is none".into(),
            };
        }
        Answer::Bug {
            what: "the solver's case does not show it in the engines".into(),
            cases: variants
                .iter()
                .map(|facts| world::case_json(schema, facts))
                .collect(),
        }
    }

    /// The script whose models are counterexamples.
    fn script(&mut self, question: &Question) -> Result<Asked, Answer> {
        let meaning = match &self.side.meaning {
            Ok(meaning) => meaning,
            Err(error) => return Err(unmodelled(error)),
        };
        let terms = &mut self.terms;
        let loose = meaning.ways.iter().any(|way| way.loose);
        let currencies = i128::try_from(self.names.currencies()).unwrap_or(0);
        let rounding = self.side.world.compiled.source().manifest().rounding;
        let persons = self.side.world.compiled.guardrails().facts.persons.as_ref();
        let limit = |terms: &mut Terms, limit: &Limit, names: &mut Names| {
            let mut needs = Vec::new();
            let (currency, one) = match limit {
                Limit::Fixed(money) => (
                    names.currency(money.currency()),
                    terms.int(money.minor().into()),
                ),
                Limit::Share {
                    basis_points,
                    of,
                    at_most,
                } => {
                    let schema = self.side.world.schema();
                    let Some(redress_model::FactType::Money(Some(currency))) =
                        schema.fact(of.slot).map(|fact| &fact.ty)
                    else {
                        return None;
                    };
                    let known = terms.var(
                        Var {
                            slot: of.slot,
                            part: Part::Known,
                        },
                        (0, 1),
                    );
                    needs.push(known);
                    let var = Var {
                        slot: of.slot,
                        part: Part::Value,
                    };
                    let base = terms.var(var, (i64::MIN.into(), i64::MAX.into()));
                    let points = terms.int((*basis_points).into());
                    let whole = terms.int(10_000);
                    let share = exec::share(terms, rounding, base, points, whole);
                    let zero = terms.int(0);
                    let below = terms.less(share, zero);
                    let share = terms.ite(below, zero, share);
                    let share = match at_most {
                        Some(most) => {
                            let most = terms.int(most.minor().into());
                            let above = terms.less(most, share);
                            terms.ite(above, most, share)
                        }
                        None => share,
                    };
                    (names.currency(*currency), share)
                }
            };
            let one = match persons {
                Some(base) => {
                    let fact = self.side.world.schema().fact(base.slot);
                    let range = match fact.map(|fact| &fact.ty) {
                        Some(redress_model::FactType::Int { min, max }) => {
                            ((*min).into(), (*max).into())
                        }
                        _ => return None,
                    };
                    let known = terms.var(
                        Var {
                            slot: base.slot,
                            part: Part::Known,
                        },
                        (0, 1),
                    );
                    let count = terms.var(
                        Var {
                            slot: base.slot,
                            part: Part::Value,
                        },
                        range,
                    );
                    let unit = terms.int(1);
                    let few = terms.less(count, unit);
                    let count = terms.ite(few, unit, count);
                    let count = terms.ite(known, count, unit);
                    terms.mul(one, count)
                }
                None => one,
            };
            Some((currency, one, needs))
        };
        let no_limit = Answer::Unknown {
            code: "no_formula",
            why: "the limit is a share of a sum in any currency".into(),
        };
        let bad = match question {
            Question::Cap(claim) => {
                let found = limit(terms, &claim.max_per_person, &mut self.names);
                let Some((currency, most, mut needs)) = found else {
                    return Err(no_limit);
                };
                let code = self.names.text(claim.code.as_str());
                let (any, sum) = claimed(terms, meaning, code, currency);
                needs.push(any);
                needs.push(terms.less(most, sum));
                terms.and(&needs)
            }
            Question::Floor(floor) => {
                let found = limit(terms, &floor.at_least, &mut self.names);
                let Some((currency, least, mut needs)) = found else {
                    return Err(no_limit);
                };
                let code = self.names.text(floor.claim.as_str());
                let (any, sum) = claimed(terms, meaning, code, currency);
                needs.push(any);
                needs.push(terms.less(sum, least));
                terms.and(&needs)
            }
            Question::NeverNegative => {
                let zero = terms.int(0);
                let mut all = Vec::new();
                for way in &meaning.ways {
                    let End::Verdict(verdict) = &way.end else {
                        continue;
                    };
                    let Verdict::Grant(remedies) = &**verdict else {
                        continue;
                    };
                    let mut any = Vec::new();
                    for remedy in remedies {
                        any.push(terms.less(remedy.amount, zero));
                    }
                    let any = terms.or(&any);
                    all.push(terms.and(&[way.condition, any]));
                }
                terms.or(&all)
            }
            Question::NeverFails => {
                let traps = meaning
                    .ways
                    .iter()
                    .filter(|way| matches!(way.end, End::Trap(_)));
                let traps: Vec<Term> = traps.map(|way| way.condition).collect();
                terms.or(&traps)
            }
            Question::AtMost(most) => {
                let currency = self.names.currency(most.currency());
                let sum = total(terms, meaning, currency);
                let most = terms.int(most.minor().into());
                let decided = decided(terms, meaning);
                let above = terms.less(most, sum);
                terms.and(&[decided, above])
            }
            _ => return Ok(self.compared(question, currencies, loose)),
        };
        if terms.as_bool(bad) == Some(false) {
            return Err(Answer::Proved);
        }
        let mut script = Script::new(&self.terms);
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

    /// The script of a question that compares cases which differ in one fact.
    fn compared(&mut self, question: &Question, currencies: i128, loose: bool) -> Asked {
        let apart = apart(question);
        let copies: &'static [&'static str] = match question {
            Question::Split(_) => &["", "_b", "_c"],
            _ => &["", "_b"],
        };
        let (mut sums, mut own) = (Vec::new(), self.terms.bool(false));
        if let Ok(meaning) = &self.side.meaning {
            own = decided(&mut self.terms, meaning);
            for currency in 0..currencies {
                sums.push(total(&mut self.terms, meaning, currency));
            }
        }
        let schema = self.side.world.schema();
        let slot = apart.first().copied().unwrap_or(Slot::new(0));
        let known = self.terms.var(
            Var {
                slot,
                part: Part::Known,
            },
            (0, 1),
        );
        let range = match schema.fact(slot).map(|fact| &fact.ty) {
            Some(redress_model::FactType::Int { min, max }) => ((*min).into(), (*max).into()),
            Some(redress_model::FactType::Bool) => (0, 1),
            Some(redress_model::FactType::Enum(values)) => (
                0,
                i128::try_from(values.len()).unwrap_or(1).saturating_sub(1),
            ),
            Some(redress_model::FactType::Date) => (-719_528, 2_932_896),
            Some(redress_model::FactType::DateTime) => (-62_167_219_200, 253_402_300_799),
            _ => (i64::MIN.into(), i64::MAX.into()),
        };
        let value = self.terms.var(
            Var {
                slot,
                part: Part::Value,
            },
            range,
        );
        let most = i128::try_from(self.names.currencies())
            .unwrap_or(1)
            .saturating_sub(1)
            .max(0);
        let currency = self.terms.var(
            Var {
                slot,
                part: Part::Currency,
            },
            (0, most),
        );
        let mut script = Script::new(&self.terms);
        let copied: Vec<_> = copies
            .iter()
            .map(|mark| script.copy(mark, &apart))
            .collect();
        required(&mut script, &self.side, &copied);
        let mut values = Vec::new();
        for copy in &copied {
            script.assert_term(own, copy);
            script.assert_term(known, copy);
            values.push((script.name(value, copy), script.name(currency, copy)));
        }
        let name = |at: usize| values.get(at).map_or("0", |(value, _)| value.as_str());
        for (_, currency) in values.iter().skip(1) {
            if let Some((_, first)) = values.first() {
                script.assert(&format!("(= {first} {currency})"));
            }
        }
        match question {
            Question::Monotone(_, Direction::HigherIsWorse) => {
                script.assert(&format!("(> {} {})", name(0), name(1)));
            }
            Question::Monotone(_, Direction::LowerIsWorse) => {
                script.assert(&format!("(< {} {})", name(0), name(1)));
            }
            Question::Order { better, worse, .. } => {
                script.assert(&format!(
                    "(and (= {} {better}) (= {} {worse}))",
                    name(0),
                    name(1)
                ));
            }
            Question::Split(_) => {
                let (whole, a, b) = (name(0), name(1), name(2));
                script.assert(&format!(
                    "(and (>= {a} 0) (>= {b} 0) (= {whole} (+ {a} {b})))"
                ));
            }
            _ => {}
        }
        let mut any = Vec::new();
        for sum in sums {
            let of: Vec<String> = copied.iter().map(|copy| script.name(sum, copy)).collect();
            any.push(match (question, of.as_slice()) {
                (Question::Split(_), [whole, a, b]) => format!("(> (+ {a} {b}) {whole})"),
                (Question::Independent(_), [a, b]) => format!("(not (= {a} {b}))"),
                (_, [a, b]) => format!("(< {a} {b})"),
                _ => "false".to_owned(),
            });
        }
        script.assert(&format!("(or false {})", any.join(" ")));
        let (text, vars) = script.finish();
        Asked {
            text,
            vars,
            copies,
            loose,
        }
    }

    /// Whether some case reaches each branch of `remedy`.
    fn reachable(&mut self, solver: &mut impl Solver) -> Answer {
        let meaning = match &self.side.meaning {
            Ok(meaning) => meaning,
            Err(error) => return unmodelled(error),
        };
        let Some(program) = &self.side.check.program else {
            return Answer::Proved;
        };
        let seen: BTreeSet<u32> = meaning.branches.keys().map(|(site, _)| *site).collect();
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
                match meaning.branches.get(&(number, branch)) {
                    Some(reached) => {
                        let reached = self.terms.or(reached);
                        match self.terms.as_bool(reached) {
                            Some(true) => {}
                            _ => asked.push((reached, *span)),
                        }
                    }
                    None => never.push(*span),
                }
            }
        }
        let mut text = String::new();
        let mut script = Script::new(&self.terms);
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
        })
    }
}

/// A script, and how its model is read.
struct Asked {
    text: String,
    vars: Vec<String>,
    copies: &'static [&'static str],
    loose: bool,
}

/// Whether the first sums are below the second in some currency.
fn any_less(first: &BTreeMap<Currency, i128>, second: &BTreeMap<Currency, i128>) -> bool {
    let of = |sums: &BTreeMap<Currency, i128>, currency| sums.get(currency).copied().unwrap_or(0);
    let mut currencies = first.keys().chain(second.keys());
    currencies.any(|currency| of(first, currency) < of(second, currency))
}

fn apart(question: &Question) -> BTreeSet<Slot> {
    match question {
        Question::Monotone(slot, _)
        | Question::Independent(slot)
        | Question::Order { slot, .. }
        | Question::Split(slot) => BTreeSet::from([*slot]),
        _ => BTreeSet::new(),
    }
}

/// What admission insists on is known in every copy.
fn required(script: &mut Script<'_>, side: &Side, copies: &[crate::term::Copied]) {
    for (slot, fact) in side.world.schema().slots() {
        if fact.required {
            script.known(slot, copies);
        }
    }
}

fn add(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            Some(Value::from(a.as_i64()?.checked_add(b.as_i64()?)?))
        }
        (Value::String(a), Value::String(b)) => {
            let (a, b): (Money, Money) = (a.parse().ok()?, b.parse().ok()?);
            Some(Value::from(a.plus(b).ok()?.to_string()))
        }
        _ => None,
    }
}

/// When a case is decided: granted or refused.
fn decided(terms: &mut Terms, meaning: &Meaning) -> Term {
    let ways = meaning.ways.iter().filter(|way| match &way.end {
        End::Verdict(verdict) => !matches!(**verdict, Verdict::Hold),
        _ => false,
    });
    let ways: Vec<Term> = ways.map(|way| way.condition).collect();
    terms.or(&ways)
}

/// What a case is given in a currency.
fn total(terms: &mut Terms, meaning: &Meaning, currency: i128) -> Term {
    per_way(terms, meaning, |terms, remedy| {
        let number = terms.int(currency);
        let zero = terms.int(0);
        match remedy.currency {
            Some(own) => {
                let is = terms.same(own, number);
                terms.ite(is, remedy.amount, zero)
            }
            None => zero,
        }
    })
}

fn per_way(
    terms: &mut Terms,
    meaning: &Meaning,
    mut of: impl FnMut(&mut Terms, &Remedy) -> Term,
) -> Term {
    let mut whole = terms.int(0);
    for way in &meaning.ways {
        let End::Verdict(verdict) = &way.end else {
            continue;
        };
        let Verdict::Grant(remedies) = &**verdict else {
            continue;
        };
        let mut sum = terms.int(0);
        for remedy in remedies {
            let part = of(terms, remedy);
            sum = terms.add(sum, part);
        }
        whole = terms.ite(way.condition, sum, whole);
    }
    whole
}

/// Whether anything is given under a claim, and how much in a currency.
fn claimed(terms: &mut Terms, meaning: &Meaning, claim: i128, currency: i128) -> (Term, Term) {
    let is_of = |terms: &mut Terms, remedy: &Remedy| {
        let (claim, currency) = (terms.int(claim), terms.int(currency));
        let own = remedy.currency.unwrap_or(claim);
        let (code, same) = (terms.same(remedy.claim, claim), terms.same(own, currency));
        match (remedy.ground, remedy.currency) {
            (Ground::Goodwill, _) | (_, None) => terms.bool(false),
            _ => terms.and(&[code, same]),
        }
    };
    let mut any = Vec::new();
    for way in &meaning.ways {
        let End::Verdict(verdict) = &way.end else {
            continue;
        };
        let Verdict::Grant(remedies) = &**verdict else {
            continue;
        };
        for remedy in remedies {
            let is = is_of(terms, remedy);
            any.push(terms.and(&[way.condition, is]));
        }
    }
    let any = terms.or(&any);
    let sum = per_way(terms, meaning, |terms, remedy| {
        let is = is_of(terms, remedy);
        let zero = terms.int(0);
        terms.ite(is, remedy.amount, zero)
    });
    (any, sum)
}

fn unmodelled(error: &Unmodelled) -> Answer {
    Answer::Unknown {
        code: "no_formula",
        why: error.to_string(),
    }
}

fn no_answer(fault: &SolverFault) -> Answer {
    Answer::Unknown {
        code: fault.code(),
        why: fault.to_string(),
    }
}

/// What a run gives, in words.
fn in_words(run: &Run, side: &Side) -> String {
    match run {
        Err(fault) => fault.to_string(),
        Ok(proposal) => match &proposal.verdict {
            Answered::Refuse(_) => "nothing".into(),
            Answered::Hold(redress_model::Hold::UnknownFact(slot)) => {
                let fact = side.world.schema().fact(*slot);
                format!(
                    "waits for {}",
                    fact.map_or("a fact", |fact| fact.name.as_str())
                )
            }
            Answered::Hold(_) => "waits".into(),
            Answered::Grant(remedies) => {
                let each = remedies.iter().map(|remedy| {
                    let amount = match &remedy.amount {
                        Amount::Money(money) => money.to_string(),
                        Amount::Units { unit, count } => format!("{count} {unit}"),
                    };
                    match &remedy.basis {
                        Basis::Statutory(code) | Basis::Contractual(code) => {
                            format!("{amount} ({code})")
                        }
                        Basis::Goodwill => amount,
                    }
                });
                each.collect::<Vec<_>>().join(", ")
            }
        },
    }
}
