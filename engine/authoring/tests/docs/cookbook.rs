//! Every pattern of the cookbook is laid upon its base and run.

use redress::{Engine, EngineLimits};
use redress_authoring::{sentences, suite};
use redress_release::SourceFolder;

use crate::pages::{blocks, docs, pages};

/// The base with the blocks of a page: added to its files, in place of its script, or
/// beside them.
fn laid_upon_base(page: &str) -> SourceFolder {
    let mut folder = SourceFolder::open(&docs().join("cookbook/base/1.0.0")).unwrap();
    folder = folder.without("cases/nothing.toml");
    for block in blocks(page) {
        assert!(
            !block.name.is_empty(),
            "a block names no file: {}",
            block.text
        );
        let before = |name: &str| {
            let bytes = folder.file(name).unwrap_or_default();
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        let (name, text) = match block.name.as_str() {
            "facts" => {
                let schema = before("facts.schema.json");
                let (head, _) = schema.split_once("\"properties\": {").unwrap();
                let text = format!("{head}\"properties\": {{\n{}}}\n}}\n", block.text);
                ("facts.schema.json", text)
            }
            "policy.rhai" => ("policy.rhai", block.text.clone()),
            name => (name, format!("{}\n{}", before(name), block.text)),
        };
        folder = folder.with_file(name, text.trim_start().as_bytes().to_vec());
    }
    folder
}

#[test]
fn every_pattern_is_valid_and_its_cases_pass() {
    let engine = Engine::new(EngineLimits::STANDARD);
    let mut patterns = 0;
    for (page, text) in pages("cookbook") {
        if page == "README.md" {
            continue;
        }
        patterns += 1;
        let source = laid_upon_base(&text).release();
        let source = source.unwrap_or_else(|errors| panic!("{page}: {errors}"));
        let unworded = sentences::of_script(&source);
        assert!(unworded.is_empty(), "{page}: {unworded:?}");
        let release = engine.compile_script(source).unwrap().unwrap();
        let cases = release.source().cases();
        let cases = cases.unwrap_or_else(|errors| panic!("{page}: {errors}"));
        assert!(cases.len() >= 2, "{page}: a pattern needs two cases");
        for case in cases {
            let admitted = release.admit(&case.to_json());
            let admitted =
                admitted.unwrap_or_else(|error| panic!("{page}: {}: {error}", case.stem));
            let decided = release.decide(&admitted, &case.actor, &case.standing, case.as_of);
            let wrong = suite::compare(&case.expect, &decided.decision);
            assert!(wrong.is_empty(), "{page}: {}: {wrong:?}", case.stem);
        }
    }
    assert_eq!(patterns, 12);
}

#[test]
fn the_index_names_every_pattern() {
    let pages = pages("cookbook");
    let (_, index) = pages.iter().find(|(name, _)| name == "README.md").unwrap();
    for (page, text) in pages.iter().filter(|(name, _)| name != "README.md") {
        let title = text.lines().next().unwrap().trim_start_matches("# ");
        let entry = format!("[{title}]({page})");
        assert!(index.contains(&entry), "{entry}");
    }
}
