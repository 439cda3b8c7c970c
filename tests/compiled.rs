//! Scripts compiled and interpreted: the same answers, the same failures in the same
//! places, the same count of steps.

use std::fs;
use std::path::{Path, PathBuf};

use redress::{Case, Engine, EngineLimits, Execution, Release, SandboxKind, Standing};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../host-bindings/guest/sample/parcels/1.0.0")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The sample release with another script, and without its module.
struct Sample {
    _root: tempfile::TempDir,
    path: PathBuf,
    engine: Engine,
}

impl Sample {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("parcels/1.0.0");
        copy(&sample(), &path);
        let manifest = fs::read_to_string(path.join("release.toml")).unwrap();
        let kept: Vec<&str> = manifest
            .lines()
            .filter(|line| {
                !["wasm", "needs", "run"]
                    .iter()
                    .any(|key| line.starts_with(key))
            })
            .collect();
        fs::write(path.join("release.toml"), kept.join("\n")).unwrap();
        Self {
            _root: root,
            path,
            engine: Engine::new(EngineLimits::STANDARD),
        }
    }

    fn load(&self, source: &str) -> Release {
        fs::write(self.path.join("policy.rhai"), source).unwrap();
        self.engine
            .load(&self.path)
            .unwrap_or_else(|e| panic!("{e}\n{source}"))
    }
}

const CASE: &str = r#"{"id":"c","incident_date":"2026-02-01","event":"e","claimant":{"id":"p"},
 "stage":"facts_recorded","facts":{"days_late":5,"order_value":"40.00 EUR","postage":"4.99 EUR",
 "damages":["1.00 EUR","2.50 EUR"],"cause":"carrier","wishes":["points","return_label"],
 "brand":"northwind","ordered_on":"2026-01-01","insured":true,"tone":"angry"}}"#;

fn decide(release: &Release, case: &Case, kind: SandboxKind) -> (Vec<u8>, Execution) {
    let release = release.with_sandbox(kind).unwrap();
    let actor = r#"{"id":"a","role":"agent","assurance":"authenticated"}"#;
    let actor = serde_json::from_str(actor).unwrap();
    let as_of = "2026-02-02T00:00:00Z".parse().unwrap();
    let decided = release.decide(case, &actor, &Standing::fresh(), as_of);
    (
        serde_json::to_vec(&decided.decision).unwrap(),
        decided.execution,
    )
}

#[track_caller]
fn check(sample: &Sample, source: &str) -> (Execution, Execution) {
    let release = sample.load(source);
    assert!(
        release.with_sandbox(SandboxKind::Compiled).is_some(),
        "{source}"
    );
    let case = release.admit(CASE.as_bytes()).unwrap();
    let (own, rhai) = decide(&release, &case, SandboxKind::Rhai);
    let (other, compiled) = decide(&release, &case, SandboxKind::Compiled);
    assert_eq!(
        String::from_utf8(own).unwrap(),
        String::from_utf8(other).unwrap(),
        "{source}"
    );
    assert_eq!(rhai.fault, compiled.fault, "{source}");
    (rhai, compiled)
}

