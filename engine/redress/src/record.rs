//! Decisions on the record: the policy runs outside of the ledger's transaction, the kernel
//! inside it, on the standing of that moment.

use std::sync::Arc;

use redress_ledger::command::{Approval, Decide};
use redress_ledger::{Command, Ledger, Matter, Reply, Request, RequestKey, StoreError};
use redress_model::{Actor, Case, Fault, Proposal, Timestamp, Warnings};

use crate::release::Release;

impl Release {
    /// A case as commands to a ledger carry it, outside of any team, campaign or experiment.
    #[must_use]
    pub fn matter(&self, case: Case) -> Matter {
        Matter {
            case: Arc::new(case),
            guardrails: Arc::new(self.guardrails().clone()),
            team: None,
            campaign: None,
            arm: None,
            personal: None,
        }
    }

    /// What the policy proposes for a case, or why it proposes nothing.
    ///
    /// # Errors
    /// The fault, which a ledger or the kernel turns into an escalation.
    pub fn propose(&self, case: &Case, warnings: &Warnings) -> Result<Proposal, Fault> {
        self.run(case, warnings).proposal
    }

    /// Decides a case on a ledger: what is granted is reserved against every limit at once,
    /// and the same key always gets the same answer.
    ///
    /// # Errors
    /// [`StoreError`] when the ledger fails. Nothing was recorded then, and so nothing is
    /// granted; after `outcome_unknown` the key tells.
    pub fn record(
        &self,
        ledger: &dyn Ledger,
        key: RequestKey,
        matter: Matter,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<Reply, StoreError> {
        let standing = ledger.standing(&matter, actor, at)?;
        let proposal = self.propose(&matter.case, &standing.warnings);
        let decide = Decide {
            matter,
            proposal,
            actor: actor.clone(),
        };
        one(ledger, key, Command::Decide(Box::new(decide)), at)
    }

    /// What an approval of an escalation carries: the case again, and what the policy
    /// proposes for it now.
    ///
    /// # Errors
    /// [`StoreError`] when the ledger fails.
    pub fn approval(
        &self,
        ledger: &dyn Ledger,
        escalation: u64,
        matter: Matter,
        by: &Actor,
        at: Timestamp,
    ) -> Result<Approval, StoreError> {
        let standing = ledger.standing(&matter, by, at)?;
        let proposal = self.propose(&matter.case, &standing.warnings);
        Ok(Approval {
            escalation,
            by: by.clone(),
            matter,
            proposal,
        })
    }
}

fn one(
    ledger: &dyn Ledger,
    key: RequestKey,
    command: Command,
    at: Timestamp,
) -> Result<Reply, StoreError> {
    let mut replies = ledger.apply(&[Request { key, command }], at)?;
    replies
        .pop()
        .ok_or_else(|| StoreError::new(redress_ledger::StoreFault::Io, "the ledger gave no reply"))
}
