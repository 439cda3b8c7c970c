//! The typed representation to a WebAssembly module over guest ABI v1.
//!
//! The module imports nothing and keeps nothing: each call begins with free memory where
//! the constants end. Values live in the machine's own variables; texts and lists are an
//! address and a length in one number, remedies and routes are records that never change.
//!
//! A function gives its results and then the interpreter's steps, below zero when it
//! stopped: for an unknown fact, which the answer says, or by a failure, which the report
//! says before the module traps.

mod answer;
mod code;
mod data;
mod emit;
mod function;
mod lists;
mod lookup;
mod numbers;
mod runtime;

use std::collections::{BTreeMap, BTreeSet};

use redress_abi::report::{Failure, FailureKind, Report};
use redress_abi::{Layout, ROUNDING_SECTION, SCHEMA_SECTION, TABLES_SECTION};
use redress_model::table::Tables;
use redress_model::{FactType, Rounding, Schema, Slot};
use rowan::TextSize;
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ExportKind, ExportSection, FunctionSection,
    GlobalSection, GlobalType, Instruction, MemorySection, MemoryType, Module, TypeSection,
    ValType,
};

use self::code::{Body, Code};
use self::data::{Data, REPORT_AT};
use self::runtime::{FIRST, Runtime};
use crate::ir::{Limits, Program};
use crate::syntax::Lines;

/// A compiled policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// The module.
    pub module: Vec<u8>,
    /// What it tells beside its answers.
    pub report: Report,
}

/// Why a program is not compiled: it is left to the interpreter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCompiled {
    /// A run could come past a limit that the interpreter watches over.
    #[error("a run could use {used} of at most {limit} {what}")]
    OverBudget {
        /// Of what.
        what: &'static str,
        /// The most.
        limit: u64,
        /// What a run could use.
        used: u64,
    },
    /// A table asks for more different texts than a set of 64 bits holds.
    #[error("an input column of the table `{table}` has more than 64 values")]
    WideEnum {
        /// The table.
        table: String,
    },
}

impl NotCompiled {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OverBudget { .. } => "compile_over_budget",
            Self::WideEnum { .. } => "compile_wide_enum",
        }
    }
}

/// Room for the longest answer, by its own count of bytes and by the interpreter's.
const OUTPUT_BYTES: u32 = 64 * 1024;
const PAGE_BYTES: u32 = 64 * 1024;

/// Makes the module of a program.
///
/// # Errors
/// [`NotCompiled`] when the program is left to the interpreter.
pub fn compile(
    program: &Program,
    lines: &Lines,
    schema: &Schema,
    tables: &Tables,
    rounding: Rounding,
    limits: &Limits,
) -> Result<Compiled, NotCompiled> {
    let bound = program.bound(limits);
    let over = |what, limit, used| NotCompiled::OverBudget { what, limit, used };
    if bound.steps > limits.steps_max {
        return Err(over("steps", limits.steps_max, bound.steps));
    }
    if bound.memory_bytes > limits.memory_bytes_max {
        return Err(over(
            "bytes of memory",
            limits.memory_bytes_max,
            bound.memory_bytes,
        ));
    }
    if bound.call_depth > limits.call_depth_max {
        return Err(over(
            "nested calls",
            limits.call_depth_max.into(),
            bound.call_depth.into(),
        ));
    }
    let texts = program.list_text_bytes(schema, limits);
    if texts > limits.text_bytes_max {
        let what = "bytes of texts in one list";
        return Err(over(what, limits.text_bytes_max, texts));
    }
    for table in tables.iter() {
        let wide = |column: &redress_model::table::Column| match &column.ty {
            redress_model::table::CellType::Enum(values) => values.len() > data::ENUM_VALUES_MAX,
            _ => false,
        };
        if table.inputs().iter().any(wide) {
            return Err(NotCompiled::WideEnum {
                table: table.name().to_string(),
            });
        }
    }
    let mut maker = Maker::new(program, lines, schema, tables, rounding, limits);
    maker.functions();
    let arena = u32::try_from(bound.arena_bytes).unwrap_or(u32::MAX);
    let pages = maker
        .data
        .end()
        .saturating_add(arena)
        .saturating_add(64)
        .div_ceil(PAGE_BYTES);
    let bytes = u64::from(pages).saturating_mul(PAGE_BYTES.into());
    if bytes > limits.memory_bytes_max {
        return Err(over("bytes of memory", limits.memory_bytes_max, bytes));
    }
    Ok(maker.finish(pages))
}

