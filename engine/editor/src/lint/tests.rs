use std::path::Path;

use redress::EngineLimits;
use redress_release::SourceFolder;

use super::*;

fn fixture() -> SourceFolder {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"));
    SourceFolder::open(&path.join("../cli/tests/fixtures/policies/rail/delay/1.1.0")).unwrap()
}

/// What the rules find in the fixture with the files of one section of a page.
fn found(section: &str) -> Vec<Finding> {
    let mut folder = fixture();
    for block in section.split("```").skip(1).step_by(2) {
        let (info, text) = block.split_once('\n').unwrap();
        let mut words = info.split(' ').skip(1);
        let file = words.next().unwrap();
        let before = match words.next() {
            Some("+") => String::from_utf8(folder.file(file).unwrap().to_vec()).unwrap(),
            _ => String::new(),
        };
        folder = folder.with_file(file, format!("{before}\n{text}").into_bytes());
    }
    let source = folder
        .release()
        .unwrap_or_else(|e| panic!("{e}\n{section}"));
    let engine = Engine::new(EngineLimits::STANDARD);
    let release = engine.compile_script(source).unwrap().unwrap();
    lint(&engine, &release)
}

#[test]
fn every_example_to_avoid_breaks_its_rule_and_none_to_prefer_does() {
    let mut wrong = Vec::new();
    for rule in Rule::ALL {
        // Declared needs belong to a module, and an open currency to a fact without one,
        // which the example's release has not; the type check's own tests hold these two.
        if matches!(rule, Rule::UndeclaredNeed | Rule::OpenCurrency) {
            continue;
        }
        let page = rule.page();
        assert!(page.starts_with(&format!("# {}\n", rule.code())));
        let (_, rest) = page.split_once("## Avoid").unwrap();
        let (avoid, rest) = rest.split_once("## Prefer").unwrap();
        let (prefer, why) = rest.split_once("## Why").unwrap();
        assert!(!why.trim().is_empty() && !rule.summary().is_empty());
        let breaks = |section| found(section).iter().any(|finding| finding.rule == *rule);
        wrong.extend((!breaks(avoid)).then(|| format!("{}: avoid", rule.code())));
        wrong.extend(breaks(prefer).then(|| format!("{}: prefer", rule.code())));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_reason_silences_the_next_line_and_no_other() {
    let lines = |comment: &str| {
        let script = format!(
            "```rhai policy.rhai\nfn remedy(facts) {{\n    {comment}\n    let a = 1;\n    let b = 2;\n    refuse(\"own_fault\")\n}}\n```"
        );
        let found = found(&script);
        let own = found.iter().filter(|it| {
            matches!(
                it.rule,
                Rule::UnusedVariable | Rule::SuppressedWithoutReason
            )
        });
        own.map(|it| it.message.clone()).collect::<Vec<_>>()
    };
    let (a, b) = (
        "the variable `a` is never read",
        "the variable `b` is never read",
    );
    assert_eq!(lines("// nothing"), [a, b]);
    assert_eq!(
        lines("// lint: allow(unused_variable) because it shows"),
        [b]
    );
    let bare = "this suppression says no reason";
    assert_eq!(lines("// lint: allow(unused_variable)"), [bare, a, b]);
    assert_eq!(
        lines("// lint: allow(unused_variable) because"),
        [bare, a, b]
    );
}

#[test]
fn what_is_about_the_whole_release_is_allowed_in_the_manifest() {
    let script = "```rhai policy.rhai\nfn remedy(facts) { refuse(\"own_fault\") }\n```\n";
    let count = |found: &[Finding]| {
        let own = found.iter().filter(|it| it.rule == Rule::UnusedFact);
        own.count()
    };
    assert!(count(&found(script)) > 0);
    let allowed = "```toml release.toml +\n# lint: allow(unused_fact) because the next version reads them\n```";
    assert_eq!(count(&found(&format!("{script}{allowed}"))), 0);
}
