//! Facts that are tried: cases made from models, from chance, and made smaller.

use std::collections::BTreeMap;

use redress::{AdmitLimits, Case, Money, Release, SandboxKind, Value as Fact};
use redress_model::{
    Amount, Date, FactDef, FactType, Fault, Proposal, Schema, Slot, Timestamp, Verdict, Warnings,
};
use serde_json::{Map, Value, json};

use crate::exec::Names;
use crate::property::Assumption;
use crate::smt::Model;
use crate::term::{Part, Var};

/// What a policy proposes, or why it failed.
pub(crate) type Run = Result<Proposal, Fault>;

/// The facts of a case, as JSON by slot; a fact that is not here is unknown.
pub(crate) type Facts = BTreeMap<Slot, Value>;

/// Where the ledger's counters stand among the facts: behind every slot of a schema.
const WARNINGS: Slot = Slot::new(u16::MAX);

/// A case that is tried, and what the ledger's counters say of it.
pub(crate) struct Tried {
    pub(crate) case: Case,
    warnings: Warnings,
}

/// A release in both engines, asked about any date.
pub(crate) struct World {
    pub(crate) compiled: Release,
    pub(crate) interpreted: Release,
    assumed: Vec<Assumption>,
}

impl World {
    pub(crate) fn new(release: &Release, assumed: &[Assumption]) -> Option<Self> {
        Some(Self {
            assumed: assumed.to_vec(),
            compiled: release.with_sandbox(SandboxKind::Compiled)?.on_any_date(),
            interpreted: release.with_sandbox(SandboxKind::Rhai)?.on_any_date(),
        })
    }

    /// The facts that something is taken for granted of.
    pub(crate) fn assumed(&self) -> impl Iterator<Item = Slot> {
        self.assumed.iter().map(|assumption| assumption.slot)
    }

    pub(crate) fn schema(&self) -> &Schema {
        self.compiled.schema()
    }

    /// The case of these facts; `None` if the schema does not admit them, or if they are
    /// not what is taken for granted.
    pub(crate) fn case(&self, facts: &Facts) -> Option<Tried> {
        let case = case_json(self.schema(), facts);
        let bytes = serde_json::to_vec(&case).ok()?;
        let counters = facts.get(&WARNINGS).cloned();
        let case = Case::admit(&bytes, self.schema(), AdmitLimits::STANDARD).ok()?;
        let mut assumed = self.assumed.iter();
        let as_assumed = assumed.all(|assumption| {
            let (least, most) = assumption.range;
            let value = number(case.facts.get(assumption.slot));
            value.is_none_or(|value| (least..=most).contains(&value))
        });
        if !as_assumed {
            return None;
        }
        Some(Tried {
            case,
            warnings: match counters {
                Some(counters) => serde_json::from_value(counters).ok()?,
                None => Warnings::default(),
            },
        })
    }

    pub(crate) fn run(&self, tried: &Tried) -> Run {
        self.compiled.propose(&tried.case, &tried.warnings)
    }

    /// What the interpreter says of the same case.
    pub(crate) fn oracle(&self, tried: &Tried) -> Run {
        self.interpreted.propose(&tried.case, &tried.warnings)
    }
}

/// A case as `redress eval` takes it.
pub(crate) fn case_json(schema: &Schema, facts: &Facts) -> Value {
    let mut members = Map::new();
    for (slot, value) in facts {
        let Some(fact) = schema.fact(*slot) else {
            continue;
        };
        match fact.name.split_once('.') {
            Some((group, name)) => {
                let group = members.entry(group).or_insert_with(|| json!({}));
                if let Some(group) = group.as_object_mut() {
                    group.insert(name.to_owned(), value.clone());
                }
            }
            None => drop(members.insert(fact.name.to_string(), value.clone())),
        }
    }
    json!({
        "id": "counterexample", "incident_date": "2026-02-01", "event": "event",
        "claimant": { "id": "claimant" }, "stage": "facts_recorded", "facts": members,
    })
}

