//! Who may give how much, who must sign, and what people look at.

use redress_authoring::Lang;
use redress_kernel::guardrails::{AuthorityRow, GoodwillSwitch};
use redress_release::ReleaseSource;

use super::words::{self, any, basis, codes, conditions, money, number, signatures, span, values};
use super::{Part, Thing};

pub(super) fn authority(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let guardrails = release.guardrails();
    let mut all = Vec::new();
    for role in &guardrails.roles {
        let name = format!("{} {}", lang.say("role", "角色"), role.name);
        all.push(
            Thing::new(Part::Authority, format!("role.{}", role.name), name)
                .with(
                    "rank",
                    lang.say("rank", "级别"),
                    number(i64::from(role.rank), ""),
                )
                .with(
                    "owner",
                    lang.say("escalations go to", "上报至"),
                    words::words(&role.owner),
                )
                .with(
                    "within",
                    lang.say("answers within", "答复期限"),
                    span(lang, role.within),
                ),
        );
    }
    all.extend(
        guardrails
            .authority
            .iter()
            .map(|row| row_thing(release, row, lang)),
    );
    all
}

fn row_thing(release: &ReleaseSource, row: &AuthorityRow, lang: Lang) -> Thing {
    let guardrails = release.guardrails();
    let role = words::role(guardrails, row.role);
    let scene = row
        .scene
        .map(|scene| values(release.schema(), guardrails.facts.scene, &[scene]).concat());
    let kind = row.kind.as_ref().map(ToString::to_string);
    let ground = match row.basis {
        Some(kind) => basis(lang, Some(kind)),
        None => any(lang),
    };
    let id = format!(
        "authority.{role}.{}.{}.{}",
        basis(Lang::En, row.basis),
        kind.as_deref().unwrap_or("any"),
        scene.as_deref().unwrap_or("any")
    );
    let mut parts = vec![role.to_owned()];
    let details: Vec<String> = [row.basis.map(|_| ground.to_owned()), kind, scene]
        .into_iter()
        .flatten()
        .collect();
    if !details.is_empty() {
        parts.push(details.join(words::comma(lang)));
    }
    let name = parts.join(match lang {
        Lang::En => ": ",
        Lang::Zh => "：",
    });
    Thing::new(Part::Authority, id, name)
        .with("limit", lang.say("up to", "上限"), money(row.limit))
        .with_some(
            "valid_from",
            lang.say("from", "自"),
            row.valid_from.map(words::words),
        )
        .with_some(
            "valid_until",
            lang.say("until", "至"),
            row.valid_until.map(words::words),
        )
        .with_some(
            "delegated_by",
            lang.say("delegated by", "授权人"),
            row.delegated_by.as_ref().map(words::words),
        )
}

pub(super) fn approval(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let (guardrails, schema) = (release.guardrails(), release.schema());
    let mut all = Vec::new();
    for chain in &guardrails.chains {
        let name = format!("{} {}", lang.say("chain", "审批链"), chain.name);
        all.push(
            Thing::new(Part::Approval, format!("chain.{}", chain.name), name)
                .with(
                    "signatures",
                    lang.say("signed by", "签字人"),
                    signatures(lang, &chain.signatures),
                )
                .with(
                    "codes",
                    lang.say("for the codes", "适用代码"),
                    codes(&chain.codes),
                )
                .with(
                    "when",
                    lang.say("when", "条件"),
                    words::words(conditions(lang, schema, &chain.when)),
                )
                .with(
                    "owner",
                    lang.say("owned by", "负责队列"),
                    words::words(&chain.owner),
                )
                .with(
                    "within",
                    lang.say("within", "期限"),
                    span(lang, chain.within),
                ),
        );
    }
    for review in &guardrails.reviews {
        let when = conditions(lang, schema, &review.when);
        let goodwill = match review.goodwill {
            GoodwillSwitch::On => lang.say("as the policy proposes", "按规则"),
            GoodwillSwitch::Off => lang.say("off", "停止"),
        };
        let name = match lang {
            Lang::En => format!("a person looks when {when}"),
            Lang::Zh => format!("{when} 时须人工复核"),
        };
        all.push(
            Thing::new(
                Part::Approval,
                format!("review.{}", conditions(Lang::En, schema, &review.when)),
                name,
            )
            .with(
                "goodwill",
                lang.say("goodwill", "善意补偿"),
                words::words(goodwill),
            )
            .with(
                "owner",
                lang.say("who looks", "复核人"),
                words::words(&review.owner),
            )
            .with(
                "within",
                lang.say("within", "期限"),
                span(lang, review.within),
            ),
        );
    }
    all
}
