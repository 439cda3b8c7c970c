use proptest::collection::vec;
use proptest::prelude::*;
use redress_model::{
    Amount, Basis, Code, Currency, Date, Deadline, DeadlineStart, DeadlineUnit, Money, Reason,
    ReasonArg, Remedy, Route, Schema, Slot,
};

use super::*;
use crate::Layout;

/// Slots by name: 0 day, 1 delay, 2 self_harm, 3 told, 4 tone.
const SCHEMA: &str = r#"{"type":"object","properties":{
  "day": {"type":"string","format":"date","x-class":"gate"},
  "delay": {"type":"integer","minimum":0,"maximum":9,"x-unit":"minutes","x-class":"merit","x-direction":"higher_is_worse"},
  "self_harm": {"type":"boolean","x-class":"safety"},
  "told": {"type":"string","format":"date-time","x-class":"route"},
  "tone": {"type":"string","enum":["calm","loud"],"x-class":"route"}
}}"#;

fn layout() -> Layout {
    Layout::new(&Schema::compile(SCHEMA.as_bytes()).unwrap())
}

fn code() -> impl Strategy<Value = Code> {
    "[a-z0-9_.-]{1,64}".prop_map(|text| Code::new(&text).unwrap())
}

fn money() -> impl Strategy<Value = Money> {
    let currency = prop::sample::select(vec!["EUR", "CNY", "JPY", "KWD"]);
    (any::<i64>(), currency)
        .prop_map(|(minor, code)| Money::new(minor, Currency::new(code).unwrap()))
}

fn date() -> impl Strategy<Value = Date> {
    (-719_162..=2_932_896).prop_map(|days| Date::from_days(days).unwrap())
}

fn reason() -> impl Strategy<Value = Reason> {
    let arg = prop_oneof![
        any::<i64>().prop_map(ReasonArg::Int),
        money().prop_map(ReasonArg::Money),
        date().prop_map(ReasonArg::Date),
        "[a-z中é ]{0,16}".prop_map(|text| ReasonArg::Text(text.into())),
    ];
    (code(), vec(arg, 0..=ARGS_MAX)).prop_map(|(code, args)| Reason { code, args })
}

fn remedy() -> impl Strategy<Value = Remedy> {
    let amount = prop_oneof![
        money().prop_map(Amount::Money),
        (code(), any::<i64>()).prop_map(|(unit, count)| Amount::Units { unit, count }),
    ];
    let basis = prop_oneof![
        code().prop_map(Basis::Statutory),
        code().prop_map(Basis::Contractual),
        Just(Basis::Goodwill),
    ];
    (code(), amount, basis, vec(reason(), 0..4)).prop_map(|(kind, amount, basis, reasons)| Remedy {
        kind,
        amount,
        basis,
        reasons,
    })
}

fn remedy_answer() -> impl Strategy<Value = RemedyAnswer> {
    prop_oneof![
        (prop::option::of(code()), vec(remedy(), 0..=9))
            .prop_map(|(tier, remedies)| RemedyAnswer::Grant { tier, remedies }),
        vec(reason(), 1..=REASONS_MAX).prop_map(RemedyAnswer::Refuse),
        reason().prop_map(RemedyAnswer::Hold),
        (0_u16..2).prop_map(|slot| RemedyAnswer::UnknownFact(Slot::new(slot))),
    ]
}

fn route_answer() -> impl Strategy<Value = RouteAnswer> {
    let unit = prop::sample::select(vec![
        DeadlineUnit::Minutes,
        DeadlineUnit::Hours,
        DeadlineUnit::CalendarDays,
        DeadlineUnit::WorkingDays,
    ]);
    let start = prop_oneof![
        Just(DeadlineStart::AsOf),
        prop::sample::select(vec![0_u16, 3]).prop_map(|slot| DeadlineStart::Fact(Slot::new(slot))),
        date().prop_map(DeadlineStart::On),
    ];
    let deadline = (0_u32..=10_000, unit, start).prop_map(|(count, unit, start)| Deadline {
        count,
        unit,
        start,
    });
    let route = (
        prop::option::of(code()),
        prop::option::of(1_u8..=9),
        prop::option::of(deadline),
        vec(code(), 0..=OBLIGATIONS_MAX),
    );
    prop_oneof![
        route.prop_map(
            |(queue, priority, deadline, obligations)| RouteAnswer::Route(Route {
                queue,
                priority,
                deadline,
                obligations
            })
        ),
        prop::sample::select(vec![0_u16, 1, 3, 4])
            .prop_map(|slot| RouteAnswer::UnknownFact(Slot::new(slot))),
    ]
}

