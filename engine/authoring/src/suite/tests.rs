use redress::EngineLimits;

use super::*;

/// How a case of a fixture goes; `facts` and `expect` are lines of their sections.
fn verdict(facts: &str, expect: &str) -> Verdict {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/fixtures/policies");
    let engine = Engine::new(EngineLimits::STANDARD);
    let text = format!(
        "name = \"one\"\nincident_date = \"2026-03-01\"\n[facts]\n{facts}\n[expect]\n{expect}\n"
    );
    let folder = redress_release::SourceFolder::open(&fixtures.join("rail/delay/1.1.0")).unwrap();
    let source = folder.with_file("cases/one.toml", text.into_bytes());
    let release = engine
        .compile_script(source.release().unwrap())
        .unwrap()
        .unwrap();
    let cases = release.source().cases().unwrap();
    let case = cases.iter().find(|case| case.stem == "one").unwrap();
    let tester = Tester {
        engine: &engine,
        filter: None,
        sandbox: None,
    };
    let mut runs = tester.runs(&release, case);
    runs.pop().unwrap().verdict
}

const LATE: &str = "fare = \"100.00 EUR\"\ndelay_minutes = 60\ncause = \"operator\"";
const NO_CASE: &str = "fare = \"100.00 EUR\"\ndelay_minutes = \"sixty\"\ncause = \"operator\"";

#[test]
fn a_case_that_expects_an_error_of_its_facts_passes_with_that_error_alone() {
    let passed = verdict(NO_CASE, "error = \"case_invalid_value\"");
    assert!(matches!(passed, Verdict::Passed), "{passed:?}");
    for (facts, found) in [(NO_CASE, "case_invalid_value"), (LATE, "none")] {
        let Verdict::Failed(differences) = verdict(facts, "error = \"case_missing_field\"") else {
            panic!("{facts} passed");
        };
        let [difference] = differences.as_slice() else {
            panic!("{differences:?}");
        };
        assert_eq!(
            (difference.key.as_str(), difference.found.as_str()),
            ("error", found)
        );
    }
    let invalid = verdict(NO_CASE, "outcome = \"grant\"");
    assert!(matches!(invalid, Verdict::Invalid(_)), "{invalid:?}");
}
