//! `redress lsp`.

use clap::Args;
use lsp_server::Connection;
use redress_editor::server;

use crate::failure::{Exit, Failure};

/// `redress lsp`
#[derive(Debug, Args)]
#[command(after_help = "\
An editor starts this and speaks the Language Server Protocol with it over standard
input and output. engine/editor/docs/editors.md tells how to set up VS Code, Neovim,
Helix and Emacs.

Examples:
  redress lsp")]
pub(crate) struct LspArgs {}

/// Runs `redress lsp`.
pub(crate) fn run(_: &LspArgs) -> Result<Exit, Failure> {
    let (connection, threads) = Connection::stdio();
    let served = server::serve(&connection);
    // The thread that writes ends once nobody can send to it any more.
    drop(connection);
    match served {
        Ok(()) => threads.join()?,
        // An editor that was killed says no goodbye, and its pipes end with it.
        Err(server::ServeError::Gone) => {}
        Err(error) => return Err(Failure::invalid(error)),
    }
    Ok(Exit::Ok)
}
