//! The workload as Redress takes it.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use redress::{
    Actor, Assurance, Case, Decided, Decision, Engine, EngineLimits, Execution, Guardrails, Money,
    Outcome, Release, SandboxKind, Standing, Timestamp,
};
use redress_model::standing::Sum;
use redress_model::{ActorId, Basis, Code, Currency, Proposal, Sums};
use redress_sandbox::Sandbox as _;
use redress_sandbox::rhai::RhaiPolicy;
use redress_workload::{Answer, Flight, Reasons, Role, SCRIPT, flights, plain, release_folder};

/// One case with all that a decision takes.
#[derive(Debug)]
pub struct Input {
    /// As the plain function takes it.
    pub flight: Flight,
    /// As it comes in over a wire.
    pub json: String,
    /// As admitted.
    pub case: Case,
    /// Who decides.
    pub actor: Actor,
    /// What the ledger knows.
    pub standing: Standing,
}

/// The release and its thousand cases.
pub struct Bench {
    /// The release, its script interpreted; its other forms are
    /// [`Release::with_sandbox`] away.
    pub release: Release,
    /// The cases.
    pub inputs: Vec<Input>,
    /// The moment of every decision.
    pub as_of: Timestamp,
}

impl Bench {
    /// Loads the release and admits the cases.
    ///
    /// # Errors
    /// When either fails.
    pub fn load() -> Result<Self> {
        let release = Engine::new(EngineLimits::STANDARD).load(&release_folder())?;
        let release = release
            .with_sandbox(SandboxKind::Rhai)
            .context("a script")?;
        let inputs = flights()
            .into_iter()
            .map(|flight| Input::new(flight, &release));
        Ok(Self {
            inputs: inputs.collect::<Result<_>>()?,
            as_of: "2026-03-05T10:00:00Z".parse()?,
            release,
        })
    }

    /// Decides one case.
    #[must_use]
    pub fn decide(&self, release: &Release, input: &Input) -> Decided {
        release.decide(&input.case, &input.actor, &input.standing, self.as_of)
    }

    /// What the script proposes for each case, apart from any decision.
    ///
    /// # Errors
    /// When the script does not compile or faults.
    pub fn proposals(&self) -> Result<Vec<Proposal>> {
        let source = self.release.source();
        let policy = RhaiPolicy::compile(
            SCRIPT,
            Arc::clone(source.schema()),
            Arc::clone(source.tables()),
            source.manifest().rounding,
            EngineLimits::STANDARD.budget,
        )?;
        let inputs = self.inputs.iter();
        inputs
            .map(|input| {
                Ok(policy
                    .propose(&input.case.facts, &input.standing.warnings)
                    .proposal?)
            })
            .collect()
    }

    /// What the kernel makes of a proposal.
    #[must_use]
    pub fn enforce(&self, input: &Input, proposal: Proposal) -> Decision {
        self.enforce_by(self.release.guardrails(), input, proposal)
    }

    /// What the kernel makes of a proposal by other guardrails.
    #[must_use]
    pub fn enforce_by(
        &self,
        guardrails: &Guardrails,
        input: &Input,
        proposal: Proposal,
    ) -> Decision {
        let (case, actor, standing) = (&input.case, &input.actor, &input.standing);
        redress_kernel::decide(case, Ok(proposal), guardrails, standing, actor, self.as_of)
    }

    /// From the bytes of a case to the bytes of its decision, for a policy that takes no
    /// time: it has proposed already.
    ///
    /// # Errors
    /// When the case is not admitted.
    pub fn json_to_json(&self, input: &Input, proposal: Proposal) -> Result<Vec<u8>> {
        let case = self.release.admit(input.json.as_bytes())?;
        let (release, as_of) = (&self.release, self.as_of);
        let (actor, standing) = (&input.actor, &input.standing);
        let digest = release.inputs_digest(&case, actor, standing, as_of);
        let guardrails = release.guardrails();
        let decision =
            redress_kernel::decide(&case, Ok(proposal), guardrails, standing, actor, as_of);
        let execution = Execution {
            sandbox: SandboxKind::Rhai,
            steps: 0,
            memory_bytes: 0,
            fault: None,
        };
        let decided = Decided {
            decision,
            execution,
        };
        Ok(decided.to_json(digest)?)
    }

