//! Runs the program and shows what came out of it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// What a run gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("an exit code"),
            out: String::from_utf8(output.stdout).expect("UTF-8 on standard output"),
            err: String::from_utf8(output.stderr).expect("UTF-8 on standard error"),
        }
    }

    /// Everything in one text, without what may differ between machines and versions.
    pub(crate) fn shown(&self) -> String {
        let mut text = format!("exit {}\n--- out\n{}", self.code, self.out);
        text.push_str(&format!("--- err\n{}", self.err));
        steady(&text)
    }

    /// The value of a member of the JSON on standard output, by its pointer.
    pub(crate) fn json(&self, pointer: &str) -> serde_json::Value {
        let json: serde_json::Value = serde_json::from_str(&self.out).expect("JSON");
        json.pointer(pointer).cloned().unwrap_or_default()
    }
}

/// The folder of the fixtures.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The program in the folder of the fixtures, with nothing of this machine's settings.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_redress"));
    command.args(arguments).current_dir(fixtures());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    // Whether this machine has a solver changes what is proved; a test that wants one names it.
    command.env("SMT_SOLVER", "no-solver-in-tests");
    command
}

/// Runs the program in the folder of the fixtures.
pub(crate) fn redress(arguments: &[&str]) -> Ran {
    Ran::of(command(arguments).output().expect("the program starts"))
}

/// Runs the program with a solver.
pub(crate) fn redress_solved(solver: &Path, arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    Ran::of(
        command
            .env("SMT_SOLVER", solver)
            .output()
            .expect("the program starts"),
    )
}

/// Runs the program in another folder.
pub(crate) fn redress_in(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    Ran::of(
        command
            .current_dir(folder)
            .output()
            .expect("the program starts"),
    )
}

/// Runs the program on a terminal of so many columns.
pub(crate) fn redress_at(columns: u16, arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    command.env("COLUMNS", columns.to_string());
    Ran::of(command.output().expect("the program starts"))
}

/// Runs the program with a text on standard input.
pub(crate) fn redress_with(input: &[u8], arguments: &[&str]) -> Ran {
    fed(command(arguments), input)
}

/// Runs the program in another folder with a text on standard input.
pub(crate) fn redress_in_with(folder: &Path, input: &[u8], arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    command.current_dir(folder);
    fed(command, input)
}

fn fed(mut command: Command, input: &[u8]) -> Ran {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // The program may have ended before it read everything.
    let _ = stdin.write_all(input);
    drop(stdin);
    Ran::of(child.wait_with_output().expect("the program ends"))
}

/// A copy of the fixtures that a test may change.
pub(crate) fn copied() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&fixtures().join("policies"), folder.path());
    folder
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}

/// The path as an argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Digests and steps as placeholders, and no line about speed.
fn steady(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let end = from
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(if word.len() >= 12 { "<digest>" } else { word });
        rest = after;
    }
    out.push_str(rest);
    let mut lines: Vec<&str> = Vec::new();
    let mut in_speed = false;
    for line in out.lines() {
        in_speed = line.contains(" decisions in ") || (in_speed && !line.is_empty());
        match line.split_once("rhai, ") {
            _ if in_speed => {}
            Some((before, _)) if before.starts_with("Execution") => lines.push("Execution <steps>"),
            _ => lines.push(line),
        }
    }
    lines.join("\n")
}
