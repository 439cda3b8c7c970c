//! What a run read and looked up, for the author who asks why; and values in words.

use redress_model::fault::Position;
use redress_model::{Amount, Date, Money, Reason, ReasonArg, Remedy, Timestamp, Verdict};
use rhai::{Dynamic, Map};
use smol_str::SmolStr;

use super::answer::Answer;
use super::draft::Draft;

/// One thing that a policy did while it ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// What it did.
    pub step: TracedStep,
    /// Where in its source, if the interpreter knows.
    pub at: Option<Position>,
}

/// What a policy did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TracedStep {
    /// It read a fact.
    Fact {
        /// The fact's full name.
        name: SmolStr,
        /// Its value in words; nothing if the case does not know it.
        value: Option<String>,
    },
    /// It looked a row up.
    Row {
        /// The table.
        table: SmolStr,
        /// What it was asked.
        inputs: Vec<String>,
        /// What it answered.
        row: String,
    },
}

/// A value as an author would write or read it.
pub(super) fn words(value: &Dynamic) -> String {
    if let Ok(text) = value.as_immutable_string_ref() {
        return format!("{:?}", text.as_str());
    }
    if let Ok(items) = value.as_array_ref() {
        let items: Vec<String> = items.iter().map(words).collect();
        return format!("[{}]", items.join(", "));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entries: Vec<String> = map
            .iter()
            .map(|(key, value)| format!("{key}: {}", words(value)))
            .collect();
        return format!("#{{{}}}", entries.join(", "));
    }
    if let Some(money) = value.read_lock::<Money>() {
        return money.to_string();
    }
    if let Some(date) = value.read_lock::<Date>() {
        return date.to_string();
    }
    if let Some(instant) = value.read_lock::<Timestamp>() {
        return instant.to_string();
    }
    if let Some(draft) = value.read_lock::<Draft>() {
        return remedy(&draft.clone().finish());
    }
    if let Some(answer) = value.read_lock::<Answer>() {
        let tier = answer.0.tier.as_ref();
        let tier = tier.map(|tier| format!(" in tier {tier}"));
        return format!("{}{}", verdict(&answer.0.verdict), tier.unwrap_or_default());
    }
    if value.is_unit() {
        return "()".to_owned();
    }
    if value.is_int() || value.is_bool() || value.is_char() || value.is_fnptr() {
        return value.to_string();
    }
    String::new()
}

pub(super) fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Grant(remedies) => {
            let remedies: Vec<String> = remedies.iter().map(remedy).collect();
            format!("grant [{}]", remedies.join("; "))
        }
        Verdict::Refuse(reasons) => {
            let reasons: Vec<String> = reasons.iter().map(reason).collect();
            format!("refuse {}", reasons.join(", "))
        }
        Verdict::Hold(redress_model::Hold::Asked(asked)) => format!("hold {}", reason(asked)),
        Verdict::Hold(redress_model::Hold::UnknownFact(_)) => "hold".to_owned(),
    }
}

fn remedy(remedy: &Remedy) -> String {
    let amount = match &remedy.amount {
        Amount::Money(money) => money.to_string(),
        Amount::Units { unit, count } => format!("{count} {unit}"),
    };
    let mut text = format!("{} {amount}, {}", remedy.kind, remedy.basis.name());
    if let Some(claim) = remedy.basis.claim() {
        text.push_str(&format!(" {claim}"));
    }
    let reasons: Vec<String> = remedy.reasons.iter().map(reason).collect();
    if !reasons.is_empty() {
        text.push_str(&format!(", because {}", reasons.join(", ")));
    }
    text
}

fn reason(reason: &Reason) -> String {
    let args: Vec<String> = reason
        .args
        .iter()
        .map(|arg| match arg {
            ReasonArg::Int(value) => value.to_string(),
            ReasonArg::Money(value) => value.to_string(),
            ReasonArg::Date(value) => value.to_string(),
            ReasonArg::Text(value) => format!("{value:?}"),
        })
        .collect();
    match args.as_slice() {
        [] => reason.code.to_string(),
        args => format!("{} ({})", reason.code, args.join(", ")),
    }
}
