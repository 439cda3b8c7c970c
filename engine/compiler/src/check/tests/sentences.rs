//! Arguments of reasons, held against the places of their sentences.

use redress_model::ReasonArgType;

use super::*;

/// A place of a sentence, with the type that it declares.
type Place = (usize, Option<ReasonArgType>);

/// Sentences of these codes in two languages, each with its places.
fn worded(sentences: &[(&str, &[Place])]) -> Sentences {
    let sentences = sentences.iter().map(|(code, places)| {
        let of_code = SentencePlaces {
            languages: vec!["en".into(), "zh".into()],
            places: places.iter().copied().collect(),
        };
        (SmolStr::new(code), of_code)
    });
    sentences.collect()
}

/// Everything that is told of the body of `remedy`, as rule, line, column and message.
fn told(body: &str, sentences: &Sentences) -> (Vec<String>, bool) {
    let release = release(&root().join("host-bindings/guest/sample/parcels/1.0.0"));
    let source = format!("fn remedy(facts) {{\n{body}\n}}\n");
    let checked = checked(&source, &release, Some(sentences));
    let lines = Lines::new(&source);
    let said = checked.diagnostics.iter().map(|said| {
        let at = said.position(&lines);
        format!("{}:{} {}", at.line, said.rule.code(), said.message)
    });
    (said.collect(), checked.program.is_some())
}

#[track_caller]
fn check(body: &str, sentences: &Sentences, expected: &[&str]) {
    assert_eq!(told(body, sentences).0, expected, "{body}");
}

const FOUR: &str = "money(\"4.00 EUR\")";

#[test]
fn a_sentence_without_its_arguments_is_an_error() {
    let sentences = worded(&[("late", &[(0, None), (3, None)])]);
    let because = |args: &str| format!("grant([cash({FOUR}).because(\"late\"{args})])");
    let problem = "2:sentence_arguments the sentence `late` (en, zh) has";
    check(
        &because(", [facts.days_late]"),
        &sentences,
        &[&format!("{problem} {{3}}, and 1 argument is given")],
    );
    check(
        &because(""),
        &sentences,
        &[&format!(
            "{problem} {{0}} and {{3}}, and no argument is given"
        )],
    );
    let by = |call: &str| format!("{problem} {{0}} and {{3}}, and no argument is given: {call}");
    for call in ["refuse", "hold"] {
        let told = told(&format!("{call}(\"late\")"), &sentences);
        let expected = by(call);
        assert_eq!(told.0.len(), 1, "{told:?}");
        assert!(expected.starts_with(&told.0[0]), "{told:?}");
        assert!(!told.1, "a mistake is no program");
    }
}

#[test]
fn an_argument_that_no_sentence_names_is_a_warning() {
    let sentences = worded(&[("late", &[(0, None)]), ("plain", &[])]);
    let body = format!("grant([cash({FOUR}).because(\"late\", [facts.days_late, 7])])");
    let unused = "2:unused_argument no sentence of `late` has {1}, so nobody reads this";
    assert_eq!(told(&body, &sentences), (vec![unused.to_owned()], true));
    // One of the two that it can be has a place for it.
    let body = format!(
        "let why = if facts.insured {{ \"late\" }} else {{ \"plain\" }};\ngrant([cash({FOUR}).because(why, [facts.days_late])])"
    );
    check(&body, &sentences, &[]);
}

#[test]
fn an_argument_of_another_type_is_an_error() {
    let declared = worded(&[("late", &[(0, Some(ReasonArgType::Money))])]);
    let body = format!("grant([cash({FOUR}).because(\"late\", [facts.days_late])])");
    check(
        &body,
        &declared,
        &[
            "2:sentence_arguments the sentence `late` (en, zh) takes a sum of money for {0}, and this is an integer",
        ],
    );
    check(
        &body,
        &worded(&[("late", &[(0, Some(ReasonArgType::Int))])]),
        &[],
    );
    let twice = format!(
        "if facts.insured {{ return grant([cash({FOUR}).because(\"late\", [facts.days_late])]); }}\ngrant([cash({FOUR}).because(\"late\", [{FOUR}])])"
    );
    check(
        &twice,
        &worded(&[("late", &[(0, None)])]),
        &[
            "3:sentence_arguments {0} of the sentence `late` (en, zh) is an integer in line 2, and a sum of money here",
        ],
    );
}

