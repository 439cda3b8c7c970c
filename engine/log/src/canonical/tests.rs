use proptest::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

use super::*;

const LIMITS: ReadLimits = ReadLimits {
    bytes_max: 1 << 20,
    depth_max: 64,
};

#[track_caller]
fn check(json: &str, canonical: &str) {
    let value = read(json.as_bytes(), LIMITS).unwrap();
    assert_eq!(String::from_utf8(value.write()).unwrap(), canonical);
    let again = read(canonical.as_bytes(), LIMITS).unwrap();
    assert_eq!(
        again.write(),
        canonical.as_bytes(),
        "canonical stays canonical"
    );
}

/// The sample of RFC 8785, section 3.2.2, and its result as bytes in section 3.2.4.
#[test]
fn the_sample_of_the_rfc() {
    check(
        r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#,
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
    );
}

/// The sample of RFC 8785, section 3.2.3, as a whole object.
#[test]
fn members_stand_in_the_order_of_utf_16() {
    check(
        r#"{
            "\u20ac": "Euro Sign",
            "\r": "Carriage Return",
            "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One",
            "\ud83d\ude00": "Emoji: Grinning Face",
            "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis"
        }"#,
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}",
    );
}

/// The test data that the RFC's author publishes beside it: `arrays`, `french`,
/// `structures`, `unicode`, `values` and `weird`.
#[test]
fn the_published_test_data() {
    check(
        "[\n  56,\n  {\n    \"d\": true,\n    \"10\": null,\n    \"1\": [ ]\n  }\n]",
        r#"[56,{"1":[],"10":null,"d":true}]"#,
    );
    check(
        r#"{"peach": "This sorting order", "péché": "is wrong according to French",
            "pêche": "but canonicalization MUST", "sin":   "ignore locale"}"#,
        r#"{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ignore locale"}"#,
    );
    check(
        r#"{"1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty", "a": { },
            "111": [ { } ], "A": { }}"#,
        r#"{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{}],"A":{},"a":{}}"#,
    );
    check(
        r#"{"Unnormalized Unicode":"\u1e0d\u0307"}"#,
        "{\"Unnormalized Unicode\":\"\u{1e0d}\u{307}\"}",
    );
    check(
        r#"{"\u20ac": "Euro Sign", "1": "One", "\u0080": "Control\u007f",
            "\ud83d\ude02": "Smiley", "\u00f6": "Latin Small Letter O With Diaeresis",
            "\ufb33": "Hebrew Letter Dalet With Dagesh", "</script>": "Browser Challenge"}"#,
        "{\"1\":\"One\",\"</script>\":\"Browser Challenge\",\"\u{80}\":\"Control\u{7f}\",\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\"\u{20ac}\":\"Euro Sign\",\"\u{1f602}\":\"Smiley\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}",
    );
}

/// RFC 8785, appendix B: IEEE 754 bits and how ECMAScript writes them.
#[test]
fn the_numbers_of_appendix_b() {
    let samples: [(u64, &str); 26] = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        (0x3ff0_0000_0000_0000, "1"),
        (0x3fb9_9999_9999_999a, "0.1"),
    ];
    for (bits, text) in samples {
        let double = Double::new(f64::from_bits(bits)).unwrap();
        assert_eq!(
            Value::Number(double).write(),
            text.as_bytes(),
            "{bits:016x}"
        );
    }
    assert!(
        Double::new(f64::from_bits(0x7fff_ffff_ffff_ffff)).is_none(),
        "NaN"
    );
    assert!(
        Double::new(f64::from_bits(0x7ff0_0000_0000_0000)).is_none(),
        "infinite"
    );
}

