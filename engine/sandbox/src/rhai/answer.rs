//! The constructors of a policy's answer: remedies, verdicts and routes.
//!
//! A policy can only build an answer with these; what they refuse it cannot catch.

use std::rc::Rc;
use std::sync::Arc;

use redress_model::fault::BudgetKind;
use redress_model::{
    Amount, Basis, Code, Date, Deadline, DeadlineStart, DeadlineUnit, FactType, Hold, Money,
    Reason, ReasonArg, Remedy, Route, Schema, Slot, Verdict,
};
use rhai::{Array, Dynamic, Engine, NativeCallContext};
use smol_str::SmolStr;

use super::facts::no_fact;
use super::limits::{
    ARGUMENT_BYTES, REASON_BYTES, REASON_TEXT_BYTES_MAX, REASONS_MAX, REMEDY_BYTES,
};
use super::state::{Raised, RunState};
use super::value::type_in_words;

/// A remedy in the making. Copies share it until one of them changes.
#[derive(Debug, Clone)]
struct Draft(Rc<Remedy>);

/// What `remedy` returns. Copies share it.
#[derive(Debug, Clone)]
pub(super) struct Answer(pub(super) Rc<Answered>);

/// A verdict with its tier.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) verdict: Verdict,
    pub(super) tier: Option<Code>,
}

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

/// Registers every constructor.
pub(super) fn register(engine: &mut Engine, state: &Rc<RunState>, schema: &Arc<Schema>) {
    engine
        .register_type_with_name::<Draft>("remedy")
        .register_type_with_name::<Answer>("verdict")
        .register_type_with_name::<RouteDraft>("route");
    register_remedies(engine, state);
    register_reasons(engine, state);
    register_verdicts(engine, state);
    register_routes(engine, state, schema);
}

fn draft(state: &RunState, kind: Code, amount: Amount) -> Result<Draft, Raised> {
    state.charge_memory(REMEDY_BYTES)?;
    Ok(Draft(Rc::new(Remedy {
        kind,
        amount,
        basis: Basis::Goodwill,
        reasons: Vec::new(),
    })))
}

fn register_remedies(engine: &mut Engine, state: &Rc<RunState>) {
    for (name, kind) in [
        ("cash", Code::engine("cash")),
        ("voucher", Code::engine("voucher")),
        ("credit", Code::engine("balance_credit")),
    ] {
        let state = Rc::clone(state);
        engine.register_fn(name, move |money: Money| {
            draft(&state, kind.clone(), Amount::Money(money))
        });
    }
    let on = Rc::clone(state);
    engine.register_fn("gift", move |kind: &str, money: Money| {
        draft(&on, code(&on, kind)?, Amount::Money(money))
    });
    let on = Rc::clone(state);
    engine.register_fn("units", move |kind: &str, count: i64| {
        units(&on, kind, count)
    });
    let on = Rc::clone(state);
    engine.register_fn("service", move |kind: &str| units(&on, kind, 1));
    let on = Rc::clone(state);
    engine.register_fn("statutory", move |remedy: Draft, claim: &str| {
        Ok::<_, Raised>(on_ground(remedy, Basis::Statutory(code(&on, claim)?)))
    });
    let on = Rc::clone(state);
    engine.register_fn("contractual", move |remedy: Draft, claim: &str| {
        Ok::<_, Raised>(on_ground(remedy, Basis::Contractual(code(&on, claim)?)))
    });
}

fn units(state: &RunState, kind: &str, count: i64) -> Result<Draft, Raised> {
    let kind = code(state, kind)?;
    let unit = kind.clone();
    draft(state, kind, Amount::Units { unit, count })
}

fn on_ground(mut remedy: Draft, basis: Basis) -> Draft {
    Rc::make_mut(&mut remedy.0).basis = basis;
    remedy
}

/// A code that the policy wrote. One that is no code ends the run.
fn code(state: &RunState, text: &str) -> Result<Code, Raised> {
    Code::new(text).map_err(|error| state.bad_answer(error.to_string()))
}

fn register_reasons(engine: &mut Engine, state: &Rc<RunState>) {
    let on = Rc::clone(state);
    engine.register_fn("because", move |remedy: Draft, reason: &str| {
        because(&on, remedy, Reason::bare(code(&on, reason)?))
    });
    let on = Rc::clone(state);
    let with_arguments =
        move |context: NativeCallContext, remedy: Draft, reason: &str, args: Array| {
            let code = code(&on, reason)?;
            if args.len() > REASONS_MAX {
                return Err(too_much(&on, args.len(), ARGUMENT_BYTES));
            }
            let args = args
                .into_iter()
                .map(|arg| argument(&on, context.engine(), arg))
                .collect::<Result<_, _>>()?;
            because(&on, remedy, Reason { code, args })
        };
    engine.register_fn("because", with_arguments);
}

fn because(state: &RunState, mut remedy: Draft, reason: Reason) -> Result<Draft, Raised> {
    let changed = Rc::make_mut(&mut remedy.0);
    changed.reasons.push(reason);
    if changed.reasons.len() > REASONS_MAX {
        return Err(too_much(state, changed.reasons.len(), REASON_BYTES));
    }
    // A copy was made if the remedy was in a variable too, so it counts as a whole.
    state.charge_memory(remedy_bytes(changed))?;
    Ok(remedy)
}

