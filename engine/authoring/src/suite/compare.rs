//! What a case expects against what was decided. Only keys that the case wrote are compared.

use std::collections::BTreeMap;

use redress_kernel::{Adjusted, Adjustment, Decision, Due, GrantedRemedy, Payable};
use redress_model::{Amount, Code, Currency, Timestamp};
use redress_release::cases::Expect;
use redress_release::{ExpectedAdjustment, ExpectedRemedy, ExpectedSum};
use serde::Serialize;

use crate::sum::Sum;

/// A key of `[expect]` that the decision does not meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The key, such as `remedies[1].amount`.
    pub key: String,
    /// What the case expects.
    pub expected: String,
    /// What was decided.
    pub found: String,
}

/// Every key that the decision does not meet, in the order of the case file's keys.
#[must_use]
pub fn compare(expect: &Expect, decision: &Decision) -> Vec<Difference> {
    let mut differences = Differences(Vec::new());
    let outcome = expect.outcome.map(|outcome| outcome.name());
    differences.text("outcome", outcome, decision.outcome().name());
    let remedies = decision.remedies();
    differences.sum("total", expect.total, remedies, |_| true);
    for (key, expected) in [
        ("statutory", expect.statutory),
        ("contractual", expect.contractual),
        ("goodwill", expect.goodwill),
    ] {
        differences.sum(key, expected, remedies, |remedy| remedy.basis.name() == key);
    }
    if let Some(expected) = &expect.remedies {
        differences.remedies(expected, remedies);
    }
    let reasons = decision.reasons().map(|reason| &reason.code);
    differences.codes("reasons", expect.reasons.as_deref(), reasons);
    if let Some(expected) = &expect.adjustments {
        differences.adjustments(expected, decision.adjustments());
    }
    let required = decision.authority().required.as_ref();
    differences.code("authority", expect.authority.as_ref(), required);
    differences.code("owner", expect.owner.as_ref(), decision.owner());
    differences.code("queue", expect.queue.as_ref(), decision.queue());
    let priority = decision.priority().map(|number| number.to_string());
    let expected = expect.priority.map(|number| number.to_string());
    differences.text(
        "priority",
        expected.as_deref(),
        priority.as_deref().unwrap_or(NOTHING),
    );
    differences.deadline(expect.deadline, decision.deadline());
    let hold = decision.hold();
    let missing = hold.map(|hold| &hold.missing);
    differences.code("missing", expect.missing.as_ref(), missing);
    let frozen = hold.map(|hold| hold.frozen.as_slice()).unwrap_or_default();
    differences.codes("frozen", expect.frozen.as_deref(), frozen.iter());
    let duties = decision.duties().iter();
    differences.codes("duties", expect.duties.as_deref(), duties);
    let obligations = decision.obligations().iter();
    differences.codes("obligations", expect.obligations.as_deref(), obligations);
    differences.0
}

const NOTHING: &str = "nothing";

struct Differences(Vec<Difference>);

