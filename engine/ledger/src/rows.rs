//! The tables of the ledger. An auditor can read them with SQL; every instant is in whole
//! seconds since 1970-01-01T00:00:00Z and every sum in minor units of its currency.

use redress_model::{
    ActorId, CaseId, ClaimantId, Code, Currency, Date, Digest, EventId, Timestamp,
};
use smol_str::SmolStr;

use crate::cell::named;
use crate::table::{Record as _, Table, table};

/// The version of the tables. A store of a newer version is refused, an older one migrated.
pub const SCHEMA_VERSION: i64 = 6;

/// Every table, in the order in which they are made.
pub const TABLES: &[&Table] = &[
    Meta::TABLE,
    HeadRow::TABLE,
    RecordRow::TABLE,
    NodeRow::TABLE,
    OpeningRow::TABLE,
    CheckpointRow::TABLE,
    RequestRow::TABLE,
    DecisionRow::TABLE,
    EntryRow::TABLE,
    ChargeRow::TABLE,
    AccountRow::TABLE,
    BucketRow::TABLE,
    CountedRow::TABLE,
    EscalationRow::TABLE,
    SignatureRow::TABLE,
    TimerRow::TABLE,
    NormRow::TABLE,
    LinkRow::TABLE,
    ActivationRow::TABLE,
];

named! {
    /// What has become of one thing promised.
    EntryState {
        /// Reserved until people have approved.
        Held = "held",
        /// Granted and reserved, to be settled.
        Granted = "granted",
        /// Paid.
        Settled = "settled",
        /// Taken back.
        Voided = "voided",
        /// Not settled, or not approved, in time.
        Expired = "expired",
        /// Refused by a person.
        Refused = "refused",
    }
}

impl EntryState {
    /// Whether it counts against limits and as paid for the event.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Held | Self::Granted | Self::Settled)
    }
}

named! {
    /// The ground of an entry.
    Ground {
        /// The law fixes it.
        Statutory = "statutory",
        /// A contract fixes it.
        Contractual = "contractual",
        /// Given at discretion.
        Goodwill = "goodwill",
    }
}

named! {
    /// Where an escalation stands.
    EscalationState {
        /// Somebody must decide.
        Open = "open",
        /// Everybody who must has approved.
        Approved = "approved",
        /// Refused.
        Refused = "refused",
        /// Nobody decided in time.
        Expired = "expired",
    }
}

named! {
    /// Whether an escalation may expire.
    Terms {
        /// It may expire, and be refused.
        Discretionary = "discretionary",
        /// It never expires and cannot be refused; it climbs.
        Binding = "binding",
    }
}

named! {
    /// What a timer waits for.
    TimerKind {
        /// Pays when a promise was not kept by its date.
        Breach = "breach",
        /// Gives when a customer was quiet for so long.
        Quiet = "quiet",
    }
}

named! {
    /// Where a timer stands.
    TimerState {
        /// It runs.
        Running = "running",
        /// The promise was kept.
        Kept = "kept",
        /// It fired, once.
        Fired = "fired",
    }
}

named! {
    /// Whether a decision forms the norm of its class.
    NormState {
        /// People must decide still, or something is missing.
        Open = "open",
        /// It does.
        Norm = "norm",
        /// No: it was an error.
        Error = "error",
        /// No: it departed from the norm.
        Departure = "departure",
        /// No: it was overturned.
        Overturned = "overturned",
        /// No: it was made in an arm of an experiment.
        Experiment = "experiment",
        /// No: its case was decided again, or what it asked for was refused or ran out.
        Past = "past",
    }
}

table! {
    /// The one row about the ledger itself.
    Meta in "meta", key ["id"], indexes [], checks ["id = 0", "seq >= 0"], {
        /// Always 0.
        id: u64,
        /// [`SCHEMA_VERSION`] of the tables.
        schema_version: i64,
        /// Raised by every writer that opens the ledger; a writer with an older one is refused.
        epoch: i64,
        /// The ledger's time, which never runs backwards.
        now: Timestamp,
        /// The number of the last record.
        seq: u64,
        /// The number of the last entry.
        entries: u64,
        /// The number of the last escalation.
        escalations: u64,
        /// The number of the last timer.
        timers: u64,
        /// The longest window of any limit so far, in days.
        longest_window_days: u32,
    }
}

