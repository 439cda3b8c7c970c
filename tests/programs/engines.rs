//! A program in both engines, on facts that nobody chose.

use std::path::Path;
use std::sync::Arc;

use redress::source::{ReleaseSource, SourceFolder};
use redress::{AdmitLimits, Budget, Case};
use redress_compiler::ir::{Limits, Program};
use redress_compiler::syntax::{Lines, parse};
use redress_compiler::{Environment, Severity, check, wasm};
use redress_model::{FactType, Facts, Hold, Verdict, Warnings};
use redress_sandbox::rhai::{RhaiPolicy, list_items_max, text_bytes_max};
use redress_sandbox::wasm::limits::HostLimits;
use redress_sandbox::wasm::{CompiledPolicy, WasmHost};
use redress_sandbox::{Run, Sandbox};
use serde_json::{Value, json};

use crate::random::Random;

const BUDGET: Budget = Budget::STANDARD;

/// The schema and the tables that programs are written for, and what runs them.
pub(crate) struct Engines {
    source: ReleaseSource,
    host: WasmHost,
    limits: Limits,
}

/// A program ready to run.
pub(crate) struct Pair {
    rhai: RhaiPolicy,
    compiled: CompiledPolicy,
}

/// Why a program does not run in both.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// It lies outside of the subset, or is wrong.
    Refused(String),
    /// It could come past a limit of the interpreter, to which it is left, or is past the
    /// compiler's own of nesting.
    Left,
}

/// Where both part.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) facts: Facts,
    pub(crate) warnings: Warnings,
    pub(crate) interpreted: Run,
    pub(crate) compiled: Run,
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::Left => f.write_str("a run could come past a limit"),
        }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "interpreted {:?}", self.interpreted)?;
        writeln!(f, "compiled    {:?}", self.compiled)?;
        let values: Vec<_> = self.facts.iter().collect();
        write!(f, "on {values:?}, {:?}", self.warnings)
    }
}

impl Engines {
    pub(crate) fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("../host-bindings/guest/sample/parcels/1.0.0");
        let source = SourceFolder::read(&folder).unwrap();
        let limits = Limits {
            steps_max: BUDGET.steps_max,
            memory_bytes_max: BUDGET.memory_bytes_max,
            call_depth_max: BUDGET.call_depth_max,
            output_bytes_max: BUDGET.output_bytes_max.into(),
            list_items_max: list_items_max(&BUDGET, source.schema()),
            text_bytes_max: text_bytes_max(&BUDGET, source.schema()),
        };
        Self {
            source,
            host: WasmHost::new(HostLimits::STANDARD).unwrap(),
            limits,
        }
    }

    /// What a program means.
    pub(crate) fn program(&self, text: &str) -> Result<Program, Unfit> {
        let environment = Environment {
            schema: self.source.schema(),
            tables: self.source.tables(),
            sentences: None,
            declared: None,
            needs: None,
            limits: self.limits,
        };
        let checked = check(&parse(text), environment);
        checked.program.ok_or_else(|| {
            let said = checked.diagnostics.iter();
            let mut said = said.filter(|said| said.severity != Severity::Warning);
            match said.next() {
                Some(said) if said.message == "this is nested too deeply" => Unfit::Left,
                Some(said) => {
                    let place = said.position(&Lines::new(text));
                    Unfit::Refused(format!("{place}: {}", said.message))
                }
                None => Unfit::Refused(String::new()),
            }
        })
    }

    /// The interpreter on a text, the compiled form of a program beside it.
    pub(crate) fn pair(&self, text: &str, program: &Program) -> Result<Pair, Unfit> {
        let (schema, tables) = (self.source.schema(), self.source.tables());
        let rounding = self.source.manifest().rounding;
        let made = wasm::compile(
            program,
            &Lines::new(text),
            schema,
            tables,
            rounding,
            &self.limits,
        );
        let made = made.map_err(|_| Unfit::Left)?;
        let rhai = RhaiPolicy::compile(
            text,
            Arc::clone(schema),
            Arc::clone(tables),
            rounding,
            BUDGET,
        );
        let rhai = rhai.map_err(|error| Unfit::Refused(format!("the interpreter: {error}")))?;
        let compiled = CompiledPolicy::compile(
            &self.host,
            &made.module,
            made.report,
            schema,
            Arc::clone(tables),
            rounding,
            BUDGET,
        );
        let compiled = compiled.map_err(|error| Unfit::Refused(format!("the module: {error}")))?;
        Ok(Pair { rhai, compiled })
    }

    /// Facts of which some are unknown and some lie at an end.
    fn facts(&self, random: &mut Random) -> Facts {
        let mut facts = json!({});
        for fact in self.source.schema().facts() {
            if random.once_in(7) {
                continue;
            }
            let value = value(random, &fact.ty);
            match fact.name.split_once('.') {
                Some((group, name)) => facts[group][name] = value,
                None => facts[fact.name.as_str()] = value,
            }
        }
        let case = json!({
            "id": "c", "incident_date": "2026-02-01", "event": "e", "claimant": {"id": "p"},
            "stage": "facts_recorded", "facts": facts,
        });
        let bytes = serde_json::to_vec(&case).unwrap();
        let case = Case::admit(&bytes, self.source.schema(), AdmitLimits::STANDARD);
        case.unwrap_or_else(|error| panic!("{error}: {facts}"))
            .facts
    }

    /// Where both part on so many inputs; how each run ended is counted.
    pub(crate) fn compare(
        &self,
        pair: &Pair,
        seed: u64,
        inputs: u64,
        seen: &mut Seen,
    ) -> Option<Box<Difference>> {
        let mut random = Random(seed ^ 0x5eed);
        for _ in 0..inputs {
            let facts = self.facts(&mut random);
            let warnings = Warnings {
                repeats: u32::try_from(random.below(4)).unwrap(),
                like_cases: u32::try_from(random.below(12)).unwrap(),
                burst: u32::try_from(random.below(3)).unwrap(),
            };
            let interpreted = pair.rhai.propose(&facts, &warnings);
            let compiled = pair.compiled.propose(&facts, &warnings);
            seen.take(&interpreted);
            let came_to_its_end = match &interpreted.proposal {
                Ok(proposal) => !matches!(proposal.verdict, Verdict::Hold(Hold::UnknownFact(_))),
                Err(_) => false,
            };
            let same_steps = interpreted.usage.steps == compiled.usage.steps;
            if interpreted.proposal != compiled.proposal || (came_to_its_end && !same_steps) {
                return Some(Box::new(Difference {
                    facts,
                    warnings,
                    interpreted,
                    compiled,
                }));
            }
        }
        None
    }
}

