//! Dependencies point inward, and every crate keeps the lint policy.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// What each crate may depend on, within the workspace. A new edge is a decision: make
/// it here and in `ARCHITECTURE.md`, or not at all.
const ALLOWED: &[(&str, &[&str])] = &[
    ("redress-model", &[]),
    ("redress-abi", &["redress-model"]),
    ("redress-kernel", &["redress-model"]),
    ("redress-log", &["redress-model"]),
    ("redress-sandbox", &["redress-abi", "redress-model"]),
    ("redress-compiler", &["redress-abi", "redress-model"]),
    ("redress-release", &["redress-kernel", "redress-model"]),
    (
        "redress-ledger",
        &["redress-kernel", "redress-log", "redress-model"],
    ),
    ("redress-ledger-sqlite", &["redress-ledger"]),
    ("redress-ledger-postgres", &["redress-ledger"]),
    (
        "redress",
        &[
            "redress-compiler",
            "redress-kernel",
            "redress-ledger",
            "redress-log",
            "redress-model",
            "redress-release",
            "redress-sandbox",
        ],
    ),
    (
        "redress-authoring",
        &[
            "redress",
            "redress-compiler",
            "redress-kernel",
            "redress-model",
            "redress-release",
        ],
    ),
    (
        "redress-editor",
        &[
            "redress",
            "redress-authoring",
            "redress-compiler",
            "redress-kernel",
            "redress-model",
            "redress-release",
        ],
    ),
    (
        "redress-audit",
        &[
            "redress",
            "redress-authoring",
            "redress-kernel",
            "redress-log",
            "redress-model",
            "redress-release",
        ],
    ),
    (
        "redress-prove",
        &[
            "redress",
            "redress-abi",
            "redress-compiler",
            "redress-kernel",
            "redress-model",
        ],
    ),
    (
        "redress-cli",
        &[
            "redress",
            "redress-abi",
            "redress-audit",
            "redress-authoring",
            "redress-editor",
            "redress-kernel",
            "redress-ledger-postgres",
            "redress-ledger-sqlite",
            "redress-log",
            "redress-model",
            "redress-prove",
            "redress-release",
        ],
    ),
    ("redress-log-bench", &["redress-log", "redress-model"]),
    (
        "redress-workload",
        &["redress", "redress-abi", "redress-model"],
    ),
    (
        "redress-benches",
        &[
            "redress",
            "redress-abi",
            "redress-kernel",
            "redress-model",
            "redress-release",
            "redress-sandbox",
            "redress-workload",
        ],
    ),
    (
        "redress-ledger-bench",
        &[
            "redress-kernel",
            "redress-ledger",
            "redress-ledger-postgres",
            "redress-ledger-sqlite",
            "redress-ledger-trials",
            "redress-model",
        ],
    ),
    ("redress-tests", &[]),
    (
        "redress-disk-trials",
        &[
            "redress-ledger",
            "redress-ledger-sqlite",
            "redress-ledger-trials",
            "redress-log",
            "redress-model",
        ],
    ),
    (
        "redress-ledger-trials",
        &[
            "redress-kernel",
            "redress-ledger",
            "redress-log",
            "redress-model",
            "redress-release",
        ],
    ),
];

struct Package {
    manifest: PathBuf,
    own: BTreeSet<String>,
    external: BTreeSet<String>,
}

fn packages() -> BTreeMap<String, Package> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let normal = package["dependencies"].as_array().unwrap().iter();
            let normal = normal.filter(|dependency| dependency["kind"].is_null());
            let (own, external): (Vec<_>, Vec<_>) =
                normal.partition(|dependency| dependency["path"].is_string());
            let names = |list: Vec<&serde_json::Value>| {
                list.iter()
                    .map(|d| d["name"].as_str().unwrap().to_owned())
                    .collect()
            };
            let manifest = package["manifest_path"].as_str().unwrap().into();
            let name = package["name"].as_str().unwrap().to_owned();
            (
                name,
                Package {
                    manifest,
                    own: names(own),
                    external: names(external),
                },
            )
        })
        .collect()
}

