//! What commands show: facts, traces, limits, documentation, differences.

use std::fs::{self, DirEntry};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use redress::{Release, Traced};
use redress_model::{Code, Facts, Locale, Reason};

use super::docs::{COMMANDS, FUNCTIONS};
use crate::Lang;
use crate::text::{Tone, pad_right, width, wrap};
use crate::words;

/// A fingerprint of the files below a folder, for telling whether any of them changed.
pub type Stamp = u64;

/// The largest file whose content is part of a stamp; of a larger one its size and time are.
const CONTENT_BYTES_MAX: u64 = 1 << 20;

/// The stamp of a policy's files; names that start with a dot are no part of it.
///
/// It holds the files' content: two writes within one tick of the file system's clock
/// leave the same time behind, and a file that was seen half written would never be
/// looked at again.
#[must_use]
pub fn stamp(folder: &Path) -> Stamp {
    let mut hasher = DefaultHasher::new();
    stamp_into(folder, 0, &mut hasher);
    hasher.finish()
}

fn stamp_into(folder: &Path, depth: u32, hasher: &mut DefaultHasher) {
    if depth > 8 {
        return;
    }
    let mut entries: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let Ok(meta) = entry.metadata() else {
            continue;
        };
        if meta.is_dir() {
            stamp_into(&entry.path(), depth + 1, hasher);
            continue;
        }
        entry.path().hash(hasher);
        meta.len().hash(hasher);
        meta.modified().ok().hash(hasher);
        if meta.is_file() && meta.len() <= CONTENT_BYTES_MAX {
            fs::read(entry.path()).ok().hash(hasher);
        }
    }
}