    /// Holds every form of the policy to the plain function, and the forms to each other
    /// byte for byte, on every case.
    ///
    /// # Errors
    /// When a decision differs from the plain function's answer or from another form's.
    pub fn check(&self) -> Result<()> {
        let kinds = self.release.sandboxes().into_iter();
        let forms: Option<Vec<_>> = kinds.map(|kind| self.release.with_sandbox(kind)).collect();
        let forms = forms.context("a form of the policy")?;
        for input in &self.inputs {
            let plain = plain::decide(&input.flight);
            let mut first = None;
            for form in &forms {
                let decided = self.decide(form, input);
                let answer = read(&decided.decision, plain.required)
                    .with_context(|| format!("{:?}\n{decided:?}", input.flight))?;
                ensure!(
                    answer == plain,
                    "{answer:?}\nis not\n{plain:?}\nfor {:?}",
                    input.flight
                );
                let bytes = serde_json::to_vec(&decided.decision)?;
                let first = first.get_or_insert_with(|| bytes.clone());
                ensure!(*first == bytes, "the forms differ for {:?}", input.flight);
            }
        }
        Ok(())
    }
}

impl Input {
    fn new(flight: Flight, release: &Release) -> Result<Self> {
        let json = flight.to_json();
        let used = Money::new(flight.cap_used_minor, Currency::new("EUR")?);
        let mut standing = Standing::fresh();
        standing.rolling = Sums::Known(vec![Sum {
            name: Code::new("customer_90_days")?,
            amount: used,
        }]);
        Ok(Self {
            case: release.admit(json.as_bytes())?,
            actor: Actor {
                id: ActorId::new("desk-7")?,
                role: Code::new(flight.role.name())?,
                assurance: Assurance::Authenticated,
            },
            standing,
            json,
            flight,
        })
    }
}

/// The decision in the plain function's words.
///
/// A decision names the role that it needs only where the actor's does not suffice;
/// elsewhere it is `required`, since only the outcome can differ.
fn read(decision: &Decision, required: Role) -> Result<Answer> {
    let (mut statutory_minor, mut goodwill_minor) = (0, 0);
    for remedy in decision.remedies() {
        let worth = remedy.worth.context("a remedy without a worth")?;
        match remedy.basis {
            Basis::Statutory(_) => statutory_minor += worth.minor(),
            Basis::Goodwill => goodwill_minor += worth.minor(),
            Basis::Contractual(_) => anyhow::bail!("a contractual remedy"),
        }
    }
    let outcome = match decision.outcome() {
        Outcome::Grant => plain::Outcome::Grant,
        Outcome::Escalate => plain::Outcome::Escalate,
        other => anyhow::bail!("outcome {other:?}"),
    };
    let named = decision.authority().required.as_ref();
    ensure!(
        named.is_some() == (outcome == plain::Outcome::Escalate),
        "the role required"
    );
    let named = named.map(|role| Role::from_name(role.as_str()).context("a role"));
    let mut reasons = Reasons::default();
    let escalated = decision
        .reasons()
        .filter(|reason| reason.code == *"over_authority");
    ensure!(
        escalated.count() == usize::from(outcome == plain::Outcome::Escalate),
        "over_authority"
    );
    for reason in decision
        .reasons()
        .filter(|reason| reason.code != *"over_authority")
    {
        reasons.push_named(reason.code.as_str())?;
    }
    Ok(Answer {
        statutory_minor,
        goodwill_minor,
        outcome,
        required: named.unwrap_or(Ok(required))?,
        reasons,
    })
}
