//! What a policy sees: facts by name, warnings, and the types of their values.

use std::rc::Rc;

use redress_model::code::nearest;
use redress_model::schema::Entry;
use redress_model::{
    Date, FactClass, FactDef, FactType, Fault, Money, Schema, Slot, Timestamp, Value, Warnings,
};
use rhai::{Array, Dynamic, Engine, ImmutableString, NativeCallContext};
use smol_str::SmolStr;

use super::state::{Phase, Raised, RunState, Stop, failed, place};

/// The argument `facts` of `remedy` and `route`.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactsView;

/// `facts.maybe`: the same facts, with `()` for one that is unknown.
#[derive(Debug, Clone, Copy)]
struct MaybeView;

/// A group of facts by its number in the schema: `facts.reroute`.
#[derive(Debug, Clone, Copy)]
struct GroupView(usize);

/// A group of facts seen through `facts.maybe`.
#[derive(Debug, Clone, Copy)]
struct MaybeGroupView(usize);

/// The argument `warnings` of `route`.
#[derive(Debug, Clone, Copy)]
pub(super) struct WarningsView(pub(super) Warnings);

/// How one fact is read.
struct Reader {
    slot: Slot,
    class: FactClass,
    /// The names of an enum, made once for each thread.
    names: Box<[ImmutableString]>,
    state: Rc<RunState>,
    name: SmolStr,
}

impl Reader {
    fn new(state: &Rc<RunState>, slot: Slot, fact: &FactDef) -> Self {
        let names = match &fact.ty {
            FactType::Enum(names) => names,
            FactType::List { item, .. } => match &**item {
                FactType::Enum(names) => names,
                _ => &Box::default(),
            },
            _ => &Box::default(),
        };
        Self {
            slot,
            class: fact.class,
            names: names.iter().map(|name| name.as_str().into()).collect(),
            state: Rc::clone(state),
            name: fact.name.clone(),
        }
    }

    /// Refuses a class that the running function does not see. A policy that the
    /// loader could not see through is stopped here.
    fn check_class(&self, context: &NativeCallContext) -> Result<(), Raised> {
        let (seen, function) = match self.state.phase() {
            Phase::Load | Phase::Remedy => (self.class.seen_by_remedy(), "remedy"),
            Phase::Route => (self.class.seen_by_route(), "route"),
        };
        if seen {
            return Ok(());
        }
        Err(self.state.raise(Stop::Fault(Fault::Failed {
            message: format!(
                "`{}` is a fact of class {}, which `{function}` does not see",
                self.name,
                self.class.name(),
            ),
            // Rhai forgets the place of an error that cannot be caught.
            at: place(context.call_position()),
        })))
    }

    /// The value; an unknown fact ends the run with a hold.
    fn read(&self, context: &NativeCallContext) -> Result<Dynamic, Raised> {
        self.check_class(context)?;
        self.state
            .with_fact(self.slot, |value| value.map(|value| self.show(value)))
            .ok_or_else(|| self.state.raise(Stop::UnknownFact(self.slot)))
    }

    /// The value, or `()`.
    fn read_maybe(&self, context: &NativeCallContext) -> Result<Dynamic, Raised> {
        self.check_class(context)?;
        Ok(self.state.with_fact(self.slot, |value| {
            value.map_or(Dynamic::UNIT, |value| self.show(value))
        }))
    }

    fn show(&self, value: &Value) -> Dynamic {
        match value {
            Value::Enum(place) => self
                .names
                .get(usize::from(*place))
                .cloned()
                .map_or(Dynamic::UNIT, Dynamic::from),
            Value::List(items) => {
                let items: Array = items.iter().map(|item| self.show(item)).collect();
                items.into()
            }
            value => show(value),
        }
    }
}

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

