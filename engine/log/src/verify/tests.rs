use proptest::prelude::*;

use super::*;
use crate::Appended;
use crate::fixture;
use crate::lines::Lines;

fn lines(appended: &[Appended]) -> Vec<Vec<u8>> {
    appended.iter().map(|it| it.line.clone()).collect()
}

/// The checkpoint of the first so many leaves.
fn checkpoint(appended: &[Appended], size: u64) -> Checkpoint {
    let mut tree = Frontier::new();
    let leaves = appended.iter().take(usize::try_from(size).unwrap());
    leaves.for_each(|it| tree.append(it.leaf));
    Checkpoint {
        origin: fixture::origin(),
        size,
        root: tree.root(),
    }
}

/// Line by line, and all lines at once, which must come to the same.
fn verify(lines: &[Vec<u8>], checkpoints: Vec<Checkpoint>) -> Result<Verified, VerifyError> {
    let verifier = Verifier::new(checkpoints)?;
    let (mut one_by_one, mut at_once) = (verifier.clone(), verifier);
    let leaves = lines.iter().map(|line| one_by_one.line(line));
    let leaves: Result<Vec<_>, _> = leaves.collect();
    let verified = leaves.clone().and_then(|_| one_by_one.finish(&[]));
    let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    let again = at_once.lines(&lines).map(|leaf| leaf.map(|(_, leaf)| leaf));
    assert_eq!(again.collect::<Result<Vec<_>, _>>(), leaves);
    assert_eq!(leaves.and_then(|_| at_once.finish(&[])), verified);
    verified
}

#[track_caller]
fn check(lines: &[Vec<u8>], checkpoints: Vec<Checkpoint>, expected: VerifyError) {
    let error = verify(lines, checkpoints).unwrap_err();
    assert_eq!(error, expected, "{error}");
}

const fn bad(leaf: u64, problem: LeafProblem) -> VerifyError {
    VerifyError::BadLeaf { leaf, problem }
}

#[test]
fn a_log_verifies_against_every_checkpoint_of_it() {
    let (head, appended) = fixture::log(40);
    for size in 0..=40 {
        let verified = verify(&lines(&appended), vec![checkpoint(&appended, size)]).unwrap();
        assert_eq!(verified.anchored, size);
        assert_eq!(verified.size, 40);
        assert_eq!(verified.origin, Some(fixture::origin()));
        assert_eq!(verified.root, head.checkpoint(&fixture::origin()).root);
    }
    let all = (0..=40)
        .rev()
        .map(|size| checkpoint(&appended, size))
        .collect();
    assert_eq!(verify(&lines(&appended), all).unwrap().anchored, 40);
    assert_eq!(verify(&lines(&appended), vec![]).unwrap().anchored, 0);
}

#[test]
fn an_empty_log_is_one_and_no_checkpoint_of_more_fits_it() {
    let verified = verify(&[], vec![checkpoint(&[], 0)]).unwrap();
    assert_eq!((verified.size, verified.origin), (0, None));
    let (_, appended) = fixture::log(3);
    let truncated = VerifyError::Truncated {
        size: 0,
        checkpoint: 3,
    };
    check(&[], vec![checkpoint(&appended, 3)], truncated);
}

#[test]
fn a_truncated_log_shows_against_a_checkpoint_and_only_there() {
    let (_, appended) = fixture::log(20);
    let cut = lines(&appended[..15]);
    let truncated = VerifyError::Truncated {
        size: 15,
        checkpoint: 20,
    };
    assert_eq!(truncated.code(), "log_truncated");
    check(&cut, vec![checkpoint(&appended, 20)], truncated.clone());
    let earlier = vec![checkpoint(&appended, 10), checkpoint(&appended, 20)];
    check(&cut, earlier, truncated);
    assert_eq!(verify(&cut, vec![]).unwrap().anchored, 0, "nobody can tell");
}

