//! Answers to bytes, for guests written in Rust and for tests of other hosts.

use redress_model::{
    Amount, Basis, Code, Deadline, DeadlineStart, DeadlineUnit, Money, Reason, ReasonArg, Remedy,
    Slot,
};

use super::{
    ARG_DATE, ARG_INT, ARG_MONEY, ARG_TEXT, ARGS_MAX, AnswerError, CALENDAR_DAYS, CONTRACTUAL,
    DEADLINE_COUNT_MAX, GOODWILL, GRANT, HOLD, HOURS, LAYOUT_VERSION, MINUTES, MONEY, NO_DEADLINE,
    OBLIGATIONS_MAX, REASONS_MAX, REFUSE, REMEDIES_MAX, ROUTE, RemedyAnswer, RouteAnswer,
    START_AS_OF, START_FACT, START_ON, STATUTORY, TEXT_BYTES_MAX, UNITS, UNKNOWN_FACT,
    WORKING_DAYS,
};

impl RemedyAnswer {
    /// Writes the answer at the end of `out`.
    ///
    /// # Errors
    /// [`AnswerError::TooMany`] and [`AnswerError::NoReason`] for what the layout cannot carry;
    /// `out` then holds a part of the answer.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), AnswerError> {
        out.push(LAYOUT_VERSION);
        match self {
            Self::Grant { tier, remedies } => {
                out.push(GRANT);
                code_or_none(out, tier.as_ref())?;
                counted(out, "remedies", REMEDIES_MAX, remedies, remedy)
            }
            Self::Refuse(list) => {
                if list.is_empty() {
                    return Err(AnswerError::NoReason);
                }
                out.push(REFUSE);
                reasons(out, list)
            }
            Self::Hold(asked) => {
                out.push(HOLD);
                reason(out, asked)
            }
            Self::UnknownFact(slot) => {
                unknown_fact(out, *slot);
                Ok(())
            }
        }
    }
}

impl RouteAnswer {
    /// Writes the answer at the end of `out`.
    ///
    /// # Errors
    /// [`AnswerError::TooMany`] and [`AnswerError::BadPriority`] for what the layout cannot
    /// carry; `out` then holds a part of the answer.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), AnswerError> {
        out.push(LAYOUT_VERSION);
        let route = match self {
            Self::Route(route) => route,
            Self::UnknownFact(slot) => {
                unknown_fact(out, *slot);
                return Ok(());
            }
        };
        out.push(ROUTE);
        code_or_none(out, route.queue.as_ref())?;
        match route.priority {
            None => out.push(0),
            Some(priority @ 1..=9) => out.push(priority),
            Some(found) => return Err(AnswerError::BadPriority { found }),
        }
        deadline(out, route.deadline.as_ref())?;
        counted(
            out,
            "obligations",
            OBLIGATIONS_MAX,
            &route.obligations,
            code,
        )
    }
}

