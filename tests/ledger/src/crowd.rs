//! Crowds: many clients and many sweepers at the same time, in threads of their own. What the
//! threads do between each other differs from run to run; what must hold does not.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use redress_ledger::command::{Clock, Command, Sweep};
use redress_ledger::rows::{EntryState, Ground};
use redress_ledger::{EntriesOf, Ledger, StoreError};
use redress_model::ClaimantId;

use crate::fixture::{
    actor, after, apply, case, code, decide, gives, goodwill, key, matter, promise, request, start,
};
use crate::generate::Generator;
use crate::histories::{Effect, check, read};

/// Lets so many clients do so many operations each, at the same time on one of the ledgers
/// each, all of which keep the same books. No cap is exceeded at any read, the store refuses
/// nobody, and the whole could have happened one by one.
///
/// Gives how many operations took effect.
///
/// # Errors
/// With the seed and what did not hold.
///
/// # Panics
/// When a client does.
pub fn clients(
    seed: u64,
    count: u64,
    operations: u32,
    ledgers: &[&dyn Ledger],
) -> Result<usize, String> {
    let turn = AtomicU64::new(1);
    let next = &|| turn.fetch_add(1, Ordering::SeqCst);
    let told: Vec<Result<Vec<Effect>, String>> = thread::scope(|scope| {
        let of = |client: u64| {
            let ledger = pick(ledgers, client);
            scope.spawn(move || {
                let mut generator =
                    Generator::new(seed.wrapping_mul(64).wrapping_add(client)).named(client);
                let mut effects = Vec::new();
                for _ in 0..operations {
                    let (request, at) = generator.make();
                    read(ledger, &request, at)?;
                    let from = next();
                    let replies = ledger.apply(std::slice::from_ref(&request), at);
                    let mut replies = replies.map_err(|error: StoreError| error.to_string())?;
                    let to = next();
                    let reply = replies.remove(0);
                    generator.learn(&request, &reply);
                    effects.extend(reply.ok().map(|answered| Effect {
                        request,
                        answered,
                        at,
                        from,
                        to,
                    }));
                }
                Ok(effects)
            })
        };
        let threads: Vec<_> = (0..count).map(of).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let mut effects = BTreeMap::new();
    for told in told {
        for effect in told.map_err(|what| format!("seed {seed}: {what}"))? {
            // A client repeats an old request of its own now and then.
            effects.entry(effect.answered.answer.seq).or_insert(effect);
        }
    }
    check(seed, pick(ledgers, 0), &effects)?;
    Ok(effects.len())
}

fn pick<'l>(ledgers: &[&'l dyn Ledger], number: u64) -> &'l dyn Ledger {
    let place = usize::try_from(number).unwrap() % ledgers.len();
    ledgers[place]
}

/// How many promises and how many reservations are due when the sweepers begin.
const DUE: i64 = 24;

/// Lets eight sweepers do at the same time what has become due: late answers are paid once
/// each, and each reservation ends once.
///
/// # Panics
/// When something was done twice or not at all.
pub fn sweepers(ledgers: &[&dyn Ledger]) {
    let first = pick(ledgers, 0);
    for number in 0..DUE {
        let name = format!("{number}");
        let about = matter(case(&name, &name, &format!("late-{number}")));
        let what = gives(Ground::Statutory, "late_reply", 2_500);
        let command = promise(&about, what, Clock::Breach(after(1, number)));
        apply(first, &format!("p{number}"), command, start()).unwrap();
        let name = format!("r{number}");
        let about = matter(case(&name, &name, &format!("kept-{number}")));
        let command = decide(&about, goodwill(700), actor("ann", "agent"));
        apply(first, &name, command, start()).unwrap();
    }
    let begin = Barrier::new(8);
    thread::scope(|scope| {
        for sweeper in 0..8 {
            let (ledger, begin) = (pick(ledgers, sweeper), &begin);
            scope.spawn(move || {
                begin.wait();
                for round in 0..200 {
                    let command = Command::Due(Sweep { limit: 2 });
                    let request = request(key(&format!("sweep {sweeper} {round}")), command);
                    let replies = ledger.apply(&[request], after(20, 0)).unwrap();
                    let answer = &replies[0].as_ref().unwrap().answer;
                    if answer.did == code("nothing_due") {
                        return;
                    }
                }
                panic!("the sweep does not end");
            });
        }
    });
    for number in 0..DUE {
        let entries = |who: &str| {
            let who = ClaimantId::new(&format!("{who}-{number}")).unwrap();
            let entries = first.entries(&EntriesOf::Claimant(who)).unwrap();
            entries
                .iter()
                .map(|row| (row.worth_minor, row.state))
                .collect::<Vec<_>>()
        };
        assert_eq!(entries("late"), [(2_500, EntryState::Granted)]);
        assert_eq!(entries("kept"), [(700, EntryState::Expired)]);
    }
}

/// The customer whose decisions no store takes; see [`beside_a_broken_customer`].
pub const BROKEN: &str = "broken";

/// Lets eight clients decide at the same time, one of them about [`BROKEN`], whose decisions the
/// store must refuse as a broken row would: that client is told each time, and nobody else.
///
/// # Panics
/// When anybody is told anything else.
pub fn beside_a_broken_customer(ledger: &dyn Ledger) {
    let each = 24;
    thread::scope(|scope| {
        for client in 0..8 {
            scope.spawn(move || {
                let customer = if client == 3 {
                    BROKEN.to_owned()
                } else {
                    format!("whole-{client}")
                };
                for number in 0..each {
                    let id = format!("{customer}-{number}");
                    let matter = matter(case(&id, &id, &customer));
                    let command = decide(&matter, goodwill(1), actor("ann", "agent"));
                    let asked = [request(key(&id), command)];
                    let told = ledger.apply(&asked, start()).map_err(|error| error.code());
                    match told {
                        Ok(replies) => assert!(client != 3 && replies[0].is_ok()),
                        Err(code) => assert_eq!((client, code), (3, "ledger_corrupt")),
                    }
                }
            });
        }
    });
    let records = ledger.records(0, u32::MAX).unwrap();
    let numbers: Vec<u64> = records.iter().map(|row| row.seq).collect();
    assert_eq!(numbers, (1..=7 * each).collect::<Vec<u64>>());
}
