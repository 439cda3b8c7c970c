//! Shadow mode: a candidate decides beside the release in force. What it says goes on record
//! and is acted on by nobody.

use std::panic::{AssertUnwindSafe, catch_unwind};

use redress_kernel::ReleaseId;
use redress_ledger::command::{self, WouldGive};
use redress_ledger::rows::Ground;
use redress_ledger::{Command, Ledger, Matter, Reply, Request, RequestKey, Seed, StoreError};
use redress_model::admit::AdmitErrors;
use redress_model::{Actor, Basis, Code, Digest, Standing, Timestamp};

use crate::decided::Decided;
use crate::release::Release;

/// A candidate that decides beside the release in force, as if it were in force on every day.
///
/// Nothing of the candidate reaches the active decision: it has a sandbox of its own, its
/// faults are caught, and what it says is put on record after the active decision is durable.
#[derive(Clone)]
pub struct Shadow {
    candidate: Release,
}

/// What a candidate made of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// It decided, or escalated for a fault of its policy.
    Decided(Box<Decided>),
    /// Its schema does not take the case.
    NotAdmitted(AdmitErrors),
    /// The ledger could not say what bears on the case.
    NoStanding(StoreError),
    /// This program has a mistake: the candidate crashed, and was caught.
    Crashed,
}

impl Seen {
    /// The decision, if there is one.
    #[must_use]
    pub fn decided(&self) -> Option<&Decided> {
        match self {
            Self::Decided(decided) => Some(decided),
            _ => None,
        }
    }

    /// What came of it, by a stable name: an outcome, or why there is none.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Decided(decided) => decided.decision.outcome().name(),
            Self::NotAdmitted(_) => "not_admitted",
            Self::NoStanding(_) => "no_standing",
            Self::Crashed => "crashed",
        }
    }
}

/// A case to be recorded, with a candidate beside the release that decides it.
#[derive(Debug)]
pub struct Ask<'a> {
    /// The key of the request.
    pub key: RequestKey,
    /// The case as it came in, which the candidate reads by its own schema.
    pub case: &'a [u8],
    /// The case as the active release admitted it.
    pub matter: Matter,
    /// Who decides.
    pub actor: &'a Actor,
    /// When.
    pub at: Timestamp,
    /// Fresh random bytes, as for [`Release::record`].
    pub seed: Seed,
}

/// An active decision, and what stands beside it.
#[derive(Debug)]
pub struct Observed {
    /// What the release in force decided: all that anybody acts on.
    pub reply: Reply,
    /// What the candidate made of the case.
    pub seen: Seen,
    /// The number of the record of it, or why there is none.
    pub noted: Result<u64, Unnoted>,
}

/// Why a shadow is not on record. The active decision is not touched by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unnoted {
    /// There is no active decision that it could stand beside.
    #[error("there is no decision to stand beside")]
    NoDecision,
    /// The ledger refused it.
    #[error(transparent)]
    Refused(redress_ledger::Refused),
    /// The ledger failed.
    #[error(transparent)]
    Store(StoreError),
}

impl Unnoted {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoDecision => "no_decision",
            Self::Refused(refused) => refused.code(),
            Self::Store(error) => error.code(),
        }
    }
}

impl Shadow {
    /// A candidate.
    #[must_use]
    pub fn new(candidate: &Release) -> Self {
        Self {
            candidate: candidate.on_any_date(),
        }
    }

    /// Which release it is.
    #[must_use]
    pub fn id(&self) -> &ReleaseId {
        self.candidate.id()
    }

    /// What the candidate makes of a case on a standing.
    #[must_use]
    pub fn decide(
        &self,
        case: &[u8],
        actor: &Actor,
        standing: &Standing,
        as_of: Timestamp,
    ) -> Seen {
        caught(|| match self.candidate.admit(case) {
            Ok(case) => {
                let decided = self.candidate.decide(&case, actor, standing, as_of);
                Seen::Decided(Box::new(decided))
            }
            Err(errors) => Seen::NotAdmitted(errors),
        })
    }

