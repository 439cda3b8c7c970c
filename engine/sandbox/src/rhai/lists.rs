//! Lists, maps, texts and whole numbers: the few functions that cannot multiply what
//! they are given. What they do beyond the step of their call is counted.

use std::ops::{Range, RangeInclusive};
use std::rc::Rc;

use rhai::{Array, Dynamic, Engine, FnPtr, ImmutableString, Map, NativeCallContext};

use super::limits::ITEM_BYTES;
use super::state::{Raised, RunState, failed};
use super::value::{read, register_pure, type_in_words};

/// Registers everything about lists, maps, texts and whole numbers.
pub(super) fn register(engine: &mut Engine, state: &Rc<RunState>) {
    register_iterators(engine);
    register_lists(engine, state);
    register_callbacks(engine, state);
    register_maps(engine, state);
    register_texts(engine);
    register_integers(engine);
}

fn register_iterators(engine: &mut Engine) {
    engine
        .register_iterator::<Array>()
        .register_iterator::<Range<i64>>()
        .register_iterator::<RangeInclusive<i64>>();
    register_pure!(engine, "contains", |range: &mut Range<i64>, number: i64| {
        range.contains(&number)
    });
    register_pure!(
        engine,
        "contains",
        |range: &mut RangeInclusive<i64>, number: i64| range.contains(&number)
    );
}

fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Counts a pass over a list as a step for each item.
fn pass(state: &RunState, items: usize) -> Result<(), Raised> {
    state.charge_steps(items)
}

/// Counts a new list.
fn make(state: &RunState, items: usize) -> Result<(), Raised> {
    state.charge_steps(items)?;
    let items = u64::try_from(items).unwrap_or(u64::MAX);
    state.charge_memory(items.saturating_mul(ITEM_BYTES))
}

fn register_lists(engine: &mut Engine, state: &Rc<RunState>) {
    register_pure!(engine, "len", |list: &mut Array| length(list.len()));
    register_pure!(engine, "is_empty", |list: &mut Array| list.is_empty());
    engine.register_fn("push", |list: &mut Array, item: Dynamic| list.push(item));
    let on = Rc::clone(state);
    let with_item = move |list: &mut Array, place: i64, item: Dynamic| {
        make(&on, list.len())?;
        let mut copy = list.clone();
        let length = copy.len();
        let old = usize::try_from(place)
            .ok()
            .and_then(|place| copy.get_mut(place));
        *old.ok_or_else(|| failed(format!("there is no item {place} in {length}")))? = item;
        Ok::<_, Raised>(copy)
    };
    register_pure!(engine, "with_item", with_item);
    let on = Rc::clone(state);
    let contains = move |context: NativeCallContext, list: &mut Array, wanted: Dynamic| {
        pass(&on, list.len())?;
        let Some(value) = read(&wanted) else {
            return Err(failed(format!(
                "`contains` cannot look for {}",
                type_in_words(context.engine(), &wanted),
            )));
        };
        Ok(list.iter().any(|item| read(item).as_ref() == Some(&value)))
    };
    register_pure!(engine, "contains", contains);
    let on = Rc::clone(state);
    engine.register_fn("+", move |mut left: Array, mut right: Array| {
        make(&on, left.len().saturating_add(right.len()))?;
        left.append(&mut right);
        Ok::<_, Raised>(left)
    });
}

fn call(function: &FnPtr, context: &NativeCallContext, item: &Dynamic) -> Result<Dynamic, Raised> {
    function.call_within_context(context, (item.clone(),))
}

fn test(function: &FnPtr, context: &NativeCallContext, item: &Dynamic) -> Result<bool, Raised> {
    let answer = call(function, context, item)?;
    answer.as_bool().map_err(|_| {
        failed(format!(
            "the closure of `{}` answered {}, not true or false",
            context.fn_name(),
            type_in_words(context.engine(), &answer),
        ))
    })
}

fn register_callbacks(engine: &mut Engine, state: &Rc<RunState>) {
    let on = Rc::clone(state);
    let map = move |context: NativeCallContext, list: &mut Array, function: FnPtr| {
        make(&on, list.len())?;
        list.iter()
            .map(|item| call(&function, &context, item))
            .collect::<Result<Array, _>>()
    };
    register_pure!(engine, "map", map);
    let on = Rc::clone(state);
    let filter = move |context: NativeCallContext, list: &mut Array, function: FnPtr| {
        make(&on, list.len())?;
        let mut kept = Array::new();
        for item in list.iter() {
            if test(&function, &context, item)? {
                kept.push(item.clone());
            }
        }
        Ok::<_, Raised>(kept)
    };
    register_pure!(engine, "filter", filter);
    let on = Rc::clone(state);
    let some = move |context: NativeCallContext, list: &mut Array, function: FnPtr| {
        pass(&on, list.len())?;
        for item in list.iter() {
            if test(&function, &context, item)? {
                return Ok(true);
            }
        }
        Ok::<_, Raised>(false)
    };
    register_pure!(engine, "some", some);
    let on = Rc::clone(state);
    let all = move |context: NativeCallContext, list: &mut Array, function: FnPtr| {
        pass(&on, list.len())?;
        for item in list.iter() {
            if !test(&function, &context, item)? {
                return Ok(false);
            }
        }
        Ok::<_, Raised>(true)
    };
    register_pure!(engine, "all", all);
    let on = Rc::clone(state);
    let reduce =
        move |context: NativeCallContext, list: &mut Array, function: FnPtr, first: Dynamic| {
            pass(&on, list.len())?;
            list.iter().try_fold(first, |sum, item| {
                function.call_within_context::<Dynamic>(&context, (sum, item.clone()))
            })
        };
    register_pure!(engine, "reduce", reduce);
}

fn register_maps(engine: &mut Engine, state: &Rc<RunState>) {
    register_pure!(engine, "len", |map: &mut Map| length(map.len()));
    register_pure!(engine, "is_empty", |map: &mut Map| map.is_empty());
    register_pure!(engine, "contains", |map: &mut Map, key: &str| {
        map.contains_key(key)
    });
    let on = Rc::clone(state);
    register_pure!(engine, "keys", move |map: &mut Map| {
        make(&on, map.len())?;
        Ok::<Array, Raised>(map.keys().map(|key| key.as_str().into()).collect())
    });
    let on = Rc::clone(state);
    register_pure!(engine, "values", move |map: &mut Map| {
        make(&on, map.len())?;
        Ok::<Array, Raised>(map.values().cloned().collect())
    });
}

fn register_texts(engine: &mut Engine) {
    engine
        .register_fn("len", |text: &str| length(text.chars().count()))
        .register_fn("is_empty", |text: &str| text.is_empty())
        .register_fn("contains", |text: &str, part: &str| text.contains(part))
        .register_fn("starts_with", |text: &str, part: &str| {
            text.starts_with(part)
        })
        .register_fn("ends_with", |text: &str, part: &str| text.ends_with(part))
        .register_fn("to_string", |number: i64| {
            ImmutableString::from(number.to_string())
        });
}

fn register_integers(engine: &mut Engine) {
    engine
        .register_fn("min", |left: i64, right: i64| left.min(right))
        .register_fn("max", |left: i64, right: i64| left.max(right))
        .register_fn("abs", |number: i64| {
            number
                .checked_abs()
                .ok_or_else(|| failed("the integer is too large"))
        });
}
