//! The values that a policy sees, their types, and the warnings.

use redress_model::{Date, Money, Timestamp, Value, Warnings};
use rhai::{Array, Dynamic, Engine, ImmutableString};
use smol_str::SmolStr;

/// The argument `warnings` of `route`.
#[derive(Debug, Clone, Copy)]
pub(super) struct WarningsView(pub(super) Warnings);

/// A value as a policy sees it. An enum needs its names and is `()` here.
pub(super) fn show(value: &Value) -> Dynamic {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Date(value) => Dynamic::from(*value),
        Value::DateTime(value) => Dynamic::from(*value),
        Value::Money(value) => Dynamic::from(*value),
        Value::Text(value) => value.as_str().into(),
        Value::List(items) => {
            let items: Array = items.iter().map(show).collect();
            items.into()
        }
        Value::Enum(_) => Dynamic::UNIT,
    }
}

/// A value of the model from one of a policy; texts stay texts, other types are `None`.
pub(super) fn read(value: &Dynamic) -> Option<Value> {
    if let Ok(value) = value.as_int() {
        return Some(Value::Int(value));
    }
    if let Ok(value) = value.as_bool() {
        return Some(Value::Bool(value));
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Some(Value::Text(SmolStr::new(text.as_str())));
    }
    if let Some(date) = value.read_lock::<Date>() {
        return Some(Value::Date(*date));
    }
    if let Some(instant) = value.read_lock::<Timestamp>() {
        return Some(Value::DateTime(*instant));
    }
    value.read_lock::<Money>().map(|money| Value::Money(*money))
}

/// The type of a value in the words of an author.
pub(super) fn type_in_words(engine: &Engine, value: &Dynamic) -> String {
    let name = if value.is_unit() {
        "nothing"
    } else if value.is_string() {
        "a text"
    } else if value.is_array() {
        "a list"
    } else if value.is_map() {
        "a map"
    } else if value.is_int() {
        "an integer"
    } else if value.is_bool() {
        "true or false"
    } else if value.is_fnptr() {
        "a function"
    } else {
        return match engine.map_type_name(value.type_name()) {
            name @ ("facts" | "facts.maybe" | "warnings") => format!("the {name}"),
            name => format!("a {name}"),
        };
    };
    name.to_owned()
}

/// Registers a function that only reads its first argument, so that it is neither
/// copied nor refused when it is a constant.
macro_rules! register_pure {
    ($engine:expr, $name:expr, $function:expr) => {
        ::rhai::FuncRegistration::new($name)
            .with_purity(true)
            .register_into_engine($engine, $function);
    };
}
pub(super) use register_pure;

/// Registers the types of the model, with the names that an author reads in errors.
pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<i64>("integer")
        .register_type_with_name::<bool>("boolean")
        .register_type_with_name::<ImmutableString>("text")
        .register_type_with_name::<Array>("list")
        .register_type_with_name::<rhai::Map>("map")
        .register_type_with_name::<Money>("sum of money")
        .register_type_with_name::<Date>("date")
        .register_type_with_name::<Timestamp>("date-time")
        .register_type_with_name::<WarningsView>("warnings");
    register_warnings(engine);
}

fn register_warnings(engine: &mut Engine) {
    engine
        .register_get("repeats", |w: &mut WarningsView| i64::from(w.0.repeats))
        .register_get("like_cases", |w: &mut WarningsView| {
            i64::from(w.0.like_cases)
        })
        .register_get("burst", |w: &mut WarningsView| i64::from(w.0.burst));
}