    /// What the candidate makes of a case on what a ledger knows at that moment.
    fn beside(&self, ledger: &dyn Ledger, ask: &Ask<'_>) -> Seen {
        caught(|| {
            let case = match self.candidate.admit(ask.case) {
                Ok(case) => case,
                Err(errors) => return Seen::NotAdmitted(errors),
            };
            let mut matter = self.candidate.matter(case);
            matter.team.clone_from(&ask.matter.team);
            matter.campaign.clone_from(&ask.matter.campaign);
            let standing = match ledger.standing(&matter, ask.actor, ask.at) {
                Ok(standing) => standing,
                Err(error) => return Seen::NoStanding(error),
            };
            let (case, candidate) = (&matter.case, &self.candidate);
            Seen::Decided(Box::new(
                candidate.decide(case, ask.actor, &standing, ask.at),
            ))
        })
    }

    /// Decides a case on a ledger with the release in force, and puts on record beside it what
    /// the candidate would have decided on the standing just before.
    ///
    /// # Errors
    /// [`StoreError`] as of [`Release::record`], for the active decision alone.
    pub fn record(
        &self,
        active: &Release,
        ledger: &dyn Ledger,
        ask: Ask<'_>,
    ) -> Result<Observed, StoreError> {
        let seen = self.beside(ledger, &ask);
        let (key, own_seed) = (note_key(&ask.key), ask.seed.part(u32::MAX));
        let reply = active.record(ledger, ask.key, ask.matter, ask.actor, ask.at, ask.seed)?;
        let decision = reply.as_ref().ok().and_then(|it| it.answer.decision);
        let noted = match (decision, key) {
            (Some(decision), Some(key)) => {
                let command = Command::Shadow(Box::new(self.note(decision, &seen)));
                let request = Request {
                    key,
                    command,
                    seed: own_seed,
                };
                match ledger.apply(&[request], ask.at).map(|mut all| all.pop()) {
                    Ok(Some(Ok(answered))) => Ok(answered.answer.seq),
                    Ok(Some(Err(refused))) => Err(Unnoted::Refused(refused)),
                    Ok(None) => Err(Unnoted::NoDecision),
                    Err(error) => Err(Unnoted::Store(error)),
                }
            }
            _ => Err(Unnoted::NoDecision),
        };
        Ok(Observed { reply, seen, noted })
    }

    /// What goes on record: codes and sums, and nothing of the case.
    fn note(&self, decision: u64, seen: &Seen) -> command::Shadow {
        let id = self.id();
        let decided = seen.decided();
        let remedies = decided.map(|it| it.decision.remedies()).unwrap_or_default();
        let reasons = decided.map(|it| {
            let reasons = it.decision.reasons();
            reasons.map(|reason| reason.code.clone()).collect()
        });
        let fault = decided.and_then(|it| it.execution.fault.as_ref());
        let gives = remedies.iter().map(|remedy| WouldGive {
            kind: remedy.kind.clone(),
            ground: match remedy.basis {
                Basis::Statutory(_) => Ground::Statutory,
                Basis::Contractual(_) => Ground::Contractual,
                Basis::Goodwill => Ground::Goodwill,
            },
            claim: remedy.basis.claim().cloned(),
            worth: remedy.worth,
        });
        command::Shadow {
            decision,
            policy: id.name.clone(),
            version: id.version.clone(),
            release: id.digest,
            outcome: Code::engine(seen.name()),
            gives: gives.collect(),
            reasons: reasons.unwrap_or_default(),
            fault: fault.map(|fault| Code::engine(fault.code().name())),
        }
    }
}

/// Runs a candidate so that even a mistake of this program ends there.
fn caught(run: impl FnOnce() -> Seen) -> Seen {
    // Nothing that it could leave half done is looked at afterwards: a release is immutable,
    // and a ledger's read is of its own snapshot.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or(Seen::Crashed)
}

/// The key of the record beside a request: it follows from the request's own.
fn note_key(key: &RequestKey) -> Option<RequestKey> {
    let digest = Digest::of(format!("shadow {}", key.as_str()).as_bytes());
    RequestKey::new(&format!("shadow-{digest}"))
}
