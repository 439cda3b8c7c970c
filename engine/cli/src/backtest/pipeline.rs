//! One thread cuts blocks, many work on them, the caller gets the results in order.
//!
//! A fixed number of parcels goes round, so memory does not grow with the history and
//! buffers are used again. Which worker takes which block is left to chance; whatever
//! reaches the output must not depend on it.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::history::{Block, Blocks};

/// What a thread does with the blocks that it gets.
pub(super) trait Worker: Send {
    /// Works on one block, appends what the caller shall write, and returns how many
    /// records there were.
    fn block(&mut self, block: &Block, out: &mut Vec<u8>) -> u64;
}

/// Why a pipeline stopped before the end.
#[derive(Debug, thiserror::Error)]
pub(super) enum PipelineError {
    /// The history could not be read on.
    #[error("line {line}: {source}")]
    Read {
        /// The last line that was read whole.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// The result could not be written.
    #[error("cannot write the result")]
    Write(#[source] io::Error),
    /// A worker panicked.
    #[error("a worker thread panicked")]
    Panicked,
}

#[derive(Default)]
struct Parcel {
    block: Block,
    out: Vec<u8>,
    records: u64,
}

/// Runs the workers over all blocks; `sink` gets each block's output and number of
/// records, in the order of the history.
///
/// # Errors
/// [`PipelineError`] when reading, writing or a worker fails.
pub(super) fn run<W: Worker>(
    mut blocks: Blocks,
    workers: Vec<W>,
    mut sink: impl FnMut(&[u8], u64) -> io::Result<()>,
) -> Result<Vec<W>, PipelineError> {
    let (free, to_fill) = channel();
    let (filled, to_do) = channel();
    let (done, to_write) = channel();
    for _ in 0..workers.len() * 2 + 2 {
        // The receiver is in this very function.
        let _ = free.send(Parcel::default());
    }
    let to_do = Mutex::new(to_do);
    thread::scope(|scope| {
        let cutter = scope.spawn(move || {
            let cut = cut(&mut blocks, &to_fill, &filled);
            cut.map_err(|source| PipelineError::Read {
                line: blocks.line(),
                source,
            })
        });
        let workers: Vec<_> = workers
            .into_iter()
            .map(|worker| {
                let (to_do, done) = (&to_do, done.clone());
                scope.spawn(move || work(worker, to_do, &done))
            })
            .collect();
        drop(done);
        let written = in_order(to_write, free, &mut sink);
        let cut = cutter.join().map_err(|_| PipelineError::Panicked)?;
        let workers: Result<Vec<W>, _> = workers.into_iter().map(|worker| worker.join()).collect();
        let workers = workers.map_err(|_| PipelineError::Panicked)?;
        written.map_err(PipelineError::Write)?;
        cut.map(|()| workers)
    })
}

/// Fills parcels until the history ends or nobody is left to take them.
fn cut(blocks: &mut Blocks, free: &Receiver<Parcel>, filled: &Sender<Parcel>) -> io::Result<()> {
    while let Ok(mut parcel) = free.recv() {
        if !blocks.next_into(&mut parcel.block)? || filled.send(parcel).is_err() {
            break;
        }
    }
    Ok(())
}

fn work<W: Worker>(mut worker: W, to_do: &Mutex<Receiver<Parcel>>, done: &Sender<Parcel>) -> W {
    loop {
        let next = to_do.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut parcel) = next else {
            return worker;
        };
        parcel.out.clear();
        parcel.records = worker.block(&parcel.block, &mut parcel.out);
        if done.send(parcel).is_err() {
            return worker;
        }
    }
}

/// Hands results to `sink` in the order of their blocks and sends the parcels round.
fn in_order(
    done: Receiver<Parcel>,
    free: Sender<Parcel>,
    sink: &mut impl FnMut(&[u8], u64) -> io::Result<()>,
) -> io::Result<()> {
    let mut early = BTreeMap::new();
    let mut next = 0_u64;
    for parcel in done {
        early.insert(parcel.block.number, parcel);
        while let Some(parcel) = early.remove(&next) {
            sink(&parcel.out, parcel.records)?;
            next += 1;
            // Once the history has ended nobody takes parcels any more.
            let _ = free.send(parcel);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::history::{Progress, from_reader};

    struct Echo;

    impl Worker for Echo {
        fn block(&mut self, block: &Block, out: &mut Vec<u8>) -> u64 {
            out.extend_from_slice(&block.bytes);
            1
        }
    }

    fn blocks(text: &str) -> Blocks {
        let source = Cursor::new(text.as_bytes().to_vec());
        let history = from_reader(source, "history", Progress::default());
        history.unwrap().blocks
    }

    fn text() -> String {
        (0..400_000).map(|line| format!("row {line}\n")).collect()
    }

    #[test]
    fn results_come_in_the_order_of_the_history() {
        let text = text();
        for threads in [1, 2, 7] {
            let mut out = Vec::new();
            let workers = (0..threads).map(|_| Echo).collect();
            let sink = |bytes: &[u8], _| {
                out.extend_from_slice(bytes);
                Ok(())
            };
            let back = run(blocks(&text), workers, sink).unwrap();
            assert_eq!(back.len(), threads);
            let (_, rows) = text.split_once('\n').unwrap();
            assert!(out == rows.as_bytes(), "{threads} threads");
        }
    }

    #[test]
    fn a_closed_pipe_ends_every_thread() {
        let closed = |_: &[u8], _| Err(io::Error::from(io::ErrorKind::BrokenPipe));
        let error = run(blocks(&text()), vec![Echo, Echo], closed)
            .err()
            .unwrap();
        assert!(matches!(error, PipelineError::Write(_)));
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told() {
        let text = format!("id\na\n{}", "x".repeat(4 * 1024 * 1024));
        let error = run(blocks(&text), vec![Echo], |_, _| Ok(())).err().unwrap();
        assert!(matches!(error, PipelineError::Read { .. }), "{error}");
    }
}
