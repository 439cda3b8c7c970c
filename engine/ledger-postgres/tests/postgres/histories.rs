//! Histories of clients whose connections are ended within transactions, and of clients in
//! processes of their own whose connections and whose server are killed.
//!
//! `LEDGER_HISTORIES=2000 cargo test --release -p redress-ledger-postgres histories` is the
//! long run.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use postgres::Client;
use redress_ledger::{
    Answered, Ledger, Replay, Request, Store as _, StoreError, StoreFault, engine,
};
use redress_ledger_postgres::PostgresLedger;
use redress_ledger_trials::generate::Generator;
use redress_ledger_trials::histories::{Effect, Mortal, Tally, check, history, read};
use redress_ledger_trials::random::Random;
use redress_model::Timestamp;

use redress_ledger_trials::campaign::{Seeds, number};
use redress_ledger_trials::server::{Server, terminate};

const CLIENTS: u64 = 8;
const OPERATIONS: u64 = 50;

/// How often connections are ended in one history, before what is left may come to its end.
const ROUNDS: u64 = 40;

/// How long a client waits before it asks again, so that eight of them leave the machine to a
/// server that is starting.
const PAUSE: Duration = Duration::from_millis(1);

struct InPostgres {
    ledger: PostgresLedger,
    control: Client,
    name: String,
}

impl Mortal for InPostgres {
    fn ledger(&mut self) -> Result<&dyn Ledger, StoreError> {
        Ok(&self.ledger)
    }

    fn kill(&mut self) {
        terminate(&mut self.control, &self.name);
    }

    fn die_within(&mut self, batch: &[Request], at: Timestamp) {
        let died = self.ledger.write(&mut |tables| {
            engine::apply(tables, batch, at, None)?;
            terminate(&mut self.control, &self.name);
            Ok(())
        });
        assert_eq!(died.unwrap_err().fault, StoreFault::OutcomeUnknown);
    }
}

#[test]
fn every_history_in_postgresql_could_have_happened_one_by_one() {
    let test = "every_history_in_postgresql_could_have_happened_one_by_one";
    let Some(server) = Server::shared(test) else {
        return;
    };
    let seeds = Seeds::from_env(1);
    let one = |seed| {
        let (url, name) = server.schema();
        let mut mortal = InPostgres {
            ledger: PostgresLedger::open(&url).unwrap(),
            control: server.control(),
            name: name.clone(),
        };
        let tally = history(seed, CLIENTS, 50, &mut mortal);
        drop(mortal.ledger);
        // What is there of a seed that failed stays to be looked at.
        if tally.is_ok() {
            server.forget(&name);
        }
        tally
    };
    let all = seeds.run(one, Tally::add);
    println!("{seeds:?}: {all:?}");
    assert_eq!(all.operations, seeds.count * CLIENTS * OPERATIONS);
    assert!(all.killed > 0 && all.lost > 0 && all.reads > 0, "{all:?}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is ordered is what happened on one machine"
)]
fn nanoseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_nanos()).unwrap()
}

/// Whether asking again with the same key is what there is to do.
fn is_passing(error: &StoreError) -> bool {
    matches!(
        error.fault,
        StoreFault::OutcomeUnknown | StoreFault::Unreachable | StoreFault::Locked
    )
}

/// A client in a process of its own: it sends each request until it has an answer, and says
/// what it got, when it first asked and when it heard.
fn client(url: &str) {
    let (seed, number) = (number("LEDGER_SEED", 1), number("LEDGER_CLIENT", 0));
    let mut generator = Generator::new(seed * 64 + number).named(number);
    // The server may be down just now.
    let open = || loop {
        match PostgresLedger::open(url) {
            Ok(ledger) => return ledger,
            Err(error) if is_passing(&error) => std::thread::sleep(PAUSE),
            Err(error) => panic!("{error}"),
        }
    };
    let ledger = open();
    for _ in 0..OPERATIONS {
        let (request, at) = generator.make();
        if let Err(what) = read(&ledger, &request, at) {
            assert!(what.starts_with("ledger_unreachable"), "{what}");
        }
        let (from, mut sent) = (nanoseconds(), 0_u64);
        let reply = loop {
            sent += 1;
            match ledger.apply(std::slice::from_ref(&request), at) {
                Ok(mut replies) => break replies.remove(0),
                Err(error) if is_passing(&error) => std::thread::sleep(PAUSE),
                Err(error) => panic!("{error}"),
            }
        };
        let to = nanoseconds();
        generator.learn(&request, &reply);
        match reply {
            Err(refused) => println!("\nsaid {sent} {from} {to} refused {}", refused.code()),
            Ok(answered) => {
                let replay = match answered.replay {
                    Replay::First => "first",
                    Replay::Again => "again",
                };
                let bytes = String::from_utf8(answered.bytes).unwrap();
                println!("\nsaid {sent} {from} {to} {replay} {bytes}");
            }
        }
    }
}

