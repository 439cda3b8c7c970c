//! `cel`: the decision as a set of expressions.
//!
//! CEL has no local names, so each step is an expression of its own whose value the
//! next ones read. Expressions are parsed once, the environment and its context are
//! built once, facts are wrapped beforehand, and names are answered by a resolver that
//! lends the values out, so that evaluation copies no fact; results are taken as values
//! of the interpreter (`resolve_val`) and not converted.

use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, Result, ensure};
use cel::common::types::{CelBool, CelInt, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value};
use redress_workload::plain::{self, Answer, Outcome, Reasons};
use redress_workload::{Flight, Role};

const EACH: &str = "event == 'delay' && delay_minutes < 180 ? 0
    : event == 'delay' && distance_km > 3500 && delay_minutes < 240 ? 30000
    : distance_km <= 1500 ? 25000
    : distance_km <= 3500 ? 40000
    : 60000";
const EXCUSED: &str = "extraordinary && event != 'denied_boarding'";
const STATUTORY: &str = "excused ? 0 : each_minor * passengers";
const PERCENT: &str =
    "(delay_minutes < 60 ? 2 : delay_minutes < 120 ? 5 : delay_minutes < 180 ? 10 : 15)
    + (overnight ? 10 : 0) + (missed_connection ? 10 : 0)";
const COMFORT: &str = "(ticket_price_minor * percent + 50) / 100";
const PROPOSED: &str = "comfort_minor + (care_given ? 0 : 1500 * passengers)";
const TIER_CAP: &str =
    "(ticket_price_minor * (percent <= 10 ? 10 : percent <= 25 ? 25 : 40) + 50) / 100";
const IN_TIER: &str = "proposed_minor <= tier_cap_minor ? proposed_minor : tier_cap_minor";
const GOODWILL: &str =
    "in_tier_minor <= 40000 - cap_used_minor ? in_tier_minor : 40000 - cap_used_minor";
const REQUIRED: &str = "goodwill_minor <= 5000 ? 0 : goodwill_minor <= 15000 ? 1 : 2";
const GRANTED: &str = "required <= role";
const REASONS: &str = "[excused ? 'extraordinary_circumstances'
      : event == 'cancellation' ? 'cancelled'
      : event == 'denied_boarding' ? 'denied_boarding'
      : delay_minutes < 180 ? 'below_three_hours'
      : 'late_arrival', 'long_wait']
    + (overnight ? ['overnight'] : [])
    + (missed_connection ? ['missed_connection'] : [])
    + (care_given || goodwill_minor <= comfort_minor ? [] : ['care_not_given'])";

/// The facts of a case as values of `cel`.
pub struct Facts {
    event: CelString<'static>,
    distance_km: CelInt,
    delay_minutes: CelInt,
    extraordinary: CelBool,
    passengers: CelInt,
    ticket_price_minor: CelInt,
    overnight: CelBool,
    missed_connection: CelBool,
    care_given: CelBool,
    cap_used_minor: CelInt,
    role: CelInt,
}

impl Facts {
    /// Wraps the facts of a case.
    ///
    /// # Errors
    /// Never for a case of the workload.
    pub fn new(flight: &Flight) -> Result<Self> {
        let role = Role::ALL.iter().position(|role| *role == flight.role);
        Ok(Self {
            event: flight.event.name().into(),
            distance_km: flight.distance_km.into(),
            delay_minutes: flight.delay_minutes.into(),
            extraordinary: flight.extraordinary.into(),
            passengers: flight.passengers.into(),
            ticket_price_minor: flight.ticket_price_minor.into(),
            overnight: flight.overnight.into(),
            missed_connection: flight.missed_connection.into(),
            care_given: flight.care_given.into(),
            cap_used_minor: flight.cap_used_minor.into(),
            role: i64::try_from(role.context("a role")?)?.into(),
        })
    }
}

/// Facts, and the steps' values as they come to be known.
struct Names<'f> {
    facts: &'f Facts,
    excused: OnceLock<CelBool>,
    each_minor: OnceLock<CelInt>,
    percent: OnceLock<CelInt>,
    comfort_minor: OnceLock<CelInt>,
    proposed_minor: OnceLock<CelInt>,
    tier_cap_minor: OnceLock<CelInt>,
    in_tier_minor: OnceLock<CelInt>,
    goodwill_minor: OnceLock<CelInt>,
    required: OnceLock<CelInt>,
}

impl<'f> Names<'f> {
    fn new(facts: &'f Facts) -> Self {
        Self {
            facts,
            excused: OnceLock::new(),
            each_minor: OnceLock::new(),
            percent: OnceLock::new(),
            comfort_minor: OnceLock::new(),
            proposed_minor: OnceLock::new(),
            tier_cap_minor: OnceLock::new(),
            in_tier_minor: OnceLock::new(),
            goodwill_minor: OnceLock::new(),
            required: OnceLock::new(),
        }
    }
}

