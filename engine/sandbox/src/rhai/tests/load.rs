//! What is found wrong before a case runs, and policies on many threads.

use super::*;

#[track_caller]
fn check(source: &str, problem: &str, at: &str) {
    let error = compile(source).unwrap_err();
    assert_eq!(error.code(), "policy_invalid");
    assert!(error.problem.contains(problem), "{source}: {error}");
    let found = error.at.map(|at| at.to_string()).unwrap_or_default();
    assert_eq!(found, at, "{source}: {error}");
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (source, problem, at) in [
        ("fn remedy(facts) {", "", "line 1, column 19"),
        (
            "fn remedy(facts) {\n  let x = ;\n}",
            "",
            "line 2, column 11",
        ),
        (
            "fn remedy(facts) {\n  fcats.x }",
            "Undefined variable: fcats",
            "line 2, column 3",
        ),
        ("fn remedy(facts) { 1.5 }", "", "line 1, column 22"),
        (
            "fn remedy(facts) { let limit = 1;\n [1].map(|x| x > limit) }",
            "Undefined variable: limit",
            "line 2, column 18",
        ),
        ("fn other(facts) { }", "no function `remedy`", ""),
        ("fn remedy() { }", "`remedy` takes one argument", ""),
        (
            "fn remedy(facts, warnings) { }",
            "`remedy` takes one argument",
            "",
        ),
        (
            "fn remedy(facts) { } fn route(facts) { }",
            "`route` takes two arguments",
            "",
        ),
        (
            "fn remedy(facts) { }\nlet x = 1;",
            "only functions and constants",
            "line 2, column 1",
        ),
        (
            "fn remedy(facts) { }\n1 + 1;",
            "only functions and constants",
            "line 2, column 1",
        ),
        (
            "fn remedy(facts) { }\nif true { }",
            "only functions and constants",
            "line 2, column 1",
        ),
        (
            "const X = 1 / 0; fn remedy(facts) { }",
            "a constant cannot be computed: Division by zero",
            "line 1, column 13",
        ),
        (
            "const X = facts; fn remedy(facts) { }",
            "Undefined variable: facts",
            "line 1, column 11",
        ),
        (
            "const X = money(\"x\"); fn remedy(facts) { }",
            "a constant cannot be computed",
            "line 1, column 11",
        ),
        (
            "fn remedy(facts) { let facts = 1; }",
            "`facts` is the engine's name",
            "line 1, column 24",
        ),
        (
            "fn remedy(facts) { for warnings in 0..1 { } }",
            "`warnings` is the engine's name",
            "line 1, column 24",
        ),
        (
            "fn remedy(facts) { table(\"compensatoin\", [1]); }",
            "did you mean `compensation`?",
            "line 1, column 26",
        ),
        (
            "fn remedy(facts) { facts.maybe.distnce_km }",
            "did you mean `distance_km`?",
            "line 1, column 32",
        ),
        (
            "fn remedy(facts) { `${facts.distnce_km}` }",
            "did you mean `distance_km`?",
            "line 1, column 29",
        ),
        (
            "fn remedy(facts) { facts.hotel.days }",
            "the group `hotel` has no fact `days`",
            "line 1, column 32",
        ),
        (
            "fn remedy(facts) { max(1,1,1,1,1,1,1,1,1) }",
            "more than 8 arguments",
            "line 1, column 39",
        ),
        (
            "fn remedy(facts) { this; }",
            "`this` is not for policies",
            "line 1, column 20",
        ),
        (
            "fn a(x) { } fn a(x) { } fn remedy(facts) { }",
            "Function a with 1 parameter already exists",
            "line 1, column 13",
        ),
    ] {
        check(source, problem, at);
    }
}

#[test]
fn words_in_comments_and_texts_are_not_facts() {
    for line in [
        "// facts.nope",
        "/* facts.nope /* facts.nope */ facts.nope */",
        "let t = \"facts.nope\";",
        "let t = \"a \\\" facts.nope\";",
        "let t = `facts.nope ${facts.event} facts.nope`;",
        "let t = `a `` facts.nope ${`${facts.event} facts.nope`} facts.nope`;",
        "let t = #\"facts.nope \" facts.nope\"#;",
        "let c = '\"'; facts.event; // \"",
        "let x = #{ facts: 1 }; x.facts;",
    ] {
        let source = format!("fn remedy(facts) {{ {line}\n grant([]) }}");
        assert!(run(&source).proposal.is_ok(), "{line}");
    }
}