table! {
    /// The one row about the decision log; there is none while nothing is recorded.
    HeadRow in "log_head", key ["id"], indexes [], checks ["id = 0"], {
        /// Always 0.
        id: u64,
        /// The name of the log: that of the key that signs it, or one that no other log has.
        origin: SmolStr,
        /// Its head: time and hash of the last leaf, and the state of the tree.
        head: Vec<u8>,
        /// The size of the last signed checkpoint.
        signed_size: u64,
        /// The time of its last record, or of the first record of all.
        signed_at: Timestamp,
    }
}

table! {
    /// The decision log: a row for every step, after one that names the log.
    RecordRow in "log_record", key ["seq"], indexes [["decision"]],
    checks ["seq >= 0"], {
        /// Its place, from 0 without a gap.
        seq: u64,
        /// The ledger's time.
        at: Timestamp,
        /// What it records: `decision`, or the name of another command.
        kind: Code,
        /// The decision that it is about.
        decision: Option<u64>,
        /// The record in canonical JSON (RFC 8785), personal values sealed.
        line: Vec<u8>,
        /// The hash of the record as a leaf of the log (RFC 6962 2.1).
        leaf: Digest,
    }
}

table! {
    /// An inner node of the log's tree, once its subtree is complete: proofs are made of them.
    NodeRow in "log_node", key ["level", "place"], indexes [], checks ["level > 0"], {
        /// Two to the power of this many leaves are below it.
        level: u32,
        /// Its place among the nodes of its level, from 0.
        place: u64,
        /// Its hash (RFC 6962 2.1).
        hash: Digest,
    }
}

table! {
    /// What opens the sealed values of one record about one person; gone once erased.
    OpeningRow in "log_opening", key ["seq", "subject"], indexes [["subject"]], checks [], {
        /// The record.
        seq: u64,
        /// The person: see [`redress_log::Subject`].
        subject: SmolStr,
        /// Lines of openings: see [`redress_log::seal::OpeningLine`].
        openings: Vec<u8>,
    }
}

table! {
    /// A signed checkpoint of the log.
    CheckpointRow in "log_checkpoint", key ["size"], indexes [], checks ["size > 0"], {
        /// How many records it covers.
        size: u64,
        /// The time of the last of them.
        at: Timestamp,
        /// The checkpoint in the form of C2SP tlog-checkpoint, signed.
        note: SmolStr,
    }
}

table! {
    /// Answers by the key of their request.
    RequestRow in "request", key ["key"], indexes [["at"]], checks [], {
        /// The key.
        key: SmolStr,
        /// The hash of what was asked.
        hash: Digest,
        /// When.
        at: Timestamp,
        /// The record.
        seq: u64,
        /// The answer, byte for byte.
        answer: Vec<u8>,
    }
}

table! {
    /// One decision.
    DecisionRow in "decision", key ["id"],
    indexes [["event"], ["claimant", "at"], ["case_id"]],
    checks ["outcome IN ('grant', 'escalate', 'hold', 'refuse')", "overturned IN (0, 1)"], {
        /// Its number: that of the record that made it.
        id: u64,
        /// When.
        at: Timestamp,
        /// The case.
        case_id: CaseId,
        /// The event.
        event: EventId,
        /// Who claims.
        claimant: ClaimantId,
        /// The day of the incident.
        incident_date: Date,
        /// The policy.
        policy: SmolStr,
        /// Its version.
        version: SmolStr,
        /// The digest of the release.
        release_digest: Digest,
        /// What became of it at first: `grant`, `escalate`, `hold` or `refuse`.
        outcome: SmolStr,
        /// The first reason.
        reason: Code,
        /// Who proposed it.
        proposer: ActorId,
        /// In which role.
        role: Code,
        /// For which team.
        team: Option<Code>,
        /// Within which campaign.
        campaign: Option<Code>,
        /// In which arm of an experiment; such a decision forms no norm.
        arm: Option<Code>,
        /// The digest of everything it rests on.
        inputs_digest: Digest,
        /// For a departure, its reason; a departure forms no norm.
        departure: Option<Code>,
        /// For an error, the rule that it broke; an error forms no norm.
        error_rule: Option<Code>,
        /// 1 if it was overturned; it then forms no norm.
        overturned: i64,
        /// The decision that took its place.
        replaced_by: Option<u64>,
    }
}

