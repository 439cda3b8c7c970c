//! How many guardrails touch a case.

use anyhow::{Result, ensure};
use redress::{Guardrails, Money};
use redress_kernel::guardrails::Limit;
use redress_model::{Locale, Proposal};

use crate::{Bench, Input};

impl Bench {
    /// The cases that at least so many guardrails touch, with what the policy proposes.
    ///
    /// A guardrail touches a case when the decision would be another one if the
    /// guardrail let nothing past: so it has been asked, and its answer counts.
    ///
    /// # Errors
    /// When the policy faults, or there is no such case.
    pub fn touched_by(&self, at_least: usize) -> Result<Vec<(&Input, Proposal)>> {
        let closed = closed(self.release.guardrails())?;
        let cases = self.inputs.iter().zip(self.proposals()?);
        let touched: Vec<_> = cases
            .filter(|(input, proposal)| {
                let decision = self.enforce(input, proposal.clone());
                let others = closed
                    .iter()
                    .map(|closed| self.enforce_by(closed, input, proposal.clone()));
                others.filter(|other| *other != decision).count() >= at_least
            })
            .collect();
        ensure!(
            !touched.is_empty(),
            "no case is touched by {at_least} guardrails"
        );
        Ok(touched)
    }
}

/// The guardrails once for each that the workload has: the ceiling of a claim, the kinds,
/// the tier, the multiple of the loss, the rolling cap and the authority matrix, that one
/// closed and the others as they are.
fn closed(guardrails: &Guardrails) -> Result<[Guardrails; 6]> {
    let nothing = |money: Money| Money::zero(money.currency());
    let nowhere = Locale::new("qaa")?;
    let closed = |close: &dyn Fn(&mut Guardrails)| {
        let mut guardrails = guardrails.clone();
        close(&mut guardrails);
        guardrails
    };
    Ok([
        closed(&|guardrails| {
            for claim in &mut guardrails.claims {
                if let Limit::Fixed(most) = &mut claim.max_per_person {
                    *most = nothing(*most);
                }
            }
        }),
        closed(&|guardrails| {
            for kind in &mut guardrails.kinds {
                kind.locales = vec![nowhere.clone()];
            }
        }),
        closed(&|guardrails| {
            for tier in &mut guardrails.tiers {
                tier.to_basis_points = 0;
            }
        }),
        closed(&|guardrails| guardrails.envelope.loss_multiple_basis_points = Some(0)),
        closed(&|guardrails| {
            for cap in &mut guardrails.envelope.caps {
                cap.limit = nothing(cap.limit);
            }
        }),
        closed(&|guardrails| {
            for row in &mut guardrails.authority {
                row.limit = nothing(row.limit);
            }
        }),
    ])
}
