//! Logs, openings, checkpoints and keys as files.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use redress::ledger::DecisionLog as _;
use redress::replay::Replayer;
use redress::{Engine, EngineLimits};
use redress_log::lines::Lines;
use redress_log::note::{NOTE_BYTES_MAX, Note, VerifierKey};
use redress_log::record::LINE_BYTES_MAX;
use redress_log::seal::OpeningLine;
use redress_log::verify::{Leaf, Verified, Verifier, VerifyError};
use redress_log::{Checkpoint, Openings};

use super::args::ReplayOptions;
use crate::failure::Failure;
use crate::input::shown;
use crate::layout::Layout;
use crate::ledger::open::Book;
use crate::ledger::place::Place;
use crate::ledger::store;

/// How much of a log is read at once.
const PIECE_BYTES: usize = 1 << 20;

/// Why a file of a log cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    /// It cannot be read.
    #[error("cannot read {}", shown(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is too long for what it should be.
    #[error("{} is longer than {limit} bytes", shown(path))]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The longest there may be.
        limit: u64,
    },
    /// It holds no key.
    #[error("{} holds no key", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The last records of a ledger are not those that its head was made of.
    #[error("the head of the log is of {size} records, and {found} are there")]
    Head {
        /// How many the head counts.
        size: u64,
        /// How many there are.
        found: u64,
    },
    /// Openings are not in the order of the records.
    #[error("the openings of record {seq} come after those of a later record")]
    Order {
        /// The record.
        seq: u64,
    },
}

/// Opens a file, or standard input.
fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    match File::open(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(source) => Err(unread(path, source)),
    }
}

fn unread(path: &Path, source: io::Error) -> Failure {
    let path = path.to_owned();
    Failure::invalid(SourceError::Read { path, source })
}

/// Where a log is: in a file, or in a ledger.
pub(super) enum Source {
    /// A file of JSON Lines, or standard input.
    File(PathBuf),
    /// A ledger, which also knows openings and checkpoints.
    Ledger(Place, Box<Book>),
}

/// How many records of a ledger are read at once.
const PAGE: u32 = 1_000;

impl Source {
    /// Opens what the command line names: one of the two is there.
    pub(super) fn open(log: Option<&Path>, ledger: Option<&Place>) -> Result<Self, Failure> {
        match (ledger, log) {
            (Some(place), _) => {
                let ledger = crate::ledger::open::to_read(place)?;
                Ok(Self::Ledger(place.clone(), Box::new(ledger)))
            }
            (None, Some(log)) => Ok(Self::File(log.to_owned())),
            (None, None) => Ok(Self::File(PathBuf::from("-"))),
        }
    }

