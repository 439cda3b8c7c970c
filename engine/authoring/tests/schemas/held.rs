//! What the schemas accept and refuse, beside what the engine does.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use redress_release::{SourceFolder, scaffold};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::validator::problems;

fn schema(name: &str) -> Json {
    let file = format!("schemas/{name}.schema.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// TOML as JSON, its own dates as texts.
fn json(text: &str) -> Json {
    fn of(value: toml::Value) -> Json {
        match value {
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => Json::from(number),
            toml::Value::Boolean(flag) => flag.into(),
            toml::Value::Datetime(time) => time.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(of).collect(),
            toml::Value::Table(table) => table
                .into_iter()
                .map(|(key, value)| (key, of(value)))
                .collect(),
        }
    }
    of(toml::from_str::<toml::Value>(text).unwrap())
}

/// Which schema a file of a release has.
fn kind(path: &Path) -> Option<&'static str> {
    let parent = path.parent()?.file_name()?.to_str()?;
    match (path.file_name()?.to_str()?, parent) {
        ("release.toml", _) => Some("release"),
        ("guardrails.toml", _) => Some("guardrails"),
        ("properties.toml", _) => Some("properties"),
        (_, "cases") => Some("case"),
        (_, "messages") => Some("messages"),
        _ => None,
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_of_every_policy_is_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in [
        "policies",
        "engine/authoring/docs",
        "benches/workload/release",
    ] {
        files(&root.join(folder), &mut found);
    }
    let scaffolded = release();
    files(scaffolded.root.path(), &mut found);
    let mut looked_at = 0;
    for path in found {
        let Some(kind) = kind(&path) else {
            continue;
        };
        looked_at += 1;
        let text = fs::read_to_string(&path).unwrap();
        let problems = problems(&schema(kind), &json(&text));
        assert!(problems.is_empty(), "{}: {problems:?}", path.display());
    }
    assert!(looked_at > 1_000, "{looked_at} files");
}

struct Scaffolded {
    root: TempDir,
    folder: PathBuf,
}

fn release() -> Scaffolded {
    let root = TempDir::new().unwrap();
    let folder = scaffold(&"retail/late-parcel".parse().unwrap(), root.path()).unwrap();
    Scaffolded { root, folder }
}

/// What the engine says of the scaffold with another text in one file.
fn engine_says(file: &str, text: &str) -> Result<(), String> {
    let scaffolded = release();
    let folder = SourceFolder::open(&scaffolded.folder).unwrap();
    let folder = folder.with_file(file, text.as_bytes().to_vec());
    let release = folder.release().map_err(|errors| errors.to_string())?;
    let cases = release.cases().map_err(|errors| errors.to_string())?;
    assert!(!cases.is_empty());
    Ok(())
}

fn scaffolded(file: &str) -> String {
    let scaffolded = release();
    fs::read_to_string(scaffolded.folder.join(file)).unwrap()
}

const CASE: &str = "cases/two-days-late.toml";

/// A place for keys: the file, its schema, the place in the schema, and how a key that
/// nobody knows is put there.
type Place = (&'static str, &'static str, &'static str, fn(&str) -> String);

const PLACES: &[Place] = &[
    ("release.toml", "release", "", |text| {
        format!("zzzzzz = 1\n{text}")
    }),
    ("release.toml", "release", "/policy", |text| {
        text.replace("[policy]", "[policy]\nzzzzzz = 1")
    }),
    ("release.toml", "release", "/table/items", |text| {
        text.replace("[[table]]", "[[table]]\nzzzzzz = 1")
    }),
    ("release.toml", "release", "/history", |text| {
        format!("{text}\n[history]\nzzzzzz = 1\n")
    }),
    ("messages/en.toml", "messages", "", |text| {
        format!("zzzzzz = 1\n{text}")
    }),
    (CASE, "case", "", |text| format!("zzzzzz = 1\n{text}")),
    (CASE, "case", "/actor", |text| {
        format!("{text}\n[actor]\nzzzzzz = 1\n")
    }),
    (CASE, "case", "/expect", |text| {
        text.replace("[expect]", "[expect]\nzzzzzz = 1")
    }),
    (CASE, "case", "/expect/properties/remedies/items", |text| {
        format!("{text}remedies = [{{ zzzzzz = 1 }}]\n")
    }),
    (
        CASE,
        "case",
        "/expect/properties/adjustments/items",
        |text| format!("{text}adjustments = [{{ zzzzzz = 1 }}]\n"),
    ),
    (CASE, "case", "/standing", |text| {
        format!("{text}\n[standing]\nzzzzzz = 1\n")
    }),
    (CASE, "case", "/standing/properties/warnings", |text| {
        format!("{text}\n[standing]\nwarnings = {{ zzzzzz = 1 }}\n")
    }),
    (CASE, "case", "/standing/properties/fairness", |text| {
        format!("{text}\n[standing]\nfairness = {{ zzzzzz = 1 }}\n")
    }),
    (CASE, "case", "/standing/properties/paid/items", |text| {
        format!("{text}\n[standing]\npaid = [{{ zzzzzz = 1 }}]\n")
    }),
    (CASE, "case", "/links/items", |text| {
        format!("links = [{{ zzzzzz = 1 }}]\n{text}")
    }),
    (CASE, "case", "/requested", |text| {
        format!("requested = {{ zzzzzz = 1 }}\n{text}")
    }),
    ("guardrails.toml", "guardrails", "", |text| {
        format!("zzzzzz = 1\n{text}")
    }),
    ("guardrails.toml", "guardrails", "/unknown_fact", |text| {
        text.replace("[unknown_fact]", "[unknown_fact]\nzzzzzz = 1 #")
    }),
];

/// Tables of the guardrails that the scaffold can have one more of, or lacks.
const GUARDRAIL_PLACES: &[(&str, &str)] = &[
    ("facts", "[facts]\nzzzzzz = 1"),
    ("statutory/items", "[[statutory]]\nzzzzzz = 1"),
    ("contractual/items", "[[contractual]]\nzzzzzz = 1"),
    (
        "statutory/items/properties/second_look",
        "[[statutory]]\nsecond_look = { zzzzzz = 1 }",
    ),
    ("floor/items", "[[floor]]\nzzzzzz = 1"),
    ("tier/items", "[[tier]]\nzzzzzz = 1"),
    ("envelope", "[envelope]\nzzzzzz = 1"),
    ("cap/items", "[[cap]]\nzzzzzz = 1"),
    ("budget/items", "[[budget]]\nzzzzzz = 1"),
    ("kind/items", "[[kind]]\nzzzzzz = 1"),
    ("taboo/items", "[[taboo]]\nzzzzzz = 1"),
    ("corridor", "[corridor]\nzzzzzz = 1"),
    ("role/items", "[[role]]\nzzzzzz = 1"),
    ("authority/items", "[[authority]]\nzzzzzz = 1"),
    ("chain/items", "[[chain]]\nzzzzzz = 1"),
    (
        "chain/items/properties/signatures/items",
        "[[chain]]\nsignatures = [{ zzzzzz = 1 }]",
    ),
    ("precondition/items", "[[precondition]]\nzzzzzz = 1"),
    ("hold/items", "[[hold]]\nzzzzzz = 1"),
    ("review/items", "[[review]]\nzzzzzz = 1"),
    ("safety/items", "[[safety]]\nzzzzzz = 1"),
    ("ladder/items", "[[ladder]]\nzzzzzz = 1"),
    ("ledger", "[ledger]\nzzzzzz = 1"),
    ("warning/items", "[[warning]]\nzzzzzz = 1"),
    ("departure/items", "[[departure]]\nzzzzzz = 1"),
    ("fairness", "[fairness]\nzzzzzz = 1"),
    (
        "fairness/properties/linked",
        "[fairness]\nlinked = { zzzzzz = 1 }",
    ),
    (
        "fairness/properties/departures",
        "[fairness]\ndepartures = { zzzzzz = 1 }",
    ),
    (
        "fairness/properties/experiment/items",
        "[fairness]\nexperiment = [{ zzzzzz = 1 }]",
    ),
    (
        "fairness/properties/experiment/items/properties/arms/items",
        "[fairness]\nexperiment = [{ arms = [{ zzzzzz = 1 }] }]",
    ),
    ("calendar", "[calendar]\nzzzzzz = 1"),
    (
        "calendar/properties/offsets/items",
        "[calendar]\noffsets = [{ zzzzzz = 1 }]",
    ),
];

/// The keys that the engine names when it refuses one: `the keys here are a, b`, or
/// "expected one of `a`, `b`".
fn keys_named(says: &str) -> BTreeSet<String> {
    if let Some((_, list)) = says.split_once("the keys here are ") {
        let list = list.lines().next().unwrap();
        return list.split(", ").map(str::to_owned).collect();
    }
    let (_, list) = says.split_once("expected ").unwrap_or_default();
    let list = list.lines().next().unwrap_or_default();
    list.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn keys_of(schema: &Json, place: &str) -> BTreeSet<String> {
    let pointer = match place {
        "" => "/properties".to_owned(),
        place => format!("/properties{place}/properties"),
    };
    let keys = schema.pointer(&pointer).and_then(Json::as_object);
    let keys = keys.unwrap_or_else(|| panic!("{pointer} is not there"));
    keys.keys().cloned().collect()
}

#[track_caller]
fn same_keys(file: &str, kind: &str, place: &str, text: &str) {
    let says = engine_says(file, text).expect_err(place);
    let schema = schema(kind);
    assert_eq!(
        keys_named(&says),
        keys_of(&schema, place),
        "{kind}{place}: {says}"
    );
    let found = problems(&schema, &json(text));
    assert!(
        found
            .iter()
            .any(|problem| problem.ends_with("/zzzzzz: is not known here")),
        "{kind}{place}: {found:?}"
    );
}

#[test]
fn every_table_has_the_keys_that_the_engine_reads() {
    for (file, kind, place, put) in PLACES {
        same_keys(file, kind, place, &put(&scaffolded(file)));
    }
    for (place, more) in GUARDRAIL_PLACES {
        let text = format!("{}\n{more}\n", scaffolded("guardrails.toml"));
        same_keys("guardrails.toml", "guardrails", &format!("/{place}"), &text);
    }
}

/// A line of a file and what it becomes, which neither the engine nor the schema takes.
const BAD: &[(&str, &str, &str, &str)] = &[
    (
        "release.toml",
        "release",
        "name = \"retail/late-parcel\"",
        "name = \"Late\"",
    ),
    (
        "release.toml",
        "release",
        "version = \"0.1.0\"",
        "version = \"1\"",
    ),
    (
        "release.toml",
        "release",
        "summary = \"Goodwill vouchers for parcels that arrive late\"",
        "summary = \" \"",
    ),
    (
        "release.toml",
        "release",
        "effective_from = \"2026-01-01\"",
        "effective_from = \"soon\"",
    ),
    (
        "release.toml",
        "release",
        "rounding = \"half_up\"",
        "rounding = \"nearest\"",
    ),
    ("release.toml", "release", "rounding = \"half_up\"", ""),
    (
        "release.toml",
        "release",
        "lineage = \"reset\"",
        "lineage = \"same\"",
    ),
    (
        "release.toml",
        "release",
        "rhai = \"policy.rhai\"",
        "rhai = \"policy.txt\"",
    ),
    ("release.toml", "release", "rhai = \"policy.rhai\"", ""),
    (
        "release.toml",
        "release",
        "rhai = \"policy.rhai\"",
        "rhai = \"policy.rhai\"\nneeds = [\"days_late\"]",
    ),
    (
        "release.toml",
        "release",
        "hit = \"unique\"",
        "hit = \"any\"",
    ),
    (
        "release.toml",
        "release",
        "days_late: int 0..365",
        "days_late: int",
    ),
    ("release.toml", "release", "percent: int", "percent: money"),
    (
        "messages/en.toml",
        "messages",
        "arrived {0} days",
        "arrived {8} days",
    ),
    (
        "messages/en.toml",
        "messages",
        "arrived {0} days",
        "arrived { days",
    ),
    (
        "messages/en.toml",
        "messages",
        "parcel_late =",
        "\"Parcel late\" =",
    ),
    (
        "messages/en.toml",
        "messages",
        "\"The parcel arrived less than three days late.\"",
        "\"\"",
    ),
    (
        CASE,
        "case",
        "incident_date = \"2026-03-02\"",
        "incident_date = \"2 March\"",
    ),
    (CASE, "case", "outcome = \"refuse\"", "outcome = \"deny\""),
    (CASE, "case", "outcome = \"refuse\"", ""),
    (CASE, "case", "total = \"0\"", "total = \"none\""),
    (CASE, "case", "total = \"0\"", "total = 0"),
    (
        CASE,
        "case",
        "reasons = [\"not_late_enough\"]",
        "reasons = \"not_late_enough\"",
    ),
    (
        CASE,
        "case",
        "reasons = [\"not_late_enough\"]",
        "reasons = [\"Not late\"]",
    ),
    (CASE, "case", "[facts]", "stage = \"open\"\n[facts]"),
    (CASE, "case", "[facts]", "offer = \"5\"\n[facts]"),
    (CASE, "case", "[facts]", "as_of = \"noon\"\n[facts]"),
    (
        CASE,
        "case",
        "[expect]",
        "[expect]\ndeadline = \"2026-03-02\"",
    ),
    (CASE, "case", "[expect]", "[expect]\npriority = \"high\""),
    (
        CASE,
        "case",
        "[expect]",
        "[actor]\nassurance = \"maybe\"\n[expect]",
    ),
    (
        CASE,
        "case",
        "[expect]",
        "[standing]\nrolling = \"empty\"\n[expect]",
    ),
    (
        "guardrails.toml",
        "guardrails",
        "within = \"24 hours\"",
        "within = \"24h\"",
    ),
    (
        "guardrails.toml",
        "guardrails",
        "within = \"24 hours\"",
        "within = \"2 weeks\"",
    ),
    (
        "guardrails.toml",
        "guardrails",
        "limit = \"20.00 EUR\"",
        "limit = \"20.00\"",
    ),
    (
        "guardrails.toml",
        "guardrails",
        "limit = \"20.00 EUR\"",
        "limit = \"-20.00 EUR\"",
    ),
    (
        "guardrails.toml",
        "guardrails",
        "limit = \"20.00 EUR\"",
        "limit = 20",
    ),
    (
        "guardrails.toml",
        "guardrails",
        "from_percent = 5",
        "from_percent = \"5.125\"",
    ),
    (
        "guardrails.toml",
        "guardrails",
        "from_percent = 5",
        "from_percent = -5",
    ),
    ("guardrails.toml", "guardrails", "from_percent = 5", ""),
    (
        "guardrails.toml",
        "guardrails",
        "rank = 1",
        "rank = \"first\"",
    ),
    (
        "guardrails.toml",
        "guardrails",
        "basis = \"goodwill\"",
        "basis = \"statutory\"",
    ),
    (
        "guardrails.toml",
        "guardrails",
        "name = \"voucher\"",
        "name = \"Voucher\"",
    ),
    ("guardrails.toml", "guardrails", "owner = \"frontline\"", ""),
];

#[test]
fn what_the_engine_refuses_the_schema_refuses() {
    for (file, kind, from, to) in BAD {
        let text = scaffolded(file);
        assert!(text.contains(from), "{from:?} is not in {file}");
        assert!(problems(&schema(kind), &json(&text)).is_empty(), "{file}");
        let bad = text.replacen(from, to, 1);
        assert!(
            engine_says(file, &bad).is_err(),
            "{file}: {from:?} as {to:?}"
        );
        let found = problems(&schema(kind), &json(&bad));
        assert!(
            !found.is_empty(),
            "{file}: {from:?} as {to:?} fits the schema"
        );
    }
}
