//! Who decides.

use serde::{Deserialize, Serialize};

use crate::{ActorId, Code};

/// How sure the host is that an actor is who it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// The host has authenticated the actor.
    Authenticated,
    /// Anybody may have sent this; such an actor releases nothing.
    Unverified,
}

/// The person or service in whose name a decision is asked for.
///
/// An actor carries authority and nothing else: it moves no amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Who.
    pub id: ActorId,
    /// The role whose row of the authority matrix applies.
    pub role: Code,
    /// How sure the host is.
    pub assurance: Assurance,
}
