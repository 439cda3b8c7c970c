use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use redress_ledger::Ledger as _;
use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::fixture::key;
use redress_ledger_trials::generate::Generator;
use redress_model::Digest;
use tempfile::TempDir;

fn number(name: &str, default: u64) -> u64 {
    let found = std::env::var(name).ok();
    found.map_or(default, |text| text.parse().unwrap_or(default))
}

/// The process that is killed: it applies generated commands for ever and says of each that
/// was carried out, after its commit, which key and which bytes.
fn victim(path: &Path, seed: u64) {
    let Ok(ledger) = SqliteLedger::open(path) else {
        return;
    };
    let mut generator = Generator::new(seed).named(seed);
    loop {
        let (request, at) = generator.make();
        let Ok(replies) = ledger.apply(std::slice::from_ref(&request), at) else {
            return;
        };
        let Some(reply) = replies.first() else {
            return;
        };
        if let Ok(answered) = reply {
            println!(
                "ack {} {}",
                request.key.as_str(),
                Digest::of(&answered.bytes)
            );
            generator.learn(&request, reply);
        }
    }
}

/// What a victim said of what was carried out: keys and digests of answers.
type Heard = Vec<(String, String)>;

/// Starts a victim that seeds its commands with a number, and gives its lines as they come.
fn start(mut program: Command, test: &str, path: &Path, seed: u64) -> (Child, Lines) {
    let mut child = program
        .args(["--exact", test, "--nocapture"])
        .env("LEDGER_VICTIM", path)
        .env("LEDGER_SEED", seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

type Lines = std::io::Lines<BufReader<ChildStdout>>;

/// The acknowledgement in a line, if there is a whole one.
fn acknowledged(line: &str) -> Option<(String, String)> {
    let (name, digest) = line.split("ack ").nth(1)?.split_once(' ')?;
    // The last line of a killed process may be cut short.
    Digest::from_hex(digest).map(|_| (name.to_owned(), digest.to_owned()))
}

/// Opens the ledger after a kill: everything that was heard is there, and every record whole.
/// Gives how much of it was found.
fn found(path: &Path, heard: &Heard, when: &str) -> usize {
    let ledger = SqliteLedger::open(path).unwrap();
    let mut count = 0;
    for (name, digest) in heard {
        // A key may have been forgotten by a sweep, once it is older than the longest window.
        if let Some(found) = ledger.answer(&key(name)).unwrap() {
            let now = Digest::of(&found.bytes).to_string();
            assert_eq!(now, *digest, "{when}, {name}");
            count += 1;
        }
    }
    let records = ledger.records(0, u32::MAX).unwrap();
    let mut numbered = records.iter().zip(1..);
    assert!(numbered.all(|(row, number)| row.seq == number), "{when}");
    let hash = |line: &[u8]| redress_log::merkle::leaf_hash(line);
    let whole = records.iter().all(|row| row.leaf == hash(&row.line));
    assert!(whole, "{when}: a record does not match its hash");
    count
}

#[test]
fn what_was_acknowledged_outlives_a_killed_process() {
    let test = "trials::what_was_acknowledged_outlives_a_killed_process";
    if let Ok(path) = std::env::var("LEDGER_VICTIM") {
        return victim(Path::new(&path), number("LEDGER_SEED", 1));
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger");
    let (mut all, kills) = (0, number("LEDGER_KILLS", 5));
    for round in 0..kills {
        let program = Command::new(std::env::current_exe().unwrap());
        let (mut child, lines) = start(program, test, &path, 1_000 + round);
        let mut heard = Heard::new();
        // Somewhere after some acknowledgements, wherever the process is just then.
        let until = 3 + (round * 7) % 40;
        for line in lines {
            heard.extend(acknowledged(&line.unwrap()));
            if u64::try_from(heard.len()) == Ok(until) {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        all += found(&path, &heard, &format!("round {round}"));
    }
    println!("{kills} kills, {all} acknowledged operations found again");
    assert!(u64::try_from(all).unwrap() > kills);
}

/// The system calls that leave something behind, or look at what was left.
const CALLS: &str = "openat,read,pread64,write,pwrite64,fsync,fdatasync,ftruncate,fcntl,unlink,close,mmap,munmap,lseek";

#[test]
fn what_was_acknowledged_outlives_a_kill_at_any_system_call() {
    let test = "trials::what_was_acknowledged_outlives_a_kill_at_any_system_call";
    if let Ok(path) = std::env::var("LEDGER_VICTIM") {
        return victim(Path::new(&path), number("LEDGER_SEED", 1));
    }
    let mut traces = Command::new("strace");
    traces.args(["-f", "-o", "/dev/null", "true"]);
    if !traces.output().is_ok_and(|output| output.status.success()) {
        println!("skipped {test}: strace is not here, or may not trace");
        return;
    }
    let folder = TempDir::new().unwrap();
    let (mut all, kills) = (0, number("LEDGER_KILLS", 24));
    for round in 0..kills {
        // A new file now and then, so that making one is met as well.
        let path = folder.path().join((round / 8).to_string());
        let at = 20 + (round * 211) % 1_499;
        let mut program = Command::new("strace");
        program.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
        program.args([format!("trace={CALLS}"), "-e".to_owned()]);
        program.arg(format!("inject={CALLS}:signal=KILL:when={at}"));
        program.arg(std::env::current_exe().unwrap());
        let (mut child, lines) = start(program, test, &path, 2_000 + round);
        let heard: Heard = lines
            .filter_map(|line| acknowledged(&line.unwrap()))
            .collect();
        child.wait().unwrap();
        all += found(&path, &heard, &format!("system call {at} of round {round}"));
    }
    println!("{kills} kills at system calls, {all} acknowledged operations found again");
    assert!(all > 0);
}
