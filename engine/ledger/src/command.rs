//! Commands: what a ledger is asked to do, as data.

use std::sync::Arc;

use redress_kernel::{Guardrails, inputs_digest};
use redress_log::{Sealing, Seed};
use redress_model::{
    Actor, ActorId, Case, ClaimantId, Code, Date, Digest, Fault, Money, Proposal, Schema, Standing,
    Timestamp, Warnings,
};
use serde::Serialize;
use smol_str::SmolStr;

use crate::rows::Ground;

/// The key of a request: the same key always gets the same answer.
///
/// 1 to 128 characters without control characters, chosen by the caller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey(SmolStr);

impl RequestKey {
    /// Checks and keeps a key; `None` if it is empty, too long or has control characters.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= 128 && !text.chars().any(char::is_control);
        fits.then(|| Self(text.into()))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A command with its key.
#[derive(Debug, Clone)]
pub struct Request {
    /// The key.
    pub key: RequestKey,
    /// What to do.
    pub command: Command,
    /// 32 random bytes of the host, fresh for each request: they hide personal values in the
    /// log, and are kept nowhere.
    pub seed: Seed,
}

/// A case as a command carries it, with the limits of the release that decides it.
#[derive(Debug, Clone)]
pub struct Matter {
    /// The case.
    pub case: Arc<Case>,
    /// The limits of its release.
    pub guardrails: Arc<Guardrails>,
    /// The team in whose name it is decided.
    pub team: Option<Code>,
    /// The campaign that it belongs to.
    pub campaign: Option<Code>,
    /// The arm of an experiment; its decisions form no norm.
    pub arm: Option<Code>,
    /// What of the case is personal.
    pub schema: Arc<RecordSchema>,
}

/// The facts of a release as records need to know them: their types, and which of them are
/// personal, so that they are sealed and can be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSchema {
    schema: Arc<Schema>,
    sealing: Sealing,
}

impl RecordSchema {
    /// What records need to know of a schema.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        Self {
            sealing: Sealing::of_decisions(&schema),
            schema,
        }
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(crate) const fn sealing(&self) -> &Sealing {
        &self.sealing
    }
}

/// What a command may ask for.
#[derive(Debug, Clone)]
pub enum Command {
    /// Decides a case on the standing of the moment, and reserves what is granted.
    Decide(Box<Decide>),
    /// Opens an escalation by hand. Anyone may.
    Escalate(Escalate),
    /// Approves an escalation that one person decides.
    Approve(Box<Approval>),
    /// Adds one of several signatures; the last one approves.
    Sign(Box<Approval>),
    /// Refuses an escalation and releases what it reserved.
    Refuse(Refuse),
    /// Gives an escalation more time.
    Extend(Extend),
    /// Consumes a reservation: it was paid.
    Settle(Settle),
    /// Takes a reservation back.
    Void(Void),
    /// Releases a reservation whose time is over.
    Expire(Expire),
    /// Gives something else in the place of a decision: a departure.
    Override(Box<Override>),
    /// Marks a decision as overturned.
    Overturn(Overturn),
    /// Marks a decision as an error, with the rule that it broke.
    MarkError(MarkError),
    /// Sets a timer: what is owed if a promise is not kept, or given after a quiet period.
    Promise(Box<Promise>),
    /// A promise was kept.
    Keep(Keep),
    /// A customer was active: quiet periods start anew.
    Activity(Activity),
    /// The sweep: expires, climbs, fires whatever is due.
    Due(Sweep),
    /// Erases what the log keeps about a customer; records and proofs stay.
    Erase(Erase),
    /// A release came into force; revisions of a policy only grow.
    Activate(Activate),
    /// What a candidate would have decided beside a decision. Changes nothing but the log.
    Shadow(Box<Shadow>),
}

/// [`Command::Decide`].
#[derive(Debug, Clone)]
pub struct Decide {
    /// The case.
    pub matter: Matter,
    /// What the policy proposed, run outside of the transaction.
    pub proposal: Result<Proposal, Fault>,
    /// The counts that the policy saw; they go on record, since its route may rest on them.
    pub warnings: Warnings,
    /// Who decides.
    pub actor: Actor,
}

/// [`Command::Approve`] and [`Command::Sign`].
#[derive(Debug, Clone)]
pub struct Approval {
    /// The escalation.
    pub escalation: u64,
    /// Who approves.
    pub by: Actor,
    /// The case, for the kernel to decide again on the standing of the moment.
    pub matter: Matter,
    /// What the policy proposes for it.
    pub proposal: Result<Proposal, Fault>,
    /// The counts that the policy saw.
    pub warnings: Warnings,
}

