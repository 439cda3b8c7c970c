//! Policies compiled to WebAssembly, over guest ABI v1 ([`redress_abi`]).
//!
//! A module is foreign code: it is checked before it is compiled, it never comes
//! precompiled, and each decision runs in a fresh instance that is wiped afterwards,
//! so that nothing of one case can reach another.
//!
//! **Calls.** For one decision the host writes the record that `remedy` may see, calls
//! `remedy`, then writes the record that `route` may see into the same instance and
//! calls `route`. Both together have one budget of fuel and one of answer bytes. When
//! `remedy` holds for an unknown fact, `route` is not called.
//!
//! **Unknown facts.** A foreign module may ignore which facts are known. Its manifest
//! names the facts it needs, and the host holds for the first unknown one of them
//! before the call. A hold for a fact that is known is not an answer.
//!
//! **Recursion** ends at the module's stack of [`limits::STACK_BYTES_MAX`]. How many
//! calls fit depends on the machine; what happens does not, since running out of stack
//! and running out of fuel are the same fault to the kernel.

mod compiled;
mod failure;
pub mod limits;
mod run;
#[cfg(test)]
mod tests;
mod validate;
mod value;

use redress_abi::{ABI_VERSION, Layout};
use redress_model::table::Tables;
use redress_model::{Facts, Rounding, Schema, Slot, Warnings};
use wasmtime::{Engine, InstancePre, Linker, Module, ModuleExport};

pub use self::compiled::{CompiledPolicy, Reached};
use self::limits::{HostLimits, MemoryGuard};
use self::validate::{Expected, validate};
use crate::{Budget, PolicyError, Run, Sandbox, SandboxKind};

/// The runtime that modules are compiled for and run on: a compiler, and a pool of
/// [`HostLimits::instances_max`] instances that all threads share.
///
/// One serves a whole process. Clones share the pool.
#[derive(Clone)]
pub struct WasmHost {
    foreign: Engine,
    own: Engine,
    limits: HostLimits,
}

/// The runtime cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the WASM runtime cannot start: {message}")]
pub struct HostError {
    /// What failed, in the runtime's words.
    pub message: String,
}

impl HostError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "wasm_host"
    }
}

impl WasmHost {
    /// Starts the runtime and takes the address space of its pool.
    ///
    /// # Errors
    /// [`HostError`] when this machine has no compiler back end or no room.
    pub fn new(limits: HostLimits) -> Result<Self, HostError> {
        let engine = |config| {
            Engine::new(&config).map_err(|error| HostError {
                message: format!("{error:#}"),
            })
        };
        Ok(Self {
            foreign: engine(limits::foreign(limits))?,
            own: engine(limits::own())?,
            limits,
        })
    }

    /// Stops every foreign policy that runs on this host right now, as a fault of the host.
    ///
    /// For a watchdog outside the engine. No decision depends on it: fuel ends a policy
    /// that loops, and what this stops is escalated and never paid. Compiled scripts end by
    /// themselves, after a number of steps that was counted beforehand.
    pub fn stop_all(&self) {
        self.foreign.increment_epoch();
    }
}

impl std::fmt::Debug for WasmHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WasmHost")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// A policy as a compiled module, ready to run on any thread.
pub struct WasmPolicy {
    module: InstancePre<MemoryGuard>,
    exports: Exports,
    layout: Layout,
    needs: Box<[Slot]>,
    memory_bytes: usize,
    fuel: Fuel,
    budget: Budget,
}

/// Whether a module's operators are counted while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fuel {
    /// Each costs some of the budget's steps.
    Counted,
    /// Its steps were bounded before it was compiled.
    Bounded,
}

/// A module to compile.
#[derive(Clone, Copy)]
struct Source<'m> {
    bytes: &'m [u8],
    fuel: Fuel,
}

/// Where the module keeps what the host calls, so that no name is looked up per decision.
struct Exports {
    memory: ModuleExport,
    alloc: ModuleExport,
    remedy: ModuleExport,
    route: ModuleExport,
}

