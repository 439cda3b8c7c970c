//! The sample policy of `host-bindings/guest/sample`, written in Rhai and in C: both
//! propose the same for every case, reasons, order and arguments included.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use redress_model::admit::AdmitLimits;
use redress_model::fault::FaultCode;
use redress_model::table::{CellType, Column, HitPolicy, Matcher, Row, Table, Tables};
use redress_model::{
    Case, Code, Currency, Date, Digest, Facts, Hold, Money, Proposal, Reason, Rounding, Schema,
    Value, Verdict, Warnings,
};
use serde_json::json;

use super::{HOST, WasmPolicy};
use crate::rhai::RhaiPolicy;
use crate::{Budget, Run, Sandbox};

struct Sample {
    schema: Arc<Schema>,
    rhai: RhaiPolicy,
    wasm: WasmPolicy,
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let schema = Arc::new(Schema::compile(&file("facts.schema.json")).unwrap());
    let tables = Arc::new(tables());
    let text = String::from_utf8(file("policy.rhai")).unwrap();
    let (rounding, budget) = (Rounding::HalfEven, Budget::STANDARD);
    let module = file("policy.wasm");
    Sample {
        rhai: RhaiPolicy::compile(
            &text,
            Arc::clone(&schema),
            Arc::clone(&tables),
            rounding,
            budget,
        )
        .unwrap(),
        wasm: WasmPolicy::compile(&HOST, &module, &schema, &tables, rounding, vec![], budget)
            .unwrap(),
        schema,
    }
});

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host-bindings/guest/sample/parcels/1.0.0")
}