#[test]
fn what_is_not_json_says_where() {
    for (json, offset, code) in [
        ("", 0, "json_syntax"),
        ("{", 1, "json_syntax"),
        ("{\"a\":1,\"a\":2}", 7, "json_duplicate_name"),
        ("{\"a\":1,\"\\u0061\":2}", 7, "json_duplicate_name"),
        ("[1,]", 3, "json_syntax"),
        ("[1 2]", 3, "json_syntax"),
        ("01", 1, "json_syntax"),
        ("+1", 0, "json_syntax"),
        ("1.", 2, "json_syntax"),
        (".5", 0, "json_syntax"),
        ("1e999", 0, "json_syntax"),
        ("nul", 0, "json_syntax"),
        ("\"\u{1}\"", 1, "json_syntax"),
        (r#""\ud83d""#, 1, "json_syntax"),
        (r#""\ude00\ud83d""#, 1, "json_syntax"),
        (r#""\ud83d\ud83d""#, 1, "json_syntax"),
        (r#""\x""#, 1, "json_syntax"),
        (r#""\u+123""#, 1, "json_syntax"),
        ("1 2", 2, "json_syntax"),
        ("\u{feff}1", 0, "json_syntax"),
        ("NaN", 0, "json_syntax"),
    ] {
        let error = read(json.as_bytes(), LIMITS).unwrap_err();
        assert_eq!(
            (error.offset, error.code()),
            (offset, code),
            "{json:?}: {error}"
        );
    }
    let error = read(b"\"\xff\"", LIMITS).unwrap_err();
    assert_eq!(error.problem, ReadProblem::NotUtf8);
}

#[test]
fn limits_hold_at_their_edge() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(read(nested(64).as_bytes(), LIMITS).is_ok());
    let error = read(nested(65).as_bytes(), LIMITS).unwrap_err();
    assert_eq!(error.problem, ReadProblem::TooDeep { limit: 64 });
    assert_eq!(error.code(), "json_too_deep");
    let small = ReadLimits {
        bytes_max: 4,
        depth_max: 1,
    };
    assert!(read(b"1234", small).is_ok());
    let error = read(b"12345", small).unwrap_err();
    assert_eq!(error.problem, ReadProblem::TooLong { limit: 4, used: 5 });
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Dot,
    Line(i64),
    Box { width: u8, height: u64 },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
struct Sample {
    zeta: Option<i64>,
    alpha: Vec<Shape>,
    flag: bool,
    name: String,
    map: BTreeMap<String, u32>,
}

fn sample() -> Sample {
    Sample {
        zeta: Some(i64::MIN),
        alpha: vec![
            Shape::Dot,
            Shape::Line(-7),
            Shape::Box {
                width: 3,
                height: u64::MAX,
            },
        ],
        flag: true,
        name: "订单\n\"7\"".to_owned(),
        map: BTreeMap::from([("\u{1f600}".to_owned(), 1), ("\u{fb33}".to_owned(), 2)]),
    }
}

#[test]
fn a_record_writes_integers_as_texts_and_reads_them_back() {
    let bytes = to_vec(&sample()).unwrap();
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        "{\"alpha\":[\"dot\",{\"line\":\"-7\"},{\"box\":{\"height\":\"18446744073709551615\",\"width\":\"3\"}}],\"flag\":true,\"map\":{\"\u{1f600}\":\"1\",\"\u{fb33}\":\"2\"},\"name\":\"订单\\n\\\"7\\\"\",\"zeta\":\"-9223372036854775808\"}"
    );
    let value = read(&bytes, LIMITS).unwrap();
    assert_eq!(value.write(), bytes);
    assert_eq!(from_value::<Sample>(value).unwrap(), sample());
}

#[test]
fn a_record_holds_no_float_and_no_name_twice() {
    assert_eq!(to_vec(&1.5_f64).unwrap_err(), CanonicalError::Float);
    struct Twice;
    impl Serialize for Twice {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([("b", 1), ("a", 2), ("b", 3)])
        }
    }
    let error = to_vec(&Twice).unwrap_err();
    assert_eq!(error.code(), "record_duplicate_name");
    let error = to_vec(&BTreeMap::from([(1_u8, 2_u8)])).unwrap_err();
    assert_eq!(error, CanonicalError::Name);
}

#[test]
fn an_integer_has_one_way_to_be_written() {
    for text in ["+1", "01", "-0", "1.0", "", " 1", "256"] {
        assert!(from_value::<u8>(Value::from(text)).is_err(), "{text:?}");
    }
    assert_eq!(from_value::<u8>(Value::from("255")), Ok(255));
    let number = Value::Number(Double::new(1.0).unwrap());
    assert!(
        from_value::<u8>(number).is_err(),
        "a number is none in a record"
    );
}

fn arbitrary_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn names_compare_as_their_utf_16(left: String, right: String) {
        let expected = left.encode_utf16().cmp(right.encode_utf16());
        prop_assert_eq!(order::utf16(&left, &right), expected);
    }

    /// Characters on both sides of the surrogates, which random texts seldom hold.
    #[test]
    fn names_beyond_the_first_plane_compare_as_their_utf_16(
        left in "[a\u{d7ff}\u{e000}\u{efff}\u{f000}\u{ffff}\u{10000}\u{10ffff}]{0,4}",
        right in "[a\u{d7ff}\u{e000}\u{efff}\u{f000}\u{ffff}\u{10000}\u{10ffff}]{0,4}",
    ) {
        let expected = left.encode_utf16().cmp(right.encode_utf16());
        prop_assert_eq!(order::utf16(&left, &right), expected);
    }

    /// Another reader sees the same value in the canonical bytes, and they are a fixed point.
    #[test]
    fn canonical_bytes_keep_the_value(json in arbitrary_value()) {
        let text = serde_json::to_vec(&json).unwrap();
        let value = read(&text, LIMITS).unwrap();
        let canonical = value.write();
        prop_assert_eq!(&read(&canonical, LIMITS).unwrap().write(), &canonical);
        let pretty = serde_json::to_vec_pretty(&json).unwrap();
        prop_assert_eq!(&read(&pretty, LIMITS).unwrap().write(), &canonical);
    }

    #[test]
    fn a_number_reads_back_as_the_same_double(bits: u64) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        let text = Value::Number(Double::new(number).unwrap()).write();
        let back: f64 = std::str::from_utf8(&text).unwrap().parse().unwrap();
        prop_assert_eq!(back.to_bits(), if number == 0.0 { 0 } else { bits });
    }

    /// Whatever the bytes are, the reader answers, and what it takes it writes in one way.
    #[test]
    fn the_reader_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(value) = read(&bytes, LIMITS) {
            prop_assert_eq!(read(&value.write(), LIMITS).unwrap(), value);
        }
    }

    #[test]
    fn the_reader_never_panics_on_what_looks_like_json(
        text in r#"[\[\]{},:"\\ue0-9a-f.+\- ntrulsd]{0,60}"#
    ) {
        let ours = read(text.as_bytes(), LIMITS).is_ok();
        let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        // We refuse names given twice, they do not; what they refuse, we refuse.
        prop_assert!(theirs || !ours, "{}", text);
    }
}
