//! How much memory a policy can take that is written to take all it can.
//!
//! A process of its own, because it looks at the most that the process has ever held.
#![cfg(target_os = "linux")]

use std::sync::Arc;

use redress_model::admit::AdmitLimits;
use redress_model::table::Tables;
use redress_model::{Case, Rounding, Schema, Warnings};
use redress_sandbox::rhai::{RhaiPolicy, limits};
use redress_sandbox::{Budget, Sandbox};

/// The most memory that this process has held, in KiB.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Copies of `l` in every variable, in every argument of nested calls, at every depth.
fn hoarder(list: &str) -> String {
    let variables: String = (0..limits::VARIABLES_MAX - 8)
        .map(|n| format!("let v{n} = l; "))
        .collect();
    let copies = "l, ".repeat(limits::CALL_ARGS_MAX - 1);
    let call = |depth: usize| {
        let nested = format!("max({copies}");
        format!("{}deeper(l){}", nested.repeat(depth), ")".repeat(depth))
    };
    format!(
        "fn deeper(l) {{ {variables} {} }}
         fn remedy(facts) {{ {list} deeper(l) }}",
        call(10)
    )
}

#[test]
fn the_worst_policy_stays_within_its_memory() {
    let schema = r#"{"type":"object","properties":{"a":{"type":"boolean","x-class":"gate"}}}"#;
    let schema = Arc::new(Schema::compile(schema.as_bytes()).unwrap());
    let case = br#"{"id":"c","incident_date":"2026-03-01","event":"e","claimant":{"id":"p"},
        "stage":"facts_recorded","facts":{}}"#;
    let case = Case::admit(case, &schema, AdmitLimits::STANDARD).unwrap();
    let items = limits::LIST_ITEMS_MAX;
    let list_of =
        |item: &str| format!("let l = []; for i in 0..{items} {{ l.push({item}); }} l += l;");
    let padding = "x".repeat(limits::MAP_KEY_BYTES_MAX - 3);
    let entries: String = (10..10 + limits::MAP_ENTRIES_MAX)
        .map(|n| format!("k{n}{padding}: money(\"1.00 EUR\"), "))
        .collect();
    for list in [
        list_of("money(\"1.00 EUR\")"),
        list_of("`${i}12345678901234567890`"),
        format!("let l = #{{ {entries} }};"),
    ] {
        let source = hoarder(&list);
        let policy = RhaiPolicy::compile(
            &source,
            Arc::clone(&schema),
            Arc::new(Tables::default()),
            Rounding::Down,
            Budget::STANDARD,
        )
        .unwrap();
        let run = policy.propose(&case.facts, &Warnings::default());
        let fault = run.proposal.unwrap_err();
        assert_eq!(fault.code().name(), "policy_budget_exceeded", "{fault}");
        let peak = peak_kib().unwrap();
        assert!(peak < 128 * 1024, "{peak} KiB");
    }
}
