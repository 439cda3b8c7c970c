//! Making recorded decisions again.

use std::collections::BTreeMap;

use redress_kernel::SEMANTICS_VERSION;
use redress_log::canonical;
use redress_log::replay::{Inputs, NotReplayable, Replay, Replayed};
use redress_model::Digest;

use crate::release::Release;

/// Makes recorded decisions again with the releases that are at hand, each found by its
/// digest: a release that was changed since is another one.
pub struct Replayer {
    releases: BTreeMap<Digest, Release>,
}

impl Replayer {
    /// A replayer with these releases.
    #[must_use]
    pub fn new(releases: impl IntoIterator<Item = Release>) -> Self {
        let by_digest = |release: Release| (release.id().digest, release);
        Self {
            releases: releases.into_iter().map(by_digest).collect(),
        }
    }
}

fn unreadable(problem: &dyn ToString) -> NotReplayable {
    NotReplayable::Unreadable {
        problem: problem.to_string(),
    }
}

impl Replay for Replayer {
    fn replay(&self, inputs: &Inputs) -> Result<Replayed, NotReplayable> {
        if inputs.semantics_version != SEMANTICS_VERSION {
            return Err(NotReplayable::Semantics {
                version: inputs.semantics_version,
            });
        }
        let recorded = &inputs.release;
        let release = self.releases.get(&recorded.digest);
        let release = release.ok_or_else(|| NotReplayable::NoRelease {
            name: recorded.name.clone(),
            version: recorded.version.clone(),
            digest: recorded.digest,
        })?;
        let case = release.admit(&inputs.case_json(release.schema())?);
        let case = case.map_err(|errors| unreadable(&errors))?;
        let (actor, standing, as_of) = (&inputs.actor, &inputs.standing, inputs.as_of);
        let decided = release.decide(&case, actor, standing, as_of);
        let decision = canonical::to_vec(&decided.decision).map_err(|error| unreadable(&error))?;
        Ok(Replayed {
            decision,
            inputs_digest: release.inputs_digest(&case, actor, standing, as_of),
        })
    }
}
