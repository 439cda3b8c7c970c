//! What a backtest adds up, by one thread or by all.
//!
//! Every sum is of integers and every collection that reaches the output is ordered, so
//! tallies merged in any order are equal.

use std::collections::{BTreeMap, HashMap};

use redress_kernel::{Decision, GrantedRemedy, Outcome, Payable, Rule};
use redress_model::{Amount, Basis, Code, Currency, Date};

use crate::history::BadRow;

/// How many bad rows are told one by one.
pub(super) const BAD_ROWS_TOLD: usize = 20;

/// Parts a group's cells within its key; no cell of a sane history holds it.
pub(super) const GROUP_MARK: char = '\u{1f}';

/// Sums in minor units by currency.
pub(super) type Sums = BTreeMap<Currency, i128>;

/// Adds a sum; a total beyond 128 bits cannot be reached by adding 64-bit sums.
fn add(sums: &mut Sums, currency: Currency, minor: i128) {
    let sum = sums.entry(currency).or_default();
    *sum = sum.saturating_add(minor);
}

fn add_all(sums: &mut Sums, other: Sums) {
    for (currency, minor) in other {
        add(sums, currency, minor);
    }
}

/// Cases by a code.
pub(super) type Counts = BTreeMap<Code, u64>;

fn count(counts: &mut Counts, code: &Code) {
    match counts.get_mut(code) {
        Some(cases) => *cases += 1,
        None => {
            counts.insert(code.clone(), 1);
        }
    }
}

fn count_all<K: Ord>(counts: &mut BTreeMap<K, u64>, other: BTreeMap<K, u64>) {
    for (key, cases) in other {
        *counts.entry(key).or_default() += cases;
    }
}

/// What an amount is counted in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    /// Minor units of a currency.
    Money(Currency),
    /// Units such as points.
    Units(Code),
}

/// What was given, apart from how much of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Given {
    /// The law first, then contracts, then goodwill.
    rank: u8,
    pub(super) basis: &'static str,
    /// The provision or clause; goodwill has none.
    pub(super) claim: Option<Code>,
    pub(super) kind: Code,
    pub(super) measure: Measure,
}

impl Given {
    fn is_of(&self, remedy: &GrantedRemedy) -> bool {
        let measured = match (&self.measure, &remedy.amount) {
            (Measure::Money(own), Amount::Money(money)) => *own == money.currency(),
            (Measure::Units(own), Amount::Units { unit, .. }) => own == unit,
            _ => false,
        };
        measured
            && self.claim.as_ref() == remedy.basis.claim()
            && self.basis == remedy.basis.name()
            && self.kind == remedy.kind
    }

    fn of(remedy: &GrantedRemedy) -> Self {
        Self {
            rank: match remedy.basis {
                Basis::Statutory(_) => 0,
                Basis::Contractual(_) => 1,
                Basis::Goodwill => 2,
            },
            basis: remedy.basis.name(),
            claim: remedy.basis.claim().cloned(),
            kind: remedy.kind.clone(),
            measure: match &remedy.amount {
                Amount::Money(money) => Measure::Money(money.currency()),
                Amount::Units { unit, .. } => Measure::Units(unit.clone()),
            },
        }
    }
}

/// Cases, those owed something, and what they are owed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) cases: u64,
    pub(super) owed: u64,
    pub(super) sums: Sums,
}

impl Share {
    fn merge(&mut self, other: Self) {
        self.cases += other.cases;
        self.owed += other.owed;
        add_all(&mut self.sums, other.sums);
    }
}

/// The sums so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Records read, bad ones among them.
    pub(super) read: u64,
    pub(super) bad: u64,
    /// The first of the bad rows.
    pub(super) bad_rows: Vec<BadRow>,
    /// Decided cases of each release, by its place in the policy.
    pub(super) releases: BTreeMap<usize, u64>,
    pub(super) outcomes: BTreeMap<Outcome, u64>,
    /// Cases with a remedy.
    pub(super) owed: u64,
    /// What may be paid at once.
    pub(super) now: Sums,
    /// What waits for an approval.
    pub(super) on_approval: Sums,
    /// How often each amount was given.
    given: Vec<(Given, BTreeMap<i64, u64>)>,
    pub(super) held: Counts,
    pub(super) refused: Counts,
    pub(super) escalated: Counts,
    pub(super) adjusted: BTreeMap<Rule, u64>,
    pub(super) steps: u64,
    /// For each wanted name, in how many cases its cell held something.
    pub(super) known: Vec<u64>,
    /// By months since the year 0.
    pub(super) months: BTreeMap<i32, Share>,
    groups: HashMap<Box<str>, Share>,
}

/// A decided case, with what the decision does not know.
pub(super) struct Decided<'a> {
    pub(super) decision: &'a Decision,
    pub(super) steps: u64,
    /// The release's place in the policy.
    pub(super) release: usize,
    /// Months since the year 0.
    pub(super) month: i32,
    /// The group's cells, parted by [`GROUP_MARK`]; nothing if the history has no groups.
    pub(super) group: &'a str,
}

/// The months since the year 0.
pub(super) fn month_of(date: Date) -> i32 {
    let (year, month, _) = date.ymd();
    i32::from(year) * 12 + i32::from(month) - 1
}

impl Tally {
    /// Nothing counted yet, of rows with so many wanted names.
    pub(super) fn new(wanted: usize) -> Self {
        Self {
            known: vec![0; wanted],
            ..Self::default()
        }
    }

