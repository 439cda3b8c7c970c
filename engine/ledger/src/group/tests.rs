use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope, ScopedJoinHandle};

use redress_log::Seed;

use super::*;
use crate::cell::Cell;
use crate::command::{Command, RequestKey, Sweep};
use crate::rows::RequestRow;
use crate::store::Tables;
use crate::table::Record as _;
use crate::{Ledger as _, Memory};

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Carried,
    Panics,
    /// The disk is full.
    Full,
}

/// The name of a caller whose commands no write carries out.
const BROKEN: &str = "broken";

/// A store that tells when a write begins and goes on when it is told how it ends.
struct Gate {
    memory: Memory,
    begun: Sender<()>,
    fates: Mutex<Receiver<Fate>>,
    /// How many records each write left.
    sizes: Mutex<Vec<usize>>,
}

impl Gate {
    fn new() -> (Self, Receiver<()>, Sender<Fate>) {
        let (begun, begins) = channel();
        let (fate, fates) = channel();
        let gate = Self {
            memory: Memory::new(),
            begun,
            fates: Mutex::new(fates),
            sizes: Mutex::default(),
        };
        (gate, begins, fate)
    }

    /// How many commands each write carried.
    fn groups(&self) -> Vec<usize> {
        let sizes = self.sizes.lock().unwrap();
        let before = std::iter::once(&0).chain(sizes.iter());
        sizes
            .iter()
            .zip(before)
            .map(|(to, from)| to - from)
            .collect()
    }
}

impl Store for Gate {
    fn write(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.begun.send(()).unwrap();
        let fate = self.fates.lock().unwrap().recv().unwrap();
        assert_ne!(fate, Fate::Panics, "on purpose");
        let worked = self.memory.write(&mut |tables| {
            work(tables)?;
            if fate == Fate::Full {
                return Err(StoreError::new(StoreFault::Full, "on purpose"));
            }
            let key = [Cell::Text(format!("{BROKEN}-0").into())];
            match tables.get(RequestRow::TABLE, &key)? {
                Some(_) => Err(StoreError::new(StoreFault::Corrupt, "on purpose")),
                None => Ok(()),
            }
        });
        let records = self.memory.records(0, u32::MAX).unwrap();
        self.sizes.lock().unwrap().push(records.len());
        worked
    }

    fn read(
        &self,
        work: &mut dyn FnMut(&mut dyn Tables) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.memory.read(work)
    }
}

type Caller<'s> = ScopedJoinHandle<'s, Answered>;

/// Lets a caller submit so many commands, and waits until `waiting` callers wait.
fn caller<'s>(
    scope: &'s Scope<'s, '_>,
    (group, gate): (&'s Group, &'s Gate),
    name: &str,
    commands: usize,
    waiting: usize,
) -> Caller<'s> {
    let of = |number: usize| Request {
        key: RequestKey::new(&format!("{name}-{number}")).unwrap(),
        command: Command::Due(Sweep { limit: 1 }),
        seed: Seed::new([7; 32]),
    };
    let batch: Vec<Request> = (0..commands).map(of).collect();
    let submitted = scope.spawn(move || group.submit(gate, &batch, Timestamp::EPOCH));
    while group.queue.lock().unwrap().waiting.len() < waiting {
        thread::yield_now();
    }
    submitted
}

/// The number of the first record of an answer.
fn first(caller: Caller<'_>) -> u64 {
    let replies = caller.join().unwrap().unwrap();
    replies[0].as_ref().unwrap().answer.seq
}

#[test]
fn whoever_waits_when_a_commit_ends_is_in_the_next_one() {
    let (group, (gate, begins, fate)) = (Group::new(), Gate::new());
    thread::scope(|scope| {
        let own = (&group, &gate);
        let mut callers = vec![caller(scope, own, "first", 1, 0)];
        begins.recv().unwrap();
        for number in 1..64 {
            callers.push(caller(scope, own, &number.to_string(), 1, number));
        }
        fate.send(Fate::Carried).unwrap();
        fate.send(Fate::Carried).unwrap();
        let numbers: Vec<u64> = callers.into_iter().map(first).collect();
        assert_eq!(numbers, (1..=64).collect::<Vec<_>>());
    });
    assert_eq!(gate.groups(), [1, 63]);
}

