//! The mutants of a release: one small change each.

use redress_model::{Date, Money};
use redress_release::SourceFolder;
use serde::Serialize;

use crate::tokens::{Kind, Piece, pieces};

/// What was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The file, by its path from the release folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What stood there and what stands there now.
    pub what: String,
}

/// A text to put in place of some bytes.
struct Edit {
    start: usize,
    end: usize,
    with: String,
}

/// Every mutant of a release folder, in memory, in order of files and places.
#[must_use]
pub fn mutants(folder: &SourceFolder) -> Vec<(Change, SourceFolder)> {
    let mut all = Vec::new();
    let guardrails = manifest_key(folder, "guardrails");
    for (name, bytes) in folder.files() {
        let Ok(text) = std::str::from_utf8(bytes) else {
            continue;
        };
        let changes: Vec<(String, Vec<Edit>)> = if name.ends_with(".rhai") {
            singly(text, of_script(text))
        } else if Some(name) == guardrails.as_deref() {
            singly(text, of_guardrails(text))
        } else if name.ends_with(".csv") {
            of_table(text)
        } else {
            continue;
        };
        for (what, edits) in changes {
            let first = edits
                .iter()
                .map(|edit| edit.start)
                .min()
                .unwrap_or_default();
            let before = text.get(..first).unwrap_or_default();
            let change = Change {
                file: name.to_owned(),
                line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
                what,
            };
            let edited = edited(text, &edits).into_bytes();
            all.push((change, folder.clone().with_file(name, edited)));
        }
    }
    all
}

fn manifest_key(folder: &SourceFolder, key: &str) -> Option<String> {
    let text = std::str::from_utf8(folder.file("release.toml")?).ok()?;
    let table: toml::Table = text.trim_start_matches('\u{feff}').parse().ok()?;
    Some(table.get(key)?.as_str()?.to_owned())
}

/// One mutant for each edit.
fn singly(text: &str, edits: Vec<Edit>) -> Vec<(String, Vec<Edit>)> {
    let edits = edits.into_iter();
    let one = |edit: Edit| {
        let was = text.get(edit.start..edit.end).unwrap_or_default();
        (format!("{} → {}", was.trim(), edit.with.trim()), vec![edit])
    };
    edits.map(one).collect()
}

/// The text with all edits made; they do not overlap.
fn edited(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.start);
    let (mut out, mut read) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        out.push_str(text.get(read..edit.start).unwrap_or_default());
        out.push_str(&edit.with);
        read = edit.end;
    }
    out.push_str(text.get(read..).unwrap_or_default());
    out
}

/// Comparisons flipped, numbers and sums moved, conditions taken apart, branches dropped.
fn of_script(text: &str) -> Vec<Edit> {
    let pieces = pieces(text);
    let mut edits = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let end = piece.start + piece.text.len();
        let mut put = |start: usize, end: usize, with: &str| {
            edits.push(Edit {
                start,
                end,
                with: with.to_owned(),
            });
        };
        let next = pieces.get(at + 1).map_or("", |next| next.text);
        let before = at
            .checked_sub(1)
            .and_then(|at| pieces.get(at))
            .map_or("", |it| it.text);
        match (piece.kind, piece.text, next) {
            (Kind::Mark, "<" | ">" | "=" | "!", "=")
                if !"<>=!".contains(before) || before.is_empty() =>
            {
                let after = pieces.get(at + 2).map_or("", |it| it.text);
                let with = match piece.text {
                    "<" => "<",
                    ">" => ">",
                    "=" if after != "=" => "!=",
                    "!" => "==",
                    _ => continue,
                };
                put(piece.start, end + 1, with);
            }
            (Kind::Mark, "<" | ">", next)
                if next != piece.text && before != piece.text && !"=<>".contains(before) =>
            {
                put(piece.start, end, &format!("{}=", piece.text));
            }
            (Kind::Mark, "&", "&") => put(piece.start, end + 1, "||"),
            // Two bars without a name between them may also open a closure.
            (Kind::Mark, "|", "|") if !matches!(before, "(" | ",") => {
                put(piece.start, end + 1, "&&")
            }
            (Kind::Word, "true", _) => put(piece.start, end, "false"),
            (Kind::Word, "false", _) => put(piece.start, end, "true"),
            (Kind::Word, "if", _) => {
                if let Some((start, end)) = condition(&pieces, at) {
                    let condition = text.get(start..end).unwrap_or_default();
                    put(start, end, &format!("false && ({condition})"));
                }
            }
            (Kind::Number, number, _) => {
                if let Ok(number) = number.replace('_', "").parse::<i64>() {
                    put(piece.start, end, &number.saturating_add(1).to_string());
                    if number > 0 {
                        put(piece.start, end, &(number - 1).to_string());
                    }
                }
            }
            (Kind::Text, quoted, _) => {
                let inner = quoted.trim_matches('"');
                for sum in moved(inner) {
                    put(piece.start, end, &format!("\"{sum}\""));
                }
            }
            _ => {}
        }
    }
    edits
}