    /// What the log is called in a message: the file of the log, or where the ledger is.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => shown(path),
            Self::Ledger(place, _) => place.to_string(),
        }
    }

    /// Checks the log line by line against checkpoints and gives each line that fits so far.
    pub(super) fn verify(
        &self,
        checkpoints: Vec<Checkpoint>,
        mut take: impl FnMut(&[u8], Leaf) -> Result<(), Failure>,
    ) -> Result<Verified, Failure> {
        let not_the_log = self.not_the_log();
        let mut verifier = Verifier::new(checkpoints).map_err(&not_the_log)?;
        let rest = self.lines(|lines| {
            for leaf in verifier.lines(lines) {
                let (line, leaf) = leaf.map_err(&not_the_log)?;
                take(line, leaf)?;
            }
            Ok(())
        })?;
        verifier.finish(&rest).map_err(&not_the_log)
    }

    /// Gives the lines of the log, many at once, and at last what follows the last newline.
    pub(super) fn lines(
        &self,
        mut take: impl FnMut(&[&[u8]]) -> Result<(), Failure>,
    ) -> Result<Vec<u8>, Failure> {
        let ledger = match self {
            Self::File(path) => return lines(path, take),
            Self::Ledger(_, ledger) => ledger,
        };
        let mut next = 0;
        loop {
            let rows = ledger.lines(next, PAGE).map_err(store)?;
            let Some(last) = rows.last() else {
                return Ok(Vec::new());
            };
            next = last.seq.saturating_add(1);
            take(&rows.iter().map(|row| &*row.line).collect::<Vec<_>>())?;
        }
    }

    /// A log that is not the one that was signed is a gate that does not hold.
    fn not_the_log(&self) -> impl Fn(VerifyError) -> Failure + '_ {
        move |error| {
            let line = match (self, &error) {
                (Self::File(_), VerifyError::BadLeaf { leaf, .. }) => Some(leaf.saturating_add(1)),
                _ => None,
            };
            let failure = Failure::gate(error);
            match line {
                Some(line) => failure.at(format_args!("{}:{line}", self.name())),
                None => failure.at(self.name()),
            }
        }
    }

    /// The signed checkpoints that the ledger keeps, held to the keys; none without a key.
    pub(super) fn checkpoints(&self, keys: &[VerifierKey]) -> Result<Vec<Checkpoint>, Failure> {
        let Self::Ledger(place, ledger) = self else {
            return Ok(Vec::new());
        };
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows = ledger.checkpoints(0, u32::MAX).map_err(store)?;
        let opened = redress::ledger::log::opened(&rows, keys);
        opened.map_err(|error| Failure::gate(error).at(place))
    }

    /// Holds what was read of a ledger against its head: the last records must be there.
    pub(super) fn check_head(&self, verified: &Verified) -> Result<(), Failure> {
        let Self::Ledger(place, ledger) = self else {
            return Ok(());
        };
        // Records that came while it was read are no fault.
        let now = ledger.now().map_err(store)?;
        let (size, root) = now.map_or((0, verified.root), |now| (now.size, now.root));
        if size < verified.size || (size == verified.size && root == verified.root) {
            return Ok(());
        }
        let found = verified.size;
        let more = ledger.lines(found, 1).map_err(store)?;
        if size > found && !more.is_empty() {
            return Ok(());
        }
        Err(Failure::gate(SourceError::Head { size, found }).at(place))
    }
}

/// What opens the sealed values of one record after another.
pub(super) enum OpeningsOf<'s> {
    /// A file, in the order of the records.
    File(OpeningsFile),
    /// A ledger.
    Ledger(&'s Book),
}

impl<'s> OpeningsOf<'s> {
    /// Those of the ledger, or those of the file, or none.
    pub(super) fn new(source: &'s Source, file: Option<&Path>) -> Result<Self, Failure> {
        match source {
            Source::Ledger(_, ledger) => Ok(Self::Ledger(ledger)),
            Source::File(_) => OpeningsFile::open(file).map(Self::File),
        }
    }

    /// The openings of a record. Records must be asked for in order.
    pub(super) fn of(&mut self, seq: u64) -> Result<Openings, Failure> {
        match self {
            Self::File(file) => file.of(seq),
            Self::Ledger(ledger) => ledger.openings(seq).map_err(store),
        }
    }

    /// Reads what is left.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::File(file) => file.finish(),
            Self::Ledger(_) => Ok(()),
        }
    }
}

/// Reads a log piece by piece, gives the lines of each, and at last what follows the last newline.
fn lines(
    path: &Path,
    mut take: impl FnMut(&[&[u8]]) -> Result<(), Failure>,
) -> Result<Vec<u8>, Failure> {
    let mut file = open(path)?;
    let mut lines = Lines::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unread(path, error)),
        };
        lines.feed(piece.get(..read).unwrap_or_default(), &mut take)?;
    }
    Ok(lines.rest().to_vec())
}

/// Reads a small file whole.
pub(super) fn whole(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes);
    read.map_err(|error| unread(path, error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        let path = path.to_owned();
        return Err(Failure::invalid(SourceError::TooLong { path, limit }));
    }
    Ok(bytes)
}

/// Reads a note that may be signed by anybody.
pub(super) fn note(path: &Path) -> Result<Note, Failure> {
    let bytes = whole(path, NOTE_BYTES_MAX)?;
    Note::parse(&bytes).map_err(|error| Failure::invalid(error).at(shown(path)))
}

/// Reads checkpoints and holds them to the keys.
pub(super) fn checkpoints(
    paths: &[PathBuf],
    keys: &[VerifierKey],
) -> Result<Vec<Checkpoint>, Failure> {
    let read = |path: &PathBuf| {
        let checkpoint = Checkpoint::open(&note(path)?, keys);
        checkpoint.map_err(|error| Failure::gate(error).at(shown(path)))
    };
    paths.iter().map(read).collect()
}

