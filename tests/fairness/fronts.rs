//! The fronts that a ledger keeps between decisions are those that its rows make.

use std::path::Path;
use std::sync::LazyLock;

use redress::ledger::Tables;
use redress::ledger::cell::Cell;
use redress::ledger::table::{Row, Table};
use redress::ledger::{Command, EntriesOf, Ledger as _, Memory, QueueOf, Scan, Store, StoreError};
use redress::{Engine, EngineLimits, Release};
use serde_json::{Value, json};

use super::desk::{Desk, actor, complaint, outcome, policies};

/// The same ledger as its rows alone tell it.
struct Rows<'m>(&'m Memory);

struct Bare<'t>(&'t mut dyn Tables);

impl Tables for Bare<'_> {
    fn get(&mut self, table: &'static Table, key: &[Cell]) -> Result<Option<Row>, StoreError> {
        self.0.get(table, key)
    }

    fn scan(&mut self, scan: &Scan) -> Result<Vec<Row>, StoreError> {
        self.0.scan(scan)
    }

    fn put(&mut self, table: &'static Table, row: &[Cell]) -> Result<(), StoreError> {
        self.0.put(table, row)
    }

    fn remove(&mut self, table: &'static Table, key: &[Cell]) -> Result<(), StoreError> {
        self.0.remove(table, key)
    }
}

impl Store for Rows<'_> {
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.0.write(&mut |tables| work(&mut Bare(tables)))
    }

    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.0.read(&mut |tables| work(&mut Bare(tables)))
    }
}

