//! The order of enforcement, from a proposal to a decision.

use redress_model::{
    Actor, Assurance, Case, Code, Fault, FaultCode, Hold, Proposal, Remedy, Slot, Standing,
    Timestamp, Verdict,
};

use crate::codes;
use crate::decision::Decision;
use crate::guardrails::Guardrails;
use crate::steps::fairness::Compares;
use crate::steps::{self, Draft};

/// The version of the kernel's rules. A change that can move a decision raises it.
pub const SEMANTICS_VERSION: u32 = 1;

/// What a decision rests on, besides the proposal.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) case: &'a Case,
    pub(crate) guardrails: &'a Guardrails,
    pub(crate) standing: &'a Standing,
    pub(crate) actor: &'a Actor,
    pub(crate) as_of: Timestamp,
}

/// Why nothing of the proposal can be enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    /// A person decides, for this reason of the engine; nothing is paid.
    Escalate(&'static Code),
    /// This fact is missing.
    UnknownFact(Slot),
}

impl From<redress_model::MoneyError> for Halt {
    fn from(_: redress_model::MoneyError) -> Self {
        // Currencies are compared before sums are built, so only size is left.
        Self::Escalate(&codes::AMOUNT_OVERFLOW)
    }
}

/// Holds a proposal against the guardrails and the standing.
///
/// `proposal` is what the sandbox returned; a fault escalates. `as_of` is the moment of
/// the decision, given by the ledger.
///
/// Never fails: whatever is wrong ends in a decision of its own, with a reason code and
/// without a payment.
#[must_use]
pub fn decide(
    case: &Case,
    proposal: Result<Proposal, Fault>,
    guardrails: &Guardrails,
    standing: &Standing,
    actor: &Actor,
    as_of: Timestamp,
) -> Decision {
    let inputs = Inputs {
        case,
        guardrails,
        standing,
        actor,
        as_of,
    };
    let mut draft = Draft::new(inputs);
    match proposal {
        _ if case.facts.schema() != guardrails.schema => {
            draft.halt(Halt::Escalate(&codes::SCHEMA_MISMATCH));
        }
        Ok(Proposal {
            verdict,
            tier,
            route,
        }) => {
            enforce(inputs, &mut draft, verdict, tier);
            draft.deadline_of(&route);
            draft.route(route);
        }
        Err(fault) => draft.halt(Halt::Escalate(fault_reason(fault.code()))),
    }
    // A safety fact overrides all of it, even a failing policy.
    steps::safety::override_all(inputs, &mut draft);
    draft.finish()
}

/// Whether a person may give this by their own word, outside of what a policy proposes: what
/// they promise, or approve in the place of a decision.
///
/// The kind and the claim must be in the release, a claim is held to its highest sum, and what
/// is discretionary to the person's limit of authority; what a chain signs or somebody looks at
/// a second time is nobody's to give alone. Caps and budgets are not looked at.
///
/// # Errors
/// The reason for which it would escalate.
pub fn may_give(
    case: &Case,
    remedy: Remedy,
    guardrails: &Guardrails,
    actor: &Actor,
    as_of: Timestamp,
) -> Result<(), Code> {
    let inputs = Inputs {
        case,
        guardrails,
        standing: &Standing::fresh(),
        actor,
        as_of,
    };
    if case.facts.schema() != guardrails.schema {
        return Err(codes::SCHEMA_MISMATCH.clone());
    }
    let mut draft = Draft::new(inputs);
    match by_hand(inputs, &mut draft, remedy) {
        Err(Halt::Escalate(code)) => Err(code.clone()),
        Err(Halt::UnknownFact(_)) => Err(codes::UNKNOWN_FACT.clone()),
        Ok(()) => draft.undisputed(),
    }
}

