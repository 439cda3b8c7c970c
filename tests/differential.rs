//! The forms of a policy on facts that nobody chose: the interpreter against its script
//! compiled, and against a module made from another source.
//!
//! `PROPTEST_CASES` says how many cases of each release are decided, on every core, and
//! `CASES_SEED` where their seeds begin; with `--nocapture` it is told how far it has come.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use redress::source::{CaseFile, find_releases};
use redress::{Actor, Currency, Date, Engine, EngineLimits, Money, Outcome, Release, SandboxKind};
use redress_model::{Code, FactType};
use serde_json::{Map, Value, json};

/// How many cases of each release are decided by default.
const CASES: u64 = 1_000;
/// How many seeds a thread takes at once.
const SEEDS_AT_ONCE: u64 = 250;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn every_form_of_a_policy_agrees_on_facts_that_nobody_chose() {
    let cases = number("PROPTEST_CASES", CASES);
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let engine = Engine::new(EngineLimits::STANDARD);
    let (mut forms, mut outcomes) = (BTreeMap::<&str, u64>::new(), BTreeSet::new());
    for folder in find_releases(&policies).unwrap() {
        let release = engine.load(&folder).unwrap();
        let trial = Trial::of(&release);
        for other in &trial.others {
            *forms.entry(other.sandboxes()[0].name()).or_default() += 1;
        }
        let (decided, seeds, reached) = trial.run(cases);
        println!();
        assert!(
            decided >= cases,
            "{folder:?}: {decided} of {seeds} seeds were admitted"
        );
        outcomes.extend(reached);
    }
    assert!(forms["compiled"] >= 10 && forms["wasm"] >= 3, "{forms:?}");
    let reached: Vec<_> = outcomes.into_iter().collect();
    assert_eq!(reached, ["escalate", "grant", "hold", "refuse"]);
}

/// The forms of one release, held against each other.
struct Trial {
    script: Release,
    others: Vec<Release>,
    files: Vec<CaseFile>,
}

impl Trial {
    fn of(release: &Release) -> Self {
        let script = release.with_sandbox(SandboxKind::Rhai).unwrap();
        let others = [SandboxKind::Compiled, SandboxKind::Wasm];
        let others = others.into_iter();
        Self {
            others: others
                .filter_map(|kind| release.with_sandbox(kind))
                .collect(),
            files: script.source().cases().unwrap(),
            script,
        }
    }

    /// Decides so many cases on every core; gives how many were decided, of how many seeds,
    /// and the outcomes.
    fn run(&self, cases: u64) -> (u64, u64, BTreeSet<&'static str>) {
        let first = number("CASES_SEED", 0);
        let (next, decided) = (AtomicU64::new(0), AtomicU64::new(0));
        let work = || {
            let mut outcomes = BTreeSet::new();
            while decided.load(Ordering::Relaxed) < cases {
                let from = next.fetch_add(SEEDS_AT_ONCE, Ordering::Relaxed);
                // Nearly every seed is admitted; where they are not, the test says so.
                if from > cases.saturating_mul(2) {
                    break;
                }
                for seed in from..from + SEEDS_AT_ONCE {
                    if let Some(outcome) = self.decide(first + seed) {
                        outcomes.insert(outcome.name());
                        self.tell(decided.fetch_add(1, Ordering::Relaxed) + 1, cases);
                    }
                }
            }
            outcomes
        };
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let outcomes = thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let ended = running.into_iter().map(|thread| thread.join().unwrap());
            ended.flatten().collect()
        });
        (decided.into_inner(), next.into_inner(), outcomes)
    }

    /// Writes over its line how far it has come, a hundred times.
    fn tell(&self, decided: u64, cases: u64) {
        if decided.is_multiple_of(cases.div_ceil(100)) {
            let id = self.script.id();
            print!("\r{} {}: {decided} cases", id.name, id.version);
            std::io::stdout().flush().unwrap();
        }
    }

    /// Decides the case of a seed in every form; `None` if it is not admitted.
    fn decide(&self, seed: u64) -> Option<Outcome> {
        let mut random = Random(seed);
        let count = u64::try_from(self.files.len()).unwrap();
        // Every shipped case has its turn, for those at a limit are the ones that tell.
        let file = &self.files[usize::try_from(seed % count).unwrap()];
        let json = varied(&mut random, &self.script, file, &self.files);
        let case = self
            .script
            .admit(&serde_json::to_vec(&json).unwrap())
            .ok()?;
        let actor = actor(&mut random, &self.script, file);
        let by = |release: &Release| release.decide(&case, &actor, &file.standing, file.as_of);
        let own = by(&self.script);
        let outcome = own.decision.outcome();
        for other in &self.others {
            let other = by(other);
            let (name, kind) = (&self.script.id().name, other.execution.sandbox);
            assert_eq!(
                own.decision, other.decision,
                "{name}, {kind:?}, seed {seed}: {json}"
            );
            let bytes = |decision| serde_json::to_vec(decision).unwrap();
            assert_eq!(
                bytes(&own.decision),
                bytes(&other.decision),
                "{name}, {kind:?}, seed {seed}"
            );
            if kind == SandboxKind::Compiled {
                // Why a policy failed and where, and how far it came when it did not.
                let (own, other) = (&own.execution, &other.execution);
                assert_eq!(own.fault, other.fault, "{name}, seed {seed}: {json}");
                // A run that an unknown fact ends does not tell how far it came within
                // an expression; what is granted or refused came to its end.
                let ended = matches!(outcome, Outcome::Grant | Outcome::Refuse);
                assert!(
                    !ended || own.steps == other.steps,
                    "{name}, seed {seed}: {} and {} steps: {json}",
                    own.steps,
                    other.steps
                );
            } else {
                assert_eq!(other.execution.fault, None, "{name}, seed {seed}: {json}");
            }
        }
        Some(outcome)
    }
}

