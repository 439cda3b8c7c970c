//! Programs that nobody wrote, on facts that nobody chose: the interpreter and the compiled
//! form give the same answer, hold for the same unknown fact, fail with the same words in
//! the same place and count the same steps. Mutants of the lowering show that this campaign
//! would see a mistake.
//!
//! `PROGRAMS` says how many programs, `PROGRAM_INPUTS` how many inputs each gets,
//! `PROGRAM_SEED` the first seed.

mod engines;
mod expr;
mod mutants;
mod program;
mod random;
mod shrink;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use engines::{Engines, Seen, Unfit};

/// How many programs there are by default, and how many inputs for each.
const PROGRAMS: u64 = 120;
const INPUTS: u64 = 40;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn generated_programs_mean_the_same_in_both_engines() {
    let (count, inputs) = (
        number("PROGRAMS", PROGRAMS),
        number("PROGRAM_INPUTS", INPUTS),
    );
    let first = number("PROGRAM_SEED", 1);
    let next = AtomicU64::new(0);
    let total = Mutex::new((Seen::default(), 0_u64, Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let engines = Engines::new();
                let (mut seen, mut left, mut wrong) = (Seen::default(), 0, Vec::new());
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count || wrong.len() >= 3 {
                        break;
                    }
                    if at > 0 && at.is_multiple_of(5_000) {
                        eprintln!("{at} of {count} programs");
                    }
                    match differs(&engines, first + at, inputs, &mut seen) {
                        Ok(compiled) => left += u64::from(!compiled),
                        Err(said) => wrong.push(said),
                    }
                }
                let mut total = total.lock().unwrap();
                total.0.add(&seen);
                total.1 += left;
                total.2.extend(wrong);
            });
        }
    });
    let (seen, left, wrong) = total.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    eprintln!("{count} programs, {left} left to the interpreter: {seen:?}");
    assert!(left * 10 <= count, "{left} of {count} do not compile");
    let ends = [
        seen.granted,
        seen.refused,
        seen.unknown,
        seen.asked,
        seen.failed,
    ];
    assert!(ends.iter().all(|end| *end > count / 10), "{seen:?}");
}

/// Whether the program of a seed compiled; or how the engines part on it.
fn differs(engines: &Engines, seed: u64, inputs: u64, seen: &mut Seen) -> Result<bool, String> {
    let text = program::program(seed);
    let meant = match engines.program(&text) {
        Ok(meant) => meant,
        Err(Unfit::Left) => return Ok(false),
        Err(error) => return Err(format!("seed {seed}: {error}\n{text}")),
    };
    let pair = match engines.pair(&text, &meant) {
        Ok(pair) => pair,
        Err(Unfit::Left) => return Ok(false),
        Err(error) => return Err(format!("seed {seed}: {error}\n{text}")),
    };
    let Some(found) = engines.compare(&pair, seed, inputs, seen) else {
        return Ok(true);
    };
    let small = shrink::shrunk(&text, |text| {
        let Ok(meant) = engines.program(text) else {
            return false;
        };
        let Ok(pair) = engines.pair(text, &meant) else {
            return false;
        };
        let mut seen = Seen::default();
        engines.compare(&pair, seed, inputs, &mut seen).is_some()
    });
    let meant = engines.program(&small).unwrap();
    let pair = engines.pair(&small, &meant).unwrap();
    let again = engines.compare(&pair, seed, inputs, &mut Seen::default());
    Err(format!(
        "seed {seed}: {}\n{small}",
        again.as_ref().unwrap_or(&found)
    ))
}
