//! What a module must be before it is compiled.

use redress_abi::{ROUNDING_SECTION, SCHEMA_SECTION, TABLES_SECTION};
use redress_model::{Digest, Rounding};
use wasmparser::types::{EntityType, TypesRef};
use wasmparser::{
    BinaryReaderError, Export, ExternalKind, MemoryType, Parser, Payload, SubType, TableType,
    ValType, Validator,
};

use super::limits::{MODULE_BYTES_MAX, TABLE_ELEMENTS_MAX, features};
use crate::PolicyError;

/// What the module must have been built for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected {
    pub(super) schema: Digest,
    /// `None` when the release has no tables.
    pub(super) tables: Option<Digest>,
    pub(super) rounding: Rounding,
    pub(super) memory_bytes_max: u64,
}

/// The functions of the guest ABI with their parameters and results.
const FUNCTIONS: [(&str, &[ValType], &[ValType]); 4] = [
    ("abi_version", &[], &[ValType::I32]),
    ("alloc", &[ValType::I32], &[ValType::I32]),
    ("remedy", &[ValType::I32, ValType::I32], &[ValType::I64]),
    ("route", &[ValType::I32, ValType::I32], &[ValType::I64]),
];

/// Checks a module and returns the bytes of its memory.
pub(super) fn validate(module: &[u8], expected: &Expected) -> Result<u64, PolicyError> {
    if module.len() > MODULE_BYTES_MAX {
        return Err(problem(format!(
            "the module has {} bytes, at most {MODULE_BYTES_MAX} are loaded",
            module.len()
        )));
    }
    if !Parser::is_core_wasm(module) {
        return Err(wrong(
            "these bytes are not a core WebAssembly module",
            "a policy is built with host-bindings/guest/build.sh; precompiled code and components are never loaded",
        ));
    }
    let parts = Parts::read(module)?;
    let types = valid(Validator::new_with_features(features()).validate_all(module))?;
    let memory_bytes = parts.memory(expected)?;
    parts.table()?;
    parts.exports(types.as_ref())?;
    parts.sections(expected)?;
    Ok(memory_bytes)
}

/// What the module declares, as far as the ABI has a say in it.
#[derive(Default)]
struct Parts<'m> {
    memories: Vec<MemoryType>,
    tables: Vec<TableType>,
    exports: Vec<Export<'m>>,
    sections: Vec<(&'m str, &'m [u8])>,
}

