//! What fairness adds to a decision, what its fronts weigh, and how fast they are made anew.
//!
//! `cargo bench -p redress-benches --bench fairness` fills 1,000 classes with fronts of
//! 4,096 points of four facts and prints medians and percentiles; with `-- --test` it runs a
//! small share once and measures nothing worth reading.
//!
//! The points are as sums come out that follow a tariff: worse facts, more money. Then hardly
//! a point covers another, so that the fronts are as large as their limit lets them.

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use redress::{Actor, Assurance, Case, Code, Engine, EngineLimits, Release, Standing, Timestamp};
use redress_kernel::guardrails::{Fairness, Guardrails};
use redress_kernel::skyline::{Found, Norm, Skyline};
use redress_model::{ActorId, Digest, Likeness, Money, Precedent, Warnings};
use serde_json::json;

/// How much is filled and asked.
#[derive(Debug, Clone, Copy)]
struct Size {
    classes: u64,
    points: u64,
    records: u64,
    questions: u64,
}

const WHOLE: Size = Size {
    classes: 1_000,
    points: 4_096,
    records: 1_000_000,
    questions: 200_000,
};
const SMOKE: Size = Size {
    classes: 8,
    points: 128,
    records: 2_000,
    questions: 200,
};

/// The most points of a class.
const POINTS_MAX: usize = 4_096;

/// Before every norm of the bench.
const START: Timestamp = Timestamp::EPOCH;

fn main() -> Result<()> {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    let size = if is_smoke { SMOKE } else { WHOLE };
    let desk = Desk::load()?;
    rebuild(size)?;
    let before = resident_bytes()?;
    let classes = fill(size)?;
    let bytes = resident_bytes()?.saturating_sub(before);
    println!(
        "memory of a class of {} points of four facts: {} KiB",
        size.points,
        bytes / size.classes / 1_024
    );
    ask(size, &desk, &classes)
}

#[expect(clippy::disallowed_methods, reason = "a bench reads a clock")]
fn now() -> Instant {
    Instant::now()
}

/// Numbers that only the seed decides.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        // Steele and others: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn number(&mut self, end: u64) -> i64 {
        i64::try_from(self.below(end)).unwrap_or(0)
    }
}

/// The four facts that the cases of the bench know, in the order of the schema and turned so
/// that higher is worse: days after which proof came, and three sums.
fn point(random: &mut Random) -> Vec<i64> {
    vec![
        -random.number(22),
        random.number(100_000),
        random.number(20_000),
        random.number(20_000),
    ]
}

/// What a tariff gives on such facts.
fn tariff(point: &[i64]) -> i64 {
    let weights = [20_000, 30, 80, 80];
    let shares = point
        .iter()
        .zip(weights)
        .map(|(fact, weight)| fact * weight);
    shares.sum::<i64>() / 100
}

fn norm(decision: u64, random: &mut Random) -> Result<Norm> {
    let at = i64::try_from(decision / 8)? + 1;
    let point = point(random);
    Ok(Norm {
        decision,
        at: Timestamp::from_seconds(at).context("a time")?,
        minor: tariff(&point),
        point,
    })
}

/// Makes every class anew from records that lie as the log has them: all classes mixed.
fn rebuild(size: Size) -> Result<()> {
    let mut random = Random(1);
    let mut records = Vec::new();
    for decision in 1..=size.records {
        records.push((random.below(size.classes), norm(decision, &mut random)?));
    }
    let start = now();
    let mut of_class: BTreeMap<u64, Vec<&Norm>> = BTreeMap::new();
    for (class, norm) in &records {
        of_class.entry(*class).or_default().push(norm);
    }
    let mut points = 0;
    for norms in of_class.values() {
        let mut skyline = Skyline::new(4, POINTS_MAX);
        norms.iter().for_each(|norm| skyline.insert(norm));
        points += black_box(skyline).len(START);
    }
    let taken = start.elapsed();
    println!(
        "{} records of {} classes, {points} points: {:.2} s, {:.0} records a second (target: 500000)",
        size.records,
        size.classes,
        taken.as_secs_f64(),
        1e6 / per_record(taken, size.records)?,
    );
    Ok(())
}

/// Microseconds for each record.
fn per_record(taken: Duration, records: u64) -> Result<f64> {
    Ok(taken.as_secs_f64() * 1e6 / f64::from(u32::try_from(records)?))
}

/// Classes out of line, as a ledger keeps them.
type Classes = BTreeMap<Digest, Box<Skyline>>;

fn class(number: u64) -> Digest {
    Digest::of(&number.to_le_bytes())
}

fn fill(size: Size) -> Result<Classes> {
    let mut random = Random(2);
    let mut classes = BTreeMap::new();
    let start = now();
    for number in 0..size.classes {
        let mut skyline = Skyline::new(4, POINTS_MAX);
        let mut decision = number * 1_000_000;
        while u64::try_from(skyline.len(START))? < size.points {
            decision += 1;
            skyline.insert(&norm(decision, &mut random)?);
        }
        classes.insert(class(number), Box::new(skyline));
    }
    let taken = per_record(start.elapsed(), size.classes * size.points)?;
    println!("a norm into a front that is being filled: {taken:.2} µs in the mean");
    Ok(classes)
}

