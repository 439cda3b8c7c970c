//! The release's script on Rhai alone: what a service would write that embeds
//! Rhai and nothing else.
//!
//! Tuned as Rhai's book advises: a raw engine with only the packages that the
//! script needs, the script parsed once and optimised, the facts a custom type
//! with getters (so that nothing is copied into a map), functions called on the
//! parsed script without evaluating its top level again, one engine per thread,
//! and no limits.

use std::rc::Rc;

use anyhow::{Context as _, Result, bail, ensure};
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, LogicPackage, Package as _,
};
use rhai::{AST, Array, CallFnOptions, Engine, EvalAltResult, ImmutableString, Scope};

use crate::flight::{Event, Flight};
use crate::plain::{self, Proposed, REASONS, Reasons, compensation};

/// Cents of a euro.
#[derive(Debug, Clone, Copy)]
struct Euro(i64);

/// The facts as the script sees them.
#[derive(Debug, Clone)]
struct Facts {
    flight: Rc<Flight>,
    event: ImmutableString,
}

/// A row of the table.
#[derive(Debug, Clone)]
struct Row {
    amount: Euro,
    reason: ImmutableString,
}

#[derive(Debug, Clone)]
struct Remedy {
    kind: &'static str,
    amount: Euro,
    claim: Option<ImmutableString>,
    reasons: Vec<(ImmutableString, Array)>,
}

/// What the script returned, still in Rhai's own values.
#[derive(Debug, Clone)]
pub struct Returned {
    tier: ImmutableString,
    remedies: Vec<Remedy>,
}

/// The script, parsed, in an engine of its own. Not shared between threads.
pub struct BareRhai {
    engine: Engine,
    script: AST,
}

/// The facts of a case, ready to be handed to the script.
#[derive(Debug, Clone)]
pub struct ReadyFacts(Facts);

impl ReadyFacts {
    /// Wraps a case once, as a service would keep it.
    #[must_use]
    pub fn new(flight: &Flight) -> Self {
        Self(Facts {
            event: flight.event.name().into(),
            flight: Rc::new(flight.clone()),
        })
    }
}

type Fallible<T> = Result<T, Box<EvalAltResult>>;

impl BareRhai {
    /// Registers what the script calls and parses it.
    ///
    /// # Errors
    /// When the script does not parse.
    pub fn new(script: &str) -> Result<Self> {
        let mut engine = Engine::new_raw();
        ArithmeticPackage::new().register_into_engine(&mut engine);
        LogicPackage::new().register_into_engine(&mut engine);
        BasicArrayPackage::new().register_into_engine(&mut engine);
        BasicIteratorPackage::new().register_into_engine(&mut engine);
        register_facts(&mut engine);
        register_money(&mut engine);
        register_remedies(&mut engine);
        register_table(&mut engine);
        let script = engine
            .compile(script)
            .context("the script does not parse")?;
        Ok(Self { engine, script })
    }

    /// Runs `remedy` on the facts of one case.
    ///
    /// # Errors
    /// When the script fails.
    pub fn run(&self, facts: &ReadyFacts) -> Result<Returned> {
        let options = CallFnOptions::new().eval_ast(false).rewind_scope(false);
        let returned = self.engine.call_fn_with_options::<Returned>(
            options,
            &mut Scope::new(),
            &self.script,
            "remedy",
            (facts.0.clone(),),
        );
        returned.map_err(|error| anyhow::anyhow!("{error}"))
    }

    /// Holds the script to the plain function.
    ///
    /// # Errors
    /// When a proposal differs.
    pub fn check(&self, flights: &[Flight]) -> Result<()> {
        for flight in flights {
            let proposed = self.run(&ReadyFacts::new(flight))?.read()?;
            ensure!(proposed == plain::propose(flight), "{flight:?}");
        }
        Ok(())
    }
}

impl Returned {
    /// The proposal in plain values, to be held against the plain function's.
    ///
    /// # Errors
    /// When the script returned something that the workload does not know.
    pub fn read(&self) -> Result<Proposed> {
        let mut proposed = Proposed {
            statutory_minor: 0,
            comfort_minor: 0,
            care_minor: 0,
            tier_percent: match self.tier.as_str() {
                "level_1" => 10,
                "level_2" => 25,
                "level_3" => 40,
                other => bail!("tier {other}"),
            },
            reasons: Reasons::default(),
        };
        for remedy in &self.remedies {
            let sum = match (remedy.kind, remedy.claim.as_deref()) {
                ("cash", Some("air_compensation")) => &mut proposed.statutory_minor,
                ("cash", None) => &mut proposed.comfort_minor,
                ("voucher", None) => &mut proposed.care_minor,
                other => bail!("remedy {other:?}"),
            };
            *sum += remedy.amount.0;
            for (code, args) in &remedy.reasons {
                ensure!(
                    args.is_empty() || code == "long_wait",
                    "arguments of {code}"
                );
                proposed.reasons.push_named(code)?;
            }
        }
        Ok(proposed)
    }
}

