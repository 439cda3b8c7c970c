//! Which entries of the guardrails have had a say in a case.
//!
//! An entry has had a say when the kernel weighed it: a limit against a sum that it bounds,
//! whether the sum came near it or not; a duty in a case that it is for.

use redress_kernel::guardrails::{
    AuthorityRow, BasisKind, Condition, Guardrails, LadderRung, SafetyRule, Taboo,
};
use redress_kernel::{Adjusted, Decision, GrantedRemedy, Rule, codes};
use redress_model::{Amount, Basis, Case, Code, Slot, Value};
use redress_release::{CaseFile, ReleaseSource};
use toml_edit::Document;

/// An entry of the guardrails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its section, such as `cap`.
    pub section: &'static str,
    /// What it is called there, or what it is about.
    pub name: String,
    /// Its line, where its section is written as `[[section]]`.
    pub line: Option<u32>,
    /// In how many cases it had a say.
    pub touched: u64,
}

/// The entries of one release while its cases are added.
pub(super) struct Entries<'a> {
    guardrails: &'a Guardrails,
    pub(super) entries: Vec<Entry>,
    places: Vec<Place>,
}

/// Which entry of the guardrails one of the list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Claim(usize),
    SecondLook(usize),
    Floor(usize),
    Tier(usize),
    Corridor,
    LossMultiple,
    Cap(usize),
    Budget(usize),
    Kind(usize),
    Taboo(usize),
    Role(usize),
    Authority(usize),
    Chain(usize),
    Precondition(usize),
    Hold(usize),
    UnknownFact,
    Review(usize),
    Safety(usize),
    Rung(usize),
}

impl<'a> Entries<'a> {
    pub(super) fn of(source: &'a ReleaseSource) -> Self {
        let guardrails = source.guardrails();
        let mut all: Vec<(Place, &'static str, String)> = Vec::new();
        let mut add = |place, section, name: String| all.push((place, section, name));
        for (at, claim) in guardrails.claims.iter().enumerate() {
            let section = match claim.basis {
                redress_kernel::guardrails::ClaimBasis::Statutory => "statutory",
                redress_kernel::guardrails::ClaimBasis::Contractual => "contractual",
            };
            add(Place::Claim(at), section, claim.code.to_string());
            if claim.second_look.is_some() {
                let name = claim.code.to_string();
                add(Place::SecondLook(at), "second_look", name);
            }
        }
        for (at, floor) in guardrails.floors.iter().enumerate() {
            add(Place::Floor(at), "floor", floor.claim.to_string());
        }
        for (at, tier) in guardrails.tiers.iter().enumerate() {
            add(Place::Tier(at), "tier", tier.name.to_string());
        }
        if guardrails.corridor != Default::default() {
            add(Place::Corridor, "corridor", "tolerance".into());
        }
        let envelope = &guardrails.envelope;
        if envelope.loss_multiple_basis_points.is_some() {
            add(Place::LossMultiple, "envelope", "loss multiple".into());
        }
        for (at, cap) in envelope.caps.iter().enumerate() {
            add(Place::Cap(at), "cap", cap.name.to_string());
        }
        for (at, budget) in envelope.budgets.iter().enumerate() {
            add(Place::Budget(at), "budget", budget.name.to_string());
        }
        for (at, kind) in guardrails.kinds.iter().enumerate() {
            add(Place::Kind(at), "kind", kind.name.to_string());
        }
        for (at, taboo) in guardrails.taboos.iter().enumerate() {
            let name = match taboo {
                Taboo::Kind { locale, kind, .. } => format!("{kind} in {locale}"),
                Taboo::Sum { locale, sum, .. } => format!("{sum} in {locale}"),
            };
            add(Place::Taboo(at), "taboo", name);
        }
        for (at, role) in guardrails.roles.iter().enumerate() {
            add(Place::Role(at), "role", role.name.to_string());
        }
        for (at, row) in guardrails.authority.iter().enumerate() {
            let role = guardrails.roles.get(row.role);
            let role = role.map(|role| role.name.as_str()).unwrap_or_default();
            let name = format!("{role} up to {}", row.limit);
            add(Place::Authority(at), "authority", name);
        }
        for (at, chain) in guardrails.chains.iter().enumerate() {
            add(Place::Chain(at), "chain", chain.name.to_string());
        }
        for (at, rule) in guardrails.preconditions.iter().enumerate() {
            add(
                Place::Precondition(at),
                "precondition",
                rule.missing.to_string(),
            );
        }
        for (at, rule) in guardrails.holds.iter().enumerate() {
            add(Place::Hold(at), "hold", rule.code.to_string());
        }
        let owner = guardrails.unknown_fact.owner.to_string();
        add(Place::UnknownFact, "unknown_fact", owner);
        for (at, rule) in guardrails.reviews.iter().enumerate() {
            add(Place::Review(at), "review", rule.owner.to_string());
        }
        for (at, rule) in guardrails.safety.iter().enumerate() {
            add(Place::Safety(at), "safety", rule.owner.to_string());
        }
        for (at, rung) in guardrails.ladder.iter().enumerate() {
            let owner = rung.owner.as_ref().map(Code::as_str);
            let name = format!("rung {}, {}", at + 1, owner.unwrap_or("by role"));
            add(Place::Rung(at), "ladder", name);
        }
        let places = all.iter().map(|(place, _, _)| *place).collect();
        let lines = Lines::of(source);
        let mut entries: Vec<Entry> = Vec::new();
        for (_, section, name) in all {
            let earlier = entries.iter().filter(|it| it.section == section).count();
            let line = lines.line(section, &name, earlier);
            entries.push(Entry {
                section,
                name,
                line,
                touched: 0,
            });
        }
        Self {
            guardrails,
            entries,
            places,
        }
    }

    /// Adds the entries that had a say in a decision.
    pub(super) fn add(&mut self, case: &Case, file: &CaseFile, decision: &Decision) {
        let weighed = Weighed {
            guardrails: self.guardrails,
            case,
            file,
            decision,
        };
        for (entry, place) in self.entries.iter_mut().zip(&self.places) {
            entry.touched += u64::from(weighed.has(*place));
        }
    }
}

struct Weighed<'a> {
    guardrails: &'a Guardrails,
    case: &'a Case,
    file: &'a CaseFile,
    decision: &'a Decision,
}

