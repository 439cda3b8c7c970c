//! Who must decide, by when: the escalation ladder.

use redress_model::Code;

use super::Draft;
use crate::calendar::Span;
use crate::codes;
use crate::decide::Inputs;
use crate::decision::{ApprovalTerms, Escalation};
use crate::guardrails::{Chain, LadderRung, Role, SafetyRule, SecondLook, Signature};

/// Why a person is needed, the most urgent first.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Need<'a> {
    /// Somebody may be in danger.
    Safety(&'a SafetyRule),
    /// Something is wrong; nothing is paid.
    Fault(&'static Code),
    /// Nobody vouches for the actor.
    Unverified,
    /// A named chain signs.
    Chain(&'a Chain),
    /// A second pair of eyes on a statutory sum.
    SecondLook(&'a SecondLook),
    /// An offer above the corridor.
    AboveCorridor,
    /// A linked case got another rate.
    LinkedParity,
    /// A case that is no worse got more.
    AFortiori,
    /// Beyond the actor's limit.
    OverAuthority,
    /// A rolling cap has nothing left.
    CapSpent,
    /// A budget has nothing left.
    BudgetSpent,
}

impl Need<'_> {
    /// The less, the more urgent.
    pub(crate) const fn urgency(&self) -> u8 {
        match self {
            Self::Safety(_) => 0,
            Self::Fault(_) => 1,
            Self::Unverified => 2,
            Self::Chain(_) => 3,
            Self::SecondLook(_) => 4,
            Self::AboveCorridor => 5,
            Self::LinkedParity => 6,
            Self::AFortiori => 7,
            Self::OverAuthority => 8,
            Self::CapSpent => 9,
            Self::BudgetSpent => 10,
        }
    }

    /// Why a person is called.
    pub(crate) fn reason(&self, draft: &Draft<'_>) -> &'static Code {
        match self {
            Self::Safety(_) => &codes::SAFETY_CONCERN,
            Self::Fault(code) => code,
            Self::Unverified => &codes::ACTOR_UNVERIFIED,
            Self::Chain(_) => &codes::APPROVAL_CHAIN,
            Self::SecondLook(_) => &codes::SECOND_LOOK,
            Self::AboveCorridor => &codes::OFFER_ABOVE_CORRIDOR,
            Self::LinkedParity => &codes::LINKED_RATE_DIFFERS,
            Self::AFortiori => &codes::PRECEDENT_PAYS_MORE,
            Self::OverAuthority if draft.required.is_none() => &codes::NO_AUTHORITY_ROW,
            Self::OverAuthority => &codes::OVER_AUTHORITY,
            Self::CapSpent => &codes::CAP_SPENT,
            Self::BudgetSpent => &codes::BUDGET_SPENT,
        }
    }
}

/// Every escalation of a draft, the most urgent first.
///
/// Who is asked for the same signature by the same time is asked once, for the most
/// urgent reason; the reasons tell the others all the same.
pub(crate) fn escalations(
    inputs: Inputs<'_>,
    draft: &Draft<'_>,
    rung: Option<&LadderRung>,
) -> Vec<Escalation> {
    let mut escalations: Vec<Escalation> = Vec::with_capacity(draft.needs.len());
    for need in &draft.needs {
        let escalation = escalation(inputs, draft, need, rung);
        let mut asked = escalations.iter();
        if !asked.any(|other| other.is_for_same(&escalation)) {
            escalations.push(escalation);
        }
    }
    escalations
}

fn escalation(
    inputs: Inputs<'_>,
    draft: &Draft<'_>,
    need: &Need<'_>,
    rung: Option<&LadderRung>,
) -> Escalation {
    let reason = need.reason(draft).clone();
    match need {
        Need::Safety(rule) => named(inputs, draft, reason, &rule.owner, rule.within),
        Need::Chain(chain) => Escalation {
            chain: Some(chain.name.clone()),
            signatures: chain.signatures.clone(),
            ..named(inputs, draft, reason, &chain.owner, chain.within)
        },
        Need::SecondLook(look) => {
            let role = inputs.guardrails.role(&look.role);
            let owner = role.map_or(&look.role, |role| &role.owner);
            Escalation {
                signatures: vec![Signature {
                    role: look.role.clone(),
                    count: 1,
                }],
                terms: ApprovalTerms::Binding,
                ..named(inputs, draft, reason, owner, look.within)
            }
        }
        Need::Fault(_)
        | Need::Unverified
        | Need::AboveCorridor
        | Need::LinkedParity
        | Need::AFortiori
        | Need::OverAuthority
        | Need::CapSpent
        | Need::BudgetSpent => by_ladder(inputs, draft, reason, rung),
    }
}

/// An escalation whose owner and span the guardrails name.
fn named(
    inputs: Inputs<'_>,
    draft: &Draft<'_>,
    reason: Code,
    owner: &Code,
    within: Span,
) -> Escalation {
    let due = inputs.guardrails.calendar.due(inputs.as_of, within);
    Escalation {
        reason,
        chain: None,
        signatures: Vec::new(),
        owner: owner.clone(),
        deadline: draft.earlier(due),
        terms: ApprovalTerms::Discretionary,
    }
}

/// An escalation up the ladder: the rung for severity and customer value, else the
/// required role, else the role above the actor.
fn by_ladder(
    inputs: Inputs<'_>,
    draft: &Draft<'_>,
    reason: Code,
    rung: Option<&LadderRung>,
) -> Escalation {
    const NOBODY: Code = Code::engine("unassigned");
    let role = draft.required.or_else(|| above(inputs));
    let owner = rung
        .and_then(|rung| rung.owner.clone())
        .or_else(|| role.map(|role| role.owner.clone()))
        .unwrap_or(NOBODY);
    let within = rung
        .map(|rung| rung.within)
        .or_else(|| role.map(|role| role.within));
    let due = within.and_then(|span| inputs.guardrails.calendar.due(inputs.as_of, span));
    let signatures = draft.required.map_or_else(Vec::new, |role| {
        vec![Signature {
            role: role.name.clone(),
            count: 1,
        }]
    });
    Escalation {
        reason,
        chain: None,
        signatures,
        owner,
        deadline: draft.earlier(due),
        terms: ApprovalTerms::Discretionary,
    }
}

/// The first rung that matches severity and customer value.
pub(crate) fn rung<'a>(inputs: Inputs<'a>) -> Option<&'a LadderRung> {
    let facts = &inputs.guardrails.facts;
    let severity = inputs.enum_fact(facts.severity);
    let customer_value = inputs.enum_fact(facts.customer_value);
    inputs.guardrails.ladder.iter().find(|rung| {
        rung.severity.is_none_or(|wanted| severity == Some(wanted))
            && rung
                .customer_value
                .is_none_or(|wanted| customer_value == Some(wanted))
    })
}

/// The lowest role above the actor; at the top, the top.
pub(crate) fn above<'a>(inputs: Inputs<'a>) -> Option<&'a Role> {
    let rank = inputs
        .guardrails
        .role(&inputs.actor.role)
        .map(|role| role.rank);
    let roles = &inputs.guardrails.roles;
    roles
        .iter()
        .find(|role| rank.is_none_or(|rank| role.rank > rank))
        .or_else(|| roles.last())
}
