//! Modules that are refused when they are loaded.

use redress_model::table::{CellType, Column, HitPolicy, Matcher, Row, Table, Tables};
use redress_model::{Code, Digest, Rounding, Value};

use super::{Load, built, module, refused, schema, with_section};
use crate::Budget;
use crate::wasm::limits::MODULE_BYTES_MAX;

#[test]
fn a_module_reaches_nothing_outside_itself() {
    refused("imports", "imports \"now\" from \"host\"");
    refused("imports_memory", "imports \"memory\"");
    refused("start_function", "start function");
}

#[test]
fn floating_point_is_refused_wherever_it_stands() {
    for name in [
        "float_operator",
        "float_f32",
        "float_in_type",
        "float_local",
        "float_global",
        "float_block",
    ] {
        refused(name, "without floating point");
    }
}

#[test]
fn features_beyond_the_first_version_are_refused() {
    refused("simd", "SIMD");
    refused("tail_call", "tail call");
    refused("memory64", "memory64");
    refused("two_tables", "multiple tables");
}

#[test]
fn a_memory_has_one_fixed_size_within_the_budget() {
    refused("no_maximum", "no maximum");
    refused("growing_memory", "may grow from 1 to 2 pages");
    refused("two_memories", "memor");
    refused("no_memory", "0 memories");
    refused("huge_memory", "the budget allows 1048576");
    refused("huge_table", "at most 1024");

    let budget = |memory_bytes_max| Budget {
        memory_bytes_max,
        ..Budget::STANDARD
    };
    for (bytes, loads) in [(65_535, false), (65_536, true), (65_537, true)] {
        let load = Load {
            budget: budget(bytes),
            ..Load::default()
        };
        assert_eq!(load.compile(&built("refuses")).is_ok(), loads, "{bytes}");
    }
}

#[test]
fn exports_are_those_of_the_abi() {
    refused("missing_export", "does not export `route`");
    refused(
        "wrong_type",
        "(i64, i64) -> (i64), expected (i32, i32) -> (i64)",
    );
    refused("wrong_result", "expected (i32, i32) -> (i64)");
    refused("export_is_a_global", "`route` is not a function");
    refused("memory_not_exported", "export its memory");
    refused("memory_is_a_function", "export its memory");
    refused("other_abi", "guest ABI 2");
    refused("endless_version", "does not start");
    refused("data_outside", "does not start");
}

#[test]
fn bytes_that_are_no_module_are_refused() {
    let check = |bytes: &[u8], words: &str| {
        let text = Load::default().compile(bytes).unwrap_err().to_string();
        assert!(text.contains(words), "{text}");
    };
    check(b"", "not a core WebAssembly module");
    check(b"(module)", "not a core WebAssembly module");
    check(b"\0asm\x0d\0\x01\0", "not a core WebAssembly module");
    check(b"\x7fELF\x02\x01\x01\0", "not a core WebAssembly module");
    check(&built("refuses")[..40], "not a valid policy");
    let mut long = built("refuses");
    long.resize(MODULE_BYTES_MAX + 1, 0);
    check(&long, "at most 262144 are loaded");
}

fn tables() -> Tables {
    let table = Table::new(
        Code::new("tariff").unwrap(),
        HitPolicy::Unique,
        vec![Column {
            name: "late".into(),
            ty: CellType::Bool,
        }],
        vec![Column {
            name: "article".into(),
            ty: CellType::Text,
        }],
        vec![Row {
            matchers: Box::new([Matcher::Any]),
            outputs: Box::new([Value::Text("7".into())]),
        }],
    );
    Tables::new([table.unwrap()]).unwrap()
}

#[test]
fn a_module_is_built_for_this_release() {
    let check = |load: Load, module: Vec<u8>, words: &str| {
        let text = load.compile(&module).unwrap_err().to_string();
        assert!(text.contains(words), "{text}");
    };
    let plain = module("refuses");
    let other = Digest::of(b"other");
    let digest = schema().digest();
    check(Load::default(), plain.clone(), "for which schema");
    let section = |name, data: &[u8]| with_section(plain.clone(), name, data);
    let wrong = section("redress.schema", other.bytes());
    check(Load::default(), wrong, "another schema");
    let short = section("redress.schema", &digest.bytes()[..31]);
    check(Load::default(), short, "another schema");
    let twice = with_section(built("refuses"), "redress.schema", digest.bytes());
    check(Load::default(), twice, "two sections");

    let with_tables = || Load {
        tables: tables(),
        ..Load::default()
    };
    check(with_tables(), built("refuses"), "for which set of tables");
    let wrong = with_section(built("refuses"), "redress.tables", other.bytes());
    check(with_tables(), wrong, "another set of tables");
    let right = with_section(
        built("refuses"),
        "redress.tables",
        tables().digest().bytes(),
    );
    assert!(with_tables().compile(&right).is_ok());

    let rounded = with_section(built("refuses"), "redress.rounding", b"half_even");
    check(Load::default(), rounded.clone(), "rounding than half_up");
    let half_even = Load {
        rounding: Rounding::HalfEven,
        ..Load::default()
    };
    assert!(half_even.compile(&rounded).is_ok());
}
