//! `redress bindings`: what a policy in C needs to know of a release.

use redress_abi::bindings::c_header;
use redress_release::{Interface, SourceFolder};

use crate::args::BindingsArgs;
use crate::failure::{Exit, Failure};
use crate::term;

/// Runs `redress bindings`.
///
/// The policy itself is not looked at: its header comes before it.
pub(crate) fn run(args: &BindingsArgs) -> Result<Exit, Failure> {
    let folder = SourceFolder::open(&args.release).map_err(Failure::invalid)?;
    let Interface {
        schema,
        tables,
        rounding,
    } = folder.interface().map_err(Failure::invalid)?;
    term::put(c_header(&schema, &tables, rounding).as_bytes())?;
    Ok(Exit::Ok)
}
