//! One workload, and every moment at which the disk below it can fail.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redress_ledger::digest::digest;
use redress_ledger::{
    DecisionLog as _, Ledger as _, Memory, Reply, Request, StoreError, StoreFault, Timestamp,
};
use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::generate::Generator;
use redress_ledger_trials::random::Random;
use redress_log::verify::Verifier;
use redress_model::Digest;
use rusqlite::{Connection, OpenFlags};

use crate::disk::{Disk, Event, Fault, Files, Lasts};
use crate::power::{Loss, lost};
use crate::vfs::{FILES, Mount, VFS};

/// How many operations go on after a fault, the one that met it among them.
const ON: usize = 3;

/// How many events an operation may have more than it had when it was recorded.
const MORE: u64 = 8;

/// Operations with the answers that they get, and what the ledger is before and after each.
pub struct Workload {
    seed: u64,
    steps: Vec<(Request, Timestamp, Reply)>,
    digests: Vec<Digest>,
}

impl Workload {
    /// So many operations of the generator, with what a ledger in memory makes of them.
    ///
    /// # Panics
    /// When the ledger in memory fails.
    #[must_use]
    pub fn new(seed: u64, operations: usize) -> Self {
        let memory = Memory::new();
        let mut generator = Generator::new(seed);
        let mut digests = vec![digest(&memory).unwrap()];
        let mut steps = Vec::new();
        for _ in 0..operations {
            let (request, at) = generator.make();
            let mut replies = memory.apply(std::slice::from_ref(&request), at).unwrap();
            let reply = replies.remove(0);
            generator.learn(&request, &reply);
            digests.push(digest(&memory).unwrap());
            steps.push((request, at, reply));
        }
        Self {
            seed,
            steps,
            digests,
        }
    }

    /// Sends an operation, and tells whether it was answered as it must be.
    fn send(&self, ledger: &SqliteLedger, step: usize) -> Result<Result<(), String>, StoreError> {
        let (request, at, expected) = &self.steps[step];
        let replies = ledger.apply(std::slice::from_ref(request), *at)?;
        let same = match (&replies[0], expected) {
            (Ok(found), Ok(expected)) => found.bytes == expected.bytes,
            (Err(found), Err(expected)) => found == expected,
            _ => false,
        };
        Ok(if same {
            Ok(())
        } else {
            Err(format!(
                "operation {step} was answered with {:?} and not with {expected:?}",
                replies[0]
            ))
        })
    }

    /// Sends the operations from one on, which must all be carried out, and tells how many are
    /// acknowledged then.
    fn go_on(&self, ledger: &SqliteLedger, from: usize, count: usize) -> Result<usize, String> {
        let to = (from + count).min(self.steps.len());
        for step in from..to {
            let sent = self.send(ledger, step);
            sent.map_err(|error| format!("operation {step} failed: {error}"))??;
        }
        self.is_at(ledger, &[to])?;
        Ok(to)
    }

    /// How many operations a ledger holds, which must be one of these.
    fn is_at(&self, ledger: &SqliteLedger, allowed: &[usize]) -> Result<usize, String> {
        let found = digest(ledger).map_err(|error| format!("it does not read: {error}"))?;
        let mut allowed_here = allowed.iter().filter(|count| **count < self.digests.len());
        let at = allowed_here.find(|count| self.digests[**count] == found);
        at.copied().ok_or_else(|| {
            let is = self.digests.iter().position(|digest| *digest == found);
            match is {
                Some(is) => format!("it holds {is} operations, and must hold one of {allowed:?}"),
                None => format!("it holds half an operation, and must hold one of {allowed:?}"),
            }
        })
    }
}

/// What a run of trials met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Writes, cuts and syncs of the workload.
    pub events: u64,
    /// Losses of power that were tried.
    pub losses: u64,
    /// Those after which the operation on its way was there.
    pub arrived: u64,
    /// Failures of a disk that were tried while the ledger went on.
    pub faults: u64,
    /// Those of which the ledger told that the outcome was unknown.
    pub unknown: u64,
    /// Those that the operation did not notice.
    pub unnoticed: u64,
}

impl Tally {
    /// Adds what another thread met.
    pub const fn add(&mut self, other: Self) {
        self.losses += other.losses;
        self.arrived += other.arrived;
        self.faults += other.faults;
        self.unknown += other.unknown;
        self.unnoticed += other.unnoticed;
    }

    /// How many moments were tried.
    #[must_use]
    pub const fn points(&self) -> u64 {
        self.losses + self.faults
    }
}

/// Which of all moments are tried: every one whose mixed number leaves this rest.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// One of so many.
    pub of: u64,
    /// The rest.
    pub rest: u64,
}

impl Share {
    /// Moments that are alike have numbers at equal distances, so the numbers are mixed first.
    const fn has(self, number: u64) -> bool {
        Random::new(number).bits() % self.of == self.rest
    }
}

