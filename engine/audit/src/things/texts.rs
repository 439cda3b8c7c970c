//! The sentences that people read, the cases, and every other file.

use redress_authoring::Lang;
use redress_model::{Digest, ReasonArg};
use redress_release::{CaseFile, ExpectedSum, ReleaseSource};
use serde_json::{Map, Value as Json};

use super::words::{short, words};
use super::{Part, Said, Thing};

/// Every place for an argument as the file writes it.
const PLACES: [&str; 8] = ["{0}", "{1}", "{2}", "{3}", "{4}", "{5}", "{6}", "{7}"];

pub(super) fn reasons(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let messages = release.messages();
    let places: Vec<ReasonArg> = PLACES
        .iter()
        .map(|place| ReasonArg::Text((*place).into()))
        .collect();
    let mut all = Vec::new();
    for code in messages.codes() {
        let name = format!("{} {code}", lang.say("code", "代码"));
        let mut thing = Thing::new(Part::Reasons, code.as_str(), name);
        for locale in messages.locales() {
            if let Some(sentence) = messages.sentence(locale, code) {
                thing = thing.with("sentence", locale.as_str(), words(sentence.with(&places)));
            }
        }
        all.push(thing);
    }
    all
}

pub(super) fn cases(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    // Whoever compares releases has read them; a case that cannot be read is `check`'s matter.
    let cases = release.cases().unwrap_or_default();
    cases.iter().map(|case| thing(case, lang)).collect()
}

fn thing(case: &CaseFile, lang: Lang) -> Thing {
    let sum = |sum: &ExpectedSum| match sum {
        ExpectedSum::Nothing => "0".to_owned(),
        ExpectedSum::Money(money) => money.to_string(),
    };
    let mut facts = Vec::new();
    told("", &case.facts, &mut facts);
    let expect = &case.expect;
    Thing::new(Part::Cases, case.stem.as_str(), case.name.as_str())
        .with_some(
            "outcome",
            lang.say("expects", "预期"),
            expect.outcome.map(|outcome| words(outcome.name())),
        )
        .with_some(
            "error",
            lang.say("expects the error", "预期错误"),
            expect.error.map(words),
        )
        .with_some(
            "total",
            lang.say("expected total", "预期总额"),
            expect.total.as_ref().map(|total| words(sum(total))),
        )
        .with(
            "incident_date",
            lang.say("incident", "事件日期"),
            words(case.incident_date),
        )
        .with("facts", lang.say("facts", "事实"), Said::List(facts))
}

/// Facts as `name = value`, those of a group with its name.
fn told(group: &str, facts: &Map<String, Json>, out: &mut Vec<String>) {
    for (name, value) in facts {
        match value {
            Json::Object(facts) => told(&format!("{group}{name}."), facts, out),
            Json::String(text) => out.push(format!("{group}{name} = {text}")),
            value => out.push(format!("{group}{name} = {value}")),
        }
    }
}

pub(super) fn files(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let known = |name: &str| {
        let policy = release.policy();
        let rhai = policy.rhai().is_some_and(|script| script.file == name);
        let wasm = policy
            .wasm()
            .is_some_and(|module| module.file == name || module.source == name);
        let parts = ["tables/", "messages/", "cases/"];
        rhai || wasm
            || parts.iter().any(|part| name.starts_with(part))
            || ["release.toml", "guardrails.toml", "facts.schema.json"].contains(&name)
    };
    let files = release.folder().files().filter(|(name, _)| !known(name));
    files
        .map(|(name, bytes)| {
            let digest = words(short(&Digest::of(bytes)));
            Thing::new(Part::Files, name, name).with("contents", lang.say("digest", "摘要"), digest)
        })
        .collect()
}
