//! The papers tell the truth about themselves and about each other.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The levels of the headings, and the code blocks, in order.
fn outline(text: &str) -> (Vec<usize>, Vec<String>) {
    let (mut levels, mut blocks) = (Vec::new(), Vec::new());
    let mut block: Option<String> = None;
    for line in text.lines() {
        match &mut block {
            Some(open) if line.starts_with("```") => {
                blocks.push(std::mem::take(open));
                block = None;
            }
            Some(open) => {
                open.push_str(line);
                open.push('\n');
            }
            None if line.starts_with("```") => block = Some(String::new()),
            None if line.starts_with('#') => {
                levels.push(line.chars().take_while(|c| *c == '#').count());
            }
            None => {}
        }
    }
    assert!(block.is_none(), "a code block is not closed");
    (levels, blocks)
}

/// The commands of a README: the lines of its code blocks that start with a program.
fn commands(text: &str) -> Vec<String> {
    let blocks = outline(text).1.concat();
    let programs = ["cargo ", "redress ", "./"];
    let is_command = |line: &&str| programs.iter().any(|program| line.starts_with(program));
    blocks
        .lines()
        .filter(is_command)
        .map(str::to_owned)
        .collect()
}

#[test]
fn both_readmes_have_the_same_headings_and_commands() {
    let (english, chinese) = (read("README.md"), read("README.zh-CN.md"));
    assert_eq!(
        outline(&english).0,
        outline(&chinese).0,
        "the levels of the headings"
    );
    assert_eq!(commands(&english), commands(&chinese));
    assert!(
        commands(&english).len() >= 3,
        "the main job, the story and the tests"
    );
}

/// Every path that a paper names in code spans or links exists.
#[test]
fn the_papers_name_only_files_that_exist() {
    for paper in [
        "README.md",
        "README.zh-CN.md",
        "ARCHITECTURE.md",
        "DESIGN.md",
        "SECURITY.md",
    ] {
        let text = read(paper);
        for span in text.split('`').skip(1).step_by(2) {
            let path = span.split([' ', ':', '#']).next().unwrap_or_default();
            let named = [
                "engine/",
                "policies/",
                "host-bindings/",
                "benches/",
                "tests/",
            ];
            let plain = !path.contains(['*', '<', '{', '…', '\n']);
            if plain && named.iter().any(|folder| path.starts_with(folder)) {
                assert!(
                    root().join(path).exists(),
                    "{paper} names {path}, which is not there"
                );
            }
        }
    }
}

/// An invariant on the architecture page names the test that holds it.
#[test]
fn every_invariant_names_a_test_that_exists() {
    let architecture = read("ARCHITECTURE.md");
    let invariants: Vec<_> = architecture
        .lines()
        .filter(|line| line.starts_with("**Invariant:**"))
        .collect();
    assert!(invariants.len() >= 5, "{} invariants", invariants.len());
    let sources = all_sources(&root());
    for invariant in invariants {
        let names: Vec<_> = invariant.split('`').skip(1).step_by(2).collect();
        let held = names.iter().any(|name| {
            sources
                .iter()
                .any(|source| source.contains(&format!("fn {name}(")))
        });
        assert!(held, "no test is named in: {invariant}");
    }
}

fn all_sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(all_sources(&path));
        } else if name.ends_with(".rs") {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}
