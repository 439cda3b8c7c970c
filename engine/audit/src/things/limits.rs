//! What the law and the contract give, what bounds goodwill, and in which kinds.

use redress_authoring::Lang;
use redress_kernel::guardrails::{CashRule, Claim, ClaimBasis, Taboo, Worth};
use redress_release::ReleaseSource;

use super::words::{self, basis, codes, conditions, limit, money, number, percent, values};
use super::{Part, Said, Thing};

pub(super) fn claims(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let guardrails = release.guardrails();
    let mut all: Vec<Thing> = guardrails
        .claims
        .iter()
        .map(|claim| thing(claim, lang))
        .collect();
    for floor in &guardrails.floors {
        let when = conditions(lang, release.schema(), &floor.when);
        let (id, name) = match when.as_str() {
            "" => (format!("floor.{}", floor.claim), String::new()),
            when => (format!("floor.{}.{when}", floor.claim), when.to_owned()),
        };
        let name = match (lang, name.as_str()) {
            (Lang::En, "") => format!("the least under {}", floor.claim),
            (Lang::En, when) => format!("the least under {} when {when}", floor.claim),
            (Lang::Zh, "") => format!("{} 的最低额", floor.claim),
            (Lang::Zh, when) => format!("{when} 时 {} 的最低额", floor.claim),
        };
        all.push(Thing::new(Part::Claims, id, name).with(
            "at_least",
            lang.say("per person", "每人"),
            limit(lang, &floor.at_least),
        ));
    }
    all
}

fn thing(claim: &Claim, lang: Lang) -> Thing {
    let ground = match claim.basis {
        ClaimBasis::Statutory => lang.say("law", "法律"),
        ClaimBasis::Contractual => lang.say("contract", "合同"),
    };
    let second = claim.second_look.as_ref();
    Thing::new(
        Part::Claims,
        format!("claim.{}", claim.code),
        format!("{ground}: {}", claim.code),
    )
    .with("basis", lang.say("ground", "依据"), words::words(ground))
    .with(
        "max_per_person",
        lang.say("highest sum per person", "每人最高额"),
        limit(lang, &claim.max_per_person),
    )
    .with(
        "kinds",
        lang.say("given as", "给付方式"),
        codes(&claim.kinds),
    )
    .with(
        "head",
        lang.say("head of claim", "请求权类别"),
        words::words(&claim.head),
    )
    .with("nets", lang.say("sets off", "抵扣"), codes(&claim.nets))
    .with_some(
        "approval",
        lang.say("signed by the chain", "审批链"),
        claim.approval.as_ref().map(words::words),
    )
    .with_some(
        "second_look_above",
        lang.say("second pair of eyes above", "超过此额须复核"),
        second.map(|look| money(look.above)),
    )
    .with_some(
        "second_look_role",
        lang.say("second pair of eyes", "复核人"),
        second.map(|look| words::words(&look.role)),
    )
    .with_some(
        "second_look_within",
        lang.say("second look within", "复核期限"),
        second.map(|look| words::span(lang, look.within)),
    )
    .with(
        "source",
        lang.say("source", "出处"),
        words::words(&claim.source),
    )
}

pub(super) fn limits(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let guardrails = release.guardrails();
    let mut all = Vec::new();
    for tier in &guardrails.tiers {
        let name = format!("{} {}", lang.say("level", "等级"), tier.name);
        all.push(
            Thing::new(Part::Limits, format!("tier.{}", tier.name), name)
                .with(
                    "from",
                    lang.say("from", "下限"),
                    percent(tier.from_basis_points),
                )
                .with("to", lang.say("to", "上限"), percent(tier.to_basis_points))
                .with("of", lang.say("of", "基数"), words::words(&tier.of.name)),
        );
    }
    let envelope = &guardrails.envelope;
    for cap in &envelope.caps {
        let name = format!("{} {}", lang.say("cap", "滚动限额"), cap.name);
        all.push(
            Thing::new(Part::Limits, format!("cap.{}", cap.name), name)
                .with("limit", lang.say("at most", "最多"), money(cap.limit))
                .with(
                    "window_days",
                    lang.say("within", "期间"),
                    number(i64::from(cap.window_days), lang.say("days", "天")),
                )
                .with(
                    "basis",
                    lang.say("counts", "计入"),
                    words::words(basis(lang, cap.basis)),
                ),
        );
    }
    for budget in &envelope.budgets {
        let name = format!("{} {}", lang.say("budget", "预算"), budget.name);
        all.push(
            Thing::new(Part::Limits, format!("budget.{}", budget.name), name)
                .with("limit", lang.say("of", "总额"), money(budget.limit))
                .with(
                    "basis",
                    lang.say("counts", "计入"),
                    words::words(basis(lang, budget.basis)),
                ),
        );
    }
    let cash = match envelope.cash {
        CashRule::Free => lang.say("also without a loss", "无损失亦可"),
        CashRule::NeedsLoss => lang.say("only for a loss", "须有损失"),
    };
    let name = lang.say("goodwill as a whole", "善意补偿总则");
    all.push(
        Thing::new(Part::Limits, "envelope", name)
            .with("cash", lang.say("cash", "现金"), words::words(cash))
            .with_some(
                "loss_multiple",
                lang.say("at most, of the loss", "不超过损失的"),
                envelope.loss_multiple_basis_points.map(percent),
            ),
    );
    let corridor = &guardrails.corridor;
    let name = lang.say("offers against the tariff", "承诺与标准的偏差");
    all.push(
        Thing::new(Part::Limits, "corridor", name)
            .with(
                "tolerance",
                lang.say("tolerance", "容差"),
                percent(corridor.tolerance_basis_points),
            )
            .with_some(
                "rounding_unit",
                lang.say("least tolerance", "最小容差"),
                corridor.rounding_unit.map(money),
            ),
    );
    all
}

pub(super) fn kinds(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let (guardrails, schema) = (release.guardrails(), release.schema());
    let mut all = Vec::new();
    for kind in &guardrails.kinds {
        let worth = match &kind.worth {
            Worth::Face { percent } => percent_of_face(*percent),
            Worth::Each(each) => money(*each),
        };
        let locales = kind
            .locales
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        let scenes = values(schema, guardrails.facts.scene, &kind.scenes);
        let everywhere = |list: Vec<String>| match list.is_empty() {
            true => words::words(lang.say("everywhere", "不限")),
            false => Said::List(list),
        };
        all.push(
            Thing::new(
                Part::Kinds,
                format!("kind.{}", kind.name),
                kind.name.as_str(),
            )
            .with("worth", lang.say("worth", "折算"), worth)
            .with(
                "locales",
                lang.say("in locales", "地区"),
                everywhere(locales),
            )
            .with("scenes", lang.say("in scenes", "场景"), everywhere(scenes)),
        );
    }
    for taboo in &guardrails.taboos {
        let (id, never, instead) = match taboo {
            Taboo::Kind {
                locale,
                kind,
                instead,
            } => (
                format!("taboo.{locale}.{kind}"),
                format!("{kind} ({locale})"),
                words::words(instead),
            ),
            Taboo::Sum {
                locale,
                sum,
                instead,
            } => (
                format!("taboo.{locale}.{sum}"),
                format!("{sum} ({locale})"),
                money(*instead),
            ),
        };
        let name = format!("{} {never}", lang.say("never", "不得给予"));
        all.push(Thing::new(Part::Kinds, id, name).with(
            "instead",
            lang.say("instead", "代以"),
            instead,
        ));
    }
    all
}

fn percent_of_face(percent_points: u32) -> Said {
    percent(i64::from(percent_points).saturating_mul(100))
}
