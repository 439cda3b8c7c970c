//! Whose account it is, as a person writes it.

use redress_model::{ActorId, ClaimantId, Code, EventId};
use smol_str::SmolStr;

use super::EVERYONE;

/// A text that no limit is kept under.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no limit is kept under {found:?}")]
pub struct NoSubject {
    /// What was given, cut to 80 characters.
    pub found: String,
}

impl NoSubject {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "no_subject"
    }
}

/// Reads the subject of a limit's account, in the form in which it is stored: `everyone`,
/// `customer:ID`, `event:ID`, `agent:ID`, `agent:ID>customer:ID`, `team:TEAM`,
/// `campaign:CAMPAIGN`, `linked:KIND:ID`, or `scene:N`, the place of the scene in its schema's
/// list, from 0.
///
/// # Errors
/// [`NoSubject`] for everything else.
pub fn subject(text: &str) -> Result<SmolStr, NoSubject> {
    if is_subject(text) {
        return Ok(SmolStr::new(text));
    }
    let found = text.chars().take(80).collect();
    Err(NoSubject { found })
}

fn is_subject(text: &str) -> bool {
    if text == EVERYONE {
        return true;
    }
    let Some((what, id)) = text.split_once(':') else {
        return false;
    };
    let is_code = |text| Code::new(text).is_ok();
    match what {
        "customer" => ClaimantId::new(id).is_ok(),
        "event" => EventId::new(id).is_ok(),
        "agent" => is_agent(id),
        "team" | "campaign" => is_code(id),
        "linked" => id
            .split_once(':')
            .is_some_and(|(kind, id)| is_code(kind) && EventId::new(id).is_ok()),
        // As it is stored, and so without a sign or a zero before it.
        "scene" => id.parse().is_ok_and(|place: u16| place.to_string() == id),
        _ => false,
    }
}

/// An agent, or what one agent gives to one customer.
fn is_agent(id: &str) -> bool {
    match id.split_once(">customer:") {
        Some((agent, customer)) => ActorId::new(agent).is_ok() && ClaimantId::new(customer).is_ok(),
        None => ActorId::new(id).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subject_reads_back_as_it_is_stored() {
        for text in [
            "everyone",
            "customer:p-1",
            "customer:a: b",
            "event:train 9",
            "agent:ann",
            "agent:ann>customer:p-1",
            "team:blue",
            "campaign:spring",
            "linked:payer:card:5",
            "scene:0",
            "scene:65535",
        ] {
            assert_eq!(subject(text).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_subject_is_refused() {
        for text in [
            "",
            "blue",
            "team",
            "team:",
            "team:Blue",
            " team:blue",
            "teams:blue",
            "Team:blue",
            "everyone:blue",
            "customer:",
            "agent:",
            "agent:>customer:p-1",
            "agent:ann>customer:",
            "linked:payer",
            "linked:payer:",
            "linked::card",
            "scene:",
            "scene:delay",
            "scene:00",
            "scene:+1",
            "scene:65536",
        ] {
            let refused = subject(text).unwrap_err();
            assert_eq!(
                (refused.code(), refused.found.as_str()),
                ("no_subject", text)
            );
        }
    }
}
