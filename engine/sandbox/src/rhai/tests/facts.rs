//! Reading facts: values, unknown facts, classes.

use super::*;

#[test]
fn facts_are_values_of_their_types() {
    for (expression, expected) in [
        ("facts.distance_km + 1", "541"),
        ("facts.intra_eu", "true"),
        ("facts.event", "arrival"),
        ("facts.event == \"arrival\"", "true"),
        ("facts.fare", "99.00 EUR"),
        ("facts.fare + money(\"1.00 EUR\")", "100.00 EUR"),
        ("facts.booked", "2026-01-31"),
        ("facts.reroute.arrives", "2026-03-01T10:00:00Z"),
        ("facts.reroute.offered", "true"),
        ("facts.seats.len()", "2"),
        ("facts.seats[1]", "1B"),
        ("\"1A\" in facts.seats", "true"),
        ("let group = facts.reroute; group.offered", "true"),
    ] {
        assert_eq!(shown(expression), expected, "{expression}");
    }
}

#[test]
fn a_fact_that_may_be_unknown_is_read_with_maybe() {
    for (expression, expected) in [
        ("facts.maybe.note ?? \"none\"", "none"),
        ("facts.maybe.event ?? \"none\"", "arrival"),
        ("facts.maybe.hotel.nights ?? 0", "0"),
        ("facts.maybe.reroute.offered ?? false", "true"),
        ("facts.maybe.note == ()", "true"),
        ("facts.maybe.fare == ()", "false"),
        ("facts.maybe.fare != ()", "true"),
        ("facts.maybe.booked == ()", "false"),
    ] {
        assert_eq!(shown(expression), expected, "{expression}");
    }
}

#[test]
fn an_unknown_fact_holds_and_names_the_first_one_reached() {
    check_held("fn remedy(facts) { facts.note }", "note");
    check_held(
        "fn remedy(facts) { facts.hotel.nights + facts.note }",
        "hotel.nights",
    );
    check_held(
        "fn remedy(facts) { if facts.distance_km > 1 && facts.hotel.offered && facts.note == \"\" { grant([]) } else { grant([]) } }",
        "hotel.offered",
    );
}

#[test]
fn a_fact_that_is_not_reached_holds_nothing() {
    for body in [
        "if facts.distance_km > 9999 && facts.note == \"x\" { grant([]) } else { grant([]) }",
        "if facts.intra_eu || facts.note == \"x\" { grant([]) } else { grant([]) }",
        "facts.maybe.event ?? facts.note; grant([])",
    ] {
        assert!(remedies(body).is_empty(), "{body}");
    }
}

#[test]
fn nothing_swallows_an_unknown_fact() {
    for body in [
        "try { facts.note } catch { } grant([])",
        "try { facts.note } catch (e) { return grant([cash(money(\"1.00 EUR\"))]); } grant([])",
        "try { try { facts.note } catch { throw 1 } } catch { } grant([])",
        "try { helper(facts) } catch { } grant([])",
        "try { [1, 2].map(|x| helper(x)) } catch { } [facts].filter(|f| f.note == \"\"); grant([])",
        "[facts].map(|f| f.note); grant([])",
        "try { [facts].some(|f| { try { f.note == 1 } catch { true } }) } catch { } grant([])",
        "let x = facts.note ?? 1; grant([])",
        "loop { try { facts.note } catch { break } } grant([])",
        "let view = #{ f: facts }; try { view.f.note } catch { } grant([])",
        "let other = facts; try { other?.note } catch { } grant([])",
        "`${facts.note}`; grant([])",
        "switch facts.note { _ => grant([]) }",
    ] {
        let source = format!(
            "fn helper(f) {{ try {{ f.note }} catch {{ }} 1 }} fn remedy(facts) {{ {body} }}"
        );
        check_held(&source, "note");
    }
}

#[test]
fn an_unknown_fact_in_route_holds_the_case_too() {
    let source = "fn remedy(facts) { grant([cash(money(\"1.00 EUR\"))]) }
         fn route(facts, warnings) { try { facts.note } catch { } route() }";
    check_held(source, "note");
    assert_eq!(proposal(source).tier, None);
}

#[test]
fn route_facts_are_for_route_alone() {
    let source = "fn remedy(facts) { refuse(\"no\") }
         fn route(facts, warnings) {
             if facts.followers > 100 && facts.reroute.tone == \"loud\" { route().priority(1) } else { route() }
         }";
    assert_eq!(proposal(source).route.priority, Some(1));
    let error = compile("fn remedy(facts) { if facts.followers > 1 { hold(\"x\") } }").unwrap_err();
    assert!(error.problem.contains("class route"), "{error}");
    let nested = compile("fn remedy(facts) { facts.maybe.reroute.tone }").unwrap_err();
    assert!(nested.problem.contains("reroute.tone"), "{nested}");
}

