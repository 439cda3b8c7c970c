use redress_kernel::Outcome;
use redress_model::admit::AdmitLimits;
use redress_model::{Amount, Case, Sums};

use super::*;
use crate::tests::Bench;

const FULL: &str = r#"
name = "everything that a case may write"
source = "Art 1"
incident_date = "2026-03-01"
as_of = "2026-03-05T10:00:00+08:00"
stage = "demand_recorded"
event = "e-1"
claimant = "p-1"
locale = "zh-CN"
links = [{ kind = "booking", id = "b-1" }]
offer = "900.00 CNY"
requested = { kind = "voucher", amount = "1000.00 CNY" }

[facts]
order_value = "50.00 EUR"
days_late = 0x10

[actor]
role = "supervisor"

[standing]
as_of_seq = 7
paid = [{ beneficiary = "p-1", head = "goodwill", amount = "1.00 EUR" }]
rolling = { known = [{ name = "customer", amount = "2.00 EUR" }] }
warnings = { repeats = 2 }

[expect]
outcome = "escalate"
total = "250.00 EUR"
goodwill = "0"
remedies = [{ kind = "points", amount = "500 points", payable = "on_approval" }, { amount = "1.00 EUR" }]
reasons = ["parcel_late"]
adjustments = [{ rule = "tier_cap", from = "900.00 CNY", to = "800.00 CNY" }]
authority = "supervisor"
priority = 2
deadline = "2026-10-09T23:59:59+08:00"
frozen = []
"#;

const SHORT: &str =
    "name = \"short\"\nincident_date = \"2026-03-01\"\n[expect]\noutcome = \"refuse\"\n";

fn read(text: &str) -> CaseFile {
    let bench = Bench::new();
    bench.write("cases/aaa.toml", text);
    bench.read().unwrap().cases().unwrap().remove(0)
}

#[test]
fn everything_that_is_written_is_read() {
    let case = read(FULL);
    assert_eq!(case.stem, "aaa");
    assert_eq!(case.as_of.to_string(), "2026-03-05T02:00:00Z");
    assert_eq!(case.actor.role.as_str(), "supervisor");
    assert_eq!(case.actor.id.as_str(), "tester");
    assert_eq!(case.standing.as_of_seq, 7);
    assert!(matches!(&case.standing.rolling, Sums::Known(sums) if sums.len() == 1));
    assert_eq!(case.standing.budgets, Sums::Fresh);
    assert_eq!(case.standing.warnings.repeats, 2);
    let expect = &case.expect;
    assert_eq!(
        (expect.outcome, expect.error),
        (Some(Outcome::Escalate), None)
    );
    assert_eq!(expect.goodwill, Some(ExpectedSum::Nothing));
    assert_eq!(expect.statutory, None);
    let remedies = expect.remedies.as_ref().unwrap();
    assert!(matches!(
        &remedies[0].amount,
        Some(Amount::Units { count: 500, .. })
    ));
    assert!(matches!(&remedies[1].amount, Some(Amount::Money(_))));
    assert_eq!(
        expect.frozen,
        Some(Vec::new()),
        "nothing frozen is an expectation too"
    );

    let schema = Bench::new().read().unwrap().schema().clone();
    let admitted = Case::admit(&case.to_json(), &schema, AdmitLimits::STANDARD).unwrap();
    assert_eq!(admitted.envelope.id.as_str(), "aaa");
    assert_eq!(admitted.envelope.event.as_str(), "e-1");
    assert_eq!(admitted.envelope.stage, Stage::DemandRecorded);
    assert_eq!(admitted.envelope.links.len(), 1);
    let days = admitted.facts.get(schema.slot("days_late").unwrap());
    assert_eq!(days, Some(&redress_model::Value::Int(16)));
}

#[test]
fn what_is_not_written_has_its_default() {
    let case = read(SHORT);
    assert_eq!(case.as_of.to_string(), "2026-03-02T12:00:00Z");
    assert_eq!(
        (case.event.as_str(), case.claimant.as_str()),
        ("aaa", "claimant")
    );
    assert_eq!(case.stage, Stage::FactsRecorded);
    assert_eq!(case.standing, Standing::fresh());
    assert_eq!(case.actor.role.as_str(), "agent");
    let last_day = read(&SHORT.replace("2026-03-01", "9999-12-31"));
    assert_eq!(last_day.as_of.to_string(), "9999-12-31T00:00:00Z");
}

#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    let text = FULL.replacen(from, to, 1);
    assert_ne!(text, FULL, "nothing was replaced");
    let bench = Bench::new();
    bench.write("cases/aaa.toml", text);
    assert_eq!(bench.case_errors(), format!("cases/aaa.toml{expected}"));
}

#[test]
fn an_unknown_key_or_a_missing_expectation_fails_the_file() {
    check(
        "priority = 2",
        "priorty = 2",
        ":35: expect.priorty: this key is not known\n  help: did you mean `priority`?",
    );
    check(
        "outcome = \"escalate\"\n",
        "",
        ":27: expect.outcome: this key is missing",
    );
    let (before, _) = FULL.split_once("[expect]").unwrap();
    check(FULL, before, ":1: expect: this key is missing");
    check(
        "rule = ",
        "rul = ",
        ":33: expect.adjustments[0].rul: this key is not known\n  help: did you mean `rule`?",
    );
    check(
        "as_of_seq = 7",
        "as_of_sec = 7",
        ":22: standing: the key `as_of_sec` is not known\n  help: did you mean `as_of_seq`?",
    );
}