impl VariableResolver for Names<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let value: &'b (dyn Val + 'b) = match name {
            "event" => &self.facts.event,
            "distance_km" => &self.facts.distance_km,
            "delay_minutes" => &self.facts.delay_minutes,
            "extraordinary" => &self.facts.extraordinary,
            "passengers" => &self.facts.passengers,
            "ticket_price_minor" => &self.facts.ticket_price_minor,
            "overnight" => &self.facts.overnight,
            "missed_connection" => &self.facts.missed_connection,
            "care_given" => &self.facts.care_given,
            "cap_used_minor" => &self.facts.cap_used_minor,
            "role" => &self.facts.role,
            "excused" => self.excused.get()?,
            "each_minor" => self.each_minor.get()?,
            "percent" => self.percent.get()?,
            "comfort_minor" => self.comfort_minor.get()?,
            "proposed_minor" => self.proposed_minor.get()?,
            "tier_cap_minor" => self.tier_cap_minor.get()?,
            "in_tier_minor" => self.in_tier_minor.get()?,
            "goodwill_minor" => self.goodwill_minor.get()?,
            "required" => self.required.get()?,
            _ => return None,
        };
        Some(CowVal::Borrowed(value))
    }
}

/// What the expressions returned; `R` is what the caller took from the list of reasons,
/// which borrows from the evaluation.
pub struct Returned<R> {
    statutory_minor: i64,
    goodwill_minor: i64,
    required: i64,
    granted: bool,
    reasons: R,
}

/// The reasons in plain values.
///
/// # Errors
/// When one is not among the workload's.
pub fn read_reasons(list: &CelList<'_>) -> Result<Reasons> {
    let mut reasons = Reasons::default();
    for code in list.inner() {
        let code = code.downcast_ref::<CelString<'_>>().context("a code")?;
        reasons.push_named(code.inner())?;
    }
    Ok(reasons)
}

impl Returned<Result<Reasons>> {
    /// The answer in plain values.
    ///
    /// # Errors
    /// When an expression returned something that the workload does not know.
    pub fn read(self) -> Result<Answer> {
        let required = Role::ALL.get(usize::try_from(self.required)?);
        Ok(Answer {
            statutory_minor: self.statutory_minor,
            goodwill_minor: self.goodwill_minor,
            outcome: if self.granted {
                Outcome::Grant
            } else {
                Outcome::Escalate
            },
            required: *required.context("a role")?,
            reasons: self.reasons?,
        })
    }
}

/// The expressions, parsed.
pub struct Expressions {
    root: Context<'static, 'static>,
    each: Program,
    excused: Program,
    statutory: Program,
    percent: Program,
    comfort: Program,
    proposed: Program,
    tier_cap: Program,
    in_tier: Program,
    goodwill: Program,
    required: Program,
    granted: Program,
    reasons: Program,
}

impl Expressions {
    /// Parses the expressions.
    ///
    /// # Errors
    /// When one does not parse.
    pub fn new() -> Result<Self> {
        let env = Arc::new(Env::stdlib());
        Ok(Self {
            each: env.compile(EACH)?,
            excused: env.compile(EXCUSED)?,
            statutory: env.compile(STATUTORY)?,
            percent: env.compile(PERCENT)?,
            comfort: env.compile(COMFORT)?,
            proposed: env.compile(PROPOSED)?,
            tier_cap: env.compile(TIER_CAP)?,
            in_tier: env.compile(IN_TIER)?,
            goodwill: env.compile(GOODWILL)?,
            required: env.compile(REQUIRED)?,
            granted: env.compile(GRANTED)?,
            reasons: env.compile(REASONS)?,
            root: Context::with_env(env),
        })
    }

    /// Decides one case and hands the list of reasons to `take`.
    ///
    /// # Errors
    /// When an expression fails.
    pub fn decide<R>(
        &self,
        facts: &Facts,
        take: impl FnOnce(&CelList<'_>) -> R,
    ) -> Result<Returned<R>> {
        let names = Names::new(facts);
        let mut context = self.root.new_inner_scope();
        context.set_variable_resolver(&names);
        let whole = |program: &Program| -> Result<CelInt> {
            let value = Value::resolve_val(program.expression(), &context)?;
            value.downcast_ref::<CelInt>().copied().context("an int")
        };
        let truth = |program: &Program| -> Result<CelBool> {
            let value = Value::resolve_val(program.expression(), &context)?;
            value.downcast_ref::<CelBool>().copied().context("a bool")
        };
        let _ = names.excused.set(truth(&self.excused)?);
        let _ = names.each_minor.set(whole(&self.each)?);
        let _ = names.percent.set(whole(&self.percent)?);
        let _ = names.comfort_minor.set(whole(&self.comfort)?);
        let _ = names.proposed_minor.set(whole(&self.proposed)?);
        let _ = names.tier_cap_minor.set(whole(&self.tier_cap)?);
        let _ = names.in_tier_minor.set(whole(&self.in_tier)?);
        let goodwill_minor = whole(&self.goodwill)?;
        let _ = names.goodwill_minor.set(goodwill_minor);
        let required = whole(&self.required)?;
        let _ = names.required.set(required);
        let reasons = Value::resolve_val(self.reasons.expression(), &context)?;
        Ok(Returned {
            statutory_minor: whole(&self.statutory)?.into_inner(),
            goodwill_minor: goodwill_minor.into_inner(),
            required: required.into_inner(),
            granted: truth(&self.granted)?.into_inner(),
            reasons: take(reasons.downcast_ref::<CelList<'_>>().context("a list")?),
        })
    }
}

/// Holds the expressions to the plain function.
///
/// # Errors
/// When an answer differs.
pub fn check(flights: &[Flight]) -> Result<()> {
    let expressions = Expressions::new()?;
    for flight in flights {
        let returned = expressions.decide(&Facts::new(flight)?, read_reasons)?;
        ensure!(returned.read()? == plain::decide(flight), "{flight:?}");
    }
    Ok(())
}
