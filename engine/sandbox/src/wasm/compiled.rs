//! Policies that this project's own compiler turned into a module.
//!
//! Such a module is checked like any other. It keeps nothing from one case to the next,
//! so each thread keeps one instance of it and gives it case after case; what it told of
//! the case before is wiped first, and after a trap the instance is dropped.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use redress_abi::report::{Report, offset, stopped};
use redress_abi::{RemedyAnswer, RouteAnswer, View};
use redress_model::fault::BudgetKind;
use redress_model::table::Tables;
use redress_model::{Facts, Fault, Proposal, Rounding, Route, Schema, Slot, Warnings};
use wasmtime::{Memory, Store, TypedFunc};

use super::failure::Told;
use super::limits::MemoryGuard;
use super::run::{function, host, missing, unknown_fact};
use super::value::{answer, number, place, read, with_record};
use super::{Fuel, Source, WasmHost, WasmPolicy};
use crate::rhai::verdict_and_route_bytes;
use crate::{Budget, PolicyError, Run, Sandbox, SandboxKind, Usage};

/// A policy as a module of this project's own compiler.
#[derive(Debug, Clone)]
pub struct CompiledPolicy {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    id: u64,
    policy: WasmPolicy,
    report: Report,
    tables: Arc<Tables>,
    list_items_max: u64,
}

/// What a run reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reached {
    /// Whether each branch was reached, over all sites in the order of the program.
    pub branches: Box<[bool]>,
    /// The facts that were read, in order of their slots.
    pub reads: Box<[Slot]>,
}

/// An instance that one thread keeps.
struct Kept {
    policy: Weak<Inner>,
    store: Store<MemoryGuard>,
    memory: Memory,
    alloc: TypedFunc<i32, i32>,
    remedy: TypedFunc<(i32, i32), i64>,
    route: TypedFunc<(i32, i32), i64>,
    /// Where a record goes.
    record_at: i32,
}

thread_local! {
    static KEPT: RefCell<BTreeMap<u64, Kept>> = const { RefCell::new(BTreeMap::new()) };
}

