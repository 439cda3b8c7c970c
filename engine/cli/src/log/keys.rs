//! `redress log keygen` and `redress log sign`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use redress::ledger::{DecisionLog as _, Signing};
use redress_log::Checkpoint;
use redress_log::note::{BadKey, KeyName, SignerKey, VerifierKey};

use super::args::{KeygenArgs, SignArgs};
use super::source::{self, Source};
use crate::failure::{Exit, Failure};
use crate::input::shown;
use crate::ledger::open::{self, unfit_key};
use crate::ledger::place::Place;
use crate::ledger::store;
use crate::term;

/// The longest file of a key, in bytes.
const KEY_BYTES_MAX: usize = 4 * 1024;

/// Why there is no key, or none that may be used.
#[derive(Debug, thiserror::Error)]
enum KeyError {
    /// The file cannot be made.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// Others can read the private key.
    #[error("{} can be read by others (mode {mode:03o})", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A public key signs nothing.
    #[error("{} is a public key, and the private one signs", path.display())]
    Public {
        /// The file.
        path: PathBuf,
    },
    /// Nothing is recorded, so there is nothing to sign.
    #[error("the ledger has recorded nothing yet")]
    Empty,
    /// The key has the name of another log.
    #[error("the key is of {key}, and the log is {log}")]
    OtherLog {
        /// The name of the key.
        key: KeyName,
        /// The name of the log.
        log: String,
    },
}

/// Runs `redress log keygen`.
pub(super) fn generate(args: &KeygenArgs) -> Result<Exit, Failure> {
    let name = KeyName::new(&args.name).map_err(Failure::usage)?;
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Failure::internal(KeyError::Random(error)))?;
    let key = SignerKey::from_seed(name, &seed);
    write_private(&args.out, &key.to_private_text()).map_err(|source| {
        let exists = source.kind() == io::ErrorKind::AlreadyExists;
        let path = args.out.clone();
        let failure = Failure::usage(KeyError::Write { path, source });
        if exists {
            failure.help("a key is never overwritten; name a file that does not exist")
        } else {
            failure
        }
    })?;
    term::put(format!("{}\n", key.verifier()).as_bytes())?;
    term::tell(&format!(
        "the private key is in {}; only its owner can read it\n",
        args.out.display()
    ));
    Ok(Exit::Ok)
}

/// Writes a new file that only its owner can read, before anything is in it.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file: File = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// The permissions that others than the owner have.
#[cfg(unix)]
fn exposed(path: &Path) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// Where files have no such permissions there is nothing to hold them to.
#[cfg(not(unix))]
fn exposed(path: &Path) -> io::Result<Option<u32>> {
    fs::metadata(path).map(|_| None)
}

/// Reads a private key that nobody else can read.
pub(crate) fn signer(path: &Path) -> Result<SignerKey, Failure> {
    let bytes = source::whole(path, KEY_BYTES_MAX)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim();
    if text.parse::<VerifierKey>().is_ok() {
        let path = path.to_owned();
        let help = "the private key is in the file that `redress log keygen --out` named";
        return Err(Failure::usage(KeyError::Public { path }).help(help));
    }
    if let Ok(Some(mode)) = exposed(path) {
        let exposed = KeyError::Exposed {
            path: path.to_owned(),
            mode,
        };
        let help = format!("chmod 600 {}, and think about a new key", path.display());
        return Err(Failure::usage(exposed).help(help));
    }
    let key = text.parse();
    key.map_err(|error: BadKey| Failure::usage(error).at(shown(path)))
}

/// Runs `redress log sign`.
pub(super) fn sign(args: &SignArgs) -> Result<Exit, Failure> {
    let key = signer(&args.key)?;
    if let Some(place) = &args.ledger {
        return sign_ledger(place, key);
    }
    let after: Vec<PathBuf> = args.after.iter().cloned().collect();
    let checkpoints = source::checkpoints(&after, &[key.verifier()])?;
    let source = Source::open(args.log.as_deref(), None)?;
    let verified = source.verify(checkpoints, |_, _| Ok(()))?;
    let log = verified.origin.as_ref();
    if log != Some(key.name()) {
        return Err(Failure::usage(KeyError::OtherLog {
            key: key.name().clone(),
            log: log.map_or("empty".to_owned(), ToString::to_string),
        }));
    }
    let checkpoint = Checkpoint {
        origin: key.name().clone(),
        size: verified.size,
        root: verified.root,
    };
    let note = checkpoint.sign(&key).map_err(Failure::internal)?;
    term::put(note.to_string().as_bytes())?;
    Ok(Exit::Ok)
}

/// Signs a checkpoint of a ledger's log, which the ledger keeps too.
fn sign_ledger(place: &Place, key: SignerKey) -> Result<Exit, Failure> {
    let ledger = open::to_write(place, None)?;
    let log = ledger.now().map_err(store)?;
    let signed = ledger.sign(&Signing::with(key));
    let signed = signed.map_err(|error| unfit_key(error, log.as_ref()))?;
    let signed = signed.ok_or_else(|| Failure::usage(KeyError::Empty))?;
    term::put(signed.note.as_bytes())?;
    Ok(Exit::Ok)
}
