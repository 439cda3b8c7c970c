//! Cases that are broken, oversized, unknown or mistyped.

use redress::AdmitLimits;

use super::{CASE, base, decide, load};

#[track_caller]
fn refused(text: &str, code: &str) {
    let folder = base();
    let release = load(folder.path()).unwrap();
    let errors = release.admit(text.as_bytes()).unwrap_err();
    let codes: Vec<_> = errors.0.iter().map(|error| error.kind.code()).collect();
    assert!(codes.contains(&code), "{codes:?}: {errors}");
}

#[test]
fn a_bad_case_is_refused_with_its_reason() {
    refused("", "case_syntax");
    refused("{", "case_syntax");
    refused("[]", "case_invalid_value");
    refused("\u{0}", "case_syntax");
    refused(&CASE[..CASE.len() - 1], "case_syntax");
    refused(&format!("{CASE}x"), "case_syntax");
    refused(&"[".repeat(1_000), "case_too_deep");
    refused(
        &" ".repeat(AdmitLimits::STANDARD.bytes_max + 1),
        "case_too_large",
    );
    refused(&CASE.replace("200", "2e2"), "case_invalid_value");
    refused(&CASE.replace("200", "-1"), "case_invalid_value");
    refused(&CASE.replace("200", "1001"), "case_invalid_value");
    refused(
        &CASE.replace("200", "9223372036854775808"),
        "case_invalid_value",
    );
    refused(&CASE.replace("200", "true"), "case_invalid_value");
    refused(
        &CASE.replace("\"carrier\"", "\"CARRIER\""),
        "case_invalid_value",
    );
    refused(
        &CASE.replace("\"cause\"", "\"couse\""),
        "case_unknown_field",
    );
    refused(
        &CASE.replace("\"cause\"", "\"delay_minutes\""),
        "case_duplicate_field",
    );
    refused(
        &CASE.replace("\"id\":\"c\",", "\"id\":\"c\",\"pay\":\"900.00 EUR\","),
        "case_unknown_field",
    );
    refused(
        &CASE.replace("2026-01-01", "yesterday"),
        "case_invalid_value",
    );
    refused(
        &CASE.replace("\"e\"", &format!("\"{}\"", "e".repeat(129))),
        "case_invalid_value",
    );
    refused(&CASE.replace("\"p\"", "\"p\\u0000\""), "case_invalid_value");
}

#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    let folder = base();
    let release = load(folder.path()).unwrap();
    let mut bytes = CASE.as_bytes().to_vec();
    bytes[9] = 0xff;
    assert!(release.admit(&bytes).is_err());
}

#[test]
fn a_case_of_another_release_and_a_case_before_its_time_are_not_paid() {
    let folder = base();
    let release = load(folder.path()).unwrap();
    let early = release
        .admit(CASE.replace("2026-01-01", "2019-12-31").as_bytes())
        .unwrap();
    let decision = decide(&release, &early).decision;
    assert_eq!(
        decision.reasons().next().unwrap().code.as_str(),
        "policy_not_run"
    );
    assert!(decision.remedies().is_empty());
    let other = base();
    let schema = other.path().join("facts.schema.json");
    let wider = std::fs::read_to_string(&schema)
        .unwrap()
        .replace("1000", "1001");
    std::fs::write(&schema, wider).unwrap();
    let other = std::fs::read_to_string(&schema).unwrap();
    let schema = redress::Schema::compile(other.as_bytes()).unwrap();
    let foreign = redress::Case::admit(CASE.as_bytes(), &schema, AdmitLimits::STANDARD).unwrap();
    let decision = decide(&release, &foreign).decision;
    assert_eq!(
        decision.reasons().next().unwrap().code.as_str(),
        "schema_mismatch"
    );
    assert!(decision.remedies().is_empty());
}