#[test]
fn a_group_has_an_end_and_the_longest_waiting_come_first() {
    let (group, (gate, begins, fate)) = (Group::new(), Gate::new());
    thread::scope(|scope| {
        let own = (&group, &gate);
        let mut callers = vec![caller(scope, own, "first", 1, 0)];
        begins.recv().unwrap();
        for (place, commands) in [300, 212, 1, 700, 2].into_iter().enumerate() {
            let name = format!("c{place}");
            callers.push(caller(scope, own, &name, commands, place + 1));
        }
        for _ in 0..5 {
            fate.send(Fate::Carried).unwrap();
        }
        let numbers: Vec<u64> = callers.into_iter().map(first).collect();
        assert_eq!(numbers, [1, 2, 302, 514, 515, 1_215]);
    });
    assert_eq!(gate.groups(), [1, 512, 1, 700, 2]);
}

#[test]
fn a_caller_that_dies_at_work_leaves_nobody_waiting() {
    let (group, (gate, begins, fate)) = (Group::new(), Gate::new());
    thread::scope(|scope| {
        let own = (&group, &gate);
        let alone = caller(scope, own, "alone", 1, 0);
        begins.recv().unwrap();
        let mut callers = Vec::new();
        for number in 1..=5 {
            callers.push(caller(scope, own, &number.to_string(), 1, number));
        }
        // The one alone dies; of the five that wait, one goes to work and dies too.
        fate.send(Fate::Panics).unwrap();
        fate.send(Fate::Panics).unwrap();
        assert!(alone.join().is_err());
        let (mut died, mut told) = (0, 0);
        for caller in callers {
            match caller.join() {
                Err(_) => died += 1,
                Ok(answered) => {
                    assert_eq!(answered.unwrap_err().code(), "outcome_unknown");
                    told += 1;
                }
            }
        }
        assert_eq!((died, told), (1, 4));
        fate.send(Fate::Carried).unwrap();
        assert_eq!(first(caller(scope, own, "after", 1, 0)), 1);
    });
}

#[test]
fn what_concerns_one_caller_fails_nobody_else() {
    let (group, (gate, begins, fate)) = (Group::new(), Gate::new());
    thread::scope(|scope| {
        let own = (&group, &gate);
        let mut callers = vec![caller(scope, own, "first", 1, 0)];
        begins.recv().unwrap();
        for (place, name) in ["1", "2", "3", BROKEN, "4", "5", "6"]
            .into_iter()
            .enumerate()
        {
            callers.push(caller(scope, own, name, 1, place + 1));
        }
        // All seven, three and four, two and two, and the broken one stands alone.
        for _ in 0..8 {
            fate.send(Fate::Carried).unwrap();
        }
        let broken = callers.remove(4).join().unwrap().unwrap_err();
        assert_eq!(broken.code(), "ledger_corrupt");
        let numbers: Vec<u64> = callers.into_iter().map(first).collect();
        assert_eq!(numbers, (1..=7).collect::<Vec<_>>());
    });
    assert_eq!(gate.groups(), [1, 0, 3, 0, 0, 0, 1, 2]);
}

#[test]
fn what_concerns_the_store_is_told_to_everybody_at_once() {
    let (group, (gate, begins, fate)) = (Group::new(), Gate::new());
    thread::scope(|scope| {
        let own = (&group, &gate);
        let first_one = caller(scope, own, "first", 1, 0);
        begins.recv().unwrap();
        let callers: Vec<_> = (1..=5)
            .map(|number| caller(scope, own, &number.to_string(), 1, number))
            .collect();
        fate.send(Fate::Carried).unwrap();
        fate.send(Fate::Full).unwrap();
        assert_eq!(first(first_one), 1);
        for caller in callers {
            assert_eq!(caller.join().unwrap().unwrap_err().code(), "ledger_full");
        }
        fate.send(Fate::Carried).unwrap();
        assert_eq!(first(caller(scope, own, "after", 1, 0)), 2);
    });
    assert_eq!(gate.groups(), [1, 0, 1]);
}
