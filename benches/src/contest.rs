//! The contestants of the ratios, each deciding the whole workload in one pass.

use std::hint::black_box;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use redress::{Decided, Release, SandboxKind};
use redress_abi::Layout;
use redress_workload::bare_rhai::{BareRhai, ReadyFacts};
use redress_workload::race::{Race, made};
use redress_workload::{FLIGHTS, MODULE, SCRIPT, plain};

use crate::bare_wasm::{BareInstance, BareWasm, MEMORY_BYTES, ReadyRecords};
use crate::{Bench, Input, source};

/// The plain Rust function.
pub const PLAIN: &str = "plain Rust";
/// The release's script on Rhai alone.
pub const BARE_RHAI: &str = "bare Rhai";
/// Typed case to decision, policy in Rhai.
pub const RHAI: &str = "Redress, Rhai";
/// Typed case to decision, the same script compiled.
pub const COMPILED: &str = "Redress, compiled";
/// The release's module on wasmtime alone, a fresh instance for each case.
pub const BARE_WASM: &str = "bare wasmtime";
/// The code of the release's module, which was written in C, on wasmtime alone.
pub const BARE_C: &str = "code of the module from C";
/// The code of the compiled script on wasmtime alone.
pub const BARE_COMPILED: &str = "code of the compiled script";
/// Typed case to decision, policy in a module, a fresh instance for each case.
pub const WASM: &str = "Redress, WASM";
/// The plain Rust function, as often as a turn of Redress takes.
pub const PLAIN_ALONE: &str = "plain Rust, long";
/// The same on each of two threads.
pub const PLAIN_TWICE: &str = "plain Rust, long, on two threads";
/// Redress on each of two threads.
pub const RHAI_TWICE: &str = "Redress, Rhai, on two threads";
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

/// A question, with the contestants that answer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// How long does a typed case take to its decision, and how long what we build on?
    Decide,
    /// How long does the kernel take for a proposal that is there?
    Kernel,
    /// How long does a case take from its bytes, and a decision to its bytes?
    Admit,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Decide, Self::Kernel, Self::Admit];

    /// Its name in the benches.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Kernel => "kernel",
            Self::Admit => "admit",
        }
    }
}

/// The contestants of one question.
///
/// # Errors
/// When a policy does not compile, faults, or answers what it should not.
pub fn group(bench: &Bench, group: Group) -> Result<Race<'_>> {
    let mut race = Race::default();
    enter(bench, group, &mut race)?;
    Ok(race)
}

/// Everybody.
///
/// # Errors
/// Those of [`group`].
pub fn race(bench: &Bench) -> Result<Race<'_>> {
    let mut race = Race::default();
    for group in Group::ALL {
        enter(bench, group, &mut race)?;
    }
    threads(bench, &mut race);
    Ok(race)
}

fn enter<'a>(bench: &'a Bench, group: Group, race: &mut Race<'a>) -> Result<()> {
    match group {
        Group::Decide => {
            race.enter(PLAIN, move || plain_all(bench));
            rhai(bench, race)?;
            wasm(bench, race)
        }
        Group::Kernel => kernel(bench, race),
        Group::Admit => json(bench, race),
    }
}

fn plain_all(bench: &Bench) {
    for input in &bench.inputs {
        black_box(plain::decide(black_box(&input.flight)));
    }
}

fn rhai<'a>(bench: &'a Bench, race: &mut Race<'a>) -> Result<()> {
    let rhai = BareRhai::new(SCRIPT)?;
    let inputs = bench.inputs.iter();
    let facts: Vec<_> = inputs.map(|input| ReadyFacts::new(&input.flight)).collect();
    race.enter(BARE_RHAI, move || {
        for facts in &facts {
            made(rhai.run(black_box(facts)));
        }
    });
    race.enter(RHAI, move || decide_all(bench, &bench.release));
    let release = bench.release.with_sandbox(SandboxKind::Compiled);
    let release = release.context("the script compiles")?;
    race.enter(COMPILED, move || decide_all(bench, &release));
    Ok(())
}

/// How many cases a contestant decides in one pass; `None` for those that only show
/// what two threads are worth.
#[must_use]
pub fn cases(name: &str) -> Option<u32> {
    let threads = [PLAIN_ALONE, PLAIN_TWICE, RHAI_TWICE];
    (!threads.contains(&name)).then_some(FLIGHTS)
}

/// Decides every case.
pub fn decide_all(bench: &Bench, release: &Release) {
    for input in &bench.inputs {
        black_box(bench.decide(release, black_box(input)));
    }
}

