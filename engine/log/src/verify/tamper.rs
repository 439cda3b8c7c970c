//! Every change to a log of 1,000 leaves is found: each bit, each drop, each swap, each move.
//!
//! Compiled with `TAMPER=all` every leaf is tried; without it, every 25th is tried in each of these ways.

use std::sync::OnceLock;

use super::*;
use crate::fixture;
use crate::lines::Lines;

const LEAVES: usize = 1_000;

/// The leaves that are tampered with: the first, the last, and some between or all.
fn tried() -> impl Iterator<Item = usize> {
    let all = option_env!("TAMPER") == Some("all");
    let step = if all { 1 } else { 25 };
    (0..LEAVES - 1).step_by(step).chain([LEAVES - 1])
}

/// The log as a file, and the verifier as it stands before each line.
struct Subject {
    lines: Vec<Vec<u8>>,
    before: Vec<Verifier>,
}

fn subject() -> &'static Subject {
    static SUBJECT: OnceLock<Subject> = OnceLock::new();
    SUBJECT.get_or_init(|| {
        let (head, appended) = fixture::log(LEAVES.try_into().unwrap());
        let checkpoint = head.checkpoint(&fixture::origin());
        let lines: Vec<_> = appended.into_iter().map(|it| it.line).collect();
        let mut verifier = Verifier::new(vec![checkpoint]).unwrap();
        let mut before = Vec::new();
        for line in &lines {
            before.push(verifier.clone());
            verifier.line(line).unwrap();
        }
        verifier.finish(&[]).unwrap();
        Subject { lines, before }
    })
}

/// Reads on from the line `from` with other bytes in the place of the lines up to `to`,
/// which is what a whole run would come to: the lines before are the same.
fn read_on(from: usize, changed: &[u8], to: usize) -> Result<Verified, VerifyError> {
    let subject = subject();
    let mut verifier = subject.before[from].clone();
    let mut lines = Lines::new();
    let mut feed = |lines: &mut Lines, piece: &[u8]| {
        lines.feed(piece, |lines| {
            verifier.lines(lines).try_for_each(|leaf| leaf.map(|_| ()))
        })
    };
    feed(&mut lines, changed)?;
    for line in &subject.lines[to..] {
        feed(&mut lines, line)?;
        feed(&mut lines, b"\n")?;
    }
    verifier.finish(lines.rest())
}

/// The same with whole lines.
fn rewritten(from: usize, changed: &[&[u8]], to: usize) -> Result<Verified, VerifyError> {
    let bytes: Vec<u8> = changed
        .iter()
        .flat_map(|line| [line, &b"\n"[..]].concat())
        .collect();
    read_on(from, &bytes, to)
}

/// The number that an error names is that of the changed leaf.
#[track_caller]
fn names(error: &VerifyError, leaf: usize) {
    match error {
        VerifyError::BadLeaf { leaf: named, .. } => {
            assert_eq!(usize::try_from(*named).unwrap(), leaf, "{error}");
        }
        // Nothing after the last leaf names its hash, but the checkpoint does.
        VerifyError::Fork { size: 1_000, .. } => assert_eq!(leaf, LEAVES - 1, "{error}"),
        _ => panic!("leaf {leaf}: {error}"),
    }
}

#[test]
fn every_flipped_bit_is_found_and_its_leaf_named() {
    let subject = subject();
    let mut flips = 0_u32;
    for leaf in tried() {
        let mut bytes = [&subject.lines[leaf], &b"\n"[..]].concat();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                let error = read_on(leaf, &bytes, leaf + 1).unwrap_err();
                names(&error, leaf);
                bytes[at] ^= 1 << bit;
                flips += 1;
            }
        }
    }
    assert!(flips > 50_000, "{flips} bits");
}

#[test]
fn every_dropped_and_every_repeated_leaf_is_found() {
    let subject = subject();
    for leaf in tried() {
        let line = &subject.lines[leaf];
        match rewritten(leaf, &[], leaf + 1).unwrap_err() {
            VerifyError::Truncated { size: 999, .. } => assert_eq!(leaf, LEAVES - 1),
            error => names(&error, leaf),
        }
        names(
            &rewritten(leaf, &[line, line], leaf + 1).unwrap_err(),
            leaf + 1,
        );
    }
}

#[test]
fn every_truncation_is_found() {
    for size in 0..LEAVES {
        let error = read_on(size, &[], LEAVES).unwrap_err();
        let expected = VerifyError::Truncated {
            size: size.try_into().unwrap(),
            checkpoint: 1_000,
        };
        assert_eq!(error, expected);
    }
}

#[test]
fn every_swap_of_two_leaves_is_found() {
    let subject = subject();
    for first in tried() {
        for second in first + 1..LEAVES {
            // The leaf that comes too early shows it; the rest is not read.
            let error = rewritten(first, &[&subject.lines[second]], first + 1).unwrap_err();
            names(&error, first);
        }
    }
}

#[test]
fn every_leaf_moved_elsewhere_is_found() {
    let subject = subject();
    for from in tried() {
        for to in 0..LEAVES {
            // Taken out at `from`, all between moves up; put in at `to`, all between moves
            // down: what first stands in the wrong place is at the lower of the two.
            let (place, line) = match from.cmp(&to) {
                std::cmp::Ordering::Less => (from, &subject.lines[from + 1]),
                std::cmp::Ordering::Greater => (to, &subject.lines[from]),
                std::cmp::Ordering::Equal => continue,
            };
            let error = rewritten(place, &[line], LEAVES).unwrap_err();
            names(&error, place);
        }
    }
}

/// A log that was written anew from one leaf on, hashes and all, fits together; the
/// checkpoint does not fit it.
#[test]
fn a_log_written_anew_from_any_leaf_on_is_found() {
    let subject = subject();
    for leaf in (0..LEAVES).step_by(37) {
        let mut verifier = subject.before[leaf].clone();
        let mut prev = subject.before[leaf].pending.map(|leaf| leaf.hash);
        for line in &subject.lines[leaf..] {
            let mut record = Record::parse(line).unwrap();
            record.nonce = crate::seal::Salt::from_bytes([7; 16]);
            record.prev = prev.unwrap_or(NO_PREVIOUS);
            let line = record.to_line();
            prev = Some(leaf_hash(&line));
            verifier.line(&line).unwrap();
        }
        let error = verifier.finish(&[]).unwrap_err();
        assert_eq!(
            error,
            VerifyError::Fork {
                size: 1_000,
                after: 0
            }
        );
    }
}
