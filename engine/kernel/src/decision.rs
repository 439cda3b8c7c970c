//! What the kernel returns. Only the kernel can build a [`Decision`].

use redress_model::{
    Amount, Basis, CaseId, ClaimantId, Code, Currency, Digest, EventId, Money, MoneyError, Reason,
    Timestamp,
};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use smol_str::SmolStr;

use crate::adjustment::Adjustment;
use crate::calendar::Due;
use crate::findings::Findings;
use crate::guardrails::Signature;

/// Which release decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseId {
    /// The policy's name, such as `air/eu261`.
    pub name: SmolStr,
    /// Its version, such as `1.0.0`.
    pub version: SmolStr,
    /// The digest of its files.
    pub digest: Digest,
}

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The remedies may be given now.
    Grant,
    /// A person decides; remedies marked `now` may be given meanwhile.
    Escalate,
    /// Something is missing; remedies marked `now` may be given meanwhile.
    Hold,
    /// Nothing is given.
    Refuse,
}

impl Outcome {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Escalate => "escalate",
            Self::Hold => "hold",
            Self::Refuse => "refuse",
        }
    }
}

/// When a remedy may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Payable {
    /// At once, whatever else is open.
    Now,
    /// Once those who must have approved.
    OnApproval,
}

/// A remedy after enforcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedRemedy {
    /// The kind.
    pub kind: Code,
    /// How much.
    pub amount: Amount,
    /// The ground.
    pub basis: Basis,
    /// The head of claim it settles.
    pub head: Code,
    /// What it is worth in money, where it has a worth.
    pub worth: Option<Money>,
    /// When it may be given.
    pub payable: Payable,
    /// Whether the customer may still take cash of the same worth instead.
    pub cash_open: CashOpen,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Whether cash stays open where the law gives cash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CashOpen {
    /// The remedy is cash, or cash is not owed.
    No,
    /// The customer consented to this kind; it converts back to cash at its full worth.
    Yes,
}

impl Serialize for GrantedRemedy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("GrantedRemedy", 12)?;
        out.serialize_field("kind", &self.kind)?;
        match &self.amount {
            Amount::Money(money) => {
                out.serialize_field("amount_minor", &money.minor())?;
                out.serialize_field("amount", &money.to_decimal())?;
                out.serialize_field("currency", &money.currency())?;
            }
            Amount::Units { unit, count } => {
                out.serialize_field("unit", unit)?;
                out.serialize_field("count", count)?;
            }
        }
        out.serialize_field("basis", self.basis.name())?;
        if let Some(claim) = self.basis.claim() {
            out.serialize_field("claim", claim)?;
        }
        out.serialize_field("head", &self.head)?;
        if let Some(worth) = &self.worth {
            out.serialize_field("worth", worth)?;
        }
        out.serialize_field("payable", &self.payable)?;
        if self.cash_open == CashOpen::Yes {
            out.serialize_field("cash_open", &true)?;
        }
        out.serialize_field("reasons", &self.reasons)?;
        out.end()
    }
}

/// Whether an approval may run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalTerms {
    /// It may expire, and the approver may lower the sum.
    Discretionary,
    /// It never expires, climbs when overdue, and the approver cannot lower the sum.
    Binding,
}

/// One thing that people must decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escalation {
    /// Why.
    pub reason: Code,
    /// The chain, if a named one signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<Code>,
    /// Who must sign; empty when the owner finds out first.
    pub signatures: Vec<Signature>,
    /// Who owns it.
    pub owner: Code,
    /// By when.
    pub deadline: Option<Due>,
    /// Whether it may expire or lower the sum.
    pub terms: ApprovalTerms,
}

impl Escalation {
    /// Whether the same people are asked for the same thing by the same time.
    pub(crate) fn is_for_same(&self, other: &Self) -> bool {
        self.owner == other.owner
            && self.deadline == other.deadline
            && self.terms == other.terms
            && self.chain == other.chain
            && self.signatures == other.signatures
    }
}

/// The authority that the decision rests on or needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Authority {
    /// The role of the actor.
    pub held: Code,
    /// The lowest role that may decide; absent if no authority is needed or none covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<Code>,
}

/// What a hold waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HoldState {
    /// What is missing: a fact or a document.
    pub missing: Code,
    /// Who gets it.
    pub owner: Code,
    /// Until when the case waits.
    pub until: Option<Due>,
    /// Fees that do not run meanwhile.
    pub frozen: Vec<Code>,
}

/// A person's look at a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Who looks.
    pub owner: Code,
    /// By when.
    pub deadline: Option<Due>,
}

/// The decision: equal inputs give an equal decision, whichever sandbox ran the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub(crate) case: CaseId,
    pub(crate) event: EventId,
    pub(crate) claimant: ClaimantId,
    pub(crate) as_of: Timestamp,
    pub(crate) release: ReleaseId,
    pub(crate) outcome: Outcome,
    pub(crate) tier: Option<Code>,
    pub(crate) remedies: Vec<GrantedRemedy>,
    pub(crate) adjustments: Vec<Adjustment>,
    /// The reasons that stand on no remedy, each once.
    pub(crate) reasons: Vec<Reason>,
    pub(crate) authority: Authority,
    pub(crate) escalations: Vec<Escalation>,
    pub(crate) hold: Option<HoldState>,
    pub(crate) review: Option<Review>,
    pub(crate) owner: Option<Code>,
    pub(crate) queue: Option<Code>,
    pub(crate) priority: Option<u8>,
    pub(crate) deadline: Option<Due>,
    pub(crate) duties: Vec<Code>,
    pub(crate) obligations: Vec<Code>,
    pub(crate) findings: Option<Box<Findings>>,
}