/// `travel/goodwill` with fronts of at most so many points.
fn with_points(points_max: u32) -> Release {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("goodwill/1.1.0");
    copy(&policies().join("travel/goodwill/1.1.0"), &to);
    // Its lineage names the version before it.
    copy(
        &policies().join("travel/goodwill/1.0.0"),
        &folder.path().join("goodwill/1.0.0"),
    );
    let file = to.join("guardrails.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let limit = format!("[fairness]\npoints_max = {points_max}\n");
    std::fs::write(&file, text.replacen("[fairness]\n", &limit, 1)).unwrap();
    Engine::new(EngineLimits::STANDARD).load(&to).unwrap()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

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
}

#[track_caller]
fn check(desk: &Desk, probe: &Value, when: &str) {
    let (matter, by) = (desk.matter(probe), actor("agent-1", "agent"));
    // A look into the future moves nothing for the present, whichever comes first.
    let later = desk.now.plus_seconds(40 * 86_400).unwrap();
    for (at, what) in [
        (later, "40 days later"),
        (desk.now, "now"),
        (later, "later again"),
    ] {
        let kept = desk.ledger.standing(&matter, &by, at).unwrap();
        let anew = Rows(&desk.ledger).standing(&matter, &by, at).unwrap();
        assert_eq!(kept, anew, "{when}, {what}");
    }
}

fn one(number: u64, random: &mut Random) -> Value {
    let loss = format!("{}.00", 50 * (1 + random.below(16)));
    let mut case = complaint(&format!("c{number}"), &loss);
    case["facts"]["harm"] =
        json!(["inconvenience", "part_lost"][usize::from(random.below(4) == 0)]);
    case["facts"]["evidence_days"] = json!(random.below(28));
    case
}

fn history(seed: u64, release: &'static Release) -> (u32, u32) {
    let mut random = Random(seed);
    let mut desk = Desk::of(release);
    let (agent, lead, boss) = (
        actor("agent-1", "agent"),
        actor("lead-1", "supervisor"),
        actor("boss", "director"),
    );
    let mut decided: Vec<(u64, Value)> = Vec::new();
    let (mut approved, mut partial) = (0, 0);
    for step in 0..120 {
        let act = random.below(12);
        let old = (!decided.is_empty()).then(|| {
            decided[usize::try_from(random.below(u64::try_from(decided.len()).unwrap())).unwrap()]
                .clone()
        });
        match (act, old) {
            (0, Some((decision, _))) => drop(desk.overturn(decision)),
            (1, Some((decision, _))) => drop(desk.mark_error(decision, "auditor-1")),
            (2, Some((decision, case))) => {
                drop(desk.depart((decision, &case), "60.00", (&agent, &boss)));
            }
            // The same case again, which does not bind itself.
            (3, Some((_, case))) => decided.push((desk.decide(&case).0, case)),
            (4 | 5, Some((decision, case))) => {
                let open = desk.ledger.queue(&QueueOf::Decision(decision)).unwrap();
                if let Some(escalation) = open.first() {
                    let matter = desk.matter(&case);
                    let now = desk.now;
                    let approve = release.approval(&desk.ledger, escalation.id, matter, &lead, now);
                    approved += u32::from(
                        desk.run(Command::Approve(Box::new(approve.unwrap())))
                            .is_ok(),
                    );
                }
            }
            (6, _) => desk.days_later(i64::try_from(random.below(30)).unwrap()),
            _ => {
                let case = one(step, &mut random);
                decided.push((desk.decide(&case).0, case));
            }
        }
        let probe = one(10_000 + step, &mut random);
        let partially = desk.standing(&probe).fairness.unwrap().coverage;
        partial += u32::from(partially != Default::default());
        check(&desk, &probe, &format!("seed {seed}, step {step}"));
    }
    let none = desk.ledger.entries(&EntriesOf::Decision(u64::MAX)).unwrap();
    assert!(none.is_empty());
    (approved, partial)
}

#[test]
fn fronts_that_a_ledger_keeps_are_those_that_its_rows_make() {
    static RELEASE: LazyLock<Release> = LazyLock::new(|| with_points(4_096));
    let all = (0..6).map(|seed| history(seed, &RELEASE));
    let approved: u32 = all.map(|(approved, _)| approved).sum();
    assert!(approved > 5, "only {approved} norms came late");
}

#[test]
fn full_fronts_that_a_ledger_keeps_are_those_that_its_rows_make() {
    static RELEASE: LazyLock<Release> = LazyLock::new(|| with_points(6));
    let all: Vec<(u32, u32)> = (10..16).map(|seed| history(seed, &RELEASE)).collect();
    let partial: u32 = all.iter().map(|(_, partial)| partial).sum();
    assert!(partial > 50, "only {partial} standings were partial");
}

#[test]
fn a_store_that_failed_leaves_no_front_behind() {
    let mut desk = Desk::new();
    desk.decide(&complaint("a", "300.00"));
    let probe = complaint("probe", "900.00");
    check(&desk, &probe, "before");
    // Everything is carried out, and then the commit fails.
    let failing = |desk: &Desk, case: &Value| {
        let matter = desk.matter(case);
        let release = super::desk::goodwill();
        let by = actor("agent-1", "agent");
        let command = release
            .decision(&desk.ledger, matter, &by, desk.now)
            .unwrap();
        let request = super::desk::request("failing", command);
        let failed = desk.ledger.write(&mut |tables| {
            redress::ledger::engine::apply(tables, std::slice::from_ref(&request), desk.now, None)?;
            let fault = redress::ledger::StoreFault::Io;
            Err(StoreError::new(fault, "the disk is gone"))
        });
        assert!(failed.is_err());
    };
    // 150.00, which an agent grants: what waits for a person would form no norm at all.
    let lost = complaint("b", "500.00");
    assert_eq!(outcome(&Desk::new().decide(&lost).1), "grant 150.00");
    failing(&desk, &lost);
    check(&desk, &probe, "after a failed commit");
    let likeness = desk.standing(&probe).fairness.unwrap();
    assert_eq!(likeness.most.unwrap().case.to_string(), "a");
    desk.decide(&complaint("c", "400.00"));
    check(&desk, &probe, "after the next decision");
}
