//! What bears on a case: every sum added up over what counts.

use redress_kernel::guardrails::Warning;
use redress_ledger::Matter;
use redress_ledger::accounts::{LimitRef, counter};
use redress_model::standing::Sum;
use redress_model::{Money, Paid, Standing, Sums, Timestamp, Warnings};
use smol_str::SmolStr;

use super::State;
use super::rows::Use;

const DAY: i64 = 86_400;

/// Whether a moment lies in a window of so many days that ends today.
pub(super) fn within(at: Timestamp, now: Timestamp, days: Option<u32>) -> bool {
    days.is_none_or(|days| {
        let (day, today) = (at.seconds().div_euclid(DAY), now.seconds().div_euclid(DAY));
        day > today - i64::from(days)
    })
}

impl State {
    /// What is used of a limit, in minor units and in bookings: not by some entries, and by
    /// some uses that are not there yet.
    pub(super) fn used(
        &self,
        account: &SmolStr,
        subject: &SmolStr,
        days: Option<u32>,
        but: &[u64],
        also: &[Use],
    ) -> (i64, i64) {
        let there = self.uses.of(account, subject).iter();
        let there = there.filter(|own| own.entry.is_none_or(|entry| !but.contains(&entry)));
        let also = also.iter();
        let also = also.filter(|own| own.account == *account && own.subject == *subject);
        let own = there.chain(also);
        let own = own.filter(|own| within(own.at, self.now(), days));
        own.fold((0, 0), |(minor, times), own| (minor + own.minor, times + 1))
    }

    /// The standing, if `unpaid` were not paid and `unused` used nothing.
    pub(super) fn standing(
        &self,
        matter: &Matter,
        limits: &[LimitRef],
        unpaid: &[u64],
        unused: &[u64],
    ) -> Standing {
        let event = &matter.case.envelope.event;
        let live = self.entries.iter().filter(|entry| {
            entry.event == *event && entry.state.counts() && !unpaid.contains(&entry.id)
        });
        let paid = live.map(|entry| Paid {
            beneficiary: entry.claimant.clone(),
            head: entry.head.clone(),
            amount: Money::new(entry.worth_minor, entry.currency),
        });
        let (mut rolling, mut budgets, mut outside) = (Vec::new(), Vec::new(), Vec::new());
        for limit in limits {
            let Some(subjects) = &limit.subjects else {
                continue;
            };
            if subjects.is_empty() {
                outside.push(limit.name.clone());
                continue;
            }
            let used = subjects.iter().map(|subject| {
                let (minor, times) =
                    self.used(&limit.account, subject, limit.window_days, unused, &[]);
                if limit.times.is_some_and(|most| times >= i64::from(most)) {
                    minor.max(limit.limit_minor)
                } else {
                    minor
                }
            });
            let used = used.max().unwrap_or(0).max(0);
            let (list, minor) = match limit.window_days {
                Some(_) => (&mut rolling, used),
                None => (&mut budgets, limit.limit_minor - used),
            };
            list.push(Sum {
                name: limit.name.clone(),
                amount: Money::new(minor, limit.currency),
            });
        }
        Standing {
            as_of_seq: self.seq,
            paid: paid.collect(),
            rolling: Sums::Known(rolling),
            budgets: Sums::Known(budgets),
            warnings: self.warnings(matter),
            outside,
            fairness: None,
        }
    }

    /// How many other cases a warning rule counts, in order of the rules.
    pub(super) fn counts(&self, matter: &Matter) -> Vec<i64> {
        let case = &matter.case.envelope.id;
        let rules = matter.guardrails.ledger.warnings.iter();
        let count = |rule: &redress_kernel::guardrails::WarningRule| {
            if rule.fills == Warning::HotReason {
                return 0;
            }
            let days = Some(rule.window_days);
            let Some((account, subject)) = counter(&matter.guardrails, rule, &matter.case) else {
                return 0;
            };
            let others =
                self.uses.of(&account, &subject).iter().filter(|own| {
                    own.case.as_ref() != Some(case) && within(own.at, self.now(), days)
                });
            others.map(|own| own.minor).sum()
        };
        rules.map(count).collect()
    }

    fn warnings(&self, matter: &Matter) -> Warnings {
        let mut warnings = Warnings::default();
        let rules = &matter.guardrails.ledger.warnings;
        for (rule, count) in rules.iter().zip(self.counts(matter)) {
            let field = match rule.fills {
                Warning::Repeats => &mut warnings.repeats,
                Warning::LikeCases => &mut warnings.like_cases,
                Warning::Burst => &mut warnings.burst,
                Warning::HotReason => continue,
            };
            *field = (*field).max(u32::try_from(count).unwrap());
        }
        warnings
    }
}
