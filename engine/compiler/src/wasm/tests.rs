//! Every shipped policy is a valid module that imports nothing, and what cannot be bounded
//! is left to the interpreter. What modules answer is held to the interpreter where there is
//! one, in the tests of the whole engine.

use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use super::*;
use crate::check::tests::{LIMITS, release, releases, root};
use crate::check::{Environment, check};
use crate::syntax::parse;
use redress_release::ReleaseSource;

fn made(source: &str, release: &ReleaseSource) -> Result<Compiled, NotCompiled> {
    let environment = Environment {
        schema: release.schema(),
        tables: release.tables(),
        sentences: None,
        declared: None,
        needs: None,
        limits: LIMITS,
    };
    let checked = check(&parse(source), environment);
    let program = checked
        .program
        .unwrap_or_else(|| panic!("{:?}\n{source}", checked.diagnostics));
    let (schema, tables) = (release.schema(), release.tables());
    let rounding = release.manifest().rounding;
    compile(
        &program,
        &Lines::new(source),
        schema,
        tables,
        rounding,
        &LIMITS,
    )
}

#[track_caller]
fn check_valid(module: &[u8], what: &str) {
    let features = WasmFeatures::LIME1
        .difference(WasmFeatures::FLOATS)
        .difference(WasmFeatures::SATURATING_FLOAT_TO_INT)
        .difference(WasmFeatures::GC_TYPES);
    if let Err(error) = Validator::new_with_features(features).validate_all(module) {
        panic!("{what}: {error}");
    }
    for payload in Parser::new(0).parse_all(module) {
        assert!(
            !matches!(payload.unwrap(), Payload::ImportSection(_)),
            "{what}"
        );
    }
}

#[test]
fn every_shipped_policy_is_a_valid_module() {
    for release in releases() {
        let Some(script) = release.policy().rhai() else {
            continue;
        };
        let compiled = made(&script.text, &release).unwrap();
        check_valid(&compiled.module, &release.path().display().to_string());
        assert!(
            compiled.module.len() < 64 * 1024,
            "{} bytes",
            compiled.module.len()
        );
    }
}

#[test]
fn every_construct_is_a_valid_module() {
    let release = release(&root().join("host-bindings/guest/sample/parcels/1.0.0"));
    for body in [
        "let x = facts.maybe.tier ?? 1; refuse(\"a\")",
        "let n = 0; for i in 0..facts.days_late { if i == 3 { continue; } if i > 5 { break; } n += i; } grant([units(\"x\", n)])",
        "for (w, i) in facts.wishes { if i > 1 { return hold(\"a\"); } } refuse([\"a\", \"b\"])",
        "let l = []; l.push(units(\"x\", 1)); l += units(\"y\", 2); let m = l.with_item(0, units(\"z\", 3)); grant(m + [l[0], l[-1]])",
        "let o = facts.maybe.order_value; if o == () { return refuse(\"a\"); } grant([cash(o ?? money(\"1.00 EUR\"))])",
        "let x = switch facts.days_late { 1 | 2 => \"a\", 3..10 => \"b\", -1 if facts.insured => \"c\", _ => \"d\" }; refuse(x)",
        "let t = if facts.insured { facts.maybe.tone } else { () }; refuse(\"a\")",
        "if facts.insured && (facts.days_late > 1 || facts.days_late % 2 == 0) { refuse(\"a\") } else { hold(\"b\") }",
        "let d = facts.ordered_on.plus_days(3); grant([units(\"x\", days_between(d, facts.ordered_on)).because(\"y\", [d, -d.days_between(d)])])",
        "let s = -facts.order_value; grant([cash(max(s, money(\"1.00 EUR\")) - s * 2).because(\"x\", [s, 1 / facts.days_late, abs(-3)])])",
        "if \"a\" in facts.wishes || facts.cause !in [\"x\", facts.cause] || 3 in 1..5 { refuse(\"a\") } else { refuse(\"b\") }",
        "if facts.brand.starts_with(\"n\") && facts.brand.ends_with(\"d\") && facts.brand.contains(\"w\") && !facts.brand.is_empty() { refuse(\"a\") } else { grant([units(\"x\", facts.brand.len())]) }",
        "let total = money(\"0.00 EUR\"); for d in facts.damages { total += d; } grant([cash(total)])",
        "{ let y = 1; { refuse(\"a\") } }",
        "return if facts.insured { return refuse(\"a\") } else { hold(\"b\") };",
        "facts.days_late ?? 1; refuse(\"a\")",
        "switch facts.insured { true => return refuse(\"a\"), false => { return hold(\"b\"); } } refuse(\"c\")",
    ] {
        let source = format!(
            "fn remedy(facts) {{ {body} }} fn route(facts, w) {{ let r = route().queue(\"q\").priority(w.repeats + 1); if w.burst > 2 {{ r = r.within_days(3).since(\"complained_on\").oblige(\"x\"); }} r }}"
        );
        let environment = Environment {
            schema: release.schema(),
            tables: release.tables(),
            sentences: None,
            declared: None,
            needs: None,
            limits: LIMITS,
        };
        let checked = check(&parse(&source), environment);
        if checked.program.is_none() {
            eprintln!("{body}: {:?}", checked.diagnostics);
            continue;
        }
        check_valid(&made(&source, &release).unwrap().module, body);
    }
}

#[test]
fn what_could_come_past_a_limit_is_left_to_the_interpreter() {
    let release = release(&root().join("host-bindings/guest/sample/parcels/1.0.0"));
    let spin = "for i in 0..1000 { for j in 0..200 { } }";
    let source = format!("fn remedy(facts) {{ {spin} refuse(\"a\") }}");
    let error = made(&source, &release).unwrap_err();
    assert_eq!(error.code(), "compile_over_budget", "{error}");
}
