//! A disk in memory that tells what was synced from what was not.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::locks::Locks;

/// Something that changes a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A file comes into being, empty.
    Create {
        /// Its name.
        name: String,
    },
    /// Bytes are written.
    Write {
        /// The file.
        name: String,
        /// Where they begin.
        at: usize,
        /// The bytes.
        bytes: Arc<[u8]>,
    },
    /// A file is made shorter, or longer with zeros.
    Truncate {
        /// The file.
        name: String,
        /// Its new length in bytes.
        length: usize,
    },
    /// What was done to a file becomes durable, its name too, and with the name of a new
    /// journal those of all other files.
    Sync {
        /// The file.
        name: String,
    },
    /// A file is taken away. Without a sync of its folder it may come back.
    Delete {
        /// The file.
        name: String,
        /// Whether that is durable at once.
        synced: bool,
    },
}

/// A change to the bytes of a file that was not synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Write { at: usize, bytes: Arc<[u8]> },
    Truncate { length: usize },
}

impl Change {
    /// Does it to bytes.
    pub(crate) fn make(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Truncate { length } => bytes.resize(*length, 0),
            Self::Write { at, bytes: written } => {
                let end = at + written.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*at..end].copy_from_slice(written);
            }
        }
    }
}

/// One file.
#[derive(Debug, Clone, Default)]
pub(crate) struct File {
    /// What the programs see; `None` once it is deleted.
    pub(crate) current: Option<Vec<u8>>,
    /// What outlives a loss of power for certain; `None` before the first sync.
    pub(crate) durable: Option<Vec<u8>>,
    /// What was done since, in order.
    pub(crate) pending: Vec<Change>,
}

/// The files of a disk.
#[derive(Debug, Clone, Default)]
pub struct Files {
    pub(crate) by_name: BTreeMap<String, File>,
}

impl Files {
    /// Does what an event says.
    pub fn make(&mut self, event: &Event) {
        match event {
            Event::Create { name } => {
                let file = self.by_name.entry(name.clone()).or_default();
                file.current = Some(Vec::new());
                file.pending = vec![Change::Truncate { length: 0 }];
            }
            Event::Write { name, at, bytes } => {
                let (at, bytes) = (*at, Arc::clone(bytes));
                self.change(name, Change::Write { at, bytes });
            }
            Event::Truncate { name, length } => {
                self.change(name, Change::Truncate { length: *length });
            }
            Event::Sync { name } => {
                let is_new = |file: &File| file.durable.is_none();
                if name.contains('-') && self.by_name.get(name).is_some_and(is_new) {
                    self.sync_folder();
                }
                if let Some(file) = self.by_name.get_mut(name) {
                    let durable = file.durable.get_or_insert_default();
                    for change in file.pending.drain(..) {
                        change.make(durable);
                    }
                }
            }
            Event::Delete { name, synced } => {
                if let Some(file) = self.by_name.get_mut(name) {
                    file.current = None;
                    file.pending.clear();
                    if *synced {
                        file.durable = None;
                    }
                }
            }
        }
    }

    /// With the first sync of a journal or a WAL SQLite syncs the folder too: which files there
    /// are becomes durable, and not what is in them.
    fn sync_folder(&mut self) {
        for file in self.by_name.values_mut() {
            match &file.current {
                None => file.durable = None,
                Some(_) => {
                    file.durable.get_or_insert_default();
                }
            }
        }
    }

    fn change(&mut self, name: &str, change: Change) {
        if let Some(file) = self.by_name.get_mut(name)
            && let Some(bytes) = &mut file.current
        {
            change.make(bytes);
            file.pending.push(change);
        }
    }

    /// A sync that fails: the system reports the error once and takes what it holds for clean,
    /// so no later sync writes it (Rebello and others, ATC 2020).
    fn forget(&mut self, name: &str) {
        if let Some(file) = self.by_name.get_mut(name) {
            file.pending.clear();
        }
    }
}

/// How a disk fails while programs go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A write or a sync gives an input or output error.
    Io,
    /// Nothing is written, since the disk is full; syncs still work.
    Full,
    /// Half of a write is written, and then the disk is full.
    Short,
}

/// How long a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// Once.
    Once,
    /// Until it is mended.
    On,
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    fault: Fault,
    lasts: Lasts,
    /// How many writes, cuts and syncs still work.
    left: u64,
    met: bool,
}

