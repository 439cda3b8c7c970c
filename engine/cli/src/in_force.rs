//! `--store`: decides with whatever is in force, checked again before it decides.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use redress::ledger::Ledger;
use redress::source::ReleaseName;
use redress::source::activation::{FolderStore, Voucher};
use redress::{Engine, InForce, InForceError, Timestamp};

use crate::failure::Failure;
use crate::ledger;
use crate::release::files;
use crate::release::history::store_failed;

/// Where what is in force is kept, and who stands in for it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "In force")]
pub(crate) struct InForceArgs {
    /// Decide with the release in force in this folder, as `redress release activate` keeps
    /// it; POLICY is then the policy's name
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, requires = "word")]
    pub(crate) store: Option<PathBuf>,
    /// Whose signatures count; they are checked again before anything is decided
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "store", group = "word")]
    pub(crate) trust: Option<PathBuf>,
    /// Decide although no signature is checked
    #[arg(long, requires = "store", group = "word")]
    pub(crate) without_signatures: bool,
}

/// What is in force of a policy.
pub(crate) fn load(
    engine: &Engine,
    args: &InForceArgs,
    folder: &std::path::Path,
    name: &std::path::Path,
) -> Result<InForce, Failure> {
    let name: ReleaseName =
        name.to_str().unwrap_or_default().parse().map_err(|error| {
            Failure::usage(error).help("with --store, POLICY is a policy's name")
        })?;
    let trust = args.trust.as_deref().map(files::trust).transpose()?;
    let voucher = match &trust {
        Some(trust) => Voucher::Trust(trust),
        // clap lets nobody come here without `--without-signatures`.
        None => Voucher::Unchecked,
    };
    let store = FolderStore::open(folder).map_err(store_failed)?;
    InForce::load(engine, &store, &name, voucher).map_err(failed)
}

/// Holds what is in force against what a ledger knows, and puts it on record there.
pub(crate) fn announce(
    in_force: &InForce,
    ledger: &dyn Ledger,
    at: Timestamp,
) -> Result<(), Failure> {
    in_force
        .announce(ledger, at, ledger::seed()?)
        .map_err(failed)
}

fn failed(error: InForceError) -> Failure {
    match error {
        InForceError::Vouch(_) | InForceError::Downgraded { .. } | InForceError::Differs { .. } => {
            Failure::gate(error)
        }
        error => Failure::invalid(error),
    }
}