#[test]
fn dependencies_point_inward() {
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();
    for (name, package) in packages() {
        let Some(allowed) = allowed.get(name.as_str()) else {
            panic!("{name} is not in the table of this test");
        };
        for dependency in &package.own {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn the_table_names_only_crates_that_exist() {
    let packages = packages();
    for (name, _) in ALLOWED {
        assert!(
            packages.contains_key(*name),
            "{name} is not a crate of the workspace"
        );
    }
}

/// The kernel decides about money: nothing runs in it that this project does not own,
/// but for serialisation and short strings.
#[test]
fn the_kernel_stays_pure() {
    let kernel = &packages()["redress-kernel"];
    let expected = ["serde", "smol_str"].map(str::to_owned);
    assert_eq!(kernel.external, BTreeSet::from(expected));
    for file in sources(&root().join("engine/kernel/src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for word in [
            "std::fs",
            "std::net",
            "std::env",
            "std::time",
            "std::thread",
            "f64",
            "async ",
        ] {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
    }
}

/// A log is evidence: what it writes depends on what it is given and on nothing else.
#[test]
fn the_log_has_no_clock_no_files_and_no_random_numbers() {
    for file in sources(&root().join("engine/log/src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        for word in [
            "std::fs",
            "std::net",
            "std::env",
            "std::time",
            "getrandom",
            "OsRng",
            "async ",
        ] {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
        // Of many leaves alone: their hashes are put together in the order of the leaves.
        let may = file.ends_with("merkle/leaves.rs");
        assert!(may || !text.contains("std::thread"), "{}", file.display());
    }
}

#[test]
fn no_crate_below_the_programs_has_a_feature() {
    for (name, package) in packages() {
        let manifest = toml(&package.manifest);
        assert!(manifest.get("features").is_none(), "{name} has features");
    }
}

/// Crates that are tests through and through, and so may unwrap.
const TRIALS: &[&str] = &[
    "redress-tests",
    "redress-ledger-trials",
    "redress-disk-trials",
];

/// The one file that may hold what is unsafe, and the crate that it is in: a file system for
/// SQLite is made of C functions.
const UNSAFE: (&str, &str) = ("redress-disk-trials", "tests/disk/src/vfs.rs");

#[test]
fn every_crate_keeps_the_lint_policy() {
    for (name, package) in packages() {
        let manifest = toml(&package.manifest);
        let lints = manifest
            .get("lints")
            .unwrap_or_else(|| panic!("{name} has no [lints]"));
        let inherits = lints.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        let level = lints
            .get("rust")
            .and_then(|rust| rust.get("unsafe_code"))
            .and_then(toml::Value::as_str);
        // What is forbidden cannot be expected in one place, so there it is denied.
        let own_forbids = level == Some(if name == UNSAFE.0 { "deny" } else { "forbid" });
        assert!(
            inherits || (TRIALS.contains(&name.as_str()) && own_forbids),
            "{name}"
        );
    }
}

#[test]
fn only_one_file_of_trials_holds_what_is_unsafe() {
    let mut found = Vec::new();
    for folder in ["engine", "benches", "tests", "host-bindings"] {
        for file in sources(&root().join(folder)) {
            let text = std::fs::read_to_string(&file).unwrap();
            if text.contains(concat!("unsafe", " {")) || text.contains(concat!("unsafe", " fn")) {
                found.push(file.strip_prefix(root()).unwrap().to_path_buf());
            }
        }
    }
    found.retain(|file| !file.starts_with("benches/peers"));
    assert_eq!(found, [PathBuf::from(UNSAFE.1)]);
    // No program and no library depends on it.
    for (name, package) in packages() {
        assert!(!package.own.contains(UNSAFE.0), "{name}");
    }
}

#[test]
fn no_file_switches_a_lint_off() {
    let this = Path::new(file!()).file_name().unwrap();
    for folder in ["engine", "benches", "tests", "host-bindings"] {
        for file in sources(&root().join(folder)) {
            if file.file_name() == Some(this) {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            for switch in ["#![allow", "#[allow", "#![expect", "#[ignore"] {
                assert!(!text.contains(switch), "{} has {switch}", file.display());
            }
        }
    }
}

fn toml(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

/// Every Rust source below a folder, build output left out.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