/// The commands with what they do.
pub(super) fn help(room: usize) -> String {
    let mut text = String::new();
    let widest = COMMANDS
        .iter()
        .map(|(name, arguments, _)| width(name) + 1 + width(arguments));
    let margin = widest.max().unwrap_or_default() + 2;
    for (name, arguments, what) in COMMANDS {
        let command = format!("{} {arguments}", Tone::Place.paint(name));
        if margin + 40 <= room {
            text.push_str(&format!("{}{what}\n", pad_right(&command, margin)));
            continue;
        }
        text.push_str(&format!("{}\n", command.trim_end()));
        for line in wrap(what, room.saturating_sub(4).max(16)) {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}

/// A row for each fact that has the word in its name or its meaning.
pub(super) fn facts(release: &Release, facts: &Facts, word: &str) -> Vec<Vec<String>> {
    let schema = release.schema();
    let chosen = schema
        .slots()
        .filter(|(_, fact)| fact.name.contains(word) || fact.description.contains(word));
    chosen
        .map(|(slot, fact)| {
            let value = match facts.get(slot) {
                Some(value) => Tone::Strong.paint(&schema.show(slot, value)),
                None => Tone::Faint.paint("unknown"),
            };
            let unit = fact.unit.as_ref().map(|unit| format!(" ({unit})"));
            vec![
                fact.name.to_string(),
                value,
                fact.class.name().to_owned(),
                format!("{}{}", fact.ty.expected(), unit.unwrap_or_default()),
            ]
        })
        .collect()
}

/// Each step below the line of the source that took it.
pub(super) fn trace(release: &Release, traced: &[Traced], room: usize) -> String {
    let mut out = String::new();
    for step in crate::trace::steps(release, traced) {
        if let Some((number, line)) = step.line {
            let line = format!("{number:>4}  {line}");
            out.push_str(&format!("{}\n", Tone::Faint.paint(&line)));
        }
        for line in wrap(&step.what, room.saturating_sub(6).max(16)) {
            out.push_str(&format!("      {line}\n"));
        }
    }
    out
}

/// The name of the guardrails' file in the release folder.
pub(super) fn guardrails_file(release: &Release) -> Option<String> {
    let manifest = release.source().folder().file("release.toml")?;
    let text = std::str::from_utf8(manifest).ok()?;
    let table: toml::Table = text.trim_start_matches('\u{feff}').parse().ok()?;
    Some(table.get("guardrails")?.as_str()?.to_owned())
}

/// The guardrails without comments and empty lines between keys.
pub(super) fn sections(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().map(str::trim_end) {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        if line.starts_with('[') {
            out.push_str(&format!("{}\n", Tone::Strong.paint(line)));
        } else {
            out.push_str(&format!("  {line}\n"));
        }
    }
    out
}

/// The names that [`doc`] knows, reasons without a limit of the guardrails aside.
pub(super) fn documented(release: &Release) -> impl Iterator<Item = &str> {
    let facts = release.schema().facts().iter();
    let tables = release.source().tables().iter();
    let claims = release.guardrails().claims.iter();
    let functions = FUNCTIONS.iter().map(|(name, ..)| *name);
    let commands = COMMANDS.iter().map(|(name, ..)| *name);
    let bare = COMMANDS
        .iter()
        .map(|(name, ..)| name.trim_start_matches(':'));
    functions
        .chain(facts.map(|fact| fact.name.as_str()))
        .chain(tables.map(|table| table.name().as_str()))
        .chain(claims.map(|claim| claim.code.as_str()))
        .chain(commands)
        .chain(bare)
}

/// What a name stands for.
pub(super) fn doc(release: &Release, name: &str, lang: Lang) -> Option<String> {
    if let Some((_, usage, what, example)) = FUNCTIONS.iter().find(|(own, ..)| *own == name) {
        let example = match *example {
            "" => String::new(),
            example => format!("  {example}\n"),
        };
        return Some(format!(
            "{}\n  {what}\n{example}",
            Tone::Strong.paint(usage)
        ));
    }
    let schema = release.schema();
    if let Some(fact) = schema.slot(name).and_then(|slot| schema.fact(slot)) {
        let unit = fact.unit.as_ref().map(|unit| format!(", in {unit}"));
        let worse = fact
            .direction
            .map(|direction| format!(", {}", direction.name()));
        return Some(format!(
            "{}\n  {}\n  {}, {}{}{}\n",
            Tone::Strong.paint(&format!("facts.{name}")),
            fact.description,
            fact.class.name(),
            fact.ty.expected(),
            unit.unwrap_or_default(),
            worse.unwrap_or_default(),
        ));
    }
    if let Some(table) = release.source().tables().get(name) {
        let list = |columns: &[redress_model::table::Column]| {
            let columns = columns.iter();
            let columns =
                columns.map(|column| format!("{}: {}", column.name, column.ty.expected()));
            columns.collect::<Vec<_>>().join("; ")
        };
        let text = format!(
            "{}\n  inputs {}\n  outputs {}\n  {} rows, hit policy {}\n",
            Tone::Strong.paint(&format!("table(\"{name}\", [..])")),
            list(table.inputs()),
            list(table.outputs()),
            table.rows().len(),
            table.hit().name(),
        );
        // A column without a range has that of 64 bits, which says nothing.
        let whole = format!(" from {} to {}", i64::MIN, i64::MAX);
        return Some(text.replace(&whole, ""));
    }
    let bare = name.trim_start_matches(':');
    let command = COMMANDS
        .iter()
        .find(|(own, ..)| own.trim_start_matches(':') == bare);
    if let Some((own, arguments, what)) = command {
        return Some(format!(
            "{} {arguments}\n  {what}\n",
            Tone::Strong.paint(own)
        ));
    }
    let reason = Reason::bare(Code::new(name).ok()?);
    let locale = Locale::new(lang.code()).ok()?;
    let own = || words::sentence(&reason.code, lang).map(str::to_owned);
    let sentence = release
        .source()
        .messages()
        .reason(&locale, &reason)
        .or_else(own)?;
    let claim = release.guardrails().claim(&reason.code);
    let source = claim.map(|claim| format!("  {}\n", claim.source));
    Some(format!(
        "{}\n  {sentence}\n{}",
        Tone::Strong.paint(name),
        source.unwrap_or_default()
    ))
}

/// The lines of two texts, those that only one of them has marked with a sign.
#[must_use]
pub fn diff(before: &str, after: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.lines().collect(), after.lines().collect());
    if before == after {
        return "no difference\n".to_owned();
    }
    // The longest common run of lines, from the ends backwards; both texts are short.
    let width = after.len() + 1;
    let mut longest = vec![0_usize; (before.len() + 1) * width];
    let at = |row: usize, column: usize| row * width + column;
    for (row, left) in before.iter().enumerate().rev() {
        for (column, right) in after.iter().enumerate().rev() {
            let get = |row, column| longest.get(at(row, column)).copied().unwrap_or_default();
            let best = if left == right {
                get(row + 1, column + 1) + 1
            } else {
                get(row + 1, column).max(get(row, column + 1))
            };
            if let Some(cell) = longest.get_mut(at(row, column)) {
                *cell = best;
            }
        }
    }
    let get = |row, column| longest.get(at(row, column)).copied().unwrap_or_default();
    let (mut row, mut column, mut out) = (0, 0, String::new());
    loop {
        match (before.get(row), after.get(column)) {
            (Some(left), Some(right)) if left == right => {
                out.push_str(&format!("  {left}\n"));
                (row, column) = (row + 1, column + 1);
            }
            (Some(left), right)
                if right.is_none() || get(row + 1, column) >= get(row, column + 1) =>
            {
                out.push_str(&format!("{}\n", Tone::Bad.paint(&format!("- {left}"))));
                row += 1;
            }
            (_, Some(right)) => {
                out.push_str(&format!("{}\n", Tone::Good.paint(&format!("+ {right}"))));
                column += 1;
            }
            _ => return out,
        }
    }
}