impl Differences {
    fn text(&mut self, key: &str, expected: Option<&str>, found: &str) {
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            self.0.push(Difference {
                key: key.to_owned(),
                expected: expected.to_owned(),
                found: found.to_owned(),
            });
        }
    }

    fn code(&mut self, key: &str, expected: Option<&Code>, found: Option<&Code>) {
        let found = found.map_or(NOTHING, Code::as_str);
        self.text(key, expected.map(Code::as_str), found);
    }

    fn codes<'a>(
        &mut self,
        key: &str,
        expected: Option<&[Code]>,
        found: impl Iterator<Item = &'a Code>,
    ) {
        let expected = expected.map(|codes| list(codes.iter()));
        self.text(key, expected.as_deref(), &list(found));
    }

    /// Instants are compared, whatever the offsets they are written with.
    fn deadline(&mut self, expected: Option<Timestamp>, found: Option<&Due>) {
        let Some(expected) = expected else {
            return;
        };
        if found.is_some_and(|due| due.at == expected) {
            return;
        }
        let offset = found.map_or(0, |due| due.offset_seconds);
        let found = found.map(|due| due.at.to_rfc3339(offset));
        let expected = expected.to_rfc3339(offset);
        self.text(
            "deadline",
            Some(&expected),
            found.as_deref().unwrap_or(NOTHING),
        );
    }

    fn sum(
        &mut self,
        key: &str,
        expected: Option<ExpectedSum>,
        remedies: &[GrantedRemedy],
        counts: impl Fn(&GrantedRemedy) -> bool,
    ) {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for remedy in remedies.iter().filter(|remedy| counts(remedy)) {
            if let Amount::Money(money) = &remedy.amount {
                *sums.entry(money.currency()).or_default() += i128::from(money.minor());
            }
        }
        sums.retain(|_, minor| *minor != 0);
        let sum = |(currency, minor): (&Currency, &i128)| {
            let (minor, currency) = (*minor, *currency);
            Sum { minor, currency }.plain()
        };
        let found: Vec<String> = sums.iter().map(sum).collect();
        let found = if found.is_empty() {
            "0".to_owned()
        } else {
            found.join(" and ")
        };
        let expected = expected.map(|expected| match expected {
            ExpectedSum::Money(money) if money.minor() != 0 => money.to_string(),
            ExpectedSum::Money(_) | ExpectedSum::Nothing => "0".to_owned(),
        });
        self.text(key, expected.as_deref(), &found);
    }

    fn remedies(&mut self, expected: &[ExpectedRemedy], found: &[GrantedRemedy]) {
        if expected.len() != found.len() {
            let show = found
                .iter()
                .map(|remedy| format!("{} {}", remedy.kind, amount(&remedy.amount)));
            let found = format!("{} ({})", found.len(), show.collect::<Vec<_>>().join(", "));
            self.text("remedies", Some(&expected.len().to_string()), &found);
            return;
        }
        for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
            let key = |name: &str| format!("remedies[{index}].{name}");
            self.code(&key("kind"), expected.kind.as_ref(), Some(&found.kind));
            let sum = expected.amount.as_ref().map(amount);
            self.text(&key("amount"), sum.as_deref(), &amount(&found.amount));
            self.text(&key("basis"), expected.basis, found.basis.name());
            self.code(&key("claim"), expected.claim.as_ref(), found.basis.claim());
            let expected = expected.payable.map(payable);
            self.text(&key("payable"), expected, payable(found.payable));
        }
    }

    fn adjustments(&mut self, expected: &[ExpectedAdjustment], found: &[Adjustment]) {
        if expected.len() != found.len() {
            let show = found.iter().map(|found| {
                let (from, to) = (side(&found.from), side(&found.to));
                format!("{} {from} to {to}", found.rule.name())
            });
            let found = format!("{} ({})", found.len(), show.collect::<Vec<_>>().join(", "));
            let rules = expected.iter().filter_map(|it| it.rule.as_ref());
            let rules = match rules.map(Code::as_str).collect::<Vec<_>>() {
                rules if rules.is_empty() => String::new(),
                rules => format!(" ({})", rules.join(", ")),
            };
            let expected = format!("{}{rules}", expected.len());
            self.text("adjustments", Some(&expected), &found);
            return;
        }
        for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
            let key = |name: &str| format!("adjustments[{index}].{name}");
            let rule = found.rule.name();
            self.text(&key("rule"), expected.rule.as_ref().map(Code::as_str), rule);
            for (name, expected, found) in [
                ("from", &expected.from, side(&found.from)),
                ("to", &expected.to, side(&found.to)),
            ] {
                let expected = expected.as_deref().filter(|expected| *expected != found);
                self.text(&key(name), expected, &format!("{found} ({rule})"));
            }
        }
    }
}

const fn payable(payable: Payable) -> &'static str {
    match payable {
        Payable::Now => "now",
        Payable::OnApproval => "on_approval",
    }
}

fn amount(amount: &Amount) -> String {
    match amount {
        Amount::Money(money) => money.to_string(),
        Amount::Units { unit, count } => format!("{count} {unit}"),
    }
}

fn side(side: &Adjusted) -> String {
    match side {
        Adjusted::Worth(money) => money.to_string(),
        Adjusted::Kind(kind) => kind.to_string(),
        Adjusted::Basis(basis) => (*basis).to_owned(),
    }
}

fn list<'a>(codes: impl Iterator<Item = &'a Code>) -> String {
    let codes: Vec<&str> = codes.map(Code::as_str).collect();
    format!("[{}]", codes.join(", "))
}
