//! The policy's code: a Rhai script, a WASM module, or both forms of one policy.

use redress_model::code::nearest;
use redress_model::{Digest, Schema, Slot};

use crate::folder::SourceFolder;
use crate::reader::{Item, Reader, Section};

/// A form that a policy comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A Rhai script.
    Rhai,
    /// A WASM module.
    Wasm,
}

impl Form {
    /// `rhai` or `wasm`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rhai => "rhai",
            Self::Wasm => "wasm",
        }
    }
}

/// Whether a script must compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiling {
    /// It is compiled where it can be; the interpreter runs it where it cannot.
    WherePossible,
    /// A release whose script does not compile is not valid.
    Required,
}

/// A policy as a Rhai script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RhaiSource {
    /// The file, by its path from the release folder.
    pub file: String,
    /// The script, at most 64 KiB.
    pub text: String,
    /// Whether it must compile.
    pub compiled: Compiling,
}

/// A policy as a WASM module, made from a source that lies beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WasmSource {
    /// The file, by its path from the release folder.
    pub file: String,
    /// The module, at most 1 MiB.
    pub module: Vec<u8>,
    /// The source that the module was made from, by its path from the release folder.
    pub source: String,
    /// The command that makes the module from its source.
    pub rebuild: String,
    /// The facts that the module always needs, in the order in which an unknown one holds
    /// the case.
    pub needs: Vec<Slot>,
}

/// The policy in the forms that the release has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// A script alone.
    Rhai(RhaiSource),
    /// A module alone.
    Wasm(WasmSource),
    /// Two forms of one policy, which decide alike.
    Both {
        /// The script.
        rhai: RhaiSource,
        /// The module.
        wasm: WasmSource,
        /// The form that decides unless the host asks for the other.
        run: Form,
    },
}

impl PolicySource {
    /// The script, if there is one.
    #[must_use]
    pub const fn rhai(&self) -> Option<&RhaiSource> {
        match self {
            Self::Rhai(rhai) | Self::Both { rhai, .. } => Some(rhai),
            Self::Wasm(_) => None,
        }
    }

    /// The module, if there is one.
    #[must_use]
    pub const fn wasm(&self) -> Option<&WasmSource> {
        match self {
            Self::Wasm(wasm) | Self::Both { wasm, .. } => Some(wasm),
            Self::Rhai(_) => None,
        }
    }

    /// The form that decides unless the host asks for the other.
    #[must_use]
    pub const fn run(&self) -> Form {
        match self {
            Self::Rhai(_) => Form::Rhai,
            Self::Wasm(_) => Form::Wasm,
            Self::Both { run, .. } => *run,
        }
    }
}

const KEYS: &[&str] = &[
    "rhai",
    "compiled",
    "wasm",
    "wasm_source",
    "wasm_source_sha256",
    "wasm_rebuild",
    "needs",
    "run",
];
const WASM_KEYS: &[&str] = &["wasm_source", "wasm_source_sha256", "wasm_rebuild", "needs"];

/// Reads `[policy]` with the files that it names.
///
/// Without a schema, because that has errors of its own, `needs` is not looked at.
pub(crate) fn read(
    root: &Section<'_>,
    folder: &SourceFolder,
    schema: Option<&Schema>,
    reader: &mut Reader<'_>,
) -> Option<PolicySource> {
    let item = root.need(reader, "policy")?;
    let section = item.section(reader)?;
    section.only(reader, KEYS);
    let (rhai_item, wasm_item) = (section.get("rhai"), section.get("wasm"));
    let rhai = rhai_item
        .as_ref()
        .and_then(|item| rhai(item, &section, folder, reader));
    let wasm = wasm_item
        .as_ref()
        .and_then(|item| wasm(item, &section, folder, schema, reader));
    if wasm_item.is_none() {
        for item in WASM_KEYS.iter().filter_map(|key| section.get(key)) {
            item.problem(reader, "goes with a module, and `policy.wasm` is not there");
        }
    }
    let forms = [("rhai", Form::Rhai), ("wasm", Form::Wasm)];
    let run_item = section.get("run");
    let run = run_item.as_ref().map(|item| item.one_of(reader, &forms));
    match (rhai_item, wasm_item) {
        (None, None) if section.has_like(reader, "rhai") || section.has_like(reader, "wasm") => {
            None
        }
        (None, None) => {
            let help = "add `rhai = \"policy.rhai\"` or `wasm = \"policy.wasm\"`";
            item.problem_with_help(reader, "expected a script, a module or both", help);
            None
        }
        (Some(_), Some(_)) => Some(PolicySource::Both {
            rhai: rhai?,
            wasm: wasm?,
            run: run.unwrap_or(Some(Form::Rhai))?,
        }),
        (only_rhai, _) => {
            let policy = match only_rhai {
                Some(_) => PolicySource::Rhai(rhai?),
                None => PolicySource::Wasm(wasm?),
            };
            let run = run.unwrap_or(Some(policy.run()))?;
            if let Some(item) = run_item.filter(|_| run != policy.run()) {
                item.problem(reader, format!("the release has no {} form", run.name()));
            }
            Some(policy)
        }
    }
}

