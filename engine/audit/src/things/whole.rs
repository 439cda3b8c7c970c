//! What the manifest says.

use redress_authoring::Lang;
use redress_release::{Form, Lineage, ReleaseSource};

use super::words::words;
use super::{Part, Thing};

pub(super) fn release(release: &ReleaseSource, lang: Lang) -> Thing {
    let manifest = release.manifest();
    let until = match manifest.effective.until {
        Some(until) => until.to_string(),
        None => lang.say("open", "不限").to_owned(),
    };
    let lineage = match manifest.lineage {
        Lineage::Reset => lang
            .say("past decisions form no norm", "以往决定不作先例")
            .to_owned(),
        Lineage::Same(version) => match lang {
            Lang::En => format!("decisions of {version} stay norms"),
            Lang::Zh => format!("沿用 {version} 的先例"),
        },
        Lineage::Scaled { of, basis_points } => {
            let (whole, rest) = (basis_points / 10_000, basis_points % 10_000);
            match lang {
                Lang::En => format!("decisions of {of}, times {whole}.{rest:04}, are norms"),
                Lang::Zh => format!("{of} 的决定乘以 {whole}.{rest:04} 后作先例"),
            }
        }
    };
    let policy = release.policy();
    let forms: Vec<&str> = [
        policy.rhai().map(|_| Form::Rhai.name()),
        policy.wasm().map(|_| Form::Wasm.name()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let name = lang.say("the release", "该版本");
    Thing::new(Part::Release, "release", name)
        .with(
            "summary",
            lang.say("what it is for", "用途"),
            words(&manifest.summary),
        )
        .with(
            "effective_from",
            lang.say("first incident date", "最早事件日期"),
            words(manifest.effective.from),
        )
        .with(
            "effective_until",
            lang.say("last incident date", "最晚事件日期"),
            words(until),
        )
        .with(
            "review_by",
            lang.say("review by", "复审期限"),
            words(manifest.review_by),
        )
        .with(
            "rounding",
            lang.say("rounding", "舍入"),
            words(manifest.rounding.name()),
        )
        .with("lineage", lang.say("lineage", "沿革"), words(lineage))
        .with(
            "forms",
            lang.say("forms of the policy", "规则形式"),
            words(forms.join(" + ")),
        )
        .with(
            "run",
            lang.say("form that decides", "执行形式"),
            words(policy.run().name()),
        )
}