fn register_facts(engine: &mut Engine) {
    engine
        .register_get("event", |facts: &mut Facts| facts.event.clone())
        .register_get("distance_km", |facts: &mut Facts| facts.flight.distance_km)
        .register_get("delay_minutes", |facts: &mut Facts| {
            facts.flight.delay_minutes
        })
        .register_get("extraordinary", |facts: &mut Facts| {
            facts.flight.extraordinary
        })
        .register_get("passengers", |facts: &mut Facts| facts.flight.passengers)
        .register_get("ticket_price", |facts: &mut Facts| {
            Euro(facts.flight.ticket_price_minor)
        })
        .register_get("overnight", |facts: &mut Facts| facts.flight.overnight)
        .register_get("missed_connection", |facts: &mut Facts| {
            facts.flight.missed_connection
        })
        .register_get("care_given", |facts: &mut Facts| facts.flight.care_given);
}

fn register_table(engine: &mut Engine) {
    let reasons = REASONS.map(ImmutableString::from);
    engine
        .register_fn("table", move |name: &str, inputs: Array| -> Fallible<Row> {
            if name != "compensation" {
                return Err("not a table".into());
            }
            let [event, distance_km, delay_minutes] = inputs.as_slice() else {
                return Err("not three inputs".into());
            };
            let event = event.read_lock::<ImmutableString>();
            let event = event.and_then(|event| Event::from_name(&event));
            let event = event.ok_or("not an event")?;
            let (amount_minor, reason) =
                compensation(event, distance_km.as_int()?, delay_minutes.as_int()?);
            let reason = reasons.iter().find(|known| known.as_str() == reason);
            Ok(Row {
                amount: Euro(amount_minor),
                reason: reason.cloned().unwrap_or_default(),
            })
        })
        .register_get("amount", |row: &mut Row| row.amount)
        .register_get("reason", |row: &mut Row| row.reason.clone());
}

fn register_money(engine: &mut Engine) {
    engine
        .register_fn("money", |text: ImmutableString| -> Fallible<Euro> {
            let minor = text
                .strip_suffix(" EUR")
                .and_then(|number| number.split_once('.'))
                .and_then(|(major, cents)| {
                    let (major, cents): (i64, i64) = (major.parse().ok()?, cents.parse().ok()?);
                    major.checked_mul(100)?.checked_add(cents)
                });
            minor.map(Euro).ok_or_else(|| "not a sum".into())
        })
        .register_fn("*", |sum: Euro, factor: i64| -> Fallible<Euro> {
            sum.0
                .checked_mul(factor)
                .map(Euro)
                .ok_or_else(|| "overflow".into())
        })
        .register_fn("percent", |sum: Euro, percent: i64| -> Fallible<Euro> {
            let product = sum.0.checked_mul(percent);
            product
                .map(|product| Euro((product + 50) / 100))
                .ok_or_else(|| "overflow".into())
        })
        .register_fn("is_zero", |sum: Euro| sum.0 == 0);
}

fn register_remedies(engine: &mut Engine) {
    fn give(kind: &'static str, amount: Euro) -> Remedy {
        Remedy {
            kind,
            amount,
            claim: None,
            reasons: Vec::new(),
        }
    }
    engine
        .register_fn("cash", |amount: Euro| give("cash", amount))
        .register_fn("voucher", |amount: Euro| give("voucher", amount))
        .register_fn("statutory", |mut remedy: Remedy, code: ImmutableString| {
            remedy.claim = Some(code);
            remedy
        })
        .register_fn("because", |mut remedy: Remedy, code: ImmutableString| {
            remedy.reasons.push((code, Array::new()));
            remedy
        })
        .register_fn(
            "because",
            |mut remedy: Remedy, code: ImmutableString, args: Array| {
                remedy.reasons.push((code, args));
                remedy
            },
        )
        .register_fn(
            "grant_in_tier",
            |tier: ImmutableString, remedies: Array| -> Fallible<Returned> {
                let remedies = remedies
                    .into_iter()
                    .map(|remedy| remedy.try_cast::<Remedy>().ok_or("not a remedy"))
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(Returned { tier, remedies })
            },
        );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SCRIPT, flights};

    #[test]
    fn the_script_proposes_what_the_plain_function_does() {
        BareRhai::new(SCRIPT).unwrap().check(&flights()).unwrap();
    }
}
