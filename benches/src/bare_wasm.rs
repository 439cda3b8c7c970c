//! The release's module on wasmtime alone.
//!
//! A fresh instance out of a pool for every case, as its documentation advises for many
//! short-lived instances: linked beforehand, memory and tables kept resident, exports
//! looked up by index, and the address space that makes bounds checks needless. No fuel,
//! no epoch, no limiter, nothing checked, nothing made of the answer.

use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use redress_abi::{Layout, Names, RouteAnswer, View, unpack};
use redress_model::Proposal;
use wasmtime::{
    Config, Enabled, Engine, Extern, Instance, InstanceAllocationStrategy, InstancePre, Linker,
    Memory, Module, ModuleExport, PoolingAllocationConfig, Store, TypedFunc, WasmParams,
    WasmResults,
};

use crate::{Bench, Input};

/// How many instances there may be at a time.
const POOLED: u32 = 16;
/// What the memory of the release's module has.
pub const MEMORY_BYTES: usize = 64 * 1024;
/// What a pooled table may have, in entries and in bytes. A table that did not stay
/// resident would be given back to the kernel after every case.
const TABLE_ELEMENTS: usize = 1024;
const TABLE_BYTES: usize = TABLE_ELEMENTS * size_of::<usize>();

/// The module, compiled and linked.
pub struct BareWasm {
    engine: Engine,
    module: InstancePre<()>,
    memory: ModuleExport,
    alloc: ModuleExport,
    remedy: ModuleExport,
    route: ModuleExport,
}

/// The records of one case, as the module takes them.
#[derive(Debug)]
pub struct ReadyRecords {
    remedy: Vec<u8>,
    route: Vec<u8>,
}

impl ReadyRecords {
    /// Writes the records of a case.
    ///
    /// # Errors
    /// When the facts do not fit the layout.
    pub fn new(layout: &Layout, input: &Input) -> Result<Self> {
        let record = |view| {
            let mut record = Vec::new();
            layout.encode(&input.case.facts, view, &mut record)?;
            anyhow::Ok(record)
        };
        Ok(Self {
            remedy: record(View::Remedy)?,
            route: record(View::Route(&input.standing.warnings))?,
        })
    }
}

impl BareWasm {
    /// Compiles and links a module whose memory has so many bytes.
    ///
    /// # Errors
    /// When the runtime refuses it.
    pub fn new(module: &[u8], memory_bytes: usize) -> Result<Self> {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_core_instances(POOLED)
            .total_memories(POOLED)
            .total_tables(POOLED)
            .max_memory_size(memory_bytes)
            .linear_memory_keep_resident(memory_bytes)
            .table_elements(TABLE_ELEMENTS)
            .table_keep_resident(TABLE_BYTES)
            .pagemap_scan(Enabled::No);
        let mut config = Config::new();
        config
            .memory_init_cow(false)
            .wasm_backtrace_max_frames(None)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        let engine = Engine::new(&config).map_err(refused)?;
        let compiled = Module::from_binary(&engine, module).map_err(refused)?;
        let export = |name| compiled.get_export_index(name).context("an export");
        Ok(Self {
            memory: export("memory")?,
            alloc: export("alloc")?,
            remedy: export("remedy")?,
            route: export("route")?,
            module: Linker::new(&engine)
                .instantiate_pre(&compiled)
                .map_err(refused)?,
            engine,
        })
    }

    /// Calls both functions in a fresh instance and lends their answers.
    ///
    /// # Errors
    /// When the module traps or an export is not what it should be.
    pub fn run<R>(
        &self,
        records: &ReadyRecords,
        remedy: impl FnOnce(&[u8]) -> R,
        route: impl FnOnce(&[u8]) -> R,
    ) -> Result<(R, R)> {
        self.instance()?.run(records, remedy, route)
    }

    /// An instance with its functions looked up.
    ///
    /// # Errors
    /// When an export is not what it should be.
    pub fn instance(&self) -> Result<BareInstance> {
        let mut store = Store::new(&self.engine, ());
        let instance = self.module.instantiate(&mut store).map_err(refused)?;
        let memory = instance
            .get_module_export(&mut store, &self.memory)
            .and_then(Extern::into_memory)
            .context("the memory")?;
        Ok(BareInstance {
            memory,
            alloc: function(&mut store, instance, &self.alloc)?,
            remedy: function(&mut store, instance, &self.remedy)?,
            route: function(&mut store, instance, &self.route)?,
            store,
        })
    }

    /// Holds what the module answers to what the script proposes, on every case.
    ///
    /// # Errors
    /// When one differs.
    pub fn check(&self, bench: &Bench, layout: &Layout) -> Result<()> {
        let mut names = Names::default();
        for (input, expected) in bench.inputs.iter().zip(bench.proposals()?) {
            let records = ReadyRecords::new(layout, input)?;
            let (remedy, route) = self.run(&records, <[u8]>::to_vec, <[u8]>::to_vec)?;
            let (verdict, tier) = layout.decode_remedy(&remedy, &mut names)?.into_verdict();
            let RouteAnswer::Route(route) = layout.decode_route(&route, &mut names)? else {
                anyhow::bail!("the route holds");
            };
            let proposal = Proposal {
                verdict,
                tier,
                route,
            };
            ensure!(
                proposal == expected,
                "{proposal:?}\nis not\n{expected:?}\nfor {:?}",
                input.flight
            );
        }
        Ok(())
    }
}

/// An instance with its functions.
pub struct BareInstance {
    store: Store<()>,
    memory: Memory,
    alloc: TypedFunc<i32, i32>,
    remedy: TypedFunc<(i32, i32), i64>,
    route: TypedFunc<(i32, i32), i64>,
}

impl BareInstance {
    /// Calls both functions and lends their answers.
    ///
    /// # Errors
    /// When the module traps.
    pub fn run<R>(
        &mut self,
        records: &ReadyRecords,
        remedy: impl FnOnce(&[u8]) -> R,
        route: impl FnOnce(&[u8]) -> R,
    ) -> Result<(R, R)> {
        let (store, alloc) = (&mut self.store, &self.alloc);
        let at = call(store, self.memory, alloc, &self.remedy, &records.remedy)?;
        let remedy = remedy(self.memory.data(&*store).get(at).context("an answer")?);
        let at = call(store, self.memory, alloc, &self.route, &records.route)?;
        let route = route(self.memory.data(&*store).get(at).context("an answer")?);
        Ok((remedy, route))
    }
}

/// Writes a record, calls a function on it and says where its answer lies.
fn call(
    store: &mut Store<()>,
    memory: Memory,
    alloc: &TypedFunc<i32, i32>,
    function: &TypedFunc<(i32, i32), i64>,
    record: &[u8],
) -> Result<Range<usize>> {
    let length = i32::try_from(record.len())?;
    let address = alloc.call(&mut *store, length).map_err(refused)?;
    memory.write(&mut *store, usize::try_from(address)?, record)?;
    let (address, length) = unpack(function.call(store, (address, length)).map_err(refused)?);
    let start = usize::try_from(address)?;
    Ok(start..start.saturating_add(usize::try_from(length)?))
}

fn function<P: WasmParams, R: WasmResults>(
    store: &mut Store<()>,
    instance: Instance,
    export: &ModuleExport,
) -> Result<TypedFunc<P, R>> {
    let export = instance.get_module_export(&mut *store, export);
    let function = export.and_then(Extern::into_func).context("a function")?;
    function.typed(&*store).map_err(refused)
}

fn refused(error: wasmtime::Error) -> anyhow::Error {
    anyhow::anyhow!("{error:#}")
}
