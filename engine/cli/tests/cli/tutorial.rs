//! The tutorial is walked through as its reader would: its files are written, its
//! commands run, and what they say is compared.

use std::fs;
use std::path::Path;

use regex::Regex;

use crate::run::{Ran, redress_in, redress_in_with};

/// Digests are those of files that others may word better, so a page shows `…` for them.
fn steady(text: &str) -> String {
    let digest = Regex::new(r"\b[0-9a-f]{16,}\b").unwrap();
    let text = digest.replace_all(text, "…");
    let lines = text.trim_end().lines().map(str::trim_end);
    lines.map(|line| format!("{line}\n")).collect()
}

fn run(folder: &Path, command: &str) -> String {
    let command = command.strip_prefix("redress ").unwrap();
    let (command, input) = match command.split_once(" < ") {
        Some((command, file)) => (command, Some(fs::read(folder.join(file)).unwrap())),
        None => (command, None),
    };
    let arguments: Vec<&str> = command.split_whitespace().collect();
    let Ran { out, err, .. } = match input {
        Some(input) => redress_in_with(folder, &input, &arguments),
        None => redress_in(folder, &arguments),
    };
    steady(&format!("{out}{err}"))
}

#[test]
fn every_command_of_the_tutorial_says_what_its_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../authoring/docs/tutorial/README.md");
    let page = fs::read_to_string(page).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut found, mut commands) = (String::new(), 0);
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        found.push_str(&format!("{line}\n"));
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.split_once(' ') {
            Some((_, file)) => {
                let path = folder.path().join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, format!("{}\n", block.join("\n"))).unwrap();
                found.push_str(&format!("{}\n", block.join("\n")));
            }
            None => {
                assert_eq!(info, "console");
                for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                    commands += 1;
                    found.push_str(&format!("$ {command}\n{}", run(folder.path(), command)));
                }
            }
        }
        found.push_str("```\n");
    }
    assert_eq!(found.trim_end(), page.trim_end());
    assert!(commands >= 10, "{commands} commands");
}
