use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, Scope, ScopedJoinHandle};

use redress_log::Seed;

use super::*;
use crate::command::{Command, RequestKey, Sweep};
use crate::store::Tables;
use crate::{Ledger as _, Memory};

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Carried,
    Panics,
}

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
        assert_eq!(fate, Fate::Carried, "on purpose");
        let worked = self.memory.write(work);
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