fn argument(state: &RunState, engine: &Engine, arg: Dynamic) -> Result<ReasonArg, Raised> {
    if let Ok(number) = arg.as_int() {
        return Ok(ReasonArg::Int(number));
    }
    if let Ok(text) = arg.as_immutable_string_ref() {
        if text.len() <= REASON_TEXT_BYTES_MAX {
            return Ok(ReasonArg::Text(SmolStr::new(text.as_str())));
        }
        return Err(state.bad_answer(format!(
            "an argument of a reason has {} bytes of text, more than {REASON_TEXT_BYTES_MAX}",
            text.len(),
        )));
    }
    let arg = match arg.try_cast_result::<Money>() {
        Ok(money) => return Ok(ReasonArg::Money(money)),
        Err(arg) => arg,
    };
    match arg.try_cast_result::<Date>() {
        Ok(date) => Ok(ReasonArg::Date(date)),
        Err(arg) => Err(state.bad_answer(format!(
            "an argument of a reason is an integer, a sum, a date or a short text, not {}",
            type_in_words(engine, &arg),
        ))),
    }
}

fn too_much(state: &RunState, count: usize, bytes_each: u64) -> Raised {
    let used = u64::try_from(count)
        .unwrap_or(u64::MAX)
        .saturating_mul(bytes_each);
    let limit = u64::try_from(REASONS_MAX)
        .unwrap_or(u64::MAX)
        .saturating_mul(bytes_each);
    state.exceeded(BudgetKind::Output, limit, used)
}

fn register_verdicts(engine: &mut Engine, state: &Rc<RunState>) {
    let on = Rc::clone(state);
    engine.register_fn(
        "grant",
        move |context: NativeCallContext, remedies: Array| {
            grant(&on, context.engine(), None, remedies)
        },
    );
    let on = Rc::clone(state);
    engine.register_fn(
        "grant_in_tier",
        move |context: NativeCallContext, tier: &str, remedies: Array| {
            let tier = code(&on, tier)?;
            grant(&on, context.engine(), Some(tier), remedies)
        },
    );
    let on = Rc::clone(state);
    engine.register_fn("refuse", move |reason: &str| {
        let reasons = vec![Reason::bare(code(&on, reason)?)];
        answer(&on, Verdict::Refuse(reasons), None)
    });
    let on = Rc::clone(state);
    engine.register_fn(
        "refuse",
        move |context: NativeCallContext, reasons: Array| {
            let read = |reason: Dynamic| match reason.as_immutable_string_ref() {
                Ok(text) => code(&on, &text).map(Reason::bare),
                Err(_) => Err(on.bad_answer(format!(
                    "`refuse` takes reason codes, not {}",
                    type_in_words(context.engine(), &reason),
                ))),
            };
            let reasons = reasons.into_iter().map(read).collect::<Result<_, _>>()?;
            answer(&on, Verdict::Refuse(reasons), None)
        },
    );
    let on = Rc::clone(state);
    engine.register_fn("hold", move |reason: &str| {
        let reason = Reason::bare(code(&on, reason)?);
        answer(&on, Verdict::Hold(Hold::Asked(reason)), None)
    });
}

fn grant(
    state: &RunState,
    engine: &Engine,
    tier: Option<Code>,
    remedies: Array,
) -> Result<Answer, Raised> {
    let read = |remedy: Dynamic| match remedy.try_cast_result::<Draft>() {
        Ok(draft) => Ok(Rc::unwrap_or_clone(draft.0)),
        Err(other) => Err(state.bad_answer(format!(
            "`grant` takes remedies such as `cash(money)`, not {}",
            type_in_words(engine, &other),
        ))),
    };
    let remedies = remedies.into_iter().map(read).collect::<Result<_, _>>()?;
    answer(state, Verdict::Grant(remedies), tier)
}

fn answer(state: &RunState, verdict: Verdict, tier: Option<Code>) -> Result<Answer, Raised> {
    let bytes = verdict_bytes(&verdict);
    if bytes > state.output_bytes_max() {
        return Err(state.exceeded(BudgetKind::Output, state.output_bytes_max(), bytes));
    }
    state.charge_memory(bytes)?;
    Ok(Answer(Rc::new(Answered { verdict, tier })))
}

/// What a verdict counts against the output budget.
pub(super) fn verdict_bytes(verdict: &Verdict) -> u64 {
    match verdict {
        Verdict::Grant(remedies) => remedies.iter().map(remedy_bytes).sum(),
        Verdict::Refuse(reasons) => reasons.iter().map(reason_bytes).sum(),
        Verdict::Hold(_) => REASON_BYTES,
    }
}

fn remedy_bytes(remedy: &Remedy) -> u64 {
    let reasons: u64 = remedy.reasons.iter().map(reason_bytes).sum();
    REMEDY_BYTES.saturating_add(reasons)
}

fn reason_bytes(reason: &Reason) -> u64 {
    let args = u64::try_from(reason.args.len()).unwrap_or(u64::MAX);
    REASON_BYTES.saturating_add(args.saturating_mul(ARGUMENT_BYTES))
}

fn register_routes(engine: &mut Engine, state: &Rc<RunState>, schema: &Arc<Schema>) {
    engine.register_fn("route", RouteDraft::default);
    let on = Rc::clone(state);
    engine.register_fn("queue", move |route: RouteDraft, name: &str| {
        let name = code(&on, name)?;
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
        let duty = code(&on, duty)?;
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
    if bytes > state.output_bytes_max() {
        return Err(state.exceeded(BudgetKind::Output, state.output_bytes_max(), bytes));
    }
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
