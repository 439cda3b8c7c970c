//! A recorded promise binds, and only towards the person who was promised.

use redress_model::Money;

use super::Bench;
use crate::adjustment::{Evidence, Rule};
use crate::codes;
use crate::decide::Halt;
use crate::steps::Draft;

pub(super) fn keep<'a>(bench: Bench<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    let Some(likeness) = bench.likeness else {
        return Ok(());
    };
    let own = &bench.inputs.case.envelope.claimant.id;
    let currency = bench.fairness.currency();
    let mut promised = Money::zero(currency);
    for promise in &likeness.promises {
        if promise.promisee != *own {
            draft.because(&codes::PROMISE_BINDS_PROMISEE_ONLY);
        } else if promise.amount.currency() == currency && promise.amount.minor() > promised.minor()
        {
            promised = promise.amount;
        }
    }
    let Some(sum) = draft.goodwill(currency)? else {
        return Ok(());
    };
    // Where the policy gives no goodwill at all there is nothing to raise: the promise's own
    // timer pays it.
    if sum.minor() > 0 && promised.minor() > sum.minor() {
        draft.set_goodwill(sum, promised)?;
        let evidence = Evidence {
            tariff: Some(sum),
            ..Evidence::default()
        };
        draft.worth_moved(Rule::Promise, sum, promised, evidence.limit(promised));
    }
    Ok(())
}
