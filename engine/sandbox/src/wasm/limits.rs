//! Every setting of the WASM runtime, written out.
//!
//! What wasmtime leaves to its own defaults differs between versions and platforms.
//! Read against the sources of wasmtime 48.0.8.

use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, OperatorCost, OptLevel, PoolingAllocationConfig,
    ProfilingStrategy, RegallocAlgorithm, ResourceLimiter, Strategy, WasmFeatures,
};

/// The largest module, in bytes. Compile time grows with it.
pub const MODULE_BYTES_MAX: usize = 256 * 1024;
/// The largest table of functions, in entries. Only indirect calls need one.
pub const TABLE_ELEMENTS_MAX: u32 = 1024;
/// The stack of a running module. The thread that decides needs this much and what the
/// engine itself takes; a Rust thread has 2 MiB.
pub const STACK_BYTES_MAX: usize = 256 * 1024;
/// The most bytes of the runtime's own bookkeeping for one instance: room for some
/// thousands of functions and globals.
const INSTANCE_BYTES_MAX: usize = 64 * 1024;
/// Address space without memory behind it before and after each linear memory.
const GUARD_BYTES: u64 = 64 * 1024;

/// How much one [`WasmHost`](super::WasmHost) sets aside.
///
/// Address space for every memory is taken at once, memory itself only where an
/// instance ran; what ran once stays resident, because that is what makes the next
/// instance cheap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostLimits {
    /// The most policies that run at the same time, over all threads. One more is a fault
    /// of the host, so a host has at least as many as threads that decide.
    pub instances_max: u32,
    /// The largest memory of a module, in bytes; a budget may allow less.
    pub memory_bytes_max: u64,
}

impl HostLimits {
    /// 64 policies at a time, with 1 MiB each.
    pub const STANDARD: Self = Self {
        instances_max: 64,
        memory_bytes_max: 1024 * 1024,
    };
}

/// What a module may be written in: WebAssembly 1.0, with the small later additions that
/// compilers rely on by now (the stable set "lime1"), and without floating point.
///
/// No SIMD, threads, 64-bit or several memories, tail calls, exceptions, references or
/// garbage collection: each is more to trust, and no tariff needs it.
pub(super) fn features() -> WasmFeatures {
    WasmFeatures::LIME1
        .difference(WasmFeatures::FLOATS)
        .difference(WasmFeatures::SATURATING_FLOAT_TO_INT)
        .difference(WasmFeatures::GC_TYPES)
}

/// The price of each operator in fuel.
///
/// All cost 1, except those that make no code (0), and what handles many bytes or
/// entries while it runs, which costs 1 for each of them as well. Fuel is reported as usage and bounds
/// what a policy can decide, so the table is part of what a release was tried with.
const fn fuel() -> OperatorCost {
    let mut cost = OperatorCost::new();
    cost.variable.memory_copy_per_byte = 1;
    cost.variable.memory_fill_per_byte = 1;
    // Only the module's own data at the start of an instance: as good as `memory.copy` of
    // tables that somebody reviewed, and bounded by the size of the module.
    cost.variable.memory_init_per_byte = 0;
    cost.variable.memory_grow_per_page = 1;
    cost.variable.table_copy_per_element = 1;
    cost.variable.table_fill_per_element = 1;
    cost.variable.table_init_per_element = 1;
    cost.variable.table_grow_per_element = 1;
    cost
}

/// The configuration for modules that anybody wrote.
pub(super) fn foreign(limits: HostLimits) -> Config {
    let mut config = common();
    config
        // Fuel decides, the same on every machine. The epoch is a switch that a host may
        // throw to stop all that run; what it hits is a fault and never a payment.
        .consume_fuel(true)
        .operator_cost(fuel())
        .epoch_interruption(true)
        // A small reservation costs a bounds check at each access and saves 4 GiB of
        // address space for each of the pool's memories.
        .memory_reservation(limits.memory_bytes_max)
        .memory_guard_size(GUARD_BYTES)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    config
}

/// The configuration for modules of this project's own compiler.
///
/// The language that they come from ends by construction: it has no recursion and no
/// unbounded loop, and the most steps of a run are counted before anything is compiled.
/// So there is neither fuel to count nor an epoch to look at, which with the bounds checks
/// would be a third of the work of compiling.
pub(super) fn own() -> Config {
    let mut config = common();
    config
        .consume_fuel(false)
        .epoch_interruption(false)
        // Every 32-bit address is reserved, so no access is checked by code. An instance is
        // kept by its thread, so there are as many as threads times policies, and not a pool.
        .memory_reservation(1 << 32)
        .memory_guard_size(GUARD_BYTES)
        .allocation_strategy(InstanceAllocationStrategy::OnDemand);
    config
}

/// What both have in common.
fn common() -> Config {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::Backtracking)
        // For no module that runs here has floats; it costs nothing then.
        .cranelift_nan_canonicalization(true)
        .cranelift_debug_verifier(false)
        .relaxed_simd_deterministic(true)
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(features(), true)
        .wasm_branch_hinting(false)
        .shared_memory(false)
        .max_wasm_stack(STACK_BYTES_MAX)
        // Memories never grow and never move.
        .memory_reservation_for_growth(0)
        .guard_before_linear_memory(true)
        .memory_may_move(false)
        // With memory that stays resident, writing the few bytes of a module's data anew
        // is cheaper than mapping an image of them.
        .memory_init_cow(false)
        .table_lazy_init(true)
        .signals_based_traps(true)
        // A trap is told by its kind alone; nothing is traced, profiled or debugged.
        .wasm_backtrace_max_frames(None)
        .native_unwind_info(false)
        .generate_address_map(false)
        .debug_info(false)
        .debug_symbols(false)
        .metadata_for_internal_asserts(false)
        .profiler(ProfilingStrategy::None);
    config
}

fn pool(limits: HostLimits) -> PoolingAllocationConfig {
    let memory_bytes = usize::try_from(limits.memory_bytes_max).unwrap_or(usize::MAX);
    let table_elements = usize::try_from(TABLE_ELEMENTS_MAX).unwrap_or(usize::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(limits.instances_max)
        .total_memories(limits.instances_max)
        .total_tables(limits.instances_max)
        .max_memories_per_module(1)
        .max_tables_per_module(1)
        .table_elements(table_elements)
        .max_memory_size(memory_bytes)
        .max_core_instance_size(INSTANCE_BYTES_MAX)
        .max_unused_warm_slots(limits.instances_max)
        .decommit_batch_size(1)
        // A finished instance is wiped by writing zeros, without a call to the kernel.
        .linear_memory_keep_resident(memory_bytes)
        .table_keep_resident(table_elements.saturating_mul(size_of::<usize>()))
        .pagemap_scan(Enabled::No);
    pool
}

/// Stops a module that asks for more memory than it declared, and keeps how much.
#[derive(Debug)]
pub(super) struct MemoryGuard {
    limit: usize,
    /// The bytes asked for in vain.
    pub(super) asked: Option<usize>,
}

impl MemoryGuard {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, asked: None }
    }
}

impl ResourceLimiter for MemoryGuard {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired <= self.limit {
            return Ok(true);
        }
        self.asked = Some(desired);
        Err(wasmtime::Error::msg("the memory does not grow"))
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(u32::try_from(desired).is_ok_and(|desired| desired <= TABLE_ELEMENTS_MAX))
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }
}
