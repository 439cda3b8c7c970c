//! What is done to a decision, a promise or a customer afterwards: `escalate`, `overturn`,
//! `mark-error`, `promise`, `keep`, `activity`, `erase`.

pub(crate) mod args;

use redress::ledger::command::{
    Activity, Clock, Erase, Escalate, Gives, Keep, MarkError, Overturn, Promise,
};
use redress::ledger::rows::Ground;
use redress::ledger::{Command, Matter};
use redress_kernel::guardrails::ClaimBasis;
use redress_model::{ClaimantId, Money};

use self::args::{
    ActivityArgs, EraseArgs, EscalateArgs, KeepArgs, MarkErrorArgs, OverturnArgs, PromiseArgs, name,
};
use crate::failure::{Exit, Failure};
use crate::input;
use crate::ledger::{LedgerError, again, apply, code, open, person};

const DAY_SECONDS: u32 = 86_400;

/// Runs `redress escalate`.
pub(crate) fn escalate(args: &EscalateArgs) -> Result<Exit, Failure> {
    let command = Command::Escalate(Escalate {
        decision: args.decision,
        by: person(&args.by)?,
        reason: code(&name(&args.reason))?,
        owner: code(&args.owner)?,
        due_at: args.due_at,
    });
    apply(&args.request, command)
}

/// Runs `redress overturn`.
pub(crate) fn overturn(args: &OverturnArgs) -> Result<Exit, Failure> {
    let command = Command::Overturn(Overturn {
        decision: args.decision,
        by: person(&args.by)?,
        reason: code(&name(&args.reason))?,
    });
    apply(&args.request, command)
}

/// Runs `redress mark-error`.
pub(crate) fn mark_error(args: &MarkErrorArgs) -> Result<Exit, Failure> {
    let command = Command::MarkError(MarkError {
        decision: args.decision,
        by: person(&args.by)?,
        rule: code(&name(&args.rule))?,
    });
    apply(&args.request, command)
}

/// Runs `redress promise`.
pub(crate) fn promise(args: &PromiseArgs) -> Result<Exit, Failure> {
    let worth: Money = args.gives.parse().map_err(Failure::usage)?;
    let (_, matter) = {
        let ledger = open::to_read(&args.request.ledger)?;
        again(&ledger, &args.policy, args.decision)?
    };
    let clock = match (args.by_date, args.quiet_days) {
        (Some(by), _) => Clock::Breach(by),
        (None, days) => Clock::Quiet(days.unwrap_or(1).saturating_mul(DAY_SECONDS)),
    };
    let (ground, claim, head) = match &args.claim {
        None => (Ground::Goodwill, None, code(&args.head)?),
        Some(claim) => {
            let listed = matter.guardrails.claim(&code(claim)?);
            let listed = listed.ok_or_else(|| unlisted(claim, &matter))?;
            let ground = match listed.basis {
                ClaimBasis::Statutory => Ground::Statutory,
                ClaimBasis::Contractual => Ground::Contractual,
            };
            (ground, Some(listed.code.clone()), listed.head.clone())
        }
    };
    let gives = Gives {
        kind: code(&args.kind)?,
        head,
        ground,
        claim,
        worth,
    };
    let promise = Promise {
        matter,
        by: input::actor(&args.actor)?,
        gives,
        clock,
        owner: code(&args.owner)?,
    };
    apply(&args.request, Command::Promise(Box::new(promise)))
}

/// No provision or clause of the release has this code.
fn unlisted(claim: &str, matter: &Matter) -> Failure {
    let claims = matter.guardrails.claims.iter();
    let listed: Vec<&str> = claims.map(|claim| claim.code.as_str()).collect();
    let listed = if listed.is_empty() {
        "none".to_owned()
    } else {
        listed.join(", ")
    };
    let error = LedgerError::Word {
        found: claim.to_owned(),
        expected: "a provision or clause of the release",
    };
    Failure::usage(error).help(format!("the release has: {listed}"))
}

/// Runs `redress keep`.
pub(crate) fn keep(args: &KeepArgs) -> Result<Exit, Failure> {
    let command = Command::Keep(Keep {
        timer: args.timer,
        by: person(&args.by)?,
    });
    apply(&args.request, command)
}

/// Runs `redress activity`.
pub(crate) fn activity(args: &ActivityArgs) -> Result<Exit, Failure> {
    let claimant = ClaimantId::new(&args.customer).map_err(Failure::usage)?;
    apply(&args.request, Command::Activity(Activity { claimant }))
}

/// Runs `redress erase`.
pub(crate) fn erase(args: &EraseArgs) -> Result<Exit, Failure> {
    let command = Command::Erase(Erase {
        claimant: ClaimantId::new(&args.customer).map_err(Failure::usage)?,
        by: person(&args.by)?,
    });
    apply(&args.request, command)
}