/// Where the condition of the `if` at a place begins and ends.
fn condition(pieces: &[Piece<'_>], at: usize) -> Option<(usize, usize)> {
    let mut depth = 0_usize;
    let mut start = None;
    let mut end = 0;
    let mut before = "";
    for piece in pieces.get(at + 1..)? {
        match piece.text {
            "{" if depth == 0 && before != "#" => return Some((start?, end)),
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if !piece.text.trim().is_empty() {
            start = start.or(Some(piece.start));
            end = piece.start + piece.text.len();
        }
        before = piece.text;
    }
    None
}

/// A sum one minor unit more, and one less.
fn moved(text: &str) -> Vec<String> {
    let Ok(money) = text.parse::<Money>() else {
        return Vec::new();
    };
    let by = |minor: i64| money.minor().checked_add(minor);
    let sums = [by(1), by(-1).filter(|minor| *minor >= 0)];
    let sums = sums.into_iter().flatten();
    sums.map(|minor| Money::new(minor, money.currency()).to_string())
        .collect()
}

/// Keys of the guardrails whose values are no limits.
const NO_LIMITS: [&str; 7] = [
    "code",
    "head",
    "source",
    "name",
    "rank",
    "owner",
    "valid_from",
];

/// Every limit moved by one unit, every switch turned.
fn of_guardrails(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let key = line.split('=').next().unwrap_or_default().trim();
        let skip = line.trim_start().starts_with(['#', '[']) || NO_LIMITS.contains(&key);
        if !skip {
            let parts = pieces(line);
            for (at, piece) in parts.iter().enumerate() {
                if piece.text == "#" {
                    break;
                }
                let from = start + piece.start;
                let mut put = |with: String| {
                    edits.push(Edit {
                        start: from,
                        end: from + piece.text.len(),
                        with,
                    });
                };
                let assigned = parts
                    .get(..at)
                    .is_some_and(|before| before.iter().any(|it| it.text == "="));
                match (piece.kind, piece.text) {
                    (Kind::Number, number) if assigned => {
                        if let Ok(number) = number.parse::<i64>() {
                            put(number.saturating_add(1).to_string());
                            if number > 0 {
                                put((number - 1).to_string());
                            }
                        }
                    }
                    (Kind::Word, "true") => put("false".to_owned()),
                    (Kind::Word, "false") => put("true".to_owned()),
                    (Kind::Text, quoted) => {
                        let inner = quoted.trim_matches('"');
                        for sum in moved(inner).into_iter().chain(longer(inner)) {
                            put(format!("\"{sum}\""));
                        }
                    }
                    _ => {}
                }
            }
        }
        start += line.len();
    }
    edits
}

/// A span such as `24 hours`, one unit longer.
fn longer(text: &str) -> Option<String> {
    let (number, unit) = text.split_once(' ')?;
    let number: i64 = number.parse().ok()?;
    let is_unit = ["minutes", "hours", "days", "working_days"].contains(&unit);
    is_unit.then(|| format!("{} {unit}", number.saturating_add(1)))
}

/// Every cell of a result moved by one unit, and every boundary between two rows.
fn of_table(text: &str) -> Vec<(String, Vec<Edit>)> {
    // A quoted cell may hold a comma; such tables are left to people.
    if text.contains('"') {
        return Vec::new();
    }
    let cells = cells(text);
    let mut all = Vec::new();
    for (column, start, cell) in &cells {
        let end = start + cell.len();
        let mut put = |with: String| {
            let (start, edit) = (*start, with.clone());
            let edit = Edit {
                start,
                end,
                with: edit,
            };
            all.push((format!("{cell} → {with}"), vec![edit]));
        };
        for sum in moved(cell) {
            put(sum);
        }
        if let Ok(number) = cell.parse::<i64>() {
            put(number.saturating_add(1).to_string());
            if number > 0 {
                put((number - 1).to_string());
            }
        }
        if let Some((_, upper)) = cell.split_once("..")
            && !upper.is_empty()
        {
            for by in [1, -1] {
                let edits = boundary(&cells, *column, upper, by);
                let what = format!("boundary {upper} moved by {by}");
                if edits.len() > 1 && !all.iter().any(|(told, _)| *told == what) {
                    all.push((what, edits));
                }
            }
        }
    }
    all
}

/// The cells below the header: column, start in bytes, text.
fn cells(text: &str) -> Vec<(usize, usize, &str)> {
    let mut cells = Vec::new();
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let row = line.trim_end_matches(['\n', '\r']);
        let mut at = start;
        for (column, cell) in row.split(',').enumerate() {
            if number > 0 && !cell.is_empty() {
                cells.push((column, at, cell));
            }
            at += cell.len() + 1;
        }
        start += line.len();
    }
    cells
}

/// The edits that move the end of some rows, and the start of the rows that follow them.
fn boundary(cells: &[(usize, usize, &str)], column: usize, upper: &str, by: i32) -> Vec<Edit> {
    let Some(after) = step(upper, 1) else {
        return Vec::new();
    };
    let mut edits = Vec::new();
    for (_, start, cell) in cells.iter().filter(|(own, _, _)| *own == column) {
        let Some((low, up)) = cell.split_once("..") else {
            continue;
        };
        let moved_low = (low == after).then(|| step(low, by)).flatten();
        let moved_up = (up == upper).then(|| step(up, by)).flatten();
        if moved_low.is_none() && moved_up.is_none() {
            continue;
        }
        let low = moved_low.unwrap_or_else(|| low.to_owned());
        let up = moved_up.unwrap_or_else(|| up.to_owned());
        edits.push(Edit {
            start: *start,
            end: start + cell.len(),
            with: format!("{low}..{up}"),
        });
    }
    edits
}

/// An integer or a date, so many units on.
fn step(text: &str, by: i32) -> Option<String> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number.checked_add(i64::from(by))?.to_string());
    }
    Some(text.parse::<Date>().ok()?.plus_days(by)?.to_string())
}
