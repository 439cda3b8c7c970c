//! The README's commands on a ledger and its log, one after another in an empty folder.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

const CARGO: &str = "cargo run --release -p redress-cli -- ";

/// The commands of the sections on the ledger and the log, and those on evidence.
fn commands(text: &str) -> Vec<&str> {
    let mut is_here = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            is_here = ["The ledger", "The log"].contains(&heading);
        }
        if let Some(command) = line.strip_prefix(CARGO).filter(|_| is_here) {
            found.push(command);
        } else if line.starts_with("redress evidence ") {
            found.extend(line.strip_prefix("redress "));
        }
    }
    found
}

#[test]
fn the_readmes_commands_on_a_ledger_work_in_their_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().unwrap();
    let text = fs::read_to_string(root.join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["engine", "policies"] {
        symlink(root.join(name), folder.path().join(name)).unwrap();
    }
    let commands = commands(&text);
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        let ran = Command::new("sh")
            .args(["-c", &format!("\"$REDRESS\" {command}")])
            .env("REDRESS", env!("CARGO_BIN_EXE_redress"))
            .env("SMT_SOLVER", "no-solver-in-tests")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{command}: {told}");
    }
}
