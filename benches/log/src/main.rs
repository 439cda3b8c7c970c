//! Prints what verifying a log takes, beside SHA-256 of the same bytes in the same run, and how
//! long proofs are.
//!
//! `--test` runs everything once on little and measures nothing.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use redress_log::lines::Lines;
use redress_log::merkle::{Plan, leaf_hash};
use redress_log::note::{KeyName, SignerKey};
use redress_log::verify::{Verifier, VerifyError};
use redress_log::{Checkpoint, Draft, Head, Sealing, Seed};
use redress_model::{ClaimantId, Code, Digest, Timestamp};
use sha2::{Digest as _, Sha256};

/// The leaves that a second must verify.
const LEAVES_LEAST: f64 = 500_000.0;

/// How much of a file is read at once, as the program does.
const PIECE_BYTES: usize = 1 << 20;

/// A log in memory, as its file would be.
struct Log {
    bytes: Vec<u8>,
    records: u32,
    checkpoint: Checkpoint,
}

/// A log whose records have bodies of about so many bytes.
fn log(records: u32, body_bytes: usize) -> Result<Log> {
    let origin = KeyName::new("redress.example/log")?;
    let at = Timestamp::from_seconds(1_780_000_000).context("a time")?;
    let seed = |number: u32| Seed::new(*Digest::of(&number.to_be_bytes()).bytes());
    let (mut head, first) = Head::begin(&origin, at, seed(0))?;
    let mut bytes = first.line;
    bytes.push(b'\n');
    let (kind, sealing) = (Code::new("settled")?, Sealing::of_acts());
    let claimant = ClaimantId::new("customer-1")?;
    let filler = "0123456789abcdef".repeat(body_bytes / 16);
    for number in 1..records {
        let body = serde_json::json!({"by": "agent-7", "decision": number, "more": filler});
        let draft = Draft::act(kind.clone(), &body, &sealing, Some(&claimant), seed(number))?;
        bytes.extend(head.append(draft, at)?.line);
        bytes.push(b'\n');
    }
    Ok(Log {
        bytes,
        records,
        checkpoint: head.checkpoint(&origin),
    })
}

fn verify(log: &Log) -> Result<(), VerifyError> {
    let mut verifier = Verifier::new(vec![log.checkpoint.clone()])?;
    let mut lines = Lines::new();
    for piece in log.bytes.chunks(PIECE_BYTES) {
        lines.feed(piece, |lines| {
            verifier.lines(lines).try_for_each(|leaf| leaf.map(|_| ()))
        })?;
    }
    verifier.finish(lines.rest()).map(|_| ())
}

/// One digest of the whole file: what no verifier can be faster than.
fn one_digest(log: &Log) {
    for piece in log.bytes.chunks(PIECE_BYTES) {
        black_box(Sha256::digest(piece));
    }
}

/// A digest of each line and nothing else.
fn line_digests(log: &Log) {
    for line in log.bytes.split(|byte| *byte == b'\n') {
        black_box(leaf_hash(line));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench measures time and decides nothing"
)]
fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64().max(1e-9)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

const fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "not met" }
}

/// The hashes of the longest proof among so many leaves of a tree, its ends among them.
fn longest(size: u64, leaves: u64) -> Result<u32> {
    let mut most = 0;
    for number in 0..leaves.min(size) {
        // Leaves spread over the whole tree, since its right edge has the short proofs.
        let spread = u128::from(number) * u128::from(size - 1) / u128::from(leaves.min(size) - 1);
        let plan = Plan::inclusion(u64::try_from(spread)?, size).context("a leaf of the tree")?;
        most = most.max(u32::try_from(plan.ranges().len())?);
    }
    Ok(most)
}

fn main() -> Result<()> {
    let smoke = std::env::args().any(|argument| argument == "--test" || argument == "--smoke");
    let (records, rounds) = if smoke { (1_000, 1) } else { (200_000, 9) };
    println!(
        "| records | bytes each | leaves a second | at least | | to one digest of the file | to a digest of each line |"
    );
    println!("| --- | ---: | ---: | ---: | --- | ---: | ---: |");
    for (name, body_bytes) in [("settlements", 0), ("decisions", 2_300)] {
        let log = log(records, body_bytes)?;
        verify(&log).context("the log verifies")?;
        let (mut rate, mut to_one, mut to_lines) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let own = seconds(|| {
                black_box(verify(black_box(&log))).ok();
            });
            let one = seconds(|| one_digest(black_box(&log)));
            let each = seconds(|| line_digests(black_box(&log)));
            rate.push(f64::from(log.records) / own);
            to_one.push(own / one);
            to_lines.push(own / each);
        }
        let each = log.bytes.len() / usize::try_from(log.records)?;
        let rate = median(rate);
        println!(
            "| {name} | {each} | {rate:.0} | {LEAVES_LEAST:.0} | {} | {:.2} × | {:.2} × |",
            met(rate >= LEAVES_LEAST),
            median(to_one),
            median(to_lines)
        );
    }
    println!("\n| leaves | longest proof of inclusion | at most | |");
    println!("| ---: | ---: | ---: | --- |");
    for size in [1_000_u64, 1_000_000, 1_000_001, 1 << 40] {
        let hashes = longest(size, if smoke { 100 } else { 100_000 })?;
        let most = size.next_power_of_two().trailing_zeros();
        println!("| {size} | {hashes} | {most} | {} |", met(hashes <= most));
    }
    let signer = SignerKey::from_seed(KeyName::new("redress.example/log")?, &[7; 32]);
    let checkpoint = log(8, 0)?.checkpoint;
    let count = if smoke { 1 } else { 2_000 };
    let signing = seconds(|| {
        for _ in 0..count {
            black_box(checkpoint.sign(black_box(&signer))).ok();
        }
    });
    ensure!(signing > 0.0);
    println!(
        "\nSigning a checkpoint: {:.1} µs.",
        signing * 1e6 / f64::from(count)
    );
    Ok(())
}