/// [`Command::Escalate`].
#[derive(Debug, Clone, Serialize)]
pub struct Escalate {
    /// The decision.
    pub decision: u64,
    /// Who asks.
    pub by: ActorId,
    /// Why.
    pub reason: Code,
    /// Who is to own it.
    pub owner: Code,
    /// By when.
    pub due_at: Option<Timestamp>,
}

/// [`Command::Refuse`].
#[derive(Debug, Clone, Serialize)]
pub struct Refuse {
    /// The escalation.
    pub escalation: u64,
    /// Who refuses.
    pub by: Actor,
    /// Why.
    pub reason: Code,
}

/// [`Command::Extend`].
#[derive(Debug, Clone, Serialize)]
pub struct Extend {
    /// The escalation.
    pub escalation: u64,
    /// Who extends: of those who are asked, and not who proposed it.
    pub by: Actor,
    /// Until when; later than it was.
    pub until: Timestamp,
}

/// [`Command::Settle`].
#[derive(Debug, Clone, Serialize)]
pub struct Settle {
    /// The entry.
    pub entry: u64,
}

/// [`Command::Void`].
#[derive(Debug, Clone, Serialize)]
pub struct Void {
    /// The entry.
    pub entry: u64,
    /// Who takes it back.
    pub by: ActorId,
    /// Why.
    pub reason: Code,
}

/// [`Command::Expire`].
#[derive(Debug, Clone, Serialize)]
pub struct Expire {
    /// The entry.
    pub entry: u64,
}

/// One thing to be given, in money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gives {
    /// The kind of remedy.
    pub kind: Code,
    /// The head of claim.
    pub head: Code,
    /// The ground.
    pub ground: Ground,
    /// The provision or clause; goodwill has none.
    pub claim: Option<Code>,
    /// How much.
    pub worth: Money,
}

/// [`Command::Override`].
#[derive(Debug, Clone)]
pub struct Override {
    /// The decision.
    pub decision: u64,
    /// Its case, with the limits of its release.
    pub matter: Matter,
    /// Who proposes the departure.
    pub by: Actor,
    /// Who approves it.
    pub approver: Actor,
    /// The discretionary sum of the event from now on; a lawful sum is not touched.
    pub gives: Gives,
    /// The reason, from the closed list of the release.
    pub reason: Option<Code>,
    /// The digest of the evidence.
    pub evidence: Option<Digest>,
}

/// [`Command::Overturn`].
#[derive(Debug, Clone, Serialize)]
pub struct Overturn {
    /// The decision.
    pub decision: u64,
    /// Who says so.
    pub by: ActorId,
    /// Why.
    pub reason: Code,
}

/// [`Command::MarkError`].
#[derive(Debug, Clone, Serialize)]
pub struct MarkError {
    /// The decision.
    pub decision: u64,
    /// Who says so.
    pub by: ActorId,
    /// The rule that was broken; never a sum to be taken from a wage.
    pub rule: Code,
}

/// When a promise gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Once this moment has passed and nobody said that the promise was kept.
    Breach(Timestamp),
    /// Once the customer was quiet for so many seconds.
    Quiet(u32),
}

/// [`Command::Promise`].
#[derive(Debug, Clone)]
pub struct Promise {
    /// The case.
    pub matter: Matter,
    /// Who promises.
    pub by: Actor,
    /// What is given.
    pub gives: Gives,
    /// When.
    pub clock: Clock,
    /// Who owns the case when a limit leaves nothing.
    pub owner: Code,
}

/// [`Command::Keep`].
#[derive(Debug, Clone, Serialize)]
pub struct Keep {
    /// The timer.
    pub timer: u64,
    /// Who says so.
    pub by: ActorId,
}

/// [`Command::Activity`].
#[derive(Debug, Clone, Serialize)]
pub struct Activity {
    /// The customer.
    pub claimant: ClaimantId,
}

/// [`Command::Due`].
#[derive(Debug, Clone, Serialize)]
pub struct Sweep {
    /// How many things one sweep does at most, 1 to 10,000.
    pub limit: u32,
}

/// [`Command::Erase`].
#[derive(Debug, Clone, Serialize)]
pub struct Erase {
    /// The customer who asks for it.
    pub claimant: ClaimantId,
    /// Who does it.
    pub by: ActorId,
}

/// On whose word a release came into force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warrant {
    /// Those whom the rule asks for signed with these keys.
    Signed(Vec<SmolStr>),
    /// Nobody signed, and this person asked for that by name.
    Unsigned(SmolStr),
}

