//! Who holds which lock of a file and of the shared memory beside it.

use std::collections::BTreeSet;

/// Who opened a file.
pub(crate) type Holder = u64;

/// A lock on a file, as SQLite's own documentation of its locking orders them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    None,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

/// How many locks there are in shared memory: `SQLITE_SHM_NLOCK`.
pub(crate) const SLOTS: usize = 8;

/// The locks of one file.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    shared: BTreeSet<Holder>,
    reserved: Option<Holder>,
    pending: Option<Holder>,
    exclusive: Option<Holder>,
    slots: [Slot; SLOTS],
}

#[derive(Debug, Default)]
struct Slot {
    shared: BTreeSet<Holder>,
    exclusive: Option<Holder>,
}

/// Somebody else holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy;

impl Locks {
    /// Takes a lock on the file, of which a lower one is held.
    pub(crate) fn take(&mut self, who: Holder, level: Level) -> Result<(), Busy> {
        let others = |held: &Option<Holder>| held.is_some_and(|holder| holder != who);
        match level {
            Level::None => {}
            Level::Shared => {
                if others(&self.pending) || others(&self.exclusive) {
                    return Err(Busy);
                }
                self.shared.insert(who);
            }
            Level::Reserved => {
                if others(&self.reserved) {
                    return Err(Busy);
                }
                self.reserved = Some(who);
            }
            Level::Pending | Level::Exclusive => {
                if others(&self.reserved) || others(&self.pending) {
                    return Err(Busy);
                }
                self.pending = Some(who);
                if self.shared.iter().any(|holder| *holder != who) {
                    return Err(Busy);
                }
                if level == Level::Exclusive {
                    self.exclusive = Some(who);
                }
            }
        }
        Ok(())
    }

    /// Gives everything back that is above a level.
    pub(crate) fn release(&mut self, who: Holder, level: Level) {
        for held in [&mut self.exclusive, &mut self.pending, &mut self.reserved] {
            held.take_if(|holder| *holder == who);
        }
        if level == Level::None {
            self.shared.remove(&who);
        }
    }

    pub(crate) const fn is_reserved(&self) -> bool {
        self.reserved.is_some() || self.pending.is_some() || self.exclusive.is_some()
    }

    /// Takes slots of the shared memory, all or none.
    pub(crate) fn take_slots(
        &mut self,
        who: Holder,
        slots: std::ops::Range<usize>,
        exclusive: Exclusive,
    ) -> Result<(), Busy> {
        let free = |slot: &Slot| {
            let held = slot.exclusive.is_some_and(|holder| holder != who);
            let read = slot.shared.iter().any(|holder| *holder != who);
            !held && (exclusive == Exclusive::No || !read)
        };
        if !self.slots[slots.clone()].iter().all(free) {
            return Err(Busy);
        }
        for slot in &mut self.slots[slots] {
            match exclusive {
                Exclusive::Yes => slot.exclusive = Some(who),
                Exclusive::No => {
                    slot.shared.insert(who);
                }
            }
        }
        Ok(())
    }

    /// Gives slots back.
    pub(crate) fn release_slots(&mut self, who: Holder, slots: std::ops::Range<usize>) {
        for slot in &mut self.slots[slots] {
            slot.exclusive.take_if(|holder| *holder == who);
            slot.shared.remove(&who);
        }
    }
}

/// Whether a lock is held by one alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exclusive {
    Yes,
    No,
}
