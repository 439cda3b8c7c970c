//! The versions of one policy, and the search for releases.

use std::fs;
use std::path::Path;

use super::{Bench, shown};
use crate::{PolicyFolder, find_releases};

/// The policy of the scaffold with version 0.1.0 ended and a second version.
fn two_versions(second: &str, from: &str) -> Bench {
    let bench = Bench::new();
    bench.edit(
        "release.toml",
        "rounding =",
        "effective_until = \"2026-06-30\"\nrounding =",
    );
    copy(&bench.folder, &bench.folder.with_file_name(second));
    let edit = |key: &str, to: &str| bench.edit(&format!("../{second}/release.toml"), key, to);
    edit("effective_until = \"2026-06-30\"\n", "");
    edit("version = \"0.1.0\"", &format!("version = \"{second}\""));
    edit("\"2026-01-01\" ", &format!("\"{from}\" "));
    bench
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_incident_date_picks_the_version() {
    // The version that covers the earlier dates has the higher number.
    let bench = two_versions("0.0.9", "2026-07-01");
    let policy = PolicyFolder::read(bench.folder.parent().unwrap()).unwrap();
    let versions: Vec<_> = policy
        .releases()
        .iter()
        .map(|r| r.manifest().version.to_string())
        .collect();
    assert_eq!(versions, ["0.1.0", "0.0.9"]);
    for (date, version) in [
        ("2025-12-31", None),
        ("2026-01-01", Some("0.1.0")),
        ("2026-06-30", Some("0.1.0")),
        ("2026-07-01", Some("0.0.9")),
        ("2030-01-01", Some("0.0.9")),
    ] {
        let found = policy.release_for(date.parse().unwrap());
        let found = found.map(|release| release.manifest().version.to_string());
        assert_eq!(found.as_deref(), version, "{date}");
    }
    let one = PolicyFolder::read(&bench.folder).unwrap();
    assert_eq!(
        one.releases().len(),
        1,
        "the folder of one version is that version alone"
    );
}

#[test]
fn versions_that_cover_the_same_day_are_refused_with_both_named() {
    let bench = two_versions("0.2.0", "2026-06-30");
    let errors = PolicyFolder::read(bench.folder.parent().unwrap()).unwrap_err();
    assert_eq!(
        shown(&errors, bench.folder.parent().unwrap()),
        "0.2.0/release.toml:4: effective_from: versions 0.1.0 (2026-01-01 to 2026-06-30) and 0.2.0 \
         (2026-06-30 onwards) both cover an incident of 2026-06-30\n  \
         help: let the later one name the earlier one in `supersedes`, or give that one an \
         `effective_until`"
    );
}

/// An open version 0.1.0 and 0.2.0 with `supersedes` and its first incident date.
fn superseding(version: &str, from: &str) -> Bench {
    let bench = two_versions("0.2.0", from);
    bench.edit("release.toml", "effective_until = \"2026-06-30\"\n", "");
    supersede(&bench, "0.2.0", version);
    bench
}

fn supersede(bench: &Bench, own: &str, version: &str) {
    let key = format!("supersedes = \"{version}\"\nrounding =");
    bench.edit(&format!("../{own}/release.toml"), "rounding =", &key);
}

/// The incident dates that each version covers, in their order.
fn covered(bench: &Bench) -> Vec<String> {
    let policy = PolicyFolder::read(bench.folder.parent().unwrap()).unwrap();
    let releases = policy.releases().iter().map(|release| release.manifest());
    releases
        .map(|manifest| format!("{} {}", manifest.version, manifest.effective))
        .collect()
}

#[track_caller]
fn check_versions(bench: &Bench, expected: &str) {
    let policy = bench.folder.parent().unwrap();
    let errors = PolicyFolder::read(policy).unwrap_err();
    assert_eq!(shown(&errors, policy), expected);
}

const HANDED_OVER: [&str; 2] = ["0.1.0 2026-01-01 to 2026-06-30", "0.2.0 2026-07-01 onwards"];

#[test]
fn a_successor_ends_a_version_that_was_released_without_an_end() {
    let bench = superseding("0.1.0", "2026-07-01");
    let digest = bench.read().unwrap().digest();
    assert_eq!(covered(&bench), HANDED_OVER);
    let policy = PolicyFolder::read(bench.folder.parent().unwrap()).unwrap();
    for (date, version) in [("2026-06-30", "0.1.0"), ("2026-07-01", "0.2.0")] {
        let found = policy.release_for(date.parse().unwrap()).unwrap();
        assert_eq!(found.manifest().version.to_string(), version, "{date}");
    }
    assert_eq!(policy.releases()[0].digest(), digest, "no file was touched");
    let alone = bench.read().unwrap().manifest().effective;
    assert_eq!(alone.until, None, "by itself it is what it was");
}

#[test]
fn successors_follow_each_other_and_may_come_before_an_own_end() {
    let bench = superseding("0.1.0", "2026-07-01");
    copy(
        &bench.folder.with_file_name("0.2.0"),
        &bench.folder.with_file_name("0.3.0"),
    );
    bench
        .edit("../0.3.0/release.toml", "\"0.2.0\"", "\"0.3.0\"")
        .edit(
            "../0.3.0/release.toml",
            "\"2026-07-01\" ",
            "\"2026-10-01\" ",
        )
        .edit("../0.3.0/release.toml", "\"0.1.0\"", "\"0.2.0\"");
    let expected = [
        "0.1.0 2026-01-01 to 2026-06-30",
        "0.2.0 2026-07-01 to 2026-09-30",
        "0.3.0 2026-10-01 onwards",
    ];
    assert_eq!(covered(&bench), expected);
    for own_end in ["2026-06-30", "2026-12-31"] {
        let ended = superseding("0.1.0", "2026-07-01");
        let end = format!("effective_until = \"{own_end}\"\nrounding =");
        ended.edit("release.toml", "rounding =", &end);
        assert_eq!(covered(&ended), HANDED_OVER, "{own_end}");
    }
}

#[test]
fn a_successor_that_does_not_fit_is_told_with_its_line() {
    check_versions(
        &superseding("0.1.1", "2026-07-01"),
        "0.2.0/release.toml:5: supersedes: there is no version 0.1.1 of this policy",
    );
    check_versions(
        &superseding("0.2.0", "2026-07-01"),
        "0.2.0/release.toml:5: supersedes: a version does not supersede itself",
    );
    check_versions(
        &superseding("0.1.0", "2026-01-01"),
        "0.2.0/release.toml:5: supersedes: version 0.1.0 starts on 2026-01-01, so nothing of it \
         would be left before 2026-01-01\n  help: a version supersedes one that starts before it",
    );
    let bench = superseding("0.1.0", "2026-07-01");
    bench.edit(
        "release.toml",
        "rounding =",
        "effective_until = \"2026-06-29\"\nrounding =",
    );
    check_versions(
        &bench,
        "0.2.0/release.toml:5: supersedes: version 0.1.0 ends by itself on 2026-06-29, and this one \
         starts on 2026-07-01\n  help: remove the key, or let this version start the day after",
    );
}

#[test]
fn a_version_has_one_successor() {
    let bench = superseding("0.1.0", "2026-07-01");
    copy(
        &bench.folder.with_file_name("0.2.0"),
        &bench.folder.with_file_name("0.3.0"),
    );
    bench
        .edit("../0.3.0/release.toml", "\"0.2.0\"", "\"0.3.0\"")
        .edit(
            "../0.3.0/release.toml",
            "\"2026-07-01\" ",
            "\"2026-10-01\" ",
        );
    check_versions(
        &bench,
        "0.3.0/release.toml:5: supersedes: version 0.2.0 supersedes 0.1.0 as well\n  \
         help: let each version name the one just before it",
    );
}

#[test]
fn a_version_that_cannot_be_read_hides_nothing_and_makes_no_overlap() {
    let bench = superseding("0.1.0", "2026-07-01");
    bench.edit("../0.2.0/release.toml", "\"half_up\"", "\"x\"");
    copy(&bench.folder, &bench.folder.with_file_name("0.3.0"));
    bench
        .edit("../0.3.0/release.toml", "\"0.1.0\"", "\"0.3.0\"")
        .edit(
            "../0.3.0/release.toml",
            "\"2026-01-01\" ",
            "\"2026-10-01\" ",
        );
    supersede(&bench, "0.3.0", "0.2.0");
    check_versions(
        &bench,
        "0.2.0/release.toml:6: rounding: expected one of half_up, half_even, down, up, found \"x\"",
    );
}

#[test]
fn a_lineage_and_a_name_are_those_of_the_versions_beside() {
    let bench = two_versions("0.2.0", "2026-07-01");
    bench
        .edit("../0.2.0/release.toml", "\"reset\"", "\"same:0.1.1\"")
        .edit("../0.2.0/release.toml", "retail/", "post/");
    let errors = PolicyFolder::read(bench.folder.parent().unwrap()).unwrap_err();
    assert_eq!(
        shown(&errors, bench.folder.parent().unwrap()),
        "0.2.0/release.toml:1: name: version 0.1.0 of this policy is named retail/late-parcel\n\
         0.2.0/release.toml:7: lineage: there is no version 0.1.1 of this policy"
    );
}

const FAIRNESS: &str = "
[fairness]
class = [\"cause\"]
rounding_unit = \"1.00 EUR\"
";

/// Two versions that compare like cases, of which the second takes those of the first over.
fn related() -> Bench {
    let bench = two_versions("0.2.0", "2026-07-01");
    for version in ["0.1.0", "0.2.0"] {
        let file = format!("../{version}/guardrails.toml");
        let text = fs::read_to_string(bench.path(&file)).unwrap();
        bench.write(&file, text + FAIRNESS);
    }
    bench.edit(
        "../0.2.0/release.toml",
        "\"reset\"",
        "\"scaled:0.1.0:1.05\"",
    );
    PolicyFolder::read(bench.folder.parent().unwrap()).unwrap();
    bench
}

#[test]
fn a_lineage_to_sums_in_another_currency_is_refused_with_its_line() {
    let bench = related();
    for file in ["facts.schema.json", "guardrails.toml", "policy.rhai"] {
        let file = format!("../0.2.0/{file}");
        let text = fs::read_to_string(bench.path(&file)).unwrap();
        bench.write(&file, text.replace("EUR", "USD"));
    }
    check_versions(
        &bench,
        "0.2.0/release.toml:7: lineage: version 0.1.0 compares like cases in EUR, and this one \
         in USD\n  help: no rate is applied in a comparison; write \"reset\"\n\
         0.2.0/release.toml:7: lineage: order_value is in USD, and in EUR in version 0.1.0, so \
         none of its decisions would be found\n  \
         help: no rate is applied in a comparison; write \"reset\"",
    );
    bench.edit(
        "../0.2.0/release.toml",
        "\"scaled:0.1.0:1.05\"",
        "\"reset\"",
    );
    PolicyFolder::read(bench.folder.parent().unwrap()).unwrap();
}

#[test]
fn a_lineage_to_classes_of_other_facts_is_refused_with_its_line() {
    let bench = related();
    let schema = fs::read_to_string(bench.path("facts.schema.json")).unwrap();
    let mut schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    schema["properties"]["insured"] = serde_json::json!({ "type": "boolean", "x-class": "gate" });
    bench.write("../0.2.0/facts.schema.json", schema.to_string());
    let class = "[\"cause\", \"insured\"]";
    bench.edit("../0.2.0/guardrails.toml", "[\"cause\"]", class);
    check_versions(
        &bench,
        "0.2.0/release.toml:7: lineage: version 0.1.0 makes its classes of other facts (cause), \
         so none of its decisions would be found\n  \
         help: let `fairness.class` be the same, or write \"reset\"",
    );
}

#[test]
fn errors_of_all_versions_are_told_and_other_folders_passed_over() {
    let bench = two_versions("0.2.0", "2026-07-01");
    bench.write("../story/case.json", "{}");
    PolicyFolder::read(bench.folder.parent().unwrap()).unwrap();
    bench
        .edit("release.toml", "\"half_up\"", "\"x\"")
        .edit("../0.2.0/release.toml", "\"half_up\"", "\"x\"")
        .write("../next/release.toml", "");
    let errors = PolicyFolder::read(bench.folder.parent().unwrap()).unwrap_err();
    let files: Vec<_> = errors.0.iter().map(|error| error.file.clone()).collect();
    let policy = bench.folder.parent().unwrap();
    assert_eq!(
        files,
        [
            policy.join("0.1.0/release.toml"),
            policy.join("0.2.0/release.toml"),
            policy.join("next")
        ]
    );
}

#[test]
fn releases_are_found_below_any_folder() {
    let bench = two_versions("0.2.0", "2026-07-01");
    bench
        .write("inner/release.toml", "")
        .write("../.git/1.0.0/release.toml", "");
    let second = bench.folder.with_file_name("0.2.0");
    let found = find_releases(bench.root.path()).unwrap();
    assert_eq!(found, [bench.folder.clone(), second]);
    assert_eq!(
        find_releases(&bench.folder).unwrap(),
        [bench.folder.as_path()]
    );
    let empty = tempfile::tempdir().unwrap();
    let errors = find_releases(empty.path()).unwrap_err();
    assert!(
        errors.0[0].problem.contains("there is no release.toml"),
        "{errors}"
    );
    assert!(PolicyFolder::read(empty.path()).is_err());
    let root = Bench::new();
    let errors = PolicyFolder::read(root.root.path()).unwrap_err();
    let policy = root.folder.parent().unwrap();
    assert_eq!(errors.0[0].problem, "holds policies, and is none itself");
    let help = format!(
        "name the folder of one policy, such as {}",
        policy.display()
    );
    assert_eq!(errors.0[0].help.as_deref(), Some(help.as_str()));
}