fn start(url: &str, seed: u64, client: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "histories::what_processes_were_told_outlives_killed_connections_and_servers",
            "--nocapture",
        ])
        .env("LEDGER_CLIENT_OF", url)
        .env("LEDGER_SEED", seed.to_string())
        .env("LEDGER_CLIENT", client.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the clients were told, each request made again from the seed.
fn heard(seed: u64, lines: &[Vec<String>], tally: &mut Tally) -> BTreeMap<u64, Effect> {
    let mut effects = BTreeMap::new();
    for (client, lines) in (0..).zip(lines) {
        let mut generator = Generator::new(seed * 64 + client).named(client);
        assert_eq!(
            u64::try_from(lines.len()),
            Ok(OPERATIONS),
            "seed {seed}, client {client}"
        );
        for line in lines {
            let (request, at) = generator.make();
            let mut parts = line.splitn(5, ' ');
            let mut next = || parts.next().unwrap();
            let (sent, from, to) = (next(), next(), next());
            let (replay, bytes) = (next(), next().as_bytes().to_vec());
            tally.sent += sent.parse::<u64>().unwrap();
            tally.operations += 1;
            if replay == "refused" {
                tally.refused += 1;
                continue;
            }
            let answered = Answered {
                answer: serde_json::from_slice(&bytes).unwrap(),
                bytes,
                replay: if replay == "first" {
                    Replay::First
                } else {
                    Replay::Again
                },
            };
            generator.learn(&request, &Ok(answered.clone()));
            let effect = Effect {
                request,
                at,
                from: from.parse().unwrap(),
                to: to.parse().unwrap(),
                answered,
            };
            effects.entry(effect.answered.answer.seq).or_insert(effect);
        }
    }
    effects
}

#[test]
fn what_processes_were_told_outlives_killed_connections_and_servers() {
    if let Ok(url) = std::env::var("LEDGER_CLIENT_OF") {
        return client(&url);
    }
    let test = "what_processes_were_told_outlives_killed_connections_and_servers";
    let Some(server) = Server::own(test) else {
        return;
    };
    // A history kills the server, so there is one at a time; its clients take every core.
    let server = Mutex::new(server);
    let seeds = Seeds::from_env(2);
    let one = |seed| killed(seed, &server.lock().unwrap());
    let (all, crashes) = seeds.run(one, |(all, crashes), (tally, crashed)| {
        all.add(tally);
        *crashes += crashed;
    });
    println!("{seeds:?}: {crashes} crashes, {all:?}");
    assert_eq!(all.operations, seeds.count * CLIENTS * OPERATIONS);
    assert!(crashes > 0 && all.killed > 0, "{all:?}");
}

/// One history of processes. Gives how often the server was killed beside what happened.
fn killed(seed: u64, server: &Server) -> Result<(Tally, u64), String> {
    let (mut all, mut crashes) = (Tally::default(), 0);
    let (url, name) = server.schema();
    let mut children: Vec<Child> = (0..CLIENTS)
        .map(|client| start(&url, seed, client))
        .collect();
    let readers: Vec<_> = children
        .iter_mut()
        .map(|child| {
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            std::thread::spawn(move || {
                let said = lines.map(Result::unwrap);
                let said = said.filter_map(|line| Some(line.strip_prefix("said ")?.to_owned()));
                said.collect::<Vec<String>>()
            })
        })
        .collect();
    let mut random = Random::new(seed ^ 0xdead);
    let mut control = server.control();
    // Once in a history the whole server goes, in between some connections.
    let crash_at = 2 + random.below(6);
    let mut round = 0;
    while readers.iter().any(|reader| !reader.is_finished()) {
        round += 1;
        if round > ROUNDS {
            break;
        }
        if round == crash_at {
            drop(control);
            server.crash();
            control = server.control();
            crashes += 1;
        } else {
            let text = "SELECT pg_terminate_backend(pid), pg_sleep(0.02) \
                 FROM pg_stat_activity WHERE application_name = $1 \
                 ORDER BY md5(pid::text || $2) LIMIT 2";
            let salt = random.below(1 << 30).to_string();
            all.killed += control.execute(text, &[&name, &salt]).unwrap();
        }
    }
    for child in &mut children {
        assert!(child.wait().unwrap().success(), "seed {seed}");
    }
    let lines: Vec<Vec<String>> = readers
        .into_iter()
        .map(|reader| reader.join().unwrap())
        .collect();
    let effects = heard(seed, &lines, &mut all);
    let ledger = PostgresLedger::open(&url).unwrap();
    check(seed, &ledger, &effects)?;
    drop(ledger);
    server.forget(&name);
    Ok((all, crashes))
}
