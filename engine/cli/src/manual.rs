//! `redress completions` and `redress man`, made from the command line's own definition.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::args::{Cli, CompletionsArgs, ManArgs};
use crate::failure::{Exit, Failure};
use crate::term;

/// Why the manual pages cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
struct ManError {
    path: PathBuf,
    source: io::Error,
}

/// Runs `redress completions`.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "redress", &mut script);
    term::put(&script)?;
    Ok(Exit::Ok)
}

/// Runs `redress man`: a page for the program and one for each command.
pub(crate) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let failed = |path: PathBuf| move |source| Failure::internal(ManError { path, source });
    fs::create_dir_all(&args.dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), &args.dir))
        .map_err(failed(args.dir.clone()))?;
    Ok(Exit::Ok)
}