/// The memory of this process, as Linux tells it.
fn resident_bytes() -> Result<u64> {
    let text = fs::read_to_string("/proc/self/statm")?;
    let pages = text.split(' ').nth(1).context("two numbers")?;
    Ok(pages.parse::<u64>()? * 4_096)
}

/// A release that compares, and the same without.
struct Desk {
    release: Release,
    plain: Guardrails,
    actor: Actor,
    as_of: Timestamp,
}

impl Desk {
    fn load() -> Result<Self> {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/travel/goodwill/1.1.0");
        let release = Engine::new(EngineLimits::STANDARD).load(&folder)?;
        let plain = Guardrails {
            fairness: None,
            ..release.guardrails().clone()
        };
        Ok(Self {
            release,
            plain,
            actor: Actor {
                id: ActorId::new("bench")?,
                role: Code::new("director")?,
                assurance: Assurance::Authenticated,
            },
            as_of: "2026-12-06T08:00:00Z".parse()?,
        })
    }

    fn fairness(&self) -> Result<&Fairness> {
        let fairness = self.release.guardrails().fairness.as_ref();
        fairness.context("the release compares")
    }

    /// A case that knows four merit facts, turned as the class has them.
    fn case(&self, random: &mut Random) -> Result<Case> {
        let facts = point(random);
        let [days, loss, costs, unused] = facts.as_slice() else {
            anyhow::bail!("four facts");
        };
        let sum = |minor: i64| format!("{}.{:02} CNY", minor / 100, minor % 100);
        let case = json!({
            "id": "c",
            "incident_date": "2026-12-05",
            "event": "e",
            "claimant": { "id": "p" },
            "stage": "facts_recorded",
            "facts": {
                "scene": "hotel",
                "matter": "quality",
                "cause": "supplier",
                "harm": "inconvenience",
                "evidence": "complete",
                "loss": sum(*loss),
                "necessary_costs": sum(*costs),
                "unused_price": sum(*unused),
                "evidence_days": -days,
            },
        });
        let admitted = self.release.admit(&serde_json::to_vec(&case)?);
        let case = admitted.map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
        // Else the fronts would be asked about points that are like none of theirs.
        ensure!(self.fairness()?.point(&case.facts) == facts);
        Ok(case)
    }
}

/// Looks up what binds a case, as the ledger does once its rows are loaded.
fn look_up(desk: &Desk, case: &Case, key: Digest, classes: &Classes) -> Result<Standing> {
    let fairness = desk.fairness()?;
    let release = &desk.release.guardrails().release;
    black_box(fairness.class_of(&release.name, &release.version, &case.facts));
    let point = fairness.point(&case.facts);
    let skyline = classes.get(&key).context("a class")?;
    let precedent = |found: Found| Precedent {
        decision: found.decision,
        decided_at: found.at,
        case: case.envelope.id.clone(),
        version: release.version.clone(),
        point: point.clone(),
        norm: Money::new(found.minor, fairness.currency()),
    };
    let likeness = Likeness {
        precedents: u64::try_from(skyline.len(START))?,
        most: skyline.most(&point, START).map(precedent),
        least: skyline.least(&point, START).map(precedent),
        ..Likeness::default()
    };
    Ok(Standing {
        fairness: Some(Box::new(likeness)),
        ..Standing::fresh()
    })
}

/// What fairness adds to decisions on cases of classes that nobody could foresee.
fn ask(size: Size, desk: &Desk, classes: &Classes) -> Result<()> {
    let mut random = Random(3);
    let mut cases = Vec::new();
    for _ in 0..256 {
        let case = desk.case(&mut random)?;
        let proposal = desk.release.propose(&case, &Warnings::default());
        cases.push((case, proposal));
    }
    let (fresh, guardrails) = (Standing::fresh(), desk.release.guardrails());
    let (mut looked, mut steps, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    for (_, (case, proposal)) in (0..size.questions).zip(cases.iter().cycle()) {
        let key = class(random.below(size.classes));
        let decide = |guardrails: &Guardrails, standing: &Standing| {
            let proposal = proposal.clone();
            let start = now();
            let decision = redress_kernel::decide(
                case,
                proposal,
                guardrails,
                standing,
                &desk.actor,
                desk.as_of,
            );
            let taken = start.elapsed();
            black_box(decision);
            nanoseconds(taken)
        };
        let start = now();
        let standing = black_box(look_up(desk, case, key, classes)?);
        let look = nanoseconds(start.elapsed());
        // What is found is there for both; the first of two is not the one that warms up.
        decide(guardrails, &standing);
        let (plain, fair) = (decide(&desk.plain, &fresh), decide(guardrails, &standing));
        ensure!(standing.fairness.is_some(), "nothing was looked up");
        looked.push(look);
        steps.push(fair - plain);
        sums.push(look + fair - plain);
    }
    println!(
        "nanoseconds, {} cases of classes by chance:",
        size.questions
    );
    row("class, point and both fronts", looked);
    row("the kernel's steps, with less without", steps);
    row("together (target: 1000 and 10000)", sums);
    Ok(())
}

fn nanoseconds(taken: Duration) -> i64 {
    i64::try_from(taken.as_nanos()).unwrap_or(i64::MAX)
}

fn row(what: &str, mut times: Vec<i64>) {
    times.sort_unstable();
    let at = |percent: usize| {
        let place = times.len() * percent / 100;
        times
            .get(place.min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0)
    };
    println!("  {what:<38} median {:>6}   p99 {:>6}", at(50), at(99));
}