table! {
    /// One thing promised to one person.
    EntryRow in "entry", key ["id"],
    indexes [["event"], ["decision"], ["claimant"], ["state", "expires_at"]],
    checks [
        "worth_minor >= 0",
        "state IN ('held', 'granted', 'settled', 'voided', 'expired', 'refused')",
        "ground IN ('statutory', 'contractual', 'goodwill')",
        "ground <> 'statutory' OR expires_at IS NULL"
    ], {
        /// Its number.
        id: u64,
        /// The decision.
        decision: u64,
        /// The event.
        event: EventId,
        /// To whom.
        claimant: ClaimantId,
        /// The head of claim.
        head: Code,
        /// The kind of remedy.
        kind: Code,
        /// The ground.
        ground: Ground,
        /// The provision or clause; goodwill has none.
        claim: Option<Code>,
        /// Minor units of the face value, or units counted.
        quantity: i64,
        /// What is counted; a money kind has none.
        unit: Option<Code>,
        /// What it is worth, in minor units.
        worth_minor: i64,
        /// In which currency.
        currency: Currency,
        /// What has become of it.
        state: EntryState,
        /// When it was promised.
        at: Timestamp,
        /// When it expires unless it is settled.
        expires_at: Option<Timestamp>,
        /// When it was settled or ended.
        closed_at: Option<Timestamp>,
        /// The chain that its claim names, without whose approval nobody is paid.
        chain: Option<Code>,
    }
}

table! {
    /// What an entry uses of an account.
    ChargeRow in "charge", key ["entry", "account", "subject"], indexes [], checks ["minor >= 0"], {
        /// The entry.
        entry: u64,
        /// The account.
        account: SmolStr,
        /// Whose.
        subject: SmolStr,
        /// The bucket that it was booked in.
        bucket: i64,
        /// So many minor units.
        minor: i64,
    }
}

table! {
    /// What one subject has used of one limit, as of the bucket that was last looked at.
    AccountRow in "account", key ["account", "subject"], indexes [["subject"]],
    checks [
        "used_minor >= 0",
        "used_times >= 0",
        "ceiling_minor IS NULL OR used_minor <= ceiling_minor",
        "ceiling_times IS NULL OR used_times <= ceiling_times"
    ], {
        /// The account.
        account: SmolStr,
        /// Whose.
        subject: SmolStr,
        /// The window in days; none if everything ever booked counts.
        window_days: Option<u32>,
        /// The bucket that `used_minor` is as of.
        head_bucket: i64,
        /// What is used, in minor units or cases.
        used_minor: i64,
        /// How many bookings.
        used_times: i64,
        /// The limit, or what was used already when a release lowered it.
        ceiling_minor: Option<i64>,
        /// The same for the number of bookings.
        ceiling_times: Option<i64>,
    }
}

table! {
    /// What was booked on an account in one bucket.
    BucketRow in "bucket", key ["account", "subject", "bucket"], indexes [], checks ["minor >= 0", "times >= 0"], {
        /// The account.
        account: SmolStr,
        /// Whose.
        subject: SmolStr,
        /// The bucket.
        bucket: i64,
        /// Minor units, or cases.
        minor: i64,
        /// Bookings.
        times: i64,
    }
}

table! {
    /// A case that a warning counter has counted: each once.
    CountedRow in "counted", key ["account", "subject", "case_id"], indexes [], checks [], {
        /// The counter.
        account: SmolStr,
        /// Whose cases it counts.
        subject: SmolStr,
        /// The case.
        case_id: CaseId,
        /// The bucket that it was counted in.
        bucket: i64,
    }
}

table! {
    /// One thing that people must decide.
    EscalationRow in "escalation", key ["id"],
    indexes [["state", "owner"], ["state", "climbs_at"], ["state", "expires_at"], ["decision"]],
    checks [
        "state IN ('open', 'approved', 'refused', 'expired')",
        "terms <> 'binding' OR (expires_at IS NULL AND state IN ('open', 'approved'))"
    ], {
        /// Its number.
        id: u64,
        /// The decision.
        decision: u64,
        /// Why.
        reason: Code,
        /// Who owns it now.
        owner: Code,
        /// The chain that signs, if a named one does.
        chain: Option<Code>,
        /// Who must sign, as JSON: see [`crate::queue::Wanted`].
        signatures: SmolStr,
        /// Whether it may expire or be refused.
        terms: Terms,
        /// Who proposed what is asked for; they cannot approve it.
        proposer: ActorId,
        /// When it was opened.
        opened_at: Timestamp,
        /// By when.
        due_at: Option<Timestamp>,
        /// How many rungs it has climbed.
        level: u32,
        /// The rungs above, as JSON: see [`crate::queue::Rung`].
        ladder: SmolStr,
        /// When it climbs next; never, once it is at the top.
        climbs_at: Option<Timestamp>,
        /// When it expires.
        expires_at: Option<Timestamp>,
        /// Where it stands.
        state: EscalationState,
        /// Who closed it.
        closed_by: Option<ActorId>,
        /// When.
        closed_at: Option<Timestamp>,
        /// Who asked for it by hand; nobody did where the decision itself asks for it.
        opened_by: Option<ActorId>,
    }
}

