use std::fs;
use std::path::{Path, PathBuf};

use redress_authoring::text::plain;
use redress_release::{SourceFolder, scaffold};
use tempfile::TempDir;

use super::*;

/// Two versions of a scaffolded release, of which the second is changed.
struct Two {
    _root: TempDir,
    old: PathBuf,
    new: PathBuf,
}

impl Two {
    fn new() -> Self {
        let root = TempDir::new().unwrap();
        let old = scaffold(&"retail/late-parcel".parse().unwrap(), root.path()).unwrap();
        let new = old.with_file_name("0.2.0");
        copy(&old, &new);
        let two = Self {
            _root: root,
            old,
            new,
        };
        two.edit("release.toml", "0.1.0", "0.2.0");
        two
    }

    /// Replaces a part of a file of the new version, which must be there.
    #[track_caller]
    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.new.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from:?} is not in {file}: {text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    #[track_caller]
    fn diff(&self, lang: Lang) -> Diff {
        let read = |folder: &Path| SourceFolder::read(folder).unwrap();
        Diff::between(&read(&self.old), &read(&self.new), lang).unwrap()
    }

    /// The sentences, without the heading.
    #[track_caller]
    fn told(&self) -> Vec<String> {
        let diff = self.diff(Lang::En);
        diff.changes
            .iter()
            .map(|entry| text::sentence(entry, Lang::En))
            .collect()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

#[test]
fn a_release_does_not_differ_from_itself() {
    let two = Two::new();
    assert_eq!(two.told(), Vec::<String>::new());
    assert!(two.diff(Lang::En).headline().ends_with("nothing changed"));
}

#[test]
fn a_comment_is_no_change_of_the_policy() {
    let two = Two::new();
    let script = two.new.join("policy.rhai");
    let text = fs::read_to_string(&script).unwrap();
    fs::write(
        &script,
        format!("// Another word.\n{}", text.replace("    ", "\t")),
    )
    .unwrap();
    assert_eq!(two.told(), Vec::<String>::new());
}

/// Everything that a reviewer should be told of, each in words, in both languages and in
/// every format.
#[test]
fn every_kind_of_change_is_told_in_words() {
    let two = Two::new();
    for (file, from, to) in EDITS {
        two.edit(file, from, to);
    }
    let text = plain(&two.diff(Lang::En).text(100));
    insta::assert_snapshot!("words_en", text);
    insta::assert_snapshot!("words_zh", plain(&two.diff(Lang::Zh).text(100)));
    let digest = two.diff(Lang::En).new.digest.to_string();
    insta::assert_snapshot!(
        "markdown",
        two.diff(Lang::En).markdown().replace(&digest, "<digest>")
    );
    let json = serde_json::to_value(two.diff(Lang::En)).unwrap();
    assert_eq!(json["proof"]["answer"], "not_asked");
    let kinds: BTreeSet<&str> = json["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["change"].as_str().unwrap())
        .collect();
    let expected = ["added", "changed", "items", "moved", "steps"];
    assert_eq!(kinds, BTreeSet::from(expected));
}

const EDITS: &[(&str, &str, &str)] = &[
    (
        "release.toml",
        "review_by = \"2027-01-01\"",
        "review_by = \"2027-06-01\"",
    ),
    ("release.toml", "\"half_up\"", "\"half_even\""),
    (
        "facts.schema.json",
        "\"wrong_address\"]",
        "\"wrong_address\", \"customs\"]",
    ),
    ("facts.schema.json", "\"maximum\": 365", "\"maximum\": 400"),
    (
        "facts.schema.json",
        "    \"tone\": {",
        "    \"gift\": {\n      \"description\": \"Whether it was a gift.\",\n      \"type\": \"boolean\", \"x-class\": \"gate\"\n    },\n    \"tone\": {",
    ),
    ("release.toml", "0..365", "0..400"),
    ("guardrails.toml", "\"20.00 EUR\"", "\"30.00 EUR\""),
    ("guardrails.toml", "to_percent = 20", "to_percent = 18"),
    (
        "guardrails.toml",
        "[[role]]\nname = \"agent\"",
        "[envelope]\nno_loss_no_cash = false\n\n[[cap]]\nname = \"a_year\"\nlimit = \"100.00 EUR\"\nwindow_days = 365\n\n[[role]]\nname = \"agent\"",
    ),
    (
        "guardrails.toml",
        "within = \"48 hours\"",
        "within = \"5 working_days\"",
    ),
    ("tables/lateness.csv", "3..6,level_1,10", "3..5,level_1,10"),
    ("tables/lateness.csv", "7..,level_2,20", "6..,level_2,18"),
    ("policy.rhai", "row.percent == 0", "row.percent < 1"),
    (
        "policy.rhai",
        "way = way.priority(2);",
        "way = way.priority(3);",
    ),
    (
        "policy.rhai",
        "// Who answers",
        "fn least() { 3 }\n\n// Who answers",
    ),
    (
        "messages/en.toml",
        "arrived {0} days late",
        "came {0} days late",
    ),
    (
        "messages/en.toml",
        "[reasons]",
        "[reasons]\ngift = \"A gift.\"",
    ),
    (
        "messages/zh.toml",
        "[reasons]",
        "[reasons]\ngift = \"礼物。\"",
    ),
    ("cases/three-days-late.toml", "\"5.00 EUR\"", "\"6.00 EUR\""),
    ("README.md", "#", "# Another"),
];

#[test]
fn what_is_gone_is_told() {
    let two = Two::new();
    two.edit(
        "tables/lateness.csv",
        "..2,none,0\n3..6,level_1,10\n7..,level_2,20",
        "*,none,0",
    );
    fs::remove_file(two.new.join("cases/two-days-late.toml")).unwrap();
    let told = two.told();
    assert_eq!(
        told.iter()
            .filter(|line| line.starts_with("removed lateness: days_late"))
            .count(),
        2,
        "{told:#?}"
    );
    assert!(
        told.iter().any(|line| line.starts_with("removed two days")),
        "{told:#?}"
    );
}

#[test]
fn rows_in_another_order_are_told() {
    let names = |ids: &[&str]| -> Vec<Thing> {
        ids.iter()
            .map(|id| Thing::new(Part::Authority, format!("authority.{id}"), *id))
            .collect()
    };
    let changes = compare(names(&["a", "b", "c"]), names(&["b", "a", "c", "d"]));
    let told: Vec<_> = changes
        .iter()
        .map(|entry| text::sentence(entry, Lang::En))
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].ends_with("a | b | c → b | a | c"), "{told:?}");
}

#[test]
fn two_policies_are_not_compared() {
    let root = TempDir::new().unwrap();
    let read = |name: &str| {
        let folder = scaffold(&name.parse().unwrap(), root.path()).unwrap();
        SourceFolder::read(&folder).unwrap()
    };
    let error = Diff::between(&read("a/one"), &read("a/two"), Lang::En).unwrap_err();
    assert_eq!(error.code(), "other_policy");
}

#[test]
fn percents_are_rounded_to_whole_ones() {
    assert_eq!(percent(20_000, 30_000), Some(50));
    assert_eq!(percent(300, 200), Some(-33));
    assert_eq!(percent(3, 5), Some(67));
    assert_eq!(percent(0, 5), None);
    assert_eq!(percent(i64::MIN, i64::MAX), Some(200));
}

#[test]
fn nothing_in_a_release_sets_markdown() {
    let two = Two::new();
    two.edit(
        "release.toml",
        "summary = \"",
        "summary = \"<img src=x> [link](http://x) @all `code` ",
    );
    let markdown = two.diff(Lang::En).markdown();
    assert!(
        markdown.contains("\\<img src=x\\> \\[link\\](http://x) \\@all \\`code\\`"),
        "{markdown}"
    );
}

#[test]
fn a_proof_has_its_place() {
    let two = Two::new();
    let witness = Witness {
        facts: vec![("days_late".into(), "3".into())],
        old: "5.00 EUR".into(),
        new: "6.00 EUR".into(),
    };
    let diff = two.diff(Lang::En).with_proof(Proof::Part {
        witness: witness.clone(),
    });
    let text = diff.text(200);
    let said = "for example: days_late = 3 (before: 5.00 EUR; after: 6.00 EUR)";
    assert!(text.contains(said), "{text}");
    let json = serde_json::to_value(&diff).unwrap();
    assert_eq!(json["proof"]["witness"]["facts"][0][1], "3");
    let more = Proof::NeverLess {
        witness,
        assumes: vec!["no value is below zero".into()],
    };
    assert!(more.sentence(Lang::Zh).contains("不少于以前"));
    let said = more.sentence(Lang::En);
    assert!(
        said.contains("Given that no value is below zero."),
        "{said}"
    );
}