/// A function that is made: its type's number and its code.
struct Made {
    ty: u32,
    body: Body,
}

struct Maker<'p> {
    program: &'p Program,
    lines: &'p Lines,
    schema: &'p Schema,
    tables: &'p Tables,
    rounding: Rounding,
    limits: &'p Limits,
    layout: Layout,
    data: Data,
    /// Where the report of a branch lies, by the number of its site.
    branches: Vec<u32>,
    branch_count: u32,
    record_at: u32,
    record_bytes: u32,
    output_at: u32,
    types: Vec<(Vec<ValType>, Vec<ValType>)>,
    type_ids: BTreeMap<(Vec<u8>, Vec<u8>), u32>,
    made: Vec<Made>,
    failures: Vec<Failure>,
}

impl<'p> Maker<'p> {
    fn new(
        program: &'p Program,
        lines: &'p Lines,
        schema: &'p Schema,
        tables: &'p Tables,
        rounding: Rounding,
        limits: &'p Limits,
    ) -> Self {
        let layout = Layout::new(schema);
        let mut branch_count = 0_u32;
        let branches = program
            .sites
            .iter()
            .map(|site| {
                let first = branch_count;
                let count = u32::try_from(site.branches.len()).unwrap_or(0);
                branch_count = branch_count.saturating_add(count);
                first
            })
            .collect();
        let slots = u32::try_from(schema.facts().len()).unwrap_or(0);
        let report = redress_abi::report::offset::BRANCHES + branch_count + slots;
        let record_at = align(REPORT_AT + report);
        let record_bytes = record_bytes(&layout, schema);
        let output_at = align(record_at.saturating_add(record_bytes).saturating_add(16));
        let start = output_at.saturating_add(OUTPUT_BYTES);
        Self {
            program,
            lines,
            schema,
            tables,
            rounding,
            limits,
            data: Data::new(start, &program.texts, schema, tables),
            layout,
            branches,
            branch_count,
            record_at,
            record_bytes,
            output_at,
            types: Vec::new(),
            type_ids: BTreeMap::new(),
            made: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// The number of a type of functions or blocks.
    fn ty(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let key = |types: &[ValType]| -> Vec<u8> {
            types
                .iter()
                .map(|ty| u8::from(*ty == ValType::I64))
                .collect()
        };
        let id = (key(params), key(results));
        if let Some(known) = self.type_ids.get(&id) {
            return *known;
        }
        let number = u32::try_from(self.types.len()).unwrap_or(u32::MAX);
        self.types.push((params.to_vec(), results.to_vec()));
        self.type_ids.insert(id, number);
        number
    }

    /// Takes note of something that can fail, and gives its number.
    fn failure(&mut self, kind: FailureKind, at: Option<TextSize>) -> u32 {
        let at = at.map(|at| self.lines.position(at));
        let failure = Failure { kind, at };
        let place = self.failures.iter().position(|known| *known == failure);
        let place = place.unwrap_or_else(|| {
            self.failures.push(failure);
            self.failures.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    /// Where a branch of a site is reported.
    fn branch_at(&self, site: crate::ir::SiteId, branch: usize) -> u32 {
        let at = usize::try_from(site.0).unwrap_or(usize::MAX);
        let first = self.branches.get(at).copied().unwrap_or(0);
        let branch = u32::try_from(branch).unwrap_or(0);
        REPORT_AT + redress_abi::report::offset::BRANCHES + first + branch
    }

    /// Where it is reported that a fact was read.
    fn read_at(&self, slot: Slot) -> u32 {
        let facts = REPORT_AT + redress_abi::report::offset::BRANCHES + self.branch_count;
        facts + u32::from(slot.number())
    }

    fn field_at(&self, slot: Slot) -> u32 {
        let offset = self.layout.offset(slot).unwrap_or(0);
        self.record_at + u32::try_from(offset).unwrap_or(0)
    }

    /// The index of a function of the program.
    fn index(id: crate::ir::FunctionId) -> u32 {
        let runtime = u32::try_from(Runtime::ALL.len()).unwrap_or(0);
        FIRST + runtime + id.0
    }

    fn functions(&mut self) {
        let program = self.program;
        let bodies: Vec<Made> = program
            .functions
            .iter()
            .map(|function| function::make(self, function))
            .collect();
        let mut made = answer::exports(self);
        let called = made.iter().chain(&bodies);
        let called = called.flat_map(|made| &made.body.calls).copied();
        let runtime = self.runtime(called.collect());
        made.extend(runtime);
        made.extend(bodies);
        self.made = made;
    }

    /// The functions that every module has. What nothing calls has an empty body, so that no
    /// time is spent on its machine code.
    fn runtime(&mut self, mut called: BTreeSet<u32>) -> Vec<Made> {
        let mut bodies = BTreeMap::new();
        while let Some(index) = called.pop_first() {
            let mut all = Runtime::ALL.iter();
            let runtime = all.find(|runtime| runtime.index() == index);
            if let Some(runtime) = runtime.filter(|_| !bodies.contains_key(&index)) {
                let body = runtime.body(self.rounding, self.record_at);
                called.extend(&body.calls);
                bodies.insert(index, body);
            }
        }
        let made = Runtime::ALL.iter().map(|runtime| {
            let (params, results) = runtime.signature();
            let body = bodies.remove(&runtime.index());
            Made {
                ty: self.ty(params, results),
                body: body.unwrap_or_else(uncalled),
            }
        });
        made.collect()
    }

    fn finish(self, pages: u32) -> Compiled {
        let mut types = TypeSection::new();
        for (params, results) in &self.types {
            types
                .ty()
                .function(params.iter().copied(), results.iter().copied());
        }
        let (mut functions, mut codes) = (FunctionSection::new(), CodeSection::new());
        for made in &self.made {
            functions.function(made.ty);
            codes.function(&made.body.function);
        }
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: pages.into(),
            maximum: Some(pages.into()),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut globals = GlobalSection::new();
        let bump = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(bump, &ConstExpr::i32_const(self.data.end().cast_signed()));
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        for (index, name) in (0..).zip(["abi_version", "alloc", "remedy", "route"]) {
            exports.export(name, ExportKind::Func, index);
        }
        let mut data = DataSection::new();
        let start = self.output_at.saturating_add(OUTPUT_BYTES);
        data.active(
            0,
            &ConstExpr::i32_const(start.cast_signed()),
            self.data.bytes().iter().copied(),
        );
        let mut module = Module::new();
        module
            .section(&types)
            .section(&functions)
            .section(&memories)
            .section(&globals)
            .section(&exports)
            .section(&codes)
            .section(&data);
        let schema = self.schema.digest();
        let tables = self.tables.digest();
        custom(&mut module, SCHEMA_SECTION, schema.bytes());
        if self.tables.iter().len() > 0 {
            custom(&mut module, TABLES_SECTION, tables.bytes());
        }
        custom(
            &mut module,
            ROUNDING_SECTION,
            self.rounding.name().as_bytes(),
        );
        let mut reads: Vec<Slot> = self
            .program
            .functions
            .iter()
            .flat_map(|function| function.reads.iter().map(|read| read.slot))
            .collect();
        reads.sort_unstable();
        reads.dedup();
        Compiled {
            module: module.finish(),
            report: Report {
                address: REPORT_AT,
                branches: self.branch_count,
                slots: u32::try_from(self.schema.facts().len()).unwrap_or(0),
                has_route: self.program.route.is_some(),
                failures: self.failures.into(),
                reads: reads.into(),
            },
        }
    }
}

/// The body of a function that nothing calls.
fn uncalled() -> Body {
    let mut code = Code::new(0);
    code.op(Instruction::Unreachable);
    code.finish()
}

fn custom(module: &mut Module, name: &str, data: &[u8]) {
    module.section(&CustomSection {
        name: name.into(),
        data: data.into(),
    });
}

const fn align(address: u32) -> u32 {
    address.saturating_add(7) & !7
}

/// The longest record of a schema.
fn record_bytes(layout: &Layout, schema: &Schema) -> u32 {
    let text = |chars: u32| u64::from(chars).saturating_mul(4);
    let variable = schema.facts().iter().map(|fact| match &fact.ty {
        FactType::Text { chars_max } => text(*chars_max),
        FactType::List { item, items_max } => {
            let each = match &**item {
                FactType::Text { chars_max } => text(*chars_max).saturating_add(8),
                FactType::Money { .. } => 16,
                _ => 8,
            };
            each.saturating_mul((*items_max).into()).saturating_add(8)
        }
        _ => 0,
    });
    let variable: u64 = variable.sum();
    let fixed = u64::try_from(layout.fixed_len()).unwrap_or(u64::MAX);
    u32::try_from(fixed.saturating_add(variable)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