/// A workload that ran once on a disk that did not fail, with everything that it did to it.
pub struct Recording {
    workload: Workload,
    folder: String,
    events: Vec<Event>,
    /// How many events there were when so many operations were acknowledged.
    ends: Vec<usize>,
}

impl Recording {
    /// Runs a workload. The folder is where the lock of the one writer is.
    ///
    /// # Panics
    /// When the ledger fails on a disk that does not.
    #[must_use]
    pub fn new(workload: Workload, folder: &Path) -> Self {
        let folder = folder.canonicalize().unwrap().to_str().unwrap().to_owned();
        let disk = Arc::new(Disk::default());
        disk.record();
        let mut ends = Vec::new();
        let ledger = Opened::new(&folder, Arc::clone(&disk)).unwrap();
        ends.push(disk.events());
        for step in 0..workload.steps.len() {
            workload.send(&ledger.ledger, step).unwrap().unwrap();
            ends.push(disk.events());
        }
        drop(ledger);
        Self {
            folder,
            events: disk.recorded(),
            ends,
            workload,
        }
    }

    /// How many writes, cuts and syncs there were.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events.len() as u64
    }

    /// Loses power before every event of a share, in every way, and once after the last.
    ///
    /// # Errors
    /// What was wrong, and when.
    pub fn lose_power(&self, share: Share, tally: &mut Tally) -> Result<(), String> {
        let mut files = Files::default();
        for number in 0..=self.events.len() {
            // Before a ledger is open, nobody was told anything.
            let acknowledged = self
                .ends
                .iter()
                .rposition(|end| *end <= number)
                .unwrap_or(0);
            for (place, loss) in Loss::ALL.into_iter().enumerate() {
                let point = number as u64 * Loss::ALL.len() as u64 + place as u64;
                if !share.has(point) {
                    continue;
                }
                let mut random = Random::new(self.workload.seed ^ (point << 20));
                let left = lost(&files, loss, &mut random);
                let arrived = self.check(left, acknowledged);
                let arrived = arrived.map_err(|what| {
                    let seed = self.workload.seed;
                    format!(
                        "seed {seed}, before event {number}, what was not synced {loss:?}: {what}"
                    )
                })?;
                tally.losses += 1;
                tally.arrived += u64::from(arrived > acknowledged);
            }
            if let Some(event) = self.events.get(number) {
                files.make(event);
            }
        }
        Ok(())
    }

    /// Lets every write, cut and sync of every operation of a share fail, in every way, while
    /// the ledger goes on; then loses power, once at a moment after that and once at the end.
    /// Operations before `from` are carried out on a disk that does not fail.
    ///
    /// # Errors
    /// What was wrong, and when.
    pub fn fail(&self, from: usize, share: Share, tally: &mut Tally) -> Result<(), String> {
        const WAYS: [(Fault, Lasts); 4] = [
            (Fault::Io, Lasts::Once),
            (Fault::Io, Lasts::On),
            (Fault::Full, Lasts::On),
            (Fault::Short, Lasts::Once),
        ];
        let mut files = Files::default();
        let mut made = 0;
        for step in 0..self.workload.steps.len() {
            for event in &self.events[made..self.ends[step]] {
                files.make(event);
            }
            made = self.ends[step];
            if step < from {
                continue;
            }
            // On a ledger that was opened anew an operation may take some writes more.
            let most = (self.ends[step + 1] - made) as u64 + MORE;
            for (way, (fault, lasts)) in WAYS.into_iter().enumerate() {
                for left in 0..most {
                    let point = ((step * WAYS.len() + way) as u64) << 32 | left;
                    if !share.has(point) {
                        continue;
                    }
                    let mut random = Random::new(self.workload.seed ^ (point << 20));
                    let met = self.fault(&files, step, (fault, lasts, left), &mut random, tally);
                    let met = met.map_err(|what| {
                        let seed = self.workload.seed;
                        format!("seed {seed}, operation {step}, {fault:?} {lasts:?} after {left}: {what}")
                    })?;
                    if !met {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// One operation on a disk that fails; `false` if it ended before the disk did.
    fn fault(
        &self,
        files: &Files,
        step: usize,
        (fault, lasts, left): (Fault, Lasts, u64),
        random: &mut Random,
        tally: &mut Tally,
    ) -> Result<bool, String> {
        let disk = Arc::new(Disk::with(files.clone()));
        let opened = Opened::new(&self.folder, Arc::clone(&disk));
        let opened = opened.map_err(|error| format!("it does not open: {error}"))?;
        let ledger = &opened.ledger;
        // A reader that stays keeps the WAL from being written back when the writer gives up.
        if step % 2 == 1 {
            self.workload.is_at(ledger, &[step])?;
        }
        disk.fail(fault, lasts, left);
        let sent = self.workload.send(ledger, step);
        if !disk.mend() {
            return Ok(false);
        }
        tally.faults += 1;
        let told = match sent {
            Ok(same) => {
                same?;
                tally.unnoticed += 1;
                self.workload.is_at(ledger, &[step + 1])?;
                step + 1
            }
            Err(error) if error.fault == StoreFault::OutcomeUnknown => {
                tally.unknown += 1;
                self.workload.is_at(ledger, &[step, step + 1])?;
                step
            }
            Err(error) if [StoreFault::Io, StoreFault::Full].contains(&error.fault) => {
                self.workload.is_at(ledger, &[step])?;
                step
            }
            Err(error) => return Err(format!("it was told as {error}")),
        };
        // Every other time the process is killed, and another goes on with what the system
        // shows, which after a sync that failed is more than the disk has.
        let mut files = disk.files();
        let (opened, disk) = if (step as u64 / 2 + left).is_multiple_of(2) {
            disk.record();
            (opened, disk)
        } else {
            drop(opened);
            let disk = Arc::new(Disk::with(files.clone()));
            disk.record();
            let opened = Opened::new(&self.folder, Arc::clone(&disk));
            let opened = opened.map_err(|error| format!("it does not open again: {error}"))?;
            (opened, disk)
        };
        // The client asks again, with the same key, and others come after it.
        let (mut acknowledged, mut ends) = (step, Vec::new());
        for _ in 0..ON {
            let before = acknowledged;
            acknowledged = self.workload.go_on(&opened.ledger, acknowledged, 1)?;
            // After the last operation there is nothing to acknowledge.
            ends.extend((acknowledged > before).then(|| disk.events()));
        }
        let left = lost(&disk.files(), Loss::Lost, random);
        drop(opened);
        let after = self.check(left, acknowledged);
        after.map_err(|what| format!("after a loss of power later on: {what}"))?;

        let events = disk.recorded();
        let number = random.below(events.len() as u64 + 1) as usize;
        for event in &events[..number] {
            files.make(event);
        }
        let loss = Loss::ALL[random.below(Loss::ALL.len() as u64) as usize];
        let acknowledged = step + ends.iter().filter(|end| **end <= number).count();
        let after = self.check(lost(&files, loss, random), acknowledged.max(told));
        after.map_err(|what| {
            let of = events.len();
            format!("after a loss of power {number} of {of} events on, {loss:?}: {what}")
        })?;
        Ok(true)
    }

    /// Opens what a loss of power left and holds it against what was acknowledged. Tells how
    /// many operations it holds.
    fn check(&self, left: Files, acknowledged: usize) -> Result<usize, String> {
        let disk = Arc::new(Disk::with(left));
        let opened = Opened::new(&self.folder, disk);
        let opened = opened.map_err(|error| format!("it does not open: {error}"))?;
        let ledger = &opened.ledger;
        let workload = &self.workload;
        let held = workload.is_at(ledger, &[acknowledged, acknowledged + 1])?;
        verify(ledger).map_err(|what| format!("its log does not verify: {what}"))?;
        opened.check_pages()?;
        workload.go_on(ledger, acknowledged, ON)?;
        Ok(held)
    }
}

/// The log of a ledger, held against its own head.
fn verify(ledger: &SqliteLedger) -> Result<(), String> {
    let told = |error: StoreError| error.to_string();
    let Some(head) = ledger.now().map_err(told)? else {
        return Ok(());
    };
    let mut verifier = Verifier::new(Vec::new()).map_err(|error| error.to_string())?;
    for row in ledger.lines(0, u32::MAX).map_err(told)? {
        let line = verifier.line(&row.line);
        line.map_err(|error| error.to_string())?;
    }
    let found = verifier.finish(b"").map_err(|error| error.to_string())?;
    if (found.size, found.root) == (head.size, head.root) {
        return Ok(());
    }
    Err(format!(
        "{} records and a head of {}",
        found.size, head.size
    ))
}

/// A ledger on a disk. The ledger is dropped before the disk.
struct Opened {
    ledger: SqliteLedger,
    path: String,
    _mount: Mount,
}

impl Opened {
    fn new(folder: &str, disk: Arc<Disk>) -> Result<Self, StoreError> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let path = format!("{folder}/{number}");
        let mount = Mount::new(&path, disk);
        let opened = SqliteLedger::open_with(Path::new(&path), FILES);
        drop(std::fs::remove_file(format!("{path}.lock")));
        Ok(Self {
            ledger: opened?,
            path,
            _mount: mount,
        })
    }

    /// SQLite's own check of every page and index.
    fn check_pages(&self) -> Result<(), String> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let check = || {
            let connection = Connection::open_with_flags_and_vfs(&self.path, flags, VFS)?;
            connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))
        };
        match check() {
            Ok(found) if found == "ok" => Ok(()),
            Ok(found) => Err(format!("its pages are damaged: {found}")),
            Err(error) => Err(format!("its pages cannot be checked: {error}")),
        }
    }
}
