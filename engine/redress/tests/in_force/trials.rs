//! What is in force decides, a store that was brought back is refused, and a candidate in the
//! shadow never touches the decision beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use redress::ledger::{
    EntriesOf, Ledger as _, Memory, Reply, Request, RequestKey, Seed, Store, StoreError, Tables,
};
use redress::shadow::{Ask, Seen};
use redress::source::activation::{Asked, FolderStore, Voucher, activate};
use redress::source::signing::{Envelope, Revision, SecretKey, Statement, Trust};
use redress::source::{Archive, SourceFolder, scaffold};
use redress::{Actor, Engine, EngineLimits, InForce, Outcome, Release, Shadow, Timestamp};
use tempfile::TempDir;

const CASE: &str = r#"{"id": "case-1", "incident_date": "2026-03-01", "event": "e-1",
    "claimant": {"id": "c-1"}, "stage": "facts_recorded",
    "facts": {"order_value": "50.00 EUR", "days_late": 3, "cause": "carrier"}}"#;

const NOW: &str = "2026-06-02T09:00:00Z";

/// A store, the folders that go into it, and whose word counts.
struct Bench {
    root: TempDir,
    engine: Engine,
    trust: Trust,
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn seed(number: u8) -> Seed {
    Seed::new([number; 32])
}

fn agent() -> Actor {
    serde_json::from_str(r#"{"id": "ann", "role": "agent", "assurance": "authenticated"}"#).unwrap()
}

fn change(path: &Path, edit: impl Fn(String) -> String) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, edit(text)).unwrap();
}

impl Bench {
    fn new() -> Self {
        let text = format!(
            "rule = \"1 of compliance\"\n[[key]]\nperson = \"mei\"\npublic = \"{}\"\nroles = [\"compliance\"]\nowns = []\nvalid_from = \"2026-01-01\"\nvalid_until = \"2026-12-31\"\n",
            key(1).public().to_base64()
        );
        Self {
            root: TempDir::new().unwrap(),
            engine: Engine::new(EngineLimits::STANDARD),
            trust: Trust::parse(&text).unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.root.path().join("releases")
    }

    fn store(&self) -> FolderStore {
        let path = self.path();
        FolderStore::open(&path).unwrap_or_else(|_| FolderStore::create(&path).unwrap())
    }

    /// The scaffolded policy as a version with another percentage and an edited script.
    fn folder(&self, version: &str, percent: &str, edit: impl Fn(String) -> String) -> PathBuf {
        let root = self.root.path().join(format!("v{version}"));
        let made = scaffold(&"retail/late-parcel".parse().unwrap(), &root).unwrap();
        let folder = made.with_file_name(version);
        fs::rename(made, &folder).unwrap();
        change(&folder.join("release.toml"), |text| {
            text.replace("0.1.0", version)
        });
        change(&folder.join("tables/lateness.csv"), |text| {
            text.replace("3..6,level_1,10", &format!("3..6,level_1,{percent}"))
        });
        change(&folder.join("policy.rhai"), edit);
        folder
    }

    fn archive(&self, version: &str) -> Archive {
        let folder = self.folder(version, "10", |text| text);
        Archive::build(&SourceFolder::read(&folder).unwrap()).unwrap()
    }

    fn release(&self, folder: &Path) -> Release {
        self.engine.load(folder).unwrap()
    }

    fn activate(&self, archive: &Archive, revision: u64) {
        let covers = archive.source().manifest().effective.into();
        let until = "2026-12-01".parse().unwrap();
        let statement = Statement::about(archive, Revision(revision), covers, until, None);
        let mut envelope = Envelope::new(&statement);
        envelope.sign(&key(1)).unwrap();
        let asked = Asked::Signed {
            envelope: &envelope,
            trust: &self.trust,
        };
        let today = "2026-06-02".parse().unwrap();
        activate(&mut self.store(), archive, asked, now(), today).unwrap();
    }

    fn in_force(&self) -> Result<InForce, &'static str> {
        let name = "retail/late-parcel".parse().unwrap();
        let voucher = Voucher::Trust(&self.trust);
        InForce::load(&self.engine, &self.store(), &name, voucher).map_err(|error| error.code())
    }
}

fn version(in_force: &InForce) -> String {
    let (release, _) = in_force.release_for("2026-03-01".parse().unwrap()).unwrap();
    release.id().version.to_string()
}

#[test]
fn whichever_release_is_in_force_decides() {
    let bench = Bench::new();
    let _ = bench.store();
    assert_eq!(bench.in_force().err(), Some("nothing_in_force"));
    bench.activate(&bench.archive("0.1.0"), 1);
    let first = bench.in_force().unwrap();
    assert_eq!(version(&first), "0.1.0");
    assert!(first.release_for("2019-01-01".parse().unwrap()).is_none());
    bench.activate(&bench.archive("0.2.0"), 2);
    // What runs goes on with what it has until somebody takes up the new one, whole.
    assert_eq!(version(&first), "0.1.0");
    let voucher = Voucher::Trust(&bench.trust);
    let second = first.renewed(&bench.engine, &bench.store(), voucher);
    assert_eq!(version(&second.unwrap()), "0.2.0");
}

