//! Modules that lie, loop, reach out and fall over, as readable text in `wat`.
//!
//! Each either is refused when it is loaded, or runs into a fault; none pays.

mod arithmetic;
mod load;
mod run;
mod sample;

use std::path::Path;
use std::sync::LazyLock;

use redress_model::admit::FactsBuilder;
use redress_model::fault::FaultCode;
use redress_model::table::Tables;
use redress_model::{
    Code, Facts, Proposal, Reason, Rounding, Route, Schema, Slot, Verdict, Warnings,
};

use super::limits::HostLimits;
use super::{WasmHost, WasmPolicy};
use crate::{Budget, PolicyError, Run, Sandbox};

/// Slots by name: 0 delay, 1 threat, 2 tone.
const SCHEMA: &str = r#"{"type":"object","properties":{
  "delay": {"type":"integer","minimum":0,"maximum":999,"x-unit":"minutes","x-class":"merit","x-direction":"higher_is_worse"},
  "threat": {"type":"boolean","x-class":"safety"},
  "tone": {"type":"string","enum":["calm","loud"],"x-class":"route"}
}}"#;

static HOST: LazyLock<WasmHost> =
    LazyLock::new(|| WasmHost::new(HostLimits::STANDARD).expect("the runtime starts"));

fn schema() -> Schema {
    Schema::compile(SCHEMA.as_bytes()).unwrap()
}

/// A module of `wat`, without custom sections.
fn module(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/wasm/tests/wat/{name}.wat"));
    wat::parse_file(path).unwrap()
}

/// Appends a custom section (WebAssembly 1.0, 5.5.3); all lengths here are below 128.
fn with_section(mut module: Vec<u8>, name: &str, data: &[u8]) -> Vec<u8> {
    let small = |length: usize| u8::try_from(length).unwrap();
    module.extend([0, small(1 + name.len() + data.len()), small(name.len())]);
    module.extend_from_slice(name.as_bytes());
    module.extend_from_slice(data);
    module
}

fn built(name: &str) -> Vec<u8> {
    with_section(module(name), "redress.schema", schema().digest().bytes())
}

struct Load {
    tables: Tables,
    rounding: Rounding,
    needs: Vec<Slot>,
    budget: Budget,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            tables: Tables::default(),
            rounding: Rounding::HalfUp,
            needs: Vec::new(),
            budget: Budget::STANDARD,
        }
    }
}

impl Load {
    fn compile(self, module: &[u8]) -> Result<WasmPolicy, PolicyError> {
        WasmPolicy::compile(
            &HOST,
            module,
            &schema(),
            &self.tables,
            self.rounding,
            self.needs,
            self.budget,
        )
    }
}

fn facts(known: &[(&str, &str)]) -> Facts {
    let schema = schema();
    let mut builder = FactsBuilder::new(&schema);
    for (name, text) in known {
        builder.text(schema.slot(name).unwrap(), text);
    }
    builder.finish().unwrap()
}

fn run(policy: &WasmPolicy) -> Run {
    let facts = facts(&[("delay", "240"), ("threat", "true"), ("tone", "loud")]);
    policy.propose(&facts, &Warnings::default())
}

fn refusal() -> Proposal {
    Proposal {
        verdict: Verdict::Refuse(vec![Reason::bare(Code::new("late").unwrap())]),
        tier: None,
        route: Route::default(),
    }
}

/// The module is refused when it is loaded, with these words.
#[track_caller]
fn refused(name: &str, words: &str) {
    let error = Load::default().compile(&built(name)).unwrap_err();
    assert_eq!(error.code(), "policy_invalid");
    let text = error.to_string();
    assert!(text.contains(words), "{name}: {text}");
}

/// The module loads, and its run ends in this fault, with these words.
#[track_caller]
fn faults(name: &str, code: FaultCode, words: &str) {
    let policy = Load::default().compile(&built(name)).unwrap();
    let run = run(&policy);
    let fault = run.proposal.expect_err(name);
    assert_eq!(fault.code(), code, "{name}: {fault}");
    assert!(fault.to_string().contains(words), "{name}: {fault}");
    assert!(run.usage.steps <= Budget::STANDARD.steps_max, "{name}");
}
