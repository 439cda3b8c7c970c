//! The constructors of a route: where a case goes and by when. None takes a sum.

use std::rc::Rc;
use std::sync::Arc;

use redress_abi::OBLIGATIONS_MAX;
use redress_model::{Code, Deadline, DeadlineStart, DeadlineUnit, FactType, Route, Schema, Slot};
use rhai::Engine;

use super::answer::at_most;
use super::facts::no_fact;
use super::limits::{REASON_BYTES, REMEDY_BYTES};
use super::state::{Raised, RunState};

/// What `route` returns: a route in the making. Copies share it until one of them changes.
#[derive(Debug, Clone, Default)]
pub(super) struct RouteDraft(Rc<Routed>);

#[derive(Debug, Clone, Default)]
struct Routed {
    queue: Option<Code>,
    priority: Option<u8>,
    within: Option<(u32, DeadlineUnit)>,
    since: Option<Slot>,
    obligations: Vec<Code>,
}

/// Registers the constructor of a route and its wishes.
pub(super) fn register(engine: &mut Engine, state: &Rc<RunState>, schema: &Arc<Schema>) {
    engine.register_type_with_name::<RouteDraft>("route");
    engine.register_fn("route", RouteDraft::default);
    let on = Rc::clone(state);
    engine.register_fn("queue", move |route: RouteDraft, name: &str| {
        let name = on.code(name)?;
        change(&on, route, |route| route.queue = Some(name))
    });
    let on = Rc::clone(state);
    engine.register_fn("priority", move |route: RouteDraft, priority: i64| {
        let valid = u8::try_from(priority)
            .ok()
            .filter(|priority| (1..=9).contains(priority));
        let outside = || on.bad_answer(format!("priority {priority} is not within 1 to 9"));
        let priority = valid.ok_or_else(outside)?;
        change(&on, route, |route| route.priority = Some(priority))
    });
    for (name, unit) in [
        ("within_minutes", DeadlineUnit::Minutes),
        ("within_hours", DeadlineUnit::Hours),
        ("within_days", DeadlineUnit::CalendarDays),
        ("within_working_days", DeadlineUnit::WorkingDays),
    ] {
        let on = Rc::clone(state);
        engine.register_fn(name, move |route: RouteDraft, count: i64| {
            let valid = u32::try_from(count).ok().filter(|count| *count <= 10_000);
            let outside = || on.bad_answer(format!("{name}({count}) is not within 0 to 10,000"));
            let count = valid.ok_or_else(outside)?;
            change(&on, route, |route| route.within = Some((count, unit)))
        });
    }
    let (on, facts) = (Rc::clone(state), Arc::clone(schema));
    engine.register_fn("since", move |route: RouteDraft, name: &str| {
        let slot = date_fact(&facts, name).map_err(|problem| on.bad_answer(problem))?;
        change(&on, route, |route| route.since = Some(slot))
    });
    let on = Rc::clone(state);
    engine.register_fn("oblige", move |route: RouteDraft, duty: &str| {
        let duty = on.code(duty)?;
        change(&on, route, |route| route.obligations.push(duty))
    });
}

fn change(
    state: &RunState,
    mut route: RouteDraft,
    edit: impl FnOnce(&mut Routed),
) -> Result<RouteDraft, Raised> {
    let changed = Rc::make_mut(&mut route.0);
    edit(changed);
    let bytes = route_bytes(&changed.obligations);
    at_most(
        state,
        OBLIGATIONS_MAX,
        changed.obligations.len(),
        REASON_BYTES,
    )?;
    state.charge_memory(REMEDY_BYTES.saturating_add(bytes))?;
    Ok(route)
}

/// What a route counts against the output budget.
pub(super) fn route_bytes(obligations: &[Code]) -> u64 {
    let count = u64::try_from(obligations.len()).unwrap_or(u64::MAX);
    count.saturating_mul(REASON_BYTES)
}

/// The slot of a fact from which a deadline can run.
fn date_fact(schema: &Schema, name: &str) -> Result<Slot, String> {
    let Some((slot, fact)) = schema.slots().find(|(_, fact)| fact.name == name) else {
        return Err(no_fact(name, schema.facts().iter().map(|fact| &fact.name)));
    };
    if !fact.class.seen_by_route() {
        return Err(format!("`route` does not see the fact `{name}`"));
    }
    match fact.ty {
        FactType::Date | FactType::DateTime => Ok(slot),
        _ => Err(format!(
            "a deadline cannot start from `{name}`: it is not a date"
        )),
    }
}

impl RouteDraft {
    /// The finished route.
    pub(super) fn finish(self) -> Result<Route, String> {
        let routed = Rc::unwrap_or_clone(self.0);
        let start = routed
            .since
            .map_or(DeadlineStart::AsOf, DeadlineStart::Fact);
        if routed.since.is_some() && routed.within.is_none() {
            return Err("`since` needs a span such as `within_days(7)`".into());
        }
        Ok(Route {
            queue: routed.queue,
            priority: routed.priority,
            deadline: routed
                .within
                .map(|(count, unit)| Deadline { count, unit, start }),
            obligations: routed.obligations,
        })
    }
}
