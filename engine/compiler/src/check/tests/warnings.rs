//! Each warning alone: once, exactly once, with what it underlines.

use redress_model::Slot;

use super::*;

fn parcels() -> ReleaseSource {
    release(&root().join("host-bindings/guest/sample/parcels/1.0.0"))
}

/// What is told of a script whose manifest declares these facts needed, as rule, line and
/// underlined text.
fn told(source: &str, needs: Option<&[&str]>) -> Vec<(Rule, Severity, u32, String)> {
    let release = parcels();
    let slot = |name: &&str| release.schema().slot(name).unwrap();
    let needs: Option<Vec<Slot>> = needs.map(|names| names.iter().map(slot).collect());
    let environment = Environment {
        schema: release.schema(),
        tables: release.tables(),
        sentences: None,
        declared: None,
        needs: needs.as_deref(),
        limits: LIMITS,
    };
    let checked = check(&parse(source), environment);
    assert!(
        checked.program.is_some(),
        "a warning keeps nothing from running\n{}",
        shown(source, &checked)
    );
    let lines = Lines::new(source);
    let said = checked.diagnostics.iter().map(|said| {
        let text = source.get(std::ops::Range::from(said.span)).unwrap();
        assert!(said.help.is_some(), "{}", said.message);
        (
            said.rule,
            said.severity,
            said.position(&lines).line,
            text.to_owned(),
        )
    });
    said.collect()
}

#[track_caller]
fn check_once(source: &str, rule: Rule, line: u32, underlined: &str) {
    let expected = (rule, Severity::Warning, line, underlined.to_owned());
    assert_eq!(told(source, None), [expected], "{source}");
}

#[test]
fn a_fact_that_is_read_and_not_declared_needed() {
    let source = "fn remedy(facts) {\n    let days = facts.days_late;\n    let again = facts.days_late;\n    if facts.insured { return refuse(\"a\"); }\n    if days > again || (facts.maybe.share_points ?? 0) > 1 { refuse(\"a\") } else { refuse(\"b\") }\n}\n";
    let undeclared = |line, text: &str| {
        (
            Rule::UndeclaredNeed,
            Severity::Warning,
            line,
            text.to_owned(),
        )
    };
    // Each place that reads it, each once; what is read as maybe unknown needs nothing.
    assert_eq!(
        told(source, Some(&["insured"])),
        [
            undeclared(2, "facts.days_late"),
            undeclared(3, "facts.days_late")
        ]
    );
    assert_eq!(told(source, Some(&["days_late", "insured"])), []);
    assert_eq!(told(source, None), []);
}

#[test]
fn an_enum_value_that_is_never_handled() {
    check_once(
        "fn remedy(facts) {\n    let code = switch facts.cause {\n        \"carrier\" => \"a\",\n        \"customs\" => \"b\",\n        \"warehouse\" => \"c\",\n    };\n    if code == () { refuse(\"d\") } else { refuse(\"e\") }\n}\n",
        Rule::UnhandledValue,
        2,
        "switch",
    );
}

#[test]
fn an_enum_value_that_does_not_exist() {
    check_once(
        "fn remedy(facts) {\n    switch facts.cause {\n        \"carier\" => refuse(\"a\"),\n        _ => refuse(\"b\"),\n    }\n}\n",
        Rule::ImpossibleValue,
        3,
        "\"carier\"",
    );
    check_once(
        "fn remedy(facts) {\n    if facts.cause == \"carier\" { refuse(\"a\") } else { refuse(\"b\") }\n}\n",
        Rule::ImpossibleValue,
        2,
        "\"carier\"",
    );
}

#[test]
fn a_branch_that_is_never_reached() {
    check_once(
        "fn remedy(facts) {\n    return refuse(\"a\");\n    refuse(\"b\")\n}\n",
        Rule::Unreachable,
        3,
        "refuse(\"b\")",
    );
    check_once(
        "fn remedy(facts) {\n    if false { refuse(\"a\") } else { refuse(\"b\") }\n}\n",
        Rule::Unreachable,
        2,
        "{ refuse(\"a\") }",
    );
    check_once(
        "fn remedy(facts) {\n    switch facts.days_late {\n        1 => refuse(\"a\"),\n        1 => refuse(\"b\"),\n        _ => refuse(\"c\"),\n    }\n}\n",
        Rule::Unreachable,
        4,
        "1",
    );
    check_once(
        "fn remedy(facts) {\n    if (facts.days_late ?? 3) > 2 { refuse(\"a\") } else { refuse(\"b\") }\n}\n",
        Rule::Unreachable,
        2,
        "3",
    );
}