/// The ground of a remedy that is nobody's right by law.
const fn discretion(remedy: &GrantedRemedy) -> Option<BasisKind> {
    match remedy.basis {
        Basis::Goodwill => Some(BasisKind::Goodwill),
        Basis::Contractual(_) => Some(BasisKind::Contractual),
        Basis::Statutory(_) => None,
    }
}

impl Weighed<'_> {
    fn has(&self, place: Place) -> bool {
        self.weighs(place).unwrap_or(false)
    }

    fn weighs(&self, place: Place) -> Option<bool> {
        let rails = self.guardrails;
        let decision = self.decision;
        Some(match place {
            Place::Claim(at) => self.has_claim(&rails.claims.get(at)?.code),
            Place::SecondLook(at) => {
                self.has_claim(&rails.claims.get(at)?.code) && self.has_reason(&codes::SECOND_LOOK)
            }
            Place::Floor(at) => {
                let floor = rails.floors.get(at)?;
                Condition::all_hold(&floor.when, &self.case.facts) && self.has_claim(&floor.claim)
            }
            Place::Tier(at) => decision.tier() == Some(&rails.tiers.get(at)?.name),
            Place::Corridor => self.file.offer.is_some(),
            Place::LossMultiple => {
                let facts = &self.case.facts;
                let loss = rails.facts.loss.as_ref();
                self.adjusted(Rule::LossMultiple, None)
                    || loss.is_some_and(|base| facts.get(base.slot).is_some())
                        && self.weighs_ground(Some(BasisKind::Goodwill))
            }
            Place::Cap(at) => {
                let cap = rails.envelope.caps.get(at)?;
                self.adjusted(Rule::Cap, Some(&cap.name)) || self.weighs_ground(cap.basis)
            }
            Place::Budget(at) => {
                let budget = rails.envelope.budgets.get(at)?;
                self.adjusted(Rule::Budget, Some(&budget.name)) || self.weighs_ground(budget.basis)
            }
            Place::Kind(at) => {
                let kind = &rails.kinds.get(at)?.name;
                let is = |side: &Adjusted| matches!(side, Adjusted::Kind(own) if own == kind);
                let mut changes = decision.adjustments().iter();
                decision
                    .remedies()
                    .iter()
                    .any(|remedy| remedy.kind == *kind)
                    || changes.any(|change| is(&change.from) || is(&change.to))
            }
            Place::Taboo(at) => {
                let taboo = rails.taboos.get(at)?;
                let mut changes = decision.adjustments().iter();
                changes.any(|change| {
                    change.rule == Rule::Taboo
                        && match (taboo, &change.from) {
                            (Taboo::Kind { kind, .. }, Adjusted::Kind(from)) => kind == from,
                            (Taboo::Sum { sum, .. }, Adjusted::Worth(from)) => sum == from,
                            _ => false,
                        }
                })
            }
            Place::Role(at) => self.has_role(at, &rails.roles.get(at)?.name),
            Place::Authority(at) => self.has_row(rails.authority.get(at)?),
            Place::Chain(at) => {
                let name = &rails.chains.get(at)?.name;
                let mut asked = decision.escalations().iter();
                asked.any(|asked| asked.chain.as_ref() == Some(name))
            }
            Place::Precondition(at) => {
                let rule = rails.preconditions.get(at)?;
                rule.stages.contains(&self.case.envelope.stage) && self.waits_for(&rule.missing)
            }
            Place::Hold(at) => {
                let rule = rails.holds.get(at)?;
                self.waits_for(&rule.missing) && self.has_reason(&rule.code)
            }
            Place::UnknownFact => self.has_reason(&codes::UNKNOWN_FACT),
            Place::Review(at) => {
                let facts = &self.case.facts;
                let mut rules = rails.reviews.iter();
                let first = rules.position(|rule| Condition::all_hold(&rule.when, facts));
                decision.review().is_some() && first == Some(at)
            }
            Place::Safety(at) => self.is_in_danger(rails.safety.get(at)?),
            Place::Rung(at) => {
                let first = rails.ladder.iter().position(|rung| self.is_for(rung));
                self.climbs() && first == Some(at)
            }
        })
    }

    fn has_claim(&self, code: &Code) -> bool {
        let mut remedies = self.decision.remedies().iter();
        let mut changes = self.decision.adjustments().iter();
        remedies.any(|remedy| remedy.basis.claim() == Some(code))
            || changes.any(|change| change.evidence.name.as_ref() == Some(code))
    }

    fn has_reason(&self, code: &Code) -> bool {
        self.decision.reasons().any(|reason| reason.code == *code)
    }

    fn adjusted(&self, rule: Rule, name: Option<&Code>) -> bool {
        let mut changes = self.decision.adjustments().iter();
        changes.any(|change| {
            change.rule == rule
                && name.is_none_or(|name| change.evidence.name.as_ref() == Some(name))
        })
    }

    /// The remedies that somebody gives, with what they are worth.
    fn given(&self) -> impl Iterator<Item = (&GrantedRemedy, BasisKind)> {
        let remedies = self.decision.remedies().iter();
        let remedies = remedies.filter_map(|remedy| Some((remedy, discretion(remedy)?)));
        remedies.filter(|(remedy, _)| match &remedy.amount {
            Amount::Money(money) => money.minor() != 0,
            Amount::Units { count, .. } => *count != 0,
        })
    }

    fn weighs_ground(&self, basis: Option<BasisKind>) -> bool {
        let mut given = self.given();
        given.any(|(_, own)| basis.is_none_or(|basis| basis == own))
    }

    fn has_role(&self, at: usize, name: &Code) -> bool {
        let authority = self.decision.authority();
        let mut asked = self.decision.escalations().iter();
        let held = authority.held == *name && self.given().next().is_some();
        held || authority.required.as_ref() == Some(name)
            || asked.any(|asked| asked.signatures.iter().any(|it| it.role == *name))
            || self.climbs_to(at)
    }

    /// Whether an escalation goes to a role because it stands above the actor.
    fn climbs_to(&self, at: usize) -> bool {
        let rails = self.guardrails;
        let rung = rails.ladder.iter().find(|rung| self.is_for(rung));
        let by_role = rung.is_none_or(|rung| rung.owner.is_none());
        let above = rails.roles_above(&self.decision.authority().held).next();
        let above = above.or_else(|| rails.roles.last());
        let own = rails.roles.get(at);
        let is_above = above
            .zip(own)
            .is_some_and(|(above, own)| above.name == own.name);
        self.decision.authority().required.is_none() && self.climbs() && by_role && is_above
    }

    /// Whether the row is the one that a role's limit was read from: of the actor, or of
    /// the role that must sign.
    fn has_row(&self, row: &AuthorityRow) -> bool {
        let rails = self.guardrails;
        let authority = self.decision.authority();
        let Some(today) = rails.calendar.date_at(self.file.as_of) else {
            return false;
        };
        let roles = [Some(&authority.held), authority.required.as_ref()];
        let scene = self.enum_fact(rails.facts.scene);
        roles.into_iter().flatten().any(|role| {
            let place = rails.roles.iter().position(|own| own.name == *role);
            self.given().any(|(remedy, basis)| {
                let currency = remedy.worth.map(redress_model::Money::currency);
                let Some((place, currency)) = place.zip(currency) else {
                    return false;
                };
                let mut rows = rails.authority.iter();
                let found =
                    rows.find(|row| row.is_for(place, basis, &remedy.kind, scene, currency, today));
                found.is_some_and(|found| std::ptr::eq(found, row))
            })
        })
    }

    fn waits_for(&self, missing: &Code) -> bool {
        let hold = self.decision.hold();
        hold.is_some_and(|hold| hold.missing == *missing)
    }

    fn is_in_danger(&self, rule: &SafetyRule) -> bool {
        let value = self.case.facts.get(rule.slot);
        value.is_some_and(|value| rule.raised.contains(value) || rule.cleared.contains(value))
    }

    /// Whether somebody is called for something that neither a chain, nor a second look,
    /// nor a rule of safety owns.
    fn climbs(&self) -> bool {
        let mut asked = self.decision.escalations().iter();
        let owned = [
            codes::SAFETY_CONCERN.as_str(),
            codes::APPROVAL_CHAIN.as_str(),
            codes::SECOND_LOOK.as_str(),
        ];
        asked.any(|asked| !owned.contains(&asked.reason.as_str()))
    }

    fn is_for(&self, rung: &LadderRung) -> bool {
        let facts = &self.guardrails.facts;
        let (severity, worth) = (
            self.enum_fact(facts.severity),
            self.enum_fact(facts.customer_value),
        );
        rung.severity.is_none_or(|wanted| severity == Some(wanted))
            && rung
                .customer_value
                .is_none_or(|wanted| worth == Some(wanted))
    }

    fn enum_fact(&self, slot: Option<Slot>) -> Option<u16> {
        match self.case.facts.get(slot?) {
            Some(Value::Enum(value)) => Some(*value),
            _ => None,
        }
    }
}

