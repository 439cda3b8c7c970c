//! Policies that mean harm: they end with a fault, in bounded time and memory.

use super::*;

const SMALL: Budget = Budget {
    steps_max: 20_000,
    ..Budget::STANDARD
};

#[track_caller]
fn body_within(body: &str, budget: Budget) -> Run {
    run_within(&format!("fn remedy(facts) {{ {body} }}"), budget)
}

#[test]
fn every_loop_ends_at_the_step_budget() {
    for body in [
        "loop { }",
        "loop { try { loop { } } catch { } }",
        "while true { }",
        "do { } while true;",
        "do { } until false;",
        "let x = 0; while x < 1 { x *= 2; }",
        "for i in 0..9223372036854775807 { }",
        "for i in 0..=9223372036854775807 { ; }",
        "for i in 0..9223372036854775807 { continue; }",
        "loop { [1].map(|x| x); }",
        "loop { let x = facts.maybe.note; }",
        "loop { table(\"compensation\", [1, true]); }",
        "loop { cash(money(\"1.00 EUR\")) == 1; }",
    ] {
        let run = body_within(body, SMALL);
        check_budget(&run, BudgetKind::Steps);
        assert!(run.usage.steps >= 20_000, "{body}");
    }
}

#[test]
fn callbacks_count_against_the_same_budget() {
    let list = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]";
    let spin = "for i in 0..9000 { } true";
    for call in [
        format!("{list}.map(|x| {{ {spin} }})"),
        format!("{list}.filter(|x| {{ {spin} }})"),
        format!("{list}.all(|x| {{ {spin} }})"),
        format!("{list}.some(|x| {{ {spin}; false }})"),
        format!("{list}.reduce(|sum, x| {{ {spin} }}, 0)"),
        format!("{list}.map(|x| {list}.map(|y| {list}.map(|z| {{ {spin} }})))"),
    ] {
        let run = body_within(&format!("{call}; grant([])"), Budget::STANDARD);
        check_budget(&run, BudgetKind::Steps);
        assert!(run.usage.steps < 101_000, "{call}: {}", run.usage.steps);
    }
}

#[test]
fn a_pass_over_a_list_costs_a_step_for_each_item() {
    let body =
        "let l = []; for i in 0..60 { l.push(i); } let n = 0; loop { l.contains(-1); n += 1; }";
    let run = body_within(body, SMALL);
    check_budget(&run, BudgetKind::Steps);
}

#[test]
fn the_step_budget_covers_remedy_and_route_together() {
    let spin = "for i in 0..3000 { }";
    let one = format!("fn remedy(facts) {{ {spin} grant([]) }}");
    let both = format!("{one} fn route(facts, warnings) {{ {spin} route() }}");
    let steps = run(&one).usage.steps;
    let exactly = Budget {
        steps_max: steps,
        ..SMALL
    };
    assert!(run_within(&one, exactly).proposal.is_ok());
    check_budget(
        &run_within(
            &one,
            Budget {
                steps_max: steps - 1,
                ..SMALL
            },
        ),
        BudgetKind::Steps,
    );
    check_budget(&run_within(&both, exactly), BudgetKind::Steps);
    assert!(
        run_within(
            &both,
            Budget {
                steps_max: steps * 2 + 20,
                ..SMALL
            }
        )
        .proposal
        .is_ok()
    );
}

#[test]
fn recursion_ends_at_the_call_depth() {
    for source in [
        "fn again(n) { again(n + 1) } fn remedy(facts) { again(0) }",
        "fn ping(n) { pong(n) } fn pong(n) { ping(n) } fn remedy(facts) { try { ping(0) } catch { } grant([]) }",
        "fn again(n) { [n].map(|x| again(x)) } fn remedy(facts) { again(0) }",
        "fn remedy(facts) { remedy(facts) }",
    ] {
        check_budget(&run(source), BudgetKind::CallDepth);
    }
    let to = |depth: u32| {
        format!(
            "fn down(n) {{ if n > 1 {{ down(n - 1) }} else {{ 0 }} }} fn remedy(facts) {{ down({}); grant([]) }}",
            depth - 1
        )
    };
    let depth = Budget::STANDARD.call_depth_max;
    assert!(run(&to(depth)).proposal.is_ok());
    check_budget(&run(&to(depth + 1)), BudgetKind::CallDepth);
}

#[test]
fn the_deepest_recursion_of_the_deepest_expressions_fits_a_thread_of_two_mebibytes() {
    let largest = Budget {
        call_depth_max: u32::MAX,
        ..Budget::STANDARD
    };
    let nested = [
        ("1 + (", ")"),
        ("if n >= 0 { ", " }"),
        ("[", "]"),
        ("-", ""),
    ];
    let calls = [
        "again(n)",
        "[n].map(|x| again(x))",
        "switch n { _ => #{ a: `${again(n)}` } }",
        "(0..1).contains(again(n)) && again(n)",
    ];
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let checked = thread.spawn(move || {
        for (open, close) in nested {
            for call in calls {
                let source = |depth: usize| {
                    let (open, close) = (open.repeat(depth), close.repeat(depth));
                    format!("fn again(n) {{ {open}{call}{close} }} fn remedy(facts) {{ again(0) }}")
                };
                let deepest = (1..limits::EXPR_DEPTH_MAX)
                    .rev()
                    .find(|depth| compile_within(&source(*depth), largest).is_ok());
                let run = run_within(&source(deepest.unwrap()), largest);
                check_budget(&run, BudgetKind::CallDepth);
            }
        }
    });
    checked.unwrap().join().unwrap();
}

