//! `redress release activate`.

use redress::ledger::Ledger;
use redress::{Engine, EngineLimits, InForce, InForceError};
use redress_release::activation::{
    self, Activation, ActivationStore as _, Asked, FolderStore, Voucher, timetable,
};
use redress_release::archive::Archive;
use redress_release::signing::Revision;

use super::args::ActivateArgs;
use super::history::{store_failed, warrant};
use super::{build, files};
use crate::failure::{Exit, Failure};
use crate::in_force;
use crate::ledger;
use crate::term::{self, Tone};

/// Puts a release in force.
pub(super) fn run(args: &ActivateArgs) -> Result<Exit, Failure> {
    let archive = files::archive(&args.archive)?;
    let (now, today) = files::now()?;
    let signed = match &args.trust {
        Some(trust) => {
            let path = files::envelope_path(args.envelope.as_ref(), &args.archive);
            Some((files::envelope(&path)?, files::trust(trust)?))
        }
        None => None,
    };
    let asked = match &signed {
        Some((envelope, trust)) => Asked::Signed { envelope, trust },
        // clap lets nobody come here without `--without-signatures`, a name and a reason.
        None => Asked::Unsigned {
            asked_by: args.asked_by.as_deref().unwrap_or_default(),
            reason: args.reason.as_deref().unwrap_or_default(),
        },
    };
    let store = if args.new_store {
        FolderStore::create(&args.store.store)
    } else {
        FolderStore::open(&args.store.store)
    };
    let mut store = store.map_err(store_failed)?;
    let before = store.history().map_err(store_failed)?;
    let ledger = match &args.ledger {
        Some(path) => Some(ledger::open::to_begin(path, args.log_key.as_deref())?),
        None => None,
    };
    if let Some(ledger) = &ledger {
        ledger::moment_for(ledger, None)?;
        is_no_older(&before, &archive, ledger)?;
    }
    let activation = activation::activate(&mut store, &archive, asked, now, today)
        .map_err(|error| Failure::gate(error).at(args.archive.display()))?;
    if let Some(ledger) = &ledger {
        // Should this fail, the store is ahead, and whatever decides with it next records it.
        let engine = Engine::new(EngineLimits::STANDARD);
        let name = &activation.name;
        let in_force = InForce::load(&engine, &store, name, Voucher::Unchecked);
        let in_force = in_force.map_err(Failure::invalid)?;
        in_force::announce(&in_force, ledger, now)?;
    }
    let after = store.history().map_err(store_failed)?;
    term::print(&told(&archive, &activation, &before, &after))?;
    Ok(Exit::Ok)
}

/// Refuses a store that knows less than the ledger does, before anything is added to it.
fn is_no_older(
    history: &[Activation],
    archive: &Archive,
    ledger: &dyn Ledger,
) -> Result<(), Failure> {
    let name = &archive.source().manifest().name;
    let known = ledger.activation(name.as_str());
    let known = known.map_err(ledger::store)?;
    let store = activation::highest(history, name).unwrap_or_default();
    match known.map(|known| Revision(known.revision)) {
        Some(known) if known > store => Err(Failure::gate(InForceError::Downgraded {
            name: name.clone(),
            store,
            known,
        })),
        _ => Ok(()),
    }
}

/// What has come into force, and for which incidents something else was.
fn told(
    archive: &Archive,
    activation: &Activation,
    before: &[Activation],
    after: &[Activation],
) -> String {
    let mut text = build::about(archive);
    text.push_str(&format!(
        "{} as revision {} for incidents of {}\n{}",
        Tone::Good.paint("in force"),
        activation.revision,
        activation.covers,
        warrant(activation)
    ));
    let spans = |history: &[Activation]| -> Vec<Vec<String>> {
        let spans = timetable(history, &activation.name, None);
        let row = |span: &activation::Span<'_>| {
            let own = span.activation.revision == activation.revision;
            let version = format!(
                "{} (revision {})",
                span.activation.version, span.activation.revision
            );
            let tone = if own { Tone::Strong } else { Tone::Faint };
            vec![span.covers.to_string(), tone.paint(&version)]
        };
        spans.iter().map(row).collect()
    };
    if before.iter().any(|other| other.name == activation.name) {
        text.push_str("before\n");
        text.push_str(&term::columns(&spans(before), 2));
    }
    text.push_str("now\n");
    text.push_str(&term::columns(&spans(after), 2));
    text
}
