//! `redress release list` and `redress release at`.

use std::collections::BTreeSet;

use redress_release::ReleaseName;
use redress_release::activation::{
    Activation, ActivationStore as _, FolderStore, StoreError, Warrant, in_force,
};

use super::args::{AtArgs, Format, ListArgs, StoreArgs};
use super::sign;
use crate::failure::{Exit, Failure};
use crate::term::{self, Tone};

/// A store that cannot be used, with what to do about one that is not there.
pub(crate) fn store_failed(error: StoreError) -> Failure {
    let missing = matches!(error, StoreError::NotThere { .. });
    let failure = Failure::invalid(error);
    if missing {
        failure.help("name it with --store, or make it with `redress release activate --new-store`")
    } else {
        failure
    }
}

fn history(args: &StoreArgs, policy: Option<&String>) -> Result<Vec<Activation>, Failure> {
    let store = FolderStore::open(&args.store).map_err(store_failed)?;
    let mut history = store.history().map_err(store_failed)?;
    if let Some(policy) = policy {
        let name: ReleaseName = policy.parse().map_err(Failure::usage)?;
        history.retain(|activation| activation.name == name);
    }
    Ok(history)
}

fn json(value: &impl serde::Serialize) -> Result<Exit, Failure> {
    let mut text = serde_json::to_vec_pretty(value).map_err(Failure::internal)?;
    text.push(b'\n');
    term::put(&text)?;
    Ok(Exit::Ok)
}

/// On whose word, in lines.
pub(super) fn warrant(activation: &Activation) -> String {
    match &activation.warrant {
        Warrant::Signed { verified, signoff } => {
            let mut text = sign::seats(verified);
            if let Some(signoff) = signoff {
                text.push_str(&format!("reviewed by {}", signoff.reviewer));
                if !signoff.remarks.is_empty() {
                    text.push_str(&format!(": {}", signoff.remarks));
                }
                text.push('\n');
            }
            text
        }
        Warrant::Unsigned { asked_by, reason } => {
            let unsigned = Tone::Bad.paint("without signatures");
            format!("{unsigned}, asked by {asked_by}: {reason}\n")
        }
    }
}

fn signers(activation: &Activation) -> String {
    match &activation.warrant {
        Warrant::Signed { verified, .. } => {
            let people: Vec<&str> = verified
                .signers
                .iter()
                .map(|filled| filled.person.as_str())
                .collect();
            format!("signed by {}", people.join(", "))
        }
        Warrant::Unsigned { asked_by, .. } => {
            format!(
                "{}, asked by {asked_by}",
                Tone::Bad.paint("without signatures")
            )
        }
    }
}

/// Lists everything that was ever put in force.
pub(super) fn list(args: &ListArgs) -> Result<Exit, Failure> {
    let history = history(&args.store, args.policy.as_ref())?;
    if args.format == Format::Json {
        return json(&history);
    }
    if history.is_empty() {
        term::print("nothing has been put in force\n")?;
        return Ok(Exit::Ok);
    }
    let rows: Vec<Vec<String>> = history
        .iter()
        .map(|activation| {
            vec![
                format!("{} {}", activation.name, activation.version),
                format!("revision {}", activation.revision),
                activation.covers.to_string(),
                format!("since {}", activation.activated_at),
                signers(activation),
            ]
        })
        .collect();
    term::print(&term::columns(&rows, 0))?;
    Ok(Exit::Ok)
}

/// Shows what is in force for incidents of a date.
pub(super) fn at(args: &AtArgs) -> Result<Exit, Failure> {
    let history = history(&args.store, args.policy.as_ref())?;
    let names: BTreeSet<&ReleaseName> = history.iter().map(|activation| &activation.name).collect();
    let found: Vec<&Activation> = names
        .iter()
        .filter_map(|name| in_force(&history, name, args.date, args.known_at))
        .collect();
    if args.format == Format::Json {
        return json(&found);
    }
    if found.is_empty() {
        term::print(&format!(
            "nothing is in force for incidents of {}\n",
            args.date
        ))?;
    }
    for activation in found {
        let id = format!("{} {}", activation.name, activation.version);
        term::print(&format!(
            "{} for incidents of {} (revision {}, for {}, since {})\nsha256:{}\n{}",
            Tone::Strong.paint(&id),
            args.date,
            activation.revision,
            activation.covers,
            activation.activated_at,
            activation.release_sha256,
            warrant(activation)
        ))?;
    }
    Ok(Exit::Ok)
}
