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
        "0.2.0/release.toml: effective_from: versions 0.1.0 (2026-01-01 to 2026-06-30) and 0.2.0 \
         (2026-06-30 onwards) both cover an incident of 2026-06-30\n  \
         help: end one of them the day before the other starts"
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
        "0.2.0/release.toml: name: version 0.1.0 of this policy is named retail/late-parcel\n\
         0.2.0/release.toml: lineage: there is no version 0.1.1 of this policy"
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
}
