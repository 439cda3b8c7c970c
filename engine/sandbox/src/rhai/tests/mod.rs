//! The sandbox for Rhai, tested through its door.

mod answers;
mod facts;
mod hostile;
mod language;
mod load;
mod session;

use std::sync::Arc;

use redress_model::admit::AdmitLimits;
use redress_model::fault::BudgetKind;
use redress_model::table::{CellType, Column, HitPolicy, Matcher, Row, Table, Tables};
use redress_model::{
    Case, Code, Currency, Facts, Fault, Hold, Money, Proposal, Remedy, Rounding, Schema, Slot,
    Value, Verdict, Warnings,
};

use super::{RhaiPolicy, limits};
use crate::{Budget, PolicyError, Run, Sandbox};

const SCHEMA: &str = r#"{
  "type": "object",
  "properties": {
    "distance_km": {"type":"integer","minimum":0,"maximum":20038,"x-class":"merit","x-direction":"higher_is_worse","x-unit":"km"},
    "delay_minutes": {"type":"integer","minimum":0,"maximum":10000,"x-class":"merit","x-direction":"higher_is_worse","x-unit":"minutes"},
    "fare": {"type":"string","format":"money","x-currency":"EUR","x-class":"merit","x-direction":"higher_is_worse"},
    "intra_eu": {"type":"boolean","x-class":"gate"},
    "event": {"type":"string","enum":["arrival","cancellation"],"x-class":"gate"},
    "booked": {"type":"string","format":"date","x-class":"gate"},
    "note": {"type":"string","maxLength":400,"x-class":"gate"},
    "seats": {"type":"array","items":{"type":"string","maxLength":8},"maxItems":5,"x-class":"gate"},
    "reroute": {"type":"object","properties":{
      "offered": {"type":"boolean","x-class":"gate"},
      "arrives": {"type":"string","format":"date-time","x-class":"gate"},
      "tone": {"type":"string","enum":["calm","loud"],"x-class":"route"}
    }},
    "hotel": {"type":"object","properties":{
      "nights": {"type":"integer","minimum":0,"maximum":30,"x-class":"merit","x-direction":"higher_is_worse","x-unit":"nights"},
      "offered": {"type":"boolean","x-class":"gate"}
    }},
    "followers": {"type":"integer","minimum":0,"maximum":1000000000,"x-class":"route","x-unit":"people"},
    "agent_rank": {"type":"integer","minimum":0,"maximum":9,"x-class":"actor","x-unit":"rank"},
    "threat": {"type":"boolean","x-class":"safety"},
    "religion": {"type":"string","maxLength":40,"x-class":"forbidden"}
  }
}"#;

/// Every fact but `note`, `hotel.nights`, `hotel.offered` and the ones no policy reads.
const FACTS: &str = r#"{"distance_km":540,"delay_minutes":200,"fare":"99.00 EUR","intra_eu":true,
  "event":"arrival","booked":"2026-01-31","seats":["1A","1B"],
  "reroute":{"offered":true,"arrives":"2026-03-01T10:00:00Z","tone":"loud"},
  "followers":50000,"agent_rank":2,"threat":true,"religion":"none"}"#;

fn schema() -> Arc<Schema> {
    Arc::new(Schema::compile(SCHEMA.as_bytes()).unwrap())
}

fn facts_of(json: &str) -> Facts {
    let case = format!(
        r#"{{"id":"c","incident_date":"2026-03-01","event":"e","claimant":{{"id":"p"}},
            "stage":"facts_recorded","facts":{json}}}"#
    );
    let case = Case::admit(case.as_bytes(), &schema(), AdmitLimits::STANDARD);
    case.unwrap().facts
}

fn facts() -> Facts {
    facts_of(FACTS)
}

fn slot(name: &str) -> Slot {
    schema().slot(name).unwrap()
}

fn tables() -> Arc<Tables> {
    let euro = Currency::new("EUR").unwrap();
    let row = |from, to, minor, article: &str| Row {
        matchers: [Matcher::Ints(from, to), Matcher::Any].into(),
        outputs: [
            Value::Money(Money::new(minor, euro)),
            Value::Text(article.into()),
        ]
        .into(),
    };
    let column = |name: &str, ty| Column {
        name: name.into(),
        ty,
    };
    let compensation = Table::new(
        Code::new("compensation").unwrap(),
        HitPolicy::Unique,
        vec![
            column(
                "distance_km",
                CellType::Int {
                    min: 0,
                    max: 20_038,
                },
            ),
            column("intra_eu", CellType::Bool),
        ],
        vec![
            column("amount", CellType::Money(euro)),
            column("article", CellType::Text),
        ],
        vec![
            row(0, 1_500, 25_000, "7_1_a"),
            row(1_501, 3_500, 40_000, "7_1_b"),
            row(3_501, 20_038, 60_000, "7_1_c"),
        ],
    );
    Arc::new(Tables::new([compensation.unwrap()]).unwrap())
}

fn compile_within(source: &str, budget: Budget) -> Result<RhaiPolicy, PolicyError> {
    RhaiPolicy::compile(source, schema(), tables(), Rounding::HalfUp, budget)
}

fn compile(source: &str) -> Result<RhaiPolicy, PolicyError> {
    compile_within(source, Budget::STANDARD)
}

#[track_caller]
fn run_within(source: &str, budget: Budget) -> Run {
    let policy = compile_within(source, budget).unwrap_or_else(|e| panic!("{e}\n{source}"));
    policy.propose(&facts(), &Warnings::default())
}

#[track_caller]
fn run(source: &str) -> Run {
    run_within(source, Budget::STANDARD)
}

#[track_caller]
fn proposal(source: &str) -> Proposal {
    run(source)
        .proposal
        .unwrap_or_else(|e| panic!("{e}\n{source}"))
}

#[track_caller]
fn fault(source: &str) -> Fault {
    run(source).proposal.unwrap_err()
}

/// The fault of a `remedy` with this body, as text.
#[track_caller]
fn body_fault(body: &str) -> String {
    fault(&format!("fn remedy(facts) {{ {body} }}")).to_string()
}

/// The remedies of a `remedy` with this body.
#[track_caller]
fn remedies(body: &str) -> Vec<Remedy> {
    match proposal(&format!("fn remedy(facts) {{ {body} }}")).verdict {
        Verdict::Grant(remedies) => remedies,
        other => panic!("{other:?}"),
    }
}

/// Runs an expression and shows its value, an integer, a boolean or a text.
#[track_caller]
fn shown(expression: &str) -> String {
    let body = format!(
        "let value = {{ {expression} }}; grant([cash(money(\"1.00 EUR\")).because(\"value\", [`${{value}}`])])"
    );
    let args = &remedies(&body)[0].reasons[0].args;
    match &args[..] {
        [redress_model::ReasonArg::Text(text)] => text.to_string(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_held(source: &str, fact: &str) {
    let run = run(source);
    assert_eq!(
        run.proposal.unwrap().verdict,
        Verdict::Hold(Hold::UnknownFact(slot(fact))),
        "{source}"
    );
}

#[track_caller]
fn check_budget(run: &Run, expected: BudgetKind) {
    match &run.proposal {
        Err(Fault::BudgetExceeded {
            budget,
            limit,
            used,
        }) => {
            assert_eq!(*budget, expected);
            assert!(used > limit, "{used} of {limit}");
        }
        other => panic!("{other:?}"),
    }
}