impl<'m> Parts<'m> {
    fn read(module: &'m [u8]) -> Result<Self, PolicyError> {
        let mut parts = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match valid(payload)? {
                Payload::ImportSection(imports) => {
                    if let Some(import) = imports.into_imports().next() {
                        let import = valid(import)?;
                        return Err(wrong(
                            &format!(
                                "the module imports {:?} from {:?}",
                                import.name, import.module
                            ),
                            "a policy reaches nothing outside itself",
                        ));
                    }
                }
                Payload::StartSection { .. } => {
                    return Err(wrong(
                        "the module has a start function",
                        "only `alloc`, `remedy` and `route` are called",
                    ));
                }
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        parts.memories.push(valid(memory)?);
                    }
                }
                Payload::TableSection(tables) => {
                    for table in tables {
                        parts.tables.push(valid(table)?.ty);
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        parts.exports.push(valid(export)?);
                    }
                }
                Payload::CustomSection(section) => {
                    parts.sections.push((section.name(), section.data()));
                }
                _ => {}
            }
        }
        Ok(parts)
    }

    fn memory(&self, expected: &Expected) -> Result<u64, PolicyError> {
        let [memory] = self.memories.as_slice() else {
            return Err(problem(format!(
                "the module has {} memories, a policy has exactly one",
                self.memories.len()
            )));
        };
        let fixed = "link it with --initial-memory and --max-memory of the same size";
        let Some(maximum) = memory.maximum else {
            return Err(wrong("the module's memory has no maximum", fixed));
        };
        if maximum != memory.initial {
            return Err(wrong(
                &format!(
                    "the module's memory may grow from {} to {maximum} pages",
                    memory.initial
                ),
                fixed,
            ));
        }
        let bytes = memory.initial.saturating_mul(65_536);
        let limit = expected.memory_bytes_max;
        if bytes > limit {
            return Err(problem(format!(
                "the module's memory has {bytes} bytes, the budget allows {limit}"
            )));
        }
        Ok(bytes)
    }

    fn table(&self) -> Result<(), PolicyError> {
        let limit = u64::from(TABLE_ELEMENTS_MAX);
        match self.tables.as_slice() {
            [] => Ok(()),
            [table] if table.initial <= limit => Ok(()),
            [table] => Err(problem(format!(
                "the module's table of functions has {} entries, at most {limit} are allowed",
                table.initial
            ))),
            tables => Err(problem(format!(
                "the module has {} tables of functions, at most one is allowed",
                tables.len()
            ))),
        }
    }

    fn exports(&self, types: TypesRef<'_>) -> Result<(), PolicyError> {
        let find = |name: &str| self.exports.iter().find(|export| export.name == name);
        match find("memory") {
            Some(export) if export.kind == ExternalKind::Memory => {}
            _ => return Err(problem("the module does not export its memory as `memory`")),
        }
        for (name, params, results) in FUNCTIONS {
            let signature = || format!("`{name}` of type {}", show(params, results));
            let Some(export) = find(name) else {
                return Err(problem(format!(
                    "the module does not export {}",
                    signature()
                )));
            };
            let function = match types.entity_type_from_export(export) {
                Some(EntityType::Func(id)) => types.get(id).map(SubType::unwrap_func),
                _ => None,
            };
            let Some(function) = function else {
                return Err(problem(format!(
                    "the export `{name}` is not a function, expected {}",
                    signature()
                )));
            };
            if function.params() != params || function.results() != results {
                return Err(problem(format!(
                    "the export `{name}` has type {}, expected {}",
                    show(function.params(), function.results()),
                    show(params, results),
                )));
            }
        }
        Ok(())
    }

    fn section(&self, name: &str) -> Result<Option<&'m [u8]>, PolicyError> {
        let mut found = self.sections.iter().filter(|(section, _)| *section == name);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(problem(format!("the module has two sections `{name}`"))),
            (first, _) => Ok(first.map(|(_, data)| *data)),
        }
    }

    fn sections(&self, expected: &Expected) -> Result<(), PolicyError> {
        const REBUILD: &str = "generate its bindings again and rebuild it";
        let built_for = |name: &str, what: &str, digest: Digest| {
            let Some(data) = self.section(name)? else {
                return Err(wrong(
                    &format!("the module does not say for which {what} it was built"),
                    &format!("it needs a custom section `{name}` with the 32 bytes of a digest"),
                ));
            };
            if data == digest.bytes() {
                return Ok(());
            }
            Err(wrong(
                &format!("the module was built for another {what} than the release has"),
                REBUILD,
            ))
        };
        built_for(SCHEMA_SECTION, "schema", expected.schema)?;
        if let Some(tables) = expected.tables {
            built_for(TABLES_SECTION, "set of tables", tables)?;
        }
        let rounding = expected.rounding.name();
        match self.section(ROUNDING_SECTION)? {
            Some(data) if data != rounding.as_bytes() => Err(wrong(
                &format!("the module was built for another rounding than {rounding}"),
                REBUILD,
            )),
            _ => Ok(()),
        }
    }
}

fn show(params: &[ValType], results: &[ValType]) -> String {
    let list = |types: &[ValType]| {
        let names: Vec<_> = types.iter().map(ToString::to_string).collect();
        names.join(", ")
    };
    format!("({}) -> ({})", list(params), list(results))
}

fn problem(problem: impl Into<String>) -> PolicyError {
    PolicyError {
        problem: problem.into(),
        at: None,
        help: None,
    }
}

fn wrong(text: &str, help: &str) -> PolicyError {
    PolicyError {
        help: Some(help.into()),
        ..problem(text)
    }
}

fn valid<T>(read: Result<T, BinaryReaderError>) -> Result<T, PolicyError> {
    read.map_err(|error| {
        let message = error.message();
        let text = format!(
            "the module is not a valid policy: {message} (at byte {})",
            error.offset()
        );
        if message.contains("float") {
            return wrong(
                &text,
                "sums are whole minor units; a policy computes without floating point",
            );
        }
        problem(text)
    })
}