pub(super) fn file(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

/// The tables of the sample. The module names their digest, so these are those of the folder.
fn tables() -> Tables {
    let code = |name: &str| Code::new(name).unwrap();
    let column = |name: &str, ty| Column {
        name: name.into(),
        ty,
    };
    let row = |matchers: Vec<Matcher>, outputs: Vec<Value>| Row {
        matchers: matchers.into(),
        outputs: outputs.into(),
    };
    let one_of = |name: &str| Matcher::OneOf([name.into()].into());
    let causes = ["wrong-address", "carrier", "warehouse", "customs"].map(Into::into);
    let any_number = CellType::Int {
        min: i64::MIN,
        max: i64::MAX,
    };
    let level = |days: Matcher, cause: Matcher, tier: &str, percent: i64| {
        let outputs = vec![Value::Text(tier.into()), Value::Int(percent)];
        row(vec![days, cause], outputs)
    };
    let lateness = Table::new(
        code("lateness"),
        HitPolicy::First,
        vec![
            column("days_late", any_number.clone()),
            column("cause", CellType::Enum(causes.into())),
        ],
        vec![
            column("tier", CellType::Text),
            column("percent", any_number),
        ],
        vec![
            level(Matcher::Ints(i64::MIN, 0), Matcher::Any, "none", 0),
            level(Matcher::Any, one_of("wrong-address"), "none", 0),
            level(Matcher::Ints(1, 3), Matcher::Any, "level_1", 5),
            level(Matcher::Ints(4, i64::MAX), one_of("customs"), "level_1", 7),
            level(Matcher::Ints(4, i64::MAX), Matcher::Any, "level_2", 15),
        ],
    );
    let day = |text: &str| text.parse::<Date>().unwrap();
    let euro = Currency::new("EUR").unwrap();
    let season = |from: &str, to: &str, insured, article: &str, minor, until: &str, doubled| {
        row(
            vec![Matcher::Dates(day(from), day(to)), Matcher::Bool(insured)],
            vec![
                Value::Text(article.into()),
                Value::Money(Money::new(minor, euro)),
                Value::Date(day(until)),
                Value::Bool(doubled),
            ],
        )
    };
    let (first, last) = ("2020-01-01", "9999-12-31");
    let seasons = Table::new(
        code("seasons"),
        HitPolicy::Unique,
        vec![
            column(
                "ordered_on",
                CellType::Date {
                    from: day(first),
                    to: day(last),
                },
            ),
            column("insured", CellType::Bool),
        ],
        vec![
            column("article", CellType::Text),
            column("sum", CellType::Money(euro)),
            column(
                "valid_until",
                CellType::Date {
                    from: day("0001-01-01"),
                    to: day(last),
                },
            ),
            column("doubled", CellType::Bool),
        ],
        vec![
            season(
                first,
                "2025-12-31",
                true,
                "§ 1 \"old\"",
                150,
                "2026-06-30",
                false,
            ),
            season(first, "2025-12-31", false, "§ 2", 0, "2026-06-30", false),
            season("2026-01-01", last, true, "§ 3", 999, "2030-12-31", true),
            season("2026-01-01", last, false, "§ 4 中", 1, "2030-12-31", true),
        ],
    );
    Tables::new([lateness.unwrap(), seasons.unwrap()]).unwrap()
}

fn admit(facts: &serde_json::Value) -> Facts {
    let case = json!({
        "id": "c", "incident_date": "2026-01-01", "event": "e",
        "claimant": {"id": "p"}, "stage": "facts_recorded", "facts": facts
    });
    let limits = AdmitLimits::STANDARD;
    Case::admit(case.to_string().as_bytes(), &SAMPLE.schema, limits)
        .unwrap()
        .facts
}

/// Runs both and expects one answer.
#[track_caller]
fn both(facts: &serde_json::Value, warnings: Warnings) -> Result<Proposal, FaultCode> {
    let admitted = admit(facts);
    let code = |run: Run| run.proposal.map_err(|fault| fault.code());
    let rhai = code(SAMPLE.rhai.propose(&admitted, &warnings));
    let wasm = code(SAMPLE.wasm.propose(&admitted, &warnings));
    assert_eq!(rhai, wasm, "{facts}");
    wasm
}

/// A value, rarely; or none at all, or `null`.
fn often(values: Vec<serde_json::Value>) -> impl Strategy<Value = serde_json::Value> {
    let known = prop::sample::select(values);
    prop_oneof![1 => Just(serde_json::Value::Null), 9 => known]
}

fn facts() -> impl Strategy<Value = serde_json::Value> {
    let money = |sums: &[&str]| sums.iter().map(|sum| json!(sum)).collect();
    let fields: Vec<(&str, Vec<serde_json::Value>)> = vec![
        (
            "days_late",
            [
                0,
                1,
                3,
                4,
                29,
                30,
                31,
                -5,
                i64::MAX,
                i64::MIN,
                92_233_720_368_547_758,
            ]
            .iter()
            .map(|days| json!(days))
            .collect(),
        ),
        (
            "order_value",
            money(&[
                "0.00 EUR",
                "0.10 EUR",
                "0.30 EUR",
                "33.33 EUR",
                "-1.10 EUR",
                "92233720368547758.07 EUR",
            ]),
        ),
        (
            "postage",
            money(&[
                "7 JPY",
                "0.35 EUR",
                "-0.45 EUR",
                "1.234 KWD",
                "92233720368547758.07 CNY",
            ]),
        ),
        (
            "damages",
            vec![
                json!([]),
                json!(["1.00 EUR"]),
                json!(["1.00 EUR", "2.50 EUR", "-3.50 EUR"]),
                json!(["1.00 EUR", "1.00 USD"]),
                json!(["92233720368547758.07 EUR", "0.01 EUR"]),
            ],
        ),
        (
            "share_points",
            [0, 1, 5, 50, 3333, 5000, 9999, 20_000, -5000]
                .iter()
                .map(|points| json!(points))
                .collect(),
        ),
        (
            "cause",
            ["carrier", "warehouse", "customs", "wrong-address"]
                .iter()
                .map(|cause| json!(cause))
                .collect(),
        ),
        (
            "wishes",
            vec![
                json!([]),
                json!(["points"]),
                json!(["return_label", "carrier", "points", "points"]),
            ],
        ),
        (
            "brand",
            vec![
                json!(""),
                json!("northwind"),
                json!("northwin"),
                json!("北风"),
            ],
        ),
        (
            "ordered_on",
            vec![
                json!("2019-12-31"),
                json!("2020-01-01"),
                json!("2025-12-31"),
                json!("2026-01-01"),
            ],
        ),
        (
            "promised_at",
            vec![json!("2026-03-01T12:00:00Z"), json!("0001-01-01T00:00:00Z")],
        ),
        ("insured", vec![json!(true), json!(false)]),
        ("tone", vec![json!("calm"), json!("angry")]),
        ("complained_on", vec![json!("2026-03-05")]),
        ("threat", vec![json!(true)]),
    ];
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    let replacement = (
        often(vec![json!(true), json!(false)]),
        often(vec![
            json!("2026-03-01T13:59:59Z"),
            json!("2026-03-02T12:00:00Z"),
            json!("2026-02-01T00:00:00Z"),
            json!("9999-12-30T00:00:00Z"),
        ]),
    );
    let values = values.into_iter().map(often).collect::<Vec<_>>();
    (values, replacement).prop_map(move |(values, (sent, arrived_at))| {
        let mut facts: serde_json::Map<_, _> = names
            .iter()
            .map(|name| (*name).to_owned())
            .zip(values)
            .collect();
        facts.insert(
            "replacement".into(),
            json!({"sent": sent, "arrived_at": arrived_at}),
        );
        facts.into()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn rhai_and_c_propose_the_same(
        facts in facts(),
        repeats in 0_u32..3,
        like_cases in prop::sample::select(vec![0, 9, 10, u32::MAX]),
        burst in 0_u32..2,
    ) {
        let _ = both(&facts, Warnings { repeats, like_cases, burst });
    }
}

/// A case that both policies grant everything in.
fn full() -> serde_json::Value {
    json!({
        "days_late": 31, "order_value": "33.30 EUR", "postage": "7 JPY",
        "damages": ["1.00 EUR", "2.50 EUR"], "share_points": 5000, "cause": "carrier",
        "wishes": ["return_label", "points"], "brand": "北风", "ordered_on": "2026-01-01",
        "promised_at": "2026-03-01T12:00:00Z", "insured": false, "tone": "angry",
        "complained_on": "2026-03-05",
        "replacement": {"sent": true, "arrived_at": "2026-03-01T14:30:00Z"}
    })
}

#[test]
fn the_sample_uses_everything() {
    let warnings = Warnings {
        repeats: 2,
        like_cases: 10,
        burst: 0,
    };
    let proposal = both(&full(), warnings).unwrap();
    let Verdict::Grant(remedies) = proposal.verdict else {
        panic!("{proposal:?}");
    };
    let kinds: Vec<_> = remedies.iter().map(|remedy| remedy.kind.as_str()).collect();
    let expected = [
        "voucher",
        "cash",
        "gift_card",
        "return_label",
        "points",
        "balance_credit",
        "cash",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(proposal.tier.unwrap().as_str(), "level_2");
    assert_eq!(proposal.route.obligations.len(), 1);
    let deadline = proposal.route.deadline.unwrap();
    assert_eq!(deadline.count, 3);
}

#[test]
fn the_first_unknown_fact_that_is_reached_is_named() {
    for (unknown, held) in [
        ("cause", Some("cause")),
        ("days_late", Some("days_late")),
        ("brand", Some("brand")),
        ("order_value", Some("order_value")),
        ("insured", Some("insured")),
        ("postage", Some("postage")),
        ("promised_at", Some("promised_at")),
        ("tone", Some("tone")),
        ("share_points", None),
        ("damages", None),
        ("complained_on", None),
        ("threat", None),
    ] {
        let mut facts = full();
        facts[unknown] = serde_json::Value::Null;
        let proposal = both(&facts, Warnings::default()).unwrap();
        let found = match proposal.verdict {
            Verdict::Hold(Hold::UnknownFact(slot)) => {
                Some(SAMPLE.schema.fact(slot).unwrap().name.to_string())
            }
            _ => None,
        };
        assert_eq!(found.as_deref(), held, "{unknown}");
    }
    let mut facts = full();
    facts["replacement"]["arrived_at"] = serde_json::Value::Null;
    facts["order_value"] = "92233720368547758.07 EUR".into();
    let verdict = both(&facts, Warnings::default()).unwrap().verdict;
    let slot = SAMPLE.schema.slot("replacement.arrived_at").unwrap();
    assert_eq!(verdict, Verdict::Hold(Hold::UnknownFact(slot)));
}

#[test]
fn an_overflow_pays_nothing_in_either() {
    let mut facts = full();
    facts["damages"] = json!(["92233720368547758.07 EUR", "0.01 EUR"]);
    assert_eq!(both(&facts, Warnings::default()), Err(FaultCode::Failed));
    facts["damages"] = json!(["1.00 EUR", "1.00 USD"]);
    assert_eq!(both(&facts, Warnings::default()), Err(FaultCode::Failed));
    facts["damages"] = json!([]);
    facts["days_late"] = i64::MAX.into();
    assert_eq!(both(&facts, Warnings::default()), Err(FaultCode::Failed));
}

#[test]
fn a_hold_that_the_policy_asks_for_is_the_same() {
    let mut facts = full();
    facts["insured"] = false.into();
    facts["brand"] = "northwind".into();
    let verdict = both(&facts, Warnings::default()).unwrap().verdict;
    let papers = Reason::bare(Code::new("insurance_papers").unwrap());
    assert_eq!(verdict, Verdict::Hold(Hold::Asked(papers)));
}

/// The module that is committed is the one that its source was built to.
#[test]
fn the_module_is_built_from_the_source_beside_it() {
    let readme = String::from_utf8(file("README.md")).unwrap();
    for name in ["guest/policy.c", "policy.wasm"] {
        let line = format!("| `{name}` | `{}` |", Digest::of(&file(name)));
        assert!(readme.contains(&line), "README.md lacks {line}");
    }
}
