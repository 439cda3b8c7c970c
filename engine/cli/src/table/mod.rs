//! `redress table`: what is done with the tables of a release.

mod args;
mod import;

pub(crate) use self::args::{TableArgs, TableCommand};
use crate::failure::{Exit, Failure};

/// Runs `redress table`.
pub(crate) fn run(args: &TableArgs) -> Result<Exit, Failure> {
    match &args.command {
        TableCommand::Import(args) => import::run(args),
    }
}
