//! Sums, dates, tables, lists, and how a policy fails.

use super::*;

#[track_caller]
fn check_fails(body: &str, part: &str) {
    match fault(&format!("fn remedy(facts) {{\n{body}\n}}")) {
        Fault::Failed { message, at } => {
            assert!(message.contains(part), "{body}: {message}");
            assert_eq!(at.map(|at| at.line), Some(2), "{body}: {message}");
        }
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn sums_are_computed_exactly() {
    for (expression, expected) in [
        ("money(\"250.00 EUR\")", "250.00 EUR"),
        ("money(\"1.10 EUR\") + money(\"2.20 EUR\")", "3.30 EUR"),
        ("money(\"1.00 EUR\") - money(\"2.50 EUR\")", "-1.50 EUR"),
        ("-money(\"1.00 EUR\")", "-1.00 EUR"),
        ("money(\"1.10 EUR\") * 3", "3.30 EUR"),
        ("3 * money(\"1.10 EUR\")", "3.30 EUR"),
        ("money(\"0.05 EUR\").percent(50)", "0.03 EUR"),
        ("percent(money(\"0.05 EUR\"), 50)", "0.03 EUR"),
        ("money(\"100.00 EUR\").basis_points(250)", "2.50 EUR"),
        ("money(\"100.00 EUR\").ratio(1, 3)", "33.33 EUR"),
        ("min(money(\"1.00 EUR\"), money(\"2.00 EUR\"))", "1.00 EUR"),
        ("max(money(\"1.00 EUR\"), money(\"2.00 EUR\"))", "2.00 EUR"),
        ("money(\"0.00 EUR\").is_zero()", "true"),
        ("money(\"-0.01 EUR\").is_negative()", "true"),
        ("money(\"1.00 EUR\").currency", "EUR"),
        ("money(\"1.00 EUR\") == money(\"1.00 EUR\")", "true"),
        ("money(\"1.00 EUR\") != money(\"1.00 EUR\")", "false"),
        ("money(\"1.00 EUR\") < money(\"1.01 EUR\")", "true"),
        ("money(\"1.00 EUR\") >= money(\"1.01 EUR\")", "false"),
        (
            "let s = money(\"1.00 EUR\"); s += money(\"2.00 EUR\"); s -= money(\"0.50 EUR\"); s",
            "2.50 EUR",
        ),
        ("let s = money(\"1.00 EUR\"); s *= 2; s", "2.00 EUR"),
        (
            "let l = []; for i in 0..3 { l.push(money(\"0.10 EUR\")); } l.reduce(|sum, x| sum + x, money(\"0.00 EUR\"))",
            "0.30 EUR",
        ),
    ] {
        assert_eq!(shown(expression), expected, "{expression}");
    }
}

#[test]
fn halves_round_as_the_release_says() {
    let source = "fn remedy(facts) { grant([cash(money(\"0.05 EUR\").percent(50))]) }";
    for (rounding, minor) in [
        (Rounding::HalfUp, 3),
        (Rounding::HalfEven, 2),
        (Rounding::Down, 2),
        (Rounding::Up, 3),
    ] {
        let policy = RhaiPolicy::compile(source, schema(), tables(), rounding, Budget::STANDARD);
        let run = policy.unwrap().propose(&facts(), &Warnings::default());
        assert!(
            format!("{run:?}").contains(&format!("Money(0.0{minor} EUR)")),
            "{run:?}"
        );
    }
}

#[test]
fn errors_of_arithmetic_stop_the_policy_with_their_place() {
    let most = "money(\"92233720368547758.07 EUR\")";
    for (body, part) in [
        (&*format!("{most} + {most}"), "too large"),
        (&format!("{most} * 2"), "too large"),
        (
            &format!("-({most} * -1) - {most} - {most} - {most} - {most}"),
            "too large",
        ),
        (
            "money(\"1.00 EUR\") + money(\"1.00 CNY\")",
            "EUR and CNY are different currencies",
        ),
        (
            "money(\"1.00 EUR\") < money(\"1.00 CNY\")",
            "EUR and CNY are different currencies",
        ),
        (
            "money(\"1.00 EUR\") == money(\"1.00 CNY\")",
            "EUR and CNY are different currencies",
        ),
        (
            "min(money(\"1.00 EUR\"), money(\"1.00 CNY\"))",
            "EUR and CNY",
        ),
        (
            "let s = money(\"1.00 EUR\"); s += money(\"1.00 CNY\")",
            "EUR and CNY",
        ),
        ("money(\"1.00 EUR\").ratio(1, 0)", "divided by zero"),
        ("money(\"lots\")", "\"lots\" is not an amount such as"),
        ("money(\"1.00 XXX\")", "ISO 4217"),
        ("money(\"1.5 EUR\")", "2 decimal digits"),
        ("money(250)", "Function not found: money (integer)"),
        ("cash(250)", "Function not found: cash (integer)"),
        (
            "statutory(money(\"1.00 EUR\"), \"x\")",
            "statutory (sum of money, text)",
        ),
        (
            "facts.fare > 100",
            "a sum of money cannot be compared with an integer",
        ),
        (
            "100 < facts.fare",
            "an integer cannot be compared with a sum of money",
        ),
        ("facts.fare == 0", "cannot be compared"),
        ("facts.fare > ()", "cannot be compared with nothing"),
        (
            "facts.booked > \"2026-01-01\"",
            "a date cannot be compared with a text",
        ),
        (
            "facts.booked < facts.reroute.arrives",
            "a date cannot be compared with a date-time",
        ),
        ("9223372036854775807 + facts.distance_km", "overflow"),
        ("-9223372036854775807 - facts.distance_km", "overflow"),
        ("9223372036854775807 * facts.distance_km", "overflow"),
        ("let x = -9223372036854775807 - 1; -x", "overflow"),
        ("let x = -9223372036854775807 - 1; abs(x)", "too large"),
        ("let x = -9223372036854775807 - 1; x / -1", "overflow"),
        ("let x = -9223372036854775807 - 1; x % -1", "overflow"),
        ("2 ** 64", "overflow"),
        ("facts.distance_km / 0", "Division by zero"),
        ("facts.distance_km % 0", "division by zero"),
        ("let x = 9223372036854775807; x += 1; x", "overflow"),
        ("date(\"2026-02-30\")", "\"2026-02-30\" is not"),
        (
            "date(\"9999-12-31\").plus_days(1)",
            "is not in the years 1 to 9999",
        ),
        (
            "date(\"2026-01-01\").plus_days(9223372036854775807)",
            "is not in the years",
        ),
        ("throw \"我的错\"", "我的错"),
        ("throw #{ a: 1 }", "the policy threw a map"),
        ("[1, 2][2]", "out of bounds"),
        ("\"abc\"[9]", "out of bounds"),
        ("#{ a: 1 }.b", "b"),
        ("facts.event.nope", "nope"),
        ("nope()", "Function not found: nope"),
        ("[1].map(|x| x / 0)", "Division by zero"),
        (
            "[1].filter(|x| x)",
            "the closure of `filter` answered an integer",
        ),
        ("[1].contains([1])", "`contains` cannot look for a list"),
        ("[1].with_item(1, 2)", "there is no item 1 in 1"),
        ("if facts.distance_km { }", "boolean"),
        ("for x in facts.distance_km { }", "iterable"),
    ] {
        check_fails(body, part);
    }
}

#[test]
fn an_error_inside_a_function_names_the_innermost_place() {
    let fault =
        fault("fn share(x) {\n  100 / x\n}\nfn remedy(facts) {\n  [0].map(|x| share(x))\n}");
    assert_eq!(
        fault,
        Fault::Failed {
            message: "Division by zero: 100 / 0".into(),
            at: Some(redress_model::fault::Position { line: 2, column: 7 }),
        }
    );
}

#[test]
fn a_policy_may_catch_its_own_errors() {
    for (expression, expected) in [
        ("try { money(\"x\"); 1 } catch { } \"caught\"", "caught"),
        (
            "let why = \"\"; try { throw \"so\" } catch (e) { why = e; } why",
            "so",
        ),
        ("let x = 0; try { x = 1 / 0 } catch { x = 7; } x", "7"),
    ] {
        assert_eq!(shown(expression), expected, "{expression}");
    }
}

#[test]
fn dates_count_whole_units_between_them() {
    for (expression, expected) in [
        (
            "days_between(date(\"2026-01-31\"), date(\"2026-03-01\"))",
            "29",
        ),
        (
            "days_between(date(\"2026-03-01\"), date(\"2026-01-31\"))",
            "-29",
        ),
        ("facts.booked.days_between(date(\"2026-02-01\"))", "1"),
        ("facts.booked < date(\"2026-02-01\")", "true"),
        ("facts.booked == date(\"2026-01-31\")", "true"),
        ("max(facts.booked, date(\"2026-02-01\"))", "2026-02-01"),
        ("facts.booked.plus_days(29)", "2026-03-01"),
        (
            "hours_between(facts.reroute.arrives, facts.reroute.arrives)",
            "0",
        ),
        (
            "minutes_between(facts.reroute.arrives, facts.reroute.arrives)",
            "0",
        ),
        ("facts.reroute.arrives >= facts.reroute.arrives", "true"),
    ] {
        assert_eq!(shown(expression), expected, "{expression}");
    }
    let source = "fn remedy(facts) { grant([]) } fn route(facts, w) {
        let on = facts.reroute.arrives; if on == facts.reroute.arrives { route() } else { 0 } }";
    assert!(run(source).proposal.is_ok());
}

#[test]
fn tables_answer_with_their_outputs() {
    for (expression, expected) in [
        (
            "table(\"compensation\", [facts.distance_km, facts.intra_eu]).amount",
            "250.00 EUR",
        ),
        ("table(\"compensation\", [1500, true]).amount", "250.00 EUR"),
        ("table(\"compensation\", [1501, true]).amount", "400.00 EUR"),
        (
            "let row = table(\"compensation\", [20038, false]); row.article",
            "7_1_c",
        ),
    ] {
        assert_eq!(shown(expression), expected, "{expression}");
    }
    for (body, part) in [
        ("table(\"compensation\", [20039, true])", "20039"),
        ("table(\"compensation\", [1])", "compensation"),
        ("table(\"compensation\", [true, 1])", "distance_km"),
        (
            "table(\"compensation\", [(), true])",
            "a table cannot look up nothing",
        ),
        (
            "table(\"compensation\", [service(\"x\"), true])",
            "a table cannot look up a remedy",
        ),
        (
            "let name = \"compensatoin\"; table(name, [1, true])",
            "did you mean `compensation`?",
        ),
        (
            "table(\"compensation\", [1, true]).amuont",
            "no output column `amuont`",
        ),
    ] {
        check_fails(body, part);
    }
}

#[test]
fn lists_maps_texts_and_numbers_have_their_functions() {
    for (expression, expected) in [
        ("[1, 2, 3].len()", "3"),
        ("[].is_empty()", "true"),
        ("2 in [1, 2]", "true"),
        ("[facts.fare].contains(money(\"99.00 EUR\"))", "true"),
        ("let l = [1]; l.push(2); l += 3; l += [4]; l.len()", "4"),
        ("([1] + [2, 3]).len()", "3"),
        (
            "let l = [1, 2]; let m = l.with_item(0, 9); l[0] + m[0]",
            "10",
        ),
        ("[1, 2, 3].filter(|x| x > 1).len()", "2"),
        ("[1, 2, 3].map(|x| x * x)[2]", "9"),
        (
            "[1, 2, 3].some(|x| x == 2) && ![1, 2].all(|x| x == 2)",
            "true",
        ),
        ("[1, 2, 3].reduce(|sum, x| sum + x, 0)", "6"),
        ("let n = 0; for x in [1, 2] { n += x; } n", "3"),
        ("let n = 0; for (x, i) in [5, 6] { n += x * i; } n", "6"),
        ("let n = 0; for i in 1..=4 { n += i; } n", "10"),
        ("3 in 1..5", "true"),
        ("#{ a: 1, b: 2 }.len()", "2"),
        ("#{ a: 1 }.contains(\"a\")", "true"),
        ("\"a\" in #{ a: 1 }", "true"),
        (
            "let m = #{ b: 1, a: 2 }; m.keys()[0] + to_string(m.values()[1])",
            "a1",
        ),
        ("\"退款\".len()", "2"),
        (
            "\"abc\".starts_with(\"ab\") && \"abc\".ends_with(\"bc\") && \"b\" in \"abc\"",
            "true",
        ),
        ("\"\".is_empty()", "true"),
        ("abs(-3) + min(1, 2) + max(1, 2)", "6"),
        ("to_string(7) + `-${facts.booked}`", "7-2026-01-31"),
        ("switch facts.event { \"arrival\" => 1, _ => 2 }", "1"),
        ("switch 150 { 0..100 => 1, 100..200 => 2, _ => 3 }", "2"),
    ] {
        assert_eq!(shown(expression), expected, "{expression}");
    }
}

#[test]
fn constants_are_seen_by_every_function() {
    let source = "const RATE = 50; const CAP = money(\"10.00 EUR\").percent(RATE);
         const NAMES = [\"arrival\", \"cancellation\"];
         fn capped(sum) { min(sum, CAP) }
         fn remedy(facts) {
             if !(facts.event in NAMES) { return refuse(\"no\"); }
             let all = [money(\"9.00 EUR\")].map(|x| capped(x));
             grant([cash(all[0])])
         }";
    assert!(format!("{:?}", proposal(source)).contains("5.00 EUR"));
    let shadowed = "const CAP = 1; fn remedy(facts) { let CAP = 2; units(\"x\", CAP); grant([units(\"x\", CAP)]) }";
    assert!(format!("{:?}", proposal(shadowed)).contains("count: 2"));
    let changed = compile("const CAP = 1; fn remedy(facts) { CAP = 2; grant([]) }");
    assert!(
        changed.is_err()
            || run("const CAP = 1; fn remedy(facts) { CAP = 2; grant([]) }")
                .proposal
                .is_err()
    );
}

#[test]
fn a_function_named_like_ours_is_the_policy_s_own() {
    let source =
        "fn cash(sum) { voucher(sum) } fn remedy(facts) { grant([cash(money(\"1.00 EUR\"))]) }";
    assert!(format!("{:?}", proposal(source)).contains("voucher"));
    let forged = "fn grant(list) { list } fn remedy(facts) { grant([1]) }";
    assert!(matches!(fault(forged), Fault::BadAnswer { .. }));
    let money = "fn money(text) { 9999 } fn remedy(facts) { grant([cash(money(\"1.00 EUR\"))]) }";
    assert!(matches!(fault(money), Fault::Failed { .. }));
}