impl CompiledPolicy {
    /// Checks a module like any other and compiles it to machine code.
    ///
    /// # Errors
    /// [`PolicyError`] as [`WasmPolicy::compile`], which for a module of our own compiler is
    /// a bug of ours.
    pub fn compile(
        host: &WasmHost,
        module: &[u8],
        report: Report,
        schema: &Schema,
        tables: Arc<Tables>,
        rounding: Rounding,
        budget: Budget,
    ) -> Result<Self, PolicyError> {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        let module = Source {
            bytes: module,
            fuel: Fuel::Bounded,
        };
        let policy =
            WasmPolicy::compile_on(host, module, schema, &tables, rounding, Vec::new(), budget)?;
        let inner = Inner {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            policy,
            report,
            tables,
            list_items_max: crate::rhai::list_items_max(&budget, schema),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Runs the policy and says what the run reached.
    #[must_use]
    pub fn propose_reached(&self, facts: &Facts, warnings: &Warnings) -> (Run, Reached) {
        let mut reached = Reached::default();
        let run = self.run(facts, warnings, Some(&mut reached));
        (run, reached)
    }

    fn run(&self, facts: &Facts, warnings: &Warnings, reached: Option<&mut Reached>) -> Run {
        KEPT.with_borrow_mut(|all| {
            let kept = match all.entry(self.inner.id) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => match self.instance() {
                    Ok(kept) => entry.insert(kept),
                    Err(fault) => {
                        return Run {
                            proposal: Err(fault),
                            usage: Usage::default(),
                        };
                    }
                },
            };
            let mut steps = 0;
            let proposal = self.propose_in(kept, facts, warnings, &mut steps);
            if let Some(reached) = reached {
                *reached = self.reached(kept);
            }
            if proposal.is_err() {
                // It may have trapped: the next case gets an instance of its own. A good
                // moment, too, to forget those of policies that are gone.
                all.retain(|id, kept| *id != self.inner.id && kept.policy.strong_count() > 0);
            }
            Run {
                proposal,
                usage: Usage {
                    steps,
                    memory_bytes: number(self.inner.policy.memory_bytes),
                },
            }
        })
    }

    fn instance(&self) -> Result<Kept, Fault> {
        let policy = &self.inner.policy;
        let mut store = policy.store();
        let instance = policy.instance(&mut store)?;
        let memory = instance
            .get_module_export(&mut store, &policy.exports.memory)
            .and_then(wasmtime::Extern::into_memory)
            .ok_or_else(missing)?;
        let alloc: TypedFunc<i32, i32> = function(&mut store, instance, &policy.exports.alloc)?;
        let record_at = alloc
            .call(&mut store, 0)
            .map_err(|error| policy.fault_of(&error, &store))?;
        Ok(Kept {
            policy: Arc::downgrade(&self.inner),
            remedy: function(&mut store, instance, &policy.exports.remedy)?,
            route: function(&mut store, instance, &policy.exports.route)?,
            store,
            memory,
            alloc,
            record_at,
        })
    }

    fn propose_in(
        &self,
        kept: &mut Kept,
        facts: &Facts,
        warnings: &Warnings,
        steps: &mut u64,
    ) -> Result<Proposal, Fault> {
        let policy = &self.inner.policy;
        self.wipe(kept);
        let bytes = self.call(kept, facts, View::Remedy, steps)?;
        let layout = &policy.layout;
        let remedy = read(bytes, |bytes, names| layout.decode_remedy(bytes, names))?;
        if let RemedyAnswer::UnknownFact(slot) = remedy {
            return Ok(unknown_fact(slot));
        }
        let route = if self.inner.report.has_route {
            let bytes = self.call(kept, facts, View::Route(warnings), steps)?;
            match read(bytes, |bytes, names| layout.decode_route(bytes, names))? {
                RouteAnswer::Route(route) => route,
                RouteAnswer::UnknownFact(slot) => return Ok(unknown_fact(slot)),
            }
        } else {
            Route::default()
        };
        let (verdict, tier) = remedy.into_verdict();
        // The measure is the interpreter's: a policy is as long in one sandbox as in the other.
        let used = verdict_and_route_bytes(&verdict, &route);
        let limit = u64::from(policy.budget.output_bytes_max);
        if used > limit {
            return Err(Fault::BudgetExceeded {
                budget: BudgetKind::Output,
                limit,
                used,
            });
        }
        Ok(Proposal {
            verdict,
            tier,
            route,
        })
    }

    /// Wipes what the module told of the case before.
    fn wipe(&self, kept: &mut Kept) {
        let range = self.report_range();
        if let Some(report) = kept.memory.data_mut(&mut kept.store).get_mut(range) {
            report.fill(0);
        }
    }

    fn report_range(&self) -> std::ops::Range<usize> {
        let at = usize::try_from(self.inner.report.address).unwrap_or(usize::MAX);
        let length = usize::try_from(self.inner.report.bytes()).unwrap_or(usize::MAX);
        at..at.saturating_add(length)
    }

    /// Runs the half of the policy that a view is for.
    fn call<'k>(
        &self,
        kept: &'k mut Kept,
        facts: &Facts,
        view: View<'_>,
        steps: &mut u64,
    ) -> Result<&'k [u8], Fault> {
        let policy = &self.inner.policy;
        let (address, length) = with_record(&policy.layout, facts, view, |record| {
            let length = i32::try_from(record.len()).map_err(host)?;
            let address = match record.len() <= policy.layout.fixed_len() {
                true => kept.record_at,
                // Texts and lists have room too, which the module itself says.
                false => kept
                    .alloc
                    .call(&mut kept.store, length)
                    .map_err(|error| policy.fault_of(&error, &kept.store))?,
            };
            let memory = kept.memory.data_mut(&mut kept.store);
            let (place, address) = place(memory, address, record.len())?;
            place.copy_from_slice(record);
            Ok((address, length))
        })?;
        // By reference: a clone would count up in memory that every thread shares.
        let (function, name) = match view {
            View::Remedy => (&kept.remedy, "remedy"),
            View::Route(_) => (&kept.route, "route"),
        };
        let called = function.call(&mut kept.store, (address, length));
        let memory = kept.memory.data(&kept.store);
        // The call of the function itself is a step of the interpreter too.
        let taken = self.word(memory, offset::STEPS).cast_unsigned();
        *steps = steps.saturating_add(taken).saturating_add(1);
        let packed = match called {
            Ok(packed) => packed,
            Err(error) => {
                let told = self.told(memory);
                return Err(told.unwrap_or_else(|| policy.fault_of(&error, &kept.store)));
            }
        };
        answer(memory, packed, name, u64::MAX, 0)
    }

    fn word(&self, memory: &[u8], offset: u32) -> i64 {
        let at = self.inner.report.address.saturating_add(offset);
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let bytes = memory.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| i64::from_le_bytes(*bytes))
    }

    /// Why the module stopped itself, if it did.
    fn told(&self, memory: &[u8]) -> Option<Fault> {
        let first = self.word(memory, offset::STOPPED).to_le_bytes();
        let [a, b, c, d, e, f, g, h] = first;
        if u32::from_le_bytes([a, b, c, d]) != stopped::BY_FAILURE {
            return None;
        }
        let number = usize::try_from(u32::from_le_bytes([e, f, g, h])).ok()?;
        let told = Told {
            failure: self.inner.report.failures.get(number)?,
            first: self.word(memory, offset::FIRST),
            second: self.word(memory, offset::SECOND),
            memory,
            tables: &self.inner.tables,
            list_items_max: self.inner.list_items_max,
            output_bytes_max: self.inner.policy.budget.output_bytes_max.into(),
        };
        Some(told.fault())
    }

    fn reached(&self, kept: &Kept) -> Reached {
        let report = &self.inner.report;
        let memory = kept.memory.data(&kept.store);
        let bytes = memory.get(self.report_range()).unwrap_or_default();
        let start = usize::try_from(offset::BRANCHES).unwrap_or(usize::MAX);
        let branches = usize::try_from(report.branches).unwrap_or(usize::MAX);
        let marks = bytes.get(start..).unwrap_or_default();
        let (branches, reads) = marks.split_at_checked(branches).unwrap_or((marks, &[]));
        let read = (0_u16..).zip(reads).filter(|(_, mark)| **mark != 0);
        Reached {
            branches: branches.iter().map(|mark| *mark != 0).collect(),
            reads: read.map(|(slot, _)| Slot::new(slot)).collect(),
        }
    }
}

impl Sandbox for CompiledPolicy {
    fn kind(&self) -> SandboxKind {
        SandboxKind::Compiled
    }

    fn propose(&self, facts: &Facts, warnings: &Warnings) -> Run {
        if facts.schema() != self.inner.policy.layout.schema() {
            return Run {
                proposal: Err(Fault::Host {
                    message: "the facts are of another schema than the policy".into(),
                }),
                usage: Usage::default(),
            };
        }
        self.run(facts, warnings, None)
    }
}
