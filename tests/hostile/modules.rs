//! WASM modules with imports, floats, growing memory, lying lengths, traps and loops.

use std::fs;
use std::path::Path;

use redress::{Engine, EngineLimits, LoadError, Release};

use super::{base, check, expectation, files};

/// The base release with a module instead of a script, its schema's digest sewn in.
fn load_module(wat: &str) -> Result<Release, LoadError> {
    let folder = base();
    let mut module = wat::parse_str(wat).unwrap();
    let schema = fs::read(folder.path().join("facts.schema.json")).unwrap();
    let digest = redress::Schema::compile(&schema).unwrap().digest();
    section(&mut module, "redress.schema", digest.bytes());
    let tables = Engine::new(EngineLimits::STANDARD)
        .load(folder.path())
        .unwrap();
    section(
        &mut module,
        "redress.tables",
        tables.source().tables().digest().bytes(),
    );
    write(folder.path(), &module, wat);
    Engine::new(EngineLimits::STANDARD).load(folder.path())
}

fn write(folder: &Path, module: &[u8], source: &str) {
    fs::write(folder.join("policy.wasm"), module).unwrap();
    fs::write(folder.join("policy.wat"), source).unwrap();
    fs::remove_file(folder.join("policy.rhai")).unwrap();
    let hash = redress::Digest::of(source.as_bytes());
    let manifest = folder.join("release.toml");
    let text = fs::read_to_string(&manifest).unwrap().replace(
        "rhai = \"policy.rhai\"",
        &format!(
            "wasm = \"policy.wasm\"\nwasm_source = \"policy.wat\"\nwasm_source_sha256 = \"{hash}\"\nwasm_rebuild = \"wat2wasm policy.wat\""
        ),
    );
    fs::write(manifest, text).unwrap();
}

/// Appends a custom section.
fn section(module: &mut Vec<u8>, name: &str, data: &[u8]) {
    let size = 1 + name.len() + data.len();
    assert!(size < 128, "one byte holds the size");
    module.extend([
        0,
        u8::try_from(size).unwrap(),
        u8::try_from(name.len()).unwrap(),
    ]);
    module.extend(name.as_bytes());
    module.extend(data);
}

#[test]
fn no_module_of_the_corpus_pays() {
    let corpus = files("modules");
    assert!(corpus.len() >= 12, "{} modules", corpus.len());
    for (path, text) in corpus {
        let (kind, expected) = expectation(&text);
        check(&path, load_module(&text), kind, expected);
    }
}
