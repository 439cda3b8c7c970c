//! The arithmetic of the C SDK against that of the model, through exports that the
//! sample policy has for this purpose.

use std::sync::LazyLock;

use proptest::prelude::*;
use redress_model::{Currency, Date, Money, Rounding};
use wasmtime::{Linker, Module, Store, WasmParams};

use super::HOST;
use super::sample::file;
use crate::wasm::limits::MemoryGuard;

static MODULE: LazyLock<Module> =
    LazyLock::new(|| Module::from_binary(&HOST.foreign, &file("policy.wasm")).unwrap());

/// What an export returns; `None` when the module stops itself.
fn call<P: WasmParams>(name: &str, args: P) -> Option<i64> {
    let mut store = Store::new(&HOST.foreign, MemoryGuard::new(65_536));
    store.set_fuel(100_000).unwrap();
    store.set_epoch_deadline(1);
    let instance = Linker::new(&HOST.foreign)
        .instantiate(&mut store, &MODULE)
        .unwrap();
    let function = instance.get_typed_func::<P, i64>(&mut store, name).unwrap();
    function.call(&mut store, args).ok()
}

const ROUNDINGS: [(i32, Rounding); 4] = [
    (0, Rounding::HalfUp),
    (1, Rounding::HalfEven),
    (2, Rounding::Down),
    (3, Rounding::Up),
];

fn number() -> impl Strategy<Value = i64> {
    let edges = vec![
        i64::MIN,
        i64::MIN + 1,
        -1,
        0,
        1,
        2,
        3,
        i64::MAX - 1,
        i64::MAX,
    ];
    prop_oneof![
        any::<i64>(),
        -50_i64..50,
        prop::sample::select(edges),
        (0_u32..63, -2_i64..3).prop_map(|(bit, near)| (1_i64 << bit).wrapping_add(near)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn c_rounds_as_the_model_does(minor in number(), numerator in number(), denominator in number()) {
        let sum = Money::new(minor, Currency::new("EUR").unwrap());
        for (tag, rounding) in ROUNDINGS {
            let expected = sum.ratio(numerator, denominator, rounding).ok();
            let found = call("test_ratio", (minor, numerator, denominator, tag));
            prop_assert_eq!(found, expected.map(Money::minor), "{:?}", rounding);
        }
    }

    #[test]
    fn c_stops_where_a_number_overflows(a in number(), b in number()) {
        prop_assert_eq!(call("test_product", (a, b)), a.checked_mul(b));
        let plain = || a.checked_mul(b)?.checked_add(a.checked_sub(b)?);
        prop_assert_eq!(call("test_plain", (a, b)), plain());
    }
}

#[test]
fn c_counts_days_as_the_model_does() {
    for text in [
        "0001-01-01",
        "1969-12-31",
        "1970-01-01",
        "2000-02-29",
        "2100-03-01",
        "9999-12-31",
    ] {
        let date: Date = text.parse().unwrap();
        let (year, month, day) = date.ymd();
        let args = (i64::from(year), i64::from(month), i64::from(day));
        assert_eq!(call("test_day", args), Some(date.days().into()), "{text}");
    }
}