fn unknown_fact(out: &mut Vec<u8>, slot: Slot) {
    out.push(UNKNOWN_FACT);
    out.extend_from_slice(&slot.number().to_le_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) -> Result<(), AnswerError> {
    let length = u8::try_from(text.len())
        .ok()
        .filter(|length| usize::from(*length) <= TEXT_BYTES_MAX)
        .ok_or(AnswerError::TooMany {
            what: "bytes of a text",
            limit: TEXT_BYTES_MAX,
            used: text.len(),
        })?;
    out.push(length);
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn code(out: &mut Vec<u8>, code: &Code) -> Result<(), AnswerError> {
    text(out, code.as_str())
}

fn code_or_none(out: &mut Vec<u8>, name: Option<&Code>) -> Result<(), AnswerError> {
    match name {
        None => {
            out.push(0);
            Ok(())
        }
        Some(name) => code(out, name),
    }
}

fn counted<T>(
    out: &mut Vec<u8>,
    what: &'static str,
    limit: usize,
    items: &[T],
    item: impl Fn(&mut Vec<u8>, &T) -> Result<(), AnswerError>,
) -> Result<(), AnswerError> {
    let used = items.len();
    let count = u8::try_from(used).ok().filter(|_| used <= limit);
    out.push(count.ok_or(AnswerError::TooMany { what, limit, used })?);
    items.iter().try_for_each(|value| item(out, value))
}

fn money(out: &mut Vec<u8>, money: Money) {
    out.extend_from_slice(&money.minor().to_le_bytes());
    out.extend_from_slice(&money.currency().bytes());
}

fn remedy(out: &mut Vec<u8>, remedy: &Remedy) -> Result<(), AnswerError> {
    code(out, &remedy.kind)?;
    match &remedy.amount {
        Amount::Money(sum) => {
            out.push(MONEY);
            money(out, *sum);
        }
        Amount::Units { unit, count } => {
            out.push(UNITS);
            code(out, unit)?;
            out.extend_from_slice(&count.to_le_bytes());
        }
    }
    match &remedy.basis {
        Basis::Statutory(claim) => {
            out.push(STATUTORY);
            code(out, claim)?;
        }
        Basis::Contractual(claim) => {
            out.push(CONTRACTUAL);
            code(out, claim)?;
        }
        Basis::Goodwill => out.push(GOODWILL),
    }
    reasons(out, &remedy.reasons)
}

fn reasons(out: &mut Vec<u8>, reasons: &[Reason]) -> Result<(), AnswerError> {
    counted(out, "reasons", REASONS_MAX, reasons, reason)
}

fn reason(out: &mut Vec<u8>, reason: &Reason) -> Result<(), AnswerError> {
    code(out, &reason.code)?;
    counted(out, "arguments of a reason", ARGS_MAX, &reason.args, arg)
}

fn arg(out: &mut Vec<u8>, arg: &ReasonArg) -> Result<(), AnswerError> {
    match arg {
        ReasonArg::Int(number) => {
            out.push(ARG_INT);
            out.extend_from_slice(&number.to_le_bytes());
        }
        ReasonArg::Money(sum) => {
            out.push(ARG_MONEY);
            money(out, *sum);
        }
        ReasonArg::Date(date) => {
            out.push(ARG_DATE);
            out.extend_from_slice(&date.days().to_le_bytes());
        }
        ReasonArg::Text(value) => {
            out.push(ARG_TEXT);
            text(out, value)?;
        }
    }
    Ok(())
}

pub(super) fn too_long(count: u32) -> AnswerError {
    let number = |count| usize::try_from(count).unwrap_or(usize::MAX);
    AnswerError::TooMany {
        what: "units of a deadline",
        limit: number(DEADLINE_COUNT_MAX),
        used: number(count),
    }
}

fn deadline(out: &mut Vec<u8>, deadline: Option<&Deadline>) -> Result<(), AnswerError> {
    let Some(deadline) = deadline else {
        out.push(NO_DEADLINE);
        return Ok(());
    };
    if deadline.count > DEADLINE_COUNT_MAX {
        return Err(too_long(deadline.count));
    }
    out.push(match deadline.unit {
        DeadlineUnit::Minutes => MINUTES,
        DeadlineUnit::Hours => HOURS,
        DeadlineUnit::CalendarDays => CALENDAR_DAYS,
        DeadlineUnit::WorkingDays => WORKING_DAYS,
    });
    out.extend_from_slice(&deadline.count.to_le_bytes());
    match deadline.start {
        DeadlineStart::AsOf => out.push(START_AS_OF),
        DeadlineStart::Fact(slot) => {
            out.push(START_FACT);
            out.extend_from_slice(&slot.number().to_le_bytes());
        }
        DeadlineStart::On(date) => {
            out.push(START_ON);
            out.extend_from_slice(&date.days().to_le_bytes());
        }
    }
    Ok(())
}
