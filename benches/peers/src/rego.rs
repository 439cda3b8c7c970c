//! `regorus`: one Rego policy, run by its interpreter and by its bytecode machine.
//!
//! The policy is compiled once for its entry point, and inputs are parsed beforehand
//! into its own values. The interpreter is one prepared engine per thread, given the
//! next input and asked for the rule by its path; the machine is loaded once and
//! reused, as the "hot" group of its own benchmark does it. There is no data document,
//! constants stand in the rules, and the only built-in is `array.concat`.

use anyhow::{Context as _, Result, ensure};
use redress_workload::plain::{self, Answer, Outcome, Reasons};
use redress_workload::{Flight, Role};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};

const POLICY: &str = include_str!("../policies/flight.rego");
const RULE: &str = "data.flight.decision";

/// The facts of a case as a value of `regorus`.
///
/// # Errors
/// Never for a case of the workload.
pub fn input(flight: &Flight) -> Result<Value> {
    let json = format!(
        r#"{{"event":"{}","distance_km":{},"delay_minutes":{},"extraordinary":{},"passengers":{},"ticket_price_minor":{},"overnight":{},"missed_connection":{},"care_given":{},"cap_used_minor":{},"role":{}}}"#,
        flight.event.name(),
        flight.distance_km,
        flight.delay_minutes,
        flight.extraordinary,
        flight.passengers,
        flight.ticket_price_minor,
        flight.overnight,
        flight.missed_connection,
        flight.care_given,
        flight.cap_used_minor,
        Role::ALL
            .iter()
            .position(|role| *role == flight.role)
            .context("a role")?,
    );
    Value::from_json_str(&json)
}

/// The answer in plain values.
///
/// # Errors
/// When the policy returned something that the workload does not know.
pub fn read(returned: &Value) -> Result<Answer> {
    let mut reasons = Reasons::default();
    for code in returned["reasons"].as_array()? {
        reasons.push_named(code.as_string()?)?;
    }
    let required = usize::try_from(returned["required"].as_i64()?)?;
    Ok(Answer {
        statutory_minor: returned["statutory_minor"].as_i64()?,
        goodwill_minor: returned["goodwill_minor"].as_i64()?,
        outcome: match &**returned["outcome"].as_string()? {
            "grant" => Outcome::Grant,
            _ => Outcome::Escalate,
        },
        required: *Role::ALL.get(required).context("a role")?,
        reasons,
    })
}

/// The interpreter.
pub struct Interpreter(Engine);

impl Interpreter {
    /// Parses and prepares the policy.
    ///
    /// # Errors
    /// When the policy does not parse.
    pub fn new() -> Result<Self> {
        let mut engine = Engine::new();
        engine.add_policy("flight.rego".into(), POLICY.into())?;
        Ok(Self(engine))
    }

    /// Decides one case.
    ///
    /// # Errors
    /// When the policy fails.
    pub fn decide(&mut self, input: &Value) -> Result<Value> {
        self.0.set_input(input.clone());
        self.0.eval_rule(RULE.into())
    }
}

/// The bytecode machine.
pub struct Machine(RegoVM);

impl Machine {
    /// Compiles the policy to bytecode and loads it.
    ///
    /// # Errors
    /// When the policy does not compile.
    pub fn new() -> Result<Self> {
        let mut engine = Engine::new();
        engine.add_policy("flight.rego".into(), POLICY.into())?;
        let policy = engine.compile_with_entrypoint(&RULE.into())?;
        let program = Compiler::compile_from_policy(&policy, &[RULE])
            .map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let mut machine = RegoVM::new();
        machine.load_program(program);
        Ok(Self(machine))
    }

    /// Decides one case.
    ///
    /// # Errors
    /// When the policy fails.
    pub fn decide(&mut self, input: &Value) -> Result<Value> {
        self.0.set_input(input.clone());
        self.0
            .execute()
            .map_err(|error| anyhow::anyhow!("{error:?}"))
    }
}

/// Holds both to the plain function.
///
/// # Errors
/// When an answer differs.
pub fn check(flights: &[Flight]) -> Result<()> {
    let (mut interpreter, mut machine) = (Interpreter::new()?, Machine::new()?);
    for flight in flights {
        let (input, answer) = (input(flight)?, plain::decide(flight));
        ensure!(
            read(&interpreter.decide(&input)?)? == answer,
            "interpreter: {flight:?}"
        );
        ensure!(
            read(&machine.decide(&input)?)? == answer,
            "machine: {flight:?}"
        );
    }
    Ok(())
}
