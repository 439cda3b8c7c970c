//! Whether cases show that a property does not hold: what they give is asked of both engines.

use std::collections::{BTreeMap, BTreeSet};

use redress::{Currency, Money};
use redress_kernel::guardrails::{Base, BasisKind, Condition, Limit};
use redress_model::{
    Amount, Basis, Code, Direction, Hold, Proposal, Remedy, Value as Fact, Verdict,
};

use super::question::apart;
use super::{Answer, Counterexample, Prover, Side};
use crate::property::Question;
use crate::smt::Solver;
use crate::world::{self, Facts, Run, Tried};

impl Prover {
    /// Whether these cases show, in both engines, that a property does not hold.
    pub(super) fn violates(&self, question: &Question, variants: &[Facts]) -> bool {
        let world = &self.side.world;
        let cases: Option<Vec<Tried>> = variants.iter().map(|facts| world.case(facts)).collect();
        let Some(cases) = cases else { return false };
        let compiled: Vec<Run> = cases.iter().map(|case| world.run(case)).collect();
        if !self.shows(question, &cases, &compiled) {
            return false;
        }
        let interpreted: Vec<Run> = cases.iter().map(|case| world.oracle(case)).collect();
        self.shows(question, &cases, &interpreted)
    }

    fn shows(&self, question: &Question, cases: &[Tried], runs: &[Run]) -> bool {
        let (Some(case), Some(run)) = (cases.first(), runs.first()) else {
            return false;
        };
        let Ok(proposal) = run else {
            return matches!(question, Question::NeverFails);
        };
        let of = |code: &Code| {
            let code = code.clone();
            move |remedy: &Remedy| remedy.basis.claim() == Some(&code)
        };
        match question {
            Question::Cap(claim) => {
                let most = self.limit(&claim.max_per_person, case);
                most.is_some_and(|most| is_above(proposal, most, of(&claim.code)))
            }
            Question::Floor(floor) => {
                let Some((currency, least)) = self.limit(&floor.at_least, case) else {
                    return false;
                };
                let counts = of(&floor.claim);
                let owed = match floor.when.is_empty() {
                    true => remedies(proposal).iter().any(&counts),
                    false => Condition::all_hold(&floor.when, &case.case.facts),
                };
                let is_decided = !matches!(proposal.verdict, Verdict::Hold(_));
                owed && is_decided && face(proposal, currency, counts) < least
            }
            Question::Tier(tier) => {
                let most = self.share(&tier.of, tier.to_basis_points, case);
                let goodwill = |remedy: &Remedy| remedy.basis == Basis::Goodwill;
                proposal.tier.as_ref() == Some(&tier.name)
                    && most.is_some_and(|most| is_above(proposal, most, goodwill))
            }
            Question::LossMultiple(loss, points) => {
                let most = self.share(loss, *points, case);
                most.is_some_and(|most| is_above(proposal, most, is_counted(None)))
            }
            Question::RollingCap(cap) => {
                let most = (cap.limit.currency(), cap.limit.minor().into());
                is_above(proposal, most, is_counted(cap.basis))
            }
            Question::NoLossNoCash(loss) => {
                let lost = case.case.facts.money(loss.slot);
                let is_paid = |remedy: &Remedy| match &remedy.amount {
                    Amount::Money(money) => {
                        let is_cash = remedy.kind == *"cash" && money.minor() > 0;
                        is_cash && remedy.basis == Basis::Goodwill
                    }
                    Amount::Units { .. } => false,
                };
                lost.is_some_and(|lost| lost.minor() <= 0) && remedies(proposal).iter().any(is_paid)
            }
            Question::NeverNegative => {
                remedies(proposal)
                    .iter()
                    .any(|remedy| match &remedy.amount {
                        Amount::Money(money) => money.minor() < 0,
                        Amount::Units { count, .. } => *count < 0,
                    })
            }
            Question::AtMost(most) => world::totals(proposal).is_some_and(|sums| {
                sums.get(&most.currency()).copied().unwrap_or(0) > most.minor().into()
            }),
            Question::Monotone(slot, direction) => {
                let facts = |at: usize| cases.get(at).and_then(|case| case.case.facts.get(*slot));
                let (Some(a), Some(b)) = (world::number(facts(0)), world::number(facts(1))) else {
                    return false;
                };
                let first_is_worse = match direction {
                    Direction::HigherIsWorse => a > b,
                    Direction::LowerIsWorse => a < b,
                };
                let same_currency = match (facts(0), facts(1)) {
                    (Some(Fact::Money(a)), Some(Fact::Money(b))) => a.currency() == b.currency(),
                    _ => true,
                };
                first_is_worse && same_currency && gives_less(runs, 0, 1)
            }
            Question::Independent(_) => gives_less(runs, 0, 1) || gives_less(runs, 1, 0),
            Question::Order { .. } => gives_less(runs, 0, 1),
            Question::Split(slot) => {
                let part = |at: usize| {
                    world::number(cases.get(at).and_then(|case| case.case.facts.get(*slot)))
                };
                let (Some(whole), Some(a), Some(b)) = (part(0), part(1), part(2)) else {
                    return false;
                };
                let sums: Vec<_> = runs.iter().map(sums_of).collect();
                let [Some(one), Some(first), Some(second)] = sums.as_slice() else {
                    return false;
                };
                let currencies: BTreeSet<_> = first.keys().chain(second.keys()).collect();
                let of = |sums: &BTreeMap<Currency, i128>, currency| {
                    sums.get(currency).copied().unwrap_or(0)
                };
                let mut more = currencies.into_iter().map(|currency| {
                    of(first, currency).saturating_add(of(second, currency)) > of(one, currency)
                });
                a >= 0 && b >= 0 && a.saturating_add(b) == whole && more.any(|more| more)
            }
            // This one did not fail; the others are not tried on cases.
            Question::NeverFails | Question::Reachable | Question::Tables => false,
        }
    }

