//! What may be known of a case.

use redress_authoring::Lang;
use redress_model::{Direction, FactClass, FactDef, FactType, Money};
use redress_release::ReleaseSource;

use super::words::{words, yes_no};
use super::{Part, Said, Thing};

pub(super) fn facts(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let facts = release.schema().facts().iter();
    facts.map(|fact| thing(fact, lang)).collect()
}

fn thing(fact: &FactDef, lang: Lang) -> Thing {
    let direction = fact.direction.map(|direction| {
        words(match direction {
            Direction::HigherIsWorse => {
                lang.say("more is worse for the customer", "数值越大对客户越不利")
            }
            Direction::LowerIsWorse => {
                lang.say("less is worse for the customer", "数值越小对客户越不利")
            }
        })
    });
    Thing::new(Part::Facts, fact.name.as_str(), fact.name.as_str())
        .with(
            "class",
            lang.say("may move", "作用"),
            words(class(fact.class, lang)),
        )
        .with("type", lang.say("values", "取值"), values(&fact.ty, lang))
        .with_some("direction", lang.say("direction", "方向"), direction)
        .with_some(
            "unit",
            lang.say("unit", "单位"),
            fact.unit.as_ref().map(words),
        )
        .with(
            "required",
            lang.say("required", "必填"),
            yes_no(lang, fact.required),
        )
        .with(
            "description",
            lang.say("meaning", "含义"),
            words(&fact.description),
        )
}

const fn class(class: FactClass, lang: Lang) -> &'static str {
    let (en, zh) = match class {
        FactClass::Merit => ("the amount (merit)", "金额（情节）"),
        FactClass::Gate => ("what applies (gate)", "适用范围（类别）"),
        FactClass::Route => (
            "queue and deadline, never the amount (route)",
            "队列与期限，不影响金额（流转）",
        ),
        FactClass::Actor => ("authority (actor)", "权限（操作人）"),
        FactClass::Safety => ("a person at once (safety)", "立即转人工（安全）"),
        FactClass::Forbidden => ("nothing (forbidden)", "不得使用（禁止）"),
    };
    lang.say(en, zh)
}

fn values(ty: &FactType, lang: Lang) -> Said {
    match ty {
        FactType::Enum(values) => Said::List(values.iter().map(ToString::to_string).collect()),
        ty => words(type_words(ty, lang)),
    }
}

fn type_words(ty: &FactType, lang: Lang) -> String {
    match (ty, lang) {
        (FactType::Bool, Lang::En) => "yes or no".into(),
        (FactType::Bool, Lang::Zh) => "是或否".into(),
        (FactType::Int { min, max }, Lang::En) => format!("a whole number from {min} to {max}"),
        (FactType::Int { min, max }, Lang::Zh) => format!("{min} 至 {max} 的整数"),
        (FactType::Enum(values), _) => values.join(", "),
        (FactType::Text { chars_max }, Lang::En) => {
            format!("a text of at most {chars_max} characters")
        }
        (FactType::Text { chars_max }, Lang::Zh) => format!("最多 {chars_max} 字的文本"),
        (FactType::Date, Lang::En) => "a date".into(),
        (FactType::Date, Lang::Zh) => "日期".into(),
        (FactType::DateTime, Lang::En) => "a moment".into(),
        (FactType::DateTime, Lang::Zh) => "时刻".into(),
        (
            FactType::Money {
                currency: Some(currency),
                min_minor,
            },
            lang,
        ) => {
            let least = min_minor.map(|least| Money::new(least, *currency));
            match (lang, least) {
                (Lang::En, None) => format!("a sum in {currency}"),
                (Lang::En, Some(least)) => format!("a sum of at least {least}"),
                (Lang::Zh, None) => format!("{currency} 金额"),
                (Lang::Zh, Some(least)) => format!("不少于 {least} 的金额"),
            }
        }
        (FactType::Money { currency: None, .. }, Lang::En) => "a sum in any currency".into(),
        (FactType::Money { currency: None, .. }, Lang::Zh) => "任意币种的金额".into(),
        (FactType::List { item, items_max }, Lang::En) => {
            format!("at most {items_max} of: {}", type_words(item, lang))
        }
        (FactType::List { item, items_max }, Lang::Zh) => {
            format!("最多 {items_max} 项：{}", type_words(item, lang))
        }
    }
}
