//! What an escalation asks of people: who signs, and who comes next when it is overdue.

use redress_kernel::guardrails::{Guardrails, Signature};
use redress_kernel::{Decision, Escalation};
use redress_model::{Code, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// So many people of a role, and which roles may sign for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The role.
    pub role: Code,
    /// How many different people.
    pub count: u32,
    /// The roles whose people may sign: the role itself, and those above where no named
    /// chain asks for exactly this one.
    pub holders: Vec<Code>,
}

/// A rung of the ladder: who owns it next, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// The owner.
    pub owner: Code,
    /// Its deadline, counted from the one before, so that it does not matter when the
    /// sweep comes by.
    pub due_at: Timestamp,
}

/// Who must sign an escalation.
#[must_use]
pub fn wanted(escalation: &Escalation, guardrails: &Guardrails) -> Vec<Wanted> {
    let holders = |signature: &Signature| {
        let exactly = escalation.chain.is_some();
        let roles = guardrails.roles.iter();
        let own = roles.filter(|role| {
            role.name == signature.role
                || (!exactly && guardrails.holds(&role.name, &signature.role))
        });
        own.map(|role| role.name.clone()).collect()
    };
    let signatures = escalation.signatures.iter();
    signatures
        .map(|signature| Wanted {
            role: signature.role.clone(),
            count: signature.count,
            holders: holders(signature),
        })
        .collect()
}

/// The rungs above an escalation, each with its deadline.
#[must_use]
pub fn ladder(escalation: &Escalation, decision: &Decision, guardrails: &Guardrails) -> Vec<Rung> {
    let owns = guardrails
        .roles
        .iter()
        .find(|role| role.owner == escalation.owner);
    let base = owns.map_or_else(
        || {
            let authority = decision.authority();
            authority.required.as_ref().unwrap_or(&authority.held)
        },
        |role| &role.name,
    );
    let mut due = escalation.deadline.map(|due| due.at);
    let mut rungs = Vec::new();
    for role in guardrails.roles_above(base) {
        let next = due.and_then(|due| guardrails.calendar.due(due, role.within));
        let Some(next) = next else {
            break;
        };
        due = Some(next.at);
        rungs.push(Rung {
            owner: role.owner.clone(),
            due_at: next.at,
        });
    }
    rungs
}

/// A list as it is kept in a column.
pub(crate) fn to_text<T: Serialize>(list: &[T]) -> SmolStr {
    // Plain values write themselves into memory without an error.
    serde_json::to_string(list).unwrap_or_default().into()
}

/// A list from a column; nothing if it does not read back.
#[must_use]
pub fn from_text<T: for<'de> Deserialize<'de>>(text: &str) -> Option<Vec<T>> {
    serde_json::from_str(text).ok()
}
