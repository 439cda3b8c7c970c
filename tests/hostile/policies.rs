//! Policies that loop, recurse, allocate, answer nonsense or read what is not theirs.

use super::{base, check, expectation, files, load};

#[test]
fn no_policy_of_the_corpus_pays() {
    let corpus = files("policies");
    assert!(corpus.len() >= 20, "{} policies", corpus.len());
    for (path, text) in corpus {
        let (kind, expected) = expectation(&text);
        let folder = base();
        std::fs::write(folder.path().join("policy.rhai"), &text).unwrap();
        check(&path, load(folder.path()), kind, expected);
    }
}

#[test]
fn a_source_of_over_64_kib_is_refused_before_it_is_parsed() {
    let folder = base();
    let long = format!(
        "fn remedy(facts) {{ refuse(\"too_short\") }}\n{}",
        "//\n".repeat(30_000)
    );
    std::fs::write(folder.path().join("policy.rhai"), long).unwrap();
    assert!(load(folder.path()).is_err());
}
