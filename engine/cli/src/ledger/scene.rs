//! A scene by its name, which a ledger keeps by its place in the policy's list.

use std::collections::BTreeSet;
use std::path::Path;

use redress::ledger::rows::AccountRow;
use redress_model::FactType;
use smol_str::{SmolStr, format_smolstr};

use super::LedgerError;
use crate::failure::Failure;
use crate::input;

/// The scene of a policy whose limits are shown.
pub(super) struct Scene {
    place: usize,
    /// What the policy's accounts begin with.
    prefix: String,
}

impl Scene {
    /// The scene, if the subject names one: one with a number is kept under that already.
    pub(super) fn named(subject: &str, policy: Option<&Path>) -> Result<Option<Self>, Failure> {
        let Some(name) = subject.strip_prefix("scene:") else {
            return Ok(None);
        };
        if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        let of = |error| Failure::usage(error);
        let policy = policy.ok_or_else(|| {
            of(LedgerError::SceneOfWhich(name.to_owned()))
                .help("name its policy with --policy, or everything else as team:TEAM and so on")
        })?;
        let releases = input::releases(&input::engine(None), policy, None)?;
        let mut places = BTreeSet::new();
        for release in &releases {
            let slot = release.guardrails().facts.scene;
            let fact = slot.and_then(|slot| release.schema().fact(slot));
            if let Some(FactType::Enum(scenes)) = fact.map(|fact| &fact.ty) {
                places.extend(scenes.iter().position(|scene| scene == name));
            }
        }
        let mut places = places.into_iter();
        match (releases.first(), places.next(), places.next()) {
            (Some(release), Some(place), None) => Ok(Some(Self {
                place,
                prefix: format!("{}:", release.id().name),
            })),
            (_, Some(_), Some(_)) => {
                Err(of(LedgerError::SceneMoved(name.to_owned()))
                    .help("name the folder of one version"))
            }
            _ => Err(of(LedgerError::SceneMissing(name.to_owned()))),
        }
    }

    /// What the scene's accounts are kept under.
    pub(super) fn subject(&self) -> SmolStr {
        format_smolstr!("scene:{}", self.place)
    }

    /// Whether an account is of this policy: another may have another scene at the same place.
    pub(super) fn keeps(&self, row: &AccountRow) -> bool {
        row.account.starts_with(&self.prefix)
    }
}