fn wasm<'a>(bench: &'a Bench, race: &mut Race<'a>) -> Result<()> {
    let layout = Layout::new(bench.release.schema());
    let bare = BareWasm::new(MODULE, MEMORY_BYTES)?;
    bare.check(bench, &layout)?;
    let inputs = bench.inputs.iter();
    let records = inputs.map(|input| ReadyRecords::new(&layout, input));
    let records: Rc<[_]> = records.collect::<Result<_>>()?;
    let (module, memory_bytes) = source::compiled(bench)?;
    let compiled = BareWasm::new(&module, memory_bytes)?;
    compiled.check(bench, &layout)?;
    code_alone(race, BARE_COMPILED, compiled, &records);
    code_alone(race, BARE_C, BareWasm::new(MODULE, MEMORY_BYTES)?, &records);
    race.enter(BARE_WASM, move || {
        for records in &*records {
            made(bare.run(black_box(records), look, look));
        }
    });
    let release = bench.release.with_sandbox(SandboxKind::Wasm);
    let release = release.context("the release has a module")?;
    race.enter(WASM, move || decide_all(bench, &release));
    Ok(())
}

/// A module's own code for every case: instances are made and dropped off the clock, since
/// a module may use its memory up.
fn code_alone<'a>(
    race: &mut Race<'a>,
    name: &'static str,
    module: BareWasm,
    records: &Rc<[ReadyRecords]>,
) {
    let records = Rc::clone(records);
    let batches = records.len().div_ceil(BATCH);
    race.enter_in_batches(
        name,
        batches,
        move |_| -> Vec<BareInstance> {
            let instances = (0..BATCH).map(|_| module.instance());
            instances.filter_map(made).collect()
        },
        move |number, mut instances| {
            let batch = records.chunks(BATCH).nth(number).unwrap_or_default();
            for (instance, records) in instances.iter_mut().zip(batch) {
                made(instance.run(black_box(records), look, look));
            }
            instances
        },
    );
}

fn look(answer: &[u8]) {
    black_box(answer);
}

/// How much faster two threads are, beside what two threads are worth on this machine.
fn threads<'a>(bench: &'a Bench, race: &mut Race<'a>) {
    let plain = move || {
        for _ in 0..PLAIN_PASSES {
            plain_all(bench);
        }
    };
    race.enter(PLAIN_ALONE, plain);
    race.enter(PLAIN_TWICE, move || twice(plain));
    race.enter(RHAI_TWICE, move || {
        twice(|| decide_all(bench, &bench.release))
    });
}

/// Does the same work on each of two threads.
fn twice(work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        scope.spawn(&work);
        work();
    });
}

/// How often the plain function decides everything in one pass, to be about as long as
/// Redress once: too short a pass would time the start of a thread.
const PLAIN_PASSES: u32 = 500;
/// How many guardrails touch every case that the kernel is timed on.
const GUARDRAILS_TOUCHING: usize = 5;
/// How many cases a batch of the kernel's has: few enough to stay in the cache.
const BATCH: usize = 8;

/// The kernel on the cases that five guardrails touch, its input at hand and its
/// decisions kept, as in a service that has just run the policy.
fn kernel<'a>(bench: &'a Bench, race: &mut Race<'a>) -> Result<()> {
    let touched = bench.touched_by(GUARDRAILS_TOUCHING)?;
    let cases = usize::try_from(FLIGHTS)?;
    let touched: Vec<_> = touched.into_iter().cycle().take(cases).collect();
    let batches: Vec<Vec<_>> = touched.chunks(BATCH).map(<[_]>::to_vec).collect();
    race.enter_in_batches(
        KERNEL,
        batches.len(),
        move |number| {
            let batch = batches.get(number).cloned().unwrap_or_default();
            (Vec::with_capacity(batch.len()), batch)
        },
        move |_, (mut decisions, batch)| {
            for (input, proposal) in batch {
                decisions.push(bench.enforce(black_box(input), proposal));
            }
            decisions
        },
    );
    Ok(())
}

fn json<'a>(bench: &'a Bench, race: &mut Race<'a>) -> Result<()> {
    let inputs = &bench.inputs;
    race.enter(PARSE, move || {
        for input in inputs {
            let value = serde_json::from_str::<serde_json::Value>(black_box(&input.json));
            made(value);
        }
    });
    race.enter(ADMIT, move || {
        for input in inputs {
            made(bench.release.admit(black_box(input.json.as_bytes())));
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
            made(black_box(decided).to_json(*digest));
        }
    });
    let proposals = bench.proposals()?;
    race.enter_in_batches(
        JSON_TO_JSON,
        1,
        move |_| proposals.clone(),
        move |_, proposals| {
            for (input, proposal) in inputs.iter().zip(proposals) {
                made(bench.json_to_json(black_box(input), proposal));
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
