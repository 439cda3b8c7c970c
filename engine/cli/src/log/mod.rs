//! `redress log`: the decision log, offline.

mod args;
mod evidence;
mod export;
mod inspect;
mod keys;
mod prove;
mod source;
mod verify;

pub(crate) use self::args::LogArgs;
use self::args::LogCommand;
pub(crate) use self::evidence::{EvidenceArgs, run as evidence};
pub(crate) use self::keys::signer;
use crate::failure::{Exit, Failure};

/// Runs `redress log`.
pub(crate) fn run(args: &LogArgs) -> Result<Exit, Failure> {
    match &args.command {
        LogCommand::Verify(args) => verify::run(args),
        LogCommand::Prove(args) => prove::run(args),
        LogCommand::Receipt(args) => inspect::run(args),
        LogCommand::Export(args) => export::run(args),
        LogCommand::Keygen(args) => keys::generate(args),
        LogCommand::Sign(args) => keys::sign(args),
    }
}
