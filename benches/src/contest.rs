//! The contestants of the ratios, each deciding the whole workload in one pass.

use std::hint::black_box;

use anyhow::Result;
use redress::{Decided, Release};
use redress_workload::bare_rhai::{BareRhai, ReadyFacts};
use redress_workload::race::Race;
use redress_workload::{SCRIPT, plain};

use crate::{Bench, Input};

/// The plain Rust function.
pub const PLAIN: &str = "plain Rust";
/// The release's script on Rhai alone.
pub const BARE_RHAI: &str = "bare Rhai";
/// Typed case to decision, policy in Rhai.
pub const RHAI: &str = "Redress, Rhai";
/// The kernel alone.
pub const KERNEL: &str = "kernel";
/// `serde_json` to its `Value`.
pub const PARSE: &str = "serde_json parse";
/// Bytes to a typed case.
pub const ADMIT: &str = "admission";
/// The digest of a decision's inputs.
pub const DIGEST: &str = "digest of the inputs";
/// A decision to its bytes.
pub const WRITE: &str = "decision to JSON";
/// All of the three and the kernel, for a policy that takes no time.
pub const JSON_TO_JSON: &str = "JSON to JSON without the policy";

/// Everybody.
///
/// # Errors
/// When the script does not compile or faults.
pub fn race(bench: &Bench) -> Result<Race<'_>> {
    let mut race = Race::default();
    let inputs = &bench.inputs;
    race.enter(PLAIN, move || {
        for input in inputs {
            black_box(plain::decide(black_box(&input.flight)));
        }
    });
    let rhai = BareRhai::new(SCRIPT)?;
    let facts: Vec<_> = inputs
        .iter()
        .map(|input| ReadyFacts::new(&input.flight))
        .collect();
    race.enter(BARE_RHAI, move || {
        for facts in &facts {
            let _ = black_box(rhai.run(black_box(facts)));
        }
    });
    race.enter(RHAI, move || decide_all(bench, &bench.release));
    kernel(bench, &mut race)?;
    json(bench, &mut race)?;
    Ok(race)
}

/// Decides every case.
pub fn decide_all(bench: &Bench, release: &Release) {
    for input in &bench.inputs {
        black_box(bench.decide(release, black_box(input)));
    }
}

fn kernel<'a>(bench: &'a Bench, race: &mut Race<'a>) -> Result<()> {
    let proposals = bench.proposals()?;
    race.enter_with(
        KERNEL,
        move || proposals.clone(),
        move |proposals| {
            for (input, proposal) in bench.inputs.iter().zip(proposals) {
                black_box(bench.enforce(black_box(input), proposal));
            }
        },
    );
    Ok(())
}

fn json<'a>(bench: &'a Bench, race: &mut Race<'a>) -> Result<()> {
    let inputs = &bench.inputs;
    race.enter(PARSE, move || {
        for input in inputs {
            let value = serde_json::from_str::<serde_json::Value>(black_box(&input.json));
            let _ = black_box(value);
        }
    });
    race.enter(ADMIT, move || {
        for input in inputs {
            let _ = black_box(bench.release.admit(black_box(input.json.as_bytes())));
        }
    });
    race.enter(DIGEST, move || {
        for input in inputs {
            black_box(digest(bench, black_box(input)));
        }
    });
    let decided = inputs
        .iter()
        .map(|input| (bench.decide(&bench.release, input), digest(bench, input)));
    let decided: Vec<(Decided, _)> = decided.collect();
    race.enter(WRITE, move || {
        for (decided, digest) in &decided {
            let _ = black_box(black_box(decided).to_json(*digest));
        }
    });
    let proposals = bench.proposals()?;
    race.enter_with(
        JSON_TO_JSON,
        move || proposals.clone(),
        move |proposals| {
            for (input, proposal) in inputs.iter().zip(proposals) {
                let _ = black_box(bench.json_to_json(black_box(input), proposal));
            }
        },
    );
    Ok(())
}

fn digest(bench: &Bench, input: &Input) -> redress::Digest {
    let (case, actor, standing) = (&input.case, &input.actor, &input.standing);
    bench
        .release
        .inputs_digest(case, actor, standing, bench.as_of)
}