/// [`Command::Activate`].
#[derive(Debug, Clone, Serialize)]
pub struct Activate {
    /// The policy.
    pub policy: SmolStr,
    /// The revision, 1 or more.
    pub revision: u64,
    /// The version.
    pub version: SmolStr,
    /// The digest of the release.
    pub release: Digest,
    /// The digest of the archive.
    pub archive: Digest,
    /// The first incident date that it decides.
    pub from: Date,
    /// The last, if there is one.
    pub until: Option<Date>,
    /// On whose word.
    pub warrant: Warrant,
}

/// One thing that a candidate would have given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WouldGive {
    /// The kind of remedy.
    pub kind: Code,
    /// The ground.
    pub ground: Ground,
    /// The provision or clause; goodwill has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<Code>,
    /// What it is worth; a kind without a worth in money has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worth: Option<Money>,
}

/// [`Command::Shadow`]. Codes and sums alone: nothing of the case stands in it.
#[derive(Debug, Clone, Serialize)]
pub struct Shadow {
    /// The decision that was made, by the release in force.
    pub decision: u64,
    /// The candidate's policy.
    pub policy: SmolStr,
    /// Its version.
    pub version: SmolStr,
    /// Its digest.
    pub release: Digest,
    /// `grant`, `escalate`, `hold` or `refuse`; what kept the candidate from deciding, if
    /// anything did.
    pub outcome: Code,
    /// What it would have given.
    pub gives: Vec<WouldGive>,
    /// Its reasons, in order.
    pub reasons: Vec<Code>,
    /// The code of the fault of its policy, if it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Code>,
}

impl Command {
    /// The name of the command.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Decide(_) => "decide",
            Self::Escalate(_) => "escalate",
            Self::Approve(_) => "approve",
            Self::Sign(_) => "sign",
            Self::Refuse(_) => "refuse",
            Self::Extend(_) => "extend",
            Self::Settle(_) => "settle",
            Self::Void(_) => "void",
            Self::Expire(_) => "expire",
            Self::Override(_) => "override",
            Self::Overturn(_) => "overturn",
            Self::MarkError(_) => "mark_error",
            Self::Promise(_) => "promise",
            Self::Keep(_) => "keep",
            Self::Activity(_) => "activity",
            Self::Due(_) => "due",
            Self::Erase(_) => "erase",
            Self::Activate(_) => "activate",
            Self::Shadow(_) => "shadow",
        }
    }

    /// The hash of what is asked. What the policy proposed is not part of it, since a retry
    /// may have run it on a later count of warnings; the case, the release and the actor are.
    #[must_use]
    pub fn hash(&self) -> Digest {
        let mut out = Vec::with_capacity(256);
        out.extend(self.name().bytes());
        match self {
            Self::Decide(it) => it.matter.write(&mut out, &it.actor),
            Self::Approve(it) | Self::Sign(it) => {
                out.extend(it.escalation.to_le_bytes());
                it.matter.write(&mut out, &it.by);
            }
            Self::Override(it) => {
                out.extend(it.decision.to_le_bytes());
                it.matter.write(&mut out, &it.by);
                json(
                    &mut out,
                    &(&it.approver, &it.gives, &it.reason, &it.evidence),
                );
            }
            Self::Promise(it) => {
                it.matter.write(&mut out, &it.by);
                json(&mut out, &(&it.gives, &it.clock, &it.owner));
            }
            Self::Escalate(it) => json(&mut out, it),
            Self::Refuse(it) => json(&mut out, it),
            Self::Extend(it) => json(&mut out, it),
            Self::Settle(it) => json(&mut out, it),
            Self::Void(it) => json(&mut out, it),
            Self::Expire(it) => json(&mut out, it),
            Self::Overturn(it) => json(&mut out, it),
            Self::MarkError(it) => json(&mut out, it),
            Self::Keep(it) => json(&mut out, it),
            Self::Activity(it) => json(&mut out, it),
            Self::Due(it) => json(&mut out, it),
            Self::Erase(it) => json(&mut out, it),
            Self::Activate(it) => json(&mut out, it),
            Self::Shadow(it) => json(&mut out, it),
        }
        Digest::of(&out)
    }
}

impl Matter {
    fn write(&self, out: &mut Vec<u8>, actor: &Actor) {
        let standing = Standing::fresh();
        let release = &self.guardrails.release;
        let inputs = inputs_digest(release, &self.case, actor, &standing, Timestamp::EPOCH);
        out.extend(inputs.bytes());
        json(out, &(&self.team, &self.campaign, &self.arm));
    }
}

/// Plain values write themselves into memory without an error.
fn json(out: &mut Vec<u8>, value: &impl Serialize) {
    out.extend(serde_json::to_vec(value).unwrap_or_default());
}
