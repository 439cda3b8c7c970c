//! `redress release`: archives, signatures and what is in force.

mod activate;
pub(crate) mod args;
mod build;
pub(crate) mod files;
pub(crate) mod history;
mod sign;

use self::args::{ReleaseArgs, ReleaseCommand};
use crate::failure::{Exit, Failure};

/// Runs `redress release`.
pub(crate) fn run(args: &ReleaseArgs) -> Result<Exit, Failure> {
    match &args.command {
        ReleaseCommand::Build(args) => build::build(args),
        ReleaseCommand::Show(args) => build::show(args),
        ReleaseCommand::Key(args) => sign::key(args),
        ReleaseCommand::Sign(args) => sign::sign(args),
        ReleaseCommand::Verify(args) => sign::verify(args),
        ReleaseCommand::Activate(args) => activate::run(args),
        ReleaseCommand::List(args) => history::list(args),
        ReleaseCommand::At(args) => history::at(args),
    }
}
