//! Why a decision came out as it did, for three readers from one structure.
//!
//! An [`Explanation`] gathers a decision with its sentences and sources once;
//! [`Explanation::page`] says it to a customer, an agent or an auditor. What a reader may
//! not see is left out here and nowhere else: a customer reads no role, no limit, no sum
//! that nobody has approved and nothing about safety.

mod agent;
mod auditor;
mod customer;
mod page;
#[cfg(test)]
mod tests;

use redress::{Decided, Release};
use redress_kernel::{Adjusted, Decision, Due};
use redress_model::{Amount, Basis, Code, Facts, Locale, Reason, Warnings};

pub(crate) use self::auditor::evidence;
pub use self::page::{Block, Page};
use crate::words::{self, Lang};

/// Who reads an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The one who complained: what they get and why, in plain sentences.
    Customer,
    /// The one who handles the case: what to do now, who approves, by when.
    Agent,
    /// The one who checks it later: every step with its evidence and source.
    Auditor,
}

impl Reader {
    /// `customer`, `agent` or `auditor`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Auditor => "auditor",
        }
    }
}

/// A decision with everything that its readers may ask about it.
pub struct Explanation<'a> {
    pub(crate) decided: &'a Decided,
    release: &'a Release,
    pub(crate) lang: Lang,
    locale: Option<Locale>,
    case: Option<(&'a Facts, &'a Warnings)>,
}

impl<'a> Explanation<'a> {
    /// Explains a decision of this release in a language.
    #[must_use]
    pub fn new(decided: &'a Decided, release: &'a Release, lang: Lang) -> Self {
        let locale = Locale::new(lang.code()).ok();
        Self {
            decided,
            release,
            lang,
            locale,
            case: None,
        }
    }

    /// With what was decided on, so that the auditor can follow the policy through it.
    #[must_use]
    pub fn of_case(self, facts: &'a Facts, warnings: &'a Warnings) -> Self {
        Self {
            case: Some((facts, warnings)),
            ..self
        }
    }

    /// What this reader is told.
    #[must_use]
    pub fn page(&self, reader: Reader) -> Page {
        let blocks = match reader {
            Reader::Customer => customer::blocks(self),
            Reader::Agent => agent::blocks(self),
            Reader::Auditor => auditor::blocks(self),
        };
        Page {
            reader,
            lang: self.lang,
            blocks: blocks
                .into_iter()
                .filter(|block| !block.lines.is_empty())
                .collect(),
        }
    }

