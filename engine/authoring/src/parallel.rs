//! Work on every core, with the answers in the order of the questions.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// What becomes of each item, in the items' order. `done` hears how many are done.
///
/// # Panics
/// Where the work panics.
pub fn each<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut done: impl FnMut(usize),
) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let mut answers: Vec<(usize, R)> = Vec::with_capacity(items.len());
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads.min(items.len()) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(place) else {
                        return;
                    };
                    // The receiver lives until every sender is gone.
                    drop(sender.send((place, work(item))));
                }
            });
        }
        drop(sender);
        for answer in receiver {
            answers.push(answer);
            done(answers.len());
        }
    });
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_in_the_order_of_the_questions() {
        let items: Vec<u64> = (0..500).collect();
        let mut heard = Vec::new();
        let work = |item: &u64| {
            // The first take longest.
            (0..(500 - item) * 100).fold(*item, |sum, _| std::hint::black_box(sum))
        };
        assert_eq!(each(&items, work, |count| heard.push(count)), items);
        assert_eq!(heard, (1..=500).collect::<Vec<usize>>());
        assert!(each(&[], |item: &u64| *item, |_| ()).is_empty());
    }
}