impl WasmPolicy {
    /// Checks a module against the guest ABI and the release, and compiles it.
    ///
    /// `needs` are the facts that the host must know before it calls the module, in the
    /// order in which it holds for them.
    ///
    /// # Errors
    /// [`PolicyError`] when the module is too large or not valid, imports anything, uses
    /// floating point or another feature beyond WebAssembly 1.0 and "lime1", has a start
    /// function, a memory that can grow or is above the budget, lacks an export or has
    /// one of another type, speaks another ABI version, or was built for another schema,
    /// other tables or another rounding; and when `needs` names a fact that no policy
    /// may read.
    pub fn compile(
        host: &WasmHost,
        module: &[u8],
        schema: &Schema,
        tables: &Tables,
        rounding: Rounding,
        needs: Vec<Slot>,
        budget: Budget,
    ) -> Result<Self, PolicyError> {
        for slot in &needs {
            let fact = schema.fact(*slot);
            if !fact.is_some_and(|fact| fact.class.seen_by_route()) {
                let name = fact.map_or("a fact that the schema does not have", |fact| &fact.name);
                return Err(problem(format!(
                    "no policy may read {name}, so none needs it"
                )));
            }
        }
        let module = Source {
            bytes: module,
            fuel: Fuel::Counted,
        };
        Self::compile_on(host, module, schema, tables, rounding, needs, budget)
    }

    /// Checks a module and compiles it for the engine that runs its like.
    fn compile_on(
        host: &WasmHost,
        module: Source<'_>,
        schema: &Schema,
        tables: &Tables,
        rounding: Rounding,
        needs: Vec<Slot>,
        budget: Budget,
    ) -> Result<Self, PolicyError> {
        let Source { bytes, fuel } = module;
        let engine = match fuel {
            Fuel::Counted => &host.foreign,
            Fuel::Bounded => &host.own,
        };
        let expected = Expected {
            schema: schema.digest(),
            tables: (tables.iter().len() > 0).then(|| tables.digest()),
            rounding,
            memory_bytes_max: budget.memory_bytes_max.min(host.limits.memory_bytes_max),
        };
        let memory_bytes = validate(bytes, &expected)?;
        let compiled = Module::from_binary(engine, bytes)
            .map_err(|error| problem(format!("the module does not compile: {error:#}")))?;
        let export = |name: &str| {
            let found = compiled.get_export_index(name);
            found.ok_or_else(|| problem(format!("the module does not export `{name}`")))
        };
        let policy = Self {
            exports: Exports {
                memory: export("memory")?,
                alloc: export("alloc")?,
                remedy: export("remedy")?,
                route: export("route")?,
            },
            module: Linker::new(engine)
                .instantiate_pre(&compiled)
                .map_err(|error| problem(format!("the module cannot be linked: {error:#}")))?,
            layout: Layout::new(schema),
            needs: needs.into(),
            memory_bytes: usize::try_from(memory_bytes).unwrap_or(usize::MAX),
            fuel,
            budget,
        };
        match policy.abi_version() {
            Ok(ABI_VERSION) => Ok(policy),
            Ok(found) => Err(problem(format!(
                "the module speaks guest ABI {found}, this engine speaks {ABI_VERSION}"
            ))),
            Err(fault) => Err(problem(format!("the module does not start: {fault}"))),
        }
    }
}

impl Sandbox for WasmPolicy {
    fn kind(&self) -> SandboxKind {
        SandboxKind::Wasm
    }

    fn propose(&self, facts: &Facts, warnings: &Warnings) -> Run {
        self.run(facts, warnings)
    }
}

impl std::fmt::Debug for WasmPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WasmPolicy")
            .field("needs", &self.needs)
            .field("memory_bytes", &self.memory_bytes)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

fn problem(problem: String) -> PolicyError {
    PolicyError {
        problem,
        at: None,
        help: None,
    }
}