    /// Counts a record that was not decided.
    pub(super) fn bad(&mut self, row: BadRow) {
        self.bad += 1;
        if self.bad_rows.len() < BAD_ROWS_TOLD {
            self.bad_rows.push(row);
        }
    }

    /// Counts a decided case.
    pub(super) fn decided(&mut self, decided: &Decided<'_>) {
        let decision = decided.decision;
        *self.releases.entry(decided.release).or_default() += 1;
        *self.outcomes.entry(decision.outcome()).or_default() += 1;
        self.steps = self.steps.saturating_add(decided.steps);
        self.why(decision);
        let month = self.months.entry(decided.month).or_default();
        month.cases += 1;
        if !decided.group.is_empty() {
            match self.groups.get_mut(decided.group) {
                Some(group) => group.cases += 1,
                None => {
                    let first = Share {
                        cases: 1,
                        ..Share::default()
                    };
                    self.groups.insert(decided.group.into(), first);
                }
            }
        }
        if !decision.remedies().is_empty() {
            self.owed(decided);
        }
    }

    fn owed(&mut self, decided: &Decided<'_>) {
        self.owed += 1;
        let month = self.months.entry(decided.month).or_default();
        let mut group = self.groups.get_mut(decided.group);
        month.owed += 1;
        if let Some(group) = &mut group {
            group.owed += 1;
        }
        for remedy in decided.decision.remedies() {
            if let Some(worth) = remedy.worth {
                let (currency, minor) = (worth.currency(), i128::from(worth.minor()));
                let total = match remedy.payable {
                    Payable::Now => &mut self.now,
                    Payable::OnApproval => &mut self.on_approval,
                };
                add(total, currency, minor);
                add(&mut month.sums, currency, minor);
                if let Some(group) = &mut group {
                    add(&mut group.sums, currency, minor);
                }
            }
            given(&mut self.given, remedy);
        }
    }

    fn why(&mut self, decision: &Decision) {
        if let Some(hold) = decision.hold() {
            count(&mut self.held, &hold.missing);
        }
        if decision.outcome() == Outcome::Refuse {
            for reason in decision.reasons() {
                count(&mut self.refused, &reason.code);
            }
        }
        for escalation in decision.escalations() {
            count(&mut self.escalated, &escalation.reason);
        }
        for adjustment in decision.adjustments() {
            *self.adjusted.entry(adjustment.rule).or_default() += 1;
        }
    }

    /// Adds what another thread counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.read += other.read;
        self.bad += other.bad;
        self.bad_rows.extend(other.bad_rows);
        self.bad_rows.sort_unstable();
        self.bad_rows.truncate(BAD_ROWS_TOLD);
        count_all(&mut self.releases, other.releases);
        count_all(&mut self.outcomes, other.outcomes);
        self.owed += other.owed;
        add_all(&mut self.now, other.now);
        add_all(&mut self.on_approval, other.on_approval);
        for (given, amounts) in other.given {
            match self.given.iter_mut().find(|(own, _)| *own == given) {
                Some((_, own)) => count_all(own, amounts),
                None => self.given.push((given, amounts)),
            }
        }
        count_all(&mut self.held, other.held);
        count_all(&mut self.refused, other.refused);
        count_all(&mut self.escalated, other.escalated);
        count_all(&mut self.adjusted, other.adjusted);
        self.steps = self.steps.saturating_add(other.steps);
        for (own, cases) in self.known.iter_mut().zip(other.known) {
            *own += cases;
        }
        for (month, share) in other.months {
            self.months.entry(month).or_default().merge(share);
        }
        other.groups.into_iter().for_each(|(key, share)| {
            self.groups.entry(key).or_default().merge(share);
        });
    }

    /// What was given and how often each amount, in the order of law, contract, goodwill.
    pub(super) fn given(&self) -> BTreeMap<&Given, &BTreeMap<i64, u64>> {
        self.given
            .iter()
            .map(|(given, amounts)| (given, amounts))
            .collect()
    }

    /// The groups that are owed something, the most expensive in a currency first.
    pub(super) fn most_expensive(&self, currency: Currency) -> Vec<(&str, &Share, i128)> {
        let mut groups: Vec<_> = self
            .groups
            .iter()
            .filter_map(|(key, share)| Some((&**key, share, *share.sums.get(&currency)?)))
            .collect();
        groups.sort_unstable_by(|(left, _, more), (right, _, less)| {
            less.cmp(more).then_with(|| left.cmp(right))
        });
        groups
    }

    /// The currency in which most cases by sum count are owed: that of the chart.
    pub(super) fn main_currency(&self) -> Option<Currency> {
        let mut times: BTreeMap<Currency, u64> = BTreeMap::new();
        for (given, amounts) in &self.given {
            if let Measure::Money(currency) = given.measure {
                *times.entry(currency).or_default() += amounts.values().sum::<u64>();
            }
        }
        let most = times.into_iter().rev().max_by_key(|(_, times)| *times);
        most.map(|(currency, _)| currency)
    }
}

fn given(all: &mut Vec<(Given, BTreeMap<i64, u64>)>, remedy: &GrantedRemedy) {
    let amount = match &remedy.amount {
        Amount::Money(money) => money.minor(),
        Amount::Units { count, .. } => *count,
    };
    match all.iter_mut().find(|(given, _)| given.is_of(remedy)) {
        Some((_, amounts)) => *amounts.entry(amount).or_default() += 1,
        None => all.push((Given::of(remedy), BTreeMap::from([(amount, 1)]))),
    }
}