#[test]
fn an_amount_that_ignores_its_currency() {
    check_once(
        "fn remedy(facts) {\n    grant([cash(facts.order_value + facts.postage)])\n}\n",
        Rule::OpenCurrency,
        2,
        "facts.postage",
    );
    check_once(
        "fn remedy(facts) {\n    if facts.postage > money(\"5.00 EUR\") { refuse(\"a\") } else { refuse(\"b\") }\n}\n",
        Rule::OpenCurrency,
        2,
        "facts.postage",
    );
}

#[test]
fn a_division_that_drops_cents() {
    check_once(
        "fn remedy(facts) {\n    grant([cash(facts.order_value * (facts.days_late / 7))])\n}\n",
        Rule::DroppedCents,
        2,
        "facts.days_late / 7",
    );
    // The rest of a number that multiplies no sum is nobody's money.
    let source = "fn remedy(facts) {\n    if facts.days_late / 7 > 2 { refuse(\"a\") } else { refuse(\"b\") }\n}\n";
    assert_eq!(told(source, None), []);
}

#[test]
fn a_switch_without_a_default() {
    check_once(
        "fn remedy(facts) {\n    let code = switch facts.days_late {\n        0 => \"a\",\n        1..7 => \"b\",\n    };\n    if code == () { refuse(\"d\") } else { refuse(\"e\") }\n}\n",
        Rule::NoDefault,
        2,
        "switch",
    );
}

#[test]
fn a_function_that_is_made_for_two_types_is_told_of_once() {
    check_once(
        "fn twice(facts, x) {\n    switch facts.cause { \"carier\" => x, _ => x }\n}\nfn remedy(facts) {\n    let days = twice(facts, facts.days_late);\n    let sum = twice(facts, facts.order_value);\n    if days > 1 { grant([cash(sum)]) } else { refuse(\"a\") }\n}\n",
        Rule::ImpossibleValue,
        2,
        "\"carier\"",
    );
}

#[test]
fn a_division_that_drops_cents_through_a_variable() {
    check_once(
        "fn remedy(facts) {\n    let weeks = facts.days_late / 7;\n    grant([cash(facts.order_value * weeks)])\n}\n",
        Rule::DroppedCents,
        2,
        "facts.days_late / 7",
    );
    check_once(
        "fn remedy(facts) {\n    let weeks = 1;\n    if facts.insured { weeks = facts.days_late / 7; }\n    let times = weeks;\n    grant([cash(times * facts.order_value)])\n}\n",
        Rule::DroppedCents,
        3,
        "facts.days_late / 7",
    );
    // What is also compared or told is meant whole.
    let source = "fn remedy(facts) {\n    let weeks = facts.days_late / 7;\n    if weeks == 0 { return refuse(\"a\"); }\n    grant([cash(facts.order_value * weeks)])\n}\n";
    assert_eq!(told(source, None), []);
    // A division whose result is worked on is meant in whole steps.
    let source = "fn remedy(facts) {\n    let weeks = facts.days_late / 7 + 1;\n    grant([cash(facts.order_value * weeks)])\n}\n";
    assert_eq!(told(source, None), []);
}

#[test]
fn what_is_past_a_limit_is_told_once_and_nothing_else_of_it() {
    let release = parcels();
    let environment = Environment {
        schema: release.schema(),
        tables: release.tables(),
        sentences: None,
        declared: None,
        needs: None,
        limits: LIMITS,
    };
    let arms: String = (0..600).map(|n| format!("{n} => {n}, ")).collect();
    let lets: String = (0..80).map(|n| format!("let a{n} = {n}; ")).collect();
    for source in [
        format!(
            "fn remedy(facts) {{ {}1{} }}",
            "(".repeat(60),
            ")".repeat(60)
        ),
        format!("fn remedy(facts) {{ [{}] }}", "1,".repeat(20_000)),
        format!(
            "fn remedy(facts) {{ let a = switch facts.days_late {{ {arms} _ => 0 }}; refuse(\"a\") }}"
        ),
        format!("fn remedy(facts) {{ {lets} refuse(\"a\") }}"),
    ] {
        let checked = check(&parse(&source), environment);
        let told: Vec<_> = checked
            .diagnostics
            .iter()
            .map(|said| &said.message)
            .collect();
        assert_eq!(told.len(), 1, "{told:?}");
    }
}
