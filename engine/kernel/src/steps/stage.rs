//! Step 11 and every other wait: what is missing, who gets it, until when.

use redress_model::{Code, Reason, Slot, Stage};

use super::Draft;

use crate::calendar::Span;
use crate::codes;
use crate::decide::Inputs;
use crate::decision::{HoldState, Review};
use crate::guardrails::Condition;

/// No offer before the demand and the facts are on record. A company that acts on its
/// own for a whole class waits for neither.
pub(crate) fn precondition<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) {
    let stage = inputs.case.envelope.stage;
    let missing = match stage {
        Stage::Received => Code::engine("demand"),
        Stage::DemandRecorded => Code::engine("facts"),
        Stage::FactsRecorded | Stage::Proactive => return,
    };
    draft.items.clear();
    draft.needs.clear();
    draft.adjustments.clear();
    draft.required = None;
    draft.because(&codes::STAGE_NOT_READY);
    let rules = &inputs.guardrails.preconditions;
    draft.hold = Some(
        match rules.iter().find(|rule| rule.stages.contains(&stage)) {
            Some(rule) => state(
                inputs,
                &rule.missing,
                &rule.owner,
                rule.within,
                &rule.freezes,
            ),
            None => by_default(inputs, &missing),
        },
    );
}

/// A hold that the policy asked for.
pub(crate) fn hold_asked<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>, reason: Reason) {
    let rule = inputs
        .guardrails
        .holds
        .iter()
        .find(|rule| rule.code == reason.code);
    draft.hold = Some(match rule {
        Some(rule) => state(
            inputs,
            &rule.missing,
            &rule.owner,
            rule.within,
            &rule.freezes,
        ),
        None => by_default(inputs, &reason.code),
    });
    draft.policy_says(vec![reason]);
}

/// A hold for a fact that the case does not know.
pub(crate) fn hold_unknown<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>, slot: Slot) {
    let name = inputs.fact_name(slot).unwrap_or(&codes::UNKNOWN_FACT);
    draft.because_unknown(name);
    draft.hold = Some(by_default(inputs, name));
}

fn by_default(inputs: Inputs<'_>, missing: &Code) -> HoldState {
    let rule = &inputs.guardrails.unknown_fact;
    state(inputs, missing, &rule.owner, rule.within, &rule.freezes)
}

fn state(
    inputs: Inputs<'_>,
    missing: &Code,
    owner: &Code,
    within: Span,
    freezes: &[Code],
) -> HoldState {
    HoldState {
        missing: missing.clone(),
        owner: owner.clone(),
        until: inputs.guardrails.calendar.due(inputs.as_of, within),
        frozen: freezes.to_vec(),
    }
}

/// A refusal that a person looks at.
pub(crate) fn review<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) {
    let facts = &inputs.case.facts;
    let rules = &inputs.guardrails.reviews;
    if let Some(rule) = rules
        .iter()
        .find(|rule| Condition::all_hold(&rule.when, facts))
    {
        let due = inputs.guardrails.calendar.due(inputs.as_of, rule.within);
        draft.review = Some(Review {
            owner: rule.owner.clone(),
            deadline: draft.earlier(due),
        });
    }
}
