//! Which cases are like each other, how far sums may lie apart, and what binds nobody.

use redress_model::{
    Case, Code, Currency, Date, Digest, Direction, Facts, Money, MoneyError, Rounding, Slot, Value,
};
use smol_str::SmolStr;

use super::Base;

/// The most points of a class that are looked at.
pub const POINTS_MAX: u32 = 4_096;

/// A gate fact of the class key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassFact {
    /// Its slot.
    pub slot: Slot,
    /// Its name.
    pub name: SmolStr,
    /// The names of its values, where it is an enum.
    pub values: Vec<SmolStr>,
}

/// A merit fact with the way in which it makes a case worse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeritFact {
    /// Its slot.
    pub slot: Slot,
    /// Its name.
    pub name: SmolStr,
    /// Which way is worse.
    pub direction: Direction,
}

/// How far two sums may lie apart and still be alike: the larger of a share and a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// In basis points of the sum.
    pub basis_points: i64,
    /// And at least this much, one rounding unit or more; its currency is the one in which
    /// the class is compared.
    pub at_least: Money,
}

impl Tolerance {
    /// What a sum may be off by.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of(&self, sum: Money, rounding: Rounding) -> Result<Money, MoneyError> {
        let share = sum.basis_points(self.basis_points, rounding)?;
        Ok(Money::new(
            share.minor().max(self.at_least.minor()),
            sum.currency(),
        ))
    }
}

/// When cases are linked, and what their sums are a rate of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// How strong a link of each kind is.
    pub weights: Vec<(Code, u32)>,
    /// From which strength on two cases are linked; cases of one event always are.
    pub threshold: u32,
    /// The merit fact that the rate is per, such as persons; without it, per case.
    pub per: Option<Base>,
}

impl Linked {
    /// How strong links of these kinds are together, each kind counted once.
    #[must_use]
    pub fn strength<'k>(&self, kinds: impl Iterator<Item = &'k Code>) -> u32 {
        let mut seen: Vec<&Code> = Vec::new();
        let mut strength = 0_u32;
        for kind in kinds {
            if seen.contains(&kind) {
                continue;
            }
            seen.push(kind);
            let weight = self.weights.iter().find(|(own, _)| own == kind);
            strength = strength.saturating_add(weight.map_or(0, |(_, weight)| *weight));
        }
        strength
    }
}

/// How many departures one actor has in one class before the policy's owner decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartureBudget {
    /// So many.
    pub times: u32,
    /// Within so many days.
    pub window_days: u32,
    /// Who decides once they are spent.
    pub owner: Code,
}

/// One way to decide within an experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// Its name.
    pub name: Code,
    /// How many of the cases, against the other arms.
    pub weight: u32,
    /// How far from the tariff, in basis points, within the tolerance.
    pub basis_points: i64,
}

/// Arms that cases are put in by a hash of their id; nothing of it forms a norm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// Its name.
    pub name: Code,
    /// What is hashed with the case's id.
    pub salt: SmolStr,
    /// The last day, in ledger time.
    pub until: Date,
    /// The arms, in order.
    pub arms: Vec<Arm>,
}

impl Experiment {
    /// The arm of a case: SHA-256 over the salt and the case's id, by the arms' weights.
    #[must_use]
    pub fn arm(&self, case: &Case) -> Option<&Arm> {
        let weights = self.arms.iter().map(|arm| u64::from(arm.weight));
        let total: u64 = weights.fold(0, u64::saturating_add);
        let mut bytes = Vec::with_capacity(128);
        text(&mut bytes, &self.salt);
        text(&mut bytes, case.envelope.id.as_str());
        let digest = Digest::of(&bytes);
        let first = digest.bytes().first_chunk::<8>()?;
        let mut place = u64::from_be_bytes(*first).checked_rem(total)?;
        for arm in &self.arms {
            let weight = u64::from(arm.weight);
            match place.checked_sub(weight) {
                Some(rest) => place = rest,
                None => return Some(arm),
            }
        }
        None
    }
}

/// An earlier version whose sums can be compared with those of this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// The version.
    pub version: SmolStr,
    /// What its sums are multiplied by, in basis points: 10,000 where they mean the same.
    pub basis_points: i64,
}

/// What a release declares about like cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fairness {
    /// The gate facts that make a class.
    pub class: Vec<ClassFact>,
    /// Every merit fact of the schema, in slot order.
    pub merits: Vec<MeritFact>,
    /// How long a decision is a norm, in days of ledger time.
    pub window_days: u32,
    /// How far apart sums may lie.
    pub tolerance: Tolerance,
    /// How many points of a class are looked at, 1 to [`POINTS_MAX`].
    pub points_max: u32,
    /// Linked cases.
    pub linked: Linked,
    /// The departure budget; without one, departures are not counted.
    pub departures: Option<DepartureBudget>,
    /// Experiments; the first that has not ended counts.
    pub experiments: Vec<Experiment>,
    /// The versions before this one that stay norms.
    pub lineage: Vec<Ancestor>,
}

