//! Every function of a script has its place in the reference, and every example is run.

use std::collections::BTreeSet;

use redress::{Engine, EngineLimits};
use redress_authoring::Lang;
use redress_authoring::repl::{Repl, Setting};
use redress_authoring::text::plain;
use redress_model::{Code, Standing};

use crate::pages::{blocks, docs, pages};

fn session() -> Repl {
    let setting = Setting {
        policy: docs().join("reference/shop/1.0.0"),
        as_of: "2026-03-03T12:00:00Z".parse().unwrap(),
        actor: Repl::actor_of(Code::new("agent").unwrap()).unwrap(),
        standing: Standing::fresh(),
        lang: Lang::En,
        columns: 80,
    };
    let mut repl = Repl::new(Engine::new(EngineLimits::STANDARD), setting).unwrap();
    repl.feed(":case order");
    repl
}

#[test]
fn every_example_answers_what_its_page_says() {
    let mut examples = 0;
    for (page, text) in pages("reference") {
        for block in blocks(&text).iter().filter(|block| block.lang == "repl") {
            let mut found = String::new();
            for code in block
                .text
                .lines()
                .filter_map(|line| line.strip_prefix("> "))
            {
                examples += 1;
                let reply = plain(&session().feed(code).text);
                found.push_str(&format!("> {code}\n{reply}"));
            }
            assert_eq!(found, block.text, "{page}");
        }
    }
    assert!(examples >= 80, "{examples} examples");
}

#[test]
fn every_function_has_a_heading_an_example_and_a_row_in_the_index() {
    let pages = pages("reference");
    let (_, index) = pages.iter().find(|(name, _)| name == "README.md").unwrap();
    let mut described = BTreeSet::new();
    for (page, text) in pages.iter().filter(|(name, _)| name != "README.md") {
        for part in text.split("\n## ").skip(1) {
            let (name, rest) = part.split_once('\n').unwrap();
            let used = blocks(rest)
                .iter()
                .filter(|block| block.lang == "repl")
                .any(|block| block.text.contains(name) || block.text.contains(" in "));
            assert!(used, "{page}: {name} has no example");
            assert!(described.insert(name.to_owned()), "{name} stands twice");
            assert!(index.contains(&format!("({page}#{name})")), "{name}");
        }
    }
    let functions: BTreeSet<String> = Repl::functions().map(str::to_owned).collect();
    assert_eq!(described, functions);
}