/// What the store holds is checked before it decides, not only when it was put there.
#[test]
fn what_is_in_force_is_checked_again_before_it_decides() {
    let bench = Bench::new();
    bench.activate(&bench.archive("0.1.0"), 1);
    let file = |end: &str| {
        let mut entries = fs::read_dir(bench.path()).unwrap();
        let mut found = entries.by_ref().map(|entry| entry.unwrap().path());
        found
            .find(|path| path.to_str().unwrap().ends_with(end))
            .unwrap()
    };
    let (envelope, archive) = (file(".1.dsse.json"), file(".tar"));
    let check = |path: &Path, bytes: &[u8], expected: &str| {
        let before = fs::read(path).unwrap();
        fs::write(path, bytes).unwrap();
        assert_eq!(bench.in_force().err(), Some(expected));
        fs::write(path, before).unwrap();
        assert!(bench.in_force().is_ok());
    };
    let text = fs::read_to_string(&envelope).unwrap();
    let mut stripped: serde_json::Value = serde_json::from_str(&text).unwrap();
    stripped["signatures"] = serde_json::json!([]);
    check(
        &envelope,
        stripped.to_string().as_bytes(),
        "signature_stripped",
    );
    check(&envelope, b"{}", "store_envelope");
    let mut other = fs::read(&archive).unwrap();
    other[600] ^= 1;
    check(&archive, &other, "store_digest");
    fs::remove_file(&envelope).unwrap();
    assert_eq!(bench.in_force().err(), Some("store_io"));
}

#[test]
fn an_activation_without_signatures_decides_only_when_asked_for_by_name() {
    let bench = Bench::new();
    let asked = Asked::Unsigned {
        asked_by: "ada",
        reason: "a trial",
    };
    let (archive, today) = (bench.archive("0.1.0"), "2026-06-02".parse().unwrap());
    activate(&mut bench.store(), &archive, asked, now(), today).unwrap();
    assert_eq!(bench.in_force().err(), Some("in_force_unsigned"));
    let name = "retail/late-parcel".parse().unwrap();
    let unchecked = Voucher::Unchecked;
    assert!(InForce::load(&bench.engine, &bench.store(), &name, unchecked).is_ok());
}

/// A store brought back to what it was yesterday looks whole; the ledger knows better.
#[test]
fn a_store_that_was_brought_back_is_refused_by_the_ledger() {
    let bench = Bench::new();
    let ledger = Memory::new();
    let announce = |in_force: &InForce, number: u8| {
        let announced = in_force.announce(&ledger, now(), seed(number));
        announced.map_err(|error| error.code())
    };
    bench.activate(&bench.archive("0.1.0"), 1);
    let lines = bench.path().join("activations.jsonl");
    let old = fs::read(&lines).unwrap();
    announce(&bench.in_force().unwrap(), 1).unwrap();
    bench.activate(&bench.archive("0.2.0"), 2);
    let newer = bench.in_force().unwrap();
    announce(&newer, 2).unwrap();
    announce(&newer, 3).unwrap();
    let records = ledger.records(0, 10).unwrap();
    let kinds: Vec<&str> = records.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["activate", "activate"]);
    fs::write(lines, old).unwrap();
    let older = bench.in_force().unwrap();
    assert_eq!(announce(&older, 4), Err("revision_downgraded"));
    let voucher = Voucher::Trust(&bench.trust);
    let renewed = newer.renewed(&bench.engine, &bench.store(), voucher);
    assert_eq!(renewed.err().unwrap().code(), "revision_downgraded");
    // The same revision with other bytes is no better.
    bench.activate(&bench.archive("0.3.0"), 2);
    let other = bench.in_force().unwrap();
    assert_eq!(announce(&other, 5), Err("in_force_differs"));
    let known = ledger.activation("retail/late-parcel").unwrap().unwrap();
    assert_eq!((known.revision, known.version.as_str()), (2, "0.2.0"));
}

/// Decides the case with the active release, with a candidate beside it or without.
fn decided(active: &Release, candidate: Option<&Release>) -> (Memory, Vec<u8>, Option<Seen>) {
    let ledger = Memory::new();
    let key = RequestKey::new("request").unwrap();
    let matter = active.matter(active.admit(CASE.as_bytes()).unwrap());
    let actor = agent();
    let Some(candidate) = candidate else {
        let reply = active.record(&ledger, key, matter, &actor, now(), seed(1));
        let bytes = reply.unwrap().unwrap().bytes;
        return (ledger, bytes, None);
    };
    let ask = Ask {
        key,
        case: CASE.as_bytes(),
        matter,
        actor: &actor,
        at: now(),
        seed: seed(1),
    };
    let observed = Shadow::new(candidate).record(active, &ledger, ask).unwrap();
    assert_eq!(observed.noted, Ok(2));
    (ledger, observed.reply.unwrap().bytes, Some(observed.seen))
}

fn noted(ledger: &Memory) -> String {
    let record = ledger.records(1, 1).unwrap().pop().unwrap();
    assert_eq!((record.kind.as_str(), record.decision), ("shadow", Some(1)));
    String::from_utf8(record.line).unwrap()
}

