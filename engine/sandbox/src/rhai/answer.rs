//! The constructors of remedies and verdicts.
//!
//! A policy can only build an answer with these; what they refuse it cannot catch.

use std::rc::Rc;

use redress_abi::{ARGS_MAX, REASONS_MAX, REMEDIES_MAX, TEXT_BYTES_MAX};
use redress_model::fault::BudgetKind;
use redress_model::{Amount, Basis, Code, Date, Hold, Money, Reason, ReasonArg, Remedy, Verdict};
use rhai::{Array, Dynamic, Engine, NativeCallContext};
use smol_str::SmolStr;

use super::draft::Draft;
use super::limits::{ARGUMENT_BYTES, REASON_BYTES, REMEDY_BYTES};
use super::state::{Raised, RunState};
use super::value::type_in_words;

/// What `remedy` returns. Copies share it.
#[derive(Debug, Clone)]
pub(super) struct Answer(pub(super) Rc<Answered>);

/// A verdict with its tier.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) verdict: Verdict,
    pub(super) tier: Option<Code>,
}

/// Registers the constructors of remedies and verdicts.
pub(super) fn register(engine: &mut Engine, state: &Rc<RunState>) {
    engine
        .register_type_with_name::<Draft>("remedy")
        .register_type_with_name::<Answer>("verdict");
    register_remedies(engine, state);
    register_reasons(engine, state);
    register_verdicts(engine, state);
}

fn draft(state: &RunState, kind: Code, amount: Amount) -> Result<Draft, Raised> {
    state.charge_memory(REMEDY_BYTES)?;
    Ok(Draft::new(kind, amount))
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
        draft(&on, on.code(kind)?, Amount::Money(money))
    });
    let on = Rc::clone(state);
    engine.register_fn("units", move |kind: &str, count: i64| {
        units(&on, kind, count)
    });
    let on = Rc::clone(state);
    engine.register_fn("service", move |kind: &str| units(&on, kind, 1));
    let on = Rc::clone(state);
    engine.register_fn("statutory", move |remedy: Draft, claim: &str| {
        Ok::<_, Raised>(remedy.on_ground(Basis::Statutory(on.code(claim)?)))
    });
    let on = Rc::clone(state);
    engine.register_fn("contractual", move |remedy: Draft, claim: &str| {
        Ok::<_, Raised>(remedy.on_ground(Basis::Contractual(on.code(claim)?)))
    });
}

fn units(state: &RunState, kind: &str, count: i64) -> Result<Draft, Raised> {
    let kind = state.code(kind)?;
    let unit = kind.clone();
    draft(state, kind, Amount::Units { unit, count })
}

fn register_reasons(engine: &mut Engine, state: &Rc<RunState>) {
    let on = Rc::clone(state);
    engine.register_fn("because", move |remedy: Draft, reason: &str| {
        because(&on, remedy, Reason::bare(on.code(reason)?))
    });
    let on = Rc::clone(state);
    let with_arguments =
        move |context: NativeCallContext, remedy: Draft, reason: &str, args: Array| {
            let code = on.code(reason)?;
            at_most(&on, ARGS_MAX, args.len(), ARGUMENT_BYTES)?;
            let args = args
                .into_iter()
                .map(|arg| argument(&on, context.engine(), arg))
                .collect::<Result<_, _>>()?;
            because(&on, remedy, Reason { code, args })
        };
    engine.register_fn("because", with_arguments);
}

fn because(state: &RunState, remedy: Draft, reason: Reason) -> Result<Draft, Raised> {
    state.charge_memory(reason_bytes(&reason))?;
    let remedy = remedy.because(reason);
    at_most(state, REASONS_MAX, remedy.reasons(), REASON_BYTES)?;
    Ok(remedy)
}

fn argument(state: &RunState, engine: &Engine, arg: Dynamic) -> Result<ReasonArg, Raised> {
    if let Ok(number) = arg.as_int() {
        return Ok(ReasonArg::Int(number));
    }
    if let Ok(text) = arg.as_immutable_string_ref() {
        if text.len() <= TEXT_BYTES_MAX {
            return Ok(ReasonArg::Text(SmolStr::new(text.as_str())));
        }
        return Err(state.bad_answer(format!(
            "an argument of a reason has {} bytes of text, more than {TEXT_BYTES_MAX}",
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

/// Ends the run when an answer carries more of something than the guest ABI lets a WASM
/// module say: the two sandboxes have one measure.
pub(super) fn at_most(
    state: &RunState,
    limit: usize,
    count: usize,
    bytes_each: u64,
) -> Result<(), Raised> {
    if count <= limit {
        return Ok(());
    }
    let bytes = |count: usize| {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        count.saturating_mul(bytes_each)
    };
    Err(state.exceeded(BudgetKind::Output, bytes(limit), bytes(count)))
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
            let tier = on.code(tier)?;
            grant(&on, context.engine(), Some(tier), remedies)
        },
    );
    let on = Rc::clone(state);
    engine.register_fn("refuse", move |reason: &str| {
        let reasons = vec![Reason::bare(on.code(reason)?)];
        answer(&on, Verdict::Refuse(reasons), None)
    });
    let on = Rc::clone(state);
    engine.register_fn(
        "refuse",
        move |context: NativeCallContext, reasons: Array| {
            let read = |reason: Dynamic| match reason.as_immutable_string_ref() {
                Ok(text) => on.code(&text).map(Reason::bare),
                Err(_) => Err(on.bad_answer(format!(
                    "`refuse` takes reason codes, not {}",
                    type_in_words(context.engine(), &reason),
                ))),
            };
            at_most(&on, REASONS_MAX, reasons.len(), REASON_BYTES)?;
            if reasons.is_empty() {
                return Err(on.bad_answer("a refusal says why: `refuse` takes a reason".into()));
            }
            let reasons = reasons.into_iter().map(read).collect::<Result<_, _>>()?;
            answer(&on, Verdict::Refuse(reasons), None)
        },
    );
    let on = Rc::clone(state);
    engine.register_fn("hold", move |reason: &str| {
        let reason = Reason::bare(on.code(reason)?);
        answer(&on, Verdict::Hold(Hold::Asked(reason)), None)
    });
}

fn grant(
    state: &RunState,
    engine: &Engine,
    tier: Option<Code>,
    remedies: Array,
) -> Result<Answer, Raised> {
    at_most(state, REMEDIES_MAX, remedies.len(), REMEDY_BYTES)?;
    let read = |remedy: Dynamic| match remedy.try_cast_result::<Draft>() {
        Ok(draft) => Ok(draft.finish()),
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
