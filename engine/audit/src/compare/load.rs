//! How many cases a change sends to whom, and by when they are due.

use std::collections::BTreeMap;

use redress_kernel::Decision;
use redress_model::{Code, Date};
use serde::Serialize;

/// Cases a day, before and after.
type Days = BTreeMap<Date, (u64, u64)>;

/// What people are asked to do under two releases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// Escalations by who must sign (or, before anybody does, who owns them), by the day of
    /// the decision.
    approvers: BTreeMap<Code, Days>,
    /// Everything with a deadline by its owner, by the day on which it is due.
    deadlines: BTreeMap<Code, Days>,
    /// Deadlines that are earlier, the same, later.
    moved: (u64, u64, u64),
}

/// What one approver or owner has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoadOf {
    /// The role or the owner.
    pub who: Code,
    /// Cases before and after.
    pub cases: (u64, u64),
    /// Days on which there is a case, before and after.
    pub days: (u64, u64),
    /// Cases on such a day, in hundredths, before and after.
    pub mean_hundredths: (u64, u64),
    /// Cases on the busiest day, before and after.
    pub peak: (u64, u64),
    /// The busiest day after.
    pub peak_day: Option<Date>,
}

fn count(all: &mut BTreeMap<Code, Days>, who: &Code, day: Date, is_old: bool) {
    if !all.contains_key(who) {
        all.insert(who.clone(), Days::new());
    }
    let Some(days) = all.get_mut(who) else { return };
    let counts = days.entry(day).or_default();
    let count = if is_old { &mut counts.0 } else { &mut counts.1 };
    *count += 1;
}

fn merge(all: &mut BTreeMap<Code, Days>, other: BTreeMap<Code, Days>) {
    for (who, days) in other {
        let own = all.entry(who).or_default();
        for (day, (old, new)) in days {
            let counts = own.entry(day).or_default();
            counts.0 += old;
            counts.1 += new;
        }
    }
}

impl Load {
    pub(super) fn add(&mut self, old: &Decision, new: &Decision) {
        for (decision, is_old) in [(old, true), (new, false)] {
            let Some(day) = decision.as_of().date_at(0) else {
                continue;
            };
            for escalation in decision.escalations() {
                match escalation.signatures.as_slice() {
                    [] => count(&mut self.approvers, &escalation.owner, day, is_old),
                    signatures => {
                        for signature in signatures {
                            count(&mut self.approvers, &signature.role, day, is_old);
                        }
                    }
                }
            }
            let due = decision
                .deadline()
                .and_then(|due| due.at.date_at(due.offset_seconds));
            if let (Some(due), Some(owner)) = (due, decision.owner()) {
                count(&mut self.deadlines, owner, due, is_old);
            }
        }
        if let (Some(old), Some(new)) = (old.deadline(), new.deadline()) {
            *match new.at.cmp(&old.at) {
                std::cmp::Ordering::Less => &mut self.moved.0,
                std::cmp::Ordering::Equal => &mut self.moved.1,
                std::cmp::Ordering::Greater => &mut self.moved.2,
            } += 1;
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        merge(&mut self.approvers, other.approvers);
        merge(&mut self.deadlines, other.deadlines);
        self.moved.0 += other.moved.0;
        self.moved.1 += other.moved.1;
        self.moved.2 += other.moved.2;
    }

    /// What each approver is asked to decide.
    #[must_use]
    pub fn approvers(&self) -> Vec<LoadOf> {
        summary(&self.approvers)
    }

    /// What falls due at each owner.
    #[must_use]
    pub fn deadlines(&self) -> Vec<LoadOf> {
        summary(&self.deadlines)
    }

    /// Deadlines that are earlier, the same and later than before.
    #[must_use]
    pub const fn moved(&self) -> (u64, u64, u64) {
        self.moved
    }
}

fn summary(all: &BTreeMap<Code, Days>) -> Vec<LoadOf> {
    let of = |(who, days): (&Code, &Days)| {
        let side = |get: fn(&(u64, u64)) -> u64| {
            let counts = || days.values().map(get);
            let (cases, busy) = (counts().sum::<u64>(), counts().filter(|n| *n > 0).count());
            let busy = u64::try_from(busy).unwrap_or(u64::MAX);
            let mean = cases
                .saturating_mul(100)
                .checked_div(busy)
                .unwrap_or_default();
            (cases, busy, mean, counts().max().unwrap_or_default())
        };
        let (old, new) = (side(|counts| counts.0), side(|counts| counts.1));
        let peak_day = days
            .iter()
            .find(|(_, counts)| new.3 > 0 && counts.1 == new.3);
        LoadOf {
            who: who.clone(),
            cases: (old.0, new.0),
            days: (old.1, new.1),
            mean_hundredths: (old.2, new.2),
            peak: (old.3, new.3),
            peak_day: peak_day.map(|(day, _)| *day),
        }
    };
    all.iter().map(of).collect()
}
