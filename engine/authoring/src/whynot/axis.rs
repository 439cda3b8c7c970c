//! The values that a fact may have instead of its own.

use redress::{Release, Value};
use redress_model::{Case, Currency, Date, FactType, Money, Slot, Timestamp};

/// 0000-01-01 to 9999-12-31, in days and in seconds since 1970.
const DAYS: (i128, i128) = (-719_528, 2_932_896);
const SECONDS: (i128, i128) = (-62_167_219_200, 253_402_300_799);
/// Ten billion euros or dollars, in minor units: no complaint is about more, and nobody is
/// helped by hearing what a policy would do with it.
const MINOR: i128 = 1_000_000_000_000;

/// How the values of a fact are gone through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Axis {
    /// One by one.
    Choices(Vec<String>),
    /// Along a line.
    Line(Line),
}

/// A fact whose values have an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    unit: Unit,
    pub(super) least: i128,
    pub(super) most: i128,
    /// Where to begin when the fact is not known.
    pub(super) anchor: i128,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Int,
    Money(Currency),
    Date,
    DateTime,
}

impl Axis {
    /// The axis of a fact; `None` where its values cannot be gone through: texts, lists, and
    /// sums of which no currency is known.
    pub(super) fn of(release: &Release, case: &Case, slot: Slot) -> Option<Self> {
        let fact = release.schema().fact(slot)?;
        let incident = case.envelope.incident_date;
        let (unit, (least, most), anchor) = match &fact.ty {
            FactType::Bool => return Some(Self::Choices(vec!["false".into(), "true".into()])),
            FactType::Enum(names) => {
                return Some(Self::Choices(
                    names.iter().map(ToString::to_string).collect(),
                ));
            }
            FactType::Int { min, max } => (Unit::Int, ((*min).into(), (*max).into()), 0),
            FactType::Money {
                currency,
                min_minor,
            } => {
                let own = case.facts.money(slot);
                let unit = Unit::Money((*currency).or(own.map(Money::currency))?);
                let own = own.map_or(0, |own| i128::from(own.minor()));
                let least = min_minor.map_or_else(|| own.min(-MINOR), Into::into);
                (unit, (least, own.max(MINOR)), 0)
            }
            FactType::Date => (Unit::Date, DAYS, incident.days().into()),
            FactType::DateTime => {
                let midnight = incident.midnight_utc().seconds();
                (Unit::DateTime, SECONDS, midnight.into())
            }
            FactType::Text { .. } | FactType::List { .. } => return None,
        };
        Some(Self::Line(Line {
            unit,
            least,
            most,
            anchor: anchor.clamp(least, most),
        }))
    }
}

impl Line {
    /// A value as its place on the line.
    pub(super) fn place(self, value: &Value) -> Option<i128> {
        Some(match value {
            Value::Int(number) => (*number).into(),
            Value::Money(money) => money.minor().into(),
            Value::Date(date) => date.days().into(),
            Value::DateTime(at) => at.seconds().into(),
            _ => return None,
        })
    }

    /// A place on the line as the text of a value.
    pub(super) fn text(self, place: i128) -> Option<String> {
        Some(match self.unit {
            Unit::Int => place.to_string(),
            Unit::Money(currency) => Money::new(i64::try_from(place).ok()?, currency).to_string(),
            Unit::Date => Date::from_days(i32::try_from(place).ok()?)?.to_string(),
            Unit::DateTime => {
                let at = Timestamp::from_seconds(i64::try_from(place).ok()?)?;
                at.to_rfc3339(0).to_string()
            }
        })
    }
}
