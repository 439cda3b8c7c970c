//! Which accounts a case touches: one for each limit of its release, with its subjects.

mod subject;

use redress_kernel::guardrails::{BasisKind, Guardrails, Scope, Warning, WarningRule};
use redress_kernel::limits::{Bound, Window};
use redress_model::{ActorId, Case, ClaimantId, Code, Currency, Digest, EventId, Money, Value};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

pub use self::subject::{NoSubject, subject};
use crate::command::Matter;
use crate::rows::Ground;

/// A limit as one case touches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitRef {
    /// Its name in the guardrails.
    pub name: Code,
    /// The account that keeps it.
    pub account: SmolStr,
    /// Whose sums the case adds to; none if it is outside of the limit, `None` if the case
    /// does not say whose.
    pub subjects: Option<Vec<SmolStr>>,
    /// Which grounds it counts.
    pub counts: Vec<Ground>,
    /// The most, in minor units.
    pub limit_minor: i64,
    /// Its currency.
    pub currency: Currency,
    /// The most bookings.
    pub times: Option<u32>,
    /// The window in days; none for a budget.
    pub window_days: Option<u32>,
}

impl LimitRef {
    /// What the kernel's arithmetic holds a booking against.
    #[must_use]
    pub const fn bound(&self) -> Bound {
        Bound::AtMost {
            minor: self.limit_minor,
            times: self.times,
        }
    }

    /// Over which buckets it adds up.
    #[must_use]
    pub const fn window(&self) -> Window {
        window(self.window_days)
    }

    /// The limit as a sum.
    #[must_use]
    pub const fn limit(&self) -> Money {
        Money::new(self.limit_minor, self.currency)
    }
}

/// The window of so many days, or without an end.
#[must_use]
pub const fn window(days: Option<u32>) -> Window {
    match days {
        Some(days) => Window::Buckets(days),
        None => Window::Ever,
    }
}

/// Every limit that a case touches when this actor decides it: the caps, then the budgets.
#[must_use]
pub fn limits(matter: &Matter, actor: &ActorId) -> Vec<LimitRef> {
    let guardrails = &matter.guardrails;
    let envelope = &guardrails.envelope;
    let caps = envelope.caps.iter().map(|cap| LimitRef {
        name: cap.name.clone(),
        account: account(guardrails, &cap.name, cap.limit.currency()),
        subjects: subjects(cap.per, matter, actor),
        counts: counts(cap.basis),
        limit_minor: cap.limit.minor(),
        currency: cap.limit.currency(),
        times: cap.times,
        window_days: Some(cap.window_days),
    });
    let budgets = envelope.budgets.iter().map(|budget| LimitRef {
        name: budget.name.clone(),
        account: account(guardrails, &budget.name, budget.limit.currency()),
        subjects: subjects(budget.per, matter, actor),
        counts: counts(budget.basis),
        limit_minor: budget.limit.minor(),
        currency: budget.limit.currency(),
        times: None,
        window_days: None,
    });
    caps.chain(budgets).collect()
}

/// The account that lawful sums of a policy are booked to; nothing bounds it.
#[must_use]
pub fn statutory_account(policy: &str, currency: Currency) -> SmolStr {
    format_smolstr!("{policy}:statutory:{currency}")
}

/// The subject of an account that is nobody's in particular.
pub const EVERYONE: SmolStr = SmolStr::new_static("everyone");

/// One account of a warning counter: its name and whose cases it counts; none when the case
/// lacks a fact that must be equal.
#[must_use]
pub fn counter(
    guardrails: &Guardrails,
    rule: &WarningRule,
    case: &Case,
) -> Option<(SmolStr, SmolStr)> {
    let account = format_smolstr!("{}:warning:{}", guardrails.release.name, rule.name);
    let mut equal = Vec::new();
    for slot in &rule.by {
        let value = case.facts.get(*slot)?;
        write_value(&mut equal, value);
    }
    // Facts may say something about a person, so only their digest is kept.
    let facts = if rule.by.is_empty() {
        SmolStr::default()
    } else {
        format_smolstr!(":{}", Digest::of(&equal))
    };
    let subject = match rule.fills {
        Warning::Repeats => {
            format_smolstr!("{}{facts}", customer(&case.envelope.claimant.id))
        }
        Warning::LikeCases | Warning::Burst | Warning::HotReason => {
            format_smolstr!("{EVERYONE}{facts}")
        }
    };
    Some((account, subject))
}

