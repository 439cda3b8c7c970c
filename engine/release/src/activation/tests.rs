use std::fs;

use super::*;
use crate::signing::tests::{TODAY, archive, date, envelope, trust};
use crate::tests::Bench;

struct Place {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
    store: FolderStore,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("active");
        let store = FolderStore::create(&path).unwrap();
        Self {
            _folder: folder,
            path,
            store,
        }
    }

    fn activate(
        &mut self,
        archive: &Archive,
        envelope: &Envelope,
    ) -> Result<Activation, ActivateError> {
        self.activate_at(archive, envelope, "2026-06-01T09:00:00Z")
    }

    fn activate_at(
        &mut self,
        archive: &Archive,
        envelope: &Envelope,
        now: &str,
    ) -> Result<Activation, ActivateError> {
        let trust = trust();
        let asked = Asked::Signed {
            envelope,
            trust: &trust,
        };
        activate(
            &mut self.store,
            archive,
            asked,
            now.parse().unwrap(),
            date(TODAY),
        )
    }

    fn history(&self) -> Vec<Activation> {
        self.store.history().unwrap()
    }
}

/// The scaffolded release with other bytes in its papers, under another version.
fn version(version: &str) -> Archive {
    let bench = Bench::new();
    bench.edit("release.toml", "0.1.0", version);
    let folder = bench.folder.with_file_name(version);
    fs::rename(&bench.folder, &folder).unwrap();
    Archive::build(&crate::SourceFolder::read(&folder).unwrap()).unwrap()
}

#[test]
fn a_signed_release_comes_into_force() {
    let mut place = Place::new();
    let archive = archive();
    let activation = place
        .activate(&archive, &envelope(&archive, 1, &[1, 2, 4]))
        .unwrap();
    let again = FolderStore::open(&place.path).unwrap();
    assert_eq!(again.history().unwrap(), std::slice::from_ref(&activation));
    let name = &activation.name;
    let incident = activation.covers.from;
    let history = place.history();
    assert_eq!(in_force(&history, name, incident, None), Some(&activation));
    assert_eq!(
        in_force(&history, name, incident.plus_days(-1).unwrap(), None),
        None
    );
    let before = "2026-06-01T08:59:59Z".parse().unwrap();
    assert_eq!(in_force(&history, name, incident, Some(before)), None);
    let kept = again.archive(activation.archive_sha256).unwrap();
    assert_eq!(kept.bytes(), archive.bytes());
}

#[test]
fn going_back_is_a_higher_revision() {
    let mut place = Place::new();
    let (one, two) = (version("1.0.0"), version("1.1.0"));
    place
        .activate(&one, &envelope(&one, 1, &[1, 2, 4]))
        .unwrap();
    place
        .activate(&two, &envelope(&two, 2, &[1, 2, 4]))
        .unwrap();
    // What was signed for the first activation brings nothing back.
    let old = place
        .activate(&one, &envelope(&one, 1, &[1, 2, 4]))
        .unwrap_err();
    assert_eq!(old.code(), "revision_downgraded");
    let same = place
        .activate(&one, &envelope(&one, 2, &[1, 2, 4]))
        .unwrap_err();
    assert_eq!(same.code(), "revision_downgraded");
    let history = place.history();
    let today = in_force(&history, &history[0].name, date(TODAY), None).unwrap();
    assert_eq!(today.version.to_string(), "1.1.0");
    place
        .activate(&one, &envelope(&one, 5, &[1, 2, 4]))
        .unwrap();
    let history = place.history();
    let today = in_force(&history, &history[0].name, date(TODAY), None).unwrap();
    assert_eq!(
        (today.version.to_string(), today.revision),
        ("1.0.0".into(), Revision(5))
    );
}

#[test]
fn every_refusal_leaves_what_is_in_force() {
    let mut place = Place::new();
    let archive = archive();
    place
        .activate(&archive, &envelope(&archive, 1, &[1, 2, 4]))
        .unwrap();
    let before = fs::read(place.path.join("activations.jsonl")).unwrap();
    for (signers, code) in [
        (&[][..], "signature_stripped"),
        (&[1, 2], "signature_rule"),
        (&[1, 2, 4, 9], "signature_foreign"),
    ] {
        let error = place
            .activate(&archive, &envelope(&archive, 2, signers))
            .unwrap_err();
        assert_eq!(error.code(), code);
    }
    let other = version("1.0.0");
    let swapped = place
        .activate(&other, &envelope(&archive, 2, &[1, 2, 4]))
        .unwrap_err();
    assert_eq!(swapped.code(), "signature_swapped");
    let early = place.activate_at(
        &archive,
        &envelope(&archive, 2, &[1, 2, 4]),
        "2026-05-31T09:00:00Z",
    );
    assert_eq!(early.unwrap_err().code(), "clock_behind");
    assert_eq!(
        fs::read(place.path.join("activations.jsonl")).unwrap(),
        before
    );
}

#[test]
fn past_its_review_date_a_release_is_not_activated() {
    let archive = archive();
    let review_by = archive.source().manifest().review_by;
    let mut store = Place::new().store;
    let place = Place::new();
    store.clone_from(&place.store);
    let asked = Asked::Unsigned {
        asked_by: "ada",
        reason: "a trial",
    };
    let on = |store: &mut FolderStore, day: Date| {
        let now = day.midnight_utc();
        activate(store, &archive, asked, now, day)
            .map(|_| "active")
            .unwrap_or_else(|e| e.code())
    };
    assert_eq!(
        on(&mut store, review_by.plus_days(1).unwrap()),
        "review_overdue"
    );
    assert_eq!(on(&mut store, review_by), "active");
}

