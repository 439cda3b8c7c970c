//! `redress bindings`: what a policy in C needs to know of a release.

use redress_abi::bindings::c_header;
use redress_release::SourceFolder;

use crate::args::BindingsArgs;
use crate::failure::{Exit, Failure};
use crate::term;

/// Runs `redress bindings`.
///
/// The policy itself is not compiled: its header comes before it.
pub(crate) fn run(args: &BindingsArgs) -> Result<Exit, Failure> {
    let release = SourceFolder::read(&args.release).map_err(Failure::invalid)?;
    let rounding = release.manifest().rounding;
    term::put(c_header(release.schema(), release.tables(), rounding).as_bytes())?;
    Ok(Exit::Ok)
}