#[test]
fn a_candidate_decides_beside_and_nobody_acts_on_it() {
    let bench = Bench::new();
    let active = bench.release(&bench.folder("0.1.0", "10", |text| text));
    let candidate = bench.release(&bench.folder("0.2.0", "5", |text| text));
    let (alone, bytes, _) = decided(&active, None);
    let (ledger, same, seen) = decided(&active, Some(&candidate));
    assert_eq!(same, bytes);
    let seen = seen.unwrap();
    let would = &seen.decided().unwrap().decision;
    assert_eq!(would.outcome(), Outcome::Grant);
    let euro = redress::Currency::new("EUR").unwrap();
    assert_eq!(would.total(euro).unwrap().to_string(), "2.50 EUR");
    // Sums and limits are those of the active decision alone.
    let of = |ledger: &Memory| {
        let entries = ledger.entries(&EntriesOf::Decision(1)).unwrap();
        (entries, ledger.accounts("customer:c-1", now()).unwrap())
    };
    assert_eq!(of(&ledger), of(&alone));
    let line = noted(&ledger);
    for said in ["\"outcome\":\"grant\"", "2.50 EUR", "0.2.0"] {
        assert!(line.contains(said), "{said}: {line}");
    }
    assert!(!line.contains("case-1") && !line.contains("c-1"), "{line}");
}

/// A candidate whose script fails, never ends, or reads another schema is on record with its
/// fault, and the active decision is the same to the byte.
#[test]
fn a_fault_of_the_candidate_never_touches_the_active_decision() {
    let bench = Bench::new();
    let active = bench.release(&bench.folder("0.1.0", "10", |text| text));
    let (_, bytes, _) = decided(&active, None);
    let head = "fn remedy(facts) {";
    for (number, line, fault) in [
        (2, "let zero = 0; let fails = 1 / zero;", "policy_failed"),
        (
            3,
            "let turns = 0; loop { turns += 1; }",
            "policy_budget_exceeded",
        ),
    ] {
        let spoilt = |text: String| text.replace(head, &format!("{head}\n    {line}"));
        let folder = bench.folder(&format!("0.{number}.0"), "10", spoilt);
        let (ledger, same, seen) = decided(&active, Some(&bench.release(&folder)));
        assert_eq!(same, bytes, "{line}");
        assert_eq!(seen.unwrap().name(), "escalate", "{line}");
        assert!(noted(&ledger).contains(fault), "{line}");
    }
    let folder = bench.folder("0.4.0", "10", |text| text);
    for file in [
        "release.toml",
        "facts.schema.json",
        "policy.rhai",
        "tables/lateness.csv",
    ] {
        change(&folder.join(file), |text| {
            text.replace("days_late", "days_behind")
        });
    }
    let (ledger, same, seen) = decided(&active, Some(&bench.release(&folder)));
    assert_eq!(same, bytes);
    assert_eq!(seen.unwrap().name(), "not_admitted");
    assert!(noted(&ledger).contains("\"outcome\":\"not_admitted\""));
}

/// A ledger whose first read, which is the candidate's, ends the thread as a mistake of this
/// program would.
struct Crashing {
    ledger: Memory,
    crashes: AtomicBool,
}

impl Store for Crashing {
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.ledger.write(work)
    }

    fn submit(&self, batch: &[Request], at: Timestamp) -> Result<Vec<Reply>, StoreError> {
        self.ledger.submit(batch, at)
    }

    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        assert!(!self.crashes.swap(false, Ordering::SeqCst), "a mistake");
        self.ledger.read(work)
    }
}

/// A candidate that crashes is caught and on record, and the active decision is the same to
/// the byte.
#[test]
fn a_crash_of_the_candidate_never_touches_the_active_decision() {
    let bench = Bench::new();
    let active = bench.release(&bench.folder("0.1.0", "10", |text| text));
    let candidate = bench.release(&bench.folder("0.2.0", "5", |text| text));
    let (alone, bytes, _) = decided(&active, None);
    let crashing = Crashing {
        ledger: Memory::new(),
        crashes: AtomicBool::new(true),
    };
    let actor = agent();
    let ask = Ask {
        key: RequestKey::new("request").unwrap(),
        case: CASE.as_bytes(),
        matter: active.matter(active.admit(CASE.as_bytes()).unwrap()),
        actor: &actor,
        at: now(),
        seed: seed(1),
    };
    let shadow = Shadow::new(&candidate);
    let observed = shadow.record(&active, &crashing, ask).unwrap();
    assert_eq!(observed.seen, Seen::Crashed);
    assert!(observed.seen.decided().is_none());
    assert_eq!(observed.noted, Ok(2));
    assert_eq!(observed.reply.unwrap().bytes, bytes);
    let ledger = crashing.ledger;
    let entries = |ledger: &Memory| ledger.entries(&EntriesOf::Decision(1)).unwrap();
    assert_eq!(entries(&ledger), entries(&alone));
    let line = noted(&ledger);
    assert!(line.contains("\"outcome\":\"crashed\""), "{line}");
    assert!(line.contains("\"gives\":[]"), "{line}");
}