    /// A share of a fact, as the kernel makes it.
    fn share(&self, of: &Base, basis_points: i64, case: &Tried) -> Option<(Currency, i128)> {
        let base = case.case.facts.money(of.slot)?;
        let rounding = self.side.world.compiled.guardrails().rounding;
        let share = base.basis_points(basis_points, rounding).ok()?;
        Some((share.currency(), share.minor().max(0).into()))
    }

    /// A limit for each of the persons that a case is about, as the kernel makes it; `None`
    /// where it would wait for a fact.
    fn limit(&self, limit: &Limit, case: &Tried) -> Option<(Currency, i128)> {
        let (currency, one) = match limit {
            Limit::Fixed(money) => (money.currency(), money.minor().into()),
            Limit::Share {
                basis_points,
                of,
                at_most,
            } => {
                let (currency, share) = self.share(of, *basis_points, case)?;
                let most = at_most.map_or(i128::MAX, |most: Money| most.minor().into());
                (currency, share.min(most))
            }
        };
        let persons = match &self.side.world.compiled.guardrails().facts.persons {
            Some(base) => world::number(case.case.facts.get(base.slot))?.max(1),
            None => 1,
        };
        Some((currency, one.saturating_mul(persons)))
    }

    pub(super) fn refuted(
        &self,
        question: &Question,
        variants: Vec<Facts>,
        solver: &impl Solver,
    ) -> Answer {
        let still = |variants: &[Facts]| self.violates(question, variants);
        let variants = self.smaller(variants, &apart(question), still);
        let world = &self.side.world;
        let cases = variants.iter().filter_map(|facts| world.case(facts));
        let region = match question {
            Question::Monotone(slot, direction) => self.region(*slot, *direction, solver),
            _ => None,
        };
        Answer::Refuted(Counterexample {
            gives: cases
                .map(|case| in_words(&world.run(&case), &self.side))
                .collect(),
            cases: self.shown(&variants),
            region,
        })
    }

    pub(super) fn shown(&self, variants: &[Facts]) -> Vec<serde_json::Value> {
        let schema = self.side.world.schema();
        let cases = variants.iter();
        cases.map(|facts| world::case_json(schema, facts)).collect()
    }

    pub(super) fn not_replayed(&self, variants: &[Facts], loose: bool) -> Answer {
        if loose {
            return Answer::Unknown {
                code: "loose",
                why: "a question about a text has no formula, and the case found is none".into(),
            };
        }
        Answer::Bug {
            what: "the solver's case does not show it in the engines".into(),
            cases: self.shown(variants),
        }
    }
}

/// What a proposal grants.
fn remedies(proposal: &Proposal) -> &[Remedy] {
    match &proposal.verdict {
        Verdict::Grant(remedies) => remedies,
        Verdict::Refuse(_) | Verdict::Hold(_) => &[],
    }
}

/// What counted remedies come to in a currency, at face value.
fn face(proposal: &Proposal, currency: Currency, counts: impl Fn(&Remedy) -> bool) -> i128 {
    let counted = remedies(proposal).iter().filter(|remedy| counts(remedy));
    let sums = counted.filter_map(|remedy| match &remedy.amount {
        Amount::Money(money) if money.currency() == currency => Some(i128::from(money.minor())),
        _ => None,
    });
    sums.fold(0, i128::saturating_add)
}

fn is_above(
    proposal: &Proposal,
    (currency, most): (Currency, i128),
    counts: impl Fn(&Remedy) -> bool,
) -> bool {
    let sum = face(proposal, currency, counts);
    sum > 0 && sum > most
}

/// Whether a cap on this ground counts a remedy.
fn is_counted(basis: Option<BasisKind>) -> impl Fn(&Remedy) -> bool {
    move |remedy| match (&remedy.basis, basis) {
        (Basis::Statutory(_), _) => false,
        (_, None) => true,
        (Basis::Goodwill, Some(basis)) => basis == BasisKind::Goodwill,
        (Basis::Contractual(_), Some(basis)) => basis == BasisKind::Contractual,
    }
}

fn sums_of(run: &Run) -> Option<BTreeMap<Currency, i128>> {
    run.as_ref().ok().and_then(world::totals)
}

/// Whether one of several runs gives less than another in some currency.
fn gives_less(runs: &[Run], first: usize, second: usize) -> bool {
    let sums = |at: usize| runs.get(at).and_then(sums_of);
    match (sums(first), sums(second)) {
        (Some(first), Some(second)) => any_less(&first, &second),
        _ => false,
    }
}

/// Whether the first sums are below the second in some currency.
pub(super) fn any_less(
    first: &BTreeMap<Currency, i128>,
    second: &BTreeMap<Currency, i128>,
) -> bool {
    let of = |sums: &BTreeMap<Currency, i128>, currency| sums.get(currency).copied().unwrap_or(0);
    let mut currencies = first.keys().chain(second.keys());
    currencies.any(|currency| of(first, currency) < of(second, currency))
}

/// What a run gives, in words.
pub(super) fn in_words(run: &Run, side: &Side) -> String {
    match run {
        Err(fault) => fault.to_string(),
        Ok(proposal) => match &proposal.verdict {
            Verdict::Refuse(_) => "nothing".into(),
            Verdict::Hold(Hold::UnknownFact(slot)) => {
                let fact = side.world.schema().fact(*slot);
                format!(
                    "waits for {}",
                    fact.map_or("a fact", |fact| fact.name.as_str())
                )
            }
            Verdict::Hold(_) => "waits".into(),
            Verdict::Grant(remedies) => {
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
