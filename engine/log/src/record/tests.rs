use proptest::prelude::*;

use super::*;
use crate::fixture;
use crate::head::{AppendError, Head};
use crate::merkle::{Frontier, leaf_hash};

#[test]
fn a_record_reads_back_as_it_was_written() {
    let (_, appended) = fixture::log(24);
    let mut last = NO_PREVIOUS;
    for (seq, it) in (0..).zip(&appended) {
        let record = Record::parse(&it.line).unwrap();
        assert_eq!((record.seq, it.seq), (seq, seq));
        assert_eq!(record.prev, last);
        assert_eq!(record.to_line(), it.line);
        last = leaf_hash(&it.line);
        assert_eq!(it.leaf, last);
    }
    let first = Record::parse(&appended[0].line).unwrap();
    assert_eq!(first.kind.as_str(), GENESIS);
    assert_eq!(
        first.body.get("origin").unwrap().as_text(),
        Some("redress.example/log")
    );
}

#[test]
fn a_line_in_another_form_is_no_record() {
    let (_, appended) = fixture::log(3);
    let line = String::from_utf8(appended[2].line.clone()).unwrap();
    let check = |from: &str, to: &str, code: &str| {
        let changed = line.replacen(from, to, 1);
        assert_ne!(changed, line, "{from} was not found");
        let error = Record::parse(changed.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code, "{changed}");
    };
    check("{\"at\"", "{ \"at\"", "record_malformed");
    check("\"body\"", "\"bode\"", "record_malformed");
    check("\"v\":\"1\"", "\"v\":\"2\"", "record_malformed");
    check("\"seq\":\"2\"", "\"seq\":\"02\"", "record_malformed");
    check("\"seq\":\"2\"", "\"seq\":\"\"", "record_malformed");
    check(
        "\"seq\":\"2\"",
        "\"seq\":\"18446744073709551616\"",
        "record_malformed",
    );
    check(
        "\"kind\":\"settled\"",
        "\"kind\":\"Settled\"",
        "record_not_canonical",
    );
    check(
        "\"decision\":\"2\"",
        "\"decision\":2",
        "record_not_canonical",
    );
    check(
        "\"decision\":\"2\"",
        "\"decision\": \"2\"",
        "record_not_canonical",
    );
    check(
        "\"decision\":\"2\"",
        "\"decision\":\"\\u0032\"",
        "record_not_canonical",
    );
    check(
        "\"decision\":\"2\"",
        "\"decision\":\"2\",\"by\":\"x\"",
        "json_duplicate_name",
    );
    check(
        "\"decision\":\"2\"",
        "\"decision\":\"2\",\"a\":\"x\"",
        "record_not_canonical",
    );
    check("\"decision\":\"2\"", "\"decision\":\"2\"}", "json_syntax");
    check("T2", "t2", "record_not_canonical");
    let error = Record::parse(b"").unwrap_err();
    assert_eq!(
        error,
        BadLine {
            problem: LineProblem::Empty
        }
        .into()
    );
    let error = Record::parse(&vec![b'a'; LINE_BYTES_MAX + 1]).unwrap_err();
    assert_eq!(error.code(), "record_too_long");
    let nested = line.replacen(
        "\"decision\":\"2\"",
        &format!("\"decision\":{}{}", "[".repeat(33), "]".repeat(33)),
        1,
    );
    assert_eq!(
        Record::parse(nested.as_bytes()).unwrap_err().code(),
        "json_too_deep"
    );
}

#[test]
fn the_head_reads_back_and_goes_on() {
    let (mut head, _) = fixture::log(21);
    let mut again = Head::from_bytes(&head.to_bytes()).unwrap();
    assert_eq!(again, head);
    let one = head
        .append(fixture::act_draft(21), fixture::at(50))
        .unwrap();
    let two = again
        .append(fixture::act_draft(21), fixture::at(50))
        .unwrap();
    assert_eq!(one, two);
    assert_eq!(
        head.checkpoint(&fixture::origin()),
        again.checkpoint(&fixture::origin())
    );
    let bytes = head.to_bytes();
    for end in 0..bytes.len() {
        assert!(Head::from_bytes(&bytes[..end]).is_err(), "{end} bytes");
    }
}

#[test]
fn the_head_is_the_tree_of_its_lines() {
    let (head, appended) = fixture::log(37);
    let mut tree = Frontier::new();
    for it in &appended {
        tree.append(leaf_hash(&it.line));
    }
    let checkpoint = head.checkpoint(&fixture::origin());
    assert_eq!((checkpoint.size, checkpoint.root), (37, tree.root()));
}

#[test]
fn time_never_runs_backwards_and_a_record_has_an_end() {
    let (mut head, _) = fixture::log(4);
    let before = head.clone();
    let last = head.at();
    let at = last.plus_seconds(-1).unwrap();
    let error = head.append(fixture::act_draft(4), at).unwrap_err();
    assert_eq!(error, AppendError::TimeRanBack { last, at });
    assert_eq!(error.code(), "log_time_ran_back");
    let mut long = fixture::act_draft(4);
    long.body = vec![b'1'; LINE_BYTES_MAX];
    let error = head.append(long, last).unwrap_err();
    assert_eq!(error.code(), "record_too_long");
    assert_eq!(head, before, "nothing has changed");
    head.append(fixture::act_draft(4), last).unwrap();
}

proptest! {
    /// Whatever the bytes are, the reader answers; what it takes is what it would write.
    #[test]
    fn arbitrary_lines_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Line::parse(&bytes);
        prop_assert!(Record::parse(&bytes).is_err());
    }

    #[test]
    fn a_changed_record_is_none_or_another(at: prop::sample::Index, byte: u8) {
        let (_, appended) = fixture::log(2);
        let mut line = appended[1].line.clone();
        let at = at.index(line.len());
        prop_assume!(line[at] != byte);
        line[at] = byte;
        if let Ok(record) = Record::parse(&line) {
            prop_assert_eq!(record.to_line(), line);
        }
    }
}