/// The value of a fact of a type, from the number that stands for it in formulas.
fn value(ty: &FactType, number: i128, currency: Option<i128>, names: &Names) -> Option<Value> {
    Some(match ty {
        FactType::Bool => json!(number != 0),
        FactType::Int { .. } => json!(i64::try_from(number).ok()?),
        FactType::Enum(values) => {
            json!(values.get(usize::try_from(number).ok()?)?.as_str())
        }
        FactType::Text { .. } => match names.text_of(number) {
            Some(text) => json!(text.as_str()),
            None => json!(format!("~{number}")),
        },
        FactType::Date => json!(Date::from_days(i32::try_from(number).ok()?)?.to_string()),
        FactType::DateTime => {
            json!(
                Timestamp::from_seconds(i64::try_from(number).ok()?)?
                    .to_rfc3339(0)
                    .as_str()
            )
        }
        FactType::Money {
            currency: known, ..
        } => {
            let currency = known.or_else(|| names.currency_of(currency.unwrap_or(0)))?;
            json!(Money::new(i64::try_from(number).ok()?, currency).to_string())
        }
        FactType::List { .. } => return None,
    })
}

/// The facts that a model stands for; `mark` is that of a copy.
pub(crate) fn facts_of(schema: &Schema, model: &Model, mark: &str, names: &Names) -> Facts {
    let mut facts = Facts::new();
    for (slot, fact) in schema.slots() {
        let number = slot.number();
        let look = |name: String| {
            let own = model.get(&format!("{name}{mark}"));
            own.or_else(|| model.get(&name)).copied()
        };
        let known = look(format!("k{number}"));
        if known.unwrap_or(i128::from(fact.required)) == 0 {
            continue;
        }
        let made = match &fact.ty {
            FactType::List { item, .. } => {
                let count = look(format!("n{number}")).unwrap_or(0);
                let items = (0..count).filter_map(|at| {
                    let own = look(format!("i{number}_{at}")).unwrap_or(0);
                    value(item, own, look(format!("j{number}_{at}")), names)
                });
                Some(items.collect())
            }
            ty => {
                let own = look(format!("v{number}")).unwrap_or_else(|| least(ty));
                value(ty, own, look(format!("c{number}")), names)
            }
        };
        facts.extend(made.map(|made| (slot, made)));
    }
    let counter = |number: u32| {
        let var = Var {
            slot: WARNINGS,
            part: Part::Warning(number),
        };
        model.get(&var.name()).copied().unwrap_or(0)
    };
    let (repeats, like_cases, burst) = (counter(0), counter(1), counter(2));
    if (repeats, like_cases, burst) != (0, 0, 0) {
        let counters = json!({
            "repeats": u32::try_from(repeats).unwrap_or(u32::MAX),
            "like_cases": u32::try_from(like_cases).unwrap_or(u32::MAX),
            "burst": u32::try_from(burst).unwrap_or(u32::MAX),
        });
        facts.insert(WARNINGS, counters);
    }
    facts
}

fn least(ty: &FactType) -> i128 {
    match ty {
        FactType::Int { min, max } => i128::from(0_i64.clamp(*min, *max)),
        _ => 0,
    }
}

/// Numbers that are the same for the same seed (SplitMix64, Steele, Lea and Flood 2014).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    fn one_of<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        let count = u64::try_from(items.len()).ok()?;
        items.get(usize::try_from(self.below(count)).ok()?)
    }

    /// A value of a fact; the numbers that the policy itself names come often.
    pub(crate) fn any(&mut self, fact: &FactDef, named: &[i128], names: &Names) -> Option<Value> {
        self.of_type(&fact.ty, named, names)
    }

    fn of_type(&mut self, ty: &FactType, named: &[i128], names: &Names) -> Option<Value> {
        let near = self.one_of(named).copied().unwrap_or(0);
        let near = near
            .saturating_add(i128::from(self.below(3)))
            .saturating_sub(1);
        let number = match ty {
            FactType::Bool => i128::from(self.below(2)),
            FactType::Int { min, max } => {
                let wide = i128::from(*max)
                    .saturating_sub((*min).into())
                    .saturating_add(1);
                let part = u64::try_from(wide).unwrap_or(u64::MAX);
                let any = i128::from(*min).saturating_add(self.below(part).into());
                let ends = [(*min).into(), (*max).into(), any, near, near];
                let chosen = self.one_of(&ends).copied().unwrap_or(near);
                chosen.clamp((*min).into(), (*max).into())
            }
            FactType::Enum(values) => self.below(u64::try_from(values.len()).unwrap_or(1)).into(),
            FactType::Text { .. } => self.below(20).into(),
            FactType::Date => match self.below(3) {
                0 => near.clamp(0, 40_000),
                _ => i128::from(self.below(25_000)),
            },
            FactType::DateTime => i128::from(self.below(2_000_000_000)),
            FactType::Money { .. } => match self.below(4) {
                0 => near.clamp(0, 1_000_000_000),
                1 => 0,
                _ => i128::from(self.below(500_000)),
            },
            FactType::List { item, items_max } => {
                let count = self.below(u64::from(*items_max).min(3).saturating_add(1));
                let items = (0..count).filter_map(|_| self.of_type(item, named, names));
                return Some(items.collect());
            }
        };
        let most = u64::try_from(names.currencies()).unwrap_or(1);
        let currency = self.below(most).into();
        value(ty, number, Some(currency), names)
    }
}