#[test]
fn a_checkpoint_of_another_log_is_told_by_its_name() {
    let (_, appended) = fixture::log(5);
    let other = Checkpoint {
        origin: KeyName::new("other.example/log").unwrap(),
        ..checkpoint(&appended, 5)
    };
    let error = verify(&lines(&appended), vec![other.clone()]).unwrap_err();
    assert_eq!(error.code(), "log_other");
    let text = error.to_string();
    assert!(
        text.contains("other.example/log") && text.contains("redress.example/log"),
        "{text}"
    );
    let error = Verifier::new(vec![checkpoint(&appended, 5), other]).unwrap_err();
    assert_eq!(error.code(), "log_other");
}

/// Two logs that share their first twelve leaves and then say different things.
#[test]
fn a_fork_is_found_even_though_each_branch_fits_together() {
    let (_, appended) = fixture::log(20);
    let mut head = crate::Head::begin(&fixture::origin(), fixture::at(0), fixture::seed(0))
        .unwrap()
        .0;
    let mut branch = appended[..1].to_vec();
    for number in 1..20 {
        let draft = match number {
            // The fixture draws the seed from the number.
            _ if number >= 12 => fixture::act_draft(100 + number),
            1 | 11 => fixture::decision_draft(number),
            _ => fixture::act_draft(number),
        };
        let second = i64::try_from(number / 3).unwrap();
        branch.push(head.append(draft, fixture::at(second)).unwrap());
    }
    assert_eq!(branch[..12], appended[..12]);
    verify(&lines(&branch), vec![]).unwrap();
    check(
        &lines(&branch),
        vec![checkpoint(&appended, 20)],
        VerifyError::Fork { size: 20, after: 0 },
    );
    // An older checkpoint bounds where they part; one of before they part fits both.
    let older = vec![
        checkpoint(&appended, 8),
        checkpoint(&appended, 13),
        checkpoint(&appended, 20),
    ];
    check(
        &lines(&branch),
        older,
        VerifyError::Fork { size: 13, after: 8 },
    );
    assert_eq!(
        verify(&lines(&branch), vec![checkpoint(&appended, 12)])
            .unwrap()
            .anchored,
        12
    );
}

#[test]
fn the_changed_leaf_is_told_whether_its_body_or_its_hash_was_changed() {
    let (_, appended) = fixture::log(12);
    let whole = lines(&appended);
    let end = vec![checkpoint(&appended, 12)];
    for leaf in 1..12_u64 {
        let at = usize::try_from(leaf).unwrap();
        let mut body = whole.clone();
        body[at] = String::from_utf8(body[at].clone())
            .unwrap()
            .replacen("$sealed", "$seale_", 1)
            .into();
        assert_ne!(body[at], whole[at]);
        let mut hash = whole.clone();
        let named = appended[at - 1].leaf.to_string();
        let text = String::from_utf8(hash[at].clone()).unwrap();
        hash[at] = text.replacen(&named, &"0".repeat(64), 1).into();
        assert_ne!(hash[at], whole[at]);
        check(&hash, end.clone(), bad(leaf, LeafProblem::Chain));
        if leaf < 11 {
            check(&body, end.clone(), bad(leaf, LeafProblem::Chain));
            check(&body, vec![], bad(leaf, LeafProblem::Chain));
        } else {
            // No record names the hash of the last leaf; the checkpoint does.
            check(&body, end.clone(), VerifyError::Fork { size: 12, after: 0 });
            assert!(verify(&body, vec![]).is_ok(), "nobody can tell");
        }
    }
}

#[test]
fn dropped_repeated_and_swapped_leaves_are_told_by_their_place() {
    let (_, appended) = fixture::log(12);
    let whole = lines(&appended);
    for leaf in 1..11_u64 {
        let at = usize::try_from(leaf).unwrap();
        let mut dropped = whole.clone();
        dropped.remove(at);
        check(
            &dropped,
            vec![],
            bad(leaf, LeafProblem::Place { found: leaf + 1 }),
        );
        let mut repeated = whole.clone();
        repeated.insert(at, whole[at].clone());
        check(
            &repeated,
            vec![],
            bad(leaf + 1, LeafProblem::Place { found: leaf }),
        );
        let mut swapped = whole.clone();
        swapped.swap(at, at + 1);
        check(
            &swapped,
            vec![],
            bad(leaf, LeafProblem::Place { found: leaf + 1 }),
        );
    }
    check(&whole[1..], vec![], bad(0, LeafProblem::Place { found: 1 }));
}