table! {
    /// One signature.
    SignatureRow in "signature", key ["escalation", "person"], indexes [], checks [], {
        /// The escalation.
        escalation: u64,
        /// Who signed.
        person: ActorId,
        /// For which of the wanted roles.
        role: Code,
        /// When.
        at: Timestamp,
    }
}

table! {
    /// Something that happens once, when its time has come.
    TimerRow in "timer", key ["id"], indexes [["state", "due_at"], ["claimant"], ["event"]],
    checks [
        "state IN ('running', 'kept', 'fired')",
        "quiet_seconds IS NULL OR quiet_seconds > 0",
        "worth_minor >= 0"
    ], {
        /// Its number.
        id: u64,
        /// What it waits for.
        kind: TimerKind,
        /// The decision or record that set it.
        seq: u64,
        /// The case.
        case_id: CaseId,
        /// The event.
        event: EventId,
        /// To whom.
        claimant: ClaimantId,
        /// When it fires, if nothing comes before.
        due_at: Timestamp,
        /// For a quiet period, its length.
        quiet_seconds: Option<i64>,
        /// The head of claim of what it gives.
        head: Code,
        /// The kind of remedy.
        gives: Code,
        /// The ground.
        ground: Ground,
        /// The provision or clause.
        claim: Option<Code>,
        /// The sum.
        worth_minor: i64,
        /// In which currency.
        currency: Currency,
        /// The limits that it is held against, as JSON: see [`crate::accounts::LimitRef`].
        limits: SmolStr,
        /// Who owns the case when a limit leaves nothing.
        owner: Code,
        /// The policy.
        policy: SmolStr,
        /// Its version.
        version: SmolStr,
        /// The digest of the release.
        release_digest: Digest,
        /// The day of the incident.
        incident_date: Date,
        /// Where it stands.
        state: TimerState,
        /// The team in whose name it was promised.
        team: Option<Code>,
        /// The campaign that it belongs to.
        campaign: Option<Code>,
        /// The decision that it became when it fired.
        fired: Option<u64>,
    }
}

table! {
    /// What one decision is on its facts, where its release compares like cases.
    NormRow in "norm", key ["decision"],
    indexes [["class", "state", "at"], ["event"], ["case_id"]],
    checks [
        "state IN ('open', 'norm', 'error', 'departure', 'overturned', 'experiment', 'past')",
        "units > 0",
        "tariff_minor >= 0",
        "sum_minor >= 0"
    ], {
        /// The decision.
        decision: u64,
        /// When, in ledger time.
        at: Timestamp,
        /// The class: see [`redress_kernel::guardrails::Fairness::class_of`].
        class: Digest,
        /// The class in words, for people.
        label: SmolStr,
        /// The policy.
        policy: SmolStr,
        /// Its version.
        version: SmolStr,
        /// The case.
        case_id: CaseId,
        /// The event.
        event: EventId,
        /// Who claims.
        claimant: ClaimantId,
        /// Who proposed it.
        proposer: ActorId,
        /// The merit facts that the case knows, in slot order, higher worse, as JSON.
        point: SmolStr,
        /// How many affected units it is about.
        units: i64,
        /// What its release gives on its facts.
        tariff_minor: i64,
        /// What the goodwill came to before caps; for a departure, what was given.
        sum_minor: i64,
        /// In which currency.
        currency: Currency,
        /// Whether it forms the norm.
        state: NormState,
    }
}

table! {
    /// A tie of one decision's case.
    LinkRow in "link", key ["link", "decision"], indexes [], checks [], {
        /// Its kind and the id of the other side: `booking:B-77`.
        link: SmolStr,
        /// The decision.
        decision: u64,
    }
}

table! {
    /// The highest revision of a policy that was put in force, so that whoever brings a store
    /// of releases back to an older state is found out.
    ActivationRow in "activation", key ["policy"], indexes [], checks ["revision > 0"], {
        /// The policy.
        policy: SmolStr,
        /// Its highest revision.
        revision: u64,
        /// The version that this revision is.
        version: SmolStr,
        /// The digest of the release, which decisions carry.
        release_digest: Digest,
        /// The digest of the archive that was put in force.
        archive_digest: Digest,
        /// When it was recorded here.
        at: Timestamp,
    }
}