/// The sums that a proposal gives, by currency; `None` unless it grants or refuses.
pub(crate) fn totals(proposal: &Proposal) -> Option<BTreeMap<redress::Currency, i128>> {
    let remedies = match &proposal.verdict {
        Verdict::Grant(remedies) => remedies.as_slice(),
        Verdict::Refuse(_) => &[],
        Verdict::Hold(_) => return None,
    };
    let mut sums = BTreeMap::new();
    for remedy in remedies {
        if let Amount::Money(money) = &remedy.amount {
            let sum: &mut i128 = sums.entry(money.currency()).or_default();
            *sum = sum.saturating_add(money.minor().into());
        }
    }
    Some(sums)
}

/// The order of a fact, as formulas have it; `None` if it is unknown or has none.
pub(crate) fn number(fact: Option<&Fact>) -> Option<i128> {
    Some(match fact? {
        Fact::Bool(value) => i128::from(*value),
        Fact::Int(value) => (*value).into(),
        Fact::Enum(place) => (*place).into(),
        Fact::Date(date) => date.days().into(),
        Fact::DateTime(at) => at.seconds().into(),
        Fact::Money(money) => money.minor().into(),
        Fact::Text(_) | Fact::List(_) => return None,
    })
}

/// Simpler values that a fact could have instead, the simplest first.
pub(crate) fn simpler(fact: &FactDef, value: &Value) -> Vec<Option<Value>> {
    let mut others = Vec::new();
    if !fact.required {
        others.push(None);
    }
    match (&fact.ty, value) {
        (FactType::Int { min, .. }, Value::Number(number)) => {
            let own = number.as_i64().unwrap_or(0);
            let mut tries = vec![0, *min];
            tries.extend(
                [2, 10, 100, 1_000]
                    .map(|part| own.saturating_sub(own.checked_div(part).unwrap_or(0))),
            );
            tries.push(own.saturating_sub(own.signum()));
            tries.retain(|other| other.unsigned_abs() < own.unsigned_abs());
            others.extend(tries.into_iter().map(|other| Some(json!(other))));
        }
        (FactType::Money { .. }, Value::String(text)) => {
            if let Ok(money) = text.parse::<Money>() {
                let own = money.minor();
                let mut tries = vec![0, 1, 100, 10_000];
                tries.extend(
                    [2, 10, 100, 1_000]
                        .map(|part| own.saturating_sub(own.checked_div(part).unwrap_or(0))),
                );
                tries.push(own.saturating_sub(own.signum()));
                tries.retain(|other| other.unsigned_abs() < own.unsigned_abs());
                others.extend(
                    tries
                        .into_iter()
                        .map(|other| Some(json!(Money::new(other, money.currency()).to_string()))),
                );
            }
        }
        (FactType::Bool, Value::Bool(true)) => others.push(Some(json!(false))),
        (FactType::List { .. }, Value::Array(items)) if !items.is_empty() => {
            let fewer = items.len().saturating_sub(1);
            others.push(Some(items.iter().take(fewer).cloned().collect()));
        }
        _ => {}
    }
    others
}