/// What goes wrong with one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed(pub(crate) Fault);

#[derive(Debug, Default)]
struct Inside {
    files: Files,
    events: Option<Vec<Event>>,
    plan: Option<Plan>,
    locks: BTreeMap<String, Locks>,
}

/// A disk. Several connections use it at a time.
#[derive(Debug, Default)]
pub struct Disk {
    inside: Mutex<Inside>,
}

impl Disk {
    /// A disk with files on it.
    #[must_use]
    pub fn with(files: Files) -> Self {
        let inside = Inside {
            files,
            ..Inside::default()
        };
        Self {
            inside: Mutex::new(inside),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap()
    }

    /// Notes every event from now on.
    pub fn record(&self) {
        self.inside().events = Some(Vec::new());
    }

    /// The events that were noted so far.
    #[must_use]
    pub fn recorded(&self) -> Vec<Event> {
        self.inside().events.clone().unwrap_or_default()
    }

    /// How many events were noted so far.
    #[must_use]
    pub fn events(&self) -> usize {
        self.inside().events.as_ref().map_or(0, Vec::len)
    }

    /// The files as they are.
    #[must_use]
    pub fn files(&self) -> Files {
        self.inside().files.clone()
    }

    /// Lets the disk fail after so many writes, cuts and syncs.
    pub fn fail(&self, fault: Fault, lasts: Lasts, left: u64) {
        let met = false;
        self.inside().plan = Some(Plan {
            fault,
            lasts,
            left,
            met,
        });
    }

    /// Mends the disk, and tells whether it failed meanwhile.
    pub fn mend(&self) -> bool {
        let plan = self.inside().plan.take();
        plan.is_some_and(|plan| plan.met)
    }

    pub(crate) fn locks<T>(&self, name: &str, with: impl FnOnce(&mut Locks) -> T) -> T {
        with(self.inside().locks.entry(name.to_owned()).or_default())
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        let inside = self.inside();
        let file = inside.files.by_name.get(name);
        file.is_some_and(|file| file.current.is_some())
    }

    pub(crate) fn length(&self, name: &str) -> usize {
        let inside = self.inside();
        let file = inside.files.by_name.get(name);
        let bytes = file.and_then(|file| file.current.as_ref());
        bytes.map_or(0, Vec::len)
    }

    /// Reads what is there, and tells how many bytes.
    pub(crate) fn read(&self, name: &str, at: usize, out: &mut [u8]) -> usize {
        let inside = self.inside();
        let file = inside.files.by_name.get(name);
        let bytes = file.and_then(|file| file.current.as_deref());
        let there = bytes.and_then(|bytes| bytes.get(at..)).unwrap_or_default();
        let count = there.len().min(out.len());
        out[..count].copy_from_slice(&there[..count]);
        out[count..].fill(0);
        count
    }

    /// Does what an event says, unless the disk fails.
    pub(crate) fn make(&self, event: Event) -> Result<(), Failed> {
        let mut inside = self.inside();
        match inside.due(&event) {
            None => {
                inside.made(event);
                Ok(())
            }
            Some(fault) => {
                match (fault, event) {
                    (Fault::Io, Event::Sync { name }) => inside.files.forget(&name),
                    (Fault::Short, Event::Write { name, at, bytes }) => {
                        let bytes = bytes[..bytes.len() / 2].into();
                        inside.made(Event::Write { name, at, bytes });
                    }
                    _ => {}
                }
                Err(Failed(fault))
            }
        }
    }
}

impl Inside {
    fn made(&mut self, event: Event) {
        self.files.make(&event);
        if let Some(events) = &mut self.events {
            events.push(event);
        }
    }

    /// The fault that an event meets.
    fn due(&mut self, event: &Event) -> Option<Fault> {
        let plan = self.plan.as_mut()?;
        let meets = match event {
            Event::Write { .. } => true,
            Event::Truncate { .. } => plan.fault == Fault::Io,
            Event::Sync { .. } => plan.fault == Fault::Io,
            Event::Create { .. } | Event::Delete { .. } => false,
        };
        if !meets || (plan.met && plan.lasts == Lasts::Once) {
            return None;
        }
        match plan.left.checked_sub(1) {
            Some(left) => {
                plan.left = left;
                None
            }
            None => {
                plan.met = true;
                Some(plan.fault)
            }
        }
    }
}
