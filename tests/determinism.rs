//! Equal inputs give equal bytes: again, on another thread, in another sandbox.

use std::path::{Path, PathBuf};
use std::thread;

use redress::source::{CaseFile, find_releases};
use redress::{Case, Decided, Engine, EngineLimits, Release};

fn releases() -> Vec<Release> {
    let policies: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let engine = Engine::new(EngineLimits::STANDARD);
    let folders = find_releases(&policies).unwrap();
    folders
        .iter()
        .map(|folder| engine.load(folder).unwrap())
        .collect()
}

/// Every case of a release that its schema admits.
fn cases(release: &Release) -> Vec<(CaseFile, Case)> {
    let files = release.source().cases().unwrap();
    let admitted = files.into_iter().map(|file| {
        let case = release.admit(&file.to_json());
        case.map(|case| (file, case))
    });
    admitted.filter_map(Result::ok).collect()
}

fn decide(release: &Release, file: &CaseFile, case: &Case) -> Decided {
    release.decide(case, &file.actor, &file.standing, file.as_of)
}

fn bytes(decided: &Decided) -> Vec<u8> {
    serde_json::to_vec(&decided.decision).unwrap()
}

#[test]
fn a_decision_is_the_same_again_and_on_every_thread() {
    for release in releases() {
        let cases = cases(&release);
        assert!(
            cases.len() >= 10,
            "{}: {} cases",
            release.id().name,
            cases.len()
        );
        let run = || -> Vec<Vec<u8>> {
            cases
                .iter()
                .map(|(file, case)| bytes(&decide(&release, file, case)))
                .collect()
        };
        let first = run();
        assert_eq!(first, run(), "{}", release.id().name);
        thread::scope(|scope| {
            let threads = [scope.spawn(run), scope.spawn(run)];
            for thread in threads {
                assert_eq!(first, thread.join().unwrap(), "{}", release.id().name);
            }
        });
    }
}

#[test]
fn every_sandbox_gives_the_same_bytes() {
    for release in releases() {
        let cases = cases(&release);
        for kind in release.sandboxes() {
            let other = release.with_sandbox(kind).unwrap();
            for (file, case) in &cases {
                let (own, others) = (decide(&release, file, case), decide(&other, file, case));
                let name = &file.name;
                assert_eq!(bytes(&own), bytes(&others), "{kind:?}: {name}");
                assert_eq!(others.execution.sandbox, kind);
            }
        }
    }
}

#[test]
fn the_inputs_digest_moves_with_each_input() {
    // The one whose facts are changed below.
    let release = releases().into_iter();
    let mut release = release.filter(|release| release.id().name == "air/eu261");
    let release = release.next().unwrap();
    let (file, case) = cases(&release).remove(0);
    let (actor, standing, as_of) = (&file.actor, &file.standing, file.as_of);
    let mut seen = std::collections::BTreeSet::new();
    let mut new = |what: &str, digest| assert!(seen.insert(digest), "{what} moved nothing");
    let own = release.inputs_digest(&case, actor, standing, as_of);
    assert_eq!(own, release.inputs_digest(&case, actor, standing, as_of));
    new("nothing", own);
    let later = as_of.plus_seconds(1).unwrap();
    new("time", release.inputs_digest(&case, actor, standing, later));

    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    for (what, value) in [
        ("id", json(r#""other""#)),
        ("incident_date", json(r#""2001-01-01""#)),
        ("event", json(r#""other""#)),
        ("claimant", json(r#"{"id":"other"}"#)),
        ("claimant", json(r#"{"id":"other","locale":"zh-CN"}"#)),
        ("links", json(r#"[{"kind":"a","id":"bc"}]"#)),
        ("links", json(r#"[{"kind":"ab","id":"c"}]"#)),
        ("stage", json(r#""proactive""#)),
        ("offer", json(r#"{"amount":"1.00 EUR"}"#)),
        ("requested", json(r#"{"amount":"1.00 EUR"}"#)),
        ("requested", json(r#"{"kind":"cash"}"#)),
        ("facts", json("7777")),
    ] {
        let mut members = json(std::str::from_utf8(&file.to_json()).unwrap());
        match what {
            "facts" => members["facts"]["distance_km"] = value,
            _ => members[what] = value,
        }
        let bytes = serde_json::to_vec(&members).unwrap();
        let case = release.admit(&bytes).unwrap();
        new(what, release.inputs_digest(&case, actor, standing, as_of));
    }

    for (what, value) in [
        ("id", json(r#""other""#)),
        ("role", json(r#""other""#)),
        ("assurance", json(r#""unverified""#)),
    ] {
        let mut members = serde_json::to_value(actor).unwrap();
        members[what] = value;
        let actor = serde_json::from_value(members).unwrap();
        new(what, release.inputs_digest(&case, &actor, standing, as_of));
    }

    let paid = r#"[{"beneficiary":"a","head":"b","amount":"1.00 EUR"}]"#;
    for (what, value) in [
        ("as_of_seq", json("4711")),
        ("paid", json(paid)),
        ("rolling", json(r#"{"known":[]}"#)),
        (
            "rolling",
            json(r#"{"known":[{"name":"a","amount":"1.00 EUR"}]}"#),
        ),
        (
            "budgets",
            json(r#"{"known":[{"name":"a","amount":"1.00 EUR"}]}"#),
        ),
        ("warnings", json(r#"{"repeats":77}"#)),
        ("warnings", json(r#"{"like_cases":77}"#)),
        ("warnings", json(r#"{"burst":77}"#)),
    ] {
        let mut members = serde_json::to_value(standing).unwrap();
        members[what] = value;
        let standing = serde_json::from_value(members).unwrap();
        new(what, release.inputs_digest(&case, actor, &standing, as_of));
    }
}
