//! The answers, from a plain Rust function: the yardstick for every engine.
//!
//! [`propose`] is what the policy says, [`enforce`] what the guardrails make of it;
//! both stand in the release folder as script and data, and here as code.

use anyhow::Context as _;

use crate::flight::{Event, Flight, Role};

/// What becomes of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The actor may give it.
    Grant,
    /// A higher role must.
    Escalate,
}

impl Outcome {
    /// `grant` or `escalate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Escalate => "escalate",
        }
    }
}

/// Every reason code of the policy, those of the table first.
pub const REASONS: [&str; 9] = [
    "below_three_hours",
    "late_arrival",
    "cancelled",
    "denied_boarding",
    "extraordinary_circumstances",
    "long_wait",
    "overnight",
    "missed_connection",
    "care_not_given",
];

/// Two to five reason codes, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reasons {
    codes: [&'static str; 5],
    count: usize,
}

impl Reasons {
    /// Adds a code; a sixth is dropped, which the equality of answers would show.
    pub fn push(&mut self, code: &'static str) {
        if let Some(place) = self.codes.get_mut(self.count) {
            *place = code;
            self.count += 1;
        }
    }

    /// Adds the code with this name.
    ///
    /// # Errors
    /// When it is not one of [`REASONS`], or the sixth.
    pub fn push_named(&mut self, name: &str) -> anyhow::Result<()> {
        let code = REASONS.iter().find(|code| **code == name);
        let code = code.with_context(|| format!("reason {name} is not one of the workload's"))?;
        anyhow::ensure!(self.count < self.codes.len(), "a sixth reason: {name}");
        self.push(code);
        Ok(())
    }

    /// Takes the last code away.
    fn pop(&mut self) {
        self.count = self.count.saturating_sub(1);
        if let Some(place) = self.codes.get_mut(self.count) {
            *place = "";
        }
    }

    /// The codes.
    #[must_use]
    pub fn codes(&self) -> &[&'static str] {
        self.codes.get(..self.count).unwrap_or_default()
    }
}

/// What the policy proposes, in cents of a euro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposed {
    /// What the law fixes, for the whole booking.
    pub statutory_minor: i64,
    /// For the inconvenience, in cash.
    pub comfort_minor: i64,
    /// For care that was not given, as a voucher.
    pub care_minor: i64,
    /// The percentage of the ticket price at which the tier is capped.
    pub tier_percent: i64,
    /// Why.
    pub reasons: Reasons,
}

/// What every engine must answer for one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// What the law fixes, in cents.
    pub statutory_minor: i64,
    /// What remains of the goodwill after tier and cap, in cents.
    pub goodwill_minor: i64,
    /// Whether the actor's own authority covers it.
    pub outcome: Outcome,
    /// The lowest role that covers it.
    pub required: Role,
    /// Why.
    pub reasons: Reasons,
}

/// The whole decision.
#[must_use]
pub fn decide(flight: &Flight) -> Answer {
    enforce(flight, &propose(flight))
}

/// What the policy says.
#[must_use]
pub fn propose(flight: &Flight) -> Proposed {
    let mut reasons = Reasons::default();
    let excused = flight.extraordinary && flight.event != Event::DeniedBoarding;
    let (each_minor, ground) = compensation(flight.event, flight.distance_km, flight.delay_minutes);
    let statutory_minor = if excused {
        0
    } else {
        each_minor * flight.passengers
    };
    reasons.push(if excused {
        "extraordinary_circumstances"
    } else {
        ground
    });

    let mut percent = match flight.delay_minutes {
        ..60 => 2,
        60..120 => 5,
        120..180 => 10,
        180.. => 15,
    };
    reasons.push("long_wait");
    if flight.overnight {
        percent += 10;
        reasons.push("overnight");
    }
    if flight.missed_connection {
        percent += 10;
        reasons.push("missed_connection");
    }
    let comfort_minor = percent_of(flight.ticket_price_minor, percent);
    let care_minor = if flight.care_given {
        0
    } else {
        reasons.push("care_not_given");
        1_500 * flight.passengers
    };
    let tier_percent = match percent {
        ..=10 => 10,
        11..=25 => 25,
        26.. => 40,
    };
    Proposed {
        statutory_minor,
        comfort_minor,
        care_minor,
        tier_percent,
        reasons,
    }
}

/// The sum per passenger and its reason, the table of the release.
pub(crate) fn compensation(
    event: Event,
    distance_km: i64,
    delay_minutes: i64,
) -> (i64, &'static str) {
    let band_minor = match distance_km {
        ..=1_500 => 25_000,
        1_501..=3_500 => 40_000,
        3_501.. => 60_000,
    };
    match event {
        Event::Delay if delay_minutes < 180 => (0, "below_three_hours"),
        Event::Delay if distance_km > 3_500 && delay_minutes < 240 => (30_000, "late_arrival"),
        Event::Delay => (band_minor, "late_arrival"),
        Event::Cancellation => (band_minor, "cancelled"),
        Event::DeniedBoarding => (band_minor, "denied_boarding"),
    }
}

/// Limits of goodwill that each role may release, in cents, lowest role first.
pub const LIMITS_MINOR: [(Role, i64); 3] = [
    (Role::Agent, 5_000),
    (Role::Supervisor, 15_000),
    (Role::Manager, 60_000),
];

/// The rolling cap on goodwill for one customer in ninety days, in cents.
const CAP_MINOR: i64 = 40_000;

/// What the guardrails make of a proposal.
#[must_use]
pub fn enforce(flight: &Flight, proposed: &Proposed) -> Answer {
    let tier_cap_minor = percent_of(flight.ticket_price_minor, proposed.tier_percent);
    let cap_left_minor = (CAP_MINOR - flight.cap_used_minor).max(0);
    let goodwill_minor = (proposed.comfort_minor + proposed.care_minor)
        .min(tier_cap_minor)
        .min(cap_left_minor);
    let required = LIMITS_MINOR
        .iter()
        .find(|(_, limit_minor)| goodwill_minor <= *limit_minor)
        .map_or(Role::Manager, |(role, _)| *role);
    // What is cut away whole takes its reason with it, and cuts fall on the care first.
    let mut reasons = proposed.reasons;
    if proposed.care_minor > 0 && goodwill_minor <= proposed.comfort_minor {
        reasons.pop();
    }
    Answer {
        statutory_minor: proposed.statutory_minor,
        goodwill_minor,
        outcome: if required <= flight.role {
            Outcome::Grant
        } else {
            Outcome::Escalate
        },
        required,
        reasons,
    }
}

/// So many percent, halves away from zero, as the release rounds.
fn percent_of(minor: i64, percent: i64) -> i64 {
    (minor * percent + 50) / 100
}