/// How runs ended.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) granted: u64,
    pub(crate) refused: u64,
    pub(crate) unknown: u64,
    pub(crate) asked: u64,
    pub(crate) failed: u64,
}

impl Seen {
    fn take(&mut self, run: &Run) {
        *match &run.proposal {
            Ok(proposal) => match &proposal.verdict {
                Verdict::Grant(_) => &mut self.granted,
                Verdict::Refuse(_) => &mut self.refused,
                Verdict::Hold(Hold::UnknownFact(_)) => &mut self.unknown,
                Verdict::Hold(Hold::Asked(_)) => &mut self.asked,
            },
            Err(_) => &mut self.failed,
        } += 1;
    }
}

fn value(random: &mut Random, ty: &FactType) -> Value {
    match ty {
        FactType::Bool => json!(random.once_in(2)),
        FactType::Int { min, max } => {
            let small = i64::try_from(random.below(24)).unwrap() - 3;
            let any = random.next().cast_signed();
            let chosen = *random.one_of(&[small, small, small, small, *min, *max, any]);
            json!(chosen.clamp(*min, *max))
        }
        FactType::Enum(values) => json!(random.one_of(values).as_str()),
        FactType::Text { .. } => {
            json!(random.one_of(&[
                "northwind",
                "wind",
                "A",
                "a",
                "two words",
                "户口本",
                "points"
            ]))
        }
        FactType::Date => json!(random.one_of(&[
            "2026-01-01",
            "2025-12-31",
            "2020-02-29",
            "9999-12-31",
            "1999-07-04",
        ])),
        FactType::DateTime => json!(random.one_of(&[
            "2026-01-01T00:00:00Z",
            "2026-01-01T03:30:00Z",
            "2026-01-01T01:15:00Z",
            "2025-12-31T23:59:59Z",
            "2026-03-29T01:30:00Z",
        ])),
        FactType::Money { currency, .. } => {
            let sums = [
                "0.00",
                "0.01",
                "40.00",
                "4.99",
                "999.95",
                "90000000000000000.00",
            ];
            let other = currency.is_none() && random.once_in(5);
            let currency = if other { "CNY" } else { "EUR" };
            json!(format!("{} {currency}", random.one_of(&sums)))
        }
        FactType::List { item, .. } => {
            let count = random.below(4);
            (0..count).map(|_| value(random, item)).collect()
        }
    }
}

impl Seen {
    pub(crate) fn add(&mut self, other: &Self) {
        self.granted += other.granted;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.asked += other.asked;
        self.failed += other.failed;
    }
}