/// Registers the types of facts and a getter for every fact of the schema.
pub(super) fn register(engine: &mut Engine, state: &Rc<RunState>, schema: &Schema) {
    engine
        .register_type_with_name::<i64>("integer")
        .register_type_with_name::<bool>("boolean")
        .register_type_with_name::<ImmutableString>("text")
        .register_type_with_name::<Array>("list")
        .register_type_with_name::<rhai::Map>("map")
        .register_type_with_name::<Money>("sum of money")
        .register_type_with_name::<Date>("date")
        .register_type_with_name::<Timestamp>("date-time")
        .register_type_with_name::<FactsView>("facts")
        .register_type_with_name::<MaybeView>("facts.maybe")
        .register_type_with_name::<GroupView>("group of facts")
        .register_type_with_name::<MaybeGroupView>("group of facts.maybe")
        .register_type_with_name::<WarningsView>("warnings");
    engine.register_get("maybe", |_: &mut FactsView| MaybeView);
    let mut members: Vec<(SmolStr, Vec<Option<Rc<Reader>>>)> = Vec::new();
    let mut groups = 0;
    for (name, entry) in schema.entries() {
        match entry {
            Entry::Fact(slot) => {
                let Some(fact) = schema.fact(*slot) else {
                    continue;
                };
                let reader = Rc::new(Reader::new(state, *slot, fact));
                let maybe = Rc::clone(&reader);
                engine.register_get(
                    name,
                    move |context: NativeCallContext, _: &mut FactsView| reader.read(&context),
                );
                engine.register_get(
                    name,
                    move |context: NativeCallContext, _: &mut MaybeView| maybe.read_maybe(&context),
                );
            }
            Entry::Group(facts) => {
                let group = groups;
                groups += 1;
                engine.register_get(name, move |_: &mut FactsView| GroupView(group));
                engine.register_get(name, move |_: &mut MaybeView| MaybeGroupView(group));
                for (member, slot) in facts {
                    let Some(fact) = schema.fact(*slot) else {
                        continue;
                    };
                    let reader = Rc::new(Reader::new(state, *slot, fact));
                    let place = members.iter().position(|(name, _)| name == member);
                    let place = place.unwrap_or_else(|| {
                        members.push((member.clone(), Vec::new()));
                        members.len() - 1
                    });
                    if let Some((_, readers)) = members.get_mut(place) {
                        readers.resize(group, None);
                        readers.push(Some(reader));
                    }
                }
            }
        }
    }
    // Rhai finds a getter by the type of its object, and all groups share one type.
    for (name, readers) in members {
        let readers: Rc<[_]> = readers.into();
        let maybe = Rc::clone(&readers);
        let (missing, missing_maybe) = (name.clone(), name.clone());
        engine.register_get(
            &name,
            move |context: NativeCallContext, group: &mut GroupView| {
                member(&readers, group.0, &missing)?.read(&context)
            },
        );
        engine.register_get(
            &name,
            move |context: NativeCallContext, group: &mut MaybeGroupView| {
                member(&maybe, group.0, &missing_maybe)?.read_maybe(&context)
            },
        );
    }
    register_misses(engine, schema);
    register_warnings(engine);
}

fn member<'a>(
    readers: &'a [Option<Rc<Reader>>],
    group: usize,
    name: &str,
) -> Result<&'a Reader, Raised> {
    let reader = readers.get(group).and_then(Option::as_deref);
    reader.ok_or_else(|| failed(format!("this group has no fact `{name}`")))
}

/// Rhai asks an indexer for a property that has no getter: a name that is not a fact.
fn register_misses(engine: &mut Engine, schema: &Schema) {
    let names: Rc<[SmolStr]> = schema
        .entries()
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let maybe = Rc::clone(&names);
    let miss = |name: &str, names: &[SmolStr]| -> Result<Dynamic, Raised> {
        if names.iter().any(|known| known == name) {
            return Err(failed(format!("a fact is read as `facts.{name}`")));
        }
        Err(failed(no_fact(name, names.iter())))
    };
    engine
        .register_indexer_get(move |_: &mut FactsView, name: ImmutableString| miss(&name, &names));
    engine
        .register_indexer_get(move |_: &mut MaybeView, name: ImmutableString| miss(&name, &maybe));
    let no_member = |name: &str| failed(format!("this group has no fact `{name}`"));
    engine.register_indexer_get(move |_: &mut GroupView, name: ImmutableString| {
        Err::<Dynamic, _>(no_member(&name))
    });
    engine.register_indexer_get(move |_: &mut MaybeGroupView, name: ImmutableString| {
        Err::<Dynamic, _>(no_member(&name))
    });
}

/// That no fact has this name, and which one was meant.
pub(super) fn no_fact<'a>(name: &str, names: impl Iterator<Item = &'a SmolStr>) -> String {
    match nearest(name, names.map(SmolStr::as_str)) {
        Some(near) => format!("there is no fact `{name}`; did you mean `{near}`?"),
        None => format!("there is no fact `{name}`"),
    }
}

fn register_warnings(engine: &mut Engine) {
    engine
        .register_get("repeats", |w: &mut WarningsView| i64::from(w.0.repeats))
        .register_get("like_cases", |w: &mut WarningsView| {
            i64::from(w.0.like_cases)
        })
        .register_get("burst", |w: &mut WarningsView| i64::from(w.0.burst));
}
