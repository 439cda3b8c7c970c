use std::path::Path;

use redress::{Engine, EngineLimits};
use redress_release::SourceFolder;

use super::*;

fn fixture() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/tests/fixtures/policies/rail/delay/1.1.0")
}

#[test]
fn each_mutant_changes_one_thing_at_a_named_place() {
    let folder = SourceFolder::open(&fixture()).unwrap();
    let told: Vec<String> = mutants(&folder)
        .into_iter()
        .map(|(change, _)| format!("{}:{} {}", change.file, change.line, change.what))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn survivors_come_with_a_case_that_kills_them() {
    let engine = Engine::new(EngineLimits::STANDARD);
    let release = engine.load(&fixture()).unwrap();
    let mut heard = 0;
    let mutation = run(&engine, &release, |done, total| {
        heard += 1;
        assert!(done == heard && done <= total);
    })
    .unwrap();
    let fate = |what: &str| {
        let found = mutation
            .mutants
            .iter()
            .find(|(change, _)| change.what == what);
        found.unwrap_or_else(|| panic!("{what}")).1.clone()
    };
    assert!(matches!(
        fate("boundary 59 moved by 1"),
        Fate::Killed { .. }
    ));
    let Fate::Survived { killer } = fate("180 → 181") else {
        panic!("no case of the fixture is 180 minutes late");
    };
    let killer = killer.unwrap();
    assert!(killer.contains("delay_minutes = 180"), "{killer}");
    // The case that is offered is one, and kills the mutant.
    let folder = SourceFolder::open(&fixture()).unwrap();
    let with_case = folder.with_file("cases/killer.toml", killer.into_bytes());
    let release = engine
        .compile_script(with_case.release().unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(release.source().cases().unwrap().len(), 4);
    let again = run(&engine, &release, |_, _| {}).unwrap();
    let killed = again
        .mutants
        .iter()
        .find(|(change, _)| change.what == "180 → 181")
        .unwrap();
    assert_eq!(
        killed.1,
        Fate::Killed {
            by: "killer".into()
        }
    );
}

#[test]
fn a_limit_that_a_share_of_a_fact_comes_to_is_gone_past() {
    let folder = tempfile::tempdir().unwrap();
    let name = "shop/late".parse().unwrap();
    let path = redress_release::scaffold(&name, folder.path()).unwrap();
    let engine = Engine::new(EngineLimits::STANDARD);
    let release = engine.load(&path).unwrap();
    let mutation = run(&engine, &release, |_, _| {}).unwrap();
    let moved = [
        r#""20.00 EUR" → "20.01 EUR""#,
        r#""200.00 EUR" → "200.01 EUR""#,
    ];
    let fate = |mutation: &Mutation, what: &str| {
        let mut mutants = mutation.mutants.iter();
        let found = mutants.find(|(change, _)| change.what == what);
        found.unwrap_or_else(|| panic!("{what}")).1.clone()
    };
    let mut folder = SourceFolder::open(&path).unwrap();
    for (index, what) in moved.into_iter().enumerate() {
        let Fate::Survived { killer } = fate(&mutation, what) else {
            panic!("{what} is killed by a case of the scaffold");
        };
        let killer = killer.unwrap_or_else(|| panic!("{what}"));
        folder = folder.with_file(&format!("cases/killer_{index}.toml"), killer.into_bytes());
    }
    // The cases that are offered kill the mutants.
    let release = engine.compile_script(folder.release().unwrap());
    let again = run(&engine, &release.unwrap().unwrap(), |_, _| {}).unwrap();
    for what in moved {
        let fate = fate(&again, what);
        let by_killer = matches!(&fate, Fate::Killed { by } if by.starts_with("killer_"));
        assert!(by_killer, "{what}: {fate:?}");
    }
}
