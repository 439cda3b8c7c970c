//! Words for values, in English and Chinese.

use redress_authoring::Lang;
use redress_kernel::Guardrails;
use redress_kernel::calendar::Span;
use redress_kernel::guardrails::{BasisKind, Condition, Limit, Signature};
use redress_model::{Code, DeadlineUnit, Money, Schema};

use super::Said;

pub(crate) const fn none(lang: Lang) -> &'static str {
    lang.say("none", "无")
}

pub(crate) const fn any(lang: Lang) -> &'static str {
    lang.say("any", "任意")
}

pub(crate) const fn comma(lang: Lang) -> &'static str {
    lang.say(", ", "、")
}

pub(crate) fn words(text: impl ToString) -> Said {
    Said::Words(text.to_string())
}

/// The first twelve digits of a digest.
pub(crate) fn short(digest: &redress_model::Digest) -> String {
    digest.to_string().chars().take(12).collect()
}

pub(crate) fn codes<'c>(codes: impl IntoIterator<Item = &'c Code>) -> Said {
    Said::List(codes.into_iter().map(ToString::to_string).collect())
}

pub(crate) fn yes_no(lang: Lang, yes: bool) -> Said {
    words(if yes {
        lang.say("yes", "是")
    } else {
        lang.say("no", "否")
    })
}

pub(crate) fn money(money: Money) -> Said {
    Said::Amount {
        number: money.minor(),
        unit: money.currency().as_str().to_owned(),
        shown: money.to_string(),
    }
}

pub(crate) fn number(number: i64, unit: &str) -> Said {
    Said::Amount {
        number,
        unit: unit.to_owned(),
        shown: if unit.is_empty() {
            number.to_string()
        } else {
            format!("{number} {unit}")
        },
    }
}

/// Basis points as percent: `12.5 %`.
pub(crate) fn percent(basis_points: i64) -> Said {
    Said::Amount {
        number: basis_points,
        unit: "%".to_owned(),
        shown: percent_text(basis_points),
    }
}

pub(crate) fn percent_text(basis_points: i64) -> String {
    let (sign, points) = (
        if basis_points < 0 { "-" } else { "" },
        basis_points.unsigned_abs(),
    );
    let (whole, part) = (points / 100, points % 100);
    match part {
        0 => format!("{sign}{whole} %"),
        part if part % 10 == 0 => format!("{sign}{whole}.{} %", part / 10),
        part => format!("{sign}{whole}.{part:02} %"),
    }
}

/// A limit: a sum can be compared, a share with its base too where the base stays.
pub(crate) fn limit(lang: Lang, limit: &Limit) -> Said {
    match limit {
        Limit::Fixed(sum) => money(*sum),
        Limit::Share {
            basis_points,
            of,
            at_most,
        } => {
            let share = percent_text(*basis_points);
            let mut shown = match lang {
                Lang::En => format!("{share} of {}", of.name),
                Lang::Zh => format!("{} 的 {share}", of.name),
            };
            if let Some(most) = at_most {
                shown.push_str(&match lang {
                    Lang::En => format!(", at most {most}"),
                    Lang::Zh => format!("，最多 {most}"),
                });
            }
            let most = at_most.map(|most| most.to_string()).unwrap_or_default();
            Said::Amount {
                number: *basis_points,
                unit: format!("% {} {most}", of.name),
                shown,
            }
        }
    }
}

pub(crate) fn span(lang: Lang, span: Span) -> Said {
    let (unit, one, many, zh) = match span.unit {
        DeadlineUnit::Minutes => ("minutes", "minute", "minutes", "分钟"),
        DeadlineUnit::Hours => ("hours", "hour", "hours", "小时"),
        DeadlineUnit::CalendarDays => ("days", "calendar day", "calendar days", "个日历日"),
        DeadlineUnit::WorkingDays => ("working_days", "working day", "working days", "个工作日"),
    };
    Said::Amount {
        number: i64::from(span.count),
        unit: unit.to_owned(),
        shown: match lang {
            Lang::En => format!(
                "{} {}",
                span.count,
                if span.count == 1 { one } else { many }
            ),
            Lang::Zh => format!("{} {zh}", span.count),
        },
    }
}

pub(crate) fn basis(lang: Lang, basis: Option<BasisKind>) -> &'static str {
    match basis {
        Some(BasisKind::Goodwill) => lang.say("goodwill", "善意补偿"),
        Some(BasisKind::Contractual) => lang.say("contractual", "合同"),
        None => lang.say("goodwill and contractual", "善意与合同"),
    }
}

/// `cause = company, matter = not_delivered`.
pub(crate) fn conditions(lang: Lang, schema: &Schema, conditions: &[Condition]) -> String {
    let one = |condition: &Condition| {
        let name = schema.fact(condition.slot).map(|fact| fact.name.as_str());
        let value = schema.show(condition.slot, &condition.value);
        format!("{} = {value}", name.unwrap_or("?"))
    };
    let all: Vec<String> = conditions.iter().map(one).collect();
    all.join(comma(lang))
}

/// The names of enum values of a fact.
pub(crate) fn values(
    schema: &Schema,
    slot: Option<redress_model::Slot>,
    places: &[u16],
) -> Vec<String> {
    let name = |place: &u16| match slot {
        Some(slot) => schema
            .show(slot, &redress_model::Value::Enum(*place))
            .to_string(),
        None => place.to_string(),
    };
    places.iter().map(name).collect()
}

/// `1 finance, 1 director`.
pub(crate) fn signatures(lang: Lang, signatures: &[Signature]) -> Said {
    let one = |signature: &Signature| match lang {
        Lang::En => format!("{} {}", signature.count, signature.role),
        Lang::Zh => format!("{} 名 {}", signature.count, signature.role),
    };
    Said::List(signatures.iter().map(one).collect())
}

/// The name of a role by its place.
pub(crate) fn role(guardrails: &Guardrails, place: usize) -> &str {
    guardrails
        .roles
        .get(place)
        .map_or("?", |role| role.name.as_str())
}
