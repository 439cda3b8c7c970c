//! Group commit: whoever commits at the same time shares one commit.
//!
//! Each caller puts its batch into a queue. Whoever finds nobody at work takes the whole
//! queue and commits it in one transaction, while the next ones queue up behind. So a sync of
//! the disk is paid once for a group, and nobody waits longer than for two.
//!
//! Nobody fails for what another one asked. Where an error concerns one batch
//! ([`StoreFault::concerns`]), such as a row of one customer that does not read back, the group
//! is halved and tried again until whoever it concerns stands alone; where it concerns the
//! store, everybody is told at once.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex};

use redress_model::Timestamp;

use crate::answer::Reply;
use crate::command::Request;
use crate::engine;
use crate::store::{Concerns, Store, StoreError, StoreFault};

/// The most commands that share a commit, so that none waits for an endless group.
const COMMANDS_MAX: usize = 512;

/// One caller's batch.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The commands.
    pub(crate) batch: Vec<Request>,
    /// The caller's clock.
    pub(crate) at: Timestamp,
}

type Answered = Result<Vec<Reply>, StoreError>;

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    waiting: BTreeMap<u64, Job>,
    done: BTreeMap<u64, Answered>,
    is_at_work: bool,
}

/// The queue before one writer.
#[derive(Debug, Default)]
pub struct Group {
    queue: Mutex<Queue>,
    changed: Condvar,
}

impl Group {
    /// A queue with nobody in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until the batch was committed to the store, by this caller or by another.
    ///
    /// # Errors
    /// What the store gave for the batch, or for everybody.
    pub fn submit(&self, store: &dyn Store, batch: &[Request], at: Timestamp) -> Answered {
        let poisoned = |_| StoreError::poisoned();
        let mut queue = self.queue.lock().map_err(poisoned)?;
        let own = queue.next;
        queue.next = own.saturating_add(1);
        let job = Job {
            batch: batch.to_vec(),
            at,
        };
        queue.waiting.insert(own, job);
        loop {
            if let Some(answered) = queue.done.remove(&own) {
                return answered;
            }
            if queue.is_at_work {
                queue = self.changed.wait(queue).map_err(poisoned)?;
                continue;
            }
            queue.is_at_work = true;
            let (numbers, jobs) = take(&mut queue.waiting);
            drop(queue);
            let turn = Turn {
                group: self,
                own,
                numbers,
            };
            let mut answers = Vec::with_capacity(jobs.len());
            commit(store, &jobs, &mut answers);
            turn.end(answers);
            queue = self.queue.lock().map_err(poisoned)?;
        }
    }

    /// Answers a group and lets the next caller go to work.
    fn answer(&self, answered: impl Iterator<Item = (u64, Answered)>) {
        // A queue whose lock is poisoned tells everybody so by itself.
        if let Ok(mut queue) = self.queue.lock() {
            queue.is_at_work = false;
            queue.done.extend(answered);
        }
        self.changed.notify_all();
    }
}

/// A caller at work for a group. Whatever becomes of it, the others do not wait for ever.
struct Turn<'g> {
    group: &'g Group,
    own: u64,
    numbers: Vec<u64>,
}

impl Turn<'_> {
    fn end(mut self, answers: Vec<Answered>) {
        let numbers = std::mem::take(&mut self.numbers).into_iter();
        self.group.answer(numbers.zip(answers));
    }
}

impl Drop for Turn<'_> {
    /// Answers those whose caller at work panicked, which may have been after the commit.
    fn drop(&mut self) {
        let numbers = std::mem::take(&mut self.numbers);
        if numbers.is_empty() {
            return;
        }
        let what = "the thread that committed for this group died";
        let error = StoreError::new(StoreFault::OutcomeUnknown, what);
        // Nobody is there any more to fetch the answer of the one that died.
        let others = numbers.into_iter().filter(|number| *number != self.own);
        self.group
            .answer(others.map(|number| (number, Err(error.clone()))));
    }
}

/// Carries out jobs in one transaction, and in two where an error concerns one of them. Gives an
/// answer for each, in order.
fn commit(store: &dyn Store, jobs: &[Job], answers: &mut Vec<Answered>) {
    let mut replies = Vec::new();
    let committed = store.write(&mut |tables| {
        replies = engine::apply_all(tables, jobs, store.signing())?;
        Ok(())
    });
    match committed {
        Ok(()) => answers.extend(replies.into_iter().map(Ok)),
        Err(error) if error.fault.concerns() == Concerns::One && jobs.len() > 1 => {
            let (first, rest) = jobs.split_at(jobs.len() / 2);
            commit(store, first, answers);
            commit(store, rest, answers);
        }
        Err(error) => answers.extend(jobs.iter().map(|_| Err(error.clone()))),
    }
}

/// The jobs of the next group, the longest waiting first: at least one.
fn take(waiting: &mut BTreeMap<u64, Job>) -> (Vec<u64>, Vec<Job>) {
    let (mut numbers, mut jobs, mut commands) = (Vec::new(), Vec::new(), 0_usize);
    while let Some((_, job)) = waiting.first_key_value() {
        commands = commands.saturating_add(job.batch.len());
        if commands > COMMANDS_MAX && !jobs.is_empty() {
            break;
        }
        if let Some((number, job)) = waiting.pop_first() {
            numbers.push(number);
            jobs.push(job);
        }
    }
    (numbers, jobs)
}

#[cfg(test)]
mod tests;
