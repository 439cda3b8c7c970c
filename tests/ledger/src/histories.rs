//! Histories of several clients whose world fails: a deterministic scheduler lets eight
//! clients take turns, loses answers, kills the ledger before or after a commit, repeats
//! requests and moves the clocks both ways. The same seed, the same history.
//!
//! A client takes a turn for each step of an operation: it reads the standing, sends its
//! request, gets the answer or does not, and tries again with the same key until it has one.
//! So the turns of different clients fall between each other's steps in every order.
//!
//! What must hold: no account above its limit at any read; every answer that a client got
//! is the answer that its key still gets, byte for byte; each operation took effect once,
//! between its first sending and its answer; and a plain model that is given the operations in
//! the order of their records answers the same to each, so that the whole history has an order
//! in which it could have happened one by one (linearizability, Herlihy and Wing 1990).

use std::collections::BTreeMap;

use redress_ledger::accounts::{LimitRef, limits};
use redress_ledger::command::Command;
use redress_ledger::{Answered, Ledger, Matter, Request, StoreError, StoreFault};
use redress_model::{Actor, Timestamp};

use crate::Model;
use crate::fixture::{code, guardrails};
use crate::generate::Generator;
use crate::random::Random;

/// A ledger that can be killed.
pub trait Mortal {
    /// The ledger, opened anew after it was killed.
    ///
    /// # Errors
    /// When it cannot be opened.
    fn ledger(&mut self) -> Result<&dyn Ledger, StoreError>;

    /// Kills it: whatever was not committed is gone.
    fn kill(&mut self);

    /// Applies commands and dies within the transaction, before it is committed. A ledger
    /// that cannot be stopped there is killed before it begins.
    fn die_within(&mut self, _batch: &[Request], _at: Timestamp) {
        self.kill();
    }
}

/// What happened in histories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Operations that clients finished.
    pub operations: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Sendings, retries counted.
    pub sent: u64,
    /// Times that the ledger was killed.
    pub killed: u64,
    /// Answers that got lost on the way.
    pub lost: u64,
    /// Standings that were read and checked.
    pub reads: u64,
}

impl Tally {
    /// Adds another.
    pub const fn add(&mut self, other: Self) {
        self.operations += other.operations;
        self.refused += other.refused;
        self.sent += other.sent;
        self.killed += other.killed;
        self.lost += other.lost;
        self.reads += other.reads;
    }
}

/// One client: what it is about, and when it first sent it.
struct Client {
    generator: Generator,
    asks: Option<(Request, Timestamp, u64)>,
    left: u32,
}

/// An operation that took effect.
pub struct Effect {
    /// What was asked.
    pub request: Request,
    /// What it got.
    pub answered: Answered,
    /// The clock of the client.
    pub at: Timestamp,
    /// The turn of its first sending.
    pub from: u64,
    /// The turn of its answer.
    pub to: u64,
}

/// Runs one history: so many clients with so many operations each.
///
/// # Errors
/// With the seed and what did not hold.
pub fn history(
    seed: u64,
    clients: u64,
    operations: u32,
    mortal: &mut dyn Mortal,
) -> Result<Tally, String> {
    let fail = |what: String| format!("seed {seed}: {what}");
    let mut random = Random::new(seed ^ 0x5eed);
    let mut tally = Tally::default();
    let mut all: Vec<Client> = (0..clients)
        .map(|number| Client {
            generator: Generator::new(seed.wrapping_mul(64).wrapping_add(number)).named(number),
            asks: None,
            left: operations,
        })
        .collect();
    let mut effects: BTreeMap<u64, Effect> = BTreeMap::new();
    let mut turn = 0_u64;
    while let Some(place) = busy(&mut random, &all) {
        turn += 1;
        let client = &mut all[place];
        let Some((request, at, from)) = client.asks.clone() else {
            let (request, at) = client.generator.make();
            let ledger = mortal.ledger().map_err(|error| fail(error.to_string()))?;
            tally.reads += read(ledger, &request, at).map_err(fail)?;
            client.asks = Some((request, at, turn));
            continue;
        };
        tally.sent += 1;
        let batch = std::slice::from_ref(&request);
        let fate = random.below(20);
        if fate == 0 {
            mortal.die_within(batch, at);
            tally.killed += 1;
            continue;
        }
        let ledger = mortal.ledger().map_err(|error| fail(error.to_string()))?;
        let mut replies = match ledger.apply(batch, at) {
            Ok(replies) => replies,
            Err(error) if error.fault == StoreFault::OutcomeUnknown => continue,
            Err(error) => return Err(fail(error.to_string())),
        };
        if fate == 1 || fate == 2 {
            // Applied, and the client never hears of it.
            tally.lost += 1;
            if fate == 2 {
                mortal.kill();
                tally.killed += 1;
            }
            continue;
        }
        let reply = replies.remove(0);
        client.generator.learn(&request, &reply);
        client.asks = None;
        client.left -= 1;
        tally.operations += 1;
        match reply {
            Err(_) => tally.refused += 1,
            Ok(answered) => {
                let seq = answered.answer.seq;
                let effect = Effect {
                    request,
                    answered,
                    at,
                    from,
                    to: turn,
                };
                // A client repeats an old request of its own now and then.
                effects.entry(seq).or_insert(effect);
            }
        }
    }
    let ledger = mortal.ledger().map_err(|error| fail(error.to_string()))?;
    check(seed, ledger, &effects)?;
    Ok(tally)
}