fn rhai(
    item: &Item<'_>,
    section: &Section<'_>,
    folder: &SourceFolder,
    reader: &mut Reader<'_>,
) -> Option<RhaiSource> {
    let compiled = match section.get("compiled") {
        Some(item) => item.one_of(reader, &[("required", Compiling::Required)]),
        None => Some(Compiling::WherePossible),
    };
    let file = folder.named(item, ".rhai", reader)?;
    let text = folder.text(file, reader.problems())?;
    Some(RhaiSource {
        compiled: compiled?,
        file: file.to_owned(),
        text: text.to_owned(),
    })
}

fn wasm(
    item: &Item<'_>,
    section: &Section<'_>,
    folder: &SourceFolder,
    schema: Option<&Schema>,
    reader: &mut Reader<'_>,
) -> Option<WasmSource> {
    let file = folder.named(item, ".wasm", reader);
    let rebuild = section.need(reader, "wasm_rebuild");
    let rebuild = rebuild.and_then(|item| item.sentence(reader));
    let source = section.need(reader, "wasm_source");
    let source = source.and_then(|item| folder.named(&item, "", reader));
    let stated = section.need(reader, "wasm_source_sha256");
    if let Some(item) = stated {
        let digest = item.read(reader, |text| {
            Digest::from_hex(text).ok_or("expected 64 hexadecimal digits")
        });
        let found = source.and_then(|file| folder.file(file)).map(Digest::of);
        if let Some((_, found)) = digest.zip(found).filter(|(stated, found)| stated != found) {
            let source = source.unwrap_or_default();
            let problem =
                format!("{source:?} was changed after the module was made: its SHA-256 is {found}");
            let command = rebuild.unwrap_or("the command in `wasm_rebuild`");
            let help =
                format!("make the module again with `{command}`, then write the new digest here");
            item.problem_with_help(reader, problem, help);
        }
    }
    let needs = match section.get("needs") {
        Some(item) => needs(&item, schema?, reader),
        None => Some(Vec::new()),
    };
    let module = folder.file(file?)?;
    Some(WasmSource {
        file: file?.to_owned(),
        module: module.to_owned(),
        source: source?.to_owned(),
        rebuild: rebuild?.to_owned(),
        needs: needs?,
    })
}

fn needs(item: &Item<'_>, schema: &Schema, reader: &mut Reader<'_>) -> Option<Vec<Slot>> {
    let slot = |name: &str| -> Result<Slot, String> {
        let slot = schema.slot(name).ok_or_else(|| {
            let names = schema.facts().iter().map(|fact| fact.name.as_str());
            match nearest(name, names) {
                Some(nearest) => format!("there is no fact {name:?}; did you mean {nearest:?}?"),
                None => format!("there is no fact {name:?} in the schema"),
            }
        })?;
        match schema.fact(slot) {
            Some(fact) if !fact.class.seen_by_route() => Err(format!(
                "{name:?} is a {} fact, which no policy reads",
                fact.class.name()
            )),
            _ => Ok(slot),
        }
    };
    let slots = item.list(reader, slot)?;
    let mut distinct = slots.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < slots.len() {
        item.problem(reader, "a fact is named twice");
    }
    Some(slots)
}
