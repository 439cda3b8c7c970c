//! Sums of money and dates: their operators and functions.

use std::cell::RefCell;
use std::cmp::Ordering;

use redress_model::{Date, Money, MoneyError, Rounding, Timestamp};
use rhai::{Dynamic, Engine, ImmutableString};

use super::limits::MONEY_LITERALS_MAX;
use super::state::{Raised, failed};
use super::value::type_in_words;

/// Money literals that were parsed before, by the place of their text: a literal of
/// the source is the same text in every run.
type Literals = RefCell<Vec<(ImmutableString, Money)>>;

/// Registers everything about sums and dates.
pub(super) fn register(engine: &mut Engine, rounding: Rounding) {
    let literals = Literals::default();
    let parse = move |text: ImmutableString| parse(&literals, text);
    engine.register_fn("money", parse);
    register_arithmetic(engine, rounding);
    register_comparisons::<Money>(engine, compare);
    register_dates(engine);
}

fn parse(literals: &Literals, text: ImmutableString) -> Result<Money, Raised> {
    let mut literals = literals.borrow_mut();
    if let Some((_, money)) = literals.iter().find(|(known, _)| known.ptr_eq(&text)) {
        return Ok(*money);
    }
    let money: Money = text.parse().map_err(money_failed)?;
    if literals.len() < MONEY_LITERALS_MAX {
        literals.push((text, money));
    }
    Ok(money)
}

fn money_failed(error: MoneyError) -> Raised {
    failed(error.to_string())
}

fn register_arithmetic(engine: &mut Engine, rounding: Rounding) {
    let plus = |left: Money, right: Money| left.plus(right).map_err(money_failed);
    let minus = |left: Money, right: Money| left.minus(right).map_err(money_failed);
    engine
        .register_fn("+", plus)
        .register_fn("-", minus)
        .register_fn("*", |money: Money, factor: i64| {
            money.times(factor).map_err(money_failed)
        })
        .register_fn("*", |factor: i64, money: Money| {
            money.times(factor).map_err(money_failed)
        })
        .register_fn("-", |money: Money| money.times(-1).map_err(money_failed))
        // Without these Rhai first fails, with a text that nobody reads, and then adds.
        .register_fn("+=", move |left: &mut Money, right: Money| {
            plus(*left, right).map(|sum| *left = sum)
        })
        .register_fn("-=", move |left: &mut Money, right: Money| {
            minus(*left, right).map(|sum| *left = sum)
        });
    // By value and not by reference: Rhai takes a method that could have changed its
    // object for one that has, and looks for a setter of the fact or the row.
    engine.register_fn("percent", move |money: Money, percent: i64| {
        money.ratio(percent, 100, rounding).map_err(money_failed)
    });
    engine.register_fn("basis_points", move |money: Money, points: i64| {
        money.basis_points(points, rounding).map_err(money_failed)
    });
    engine.register_fn(
        "ratio",
        move |money: Money, numerator: i64, denominator: i64| {
            money
                .ratio(numerator, denominator, rounding)
                .map_err(money_failed)
        },
    );
    engine.register_fn("is_zero", |money: Money| money.minor() == 0);
    engine.register_fn("is_negative", |money: Money| money.minor() < 0);
    engine.register_fn("to_string", |money: Money| {
        ImmutableString::from(money.to_string())
    });
    engine.register_get("currency", |money: &mut Money| {
        ImmutableString::from(money.currency().as_str())
    });
}

fn compare(left: &Money, right: &Money) -> Result<Ordering, Raised> {
    if left.currency() == right.currency() {
        return Ok(left.minor().cmp(&right.minor()));
    }
    Err(money_failed(MoneyError::CurrencyMismatch {
        left: left.currency(),
        right: right.currency(),
    }))
}

/// An order as Rhai's operators ask for it.
type Wanted = fn(Ordering) -> bool;

const COMPARISONS: [(&str, Wanted); 6] = [
    ("==", Ordering::is_eq),
    ("!=", Ordering::is_ne),
    ("<", Ordering::is_lt),
    ("<=", Ordering::is_le),
    (">", Ordering::is_gt),
    (">=", Ordering::is_ge),
];

/// Registers comparisons, `min` and `max` of a type.
///
/// Left to itself, Rhai answers `false` where a sum is compared with a number; here
/// that is an error. Only `==` and `!=` with `()` have an answer, for facts that may
/// be unknown.
fn register_comparisons<T: Copy + 'static>(
    engine: &mut Engine,
    compare: fn(&T, &T) -> Result<Ordering, Raised>,
) {
    for (name, wanted) in COMPARISONS {
        engine.register_fn(name, move |left: T, right: T| {
            compare(&left, &right).map(wanted)
        });
        let unequal = match name {
            "==" => Some(false),
            "!=" => Some(true),
            _ => None,
        };
        let mixed = move |context: rhai::NativeCallContext, left: &Dynamic, right: &Dynamic| {
            match unequal {
                Some(answer) if left.is_unit() || right.is_unit() => Ok(answer),
                _ => Err(failed(format!(
                    "{} cannot be compared with {}",
                    type_in_words(context.engine(), left),
                    type_in_words(context.engine(), right),
                ))),
            }
        };
        engine.register_fn(
            name,
            move |context: rhai::NativeCallContext, left: T, right: Dynamic| {
                mixed(context, &Dynamic::from(left), &right)
            },
        );
        engine.register_fn(
            name,
            move |context: rhai::NativeCallContext, left: Dynamic, right: T| {
                mixed(context, &left, &Dynamic::from(right))
            },
        );
    }
    engine
        .register_fn("min", move |left: T, right: T| {
            compare(&left, &right).map(|order| if order.is_gt() { right } else { left })
        })
        .register_fn("max", move |left: T, right: T| {
            compare(&left, &right).map(|order| if order.is_lt() { right } else { left })
        });
}

fn register_dates(engine: &mut Engine) {
    register_comparisons::<Date>(engine, |left, right| Ok(left.cmp(right)));
    register_comparisons::<Timestamp>(engine, |left, right| Ok(left.cmp(right)));
    let days = |from: Date, to: Date| i64::from(to.days()) - i64::from(from.days());
    // Whole units, towards zero; the years 1 to 9999 cannot overflow.
    let span =
        |unit: i64| move |from: Timestamp, to: Timestamp| (to.seconds() - from.seconds()) / unit;
    engine
        .register_fn("date", |text: &str| {
            text.parse::<Date>()
                .map_err(|error| failed(error.to_string()))
        })
        .register_fn("days_between", days)
        .register_fn("days_between", span(86_400))
        .register_fn("hours_between", span(3_600))
        .register_fn("minutes_between", span(60));
    engine.register_fn("plus_days", move |date: Date, days: i64| {
        let later = i32::try_from(days)
            .ok()
            .and_then(|days| date.plus_days(days));
        later.ok_or_else(|| {
            failed(format!(
                "{date} plus {days} days is not in the years 1 to 9999"
            ))
        })
    });
    engine.register_fn("to_string", |date: Date| {
        ImmutableString::from(date.to_string())
    });
    engine.register_fn("to_string", |instant: Timestamp| {
        ImmutableString::from(instant.to_string())
    });
}
