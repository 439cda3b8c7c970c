//! Facts by name: what each function of a policy may read, and what happens when a
//! fact is unknown.

use std::rc::Rc;

use redress_model::code::nearest;
use redress_model::schema::Entry;
use redress_model::{FactClass, FactDef, FactType, Schema, Slot, Value};
use rhai::{Array, Dynamic, Engine, ImmutableString, NativeCallContext};
use smol_str::SmolStr;

use super::state::{Phase, Raised, RunState, Stop};
use super::trace::{TracedStep, words};
use super::value::show;

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
        let message = format!(
            "`{}` is a fact of class {}, which `{function}` does not see",
            self.name,
            self.class.name(),
        );
        Err(self.state.raise_failed(message, context))
    }

    /// The value; an unknown fact ends the run with a hold.
    fn read(&self, context: &NativeCallContext) -> Result<Dynamic, Raised> {
        self.check_class(context)?;
        self.state.trace(context, || self.step());
        self.state
            .with_fact(self.slot, |value| value.map(|value| self.show(value)))
            .ok_or_else(|| self.state.raise(Stop::UnknownFact(self.slot)))
    }

    /// The value, or `()`.
    fn read_maybe(&self, context: &NativeCallContext) -> Result<Dynamic, Raised> {
        self.check_class(context)?;
        self.state.trace(context, || self.step());
        Ok(self.state.with_fact(self.slot, |value| {
            value.map_or(Dynamic::UNIT, |value| self.show(value))
        }))
    }

    fn step(&self) -> TracedStep {
        let value = self
            .state
            .with_fact(self.slot, |value| value.map(|value| self.show(value)));
        TracedStep::Fact {
            name: self.name.clone(),
            value: value.map(|value| words(&value)),
        }
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

/// Registers a getter for every fact of the schema.
pub(super) fn register(engine: &mut Engine, state: &Rc<RunState>, schema: &Schema) {
    engine
        .register_type_with_name::<FactsView>("facts")
        .register_type_with_name::<MaybeView>("facts.maybe")
        .register_type_with_name::<GroupView>("group of facts")
        .register_type_with_name::<MaybeGroupView>("group of facts.maybe");
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
    for (name, readers) in members {
        register_member(engine, state, &name, readers);
    }
    register_misses(engine, state, schema);
}

/// Registers the facts of one name in all groups: Rhai finds a getter by the type of
/// its object, and all groups share one type.
fn register_member(
    engine: &mut Engine,
    state: &Rc<RunState>,
    name: &SmolStr,
    readers: Vec<Option<Rc<Reader>>>,
) {
    let state = Rc::clone(state);
    let message = no_member(name);
    let find = move |group: usize, context: &NativeCallContext| {
        let reader = readers.get(group).and_then(Option::as_ref);
        reader
            .cloned()
            .ok_or_else(|| state.raise_failed(message.clone(), context))
    };
    let find = Rc::new(find);
    let maybe = Rc::clone(&find);
    engine.register_get(
        name,
        move |context: NativeCallContext, group: &mut GroupView| {
            find(group.0, &context)?.read(&context)
        },
    );
    engine.register_get(
        name,
        move |context: NativeCallContext, group: &mut MaybeGroupView| {
            maybe(group.0, &context)?.read_maybe(&context)
        },
    );
}

/// Rhai asks an indexer for a property that has no getter: a name that is not a fact.
fn register_misses(engine: &mut Engine, state: &Rc<RunState>, schema: &Schema) {
    let miss = Rc::new(Misses {
        names: schema
            .entries()
            .iter()
            .map(|(name, _)| name.clone())
            .collect(),
        state: Rc::clone(state),
    });
    let misses = Rc::clone(&miss);
    engine.register_indexer_get(
        move |context: NativeCallContext, _: &mut FactsView, name: ImmutableString| {
            misses.fact(&context, &name)
        },
    );
    let misses = Rc::clone(&miss);
    engine.register_indexer_get(
        move |context: NativeCallContext, _: &mut MaybeView, name: ImmutableString| {
            misses.fact(&context, &name)
        },
    );
    let misses = Rc::clone(&miss);
    engine.register_indexer_get(
        move |context: NativeCallContext, _: &mut GroupView, name: ImmutableString| {
            misses.member(&context, &name)
        },
    );
    engine.register_indexer_get(
        move |context: NativeCallContext, _: &mut MaybeGroupView, name: ImmutableString| {
            miss.member(&context, &name)
        },
    );
}

/// What happens on a name that is not a fact: an author's slip, which the policy
/// cannot catch, or it would decide by it.
struct Misses {
    names: Box<[SmolStr]>,
    state: Rc<RunState>,
}

impl Misses {
    fn fact(&self, context: &NativeCallContext, name: &str) -> Result<Dynamic, Raised> {
        let message = if self.names.iter().any(|known| known == name) {
            format!("a fact is read as `facts.{name}`")
        } else {
            no_fact(name, self.names.iter())
        };
        Err(self.state.raise_failed(message, context))
    }

    fn member(&self, context: &NativeCallContext, name: &str) -> Result<Dynamic, Raised> {
        Err(self.state.raise_failed(no_member(name), context))
    }
}

/// That no fact has this name, and which one was meant.
pub(super) fn no_fact<'a>(name: &str, names: impl Iterator<Item = &'a SmolStr>) -> String {
    match nearest(name, names.map(SmolStr::as_str)) {
        Some(near) => format!("there is no fact `{name}`; did you mean `{near}`?"),
        None => format!("there is no fact `{name}`"),
    }
}

fn no_member(name: &str) -> String {
    format!("this group has no fact `{name}`")
}