fn bytes_of(encode: impl Fn(&mut Vec<u8>) -> Result<(), AnswerError>) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&mut out).unwrap();
    out
}

/// Bytes near an answer: a whole one with one byte changed, or cut, or grown.
fn damaged(bytes: &[u8], at: usize, byte: u8) -> [Vec<u8>; 3] {
    let at = at % bytes.len();
    let mut changed = bytes.to_vec();
    changed[at] = byte;
    let grown = [bytes, &[byte]].concat();
    [changed, bytes[..at].to_vec(), grown]
}

proptest! {
    #[test]
    fn any_remedy_answer_reads_back(answer in remedy_answer()) {
        let bytes = bytes_of(|out| answer.encode(out));
        prop_assert_eq!(layout().decode_remedy(&bytes, &mut Names::default()), Ok(answer));
    }

    #[test]
    fn any_route_answer_reads_back(answer in route_answer()) {
        let bytes = bytes_of(|out| answer.encode(out));
        prop_assert_eq!(layout().decode_route(&bytes, &mut Names::default()), Ok(answer));
    }

    #[test]
    fn damage_is_refused_or_gives_the_one_encoding_of_another_answer(
        remedy in remedy_answer(),
        route in route_answer(),
        at: usize,
        byte: u8,
    ) {
        let layout = layout();
        let bytes = bytes_of(|out| remedy.encode(out));
        for bytes in damaged(&bytes, at, byte) {
            if let Ok(answer) = layout.decode_remedy(&bytes, &mut Names::default()) {
                prop_assert_eq!(bytes_of(|out| answer.encode(out)), bytes);
            }
        }
        let bytes = bytes_of(|out| route.encode(out));
        for bytes in damaged(&bytes, at, byte) {
            if let Ok(answer) = layout.decode_route(&bytes, &mut Names::default()) {
                prop_assert_eq!(bytes_of(|out| answer.encode(out)), bytes);
            }
        }
    }

    #[test]
    fn what_was_named_before_changes_no_answer(
        answers in vec((remedy_answer(), route_answer(), any::<usize>(), any::<u8>()), 1..4),
    ) {
        let (layout, mut names) = (layout(), Names::default());
        for (remedy, route, at, byte) in answers {
            let bytes = bytes_of(|out| remedy.encode(out));
            for bytes in damaged(&bytes, at, byte).iter().chain([&bytes]) {
                let fresh = layout.decode_remedy(bytes, &mut Names::default());
                prop_assert_eq!(layout.decode_remedy(bytes, &mut names), fresh);
            }
            let bytes = bytes_of(|out| route.encode(out));
            for bytes in damaged(&bytes, at, byte).iter().chain([&bytes]) {
                let fresh = layout.decode_route(bytes, &mut Names::default());
                prop_assert_eq!(layout.decode_route(bytes, &mut names), fresh);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(prop_oneof![0_u8..6, any::<u8>()], 0..200)) {
        let layout = layout();
        if let Ok(answer) = layout.decode_remedy(&bytes, &mut Names::default()) {
            prop_assert_eq!(&bytes_of(|out| answer.encode(out)), &bytes);
        }
        if let Ok(answer) = layout.decode_route(&bytes, &mut Names::default()) {
            prop_assert_eq!(&bytes_of(|out| answer.encode(out)), &bytes);
        }
    }
}

#[track_caller]
fn refused(bytes: &[u8], code: &str) {
    let error = layout()
        .decode_remedy(bytes, &mut Names::default())
        .unwrap_err();
    assert_eq!(error.code(), code, "{error}");
}

#[track_caller]
fn route_refused(bytes: &[u8], code: &str) {
    let error = layout()
        .decode_route(bytes, &mut Names::default())
        .unwrap_err();
    assert_eq!(error.code(), code, "{error}");
}

#[test]
fn a_refusal_is_these_bytes() {
    let answer = RemedyAnswer::Refuse(vec![Reason {
        code: Code::new("late").unwrap(),
        args: vec![ReasonArg::Int(7)],
    }]);
    let bytes = b"\x01\x02\x01\x04late\x01\x01\x07\0\0\0\0\0\0\0";
    assert_eq!(bytes_of(|out| answer.encode(out)), bytes);
    assert_eq!(
        layout().decode_remedy(bytes, &mut Names::default()),
        Ok(answer)
    );
}

#[test]
fn a_code_that_takes_the_place_of_another_is_not_taken_for_it() {
    let (layout, mut names) = (layout(), Names::default());
    // Many more codes than there are places, so that each place is taken over.
    for round in 0..4 * Names::PLACES {
        let answer = RemedyAnswer::Hold(Reason {
            code: Code::new(&format!("late_by_{}_minutes", round % 700)).unwrap(),
            args: Vec::new(),
        });
        let bytes = bytes_of(|out| answer.encode(out));
        assert_eq!(layout.decode_remedy(&bytes, &mut names), Ok(answer));
    }
}

#[test]
fn what_is_not_an_answer_is_refused_with_its_code() {
    refused(b"", "answer_truncated");
    refused(b"\x02\x04\0\0", "answer_version");
    refused(b"\x01\x05\0\0\0\0", "answer_unknown_tag");
    refused(b"\x01\x04\0\0\0", "answer_trailing_bytes");
    refused(b"\x01\x02\0", "answer_no_reason");
    refused(b"\x01\x02\x01\x04LATE\0", "answer_bad_code");
    refused(b"\x01\x02\x01\0\0", "answer_bad_code");
    refused(b"\x01\x02\x01\x02\xff\xfe\0", "answer_not_utf8");
    refused(b"\x01\x02\x11", "answer_too_many");
    refused(b"\x01\x02\x01\x04late\x11", "answer_too_many");
    refused(b"\x01\x01\0\x41", "answer_too_many");
    refused(
        b"\x01\x01\0\x01\x04cash\x01\0\0\0\0\0\0\0\0eur\x03\0",
        "answer_unknown_currency",
    );
    refused(
        b"\x01\x02\x01\x04late\x01\x03\xff\xff\xff\x7f",
        "answer_bad_date",
    );
    let long = [b"\x01\x02\x01\x04late\x01\x04\x41".as_slice(), &[b'x'; 65]].concat();
    refused(&long, "answer_too_many");
}

#[test]
fn a_length_that_lies_is_refused() {
    refused(b"\x01\x02\x01\xfflate\0", "answer_truncated");
    refused(b"\x01\x02\x02\x04late\0", "answer_truncated");
    refused(b"\x01\x01\0\x40", "answer_truncated");
}

#[test]
fn a_hold_names_a_fact_that_the_function_may_read() {
    for (slot, name) in [(2, "self_harm"), (3, "told"), (4, "tone"), (5, "none")] {
        let bytes = bytes_of(|out| RemedyAnswer::UnknownFact(Slot::new(slot)).encode(out));
        let error = layout()
            .decode_remedy(&bytes, &mut Names::default())
            .unwrap_err();
        assert_eq!(error.code(), "answer_slot_not_seen", "{name}");
    }
    route_refused(b"\x01\x04\x02\0", "answer_slot_not_seen");
    route_refused(b"\x01\x04\xff\xff", "answer_slot_not_seen");
}

#[test]
fn a_route_keeps_to_its_ranges() {
    route_refused(b"\x01\x01\0\0", "answer_unknown_tag");
    route_refused(b"\x01\x05\0\x0a\0\0", "answer_bad_priority");
    route_refused(b"\x01\x05\0\0\x01\x11\x27\0\0\x01\0", "answer_too_many");
    route_refused(b"\x01\x05\0\0\x05\0\0\0\0\x01\0", "answer_unknown_tag");
    route_refused(b"\x01\x05\0\0\0\x41", "answer_too_many");
    // Slot 1 is a number, slot 2 is hidden from every policy.
    for slot in [1, 2, 9] {
        let bytes = [
            b"\x01\x05\0\0\x01\x01\0\0\0\x02",
            [slot, 0].as_slice(),
            b"\0",
        ]
        .concat();
        route_refused(&bytes, "answer_bad_start");
    }
}

#[test]
fn more_than_eight_remedies_reach_the_kernel_and_more_than_sixty_four_do_not() {
    let remedies = |count| RemedyAnswer::Grant {
        tier: None,
        remedies: vec![
            Remedy {
                kind: Code::new("cash").unwrap(),
                amount: Amount::Money(Money::new(-1, Currency::new("EUR").unwrap())),
                basis: Basis::Goodwill,
                reasons: Vec::new(),
            };
            count
        ],
    };
    for count in [8, 9, 64] {
        let bytes = bytes_of(|out| remedies(count).encode(out));
        assert_eq!(
            layout().decode_remedy(&bytes, &mut Names::default()),
            Ok(remedies(count))
        );
    }
    let error = remedies(65).encode(&mut Vec::new()).unwrap_err();
    assert_eq!(error.code(), "answer_too_many");
    let error = remedies(300).encode(&mut Vec::new()).unwrap_err();
    assert_eq!(error.code(), "answer_too_many");
}