#[test]
fn a_code_is_followed_through_variables_branches_and_lists() {
    let sentences = worded(&[("late", &[(0, None)]), ("plain", &[])]);
    let problem = "the sentence `late` (en, zh) has {0}, and no argument is given";
    for (body, line) in [
        ("refuse([\"plain\",\n\"late\"])", 3),
        (
            "refuse(if facts.insured { \"late\" } else { \"plain\" })",
            2,
        ),
        (
            "refuse(switch facts.cause { \"carrier\" => \"plain\", _ => \"late\" })",
            2,
        ),
        ("let why = \"late\";\nrefuse(why)", 2),
        (
            "let why = \"plain\";\nif facts.insured { why = \"late\"; }\nrefuse(why)",
            3,
        ),
    ] {
        check(
            body,
            &sentences,
            &[&format!("{line}:sentence_arguments {problem}")],
        );
    }
}

#[test]
fn arguments_are_held_against_sentences_in_what_does_not_compile_too() {
    let sentences = worded(&[("late", &[(0, None)])]);
    let body = "let all = [1].map(|x| x);\nrefuse(\"late\")";
    let (said, _) = told(body, &sentences);
    assert!(
        said.iter().any(|said| said.contains("outside_subset")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|said| said.starts_with("3:sentence_arguments")),
        "{said:?}"
    );
    // A list that is not written out may have any number of arguments.
    let body =
        format!("let args = [facts.days_late];\ngrant([cash({FOUR}).because(\"late\", args)])");
    let (said, _) = told(&body, &sentences);
    assert!(
        !said.iter().any(|said| said.contains("sentence_arguments")),
        "{said:?}"
    );
}

#[test]
fn values_that_never_meet_are_mistakes() {
    let none = Sentences::new();
    check(
        "if facts.days_late > \"3\" { refuse(\"a\") } else { refuse(\"b\") }",
        &none,
        &["2:wrong_type an integer cannot be compared with a text here"],
    );
    check(
        "if (facts.maybe.days_late ?? \"x\") == 3 { refuse(\"a\") } else { refuse(\"b\") }",
        &none,
        &["2:wrong_type this stands in for an integer, and is a text"],
    );
}

#[test]
fn a_name_that_is_worked_out_is_named_with_what_to_write() {
    let body = "let k = \"days_late\";\nif facts[k] > 3 { refuse(\"a\") } else { refuse(\"b\") }";
    let message = "a fact whose name is worked out, in `[ ]`, does not compile";
    check(
        body,
        &Sentences::new(),
        &[&format!("3:outside_subset {message}")],
    );
}

#[test]
fn a_code_is_followed_through_functions_and_parameters() {
    let sentences = worded(&[("late", &[(0, None)]), ("plain", &[])]);
    let problem = "the sentence `late` (en, zh) has {0}, and no argument is given";
    for (body, line) in [
        // The value of a function, and what it returns early.
        ("refuse(why())\n}\nfn why() { \"late\"", 4),
        (
            "refuse(why(facts.insured))\n}\nfn why(it) {\nif it { return \"late\"; }\n\"plain\"",
            5,
        ),
        // What a function is given and gives back.
        ("refuse(same(\"late\"))\n}\nfn same(code) { code", 2),
        // What a function is given and gives to people itself.
        ("no(\"late\")\n}\nfn no(code) { refuse(code)", 2),
        (
            "no(\"late\")\n}\nfn no(code) { say(code) }\nfn say(code) { refuse(code)",
            2,
        ),
    ] {
        check(
            body,
            &sentences,
            &[&format!("{line}:sentence_arguments {problem}")],
        );
    }
    // Each call is followed with what it is given, and not with what others are.
    let body = format!(
        "if facts.insured {{ return refuse(same(\"plain\")); }}\ngrant([cash({FOUR}).because(same(\"late\"), [facts.days_late])])\n}}\nfn same(code) {{ code"
    );
    check(&body, &sentences, &[]);
    check(
        "refuse(why())\n}\nfn why() { \"plan\"",
        &sentences,
        &["4:unknown_code the reason `plan` has no sentence"],
    );
}
