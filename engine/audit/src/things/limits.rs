//! What the law and the contract give, what bounds goodwill, and in which kinds.

use redress_authoring::Lang;
use redress_kernel::guardrails::{CashRule, Claim, ClaimBasis, Taboo, Worth};
use redress_release::ReleaseSource;

use super::words::{self, basis, codes, conditions, limit, money, number, percent, pick, values};
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
            pick(lang, "per person", "每人"),
            limit(lang, &floor.at_least),
        ));
    }
    all
}

fn thing(claim: &Claim, lang: Lang) -> Thing {
    let ground = match claim.basis {
        ClaimBasis::Statutory => pick(lang, "law", "法律"),
        ClaimBasis::Contractual => pick(lang, "contract", "合同"),
    };
    let second = claim.second_look.as_ref();
    Thing::new(
        Part::Claims,
        format!("claim.{}", claim.code),
        format!("{ground}: {}", claim.code),
    )
    .with("basis", pick(lang, "ground", "依据"), words::words(ground))
    .with(
        "max_per_person",
        pick(lang, "highest sum per person", "每人最高额"),
        limit(lang, &claim.max_per_person),
    )
    .with(
        "kinds",
        pick(lang, "given as", "给付方式"),
        codes(&claim.kinds),
    )
    .with(
        "head",
        pick(lang, "head of claim", "请求权类别"),
        words::words(&claim.head),
    )
    .with("nets", pick(lang, "sets off", "抵扣"), codes(&claim.nets))
    .with_some(
        "approval",
        pick(lang, "signed by the chain", "审批链"),
        claim.approval.as_ref().map(words::words),
    )
    .with_some(
        "second_look_above",
        pick(lang, "second pair of eyes above", "超过此额须复核"),
        second.map(|look| money(look.above)),
    )
    .with_some(
        "second_look_role",
        pick(lang, "second pair of eyes", "复核人"),
        second.map(|look| words::words(&look.role)),
    )
    .with_some(
        "second_look_within",
        pick(lang, "second look within", "复核期限"),
        second.map(|look| words::span(lang, look.within)),
    )
    .with(
        "source",
        pick(lang, "source", "出处"),
        words::words(&claim.source),
    )
}

pub(super) fn limits(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let guardrails = release.guardrails();
    let mut all = Vec::new();
    for tier in &guardrails.tiers {
        let name = format!("{} {}", pick(lang, "level", "等级"), tier.name);
        all.push(
            Thing::new(Part::Limits, format!("tier.{}", tier.name), name)
                .with(
                    "from",
                    pick(lang, "from", "下限"),
                    percent(tier.from_basis_points),
                )
                .with(
                    "to",
                    pick(lang, "to", "上限"),
                    percent(tier.to_basis_points),
                )
                .with("of", pick(lang, "of", "基数"), words::words(&tier.of.name)),
        );
    }
    let envelope = &guardrails.envelope;
    for cap in &envelope.caps {
        let name = format!("{} {}", pick(lang, "cap", "滚动限额"), cap.name);
        all.push(
            Thing::new(Part::Limits, format!("cap.{}", cap.name), name)
                .with("limit", pick(lang, "at most", "最多"), money(cap.limit))
                .with(
                    "window_days",
                    pick(lang, "within", "期间"),
                    number(i64::from(cap.window_days), pick(lang, "days", "天")),
                )
                .with(
                    "basis",
                    pick(lang, "counts", "计入"),
                    words::words(basis(lang, cap.basis)),
                ),
        );
    }
    for budget in &envelope.budgets {
        let name = format!("{} {}", pick(lang, "budget", "预算"), budget.name);
        all.push(
            Thing::new(Part::Limits, format!("budget.{}", budget.name), name)
                .with("limit", pick(lang, "of", "总额"), money(budget.limit))
                .with(
                    "basis",
                    pick(lang, "counts", "计入"),
                    words::words(basis(lang, budget.basis)),
                ),
        );
    }
    let cash = match envelope.cash {
        CashRule::Free => pick(lang, "also without a loss", "无损失亦可"),
        CashRule::NeedsLoss => pick(lang, "only for a loss", "须有损失"),
    };
    let name = pick(lang, "goodwill as a whole", "善意补偿总则");
    all.push(
        Thing::new(Part::Limits, "envelope", name)
            .with("cash", pick(lang, "cash", "现金"), words::words(cash))
            .with_some(
                "loss_multiple",
                pick(lang, "at most, of the loss", "不超过损失的"),
                envelope.loss_multiple_basis_points.map(percent),
            ),
    );
    let corridor = &guardrails.corridor;
    let name = pick(lang, "offers against the tariff", "承诺与标准的偏差");
    all.push(
        Thing::new(Part::Limits, "corridor", name)
            .with(
                "tolerance",
                pick(lang, "tolerance", "容差"),
                percent(corridor.tolerance_basis_points),
            )
            .with_some(
                "rounding_unit",
                pick(lang, "least tolerance", "最小容差"),
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
            true => words::words(pick(lang, "everywhere", "不限")),
            false => Said::List(list),
        };
        all.push(
            Thing::new(
                Part::Kinds,
                format!("kind.{}", kind.name),
                kind.name.as_str(),
            )
            .with("worth", pick(lang, "worth", "折算"), worth)
            .with(
                "locales",
                pick(lang, "in locales", "地区"),
                everywhere(locales),
            )
            .with(
                "scenes",
                pick(lang, "in scenes", "场景"),
                everywhere(scenes),
            ),
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
        let name = format!("{} {never}", pick(lang, "never", "不得给予"));
        all.push(Thing::new(Part::Kinds, id, name).with(
            "instead",
            pick(lang, "instead", "代以"),
            instead,
        ));
    }
    all
}

fn percent_of_face(percent_points: u32) -> Said {
    percent(i64::from(percent_points).saturating_mul(100))
}
