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
    let release = releases().remove(0);
    let (file, case) = cases(&release).remove(0);
    let digest =
        |case: &Case, as_of| release.inputs_digest(case, &file.actor, &file.standing, as_of);
    let own = digest(&case, file.as_of);
    assert_eq!(own, digest(&case, file.as_of));
    assert_ne!(own, digest(&case, file.as_of.plus_seconds(1).unwrap()));
    let mut other = case.clone();
    other.envelope.offer = Some(serde_json::from_str(r#"{"amount":"1.00 EUR"}"#).unwrap());
    assert_ne!(own, digest(&other, file.as_of));
}
