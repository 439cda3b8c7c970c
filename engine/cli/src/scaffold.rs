//! `redress new`: a release folder to start from.

use redress_release::{ReleaseName, scaffold};

use crate::args::NewArgs;
use crate::failure::{Exit, Failure};
use crate::term::{self, Tone};

/// Runs `redress new`.
pub(crate) fn run(args: &NewArgs) -> Result<Exit, Failure> {
    let name: ReleaseName = args.name.parse().map_err(Failure::usage)?;
    let folder = scaffold(&name, &args.dir).map_err(Failure::usage)?;
    term::print(&format!("{}\n", folder.display()))?;
    let (created, dir) = (Tone::Good.paint("created"), folder.display());
    term::tell(&format!(
        "{created} {name}; next: edit its cases and its policy, then run\n  redress test {dir}\n"
    ));
    Ok(Exit::Ok)
}
