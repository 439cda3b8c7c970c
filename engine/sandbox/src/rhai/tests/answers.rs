//! What a policy returns: remedies, verdicts, routes, and what is none of these.

use redress_model::{Amount, Basis, Deadline, DeadlineStart, DeadlineUnit, Reason, ReasonArg};

use super::*;

#[track_caller]
fn check_bad_answer(source: &str, part: &str) {
    match fault(source) {
        Fault::BadAnswer { message } => assert!(message.contains(part), "{message}"),
        other => panic!("{other:?}"),
    }
}

/// The message of the bad answer of a `remedy` with this body.
#[track_caller]
fn check_bad_body(body: &str, part: &str) {
    check_bad_answer(&format!("fn remedy(facts) {{ {body} }}"), part);
}

fn euro(minor: i64) -> Amount {
    Amount::Money(Money::new(minor, Currency::new("EUR").unwrap()))
}

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

#[test]
fn every_remedy_has_its_kind_amount_and_ground() {
    let units = |unit: &str, count| Amount::Units {
        unit: code(unit),
        count,
    };
    let m = "money(\"2.50 EUR\")";
    for (written, kind, amount, basis) in [
        (format!("cash({m})"), "cash", euro(250), Basis::Goodwill),
        (
            format!("voucher({m})"),
            "voucher",
            euro(250),
            Basis::Goodwill,
        ),
        (
            format!("credit({m})"),
            "balance_credit",
            euro(250),
            Basis::Goodwill,
        ),
        (
            format!("gift(\"lounge\", {m})"),
            "lounge",
            euro(250),
            Basis::Goodwill,
        ),
        (
            "units(\"points\", 500)".into(),
            "points",
            units("points", 500),
            Basis::Goodwill,
        ),
        (
            "units(\"points\", -1)".into(),
            "points",
            units("points", -1),
            Basis::Goodwill,
        ),
        (
            "service(\"rebooking\")".into(),
            "rebooking",
            units("rebooking", 1),
            Basis::Goodwill,
        ),
        (
            format!("statutory(cash({m}), \"a_7\")"),
            "cash",
            euro(250),
            Basis::Statutory(code("a_7")),
        ),
        (
            format!("cash({m}).contractual(\"c.1\")"),
            "cash",
            euro(250),
            Basis::Contractual(code("c.1")),
        ),
        (format!("cash(-{m})"), "cash", euro(-250), Basis::Goodwill),
    ] {
        let expected = Remedy {
            kind: code(kind),
            amount,
            basis,
            reasons: Vec::new(),
        };
        assert_eq!(
            remedies(&format!("grant([{written}])")),
            [expected],
            "{written}"
        );
    }
}

#[test]
fn reasons_keep_their_order_and_their_arguments() {
    let remedy = remedies(
        "grant([cash(money(\"1.00 EUR\")).because(\"first\").because(\"second\", [7, money(\"1.00 CNY\"), date(\"2026-01-31\"), \"中文\", facts.event])])",
    );
    let yuan = Money::new(100, Currency::new("CNY").unwrap());
    let args = vec![
        ReasonArg::Int(7),
        ReasonArg::Money(yuan),
        ReasonArg::Date("2026-01-31".parse().unwrap()),
        ReasonArg::Text("中文".into()),
        ReasonArg::Text("arrival".into()),
    ];
    let second = Reason {
        code: code("second"),
        args,
    };
    assert_eq!(remedy[0].reasons, [Reason::bare(code("first")), second]);
}

#[test]
fn a_remedy_is_a_value_and_not_changed_by_its_copies() {
    let granted = remedies(
        "let a = cash(money(\"1.00 EUR\")); let b = a; b = b.because(\"x\"); a.statutory(\"y\"); grant([a, b, a])",
    );
    assert_eq!(granted[0], granted[2]);
    assert!(granted[0].reasons.is_empty() && granted[0].basis == Basis::Goodwill);
    assert_eq!(granted[1].reasons.len(), 1);
}

#[test]
fn every_verdict_is_understood() {
    let verdict = |body: &str| {
        let proposal = proposal(&format!("fn remedy(facts) {{ {body} }}"));
        (proposal.verdict, proposal.tier)
    };
    assert_eq!(verdict("grant([])"), (Verdict::Grant(Vec::new()), None));
    assert_eq!(
        verdict("grant_in_tier(\"level_2\", [])"),
        (Verdict::Grant(Vec::new()), Some(code("level_2"))),
    );
    let refused = |codes: &[&str]| {
        let reasons = codes.iter().map(|text| Reason::bare(code(text)));
        (Verdict::Refuse(reasons.collect()), None)
    };
    assert_eq!(verdict("refuse(\"late\")"), refused(&["late"]));
    assert_eq!(
        verdict("refuse([\"late\", \"own_fault\"])"),
        refused(&["late", "own_fault"])
    );
    let held = Hold::Asked(Reason::bare(code("certificate")));
    assert_eq!(
        verdict("hold(\"certificate\")"),
        (Verdict::Hold(held), None)
    );
    assert_eq!(
        verdict("return refuse(\"late\"); hold(\"x\")"),
        refused(&["late"])
    );
}