/// Where the sections of the guardrails begin.
struct Lines {
    document: Option<Document<String>>,
}

impl Lines {
    fn of(source: &ReleaseSource) -> Self {
        let file = file_of(source);
        let text = file.and_then(|file| source.folder().file(&file));
        let text = text.and_then(|bytes| std::str::from_utf8(bytes).ok());
        Self {
            document: text.and_then(|text| Document::parse(text.to_owned()).ok()),
        }
    }

    /// The line of an entry: by its code or name, or by its place in its section.
    fn line(&self, section: &str, name: &str, place: usize) -> Option<u32> {
        let document = self.document.as_ref()?;
        let item = document.get(section)?;
        let at = match item.as_array_of_tables() {
            Some(tables) => {
                let named = tables.iter().find(|table| {
                    let key = table.get("code").or_else(|| table.get("name"));
                    key.and_then(|key| key.as_str()) == Some(name)
                });
                named.or_else(|| tables.get(place))?.span()?
            }
            None => item.as_table()?.span()?,
        };
        let before = document.raw().get(..at.start)?;
        u32::try_from(before.matches('\n').count().saturating_add(1)).ok()
    }
}

/// The file that the manifest names for the guardrails.
pub(super) fn file_of(source: &ReleaseSource) -> Option<String> {
    let text = std::str::from_utf8(source.folder().file("release.toml")?).ok()?;
    let manifest = Document::parse(text).ok()?;
    Some(manifest.get("guardrails")?.as_str()?.to_owned())
}
