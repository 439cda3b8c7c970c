//! Times several contestants in one run, so that what is told is a ratio.
//!
//! On a shared machine a time in nanoseconds says little, but two contestants that
//! take turns in short rounds meet the same weather: the median of their rounds'
//! ratios holds still where their times do not.

use std::time::Duration;

/// How long a race runs.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How often every contestant has its turn.
    pub rounds: u32,
    /// How long a turn lasts, at least.
    pub turn: Duration,
}

impl Effort {
    /// Enough for ratios that hold to a few percent.
    pub const FULL: Self = Self {
        rounds: 101,
        turn: Duration::from_millis(8),
    };

    /// One short turn each: shows that everything runs, measures nothing.
    pub const SMOKE: Self = Self {
        rounds: 1,
        turn: Duration::ZERO,
    };
}

/// Does a contestant's work once and says how long it took.
pub type Pass<'a> = Box<dyn FnMut() -> Duration + 'a>;

struct Contestant<'a> {
    name: &'static str,
    pass: Pass<'a>,
    passes_per_turn: u32,
    /// Nanoseconds for one pass, by round.
    times: Vec<f64>,
}

/// Contestants, each of which does the same work in one pass.
#[derive(Default)]
pub struct Race<'a>(Vec<Contestant<'a>>);

impl<'a> Race<'a> {
    /// Adds a contestant; `pass` does the work once, such as deciding every case.
    pub fn enter(&mut self, name: &'static str, mut pass: impl FnMut() + 'a) {
        self.enter_in_batches(name, 1, |_| (), move |_, ()| pass());
    }

    /// Adds a contestant whose pass comes in batches.
    ///
    /// `prepare` makes what a batch uses up and the place for what comes out of it; both
    /// that and dropping it again are off the clock. Small batches stay in the cache.
    pub fn enter_in_batches<T, R>(
        &mut self,
        name: &'static str,
        batches: usize,
        mut prepare: impl FnMut(usize) -> T + 'a,
        mut work: impl FnMut(usize, T) -> R + 'a,
    ) {
        let mut batch = move |number| {
            let prepared = prepare(number);
            time(|| work(number, prepared))
        };
        self.0.push(Contestant {
            name,
            pass: Box::new(move || (0..batches).map(&mut batch).sum()),
            passes_per_turn: 1,
            times: Vec::new(),
        });
    }

    /// The contestants' passes, for a bench that keeps its own time; each says how long
    /// it took.
    pub fn into_passes(self) -> impl Iterator<Item = (&'static str, Pass<'a>)> {
        self.0
            .into_iter()
            .map(|contestant| (contestant.name, contestant.pass))
    }

    /// Lets every contestant have its turn in every round.
    #[must_use]
    pub fn run(mut self, effort: Effort) -> Times {
        for contestant in &mut self.0 {
            contestant.warm_up(effort.turn);
        }
        for _ in 0..effort.rounds {
            for contestant in &mut self.0 {
                contestant.turn();
            }
        }
        let times = self.0.into_iter();
        Times(
            times
                .map(|contestant| (contestant.name, contestant.times))
                .collect(),
        )
    }
}

impl Contestant<'_> {
    /// Finds how many passes fill a turn, by doubling.
    fn warm_up(&mut self, turn: Duration) {
        while self.passes() < turn {
            self.passes_per_turn = self.passes_per_turn.saturating_mul(2);
        }
    }

    fn turn(&mut self) {
        let time = self.passes().as_secs_f64() * 1e9 / f64::from(self.passes_per_turn);
        self.times.push(time);
    }

    fn passes(&mut self) -> Duration {
        (0..self.passes_per_turn).map(|_| (self.pass)()).sum()
    }
}

/// What a contestant made, held to be in order: whoever fails is fast.
///
/// # Panics
/// When it is an error.
pub fn made<T, E: std::fmt::Debug>(made: Result<T, E>) -> Option<T> {
    let made = std::hint::black_box(made);
    assert!(made.is_ok(), "a contestant failed: {:?}", made.err());
    made.ok()
}

/// How long `work` takes, without dropping what it made.
#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
pub fn time<R>(work: impl FnOnce() -> R) -> Duration {
    let start = std::time::Instant::now();
    let made = work();
    let taken = start.elapsed();
    drop(made);
    taken
}

/// What a race measured.
#[derive(Debug)]
pub struct Times(Vec<(&'static str, Vec<f64>)>);

impl Times {
    /// Who took part, in the order of entry.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    fn of(&self, name: &str) -> &[f64] {
        let found = self.0.iter().find(|(own, _)| *own == name);
        found.map_or(&[], |(_, times)| times)
    }

    /// The median time of one pass in nanoseconds; not a number for an unknown name.
    #[must_use]
    pub fn pass_ns(&self, name: &str) -> f64 {
        median(self.of(name).to_vec())
    }

    /// The median over all rounds of what `figure` makes of the round's times, given in
    /// the order of `names`.
    pub fn median_of<const N: usize>(
        &self,
        names: [&str; N],
        figure: impl Fn([f64; N]) -> f64,
    ) -> f64 {
        let times = names.map(|name| self.of(name));
        let rounds = times.iter().map(|times| times.len()).min().unwrap_or(0);
        let at = |round: usize| times.map(|times| times.get(round).copied().unwrap_or(f64::NAN));
        median((0..rounds).map(|round| figure(at(round))).collect())
    }

    /// How many times as long the first takes as the second.
    #[must_use]
    pub fn ratio(&self, of: &str, to: &str) -> f64 {
        self.median_of([of, to], |[of, to]| of / to)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_the_median_of_the_rounds() {
        let times = Times(vec![
            ("a", vec![2.0, 40.0, 6.0]),
            ("b", vec![1.0, 1.0, 2.0]),
        ]);
        assert!((times.ratio("a", "b") - 3.0).abs() < 1e-9);
        assert!((times.pass_ns("b") - 1.0).abs() < 1e-9);
        assert!(times.pass_ns("c").is_nan());
    }

    #[test]
    fn every_contestant_has_its_turn() {
        let (mut left, mut right) = (0, 0);
        let mut race = Race::default();
        race.enter("left", || left += 1);
        race.enter("right", || right += 1);
        let times = race.run(Effort::SMOKE);
        assert!(times.ratio("left", "right").is_finite());
        assert_eq!((left, right), (2, 2), "once to warm up, once in the round");
    }
}
