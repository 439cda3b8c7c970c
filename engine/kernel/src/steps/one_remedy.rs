//! Step 10: per event, beneficiary and head of claim, what is owed is paid once.

use redress_model::{Code, Money};

use super::Draft;
use crate::adjustment::{Evidence, Rule};
use crate::codes;
use crate::decide::{Halt, Inputs};

pub(crate) fn enforce<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    if inputs.standing.paid.is_empty() {
        return Ok(());
    }
    let mut paid: Vec<(Code, Money)> = Vec::new();
    let own = &inputs.case.envelope.claimant.id;
    for row in inputs
        .standing
        .paid
        .iter()
        .filter(|row| row.beneficiary == *own)
    {
        if row.amount.minor() < 0 {
            return Err(Halt::Escalate(&codes::STANDING_INCOMPLETE));
        }
        paid.push((row.head.clone(), row.amount));
    }
    for index in 0..draft.items.len() {
        let Some(item) = draft.items.get(index) else {
            continue;
        };
        let head = item.head();
        subtract(draft, index, &mut paid, &head, Rule::AlreadyPaid)?;
        let Some(item) = draft.items.get(index) else {
            continue;
        };
        if let Some(claim) = item.ground.claim() {
            for head in &claim.nets {
                subtract(draft, index, &mut paid, head, Rule::Netted)?;
            }
        }
    }
    let before = draft.items.len();
    draft.drop_empty();
    if before > 0 && draft.items.is_empty() {
        draft.because(&codes::ALREADY_PAID);
    }
    Ok(())
}

/// Takes what was paid under a head off an item, and off what is left to set off.
fn subtract(
    draft: &mut Draft<'_>,
    index: usize,
    paid: &mut [(Code, Money)],
    head: &Code,
    rule: Rule,
) -> Result<(), Halt> {
    for (own, sum) in paid.iter_mut().filter(|(own, _)| own == head) {
        let Some(item) = draft.items.get_mut(index) else {
            return Ok(());
        };
        let worth = item.worth();
        if sum.currency() != worth.currency() {
            return Err(Halt::Escalate(&codes::UNKNOWN_CURRENCY_LIMIT));
        }
        let set_off = Money::new(worth.minor().min(sum.minor()), worth.currency());
        if set_off.minor() == 0 {
            continue;
        }
        let rest = worth.minus(set_off)?;
        item.set_worth(rest)?;
        *sum = sum.minus(set_off)?;
        draft.worth_moved(rule, worth, rest, Evidence::named(own));
    }
    Ok(())
}