#[test]
fn sizes_end_at_the_memory_budget() {
    for body in [
        "let s = \"0123456789abcdef\"; loop { s += s; }",
        "let s = \"0123456789abcdef\"; loop { s = `${s}${s}`; }",
        "let s = \"x\"; loop { s = s + s; }",
        "let l = [1, 2, 3, 4]; loop { l += l; }",
        "let l = [1, 2, 3, 4]; loop { l = l + l; }",
        "let l = [1, 2, 3, 4]; loop { l = [l, l]; }",
        "let l = []; loop { l.push(1); }",
        "let l = []; loop { l += [[1, 2, 3]]; }",
        "let m = #{ a: 1 }; loop { m = #{ a: m, b: m }; }",
        "let l = [\"0123456789abcdef0123456789abcdef\"]; loop { l += l; }",
        "loop { cash(money(\"1.00 EUR\")).because(\"x\"); }",
        "let r = cash(money(\"1.00 EUR\")); loop { r.because(\"x\"); }",
        "let r = route(); loop { r = r.priority(1); }",
    ] {
        check_budget(&body_within(body, Budget::STANDARD), BudgetKind::Memory);
    }
}

#[test]
fn a_list_may_be_as_long_as_its_limit() {
    let fill = |items: usize| format!("let l = []; for i in 0..{items} {{ l.push(i); }} grant([])");
    let items = limits::LIST_ITEMS_MAX;
    assert!(body_within(&fill(items), SMALL).proposal.is_ok());
    check_budget(&body_within(&fill(items + 1), SMALL), BudgetKind::Memory);
    let text =
        |bytes: usize| format!("let s = \"\"; for i in 0..{bytes} {{ s = s + \"x\"; }} grant([])");
    let bytes = limits::TEXT_BYTES_MAX;
    assert!(body_within(&text(bytes), Budget::STANDARD).proposal.is_ok());
    check_budget(
        &body_within(&text(bytes + 1), Budget::STANDARD),
        BudgetKind::Memory,
    );
    let tiny = Budget {
        memory_bytes_max: 64,
        ..SMALL
    };
    check_budget(&body_within(&fill(6), tiny), BudgetKind::Memory);
}

#[test]
fn an_answer_may_be_as_large_as_its_budget() {
    let grant = |count: usize| {
        format!("let l = []; for i in 0..{count} {{ l.push(cash(money(\"1.00 EUR\"))); }} grant(l)")
    };
    assert!(
        body_within(&grant(9), SMALL).proposal.is_ok(),
        "the kernel's to refuse"
    );
    assert!(body_within(&grant(64), SMALL).proposal.is_ok());
    let more = grant(33).replace("grant(l)", "l += l; grant(l)");
    check_budget(&body_within(&more, SMALL), BudgetKind::Output);
    let reasons = |count: usize| {
        format!(
            "let r = units(\"points\", 1); for i in 0..{count} {{ r = r.because(\"x\"); }} grant([r])"
        )
    };
    assert!(
        body_within(&reasons(redress_abi::REASONS_MAX), SMALL)
            .proposal
            .is_ok()
    );
    check_budget(
        &body_within(&reasons(redress_abi::REASONS_MAX + 1), SMALL),
        BudgetKind::Output,
    );
    check_budget(
        &body_within(
            "grant([cash(money(\"1.00 EUR\")).because(\"x\", [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17])])",
            SMALL,
        ),
        BudgetKind::Output,
    );
    let duties = "fn remedy(facts) { grant([]) } fn route(f, w) { let r = route(); for i in 0..300 { r = r.oblige(\"x\"); } r }";
    check_budget(&run(duties), BudgetKind::Output);
    let refusals = "let l = []; for i in 0..60 { l.push(\"x\"); } refuse(l)";
    let small = Budget {
        output_bytes_max: 1_024,
        ..SMALL
    };
    check_budget(&body_within(refusals, small), BudgetKind::Output);
}

#[test]
fn words_that_reach_out_are_refused() {
    for word in [
        "eval(\"1\")",
        "print(1)",
        "debug(1)",
        "import \"x\" as y",
        "export facts",
        "Fn(\"remedy\")",
        "curry(1)",
        "is_def_var(\"x\")",
        "is_def_fn(\"x\", 1)",
        "type_of(1)",
        "global::x",
    ] {
        let error = compile(&format!("fn remedy(facts) {{ {word}; }}"));
        assert!(error.is_err(), "{word}");
    }
    for call in [
        "sleep(1)",
        "timestamp()",
        "exit()",
        "[1].pad(9223372036854775807, [1, 2, 3])",
        "[2, 1].sort(|a, b| 1)",
        "[1].map(\"eval\")",
        "\"a\".replace(\"a\", \"b\")",
        "\"a\".pad(100, 'x')",
        "#{ a: 1 }.to_json()",
        "\"a\".to_chars()",
        "blob(10)",
        "1.0",
        "parse_json(\"{}\")",
        "rand()",
    ] {
        let source = format!("fn remedy(facts) {{ {call}; }}");
        if let Ok(policy) = compile(&source) {
            let fault = policy
                .propose(&facts(), &Warnings::default())
                .proposal
                .unwrap_err();
            assert_eq!(fault.code().name(), "policy_failed", "{call}: {fault}");
        }
    }
}

