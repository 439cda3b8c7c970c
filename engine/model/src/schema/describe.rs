//! Types and values in the words of error messages and tables.

use smol_str::{SmolStr, ToSmolStr};

use super::FactType;
use crate::Money;
use crate::facts::Value;

/// What a value of the type looks like.
pub(super) fn expected(ty: &FactType) -> String {
    match ty {
        FactType::Bool => "true or false".into(),
        FactType::Int { min, max } => format!("an integer from {min} to {max}"),
        FactType::Enum(values) => {
            let names: Vec<_> = values.iter().map(SmolStr::as_str).collect();
            format!("one of {}", names.join(", "))
        }
        FactType::Text { chars_max } => format!("a text of at most {chars_max} characters"),
        FactType::Date => "a date such as 2026-10-01".into(),
        FactType::DateTime => {
            "a date and time with offset such as 2026-10-01T09:30:00+08:00".into()
        }
        FactType::Money {
            currency: Some(currency),
            min_minor: Some(least),
        } => format!("a sum of at least \"{}\"", Money::new(*least, *currency)),
        FactType::Money {
            currency: Some(currency),
            min_minor: None,
        } => format!("a sum such as \"100.00 {currency}\""),
        FactType::Money { currency: None, .. } => "a sum such as \"100.00 EUR\"".into(),
        FactType::List { item, items_max } => {
            format!(
                "an array of at most {items_max} items, each {}",
                expected(item)
            )
        }
    }
}

/// The value as people write it.
pub(super) fn show(ty: Option<&FactType>, value: &Value) -> SmolStr {
    match (ty, value) {
        (_, Value::Bool(value)) => value.to_smolstr(),
        (_, Value::Int(value)) => value.to_smolstr(),
        (Some(FactType::Enum(values)), Value::Enum(place)) => {
            values.get(usize::from(*place)).cloned().unwrap_or_default()
        }
        (_, Value::Enum(place)) => place.to_smolstr(),
        (_, Value::Date(value)) => value.to_smolstr(),
        (_, Value::DateTime(value)) => value.to_smolstr(),
        (_, Value::Money(value)) => value.to_smolstr(),
        (_, Value::Text(value)) => value.clone(),
        (ty, Value::List(items)) => {
            let item = match ty {
                Some(FactType::List { item, .. }) => Some(&**item),
                _ => None,
            };
            let items: Vec<_> = items.iter().map(|value| show(item, value)).collect();
            format!("[{}]", items.join(", ")).into()
        }
    }
}