/// A client that still has something to do.
fn busy(random: &mut Random, all: &[Client]) -> Option<usize> {
    let left: Vec<usize> = (0..all.len())
        .filter(|place| all[*place].left > 0)
        .collect();
    (!left.is_empty()).then(|| *random.pick(&left))
}

/// Reads a standing and every account that a case touches before it is decided: no cap is
/// exceeded at any read, by what the releases say and not by what the store keeps of it.
/// Gives how many standings it has read.
///
/// # Errors
/// With the account that is exceeded, or what the store said.
pub fn read(ledger: &dyn Ledger, request: &Request, at: Timestamp) -> Result<u64, String> {
    let Command::Decide(it) = &request.command else {
        return Ok(0);
    };
    let standing = ledger.standing(&it.matter, &it.actor, at);
    standing.map_err(|error| error.to_string())?;
    for limit in most(&it.matter, &it.actor) {
        for subject in limit.subjects.iter().flatten() {
            let rows = ledger.accounts(subject, at);
            let rows = rows.map_err(|error| error.to_string())?;
            for row in rows.iter().filter(|row| row.account == limit.account) {
                let often = limit.times.map(i64::from);
                if row.used_minor > limit.limit_minor
                    || often.is_some_and(|most| row.used_times > most)
                {
                    return Err(format!("{} of {subject} is exceeded: {row:?}", row.account));
                }
            }
        }
    }
    Ok(1)
}

/// The most that the accounts of a case can hold, whichever releases booked on them. The later
/// one halves the window of the customer's cap, so that what it allows comes on top of what
/// the earlier one allowed before.
fn most(matter: &Matter, actor: &Actor) -> Vec<LimitRef> {
    let earlier = Matter {
        guardrails: guardrails(),
        ..matter.clone()
    };
    let mut all = limits(&earlier, &actor.id);
    for limit in all
        .iter_mut()
        .filter(|limit| limit.name == code("customer"))
    {
        limit.limit_minor += 6_000;
    }
    all
}

/// The order of the records is an order in which everything could have happened. Effects are
/// by the numbers of their records.
///
/// # Errors
/// With the seed and what did not hold.
pub fn check(
    seed: u64,
    ledger: &dyn Ledger,
    effects: &BTreeMap<u64, Effect>,
) -> Result<(), String> {
    let fail = |what: String| Err(format!("seed {seed}: {what}"));
    let model = Model::new();
    let mut latest_start = 0_u64;
    for (seq, effect) in effects {
        // Nothing is ordered before what had ended when it began.
        if effect.to < latest_start {
            return fail(format!(
                "record {seq} ended before one that is ordered before it began"
            ));
        }
        latest_start = latest_start.max(effect.from);
        let replies = model
            .apply(std::slice::from_ref(&effect.request), effect.at)
            .map_err(|error| format!("seed {seed}: {error}"))?;
        match replies.first() {
            Some(Ok(answered)) if answered.bytes == effect.answered.bytes => {}
            other => {
                return fail(format!(
                    "record {seq} ({}):\n  ledger: {:?}\n  model: {other:?}",
                    effect.request.command.name(),
                    effect.answered.answer
                ));
            }
        }
    }
    // Every acknowledged operation is there, with the same bytes, but for the keys that are
    // forgotten because they are older than the longest window.
    for (seq, effect) in effects {
        let key = &effect.request.key;
        let (ours, theirs) = (ledger.answer(key), model.answer(key));
        match (&ours, &theirs) {
            (Ok(None), Ok(None)) => {}
            (Ok(Some(found)), Ok(Some(_))) if found.bytes == effect.answered.bytes => {}
            _ => return fail(format!("record {seq}: its key now gives {ours:?}")),
        }
    }
    let records = ledger
        .records(0, u32::MAX)
        .map_err(|error| format!("seed {seed}: {error}"))?;
    let gapless = records
        .iter()
        .zip(1..)
        .all(|(row, number)| row.seq == number);
    let hashes = records
        .iter()
        .all(|row| row.leaf == redress_log::merkle::leaf_hash(&row.line));
    if !gapless || !hashes || records.len() as u64 != model.seq() {
        return fail(format!(
            "{} records, the model has {}",
            records.len(),
            model.seq()
        ));
    }
    Ok(())
}