/// The steps that hold for what no policy proposed.
fn by_hand<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>, remedy: Remedy) -> Result<(), Halt> {
    steps::shape::check(inputs, draft, vec![remedy], None)?;
    steps::basis::ceilings(inputs, draft)?;
    steps::authority::limits(inputs, draft)?;
    steps::authority::chains(inputs, draft)
}

/// Runs the steps that a verdict calls for.
fn enforce<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>, verdict: Verdict, tier: Option<Code>) {
    let result = match verdict {
        Verdict::Hold(Hold::UnknownFact(slot)) => Err(Halt::UnknownFact(slot)),
        Verdict::Hold(Hold::Asked(reason)) => {
            steps::stage::hold_asked(inputs, draft, reason);
            return;
        }
        Verdict::Refuse(reasons) => {
            draft.policy_says(reasons);
            // Floors may be owed all the same.
            entitlement(inputs, draft, Vec::new(), None)
        }
        Verdict::Grant(remedies) => entitlement(inputs, draft, remedies, tier),
    };
    if let Err(halt) = result {
        draft.items.clear();
        draft.halt(halt);
    }
    // 11. No offer before the demand and the facts are on record.
    steps::stage::precondition(inputs, draft);
}

/// Steps 1 to 10 on the event's whole entitlement.
///
/// A halt in what is discretionary leaves the law standing: it takes the discretionary
/// part away and the rest goes on.
fn entitlement<'a>(
    inputs: Inputs<'a>,
    draft: &mut Draft<'a>,
    remedies: Vec<Remedy>,
    tier: Option<Code>,
) -> Result<(), Halt> {
    // 1. Shape.
    steps::shape::check(inputs, draft, remedies, tier)?;
    // 2. Basis: what may be called law or contract, and the least that the law gives.
    steps::basis::enforce(inputs, draft)?;
    // 3. Kinds: locale, scene, taboos, consent, the customer's choice.
    steps::kinds::enforce(inputs, draft)?;
    if let Err(halt) = discretion(inputs, draft) {
        draft.drop_discretionary();
        draft.halt(halt);
    }
    steps::authority::chains(inputs, draft)?;
    // 10. One event, one remedy.
    steps::one_remedy::enforce(inputs, draft)
}

/// Steps 4 to 9, on goodwill and contractual sums.
fn discretion<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    // What the release gives on the facts is the norm, before anything moves it.
    steps::fairness::tariff(inputs, draft)?;
    // Goodwill may be off for this claimant, or reduced after a false alarm; such a sum is
    // compared with nobody's.
    steps::safety::goodwill(inputs, draft)?;
    let compares = steps::fairness::experiment(inputs, draft)?;
    // 4. Corridor round the tariff.
    steps::corridor::enforce(inputs, draft)?;
    // 5. Linked parity and 6. a fortiori, on the event's sum before any cap.
    if compares == Compares::Yes {
        steps::fairness::compare(inputs, draft)?;
    }
    // 7. Envelope. 8. Departures leave 4 to 6 with a reason and a higher approver; an
    // offer above the corridor without one escalates and shows its exposure.
    steps::envelope::enforce(inputs, draft)?;
    // 9. Authority, on the event's total.
    steps::authority::limits(inputs, draft)
}

const fn fault_reason(code: FaultCode) -> &'static Code {
    match code {
        FaultCode::BudgetExceeded => &codes::POLICY_BUDGET_EXCEEDED,
        FaultCode::Failed => &codes::POLICY_FAILED,
        FaultCode::BadAnswer => &codes::POLICY_ANSWER_INVALID,
        FaultCode::Host => &codes::POLICY_NOT_RUN,
    }
}

impl<'a> Inputs<'a> {
    /// The name of a fact, for reasons.
    pub(crate) fn fact_name(&self, slot: Slot) -> Option<&'a Code> {
        self.guardrails.unknown_fact.names.get(slot.index())
    }

    /// Whether the host vouches for the actor.
    pub(crate) fn is_authenticated(&self) -> bool {
        self.actor.assurance == Assurance::Authenticated
    }
}