#[test]
fn a_source_may_be_as_long_as_its_limit() {
    let source = |bytes: usize| {
        let policy = "fn remedy(facts) { grant([]) }";
        format!("{policy}{}", " ".repeat(bytes - policy.len()))
    };
    assert!(compile(&source(limits::SOURCE_BYTES_MAX)).is_ok());
    check(
        &source(limits::SOURCE_BYTES_MAX + 1),
        "65537 bytes, more than 65536",
        "",
    );
}

#[test]
fn constants_are_as_many_as_their_limit() {
    let source = |count: usize| {
        let constants: String = (0..count).map(|n| format!("const C{n} = {n}; ")).collect();
        format!("{constants} fn remedy(facts) {{ grant([units(\"x\", C1)]) }}")
    };
    assert!(run(&source(limits::VARIABLES_MAX)).proposal.is_ok());
    check(
        &source(limits::VARIABLES_MAX + 1),
        "more than 64 constants",
        "",
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_source() {
    assert!(
        run("\u{feff}fn remedy(facts) { grant([]) }")
            .proposal
            .is_ok()
    );
}

#[test]
fn facts_of_another_schema_are_not_read() {
    let other = Schema::compile(
        br#"{"type":"object","properties":{"a":{"type":"boolean","x-class":"gate"}}}"#,
    );
    let policy = RhaiPolicy::compile(
        "fn remedy(facts) { grant([]) }",
        Arc::new(other.unwrap()),
        tables(),
        Rounding::Down,
        Budget::STANDARD,
    );
    let run = policy.unwrap().propose(&facts(), &Warnings::default());
    assert_eq!(run.proposal.unwrap_err().code().name(), "policy_not_run");
}

const EVERYTHING: &str = r#"
    const CAP = money("30.00 EUR");
    fn remedy(facts) {
        let row = table("compensation", [facts.distance_km, facts.intra_eu]);
        let care = min(facts.fare.percent(33), CAP);
        let all = #{ b: 2, a: 1, c: 3 }.values().map(|x| units("points", x));
        let law = statutory(cash(row.amount), row.article).because("delay", [facts.delay_minutes, facts.booked]);
        grant_in_tier("level_2", [law, voucher(care)] + all)
    }
    fn route(facts, warnings) {
        if facts.followers > 10 { route().queue("care").oblige(`a_${facts.seats.len()}`) } else { route() }
    }
    fn helper(x) { x }
    fn helper(x, y) { x }
"#;

#[test]
fn a_thousand_runs_give_one_answer() {
    let policy = compile(EVERYTHING).unwrap();
    let first = policy.propose(&facts(), &Warnings::default());
    assert!(first.proposal.is_ok(), "{first:?}");
    for _ in 0..1_000 {
        assert_eq!(policy.propose(&facts(), &Warnings::default()), first);
    }
    assert_eq!(
        compile(EVERYTHING)
            .unwrap()
            .propose(&facts(), &Warnings::default()),
        first
    );
}

#[test]
fn threads_share_a_policy_and_agree() {
    let policy = compile(EVERYTHING).unwrap();
    let first = policy.propose(&facts(), &Warnings::default());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert_eq!(policy.propose(&facts(), &Warnings::default()), first);
                }
            });
        }
    });
    let moved = policy.clone();
    drop(policy);
    let elsewhere = std::thread::spawn(move || moved.propose(&facts(), &Warnings::default()));
    assert_eq!(elsewhere.join().unwrap(), first);
}

#[test]
fn a_thread_forgets_policies_that_were_dropped() {
    let kept = || super::super::COMPILED.with_borrow(|all| all.len());
    let before = kept();
    for _ in 0..10 {
        compile("fn remedy(facts) { grant([]) }").unwrap();
    }
    assert!(kept() <= before + 1, "{}", kept());
}

#[test]
fn a_policy_is_a_sandbox_for_any_thread() {
    fn check<T: Sandbox + Clone + 'static>(_: &T) {}
    let policy = compile("fn remedy(facts) { grant([]) }").unwrap();
    check(&policy);
    assert_eq!(policy.kind().name(), "rhai");
}