#[test]
fn what_no_store_writes_is_told() {
    let (_, appended) = fixture::log(4);
    let whole = lines(&appended);
    let with = |at: usize, change: fn(String) -> String| {
        let mut lines = whole.clone();
        lines[at] = change(String::from_utf8(lines[at].clone()).unwrap()).into();
        lines
    };
    let empty = LeafProblem::NoRecord(crate::record::LineProblem::Empty);
    check(&with(2, |_| String::new()), vec![], bad(2, empty));
    let end = LeafProblem::NoRecord(crate::record::LineProblem::End);
    check(&with(2, |line| line + "\r"), vec![], bad(2, end));
    check(
        &with(2, |line| line.replacen("\"20", "\"2x", 1)),
        vec![],
        bad(2, LeafProblem::Time),
    );
    check(
        &with(3, |line| line.replacen("\"20", "\"10", 1)),
        vec![],
        bad(3, LeafProblem::TimeRanBack),
    );
    check(
        &with(0, |line| line.replace("genesis", "decision")),
        vec![],
        bad(0, LeafProblem::NoGenesis),
    );
    check(
        &with(0, |line| line.replacen("\"origin\"", "\"orig\"", 1)),
        vec![],
        bad(0, LeafProblem::NoGenesis),
    );
    let error = Verifier::new(vec![])
        .unwrap()
        .finish(b"half a rec")
        .unwrap_err();
    assert_eq!(error, bad(0, LeafProblem::NoNewline));
    for problem in [
        LeafProblem::NoGenesis,
        LeafProblem::Chain,
        LeafProblem::Time,
    ] {
        assert!(!problem.code().is_empty());
    }
}

#[test]
fn a_line_without_an_end_does_not_fill_the_memory() {
    let mut lines = Lines::new();
    let mut verifier = Verifier::new(vec![]).unwrap();
    let piece = vec![b'a'; 64 * 1024];
    let mut fed = 0;
    let error = loop {
        fed += piece.len();
        let fed_so_far = lines.feed(&piece, |lines| {
            let mut leaves = verifier.lines(lines);
            leaves.try_for_each(|leaf| leaf.map(|_| ()))
        });
        if let Err(error) = fed_so_far {
            break error;
        }
    };
    assert_eq!(
        error,
        bad(
            0,
            LeafProblem::NoRecord(crate::record::LineProblem::TooLong)
        )
    );
    assert!(fed <= crate::record::LINE_BYTES_MAX + 2 * piece.len());
}

proptest! {
    /// However a file is cut into pieces, its lines are the same.
    #[test]
    fn pieces_do_not_matter(
        text in "[a\n]{0,60}", cuts in prop::collection::vec(1_usize..9, 0..40)
    ) {
        let mut lines = Lines::new();
        let mut seen: Vec<Vec<u8>> = Vec::new();
        let mut rest = text.as_bytes();
        for cut in cuts.into_iter().chain([usize::MAX]) {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            rest = after;
            lines.feed(piece, |lines| {
                seen.extend(lines.iter().map(|line| line.to_vec()));
                Ok::<(), ()>(())
            }).unwrap();
        }
        let mut expected: Vec<_> = text.split('\n').map(|line| line.as_bytes().to_vec()).collect();
        let last = expected.pop().unwrap();
        prop_assert_eq!(seen, expected);
        prop_assert_eq!(lines.rest(), &last[..]);
    }

    #[test]
    fn arbitrary_lines_never_panic(
        lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..5)
    ) {
        prop_assert!(lines.is_empty() || verify(&lines, vec![]).is_err());
    }
}
