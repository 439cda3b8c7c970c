//! Every shipped policy compiles, and what is told of policies that do not.

mod sentences;
mod warnings;

use std::path::{Path, PathBuf};

use redress_release::{ReleaseSource, SourceFolder, find_releases};

use super::*;
use crate::syntax::{Lines, parse};

pub(crate) const LIMITS: Limits = Limits {
    steps_max: 100_000,
    memory_bytes_max: 1024 * 1024,
    call_depth_max: 32,
    output_bytes_max: 16 * 1024,
    list_items_max: 64,
    text_bytes_max: 4 * 1024,
};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn release(folder: &Path) -> ReleaseSource {
    SourceFolder::read(folder).unwrap()
}

/// Every release of the project that has a script.
pub(crate) fn releases() -> Vec<ReleaseSource> {
    let mut folders = find_releases(&root().join("policies")).unwrap();
    folders.push(root().join("benches/workload/release/flight-disruption/1.0.0"));
    folders.push(root().join("host-bindings/guest/sample/parcels/1.0.0"));
    folders.push(root().join("engine/cli/tests/fixtures/policies/rail/delay/1.0.0"));
    folders.iter().map(|folder| release(folder)).collect()
}

fn checked(source: &str, release: &ReleaseSource, sentences: Option<&Sentences>) -> Checked {
    let environment = Environment {
        schema: release.schema(),
        tables: release.tables(),
        sentences,
        declared: None,
        needs: None,
        limits: LIMITS,
    };
    check(&parse(source), environment)
}

fn shown(source: &str, checked: &Checked) -> String {
    let lines = Lines::new(source);
    let mut text = String::new();
    for said in &checked.diagnostics {
        let at = said.position(&lines);
        let help = said
            .help
            .as_ref()
            .map(|help| format!(" ({help})"))
            .unwrap_or_default();
        text.push_str(&format!(
            "{}[{}] {}:{}: {}{help}\n{}",
            said.severity.name(),
            said.rule.code(),
            at.line,
            at.column,
            said.message,
            said.excerpt(&lines),
        ));
    }
    text
}

#[test]
fn every_shipped_policy_compiles_without_a_word() {
    let mut scripts = 0;
    for release in releases() {
        let Some(script) = release.policy().rhai() else {
            continue;
        };
        scripts += 1;
        let checked = checked(&script.text, &release, None);
        let name = release.path();
        // The sample has sums without a currency on purpose, and is told so.
        let is_sample = name.ends_with("parcels/1.0.0");
        let said = checked.diagnostics.iter();
        let unexpected = said.filter(|said| !(is_sample && said.rule == Rule::OpenCurrency));
        assert_eq!(
            unexpected.count(),
            0,
            "{name:?}\n{}",
            shown(&script.text, &checked)
        );
        let program = checked.program.unwrap();
        let bound = program.bound(&LIMITS);
        assert!(bound.is_within(&LIMITS), "{name:?}: {bound:?}");
    }
    assert!(scripts >= 12, "{scripts} scripts");
}
