use std::path::Path;

use redress::{Decided, Engine, EngineLimits, Release, SandboxKind};

use super::*;

fn release(policy: &str) -> Release {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let engine = Engine::new(EngineLimits::STANDARD);
    let release = engine.load(&policies.join(policy)).unwrap();
    release.with_sandbox(SandboxKind::Rhai).unwrap()
}

fn decided(release: &Release, stem: &str) -> Decided {
    decided_on(release, stem).0
}

fn decided_on(release: &Release, stem: &str) -> (Decided, Facts, Warnings) {
    let cases = release.source().cases().unwrap();
    let case = cases.iter().find(|case| case.stem == stem).unwrap();
    let admitted = release.admit(&case.to_json()).unwrap();
    let decided = release.decide(&admitted, &case.actor, &case.standing, case.as_of);
    (decided, admitted.facts, case.standing.warnings)
}

const READERS: [Reader; 3] = [Reader::Customer, Reader::Agent, Reader::Auditor];

/// Every reader in both languages, one after the other.
#[track_caller]
fn check(policy: &str, stem: &str) {
    let release = release(policy);
    let (decided, facts, warnings) = decided_on(&release, stem);
    let mut all = String::new();
    for reader in READERS {
        for lang in [Lang::En, Lang::Zh] {
            let explanation = Explanation::new(&decided, &release, lang);
            let page = explanation.of_case(&facts, &warnings).page(reader);
            all.push_str(&format!("=== {} {}\n", reader.name(), lang.code()));
            all.push_str(&crate::text::plain(&page.text(72)));
        }
    }
    insta::assert_snapshot!(stem, all);
}

#[test]
fn a_grant_of_law_names_its_article_to_the_auditor() {
    check("air/eu261/1.0.0", "distance_1501");
}

#[test]
fn a_sum_beyond_authority_tells_the_agent_who_signs() {
    check("travel/goodwill/1.0.0", "authority-agent-200-01");
}

#[test]
fn a_hold_tells_what_is_missing() {
    check("air/eu261/1.0.0", "hold_notice");
}

#[test]
fn a_refusal_says_why() {
    check("air/eu261/1.0.0", "delay_179_minutes");
}

#[test]
fn a_threat_is_for_the_agent_and_never_for_the_customer() {
    check("travel/goodwill/1.0.0", "missed-flight-threat-verified");
}

/// Over every case of two releases: no role, no code, no sum that waits for approval and
/// no duty reaches the customer.
#[test]
fn a_customer_never_reads_what_is_not_for_them() {
    for policy in ["air/eu261/1.0.0", "travel/goodwill/1.0.0"] {
        let release = release(policy);
        for case in release.source().cases().unwrap() {
            let decided = decided(&release, &case.stem);
            let decision = &decided.decision;
            for lang in [Lang::En, Lang::Zh] {
                let page = Explanation::new(&decided, &release, lang).page(Reader::Customer);
                let text = crate::text::plain(&page.text(100));
                let has = |word: &str| text.contains(word);
                assert!(!has("[") && !has("_"), "{}: {text}", case.stem);
                for role in &release.guardrails().roles {
                    let alone = format!(" {} ", role.name);
                    assert!(!has(&alone), "{}: {text}", case.stem);
                }
                let now: Vec<String> = decision
                    .remedies()
                    .iter()
                    .filter(|remedy| remedy.payable == redress_kernel::Payable::Now)
                    .map(|remedy| shown(&remedy.amount))
                    .collect();
                for remedy in decision.remedies() {
                    let amount = shown(&remedy.amount);
                    assert!(
                        now.contains(&amount) || !has(&amount),
                        "{}: {text}",
                        case.stem
                    );
                }
                if !decision.duties().is_empty() {
                    assert!(!text.contains(|c: char| c.is_ascii_digit()), "{text}");
                }
                let duties = decision
                    .duties()
                    .iter()
                    .map(|duty| Reason::bare(duty.clone()));
                let explanation = Explanation::new(&decided, &release, lang);
                for duty in duties.filter_map(|duty| explanation.own_sentence(&duty)) {
                    assert!(!has(&duty), "{}: {text}", case.stem);
                }
            }
        }
    }
}

#[test]
fn a_page_fits_a_narrow_terminal() {
    let release = release("travel/goodwill/1.0.0");
    let decided = decided(&release, "authority-agent-200-01");
    for lang in [Lang::En, Lang::Zh] {
        for reader in [Reader::Customer, Reader::Agent] {
            let page = Explanation::new(&decided, &release, lang).page(reader);
            for line in page.text(40).lines() {
                assert!(crate::text::width(line) <= 40, "{line}");
            }
        }
    }
}