#[test]
fn a_route_carries_every_wish() {
    let route = |written: &str| {
        let source =
            format!("fn remedy(facts) {{ hold(\"x\") }} fn route(facts, warnings) {{ {written} }}");
        proposal(&source).route
    };
    assert_eq!(route("route()"), redress_model::Route::default());
    let full = route(
        "route().queue(\"care\").priority(2).within_working_days(15).since(\"booked\").oblige(\"a\").oblige(\"b\")",
    );
    assert_eq!(full.queue, Some(code("care")));
    assert_eq!(full.priority, Some(2));
    assert_eq!(full.obligations, [code("a"), code("b")]);
    let deadline = |count, unit, start| Some(Deadline { count, unit, start });
    let booked = DeadlineStart::Fact(slot("booked"));
    assert_eq!(
        full.deadline,
        deadline(15, DeadlineUnit::WorkingDays, booked)
    );
    for (written, count, unit) in [
        ("within_minutes(30)", 30, DeadlineUnit::Minutes),
        ("within_hours(0)", 0, DeadlineUnit::Hours),
        ("within_days(10000)", 10_000, DeadlineUnit::CalendarDays),
        (
            "within_hours(1).within_days(7)",
            7,
            DeadlineUnit::CalendarDays,
        ),
    ] {
        let found = route(&format!("route().{written}")).deadline;
        assert_eq!(
            found,
            deadline(count, unit, DeadlineStart::AsOf),
            "{written}"
        );
    }
    let arrives = route("route().since(\"reroute.arrives\").within_hours(1)").deadline;
    assert_eq!(
        arrives.unwrap().start,
        DeadlineStart::Fact(slot("reroute.arrives"))
    );
}

#[test]
fn a_policy_without_route_wishes_nothing() {
    assert_eq!(
        proposal("fn remedy(facts) { refuse(\"x\") }").route,
        redress_model::Route::default()
    );
}

#[test]
fn an_answer_of_another_type_is_bad() {
    for (body, found) in [
        ("", "nothing"),
        ("1", "an integer"),
        ("true", "true or false"),
        ("\"grant\"", "a text"),
        ("[]", "a list"),
        ("#{ outcome: \"grant\" }", "a map"),
        ("money(\"1.00 EUR\")", "a sum of money"),
        ("cash(money(\"1.00 EUR\"))", "a remedy"),
        ("route()", "a route"),
        ("facts", "the facts"),
        ("|x| x", "a function"),
        ("date(\"2026-01-01\")", "a date"),
    ] {
        check_bad_body(body, &format!("`remedy` returned {found}, not a verdict"));
    }
    for (body, found) in [
        ("cash(money(\"1.00 EUR\"))", "a remedy"),
        ("money(\"1.00 EUR\")", "a sum of money"),
        ("grant([])", "a verdict"),
        ("facts.distance_km", "an integer"),
        ("", "nothing"),
    ] {
        let source =
            format!("fn remedy(facts) {{ grant([]) }} fn route(facts, warnings) {{ {body} }}");
        check_bad_answer(&source, &format!("`route` returned {found}, not a route"));
    }
}

#[test]
fn what_is_no_code_is_named_and_cannot_be_caught() {
    for body in [
        "refuse(\"Too Late\")",
        "refuse([\"fine\", \"Too Late\"])",
        "hold(\"Too Late\")",
        "grant_in_tier(\"Too Late\", [])",
        "gift(\"Too Late\", money(\"1.00 EUR\"))",
        "units(\"Too Late\", 1)",
        "service(\"Too Late\")",
        "statutory(service(\"x\"), \"Too Late\")",
        "contractual(service(\"x\"), \"Too Late\")",
        "because(service(\"x\"), \"Too Late\")",
        "because(service(\"x\"), \"Too Late\", [1])",
        "route().queue(\"Too Late\")",
        "route().oblige(\"Too Late\")",
    ] {
        check_bad_body(body, "\"Too Late\"");
        check_bad_body(
            &format!("try {{ {body} }} catch {{ }} grant([])"),
            "\"Too Late\"",
        );
    }
}

#[test]
fn what_an_answer_cannot_hold_is_refused() {
    for (body, part) in [
        (
            "grant([1])",
            "`grant` takes remedies such as `cash(money)`, not an integer",
        ),
        ("grant([money(\"1.00 EUR\")])", "not a sum of money"),
        ("grant([[service(\"x\")]])", "not a list"),
        ("grant([()])", "not nothing"),
        ("refuse([])", "a refusal says why"),
        ("refuse([1])", "`refuse` takes reason codes, not an integer"),
        (
            "because(service(\"x\"), \"y\", [true])",
            "not true or false",
        ),
        (
            "because(service(\"x\"), \"y\", [service(\"x\")])",
            "not a remedy",
        ),
        ("because(service(\"x\"), \"y\", [[1]])", "not a list"),
        (
            "let t = \"12345678901234567\"; because(service(\"x\"), \"y\", [t + t + t + t])",
            "68 bytes",
        ),
        ("route().priority(0)", "priority 0"),
        ("route().priority(10)", "priority 10"),
        ("route().priority(257)", "priority 257"),
        ("route().within_days(-1)", "within_days(-1)"),
        ("route().within_hours(10001)", "within_hours(10001)"),
        ("route().since(\"boked\")", "did you mean `booked`?"),
        ("route().since(\"distance_km\")", "it is not a date"),
        ("route().since(\"religion\")", "does not see"),
    ] {
        check_bad_body(body, part);
    }
    check_bad_answer(
        "fn remedy(facts) { grant([]) } fn route(f, w) { route().since(\"booked\") }",
        "`since` needs a span",
    );
    let text =
        "let t = \"1234567890123456\"; grant([because(service(\"x\"), \"y\", [t + t + t + t])])";
    assert_eq!(remedies(text).len(), 1, "64 bytes are short enough");
}

#[test]
fn a_remedy_of_nine_or_of_the_wrong_currency_is_for_the_kernel_to_refuse() {
    let one = "cash(money(\"1.00 JPY\"))".replace("1.00", "100");
    let nine = vec![one; 9].join(", ");
    assert_eq!(remedies(&format!("grant([{nine}])")).len(), 9);
    let both = remedies("grant([cash(money(\"1.00 EUR\")), cash(money(\"1.00 CNY\"))])");
    assert_eq!(both.len(), 2);
}
