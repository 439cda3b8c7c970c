//! One version of a policy, compiled and immutable.

use std::sync::Arc;

use redress_kernel::{Guardrails, ReleaseId, decide, inputs_digest};
use redress_ledger::RecordSchema;
use redress_model::admit::{AdmitErrors, AdmitLimits};
use redress_model::{
    Actor, Case, Date, Digest, Fault, Proposal, Schema, Standing, Timestamp, Warnings,
};
use redress_release::{Compiling, Form, ReleaseSource};
use redress_sandbox::rhai::{RhaiPolicy, Session};
use redress_sandbox::wasm::{CompiledPolicy, Reached, WasmPolicy};
use redress_sandbox::{Budget, Sandbox, SandboxKind};

use crate::decided::{Decided, Execution};
use crate::engine::{Engine, Forms};
use crate::error::LoadError;
use crate::script::compiled;

/// One version of a policy, compiled and immutable. Cheap to clone, usable from many
/// threads at once.
#[derive(Clone)]
pub struct Release {
    inner: Arc<Inner>,
    run: SandboxKind,
    dates: Dates,
}

/// Which incidents a release decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dates {
    /// Those of its effective dates.
    Own,
    /// All: somebody asks what it would have decided.
    Any,
}

struct Inner {
    source: ReleaseSource,
    admit: AdmitLimits,
    budget: Budget,
    compiled: Option<CompiledPolicy>,
    rhai: Option<RhaiPolicy>,
    wasm: Option<WasmPolicy>,
    /// What commands to a ledger carry of the release, made once.
    on_record: (Arc<Guardrails>, Arc<RecordSchema>),
}

impl Release {
    pub(crate) fn compile(engine: &Engine, source: ReleaseSource) -> Result<Self, LoadError> {
        let wasm = Self::module(engine, &source)?;
        let compiled = Self::compiled(engine, &source)?;
        let run = match (source.policy().run(), &compiled) {
            (Form::Wasm, _) => SandboxKind::Wasm,
            (Form::Rhai, Some(_)) => SandboxKind::Compiled,
            (Form::Rhai, None) => SandboxKind::Rhai,
        };
        Self::with_forms(engine, source, compiled, wasm, run)
    }

    /// The release with its script alone.
    pub(crate) fn script(engine: &Engine, source: ReleaseSource) -> Result<Self, LoadError> {
        Self::with_forms(engine, source, None, None, SandboxKind::Rhai)
    }

    /// The script, compiled; `None` where it is left to the interpreter.
    fn compiled(
        engine: &Engine,
        source: &ReleaseSource,
    ) -> Result<Option<CompiledPolicy>, LoadError> {
        let Some(script) = source.policy().rhai() else {
            return Ok(None);
        };
        if !engine.compiles() && script.compiled != Compiling::Required {
            return Ok(None);
        }
        match compiled(engine, source) {
            Ok(policy) => Ok(Some(policy)),
            Err(error) if script.compiled == Compiling::Required => Err(LoadError::Policy {
                file: source.path().join(&script.file),
                error,
            }),
            Err(_) => Ok(None),
        }
    }

    fn module(engine: &Engine, source: &ReleaseSource) -> Result<Option<WasmPolicy>, LoadError> {
        let Some(module) = source.policy().wasm() else {
            return Ok(None);
        };
        if engine.forms() == Forms::Run && source.policy().run() != Form::Wasm {
            return Ok(None);
        }
        let host = engine.wasm()?;
        let (schema, tables) = (source.schema(), source.tables());
        let (rounding, needs) = (source.manifest().rounding, module.needs.clone());
        let (bytes, budget) = (&module.module, engine.limits().budget);
        WasmPolicy::compile(host, bytes, schema, tables, rounding, needs, budget)
            .map(Some)
            .map_err(|error| LoadError::Policy {
                file: source.path().join(&module.file),
                error,
            })
    }

