//! The engine: long-lived, shared, knows limits and nothing else.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use redress_model::admit::AdmitLimits;
use redress_release::{PolicyFolder, ReleaseSource, SourceFolder};
use redress_sandbox::Budget;
use redress_sandbox::wasm::WasmHost;
use redress_sandbox::wasm::limits::HostLimits;

use crate::error::LoadError;
use crate::policy::Policy;
use crate::release::Release;

/// What an engine allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineLimits {
    /// How much of a case is read at all.
    pub admit: AdmitLimits,
    /// What one run of a policy may use.
    pub budget: Budget,
    /// How much is set aside for WASM modules, once the first is loaded.
    pub wasm: HostLimits,
}

impl EngineLimits {
    /// Cases up to 64 KiB, policies within [`Budget::STANDARD`], 64 modules at a time.
    pub const STANDARD: Self = Self {
        admit: AdmitLimits::STANDARD,
        budget: Budget::STANDARD,
        wasm: HostLimits::STANDARD,
    };
}

/// Loads policies. One serves a whole process; clones share the same host for WASM.
#[derive(Clone)]
pub struct Engine {
    limits: EngineLimits,
    // Made when the first module is loaded: scripts alone should not pay for it.
    wasm: Arc<OnceLock<Result<WasmHost, String>>>,
    compiles: bool,
    forms: Forms,
}

/// Which forms of a policy an engine makes ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forms {
    /// Every one, so that a release can be run in another sandbox.
    All,
    /// The one that its manifest runs.
    Run,
}

impl Engine {
    /// An engine with these limits.
    #[must_use]
    pub fn new(limits: EngineLimits) -> Self {
        Self {
            limits,
            wasm: Arc::new(OnceLock::new()),
            compiles: true,
            forms: Forms::All,
        }
    }

    /// The same engine, which leaves scripts to the interpreter unless their manifest says
    /// `compiled = "required"`: for a program that decides a case or two, since compiling a
    /// script takes as long as interpreting it some thousand times.
    #[must_use]
    pub fn interpreting(mut self) -> Self {
        self.compiles = false;
        self
    }

    /// The same engine, which makes of each policy the form ready that its manifest runs: a
    /// module beside a script is left alone, and [`Release::with_sandbox`] does not find it.
    #[must_use]
    pub fn default_form_only(mut self) -> Self {
        self.forms = Forms::Run;
        self
    }

    pub(crate) const fn compiles(&self) -> bool {
        self.compiles
    }

    pub(crate) const fn forms(&self) -> Forms {
        self.forms
    }

    /// Loads one version from its folder and compiles every form of its policy.
    ///
    /// # Errors
    /// [`LoadError`] with everything that is wrong with the folder, or the first thing
    /// that is wrong with its code.
    pub fn load(&self, folder: &Path) -> Result<Release, LoadError> {
        Release::compile(self, SourceFolder::read(folder)?)
    }

    /// Compiles every form of the policy of a release that was read before, such as one
    /// out of an archive.
    ///
    /// # Errors
    /// [`LoadError`] with the first thing that is wrong with its code.
    pub fn compile(&self, source: ReleaseSource) -> Result<Release, LoadError> {
        Release::compile(self, source)
    }

    /// Compiles the script of a release that was read before, and nothing else of it: for
    /// tools that try out many variants of one release. `None` if it has no script.
    ///
    /// # Errors
    /// [`LoadError`] with the first thing that is wrong with its code.
    pub fn compile_script(&self, source: ReleaseSource) -> Result<Option<Release>, LoadError> {
        match source.policy().rhai() {
            Some(_) => Release::script(self, source).map(Some),
            None => Ok(None),
        }
    }

    /// Loads every version of a policy from the folder that holds them, or a single
    /// version from its own.
    ///
    /// # Errors
    /// [`LoadError`] as [`Engine::load`]; also when two versions cover the same day.
    pub fn load_policy(&self, folder: &Path) -> Result<Policy, LoadError> {
        let sources = PolicyFolder::read(folder)?.into_releases();
        let releases: Result<Vec<_>, _> = sources
            .into_iter()
            .map(|source| Release::compile(self, source))
            .collect();
        Ok(Policy::new(releases?))
    }

    pub(crate) const fn limits(&self) -> EngineLimits {
        self.limits
    }

    /// The host for WASM, made at its first use.
    pub(crate) fn wasm(&self) -> Result<&WasmHost, LoadError> {
        let host = self
            .wasm
            .get_or_init(|| WasmHost::new(self.limits.wasm).map_err(|error| error.to_string()));
        host.as_ref().map_err(|problem| LoadError::Host {
            problem: problem.clone(),
        })
    }
}
