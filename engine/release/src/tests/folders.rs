//! What may lie in a release folder, and its digest.

use std::fs;

use redress_model::Digest;

use super::{Bench, shown};
use crate::SourceFolder;
use crate::folder::{
    DEPTH_MAX, FILE_BYTES_MAX, FILES_MAX, FOLDER_BYTES_MAX, RHAI_BYTES_MAX, WASM_BYTES_MAX,
};

#[test]
fn the_digest_is_that_of_the_documented_listing() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("b")).unwrap();
    for (name, text) in [
        ("b/x.txt", "x"),
        ("a.txt", "äö"),
        ("b.txt", ""),
        (".hidden", "no"),
    ] {
        fs::write(root.path().join(name), text).unwrap();
    }
    let line = |name: &str, text: &str| {
        format!("{name}\t{}\t{}\n", text.len(), Digest::of(text.as_bytes()))
    };
    // '.' sorts before '/', so the file b.txt stands before the folder b.
    let listing = format!(
        "redress.release.v1\n{}{}{}",
        line("a.txt", "äö"),
        line("b.txt", ""),
        line("b/x.txt", "x")
    );
    let folder = SourceFolder::open(root.path()).unwrap();
    assert_eq!(folder.digest(), Digest::of(listing.as_bytes()));
}

#[test]
fn every_byte_and_every_name_moves_the_digest() {
    let bench = Bench::new();
    let before = bench.read().unwrap().digest();
    bench.write(".notes", "not part of the release");
    assert_eq!(bench.read().unwrap().digest(), before);
    bench.edit("README.md", "starter", "starteR");
    let edited = bench.read().unwrap().digest();
    assert_ne!(edited, before);
    fs::rename(bench.path("README.md"), bench.path("READ.md")).unwrap();
    assert_ne!(bench.read().unwrap().digest(), edited);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_refused_wherever_it_points() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.csv"), "x").unwrap();
    let problem =
        "is a symbolic link; a release holds its files itself, so that its digest covers them";

    let bench = Bench::new();
    symlink(
        outside.path().join("secret.csv"),
        bench.path("tables/out.csv"),
    )
    .unwrap();
    assert_eq!(bench.errors(), format!("tables/out.csv: {problem}"));

    let bench = Bench::new();
    symlink(outside.path(), bench.path("more")).unwrap();
    symlink("policy.rhai", bench.path("same.rhai")).unwrap();
    let errors = bench.errors();
    assert!(errors.contains(&format!("more: {problem}")), "{errors}");
    assert!(
        errors.contains(&format!("same.rhai: {problem}")),
        "{errors}"
    );

    let bench = Bench::new();
    fs::remove_file(bench.path("release.toml")).unwrap();
    symlink(
        outside.path().join("release.toml"),
        bench.path("release.toml"),
    )
    .unwrap();
    assert_eq!(bench.errors(), format!("release.toml: {problem}"));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let bench = Bench::new();
    let pipe = bench.path("tables/pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "no pipe could be made"
    );
    assert_eq!(
        bench.errors(),
        "tables/pipe.csv: is neither a file nor a folder"
    );
}

#[test]
fn a_file_is_read_at_its_limit_and_refused_above() {
    let comment = |bytes: u64| format!("//{}", " ".repeat(usize::try_from(bytes).unwrap() - 2));
    let bench = Bench::new();
    bench.write("policy.rhai", comment(RHAI_BYTES_MAX));
    bench.read().unwrap();
    bench.write("policy.rhai", comment(RHAI_BYTES_MAX + 9));
    assert_eq!(
        bench.errors(),
        "policy.rhai: has 65545 bytes, at most 65536 are read"
    );

    let bench = Bench::new();
    bench.write("policy.wasm", comment(WASM_BYTES_MAX + 1));
    assert_eq!(
        bench.errors(),
        "policy.wasm: has 1048577 bytes, at most 1048576 are read"
    );
}

#[test]
fn too_many_files_are_told_once() {
    let bench = Bench::new();
    for number in 0..FILES_MAX {
        bench.write(&format!("papers/{number}.txt"), "");
    }
    let errors = bench.read().unwrap_err();
    assert_eq!(errors.0.len(), 1, "{errors}");
    assert!(
        errors.0[0].problem.contains("at most 2000 files"),
        "{errors}"
    );
}

#[test]
fn a_folder_is_read_up_to_its_limit_of_bytes() {
    let bench = Bench::new();
    let own: u64 = SourceFolder::open(&bench.folder)
        .unwrap()
        .files()
        .map(|(_, bytes)| u64::try_from(bytes.len()).unwrap())
        .sum();
    let mut left = FOLDER_BYTES_MAX - own;
    for number in 0.. {
        let bytes = left.min(FILE_BYTES_MAX);
        fs::File::create(bench.path(&format!("{number}.bin")))
            .and_then(|file| file.set_len(bytes))
            .unwrap();
        left -= bytes;
        if left == 0 {
            break;
        }
    }
    bench.read().unwrap();
    bench.write("one-more.txt", "x");
    let errors = bench.read().unwrap_err();
    assert_eq!(errors.0.len(), 1, "{errors}");
    assert!(
        errors.0[0].problem.contains("33554432 bytes together"),
        "{errors}"
    );
}

#[test]
fn a_hostile_folder_gets_at_most_a_hundred_errors() {
    let bench = Bench::new();
    let keys: String = (0..500).map(|n| format!("x{n} = 1\n")).collect();
    let text = fs::read_to_string(bench.path("release.toml")).unwrap();
    bench.write("release.toml", keys + &text);
    assert_eq!(bench.read().unwrap_err().0.len(), 100);
}

#[test]
fn folders_nest_to_a_limit() {
    let deep = |levels: u32| "d/".repeat(usize::try_from(levels).unwrap()) + "x.txt";
    let bench = Bench::new();
    bench.write(&deep(DEPTH_MAX), "");
    bench.read().unwrap();
    bench.write(&deep(DEPTH_MAX + 1), "");
    assert!(
        bench.errors().ends_with(": folders nest deeper than 8"),
        "{}",
        bench.errors()
    );
}

#[test]
fn a_folder_without_a_manifest_is_no_release() {
    let root = tempfile::tempdir().unwrap();
    let errors = SourceFolder::read(root.path()).unwrap_err();
    assert_eq!(
        shown(&errors, root.path()),
        "release.toml: is not there, so this is no release folder\n  \
         help: name the folder of one version, such as policies/air/eu261/1.0.0"
    );
    let errors = SourceFolder::read(&root.path().join("nowhere")).unwrap_err();
    assert!(shown(&errors, root.path()).starts_with("nowhere: there is no such folder"));
}
