//! Long runs: seed after seed on every core, and a line now and then that says how far it has
//! come.

use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a run is silent.
const SILENT: Duration = Duration::from_secs(5);

/// The seeds of a run: `LEDGER_SEED` is the first of them, and `LEDGER_HISTORIES` how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seeds {
    /// The first.
    pub first: u64,
    /// How many.
    pub count: u64,
}

/// A number that the environment may give.
///
/// # Panics
/// When what it gives is not a number.
#[must_use]
pub fn number(name: &str, default: u64) -> u64 {
    let found = std::env::var(name).ok();
    found.map_or(default, |text| {
        let number = text.parse();
        number.unwrap_or_else(|_| panic!("{name} is {text:?} and not a number"))
    })
}

impl Seeds {
    /// What the environment asks for, and otherwise so many from the first one on.
    ///
    /// # Panics
    /// When what it asks for are not numbers.
    #[must_use]
    pub fn from_env(count: u64) -> Self {
        Self {
            first: number("LEDGER_SEED", 1),
            count: number("LEDGER_HISTORIES", count),
        }
    }

    /// Runs a trial of each, as many at once as there are cores, or `LEDGER_THREADS`. A trial is
    /// made of its seed alone, so a seed that fails fails again by itself.
    ///
    /// # Panics
    /// With what a trial said, once every thread has ended its own; the one with the lowest seed
    /// if several failed.
    pub fn run<T: Default + Send>(
        self,
        trial: impl Fn(u64) -> Result<T, String> + Sync,
        add: impl Fn(&mut T, T) + Sync,
    ) -> T {
        let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
        let threads = number("LEDGER_THREADS", cores).clamp(1, self.count.max(1));
        let run = Run {
            seeds: self,
            next: AtomicU64::new(self.first),
            progress: Mutex::new(Progress::new(threads)),
        };
        thread::scope(|scope| {
            let threads = (0..threads).map(|place| {
                let (run, trial, add) = (&run, &trial, &add);
                scope.spawn(move || {
                    let mut all = T::default();
                    while let Some(seed) = run.take(place) {
                        let named = Named(seed);
                        match trial(seed) {
                            Ok(one) => add(&mut all, one),
                            Err(what) => run.fail(seed, what),
                        }
                        std::mem::forget(named);
                    }
                    all
                })
            });
            let threads: Vec<_> = threads.collect();
            let mut all = T::default();
            for thread in threads {
                add(&mut all, thread.join().unwrap());
            }
            let progress = run.progress.lock().unwrap();
            if let Some((_, what)) = &progress.failed {
                panic!("{what}");
            }
            all
        })
    }
}

/// Says which seed it was if its trial panics, which says something else.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        let seed = self.0;
        drop(writeln!(
            std::io::stderr(),
            "seed {seed}: its trial panicked"
        ));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a run takes decides nothing in it"
)]
fn now() -> Instant {
    Instant::now()
}

struct Run {
    seeds: Seeds,
    next: AtomicU64,
    progress: Mutex<Progress>,
}

struct Progress {
    /// The seed that each thread is at.
    at: Vec<u64>,
    started: Instant,
    told: Instant,
    failed: Option<(u64, String)>,
}

impl Progress {
    fn new(threads: u64) -> Self {
        let started = now();
        Self {
            at: vec![u64::MAX; usize::try_from(threads).unwrap()],
            started,
            told: started,
            failed: None,
        }
    }
}

impl Run {
    /// The next seed for a thread; none when all are done, or one has failed.
    fn take(&self, thread: u64) -> Option<u64> {
        let Seeds { first, count } = self.seeds;
        let seed = self.next.fetch_add(1, Ordering::Relaxed);
        let left = seed < first + count;
        let mut progress = self.progress.lock().unwrap();
        progress.at[usize::try_from(thread).unwrap()] = if left { seed } else { u64::MAX };
        if progress.told.elapsed() >= SILENT {
            let whole = progress.at.iter().min().unwrap().min(&(first + count)) - first;
            let seconds = progress.started.elapsed().as_secs();
            let goes_on = first + whole;
            progress.told = now();
            let line = format!(
                "{whole} of {count} done in {seconds} s; LEDGER_SEED={goes_on} goes on from here"
            );
            // Past the capture of a test's output: this is for whoever waits.
            drop(writeln!(std::io::stderr(), "{line}"));
        }
        (left && progress.failed.is_none()).then_some(seed)
    }

    fn fail(&self, seed: u64, what: String) {
        let mut progress = self.progress.lock().unwrap();
        if progress
            .failed
            .as_ref()
            .is_none_or(|(other, _)| seed < *other)
        {
            progress.failed = Some((seed, what));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    const SEEDS: Seeds = Seeds {
        first: 7,
        count: 100,
    };

    #[test]
    fn every_seed_is_run_once() {
        let mut all = SEEDS.run(|seed| Ok(vec![seed]), |all, one| all.extend(one));
        all.sort_unstable();
        assert_eq!(all, (7..107).collect::<Vec<_>>());
        let none = Seeds { count: 0, ..SEEDS };
        assert_eq!(none.run(Ok, |all, one| *all += one), 0);
    }

    #[test]
    fn the_lowest_seed_that_failed_is_told() {
        let failing = |seed: u64| match seed {
            20.. => Err(format!("seed {seed}: no")),
            _ => Ok(()),
        };
        let told = catch_unwind(AssertUnwindSafe(|| SEEDS.run(failing, |(), ()| ())));
        let told = told.unwrap_err();
        assert_eq!(told.downcast_ref::<String>().unwrap(), "seed 20: no");
    }
}