#[test]
fn constants_are_computed_within_the_budget() {
    for source in [
        "const X = { let n = 0; loop { n += 1; } }; fn remedy(facts) { grant([]) }",
        "const X = spin(); fn spin() { loop { } } fn remedy(facts) { grant([]) }",
        "const X = spin(); fn spin() { spin() } fn remedy(facts) { grant([]) }",
    ] {
        let error = compile_within(source, SMALL).unwrap_err();
        assert!(
            error.problem.contains("a constant cannot be computed"),
            "{error}"
        );
    }
}

#[test]
fn a_source_that_is_hard_to_parse_is_refused_quickly() {
    for source in [
        "(".repeat(60_000),
        format!("fn remedy(facts) {{ {} }}", "[".repeat(60_000)),
        format!("fn remedy(facts) {{ {}1{} }}", "-".repeat(30_000), ""),
        format!("fn remedy(facts) {{ {} }}", "if true { ".repeat(5_000)),
        "/*".repeat(30_000),
        "`${".repeat(20_000),
        "\"".repeat(50_001),
        "#".repeat(60_000),
        format!("fn remedy(facts) {{ {} }}", "|x| ".repeat(10_000)),
        "\u{feff}fn remedy(facts) { 票据 }".into(),
        "\0".into(),
        String::new(),
    ] {
        let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
        let error = thread
            .spawn(move || compile(&source).unwrap_err())
            .unwrap()
            .join();
        assert!(!error.unwrap().problem.is_empty());
    }
}

#[test]
fn a_fault_leaves_nothing_behind_for_the_next_run() {
    let policy = compile(
        "fn remedy(facts) {
             if facts.distance_km == 1 { loop { } }
             if facts.distance_km == 2 { facts.note }
             if facts.distance_km == 3 { cash(money(\"1.00 EUR\")).because(\"Bad Code\") }
             if facts.distance_km == 4 { remedy(facts) }
             if facts.distance_km == 5 { throw \"no\" }
             refuse(\"fine\")
         }",
    )
    .unwrap();
    for km in [1, 2, 3, 4, 5].into_iter().flat_map(|bad| [bad, 9]) {
        let run = policy.propose(
            &facts_of(&format!("{{\"distance_km\":{km}}}")),
            &Warnings::default(),
        );
        let refused = matches!(
            &run.proposal,
            Ok(Proposal {
                verdict: Verdict::Refuse(_),
                ..
            })
        );
        assert_eq!(refused, km == 9 || (km == 4 && refused), "{km}: {run:?}");
    }
}

#[test]
fn nothing_grows_in_place() {
    for body in [
        "let m = #{}; m[\"a\"] = 1;",
        "let m = #{ a: 1 }; m.a = 1;",
        "let m = #{ a: 1 }; m.a += 1;",
        "let m = #{ a: #{ b: 1 } }; m.a.b -= 1;",
        "let l = [1]; l[0] = l;",
        "let l = [1]; l[0] /* so */ = l;",
        "let l = [1]; l[0] += 1;",
        "let l = [[1]]; l[0][0] = 1;",
        "let l = [[1]]; l[0].push(1);",
        "let m = #{ l: [] }; m.l.push(1);",
        "let m = #{ l: [] }; m?.l?.push(1);",
        "let l = [[1]]; l[0].grow();",
    ] {
        let source =
            format!("fn grow() {{ this.push(1) }} fn remedy(facts) {{ {body} grant([]) }}");
        let error = compile(&source).unwrap_err();
        assert!(error.help.is_some(), "{body}: {error}");
    }
    let key = "k".repeat(limits::MAP_KEY_BYTES_MAX + 1);
    for map in [format!("#{{ {key}: 1 }}"), format!("#{{ \"{key}\": 1 }}")] {
        let error = compile(&format!("fn remedy(facts) {{ {map}; grant([]) }}")).unwrap_err();
        assert!(error.problem.contains("a key of a map"), "{error}");
    }
    for body in [
        "let x = 1; x = 2; x += 1; x == 2; x <= 3; x >= 1; x != 2; let l = [1]; l[0] == 1;",
        "let l = [1]; l = [2]; l += 1; l.push(2); for i in 0..=2 { } l[0] <= l[0];",
        "let m = #{ a: 1 }; m.a == 1; m.a != 2; m.a >= 1; switch m.a { 1 => 2, _ => 3 };",
    ] {
        compile(&format!("fn remedy(facts) {{ {body} grant([]) }}")).unwrap();
    }
}