/// The account of a warning rule that counts how often a reason came first.
#[must_use]
pub fn reason_counter(
    guardrails: &Guardrails,
    rule: &WarningRule,
    reason: &Code,
) -> (SmolStr, SmolStr) {
    let account = format_smolstr!("{}:warning:{}", guardrails.release.name, rule.name);
    (account, format_smolstr!("reason:{reason}"))
}

/// The subject that stands for a customer.
#[must_use]
pub fn customer(id: &ClaimantId) -> SmolStr {
    format_smolstr!("customer:{id}")
}

/// The subject that stands for an event.
#[must_use]
pub fn event(id: &EventId) -> SmolStr {
    format_smolstr!("event:{id}")
}

/// The subject that stands for an agent.
#[must_use]
pub fn agent(id: &ActorId) -> SmolStr {
    format_smolstr!("agent:{id}")
}

fn account(guardrails: &Guardrails, name: &Code, currency: Currency) -> SmolStr {
    format_smolstr!("{}:{name}:{currency}", guardrails.release.name)
}

fn counts(basis: Option<BasisKind>) -> Vec<Ground> {
    match basis {
        None => vec![Ground::Contractual, Ground::Goodwill],
        Some(BasisKind::Goodwill) => vec![Ground::Goodwill],
        Some(BasisKind::Contractual) => vec![Ground::Contractual],
    }
}

/// Whose sums a limit adds up for this case; `None` if the case does not say.
fn subjects(scope: Scope, matter: &Matter, actor: &ActorId) -> Option<Vec<SmolStr>> {
    let envelope = &matter.case.envelope;
    let claimant = &envelope.claimant.id;
    let one = |subject| Some(vec![subject]);
    match scope {
        Scope::Event => one(event(&envelope.event)),
        Scope::Customer => one(customer(claimant)),
        Scope::Agent => one(agent(actor)),
        Scope::AgentCustomer => one(format_smolstr!("{}>{}", agent(actor), customer(claimant))),
        Scope::Everyone => one(EVERYONE),
        Scope::Team => one(format_smolstr!("team:{}", matter.team.as_ref()?)),
        Scope::Campaign => {
            let campaign = matter.campaign.iter();
            Some(
                campaign
                    .map(|own| format_smolstr!("campaign:{own}"))
                    .collect(),
            )
        }
        Scope::Scene => {
            let slot = matter.guardrails.facts.scene?;
            match matter.case.facts.get(slot)? {
                Value::Enum(scene) => one(format_smolstr!("scene:{scene}")),
                _ => None,
            }
        }
        Scope::Linked => {
            let links = envelope.links.iter();
            let mut groups: Vec<SmolStr> = links
                .map(|link| format_smolstr!("linked:{}:{}", link.kind, link.id))
                .collect();
            groups.sort();
            groups.dedup();
            Some(groups)
        }
    }
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    let text = match value {
        Value::Bool(value) => format_smolstr!("b{value}"),
        Value::Int(value) => format_smolstr!("i{value}"),
        Value::Enum(value) => format_smolstr!("e{value}"),
        Value::Date(value) => format_smolstr!("d{value}"),
        Value::DateTime(value) => format_smolstr!("t{value}"),
        Value::Money(value) => format_smolstr!("m{value}"),
        Value::Text(value) => format_smolstr!("s{value}"),
        Value::List(items) => {
            out.extend(items.len().to_le_bytes());
            items.iter().for_each(|item| write_value(out, item));
            return;
        }
    };
    out.extend(text.len().to_le_bytes());
    out.extend(text.bytes());
}
