//! Step 3: what may be given here, in which form, at a fixed equivalence.

use redress_model::{Code, Locale, Value};

use super::item::known_kind;
use super::{Draft, Ground, Item};
use crate::adjustment::{Evidence, Rule};
use crate::codes;
use crate::decide::{Halt, Inputs};
use crate::guardrails::{Kind, Taboo, Worth};

pub(crate) fn enforce<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    requested(inputs, draft)?;
    for index in 0..draft.items.len() {
        let Some(item) = draft.items.get(index) else {
            continue;
        };
        let change = match item.ground {
            Ground::Statutory(claim) => lawful(inputs, item, &claim.kinds)?,
            Ground::Contractual(_) | Ground::Goodwill => allowed(inputs, item)?,
        };
        match change {
            Change::None => {}
            Change::Consented => {
                if let Some(item) = draft.items.get_mut(index) {
                    item.consented = true;
                }
            }
            Change::To(rule, kind) => draft.change_kind(index, rule, kind)?,
            Change::Drop => {
                draft.drop_item(index, Rule::KindNotAllowed);
                draft.because(&codes::NOT_ALLOWED_HERE);
            }
        }
    }
    draft.drop_empty();
    Ok(())
}

enum Change<'a> {
    None,
    Consented,
    To(Rule, &'a Kind),
    Drop,
}

/// Where the law gives cash, another kind needs recorded consent.
fn lawful<'a>(inputs: Inputs<'a>, item: &Item<'a>, kinds: &[Code]) -> Result<Change<'a>, Halt> {
    if kinds.contains(&item.kind.name) {
        return Ok(Change::None);
    }
    if inputs.has_consent() && inputs.may_give(item.kind) {
        return Ok(Change::Consented);
    }
    let name = kinds.first().ok_or(Halt::Escalate(&codes::UNKNOWN_KIND))?;
    Ok(Change::To(
        Rule::ConsentMissing,
        known_kind(inputs.guardrails, name)?,
    ))
}

/// Goodwill and contractual remedies: taboos, then locale and scene.
fn allowed<'a>(inputs: Inputs<'a>, item: &Item<'a>) -> Result<Change<'a>, Halt> {
    let instead = match inputs.taboo_kind(&item.kind.name) {
        Some(name) => Some(known_kind(inputs.guardrails, name)?),
        None => None,
    };
    if inputs.may_give(instead.unwrap_or(item.kind)) {
        return Ok(instead.map_or(Change::None, |kind| Change::To(Rule::Taboo, kind)));
    }
    // Money of another form takes its place; cash does not, that is a plan of its own.
    let other = inputs.guardrails.kinds.iter().find(|kind| {
        !kind.is_cash()
            && matches!(kind.worth, Worth::Face { .. })
            && inputs.may_give(kind)
            && inputs.taboo_kind(&kind.name).is_none()
    });
    Ok(other.map_or(Change::Drop, |kind| Change::To(Rule::KindNotAllowed, kind)))
}

/// The customer's choice of form, worth what the proposal was.
fn requested<'a>(inputs: Inputs<'a>, draft: &mut Draft<'a>) -> Result<(), Halt> {
    let requested = inputs.case.envelope.requested.as_ref();
    let Some(name) = requested.and_then(|requested| requested.kind.as_ref()) else {
        return Ok(());
    };
    // An unknown kind, or one that may not be given here, is a wish without effect.
    let Some(kind) = inputs
        .guardrails
        .kind(name)
        .filter(|kind| inputs.may_give(kind))
    else {
        return Ok(());
    };
    if inputs.taboo_kind(name).is_some() {
        return Ok(());
    }
    for index in 0..draft.items.len() {
        let Some(item) = draft.items.get(index) else {
            continue;
        };
        let convertible = match item.ground {
            Ground::Statutory(claim) => claim.kinds.contains(name) || inputs.has_consent(),
            // A goodwill voucher turned into cash is a tiered plan of the policy's.
            Ground::Contractual(_) | Ground::Goodwill => !kind.is_cash(),
        };
        let money = matches!(item.kind.worth, Worth::Face { .. });
        let payable = match &kind.worth {
            Worth::Face { .. } => true,
            Worth::Each(each) => each.minor() > 0 && each.currency() == item.currency(),
        };
        if convertible && money && payable && item.kind.name != *name {
            draft.change_kind(index, Rule::RequestedKind, kind)?;
        }
    }
    Ok(())
}

impl<'a> Inputs<'a> {
    /// Whether a kind may be given in this locale and scene.
    pub(crate) fn may_give(&self, kind: &Kind) -> bool {
        let locale = self.locale();
        let here = kind.locales.is_empty()
            || locale.is_some_and(|own| kind.locales.iter().any(|range| own.within(range)));
        let scene = kind.scenes.is_empty()
            || self
                .scene()
                .is_some_and(|scene| kind.scenes.contains(&scene));
        here && scene
    }

    /// The locale of service.
    pub(crate) fn locale(&self) -> Option<&'a Locale> {
        self.case.envelope.claimant.locale.as_ref()
    }

    /// The scene, as a value of the scene fact.
    pub(crate) fn scene(&self) -> Option<u16> {
        self.enum_fact(self.guardrails.facts.scene)
    }

    /// The value of an enum fact that the guardrails name.
    pub(crate) fn enum_fact(&self, slot: Option<redress_model::Slot>) -> Option<u16> {
        match self.case.facts.get(slot?) {
            Some(Value::Enum(value)) => Some(*value),
            _ => None,
        }
    }

    /// Whether consent to something other than cash is on record.
    fn has_consent(&self) -> bool {
        let consent = self
            .guardrails
            .facts
            .consent
            .and_then(|slot| self.case.facts.get(slot));
        consent == Some(&Value::Bool(true))
    }

    /// What takes the place of a kind that is taboo in this locale.
    fn taboo_kind(&self, name: &Code) -> Option<&'a Code> {
        let own = self.locale()?;
        self.guardrails.taboos.iter().find_map(|taboo| match taboo {
            Taboo::Kind {
                locale,
                kind,
                instead,
            } => (own.within(locale) && kind == name).then_some(instead),
            Taboo::Sum { .. } => None,
        })
    }
}

/// A goodwill sum that is taboo in this locale gives way, upwards if `room` allows.
pub(crate) fn taboo_sums<'a>(
    inputs: Inputs<'a>,
    draft: &mut Draft<'a>,
    room: i64,
) -> Result<(), Halt> {
    let Some(own) = inputs.locale() else {
        return Ok(());
    };
    for index in 0..draft.items.len() {
        let Some(item) = draft.items.get(index).filter(|item| item.is_goodwill()) else {
            continue;
        };
        let worth = item.worth();
        let taboo = inputs
            .guardrails
            .taboos
            .iter()
            .find_map(|taboo| match taboo {
                Taboo::Sum {
                    locale,
                    sum,
                    instead,
                } if own.within(locale) && *sum == worth => Some(*instead),
                Taboo::Sum { .. } | Taboo::Kind { .. } => None,
            });
        let Some(instead) = taboo else { continue };
        let unit = inputs.guardrails.corridor.rounding_unit;
        let unit = unit.filter(|unit| unit.currency() == worth.currency());
        let lower = worth.minus(unit.unwrap_or(redress_model::Money::new(1, worth.currency())))?;
        let fits = instead.minus(worth)?.minor() <= room;
        let sum = if fits { instead } else { lower };
        if let Some(item) = draft.items.get_mut(index) {
            item.set_worth(sum)?;
        }
        draft.worth_moved(Rule::Taboo, worth, sum, Evidence::default());
    }
    Ok(())
}