/// A shipped case of which some facts are left out, some come from another case, and some
/// are whatever the schema admits.
fn varied(random: &mut Random, release: &Release, file: &CaseFile, files: &[CaseFile]) -> Value {
    let parse = |file: &CaseFile| serde_json::from_slice::<Value>(&file.to_json()).unwrap();
    let (mut case, other) = (parse(file), parse(random.one_of(files)));
    for fact in release.schema().facts() {
        let value = match random.below(12) {
            0 => None,
            1 => look(&other["facts"], &fact.name).cloned(),
            2 | 3 => Some(any(random, &fact.ty)),
            _ => continue,
        };
        put(&mut case["facts"], &fact.name, value);
    }
    case
}

/// Any value of a type, its ends more often than the rest.
fn any(random: &mut Random, ty: &FactType) -> Value {
    match ty {
        FactType::Bool => json!(random.below(2) == 0),
        FactType::Int { min, max } => {
            let width = max.abs_diff(*min);
            let step = match random.below(4) {
                0 => 0,
                1 => width,
                2 => random.below(width.min(400).saturating_add(1)),
                _ => random.below(width.saturating_add(1)),
            };
            json!(min.saturating_add_unsigned(step))
        }
        FactType::Enum(values) => json!(random.one_of(values).as_str()),
        FactType::Text { chars_max } => {
            let text = random.one_of(&["", "A", "two words", "户口本", "\u{1f1ea}\u{1f1fa}"]);
            let most = usize::try_from(*chars_max).unwrap();
            json!(text.chars().take(most).collect::<String>())
        }
        FactType::Date => json!(date(random).to_string()),
        FactType::DateTime => json!(format!("{}T{:02}:30:00Z", date(random), random.below(24))),
        FactType::Money { currency, .. } => {
            let currency = currency.unwrap_or(Currency::new("EUR").unwrap());
            let minor = i64::try_from(random.below(3_000_000)).unwrap();
            json!(Money::new(minor, currency).to_string())
        }
        FactType::List { item, items_max } => {
            let count = random.below(u64::from(*items_max).min(4) + 1);
            (0..count).map(|_| any(random, item)).collect()
        }
    }
}

fn date(random: &mut Random) -> Date {
    let days = i32::try_from(random.below(15_000)).unwrap();
    Date::EPOCH.plus_days(5_000 + days).unwrap()
}

/// The case's own actor, or another role of the guardrails.
fn actor(random: &mut Random, release: &Release, file: &CaseFile) -> Actor {
    let roles = &release.guardrails().roles;
    let role: &Code = if random.below(2) == 0 {
        &file.actor.role
    } else {
        &random.one_of(roles).name
    };
    Actor {
        role: role.clone(),
        ..file.actor.clone()
    }
}

fn look<'f>(facts: &'f Value, name: &str) -> Option<&'f Value> {
    name.split('.')
        .try_fold(facts, |facts, part| facts.get(part))
}

fn put(facts: &mut Value, name: &str, value: Option<Value>) {
    let (object, name) = match name.split_once('.') {
        Some((object, name)) => {
            let members = facts.as_object_mut().unwrap();
            let object = members.entry(object).or_insert_with(|| json!(Map::new()));
            (object, name)
        }
        None => (facts, name),
    };
    let members = object.as_object_mut().unwrap();
    match value {
        Some(value) => drop(members.insert(name.to_owned(), value)),
        None => drop(members.remove(name)),
    }
}

/// Numbers that are the same for the same seed (SplitMix64, Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn one_of<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        let count = u64::try_from(items.len()).unwrap();
        &items[usize::try_from(self.below(count)).unwrap()]
    }
}
