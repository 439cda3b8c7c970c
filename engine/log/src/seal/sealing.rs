//! What is sealed, and how a body is written with commitments in it.

use redress_model::{ClaimantId, FactClass, FactType, Schema};
use serde::Serialize;

use super::{Opening, Seed, Subject, VALUE_LIMITS, commitment};
use crate::canonical::{self, CanonicalError, Rule, RuleSubject, Rules, SealValue, Value};

/// Which parts of a record are sealed.
///
/// Every id of a person, of their case and of their event, every text, and the facts of
/// the classes `route`, `safety` and `forbidden`; also the digest of the inputs, from
/// which ids could be guessed. What stays readable is what an audit of sums needs: typed
/// merit and gate facts, sums, codes, dates and roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealing {
    rules: Rules,
}

/// An id in a place of its own, the same commitment wherever it stands in one record.
const fn id(subject: RuleSubject) -> Rule {
    Rule {
        subject,
        shared: true,
    }
}

/// Something else about the claimant.
const ABOUT_CLAIMANT: Rule = Rule {
    subject: RuleSubject::RecordClaimant,
    shared: false,
};

impl Sealing {
    /// What is sealed in decisions whose facts fit this schema.
    #[must_use]
    pub fn of_decisions(schema: &Schema) -> Self {
        let (claimant, actor) = (RuleSubject::NamedClaimant, RuleSubject::NamedActor);
        let case = RuleSubject::RecordClaimant;
        let mut rules = Rules::default();
        rules.add(["actor", "id"], id(actor));
        rules.add(["case", "claimant", "id"], id(claimant));
        rules.add(["case", "event"], id(case));
        rules.add(["case", "id"], id(case));
        rules.add(["case", "links", "*", "id"], id(case));
        rules.add(["decision", "case"], id(case));
        rules.add(["decision", "claimant"], id(claimant));
        rules.add(["decision", "event"], id(case));
        rules.add(
            ["decision", "reasons", "*", "args", "*", "text"],
            ABOUT_CLAIMANT,
        );
        let remedy = [
            "decision", "remedies", "*", "reasons", "*", "args", "*", "text",
        ];
        rules.add(remedy, ABOUT_CLAIMANT);
        rules.add(["inputs_digest"], ABOUT_CLAIMANT);
        rules.add(["standing", "paid", "*", "beneficiary"], id(claimant));
        // Cases that were compared are those of other people.
        let other = id(RuleSubject::NamedCase);
        for which in ["most", "least"] {
            rules.add(["standing", "fairness", which, "case"], other);
        }
        let sibling = ["standing", "fairness", "siblings", "*", "precedent", "case"];
        rules.add(sibling, other);
        let promisee = ["standing", "fairness", "promises", "*", "promisee"];
        rules.add(promisee, id(claimant));
        for fact in schema.facts().iter().filter(|fact| {
            matches!(
                fact.class,
                FactClass::Route | FactClass::Safety | FactClass::Forbidden
            ) || holds_text(&fact.ty)
        }) {
            rules.add(
                ["case", "facts"].into_iter().chain(fact.name.split('.')),
                ABOUT_CLAIMANT,
            );
        }
        Self { rules }
    }

    /// What is sealed in all other records: who acted, the case, and references to payments.
    #[must_use]
    pub fn of_acts() -> Self {
        let (claimant, actor) = (RuleSubject::NamedClaimant, RuleSubject::NamedActor);
        let mut rules = Rules::default();
        for who in ["actor", "approver", "by"] {
            rules.add([who], id(actor));
            rules.add([who, "id"], id(actor));
        }
        rules.add(["beneficiary"], id(claimant));
        rules.add(["claimant"], id(claimant));
        for what in ["case", "event", "inputs_digest", "reference"] {
            rules.add([what], id(RuleSubject::RecordClaimant));
        }
        Self { rules }
    }

    /// The canonical bytes of a body with commitments in it, and their openings.
    pub(crate) fn seal<T: Serialize + ?Sized>(
        &self,
        body: &T,
        claimant: Option<&ClaimantId>,
        seed: Seed,
    ) -> Result<(Vec<u8>, Vec<Opening>), CanonicalError> {
        let mut sealer = Sealer {
            seed,
            // The first salt is the nonce of the record.
            next: 1,
            claimant: claimant.map_or_else(Subject::nobody, Subject::claimant),
            openings: Vec::new(),
            shared: 0,
        };
        let bytes = canonical::to_vec_sealed(body, &self.rules, &mut sealer)?;
        Ok((bytes, sealer.openings))
    }
}

fn holds_text(ty: &FactType) -> bool {
    match ty {
        FactType::Text { .. } => true,
        FactType::List { item, .. } => holds_text(item),
        FactType::Bool
        | FactType::Int { .. }
        | FactType::Enum(_)
        | FactType::Date
        | FactType::DateTime
        | FactType::Money { .. } => false,
    }
}

struct Sealer {
    seed: Seed,
    next: u32,
    claimant: Subject,
    /// Shared ones first.
    openings: Vec<Opening>,
    shared: usize,
}

impl SealValue for Sealer {
    fn seal(&mut self, rule: Rule, value: &[u8], out: &mut Vec<u8>) {
        // The writer gives canonical JSON, which is UTF-8.
        let text = std::str::from_utf8(value).unwrap_or_default();
        let named = || match canonical::read(value, VALUE_LIMITS) {
            Ok(Value::Text(id)) => Some(id),
            _ => None,
        };
        let subject = match rule.subject {
            RuleSubject::RecordClaimant => self.claimant.clone(),
            RuleSubject::NamedClaimant | RuleSubject::NamedActor | RuleSubject::NamedCase => {
                match named() {
                    Some(id) if rule.subject == RuleSubject::NamedActor => {
                        Subject::of("actor", &id)
                    }
                    Some(id) if rule.subject == RuleSubject::NamedCase => Subject::of("case", &id),
                    Some(id) => Subject::of("claimant", &id),
                    // An object with a name of its own inside, which has its own rule.
                    None => {
                        out.extend(value);
                        return;
                    }
                }
            }
        };
        let mut known = self.openings.iter().take(self.shared);
        let known = known.find(|own| rule.shared && own.value == text && own.subject == subject);
        let commitment = match known {
            Some(opening) => opening.commitment,
            None => {
                let salt = self.seed.salt(self.next);
                self.next = self.next.saturating_add(1);
                let opening = Opening {
                    commitment: commitment(salt, value),
                    salt,
                    subject,
                    value: text.to_owned(),
                };
                let commitment = opening.commitment;
                if rule.shared {
                    self.openings.insert(self.shared, opening);
                    self.shared = self.shared.saturating_add(1);
                } else {
                    self.openings.push(opening);
                }
                commitment
            }
        };
        out.extend(b"{\"$sealed\":\"");
        out.extend(commitment.hex());
        out.extend(b"\"}");
    }
}