    fn with_forms(
        engine: &Engine,
        source: ReleaseSource,
        compiled: Option<CompiledPolicy>,
        wasm: Option<WasmPolicy>,
        run: SandboxKind,
    ) -> Result<Self, LoadError> {
        let budget = engine.limits().budget;
        let rhai = match source.policy().rhai() {
            Some(script) => {
                let (schema, tables) = (Arc::clone(source.schema()), Arc::clone(source.tables()));
                let rounding = source.manifest().rounding;
                let policy = RhaiPolicy::compile(&script.text, schema, tables, rounding, budget);
                Some(policy.map_err(|error| LoadError::Policy {
                    file: source.path().join(&script.file),
                    error,
                })?)
            }
            None => None,
        };
        let admit = engine.limits().admit;
        let on_record = (
            Arc::new(source.guardrails().clone()),
            Arc::new(RecordSchema::new(Arc::clone(source.schema()))),
        );
        let inner = Inner {
            on_record,
            source,
            admit,
            budget,
            compiled,
            rhai,
            wasm,
        };
        Ok(Self {
            inner: Arc::new(inner),
            run,
            dates: Dates::Own,
        })
    }

    /// Decides a case.
    ///
    /// `actor` is who decides, `standing` what the ledger knows, `as_of` the moment of the
    /// decision as the ledger gives it. Equal arguments give an equal decision.
    ///
    /// Never fails: whatever goes wrong is a decision of its own that escalates to a
    /// person, with a reason code and without a payment. That includes a case admitted
    /// to another release and an incident outside this release's dates.
    ///
    /// # Examples
    ///
    /// One voucher of CNY 1,000 to be turned into cash, three times:
    ///
    /// ```
    #[doc = include_str!("../examples/decide.rs")]
    /// ```
    #[must_use]
    pub fn decide(
        &self,
        case: &Case,
        actor: &Actor,
        standing: &Standing,
        as_of: Timestamp,
    ) -> Decided {
        let run = self.run(case, &standing.warnings);
        let fault = run.proposal.as_ref().err().cloned();
        let guardrails = self.guardrails();
        let decision = decide(case, run.proposal, guardrails, standing, actor, as_of);
        let execution = Execution {
            sandbox: self.run,
            steps: run.usage.steps,
            memory_bytes: run.usage.memory_bytes,
            fault,
        };
        Decided {
            decision,
            execution,
        }
    }

    /// Runs the policy on a case.
    pub(crate) fn run(&self, case: &Case, warnings: &Warnings) -> redress_sandbox::Run {
        let fault = match self.refused(case) {
            Some(fault) => fault,
            None => match self.sandbox() {
                Some(sandbox) => return sandbox.propose(&case.facts, warnings),
                None => Fault::Host {
                    message: "no form of the policy".into(),
                },
            },
        };
        redress_sandbox::Run {
            proposal: Err(fault),
            usage: <_>::default(),
        }
    }

    /// Which branches the compiled script takes on a case, over all sites of its program in
    /// their order, and which facts it reads, with what it proposes.
    ///
    /// `None` where the policy has no compiled form, or the release must not run on the case.
    #[must_use]
    pub fn reached(
        &self,
        case: &Case,
        warnings: &Warnings,
    ) -> Option<(Result<Proposal, Fault>, Reached)> {
        let compiled = self.inner.compiled.as_ref()?;
        if self.refused(case).is_some() {
            return None;
        }
        let (run, reached) = compiled.propose_reached(&case.facts, warnings);
        Some((run.proposal, reached))
    }

    /// Why this release must not run on a case.
    fn refused(&self, case: &Case) -> Option<Fault> {
        if case.facts.schema() != self.schema().digest() {
            let message = "the case was admitted to another schema".into();
            return Some(Fault::Host { message });
        }
        let incident = case.envelope.incident_date;
        (!self.covers(incident)).then(|| Fault::Host {
            message: format!("the release does not cover an incident of {incident}"),
        })
    }

    fn sandbox(&self) -> Option<&dyn Sandbox> {
        match self.run {
            SandboxKind::Compiled => self.inner.compiled.as_ref().map(door),
            SandboxKind::Rhai => self.inner.rhai.as_ref().map(door),
            SandboxKind::Wasm => self.inner.wasm.as_ref().map(door),
        }
    }

    /// The same release run in another sandbox; `None` if its policy has no such form.
    #[must_use]
    pub fn with_sandbox(&self, kind: SandboxKind) -> Option<Self> {
        let other = Self {
            inner: Arc::clone(&self.inner),
            run: kind,
            dates: self.dates,
        };
        other.sandbox().is_some().then_some(other)
    }