    pub(crate) const fn decision(&self) -> &'a Decision {
        &self.decided.decision
    }

    /// The words of the reader's language.
    const fn say<'t>(&self, english: &'t str, chinese: &'t str) -> &'t str {
        self.lang.say(english, chinese)
    }

    /// A kind of remedy as whoever handles the case knows it: in English by its code.
    fn kind(&self, kind: &Code) -> String {
        let known = KINDS.iter().find(|(name, _, _)| *name == kind.as_str());
        let own = || self.own_sentence(&Reason::bare(kind.clone()));
        match (self.lang, known) {
            (Lang::En, _) => kind.to_string(),
            (Lang::Zh, Some((_, _, chinese))) => (*chinese).to_owned(),
            (Lang::Zh, None) => own().unwrap_or_else(|| kind.to_string()),
        }
    }

    /// What a remedy rests on: its basis, and the claim where there is one.
    pub(crate) fn ground(&self, basis: &Basis) -> String {
        let name = self.lang.term(basis.name());
        match basis.claim() {
            Some(claim) => format!("{name} {claim}"),
            None => name.to_owned(),
        }
    }

    /// A side of an adjustment.
    fn side(&self, adjusted: &Adjusted) -> String {
        match adjusted {
            Adjusted::Kind(kind) => self.kind(kind),
            Adjusted::Basis(basis) => self.lang.term(basis).to_owned(),
            Adjusted::Worth(_) => side(adjusted),
        }
    }

    /// The release's own sentence for a reason.
    fn own_sentence(&self, reason: &Reason) -> Option<String> {
        let messages = self.release.source().messages();
        messages.reason(self.locale.as_ref()?, reason)
    }

    /// The sentence of a reason: the release's, else the engine's.
    fn sentence(&self, reason: &Reason) -> Option<String> {
        let engine = || words::sentence(&reason.code, self.lang).map(str::to_owned);
        self.own_sentence(reason).or_else(engine)
    }

    /// The sentence with its code, or the code alone.
    pub(crate) fn with_code(&self, reason: &Reason) -> String {
        match self.sentence(reason) {
            Some(sentence) => format!("{sentence} [{}]", reason.code),
            None => reason.code.to_string(),
        }
    }

    pub(crate) fn bare(&self, code: &Code) -> String {
        self.with_code(&Reason::bare(code.clone()))
    }

    /// Where the guardrails say that a claim comes from: an article or a clause.
    fn source_of(&self, claim: &Code) -> Option<&'a str> {
        let claim = self.release.guardrails().claim(claim)?;
        Some(claim.source.as_str())
    }

    /// A remedy as people name it: `30.00 EUR in cash`.
    fn gift(&self, kind: &Code, amount: &Amount) -> String {
        let known = KINDS.iter().find(|(name, _, _)| *name == kind.as_str());
        let own = self.own_sentence(&Reason::bare(kind.clone()));
        let name = match (own, known) {
            (Some(own), _) => own,
            (None, Some((_, english, chinese))) => self.say(english, chinese).to_owned(),
            (None, None) => kind.as_str().replace('_', " "),
        };
        match (amount, self.lang) {
            (Amount::Units { count: 1, .. }, _) => name,
            (Amount::Units { count, .. }, Lang::En) => format!("{count} {name}"),
            (Amount::Units { count, .. }, Lang::Zh) => format!("{name} {count}"),
            (Amount::Money(money), Lang::En) => format!("{money}, {name}"),
            (Amount::Money(money), Lang::Zh) => format!("{name} {money}"),
        }
    }

    /// The release's own words for a fact or a document, in this language.
    pub(crate) fn named(&self, code: &Code) -> Option<String> {
        self.own_sentence(&Reason::bare(code.clone()))
    }

    /// What a fact or a document means, for whoever must get it.
    fn missing(&self, code: &Code) -> String {
        if let Some(sentence) = self.named(code) {
            return sentence;
        }
        let schema = self.release.schema();
        let fact = schema
            .slot(code.as_str())
            .and_then(|slot| schema.fact(slot));
        match (fact, self.lang) {
            // Schemas are written in one language.
            (Some(fact), Lang::En) if !fact.description.is_empty() => {
                fact.description.trim_end_matches('.').to_owned()
            }
            _ => code.as_str().replace('_', " "),
        }
    }

    /// Reasons that no remedy and no escalation carries.
    pub(crate) fn other_reasons(&self) -> impl Iterator<Item = &'a Reason> {
        let decision = self.decision();
        decision.reasons().filter(|reason| {
            let mut remedies = decision.remedies().iter();
            let mut escalations = decision.escalations().iter();
            !remedies.any(|remedy| remedy.reasons.contains(reason))
                && !escalations.any(|escalation| escalation.reason == reason.code)
        })
    }
}

/// Kinds of remedy that many releases give: code, English, Chinese.
const KINDS: &[(&str, &str, &str)] = &[
    ("balance_credit", "credited to your account", "账户余额"),
    ("cash", "in money", "现金"),
    ("points", "points", "积分"),
    ("rebooking", "a new booking", "改订"),
    ("voucher", "as a voucher", "代金券"),
    ("written_answer", "an answer in writing", "书面答复"),
];

/// A moment as a customer reads it, at the place of the calendar.
fn when(due: &Due) -> String {
    let text = due.at.to_rfc3339(due.offset_seconds);
    let text = text.get(..16).unwrap_or(&text);
    text.replace('T', " ")
}

pub(crate) fn instant(due: &Due) -> String {
    due.at.to_rfc3339(due.offset_seconds).to_string()
}

/// A side of an adjustment as a decision writes it.
pub(crate) fn side(side: &Adjusted) -> String {
    match side {
        Adjusted::Worth(money) => money.to_string(),
        Adjusted::Kind(kind) => kind.to_string(),
        Adjusted::Basis(basis) => (*basis).to_owned(),
    }
}

/// An amount as a decision writes it.
pub(crate) fn shown(amount: &Amount) -> String {
    match amount {
        Amount::Money(money) => money.to_string(),
        Amount::Units { unit, count } => format!("{count} {unit}"),
    }
}
