//! Decisions on the record: the policy runs outside of the ledger's transaction, the kernel
//! inside it, on the standing of that moment.

use std::sync::Arc;

use redress_ledger::command::{Approval, Decide};
use redress_ledger::{
    Command, Ledger, Matter, Reply, Request, RequestKey, Seed, StoreError, StoreFault,
};
use redress_model::{Actor, Case, Fault, Proposal, Timestamp, Warnings};

use crate::release::Release;

impl Release {
    /// A case as commands to a ledger carry it, outside of any team, campaign or experiment.
    #[must_use]
    pub fn matter(&self, case: Case) -> Matter {
        let (guardrails, schema) = self.on_record();
        Matter {
            case: Arc::new(case),
            guardrails: Arc::clone(guardrails),
            team: None,
            campaign: None,
            arm: None,
            schema: Arc::clone(schema),
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
    /// and the same key always gets the same answer. `seed` is fresh random bytes that hide
    /// personal values in the ledger's log.
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
        seed: Seed,
    ) -> Result<Reply, StoreError> {
        let command = self.decision(ledger, matter, actor, at)?;
        let request = Request { key, command, seed };
        let mut replies = ledger.apply(&[request], at)?;
        let none = || StoreError::new(StoreFault::Io, "the ledger gave no reply");
        replies.pop().ok_or_else(none)
    }

    /// The command to decide a case, with what the policy proposes for it now.
    ///
    /// # Errors
    /// [`StoreError`] when the ledger fails.
    pub fn decision(
        &self,
        ledger: &dyn Ledger,
        matter: Matter,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<Command, StoreError> {
        let warnings = ledger.standing(&matter, actor, at)?.warnings;
        let decide = Decide {
            proposal: self.propose(&matter.case, &warnings),
            matter,
            warnings,
            actor: actor.clone(),
        };
        Ok(Command::Decide(Box::new(decide)))
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
        let warnings = ledger.standing(&matter, by, at)?.warnings;
        let proposal = self.propose(&matter.case, &warnings);
        Ok(Approval {
            escalation,
            by: by.clone(),
            matter,
            proposal,
            warnings,
        })
    }
}