#[test]
fn a_case_may_expect_an_error_instead_of_a_decision() {
    let text = SHORT.replace("outcome = \"refuse\"", "error = \"case_missing_field\"");
    let expect = read(&text).expect;
    assert_eq!(
        (expect.outcome, expect.error),
        (None, Some("case_missing_field"))
    );
    let text = SHORT.replace("\"refuse\"", "\"escalate\"\nerror = \"policy_failed\"");
    let expect = read(&text).expect;
    assert_eq!(
        (expect.outcome, expect.error),
        (Some(Outcome::Escalate), Some("policy_failed"))
    );
    check(
        "total = ",
        "error = \"case_missing_feld\"\ntotal = ",
        ":29: expect.error: expected one of case_too_large, case_too_deep, case_syntax, \
         case_unknown_field, case_duplicate_field, case_missing_field, case_invalid_value, \
         policy_budget_exceeded, policy_failed, policy_answer_invalid, policy_not_run, found \
         \"case_missing_feld\"\n  help: did you mean \"case_missing_field\"?",
    );
}

#[test]
fn an_error_of_the_admission_leaves_nothing_else_to_expect() {
    let bench = Bench::new();
    bench.write(
        "cases/aaa.toml",
        SHORT.replace("outcome =", "error = \"case_missing_field\"\noutcome ="),
    );
    assert_eq!(
        bench.case_errors(),
        "cases/aaa.toml:5: expect.outcome: nothing is decided where the error is \
         case_missing_field"
    );
}

#[test]
fn values_that_do_not_fit_are_told_with_their_line() {
    check(
        "\"escalate\"",
        "\"escalated\"",
        ":28: expect.outcome: expected one of grant, escalate, hold, refuse, found \"escalated\"\n  \
         help: did you mean \"escalate\"?",
    );
    check(
        "\"250.00 EUR\"",
        "250",
        ":29: expect.total: expected a text, found an integer",
    );
    check(
        "goodwill = \"0\"",
        "goodwill = \"0 EUX\"",
        ":30: expect.goodwill: \"EUX\" is not an ISO 4217 currency code, nor \"0\"",
    );
    check(
        "0x10",
        "1.5",
        ":16: facts.days_late: facts have no fractions; write an integer of a smaller unit",
    );
    check(
        "0x10",
        "99999999999999999999",
        ":16: facts.days_late: the integer does not fit into 64 bits",
    );
}

#[test]
fn two_cases_of_one_name_are_refused() {
    let bench = Bench::new();
    bench
        .write("cases/aaa.toml", SHORT)
        .write("cases/aab.toml", SHORT);
    let errors = bench.case_errors();
    assert_eq!(
        errors,
        "cases/aab.toml: cases/aaa.toml has the name \"short\" too"
    );
}

#[test]
fn a_file_that_would_not_run_is_no_case() {
    let bench = Bench::new();
    bench
        .write("cases/typo.tml", SHORT)
        .write("cases/more/x.toml", SHORT);
    assert_eq!(
        bench.case_errors(),
        "cases/more/x.toml: is not a case: cases/ holds NAME.toml files only\n\
         cases/typo.tml: is not a case: cases/ holds NAME.toml files only"
    );
}

#[test]
fn dates_without_quotes_are_facts_too() {
    let case = read(&FULL.replace("0x10", "2026-03-01\nat = 2026-03-01T10:00:00+08:00"));
    assert_eq!(case.facts["days_late"], "2026-03-01");
    assert_eq!(case.facts["at"], "2026-03-01T10:00:00+08:00");
}

#[track_caller]
fn check_held(from: &str, to: &str, expected: &str) {
    let bench = Bench::new();
    bench.edit("cases/three-days-late.toml", from, to);
    let release = bench.read().unwrap();
    let cases = release.cases().unwrap();
    let problems = release.case_problems(&cases);
    let shown = crate::tests::shown(&ReleaseErrors(problems), &bench.folder);
    assert_eq!(shown, format!("cases/three-days-late.toml:{expected}"));
}

#[test]
fn what_a_case_says_and_its_release_does_not_know_is_told_at_its_line() {
    let bench = Bench::new();
    let release = bench.read().unwrap();
    assert_eq!(release.case_problems(&release.cases().unwrap()), []);
    check_held(
        "days_late = 3",
        "days_lat = 3",
        "6: facts.days_lat: expected a fact of the schema; did you mean \"days_late\"?, found an unknown member",
    );
    check_held(
        "days_late = 3",
        "days_late = \"3\"",
        "6: facts.days_late: expected an integer from 0 to 365, found \"3\"",
    );
    check_held(
        "cause = \"carrier\"",
        "cause = \"carier\"",
        "7: facts.cause: expected one of carrier, warehouse, wrong_address, found \"carier\"",
    );
    check_held(
        "order_value = \"50.00 EUR\"\n",
        "",
        "4: facts: order_value: expected a sum of at least \"0.00 EUR\", found nothing",
    );
    check_held(
        "[expect]",
        "[actor]\nrole = \"agen\"\n\n[expect]",
        "10: actor.role: the guardrails have no role \"agen\"\n  help: did you mean `agent`?",
    );
}

#[test]
fn an_error_that_a_case_is_there_to_show_is_no_mistake_of_it() {
    let problems = |code: &str| {
        let bench = Bench::new();
        let file = "cases/three-days-late.toml";
        let text = std::fs::read_to_string(bench.folder.join(file)).unwrap();
        let (before, _) = text.split_once("[expect]").unwrap();
        let before = before.replace("days_late = 3", "days_late = \"3\"");
        bench.write(file, format!("{before}[expect]\nerror = \"{code}\"\n"));
        let release = bench.read().unwrap();
        release.case_problems(&release.cases().unwrap()).len()
    };
    assert_eq!(problems("case_invalid_value"), 0);
    assert_eq!(problems("case_missing_field"), 1);
    assert_eq!(problems("policy_failed"), 1);
}
