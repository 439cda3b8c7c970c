use super::*;
use crate::rhai::{Session, TracedStep};

const SCRIPT: &str = r#"
    const CAP = money("100.00 EUR");
    fn share(sum) { sum.percent(10) }
    fn remedy(facts) {
        let row = table("compensation", [facts.distance_km, facts.intra_eu]);
        grant([because(cash(min(row.amount, CAP)), "late", [facts.delay_minutes])])
    }
"#;

fn session_within(budget: Budget) -> Session {
    Session::new(SCRIPT, schema(), tables(), Rounding::HalfUp, budget).unwrap()
}

fn session() -> Session {
    session_within(Budget::STANDARD)
}

/// The value of the last piece, or what is wrong with it.
#[track_caller]
fn check(pieces: &[&str], expected: &str) {
    let mut session = session();
    let mut last = String::new();
    for piece in pieces {
        last = match session.run(piece, &facts(), Warnings::default()) {
            Ok(ran) => ran.value.unwrap_or_default(),
            Err(error) => error.problem,
        };
    }
    assert_eq!(last, expected, "{pieces:?}");
}

#[test]
fn a_piece_sees_facts_constants_functions_and_what_came_before() {
    check(&["facts.fare.percent(50)"], "49.50 EUR");
    check(&["share(CAP)"], "10.00 EUR");
    check(&["let x = 2; x * 3"], "6");
    check(
        &["let x = 2", "let y = x + 1", "[x, y, x + y]"],
        "[2, 3, 5]",
    );
    check(&["fn twice(n) { n * 2 }", "twice(21)"], "42");
    check(&["let x = 1", "x = 5", "x"], "5");
    check(
        &["remedy(facts)"],
        "grant [cash 100.00 EUR, goodwill, because late (200)]",
    );
    check(&["facts.event"], "\"arrival\"");
    check(&["warnings.repeats"], "0");
}

#[test]
fn a_piece_that_fails_changes_nothing() {
    check(&["let x = 1", "x = 2; throw \"no\"", "x"], "1");
    check(&["let x = 1", "x = facts.note", "x"], "1");
    check(&["facts.note"], "the case does not know `note`");
    check(&["1 / 0", "1 + 1"], "2");
}

#[test]
fn a_piece_is_held_to_the_rules_of_a_policy() {
    let mut session = session();
    for (piece, problem) in [
        ("facts.threat", "class safety"),
        ("let facts = 1", "the engine's name"),
        ("let l = [1]; l[0] = 2", "not changed in place"),
        ("loop { }", "steps; the most is 100000"),
        ("fn f(n) { f(n + 1) } f(0)", "nested calls; the most is"),
        ("eval(\"1\")", "eval"),
        ("nothing_here", "nothing_here"),
    ] {
        let error = session
            .run(piece, &facts(), Warnings::default())
            .unwrap_err();
        assert!(
            error.problem.contains(problem),
            "{piece}: {}",
            error.problem
        );
    }
    let long = " ".repeat(limits::SOURCE_BYTES_MAX + 1);
    assert!(session.run(&long, &facts(), Warnings::default()).is_err());
}

#[test]
fn a_piece_that_comes_to_no_end_is_told_with_its_place() {
    let mut session = session();
    let mut check = |piece: &str, line: u32| {
        let error = session
            .run(piece, &facts(), Warnings::default())
            .unwrap_err();
        let found = error.at.map(|at| at.line);
        assert_eq!(found, Some(line), "{piece}: {error:?}");
    };
    check("let x = 1;\nloop { x += 1 }", 2);
    // What ends a run passes through every call, up to the piece's own.
    check("fn f(n) {\n  f(n + 1)\n}\nf(0)", 4);
    check("fn f(n) {\n  1 / n\n}\n1 + f(0)", 2);
    check("let x = 1;\nfilter([0], |n| 1 / n > 0)", 2);
    // The line of a function of the policy is none of the piece.
    check("let x = 1;\n\n  share(1)", 3);
}

#[test]
fn a_trace_tells_facts_and_rows_with_their_lines() {
    let (run, traced) = session().trace(&facts(), &Warnings::default());
    assert!(run.proposal.is_ok());
    let steps: Vec<String> = traced
        .iter()
        .map(|traced| match &traced.step {
            TracedStep::Fact { name, value } => format!("{name} {value:?}"),
            TracedStep::Row { table, inputs, .. } => format!("{table} {inputs:?}"),
        })
        .collect();
    assert_eq!(
        steps,
        [
            "distance_km Some(\"540\")",
            "intra_eu Some(\"true\")",
            "compensation [\"540\", \"true\"]",
            "delay_minutes Some(\"200\")"
        ]
    );
    assert!(traced.iter().all(|traced| traced.at.is_some()));
    let (again, _) = session().trace(&facts(), &Warnings::default());
    assert_eq!(run, again, "a trace moves no answer and no step");
}