#[test]
fn a_compiled_script_counts_the_interpreter_s_steps() {
    let sample = Sample::new();
    let mut wrong = Vec::new();
    for body in [
        "refuse(\"a\")",
        "let x = 1; refuse(\"a\")",
        "let x = facts.days_late; refuse(\"a\")",
        "let x = facts.maybe.days_late ?? 1; refuse(\"a\")",
        "let x = facts.maybe.replacement.sent ?? false; refuse(\"a\")",
        "let x = helper(1); refuse(\"a\")",
        "let x = seen(facts); refuse(\"a\")",
        "if facts.insured { refuse(\"a\") } else { refuse(\"b\") }",
        "let x = if facts.insured { 1 } else { 2 }; refuse(\"a\")",
        "if facts.insured { return refuse(\"a\"); } hold(\"b\")",
        "let x = switch facts.cause { \"carrier\" => 1, _ => 2 }; refuse(\"a\")",
        "switch facts.cause { \"carrier\" => refuse(\"a\"), _ => hold(\"b\") }",
        "switch facts.cause { \"carrier\" => { refuse(\"a\") } _ => hold(\"b\") }",
        "switch facts.days_late { 1..3 => hold(\"b\"), 3..9 => refuse(\"a\"), _ => hold(\"c\") }",
        "let x = facts.insured && facts.days_late > 3 && !false; refuse(\"a\")",
        "let x = (facts.insured || true) && (true && true); refuse(\"a\")",
        "let x = 1 + 2 * 3 - 4; x = x + 1; x += 2; refuse(\"a\")",
        "grant([cash(facts.order_value)])",
        "grant([because(cash(facts.order_value.percent(10)), \"r\", [facts.days_late, 2])])",
        "let l = [voucher(money(\"1.00 EUR\"))]; l = l + [service(\"x\")]; l.push(service(\"y\")); l += service(\"z\"); grant(l.with_item(0, service(\"w\")))",
        "let n = 0; for w in facts.wishes { n += 1; } for i in 0..3 { n += i; } grant([units(\"p\", n)])",
        "for (w, i) in facts.wishes { if i == 1 { break; } continue; } refuse(\"a\")",
        "for i in 0..3 { } refuse(\"a\")",
        "let row = table(\"lateness\", [facts.days_late, facts.cause]); grant_in_tier(row.tier, [cash(facts.order_value.percent(row.percent))])",
        "let x = facts.days_late in [1, 5]; let y = facts.days_late in 0..9; let z = facts.cause !in [facts.cause]; refuse(\"a\")",
        "let l = [1, 2]; let x = l[0] + l[x_of()]; refuse([\"a\", \"b\"])",
        "let d = days_between(facts.ordered_on, date(\"2026-02-01\")); let e = facts.ordered_on.plus_days(d); refuse(\"a\")",
        "{ let y = 1; } let z = { 2 }; refuse(\"a\")",
        "let x = -facts.days_late; let y = -1; let z = !facts.insured; refuse(\"a\")",
        "let x = -(100 ?? 7); let y = -(abs(3)); refuse(\"a\")",
        "let row = table(\"lateness\", [-(-(10)), \"carrier\"]); let y = -(-(10)); refuse(\"a\")",
        "let t = facts.maybe.tone_of_case(); refuse(\"a\")",
    ] {
        if body.contains("tone_of_case") {
            continue;
        }
        let source = format!(
            "fn helper(x) {{ x + 1 }} fn x_of() {{ 1 }} fn seen(facts) {{ facts.insured }}
             fn remedy(facts) {{ {body} }}"
        );
        let (rhai, compiled) = check(&sample, &source);
        if rhai.steps != compiled.steps {
            wrong.push(format!("{} and {}: {body}", rhai.steps, compiled.steps));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_compiled_script_fails_as_the_interpreter_does() {
    let sample = Sample::new();
    for (body, part) in [
        (
            "let x = facts.days_late / (facts.days_late - 5); refuse(\"a\")",
            "Division by zero",
        ),
        (
            "let x = facts.days_late % (facts.days_late - 5); refuse(\"a\")",
            "zero or overflow",
        ),
        (
            "let x = 9223372036854775807 + facts.days_late; refuse(\"a\")",
            "Addition overflow",
        ),
        (
            "let x = -9223372036854775807 - facts.days_late; refuse(\"a\")",
            "Subtraction overflow",
        ),
        (
            "let x = 9223372036854775807 * facts.days_late; refuse(\"a\")",
            "Multiplication overflow",
        ),
        (
            "let x = -9223372036854775807 - 1; let y = -x; refuse(\"a\")",
            "overflow",
        ),
        (
            "let x = -9223372036854775807 - 1; let y = x / -1; refuse(\"a\")",
            "Division overflow",
        ),
        (
            "let x = -9223372036854775807 - 1; let y = abs(x); refuse(\"a\")",
            "too large",
        ),
        (
            "grant([cash(money(\"92233720368547758.07 EUR\") + facts.order_value)])",
            "too large",
        ),
        (
            "grant([cash(facts.order_value * 9223372036854775807)])",
            "too large",
        ),
        (
            "grant([cash(facts.order_value.ratio(9223372036854775807, 1))])",
            "too large",
        ),
        (
            "grant([cash(facts.order_value.ratio(1, facts.days_late - 5))])",
            "divided by zero",
        ),
        (
            "grant([cash(facts.postage + money(\"1.00 CNY\"))])",
            "EUR and CNY are different currencies",
        ),
        (
            "if facts.postage < money(\"1.00 CNY\") { refuse(\"a\") } else { refuse(\"b\") }",
            "different currencies",
        ),
        (
            "let d = date(\"9999-12-31\").plus_days(facts.days_late); refuse(\"a\")",
            "9999",
        ),
        (
            "let d = facts.ordered_on.plus_days(9223372036854775807); refuse(\"a\")",
            "is not in the years",
        ),
        (
            "let row = table(\"seasons\", [date(\"1900-01-01\"), true]); refuse(row.article)",
            "out of range",
        ),
        (
            "let l = [1, 2]; let x = l[facts.days_late]; refuse(\"a\")",
            "out of bounds",
        ),
        (
            "let l = [1, 2].with_item(facts.days_late, 3); refuse(\"a\")",
            "there is no item 5 in 2",
        ),
        (
            "let c = if facts.insured { \"Not a code\" } else { \"a\" }; refuse(c)",
            "is not valid",
        ),
        (
            "grant([units(\"x\", 1).because(\"y\", [facts.brand]), service(if facts.insured { \"\" } else { \"a\" })])",
            "is not valid",
        ),
        ("let l = []; refuse(l)", "says why"),
        (
            "let x = 1;\n  let y = 2 +\n    (x / (x - 1)); refuse(\"a\")",
            "Division by zero",
        ),
        (
            "let l = []; for i in 0..20 { for j in 0..20 { l.push(service(\"x\")); } } grant(l)",
            "memory",
        ),
        (
            "let l = []; for i in 0..9 { l.push(service(\"x\")); } grant(l)",
            "",
        ),
        (
            "let r = service(\"x\"); for i in 0..17 { r = r.because(\"y\"); } grant([r])",
            "the policy's answer has",
        ),
    ] {
        let source = format!("fn remedy(facts) {{\n  {body}\n}}");
        let (rhai, _) = check(&sample, &source);
        let fault = rhai
            .fault
            .map(|fault| fault.to_string())
            .unwrap_or_default();
        assert!(fault.contains(part), "{body}: {fault}");
    }
    for (body, part) in [
        ("route().priority(warnings.burst)", "priority 0"),
        (
            "route().within_days(10001 + warnings.burst)",
            "not within 0 to 10,000",
        ),
        ("route().since(\"complained_on\")", "needs a span"),
        (
            "let r = route(); for i in 0..65 { r = r.oblige(\"x\"); } r",
            "the policy's answer has",
        ),
    ] {
        let source = format!(
            "fn remedy(facts) {{ refuse(\"a\") }}\nfn route(facts, warnings) {{\n  {body}\n}}"
        );
        let (rhai, _) = check(&sample, &source);
        let fault = rhai
            .fault
            .map(|fault| fault.to_string())
            .unwrap_or_default();
        assert!(fault.contains(part), "{body}: {fault}");
    }
}

#[test]
fn an_unknown_fact_holds_where_the_interpreter_reaches_it_first() {
    let sample = Sample::new();
    for body in [
        "let x = facts.order_value.percent(facts.share_points); refuse(\"a\")",
        "let x = facts.maybe.share_points ?? 1; refuse(\"a\")",
        "if facts.insured || facts.replacement.sent { refuse(\"a\") } else { hold(\"b\") }",
        "if facts.replacement.sent && facts.share_points > 1 { refuse(\"a\") } else { hold(\"b\") }",
        "grant([because(cash(facts.postage.basis_points(facts.share_points)), \"x\", [facts.promised_at.days_between(facts.replacement.arrived_at)])])",
        "let s = facts.postage.ratio(facts.share_points, hours_between(facts.promised_at, facts.promised_at)); refuse(\"a\")",
        "let t = if facts.maybe.share_points == () { facts.promised_at } else { facts.promised_at }; refuse(\"a\")",
    ] {
        check(&sample, &format!("fn remedy(facts) {{ {body} }}"));
    }
}

#[test]
fn what_does_not_compile_is_interpreted_unless_the_manifest_says_otherwise() {
    let sample = Sample::new();
    let source = "fn remedy(facts) { let l = [1, 2].map(|x| x + 1); grant([units(\"x\", l[0])]) }";
    let release = sample.load(source);
    assert_eq!(release.sandboxes(), [SandboxKind::Rhai]);
    let manifest = sample.path.join("release.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("[policy]", "[policy]\ncompiled = \"required\""),
    )
    .unwrap();
    let error = sample.engine.load(&sample.path).err().unwrap().to_string();
    assert!(error.contains("closure"), "{error}");
    let good = sample.load("fn remedy(facts) { grant([units(\"x\", 1)]) }");
    assert_eq!(good.sandboxes(), [SandboxKind::Compiled, SandboxKind::Rhai]);
}

#[test]
fn lists_that_can_hold_too_much_text_are_left_to_the_interpreter() {
    let sample = Sample::new();
    let schema = sample.path.join("facts.schema.json");
    let text = fs::read_to_string(&schema).unwrap();
    let long = text.replacen("\"maxLength\": 16", "\"maxLength\": 2000", 1);
    assert_ne!(text, long);
    fs::write(schema, long).unwrap();
    let script = |list: &str| {
        format!(
            "fn remedy(facts) {{ let all = {list}; if all.len() > 2 {{ refuse(\"carrier\") }} \
             else {{ refuse(\"customs\") }} }}"
        )
    };
    // One text of a fact is within the limit, whatever it is; three are not.
    let one = sample.load(&script("[facts.brand]"));
    assert!(one.with_sandbox(SandboxKind::Compiled).is_some());
    let three = sample.load(&script("[facts.brand, facts.brand, facts.brand]"));
    assert!(three.with_sandbox(SandboxKind::Compiled).is_none());
    assert_eq!(three.sandboxes(), [SandboxKind::Rhai]);
    // There the limit is held: two bytes for each of 2,000 characters, three times.
    let with = |brand: &str| CASE.replace("northwind", brand);
    let decided = |case: &str| {
        let case = three.admit(case.as_bytes()).unwrap();
        decide(&three, &case, SandboxKind::Rhai).1
    };
    assert_eq!(decided(CASE).fault, None);
    let fault = decided(&with(&"é".repeat(2_000))).fault.unwrap();
    assert!(fault.to_string().contains("8000"), "{fault}");
    // A manifest that insists on the compiled form is told why there is none.
    let manifest = fs::read_to_string(sample.path.join("release.toml")).unwrap();
    let required = manifest.replace(
        "rhai = \"policy.rhai\"",
        "rhai = \"policy.rhai\"\ncompiled = \"required\"",
    );
    fs::write(sample.path.join("release.toml"), required).unwrap();
    let refused = sample
        .engine
        .load(&sample.path)
        .err()
        .map(|error| error.to_string());
    let refused = refused.unwrap_or_default();
    assert!(
        refused.contains("24000 of at most 8000 bytes of texts in one list"),
        "{refused}"
    );
}

#[test]
fn an_engine_for_the_default_form_leaves_a_module_beside_a_script_alone() {
    let forms = |engine: Engine, path: &Path| {
        let release = engine.load(path).unwrap();
        release.sandboxes()
    };
    let engine = || Engine::new(EngineLimits::STANDARD);
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let both = policies.join("air/eu261/1.0.0");
    let (compiled, rhai) = (SandboxKind::Compiled, SandboxKind::Rhai);
    assert_eq!(forms(engine(), &both), [compiled, rhai, SandboxKind::Wasm]);
    let only = || engine().default_form_only();
    assert_eq!(forms(only(), &both), [compiled, rhai]);
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("parcels/1.0.0");
    copy(&sample(), &path);
    let manifest = fs::read_to_string(path.join("release.toml")).unwrap();
    let manifest = manifest.replace("[policy]\n", "[policy]\nrun = \"wasm\"\n");
    fs::write(path.join("release.toml"), manifest).unwrap();
    let [first, ..] = forms(only(), &path)[..] else {
        panic!("no form")
    };
    assert_eq!(first, SandboxKind::Wasm);
}
