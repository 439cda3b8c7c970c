//! One decision in one fresh instance.

use redress_abi::{RemedyAnswer, RouteAnswer, View};
use redress_model::fault::BudgetKind;
use redress_model::{Facts, Fault, Hold, Proposal, Route, Slot, Verdict, Warnings};
use wasmtime::{Instance, Memory, ModuleExport, Store, Trap, TypedFunc, WasmParams, WasmResults};

use super::limits::{MemoryGuard, STACK_BYTES_MAX};
use super::value::{answer, bad, number, place, read, with_record};
use super::{Fuel, WasmPolicy};
use crate::{Run, Usage};

impl WasmPolicy {
    pub(super) fn run(&self, facts: &Facts, warnings: &Warnings) -> Run {
        if facts.schema() == self.layout.schema()
            && let Some(slot) = self.needs.iter().find(|slot| facts.get(**slot).is_none())
        {
            return Run {
                proposal: Ok(unknown_fact(*slot)),
                usage: Usage::default(),
            };
        }
        let mut store = self.store();
        let proposal = self.propose_in(&mut store, facts, warnings);
        // Reading fuel cannot fail on an engine that counts it.
        let left = store.get_fuel().unwrap_or(0);
        Run {
            proposal,
            usage: Usage {
                steps: self.budget.steps_max.saturating_sub(left),
                memory_bytes: number(self.memory_bytes),
            },
        }
    }

    /// What the module's `abi_version` says.
    pub(super) fn abi_version(&self) -> Result<i32, Fault> {
        let mut store = self.store();
        let instance = self.instance(&mut store)?;
        let version = instance
            .get_typed_func::<(), i32>(&mut store, "abi_version")
            .map_err(host)?;
        version
            .call(&mut store, ())
            .map_err(|error| self.fault_of(&error, &store))
    }

    pub(super) fn store(&self) -> Store<MemoryGuard> {
        let mut store = Store::new(
            self.module.module().engine(),
            MemoryGuard::new(self.memory_bytes),
        );
        store.limiter(|guard| guard);
        if self.fuel == Fuel::Counted {
            // Setting fuel cannot fail on an engine that counts it; without fuel nothing runs.
            let _ = store.set_fuel(self.budget.steps_max);
            store.set_epoch_deadline(1);
        }
        store
    }

    pub(super) fn instance(&self, store: &mut Store<MemoryGuard>) -> Result<Instance, Fault> {
        self.module
            .instantiate(&mut *store)
            .map_err(|error| self.fault_of(&error, store))
    }

    fn propose_in(
        &self,
        store: &mut Store<MemoryGuard>,
        facts: &Facts,
        warnings: &Warnings,
    ) -> Result<Proposal, Fault> {
        let instance = self.instance(store)?;
        let memory = instance
            .get_module_export(&mut *store, &self.exports.memory)
            .and_then(wasmtime::Extern::into_memory)
            .ok_or_else(missing)?;
        let alloc = function(store, instance, &self.exports.alloc)?;
        let mut call = Call {
            policy: self,
            store,
            memory,
            alloc,
            facts,
            answered_bytes: 0,
        };

        let remedy = function(call.store, instance, &self.exports.remedy)?;
        let bytes = call.call(&remedy, "remedy", View::Remedy)?;
        let layout = &self.layout;
        let remedy = read(bytes, |bytes, names| layout.decode_remedy(bytes, names))?;
        if let RemedyAnswer::UnknownFact(slot) = remedy {
            return call.hold("remedy", slot);
        }

        let route = function(call.store, instance, &self.exports.route)?;
        let bytes = call.call(&route, "route", View::Route(warnings))?;
        let route = match read(bytes, |bytes, names| layout.decode_route(bytes, names))? {
            RouteAnswer::Route(route) => route,
            RouteAnswer::UnknownFact(slot) => return call.hold("route", slot),
        };
        let (verdict, tier) = remedy.into_verdict();
        Ok(Proposal {
            verdict,
            tier,
            route,
        })
    }