#[test]
fn a_route_fact_behind_a_helper_is_refused_when_it_is_read() {
    for read in ["f.followers", "f.maybe.followers", "f.reroute.tone"] {
        let source = format!(
            "fn peek(f) {{ {read} }} fn remedy(facts) {{ try {{ peek(facts) }} catch {{ }} grant([]) }}"
        );
        let fault = fault(&source);
        assert_eq!(fault.code().name(), "policy_failed", "{fault}");
        assert!(
            fault.to_string().contains("which `remedy` does not see"),
            "{fault}"
        );
        assert!(fault.to_string().contains("line 1"), "{fault}");
    }
}

#[test]
fn actor_safety_and_forbidden_facts_are_for_no_policy() {
    for name in ["agent_rank", "threat", "religion", "maybe.religion"] {
        for function in ["remedy(facts)", "route(facts, warnings)", "helper(facts)"] {
            let source = format!("fn {function} {{ facts.{name} }} fn remedy(f) {{ 1 }}");
            let source = source.replace(
                "fn remedy(f) { 1 }",
                if function.starts_with("remedy") {
                    ""
                } else {
                    "fn remedy(f) { 1 }"
                },
            );
            let error = compile(&source).unwrap_err();
            assert!(error.problem.contains("does not see"), "{error}");
        }
        let hidden = format!("fn remedy(f) {{ try {{ f.{name} }} catch {{ }} grant([]) }}");
        assert_eq!(fault(&hidden).code().name(), "policy_failed");
        let route = format!(
            "fn remedy(f) {{ grant([]) }} fn route(f, w) {{ try {{ f.{name} }} catch {{ }} route() }}"
        );
        assert_eq!(fault(&route).code().name(), "policy_failed");
    }
}

#[test]
fn a_name_that_is_no_fact_fails_and_suggests_one() {
    let error = compile("fn remedy(facts) {\n  facts.distance_kn }").unwrap_err();
    assert_eq!(
        error.problem,
        "there is no fact `distance_kn`; did you mean `distance_km`?"
    );
    assert_eq!(error.at.unwrap().to_string(), "line 2, column 9");
    let fault = fault("fn remedy(f) { f.distance_kn }");
    assert!(
        fault.to_string().contains("did you mean `distance_km`?"),
        "{fault}"
    );
    assert!(fault.to_string().contains("line 1"), "{fault}");
    let member = compile("fn remedy(facts) { facts.hotel.nigths }").unwrap_err();
    assert_eq!(member.help.unwrap(), "did you mean `hotel.nights`?");
    assert!(body_fault("let g = facts.hotel; g.arrives").contains("this group has no fact"));
    assert!(body_fault("let g = facts.hotel; g.nope").contains("this group has no fact"));
}

#[test]
fn a_name_that_is_no_fact_cannot_be_caught() {
    for read in [
        "f.nope",
        "f.maybe.nope",
        "f[\"distance_km\"]",
        "let g = f.hotel; g.nope",
        "let g = f.maybe.hotel; g.arrives",
        "let g = f.hotel; g.arrives",
    ] {
        let source = format!("fn remedy(f) {{ try {{ {read} }} catch {{ }} grant([]) }}");
        match fault(&source) {
            Fault::Failed { at: Some(_), .. } => {}
            other => panic!("{read}: {other:?}"),
        }
    }
}

#[test]
fn facts_cannot_be_changed_and_do_not_outlive_their_run() {
    for body in [
        "facts.note = 1",
        "let f = facts; f.distance_km = 9",
        "facts.hotel.nights += 1",
    ] {
        let error = compile(&format!("fn remedy(facts) {{ {body}; grant([]) }}")).unwrap_err();
        assert!(error.problem.contains("not changed in place"), "{error}");
    }
    assert!(matches!(
        fault("fn remedy(facts) { facts }"),
        Fault::BadAnswer { .. }
    ));
    let policy =
        compile("fn remedy(facts) { grant([units(\"points\", facts.distance_km)]) }").unwrap();
    for km in [7, 11] {
        let run = policy.propose(
            &facts_of(&format!("{{\"distance_km\":{km}}}")),
            &Warnings::default(),
        );
        let Verdict::Grant(remedies) = run.proposal.unwrap().verdict else {
            panic!()
        };
        assert!(format!("{remedies:?}").contains(&format!("count: {km}")));
    }
}

#[test]
fn warnings_are_counted_in_route() {
    let policy = compile(
        "fn remedy(facts) { refuse(\"no\") }
         fn route(facts, warnings) { route().priority(warnings.repeats + warnings.like_cases + warnings.burst) }",
    )
    .unwrap();
    let warnings = Warnings {
        repeats: 1,
        like_cases: 2,
        burst: 4,
    };
    let run = policy.propose(&facts(), &warnings);
    assert_eq!(run.proposal.unwrap().route.priority, Some(7));
}
