//! What must be on record, what is waited for, what danger asks for, and by when.

use redress_authoring::Lang;
use redress_kernel::guardrails::{LadderRung, SafetyRule};
use redress_model::Value;
use redress_release::ReleaseSource;

use super::words::{self, any, codes, number, percent, span};
use super::{Part, Said, Thing};

pub(super) fn duties(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let guardrails = release.guardrails();
    let mut all = Vec::new();
    for rule in &guardrails.preconditions {
        let stages: Vec<&str> = rule.stages.iter().map(|stage| stage.name()).collect();
        let name = format!(
            "{} {}",
            lang.say("before an offer:", "给付前须有："),
            rule.missing
        );
        all.push(
            Thing::new(Part::Duties, format!("precondition.{}", rule.missing), name)
                .with(
                    "stages",
                    lang.say("missing in", "缺失阶段"),
                    words::words(stages.join(", ")),
                )
                .with(
                    "owner",
                    lang.say("gets it", "负责人"),
                    words::words(&rule.owner),
                )
                .with(
                    "within",
                    lang.say("within", "期限"),
                    span(lang, rule.within),
                )
                .with(
                    "freezes",
                    lang.say("stops the fees", "暂停费用"),
                    codes(&rule.freezes),
                ),
        );
    }
    for hold in &guardrails.holds {
        let name = format!("{} {}", lang.say("hold", "暂缓"), hold.code);
        all.push(
            Thing::new(Part::Duties, format!("hold.{}", hold.code), name)
                .with(
                    "missing",
                    lang.say("waits for", "等待"),
                    words::words(&hold.missing),
                )
                .with(
                    "owner",
                    lang.say("gets it", "负责人"),
                    words::words(&hold.owner),
                )
                .with(
                    "within",
                    lang.say("within", "期限"),
                    span(lang, hold.within),
                )
                .with(
                    "freezes",
                    lang.say("stops the fees", "暂停费用"),
                    codes(&hold.freezes),
                ),
        );
    }
    let unknown = &guardrails.unknown_fact;
    let name = lang.say("a fact that is not known", "未知事实");
    all.push(
        Thing::new(Part::Duties, "unknown_fact", name)
            .with(
                "owner",
                lang.say("gets it", "负责人"),
                words::words(&unknown.owner),
            )
            .with(
                "within",
                lang.say("within", "期限"),
                span(lang, unknown.within),
            )
            .with(
                "freezes",
                lang.say("stops the fees", "暂停费用"),
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
    let name = format!("{} {fact}", lang.say("danger:", "危险："));
    Thing::new(Part::Duties, format!("safety.{fact}"), name)
        .with(
            "raised",
            lang.say("raised by", "触发值"),
            shown(&rule.raised),
        )
        .with(
            "cleared",
            lang.say("found false by", "排除值"),
            shown(&rule.cleared),
        )
        .with(
            "cleared_goodwill",
            lang.say("goodwill left when found false", "排除后保留的善意补偿"),
            percent(rule.cleared_goodwill_percent.saturating_mul(100)),
        )
        .with("duties", lang.say("duties", "职责"), codes(&rule.duties))
        .with(
            "owner",
            lang.say("called at once", "立即通知"),
            words::words(&rule.owner),
        )
        .with(
            "within",
            lang.say("within", "期限"),
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
            lang.say("within", "期限"),
            span(lang, rung.within),
        )
        .with_some(
            "owner",
            lang.say("owned by", "负责队列"),
            rung.owner.as_ref().map(words::words),
        )
        .with_some(
            "priority",
            lang.say("priority", "优先级"),
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
    let free = free.map(|(_, (en, zh))| lang.say(en, zh).to_owned());
    Thing::new(Part::Duties, "calendar", lang.say("the calendar", "日历"))
        .with(
            "time_zone",
            lang.say("time zone", "时区"),
            words::words(&calendar.time_zone),
        )
        .with(
            "covers",
            lang.say("holidays are known", "已知节假日"),
            words::words(format!("{from} – {to}")),
        )
        .with(
            "weekend",
            lang.say("free weekdays", "休息日"),
            Said::List(free.collect()),
        )
        .with(
            "holidays",
            lang.say("holidays", "节假日"),
            days(&calendar.holidays),
        )
        .with(
            "working",
            lang.say("worked days off", "调休上班日"),
            days(&calendar.working),
        )
        .with(
            "offsets",
            lang.say("offsets", "时差"),
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