    /// The same release asked about incidents of any date, to find out what it would have
    /// decided. What it answers outside of its dates is nobody's entitlement.
    #[must_use]
    pub fn on_any_date(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            run: self.run,
            dates: Dates::Any,
        }
    }

    /// The sandboxes that the policy has a form for, the default first.
    #[must_use]
    pub fn sandboxes(&self) -> Vec<SandboxKind> {
        let all = [SandboxKind::Compiled, SandboxKind::Rhai, SandboxKind::Wasm];
        let others = all.into_iter().filter(|kind| *kind != self.run);
        let others = others.filter_map(|kind| self.with_sandbox(kind));
        std::iter::once(self.run)
            .chain(others.map(|release| release.run))
            .collect()
    }

    /// A session in which pieces of code run beside the script of this release, in the
    /// same interpreter and within the same limits; a release without a script has a
    /// session without its functions. The session stays on its thread.
    ///
    /// # Errors
    /// [`LoadError`] as when the release was loaded, which does not happen twice.
    pub fn session(&self) -> Result<Session, LoadError> {
        let source = &self.inner.source;
        let script = source.policy().rhai();
        let text = script
            .map(|script| script.text.as_str())
            .unwrap_or_default();
        let (schema, tables) = (Arc::clone(source.schema()), Arc::clone(source.tables()));
        let rounding = source.manifest().rounding;
        let session = Session::new(text, schema, tables, rounding, self.inner.budget);
        session.map_err(|error| LoadError::Policy {
            file: script.map_or_else(Default::default, |script| source.path().join(&script.file)),
            error,
        })
    }

    /// A session whose script is this one, in which coverage has put probes; everything
    /// else is the release's.
    ///
    /// # Errors
    /// [`LoadError`] when the script does not load.
    pub fn session_with_probes(&self, script: &str) -> Result<Session, LoadError> {
        let source = &self.inner.source;
        let (schema, tables) = (Arc::clone(source.schema()), Arc::clone(source.tables()));
        let rounding = source.manifest().rounding;
        let session = Session::with_probes(script, schema, tables, rounding, self.inner.budget);
        session.map_err(|error| LoadError::Policy {
            file: source.path().to_owned(),
            error,
        })
    }

    /// What one run of the policy may use.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.inner.budget
    }

    /// Reads a case against the schema of this release.
    ///
    /// # Errors
    /// [`AdmitErrors`] with everything that is wrong with the case.
    pub fn admit(&self, bytes: &[u8]) -> Result<Case, AdmitErrors> {
        Case::admit(bytes, self.schema(), self.inner.admit)
    }

    /// How much of a case this release's engine reads.
    pub(crate) fn admit_limits(&self) -> AdmitLimits {
        self.inner.admit
    }

    /// Name, version and digest.
    #[must_use]
    pub fn id(&self) -> &ReleaseId {
        &self.guardrails().release
    }

    /// The fact schema.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.inner.source.schema()
    }

    /// What commands to a ledger carry of the release.
    pub(crate) fn on_record(&self) -> &(Arc<Guardrails>, Arc<RecordSchema>) {
        &self.inner.on_record
    }

    /// The limits.
    #[must_use]
    pub fn guardrails(&self) -> &Guardrails {
        self.inner.source.guardrails()
    }

    /// The folder that it was read from: manifest, tables, messages, cases.
    #[must_use]
    pub fn source(&self) -> &ReleaseSource {
        &self.inner.source
    }

    /// Whether it covers an incident of this day.
    #[must_use]
    pub fn covers(&self, incident_date: Date) -> bool {
        self.dates == Dates::Any || self.inner.source.manifest().effective.covers(incident_date)
    }

    /// The digest of everything that a decision depends on; see
    /// [`redress_kernel::inputs_digest`].
    #[must_use]
    pub fn inputs_digest(
        &self,
        case: &Case,
        actor: &Actor,
        standing: &Standing,
        as_of: Timestamp,
    ) -> Digest {
        inputs_digest(self.id(), case, actor, standing, as_of)
    }
}

/// A policy's form as the door that all forms share.
fn door<S: Sandbox>(policy: &S) -> &dyn Sandbox {
    policy
}