impl Fairness {
    /// The currency in which sums of a class are compared.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.tolerance.at_least.currency()
    }

    /// The class of a case: SHA-256 over policy and version, each class fact, and which merit facts
    /// are known and in which currency, so that points of one class can always be compared.
    #[must_use]
    pub fn class_of(&self, policy: &str, version: &str, facts: &Facts) -> Digest {
        // A dozen facts take half as much.
        let mut out = Vec::with_capacity(1_024);
        text(&mut out, "redress.class.v1");
        text(&mut out, policy);
        text(&mut out, version);
        for fact in &self.class {
            text(&mut out, &fact.name);
            match facts.get(fact.slot) {
                None => out.push(0),
                Some(value) => {
                    out.push(1);
                    text(&mut out, &show(fact, value));
                }
            }
        }
        for fact in &self.merits {
            let Some(value) = facts.get(fact.slot) else {
                continue;
            };
            text(&mut out, &fact.name);
            if let Value::Money(money) = value {
                out.extend(money.currency().bytes());
            }
        }
        Digest::of(&out)
    }

    /// The class of a case in words: `scene=hotel cause=supplier`.
    #[must_use]
    pub fn label(&self, facts: &Facts) -> SmolStr {
        let mut label = String::new();
        for fact in &self.class {
            if !label.is_empty() {
                label.push(' ');
            }
            label.push_str(&fact.name);
            label.push('=');
            match facts.get(fact.slot) {
                None => label.push('?'),
                Some(value) => label.push_str(&show(fact, value)),
            }
        }
        label.into()
    }

    /// The merit facts that a case knows, in slot order, turned so that higher is worse.
    #[must_use]
    pub fn point(&self, facts: &Facts) -> Vec<i64> {
        let mut point = Vec::with_capacity(self.merits.len());
        point.extend(self.coordinates(facts).map(|(_, number)| number));
        point
    }

    /// The same, each number with the fact that it is of.
    pub(crate) fn coordinates<'f>(
        &'f self,
        facts: &'f Facts,
    ) -> impl Iterator<Item = (&'f MeritFact, i64)> {
        let turned = |fact: &'f MeritFact| Some((fact, turned(fact, facts.get(fact.slot)?)?));
        self.merits.iter().filter_map(turned)
    }

    /// How many affected units a case is about: 1 or more.
    #[must_use]
    pub fn units(&self, facts: &Facts) -> i64 {
        let per = self.linked.per.as_ref();
        let units = per.and_then(|per| match facts.get(per.slot)? {
            Value::Int(number) => Some(*number),
            Value::Money(money) => Some(money.minor()),
            Value::Bool(_)
            | Value::Enum(_)
            | Value::Date(_)
            | Value::DateTime(_)
            | Value::Text(_)
            | Value::List(_) => None,
        });
        units.unwrap_or(1).max(1)
    }

    /// A sum of a version in the money of this one; `None` where they cannot be compared.
    #[must_use]
    pub fn comparable(&self, own: &str, version: &str, sum: Money) -> Option<Money> {
        if sum.currency() != self.currency() {
            return None;
        }
        if own == version {
            return Some(sum);
        }
        let ancestor = self.lineage.iter().find(|old| old.version == version)?;
        sum.basis_points(ancestor.basis_points, Rounding::HalfUp)
            .ok()
    }
}

/// A value of a merit fact as a number, higher worse; merit facts are always ordered.
fn turned(fact: &MeritFact, value: &Value) -> Option<i64> {
    let number = match value {
        Value::Bool(value) => i64::from(*value),
        Value::Int(value) => *value,
        Value::Date(value) => i64::from(value.days()),
        Value::DateTime(value) => value.seconds(),
        Value::Money(value) => value.minor(),
        Value::Enum(_) | Value::Text(_) | Value::List(_) => return None,
    };
    Some(match fact.direction {
        Direction::HigherIsWorse => number,
        Direction::LowerIsWorse => number.saturating_neg(),
    })
}

fn show(fact: &ClassFact, value: &Value) -> SmolStr {
    use smol_str::ToSmolStr as _;
    match value {
        Value::Bool(value) => value.to_smolstr(),
        Value::Int(value) => value.to_smolstr(),
        Value::Enum(place) => {
            let name = fact.values.get(usize::from(*place));
            name.cloned().unwrap_or_else(|| place.to_smolstr())
        }
        Value::Date(value) => value.to_smolstr(),
        Value::DateTime(value) => value.to_smolstr(),
        Value::Money(value) => value.to_smolstr(),
        Value::Text(value) => value.clone(),
        Value::List(items) => {
            let shown: Vec<SmolStr> = items.iter().map(|item| show(fact, item)).collect();
            shown.join(",").into()
        }
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    let len = u64::try_from(text.len()).unwrap_or(u64::MAX);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}