impl Decision {
    /// The case decided.
    #[must_use]
    pub const fn case(&self) -> &CaseId {
        &self.case
    }

    /// The moment of the decision.
    #[must_use]
    pub const fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// The release that decided.
    #[must_use]
    pub const fn release(&self) -> &ReleaseId {
        &self.release
    }

    /// What became of the case.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The goodwill level that the policy named, if it exists.
    #[must_use]
    pub const fn tier(&self) -> Option<&Code> {
        self.tier.as_ref()
    }

    /// What is given, now or on approval.
    #[must_use]
    pub fn remedies(&self) -> &[GrantedRemedy] {
        &self.remedies
    }

    /// Every change that a guardrail made, in order.
    #[must_use]
    pub fn adjustments(&self) -> &[Adjustment] {
        &self.adjustments
    }

    /// Why, each reason once and in order of weight: what a person is called for, what
    /// else the engine found, what the policy says; what a hold waits for comes first.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> + Clone {
        let all = || {
            let of_remedies = self.remedies.iter().flat_map(|remedy| &remedy.reasons);
            self.reasons.iter().chain(of_remedies)
        };
        let first = move |(place, reason): &(usize, &Reason)| {
            all().take(*place).all(|earlier| earlier != *reason)
        };
        all().enumerate().filter(first).map(|(_, reason)| reason)
    }

    /// The authority held and needed.
    #[must_use]
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// What people must decide, the most urgent first.
    #[must_use]
    pub fn escalations(&self) -> &[Escalation] {
        &self.escalations
    }

    /// What the case waits for.
    #[must_use]
    pub const fn hold(&self) -> Option<&HoldState> {
        self.hold.as_ref()
    }

    /// A person's look at the refusal.
    #[must_use]
    pub const fn review(&self) -> Option<&Review> {
        self.review.as_ref()
    }

    /// Who owns the case now; nobody if it is granted or refused.
    #[must_use]
    pub const fn owner(&self) -> Option<&Code> {
        self.owner.as_ref()
    }

    /// The queue that the policy routes the case to.
    #[must_use]
    pub const fn queue(&self) -> Option<&Code> {
        self.queue.as_ref()
    }

    /// Urgency, 1 (most urgent) to 9.
    #[must_use]
    pub const fn priority(&self) -> Option<u8> {
        self.priority
    }

    /// By when somebody must act: the earliest of policy and guardrails.
    #[must_use]
    pub const fn deadline(&self) -> Option<&Due> {
        self.deadline.as_ref()
    }

    /// What must be done for safety.
    #[must_use]
    pub fn duties(&self) -> &[Code] {
        &self.duties
    }

    /// What the customer must be told or given besides.
    #[must_use]
    pub fn obligations(&self) -> &[Code] {
        &self.obligations
    }

    /// What fairness found, where the release declares it.
    #[must_use]
    pub fn findings(&self) -> Option<&Findings> {
        self.findings.as_deref()
    }

    /// The worth of all remedies in one currency, payable now or later.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn total(&self, currency: Currency) -> Result<Money, MoneyError> {
        self.remedies
            .iter()
            .filter_map(|remedy| remedy.worth)
            .filter(|worth| worth.currency() == currency)
            .try_fold(Money::zero(currency), Money::plus)
    }

    /// How many fields the decision has in JSON.
    pub const FIELDS: usize = 21;

    /// Writes the fields into a struct being serialised, so that a caller can stand
    /// fields of its own beside them.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize_fields<S: SerializeStruct>(&self, out: &mut S) -> Result<(), S::Error> {
        out.serialize_field("semantics_version", &crate::SEMANTICS_VERSION)?;
        out.serialize_field("case", &self.case)?;
        out.serialize_field("event", &self.event)?;
        out.serialize_field("claimant", &self.claimant)?;
        out.serialize_field("as_of", &self.as_of)?;
        out.serialize_field("release", &self.release)?;
        out.serialize_field("outcome", &self.outcome)?;
        out.serialize_field("tier", &self.tier)?;
        out.serialize_field("remedies", &self.remedies)?;
        out.serialize_field("adjustments", &self.adjustments)?;
        out.serialize_field("reasons", &Reasons(self))?;
        out.serialize_field("authority", &self.authority)?;
        out.serialize_field("escalations", &self.escalations)?;
        out.serialize_field("hold", &self.hold)?;
        out.serialize_field("review", &self.review)?;
        out.serialize_field("owner", &self.owner)?;
        out.serialize_field("queue", &self.queue)?;
        out.serialize_field("priority", &self.priority)?;
        out.serialize_field("deadline", &self.deadline)?;
        out.serialize_field("duties", &self.duties)?;
        out.serialize_field("obligations", &self.obligations)?;
        // Releases that compare nothing write decisions as they always did.
        match &self.findings {
            Some(findings) => out.serialize_field("fairness", findings),
            None => Ok(()),
        }
    }
}

/// The reasons of a decision as a list.
struct Reasons<'a>(&'a Decision);

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.reasons())
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Decision", Self::FIELDS)?;
        self.serialize_fields(&mut out)?;
        out.end()
    }
}
