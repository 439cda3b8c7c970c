//! Release folders with a missing file, a path out, a gap, an unsupported keyword.

use std::fs;
use std::path::Path;

use super::{base, load};

/// Varies one file of the base release and holds the error to file and words.
#[track_caller]
fn refused(file: &str, from: &str, to: &str, told: &[&str]) {
    let folder = base();
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    let varied = text.replacen(from, to, 1);
    assert_ne!(varied, text, "nothing was replaced");
    fs::write(&path, varied).unwrap();
    check(folder.path(), told);
}

#[track_caller]
fn check(folder: &Path, told: &[&str]) {
    let error = match load(folder) {
        Ok(_) => panic!("the folder was loaded"),
        Err(error) => error.to_string(),
    };
    for words in told {
        assert!(error.contains(words), "{words:?} is not told:\n{error}");
    }
}

#[test]
fn a_manifest_error_names_file_line_and_key() {
    let toml = "release.toml";
    refused(
        toml,
        "rhai = \"policy.rhai\"",
        "rhai = \"polcy.rhai\"",
        &["release.toml:12", "policy.rhai"],
    );
    refused(
        toml,
        "rhai = \"policy.rhai\"",
        "rhai = \"../policy.rhai\"",
        &["release.toml:12", "policy.rhai"],
    );
    refused(
        toml,
        "rhai = \"policy.rhai\"",
        "rhai = \"/etc/passwd\"",
        &["release.toml:12", "policy.rhai"],
    );
    refused(
        toml,
        "half_up",
        "half_down",
        &["release.toml:5", "rounding"],
    );
    refused(
        toml,
        "effective_from = \"2020-01-01\"",
        "effective_from = \"2020-02-30\"",
        &["release.toml:4", "effective_from"],
    );
    refused(toml, "lineage", "linage", &["release.toml", "linage"]);
    refused(
        toml,
        "version = \"1.0.0\"",
        "version = \"one\"",
        &["release.toml:2", "version"],
    );
    refused(
        toml,
        "[policy]",
        "[policy]\nwasm = \"policy.wasm\"",
        &["release.toml", "wasm"],
    );
}

#[test]
fn a_schema_with_an_unsupported_keyword_is_refused() {
    refused(
        "facts.schema.json",
        "\"maxLength\": 40",
        "\"pattern\": \"a*\"",
        &["facts.schema.json", "pattern"],
    );
    refused(
        "facts.schema.json",
        "\"type\": \"object\"",
        "\"type\": \"object\", \"allOf\": []",
        &["allOf"],
    );
    refused(
        "facts.schema.json",
        "\"x-class\": \"gate\"",
        "\"x-class\": \"gait\"",
        &["/properties/cause/x-class"],
    );
}

#[test]
fn a_table_with_a_gap_or_an_overlap_is_refused_with_its_range() {
    refused("tables/bands.csv", "180..", "181..", &["bands", "180"]);
    refused("tables/bands.csv", "180..", "179..", &["bands", "179"]);
    refused(
        "tables/bands.csv",
        "50.00",
        "50.0",
        &["bands.csv", "amount"],
    );
}

#[test]
fn guardrails_that_do_not_fit_are_refused() {
    refused(
        "guardrails.toml",
        "\"loss\"",
        "\"lost\"",
        &["guardrails.toml:2", "lost"],
    );
    refused(
        "guardrails.toml",
        "limit = \"1000.00 EUR\"",
        "limit = \"lots\"",
        &["guardrails.toml", "authority.limit"],
    );
    refused(
        "guardrails.toml",
        "[[role]]",
        "[[rule]]",
        &["guardrails.toml"],
    );
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_out_of_the_folder_is_refused() {
    let outside = tempfile::NamedTempFile::new().unwrap();
    fs::write(outside.path(), "fn remedy(facts) { refuse(\"too_short\") }").unwrap();
    let folder = base();
    let policy = folder.path().join("policy.rhai");
    fs::remove_file(&policy).unwrap();
    std::os::unix::fs::symlink(outside.path(), &policy).unwrap();
    check(folder.path(), &["link"]);
}

#[test]
fn a_folder_that_is_no_release_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    check(folder.path(), &["release.toml"]);
    check(&folder.path().join("nowhere"), &["nowhere"]);
}
