//! What a loss of power leaves of a disk.

use redress_ledger_trials::random::Random;

use crate::disk::{Change, File, Files};

/// How much a disk writes at once: what was given in one piece of so many bytes is there or
/// not, and larger pieces may be torn between them.
const SECTOR_BYTES: usize = 512;

/// What becomes of that which was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of it is lost.
    Lost,
    /// All of it was written all the same, as when only the process was killed.
    Kept,
    /// A beginning of it was written, and the last piece of that only in part.
    Torn,
    /// Some sectors of it were written and others not, in no order.
    Reordered,
}

impl Loss {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Lost, Self::Kept, Self::Torn, Self::Reordered];
}

/// The files after a loss of power, all of them durable.
#[must_use]
pub fn lost(files: &Files, loss: Loss, random: &mut Random) -> Files {
    let mut left = Files::default();
    for (name, file) in &files.by_name {
        if let Some(bytes) = after(file, loss, random) {
            let file = File {
                current: Some(bytes.clone()),
                durable: Some(bytes),
                pending: Vec::new(),
            };
            left.by_name.insert(name.clone(), file);
        }
    }
    left
}

fn after(file: &File, loss: Loss, random: &mut Random) -> Option<Vec<u8>> {
    match (loss, &file.durable, &file.current) {
        (Loss::Kept, _, current) => current.clone(),
        (Loss::Lost, durable, _) => durable.clone(),
        // A deletion that was not synced may have come through or not.
        (_, durable, None) => random.chance(50).then(|| durable.clone()).flatten(),
        // So may the name of a file that is new.
        (_, None, Some(_)) if random.chance(30) => None,
        (Loss::Torn, durable, Some(_)) => {
            let mut bytes = durable.clone().unwrap_or_default();
            let count = random.below(file.pending.len() as u64 + 1) as usize;
            for change in &file.pending[..count] {
                change.make(&mut bytes);
            }
            if let Some(Change::Write { at, bytes: torn }) = file.pending.get(count) {
                let length = random.below(torn.len() as u64 + 1) as usize;
                let (at, bytes_torn) = (*at, torn[..length].into());
                Change::Write {
                    at,
                    bytes: bytes_torn,
                }
                .make(&mut bytes);
            }
            Some(bytes)
        }
        (Loss::Reordered, durable, Some(_)) => {
            let mut bytes = durable.clone().unwrap_or_default();
            for change in &file.pending {
                for piece in sectors(change) {
                    if random.chance(50) {
                        piece.make(&mut bytes);
                    }
                }
            }
            Some(bytes)
        }
    }
}

/// A change in pieces of which each is written as a whole.
fn sectors(change: &Change) -> Vec<Change> {
    let Change::Write { at, bytes } = change else {
        return vec![change.clone()];
    };
    let (mut pieces, mut from) = (Vec::new(), 0);
    while from < bytes.len() {
        // Pieces end where sectors of the disk do.
        let to = ((at + from) / SECTOR_BYTES + 1) * SECTOR_BYTES - at;
        let to = to.min(bytes.len());
        let (at, bytes) = (at + from, bytes[from..to].into());
        pieces.push(Change::Write { at, bytes });
        from = to;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Event;

    fn write(at: usize, byte: u8, length: usize) -> Event {
        let (name, bytes) = ("f".to_owned(), vec![byte; length].into());
        Event::Write { name, at, bytes }
    }

    /// What each loss may leave of a file of which a part was synced.
    #[test]
    fn what_was_synced_stays_and_what_was_not_is_lost_in_every_way() {
        let mut files = Files::default();
        let name = || "f".to_owned();
        files.make(&Event::Create { name: name() });
        files.make(&write(0, 1, 1_024));
        files.make(&Event::Sync { name: name() });
        files.make(&write(256, 2, 1_024));
        let left = |loss, seed| {
            let after = lost(&files, loss, &mut Random::new(seed));
            after.by_name["f"].current.clone().unwrap()
        };
        assert_eq!(left(Loss::Lost, 0), vec![1; 1_024]);
        let kept = left(Loss::Kept, 0);
        assert_eq!((kept.len(), kept[255], kept[256]), (1_280, 1, 2));
        let (mut torn, mut holes) = (0, 0);
        for seed in 0..64 {
            let bytes = left(Loss::Torn, seed);
            let twos = bytes.iter().filter(|byte| **byte == 2).count();
            torn += usize::from(twos > 0 && twos < 1_024);
            assert!(bytes[256..256 + twos].iter().all(|byte| *byte == 2));
            let bytes = left(Loss::Reordered, seed);
            assert_eq!(bytes[..256], [1; 256]);
            holes += usize::from(bytes[300] != 2 && bytes[600] == 2);
        }
        assert!(torn > 10 && holes > 5, "{torn} {holes}");
    }
}