/// Reads `--key`: a key, or a file with one on each line.
pub(super) fn keys(given: &[String]) -> Result<Vec<VerifierKey>, Failure> {
    let mut keys = Vec::new();
    for text in given {
        if let Ok(key) = text.parse() {
            keys.push(key);
            continue;
        }
        let path = Path::new(text);
        let bytes = whole(path, PIECE_BYTES)?;
        let before = keys.len();
        let lines = String::from_utf8_lossy(&bytes);
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let key = line.parse();
            keys.push(key.map_err(|error| {
                let error: redress_log::note::BadKey = error;
                Failure::invalid(error).at(shown(path))
            })?);
        }
        if keys.len() == before {
            let path = path.to_owned();
            return Err(Failure::invalid(SourceError::NoKey { path }));
        }
    }
    Ok(keys)
}

/// The openings of one record after another, read from a file in their order.
pub(super) struct OpeningsFile {
    path: PathBuf,
    lines: Option<BufReader<Box<dyn Read>>>,
    next: Option<OpeningLine>,
    line: u64,
}

impl OpeningsFile {
    /// Opens the file; without one, nothing can be opened.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let lines = path.map(open).transpose()?.map(BufReader::new);
        let mut openings = Self {
            path: path.map(Path::to_owned).unwrap_or_default(),
            lines,
            next: None,
            line: 0,
        };
        openings.advance()?;
        Ok(openings)
    }

    fn advance(&mut self) -> Result<(), Failure> {
        self.next = None;
        let Some(lines) = &mut self.lines else {
            return Ok(());
        };
        let mut line = Vec::new();
        let limit = u64::try_from(2 * LINE_BYTES_MAX).unwrap_or(u64::MAX);
        let read = lines.take(limit).read_until(b'\n', &mut line);
        read.map_err(|error| unread(&self.path, error))?;
        if line.is_empty() {
            return Ok(());
        }
        self.line = self.line.saturating_add(1);
        let opening = OpeningLine::parse(line.trim_ascii_end());
        self.next = Some(opening.map_err(|error| self.wrong(error))?);
        Ok(())
    }

    fn wrong(&self, error: impl Into<anyhow::Error>) -> Failure {
        Failure::invalid(error).at(format_args!("{}:{}", shown(&self.path), self.line))
    }

    /// The openings of a record. Records must be asked for in order.
    pub(super) fn of(&mut self, seq: u64) -> Result<Openings, Failure> {
        let mut openings = Openings::default();
        loop {
            let line = self.line;
            let Some(next) = self.take_up_to(seq)? else {
                return Ok(openings);
            };
            if next.seq == seq {
                let at = format!("{}:{line}", shown(&self.path));
                let added = openings.add(next.opening);
                added.map_err(|error| Failure::invalid(error).at(at))?;
            }
        }
    }

    /// Reads what is left, which must be in order too: openings that came too late were
    /// missed.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        while self.take_up_to(u64::MAX)?.is_some() {}
        Ok(())
    }

    /// The next opening, unless it belongs to a later record.
    fn take_up_to(&mut self, seq: u64) -> Result<Option<OpeningLine>, Failure> {
        let Some(next) = self.next.take_if(|next| next.seq <= seq) else {
            return Ok(None);
        };
        self.advance()?;
        match &self.next {
            Some(after) if after.seq < next.seq => {
                Err(self.wrong(SourceError::Order { seq: after.seq }))
            }
            _ => Ok(Some(next)),
        }
    }
}

/// Loads the releases to replay with; `None` if nothing is to be replayed.
pub(super) fn replayer(options: &ReplayOptions) -> Result<Option<Replayer>, Failure> {
    if !options.replay {
        return Ok(None);
    }
    let engine = Engine::new(EngineLimits::STANDARD);
    let layout = Layout::of(&options.policies)?;
    let load = |folder: &PathBuf| engine.load(folder).map_err(Failure::invalid);
    let releases: Result<Vec<_>, _> = layout.releases().iter().map(load).collect();
    Ok(Some(Replayer::new(releases?)))
}
