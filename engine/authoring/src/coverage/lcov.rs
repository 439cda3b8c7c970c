//! Coverage as an lcov tracefile, as lcov 2 and the tools of editors and CI read it.
//!
//! `MCDC` records are those of lcov 2.2: line, number of conditions, sense, taken, place,
//! text. Rows of tables and entries of guardrails are lines of their files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Coverage, ScriptCover};

/// The tracefile of some releases.
#[must_use]
pub fn lcov(all: &[Coverage]) -> String {
    let mut text = String::new();
    for coverage in all {
        if let Some(script) = &coverage.script {
            of_script(&mut text, script);
        }
        for table in &coverage.tables {
            let rows = table.rows.iter().map(|row| (row.line, row.count));
            of_lines(&mut text, &table.file, rows.collect());
        }
        let entries = coverage.guardrails.iter();
        let lines: BTreeMap<u32, u64> = entries
            .filter_map(|entry| Some((entry.line?, entry.touched)))
            .collect();
        if let Some(file) = &coverage.guardrails_file {
            of_lines(&mut text, file, lines);
        }
    }
    text
}

/// Writes one line; writing into memory does not fail.
macro_rules! line {
    ($text:expr, $($arg:tt)*) => {
        let _infallible = writeln!($text, $($arg)*);
    };
}

fn of_lines(text: &mut String, file: &str, lines: BTreeMap<u32, u64>) {
    if lines.is_empty() {
        return;
    }
    line!(text, "TN:\nSF:{file}");
    data(text, &lines);
    line!(text, "end_of_record");
}

fn data(text: &mut String, lines: &BTreeMap<u32, u64>) {
    for (line, count) in lines {
        line!(text, "DA:{line},{count}");
    }
    let hit = lines.values().filter(|count| **count > 0).count();
    line!(text, "LF:{}\nLH:{hit}", lines.len());
}

fn of_script(text: &mut String, script: &ScriptCover) {
    line!(text, "TN:\nSF:{}", script.file);
    for function in &script.functions {
        line!(text, "FN:{},{}", function.line, function.name);
    }
    for function in &script.functions {
        line!(text, "FNDA:{},{}", function.calls, function.name);
    }
    let called = script.functions.iter().filter(|it| it.calls > 0).count();
    line!(text, "FNF:{}\nFNH:{called}", script.functions.len());
    let (mut found, mut hit) = (0_usize, 0_usize);
    for (block, site) in script.branches.iter().enumerate() {
        let line = script.line(site.at);
        let came_by = site.ways.iter().any(|way| way.taken > 0);
        for (branch, way) in site.ways.iter().enumerate() {
            found += 1;
            hit += usize::from(way.taken > 0);
            match came_by {
                true => {
                    line!(text, "BRDA:{line},{block},{branch},{}", way.taken);
                }
                false => {
                    line!(text, "BRDA:{line},{block},{branch},-");
                }
            }
        }
    }
    line!(text, "BRF:{found}\nBRH:{hit}");
    let (mut found, mut hit) = (0_usize, 0_usize);
    for decision in &script.decisions {
        let line = script.line(decision.at);
        let size = decision.conditions.len();
        for (place, condition) in decision.conditions.iter().enumerate() {
            let shown = u8::from(condition.pair.is_some());
            let words = script.words(condition.at);
            for sense in ['t', 'f'] {
                found += 1;
                hit += usize::from(shown);
                line!(text, "MCDC:{line},{size},{sense},{shown},{place},{words}");
            }
        }
    }
    line!(text, "MCF:{found}\nMCH:{hit}");
    data(text, &script.statements.iter().copied().collect());
    line!(text, "end_of_record");
}