#[test]
fn signatures_are_left_out_by_name_only_and_for_ever_shown() {
    let mut place = Place::new();
    let archive = archive();
    let now = "2026-06-01T09:00:00Z".parse().unwrap();
    for (asked_by, reason) in [("", "why not"), ("ada", " ")] {
        let asked = Asked::Unsigned { asked_by, reason };
        let error = activate(&mut place.store, &archive, asked, now, date(TODAY)).unwrap_err();
        assert_eq!(error.code(), "unsigned_nameless");
    }
    let asked = Asked::Unsigned {
        asked_by: "ada",
        reason: "a trial",
    };
    activate(&mut place.store, &archive, asked, now, date(TODAY)).unwrap();
    let [activation] = &place.history()[..] else {
        panic!("one activation")
    };
    let expected = Warrant::Unsigned {
        asked_by: "ada".into(),
        reason: "a trial".into(),
    };
    assert_eq!(activation.warrant, expected);
}

#[test]
fn a_version_never_comes_back_with_other_files() {
    let mut place = Place::new();
    let bench = Bench::new();
    let one = Archive::build(&bench.read().unwrap()).unwrap();
    bench.write("README.md", "another\n");
    let other = Archive::build(&bench.read().unwrap()).unwrap();
    place
        .activate(&one, &envelope(&one, 1, &[1, 2, 4]))
        .unwrap();
    let error = place
        .activate(&other, &envelope(&other, 2, &[1, 2, 4]))
        .unwrap_err();
    assert_eq!(error.code(), "release_changed");
}

#[test]
fn a_store_that_vanished_is_not_an_empty_one() {
    let place = Place::new();
    fs::remove_file(place.path.join("activations.jsonl")).unwrap();
    assert_eq!(
        FolderStore::open(&place.path).unwrap_err().code(),
        "store_not_there"
    );
    let there = Place::new();
    assert_eq!(
        FolderStore::create(&there.path).unwrap_err().code(),
        "store_there"
    );
}

#[test]
fn a_changed_line_shows() {
    let mut place = Place::new();
    let (one, two) = (version("1.0.0"), version("1.1.0"));
    place
        .activate(&one, &envelope(&one, 1, &[1, 2, 4]))
        .unwrap();
    place
        .activate(&two, &envelope(&two, 2, &[1, 2, 4]))
        .unwrap();
    let file = place.path.join("activations.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let second = format!("{}\n", lines[1]);
    let changed = [
        text.replacen("\"person\":\"mei\"", "\"person\":\"max\"", 1),
        second,
        format!("{text}{}\n", lines[1]),
        format!("{text}{{\n"),
    ];
    for text in changed {
        fs::write(&file, &text).unwrap();
        assert_eq!(
            FolderStore::open(&place.path).unwrap_err().code(),
            "store_broken",
            "{text}"
        );
    }
}

#[test]
fn of_two_at_once_one_wins() {
    let mut place = Place::new();
    let (one, two) = (version("1.0.0"), version("1.1.0"));
    let first = place
        .activate(&one, &envelope(&one, 1, &[1, 2, 4]))
        .unwrap();
    // The other saw the store before the first was written.
    let second = Activation {
        revision: Revision(3),
        ..first
    };
    let error = place.store.append(None, &second, &two, None).unwrap_err();
    assert_eq!(error.code(), "store_moved");
    fs::write(place.path.join(".activations.jsonl.new"), "").unwrap();
    let busy = place
        .activate(&two, &envelope(&two, 2, &[1, 2, 4]))
        .unwrap_err();
    assert_eq!(busy.code(), "store_busy");
    assert_eq!(place.history().len(), 1);
}

#[test]
fn a_kept_archive_that_changed_is_refused() {
    let mut place = Place::new();
    let archive = archive();
    place
        .activate(&archive, &envelope(&archive, 1, &[1, 2, 4]))
        .unwrap();
    let file = place.path.join(format!("sha256-{}.tar", archive.digest()));
    fs::write(&file, b"x").unwrap();
    assert_eq!(
        place.store.archive(archive.digest()).unwrap_err().code(),
        "store_digest"
    );
}

#[test]
fn a_timetable_joins_what_belongs_together() {
    let archive = archive();
    let mut place = Place::new();
    let first = place
        .activate(&archive, &envelope(&archive, 1, &[1, 2, 4]))
        .unwrap();
    let with = |revision, from: &str, until: Option<&str>| Activation {
        revision: Revision(revision),
        covers: Covers {
            from: date(from),
            until: until.map(date),
        },
        ..first.clone()
    };
    let history = [
        with(1, "2020-01-01", None),
        with(2, "2024-01-01", Some("2024-12-31")),
        with(3, "2024-06-01", Some("2024-06-30")),
    ];
    let spans = timetable(&history, &first.name, None);
    let shown: Vec<String> = spans
        .iter()
        .map(|s| format!("{}: {}", s.covers, s.activation.revision))
        .collect();
    assert_eq!(
        shown,
        [
            "2020-01-01 to 2023-12-31: 1",
            "2024-01-01 to 2024-05-31: 2",
            "2024-06-01 to 2024-06-30: 3",
            "2024-07-01 to 2024-12-31: 2",
            "2025-01-01 onwards: 1",
        ]
    );
}