    /// What stopped a module, in plain words.
    pub(super) fn fault_of(&self, error: &wasmtime::Error, store: &Store<MemoryGuard>) -> Fault {
        let exceeded = |budget, limit: u64, used: u64| Fault::BudgetExceeded {
            budget,
            limit,
            used,
        };
        if let Some(asked) = store.data().asked {
            return exceeded(BudgetKind::Memory, number(self.memory_bytes), number(asked));
        }
        let failed = |message: &str| Fault::Failed {
            message: message.into(),
            at: None,
        };
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => {
                let limit = self.budget.steps_max;
                exceeded(BudgetKind::Steps, limit, limit.saturating_add(1))
            }
            Some(Trap::StackOverflow) => {
                let limit = number(STACK_BYTES_MAX);
                exceeded(BudgetKind::Memory, limit, limit.saturating_add(1))
            }
            Some(Trap::Interrupt) => Fault::Host {
                message: "the host stopped all policies".into(),
            },
            Some(Trap::UnreachableCodeReached) => {
                failed("the module stopped itself, as it does when a sum overflows")
            }
            Some(Trap::MemoryOutOfBounds) => failed("the module left its memory"),
            Some(Trap::IntegerDivisionByZero) => failed("the module divided by zero"),
            Some(Trap::IntegerOverflow) => failed("a division in the module overflowed"),
            Some(Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature) => {
                failed("the module called a function that is not there")
            }
            Some(trap) => failed(&trap.to_string()),
            None => host(error),
        }
    }
}

/// A running instance and what its calls share.
struct Call<'r> {
    policy: &'r WasmPolicy,
    store: &'r mut Store<MemoryGuard>,
    memory: Memory,
    alloc: TypedFunc<i32, i32>,
    facts: &'r Facts,
    answered_bytes: u64,
}

impl Call<'_> {
    /// Writes a view's record into the instance, calls a function on it and finds its answer.
    fn call(
        &mut self,
        function: &TypedFunc<(i32, i32), i64>,
        name: &str,
        view: View<'_>,
    ) -> Result<&[u8], Fault> {
        let Self {
            policy,
            store,
            memory,
            alloc,
            facts,
            answered_bytes,
        } = self;
        let fault =
            |error: &wasmtime::Error, store: &Store<MemoryGuard>| policy.fault_of(error, store);
        let (address, length) = with_record(&policy.layout, facts, view, |record| {
            // The layout refuses records of 2 GiB and more.
            let length = i32::try_from(record.len()).map_err(host)?;
            let address = alloc
                .call(&mut **store, length)
                .map_err(|error| fault(&error, store))?;
            let (place, address) = place(memory.data_mut(&mut **store), address, record.len())?;
            place.copy_from_slice(record);
            Ok((address, length))
        })?;
        let packed = function
            .call(&mut **store, (address, length))
            .map_err(|error| fault(&error, store))?;
        let limit = u64::from(policy.budget.output_bytes_max);
        let bytes = answer(memory.data(&**store), packed, name, limit, *answered_bytes)?;
        *answered_bytes = answered_bytes.saturating_add(number(bytes.len()));
        Ok(bytes)
    }

    /// The hold for a fact that the module says it read and did not find.
    fn hold(&self, name: &str, slot: Slot) -> Result<Proposal, Fault> {
        if self.facts.get(slot).is_some() {
            return Err(bad(format!(
                "`{name}` holds for slot {}, a fact that is known",
                slot.number()
            )));
        }
        Ok(unknown_fact(slot))
    }
}

pub(super) const fn unknown_fact(slot: Slot) -> Proposal {
    Proposal {
        verdict: Verdict::Hold(Hold::UnknownFact(slot)),
        tier: None,
        route: Route {
            queue: None,
            priority: None,
            deadline: None,
            obligations: Vec::new(),
        },
    }
}

pub(super) fn function<P: WasmParams, R: WasmResults>(
    store: &mut Store<MemoryGuard>,
    instance: Instance,
    export: &ModuleExport,
) -> Result<TypedFunc<P, R>, Fault> {
    instance
        .get_module_export(&mut *store, export)
        .and_then(wasmtime::Extern::into_func)
        .ok_or_else(missing)?
        .typed(&*store)
        .map_err(host)
}

pub(super) fn host(error: impl std::fmt::Display) -> Fault {
    Fault::Host {
        message: format!("{error:#}"),
    }
}

/// An export that validation found and the instance does not have: a bug of ours.
pub(super) fn missing() -> Fault {
    host("an export that was checked is not there")
}
