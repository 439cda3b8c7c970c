//! What must be on record, what is waited for, what danger asks for, and by when.

use redress_authoring::Lang;
use redress_kernel::guardrails::{LadderRung, SafetyRule};
use redress_model::Value;
use redress_release::ReleaseSource;

use super::words::{self, any, codes, number, percent, pick, span};
use super::{Part, Said, Thing};

pub(super) fn duties(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let guardrails = release.guardrails();
    let mut all = Vec::new();
    for rule in &guardrails.preconditions {
        let stages: Vec<&str> = rule.stages.iter().map(|stage| stage.name()).collect();
        let name = format!(
            "{} {}",
            pick(lang, "before an offer:", "给付前须有："),
            rule.missing
        );
        all.push(
            Thing::new(Part::Duties, format!("precondition.{}", rule.missing), name)
                .with(
                    "stages",
                    pick(lang, "missing in", "缺失阶段"),
                    words::words(stages.join(", ")),
                )
                .with(
                    "owner",
                    pick(lang, "gets it", "负责人"),
                    words::words(&rule.owner),
                )
                .with(
                    "within",
                    pick(lang, "within", "期限"),
                    span(lang, rule.within),
                )
                .with(
                    "freezes",
                    pick(lang, "stops the fees", "暂停费用"),
                    codes(&rule.freezes),
                ),
        );
    }
    for hold in &guardrails.holds {
        let name = format!("{} {}", pick(lang, "hold", "暂缓"), hold.code);
        all.push(
            Thing::new(Part::Duties, format!("hold.{}", hold.code), name)
                .with(
                    "missing",
                    pick(lang, "waits for", "等待"),
                    words::words(&hold.missing),
                )
                .with(
                    "owner",
                    pick(lang, "gets it", "负责人"),
                    words::words(&hold.owner),
                )
                .with(
                    "within",
                    pick(lang, "within", "期限"),
                    span(lang, hold.within),
                )
                .with(
                    "freezes",
                    pick(lang, "stops the fees", "暂停费用"),
                    codes(&hold.freezes),
                ),
        );
    }
    let unknown = &guardrails.unknown_fact;
    let name = pick(lang, "a fact that is not known", "未知事实");
    all.push(
        Thing::new(Part::Duties, "unknown_fact", name)
            .with(
                "owner",
                pick(lang, "gets it", "负责人"),
                words::words(&unknown.owner),
            )
            .with(
                "within",
                pick(lang, "within", "期限"),
                span(lang, unknown.within),
            )
            .with(
                "freezes",
                pick(lang, "stops the fees", "暂停费用"),
                codes(&unknown.freezes),
            ),
    );
    all.extend(
        guardrails
            .safety
            .iter()
            .map(|rule| safety(release, rule, lang)),
    );
    all.extend(
        guardrails
            .ladder
            .iter()
            .map(|rung| ladder(release, rung, lang)),
    );
    all.push(calendar(release, lang));
    all
}

fn safety(release: &ReleaseSource, rule: &SafetyRule, lang: Lang) -> Thing {
    let schema = release.schema();
    let fact = schema
        .fact(rule.slot)
        .map_or("?", |fact| fact.name.as_str());
    let shown = |values: &[Value]| {
        Said::List(
            values
                .iter()
                .map(|value| schema.show(rule.slot, value).to_string())
                .collect(),
        )
    };
    let name = format!("{} {fact}", pick(lang, "danger:", "危险："));
    Thing::new(Part::Duties, format!("safety.{fact}"), name)
        .with(
            "raised",
            pick(lang, "raised by", "触发值"),
            shown(&rule.raised),
        )
        .with(
            "cleared",
            pick(lang, "found false by", "排除值"),
            shown(&rule.cleared),
        )
        .with(
            "cleared_goodwill",
            pick(
                lang,
                "goodwill left when found false",
                "排除后保留的善意补偿",
            ),
            percent(rule.cleared_goodwill_percent.saturating_mul(100)),
        )
        .with("duties", pick(lang, "duties", "职责"), codes(&rule.duties))
        .with(
            "owner",
            pick(lang, "called at once", "立即通知"),
            words::words(&rule.owner),
        )
        .with(
            "within",
            pick(lang, "within", "期限"),
            span(lang, rule.within),
        )
}

fn ladder(release: &ReleaseSource, rung: &LadderRung, lang: Lang) -> Thing {
    let (schema, facts) = (release.schema(), &release.guardrails().facts);
    let value = |slot, place: Option<u16>, lang| match place {
        Some(place) => words::values(schema, slot, &[place]).concat(),
        None => any(lang).to_owned(),
    };
    let (severity, customer) = (rung.severity, rung.customer_value);
    let id = format!(
        "ladder.{}.{}",
        value(facts.severity, severity, Lang::En),
        value(facts.customer_value, customer, Lang::En)
    );
    let (severity, customer) = (
        value(facts.severity, severity, lang),
        value(facts.customer_value, customer, lang),
    );
    let name = match lang {
        Lang::En => format!("escalation of severity {severity}, customer value {customer}"),
        Lang::Zh => format!("上报：严重程度 {severity}，客户价值 {customer}"),
    };
    Thing::new(Part::Duties, id, name)
        .with(
            "within",
            pick(lang, "within", "期限"),
            span(lang, rung.within),
        )
        .with_some(
            "owner",
            pick(lang, "owned by", "负责队列"),
            rung.owner.as_ref().map(words::words),
        )
        .with_some(
            "priority",
            pick(lang, "priority", "优先级"),
            rung.priority.map(|p| number(i64::from(p), "")),
        )
}

fn calendar(release: &ReleaseSource, lang: Lang) -> Thing {
    let calendar = &release.guardrails().calendar;
    let days =
        |days: &[redress_model::Date]| Said::List(days.iter().map(ToString::to_string).collect());
    let (from, to) = calendar.covers;
    let offsets = calendar.offsets.iter();
    let offsets = offsets.map(|(since, seconds)| format!("{since}: {seconds} s"));
    let free = calendar
        .weekend
        .iter()
        .zip(WEEKDAYS)
        .filter(|(free, _)| **free);
    let free = free.map(|(_, (en, zh))| pick(lang, en, zh).to_owned());
    Thing::new(Part::Duties, "calendar", pick(lang, "the calendar", "日历"))
        .with(
            "time_zone",
            pick(lang, "time zone", "时区"),
            words::words(&calendar.time_zone),
        )
        .with(
            "covers",
            pick(lang, "holidays are known", "已知节假日"),
            words::words(format!("{from} – {to}")),
        )
        .with(
            "weekend",
            pick(lang, "free weekdays", "休息日"),
            Said::List(free.collect()),
        )
        .with(
            "holidays",
            pick(lang, "holidays", "节假日"),
            days(&calendar.holidays),
        )
        .with(
            "working",
            pick(lang, "worked days off", "调休上班日"),
            days(&calendar.working),
        )
        .with(
            "offsets",
            pick(lang, "offsets", "时差"),
            Said::List(offsets.collect()),
        )
}

const WEEKDAYS: [(&str, &str); 7] = [
    ("Monday", "周一"),
    ("Tuesday", "周二"),
    ("Wednesday", "周三"),
    ("Thursday", "周四"),
    ("Friday", "周五"),
    ("Saturday", "周六"),
    ("Sunday", "周日"),
];
