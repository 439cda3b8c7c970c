//! The cases: a thousand flights that went wrong, the same in every run.

use std::fmt::Write as _;

/// What happened to the flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It arrived late.
    Delay,
    /// It did not fly.
    Cancellation,
    /// The passengers were not let on board.
    DeniedBoarding,
}

impl Event {
    /// The enum value in the fact schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Cancellation => "cancellation",
            Self::DeniedBoarding => "denied_boarding",
        }
    }

    /// The event with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Delay, Self::Cancellation, Self::DeniedBoarding]
            .into_iter()
            .find(|event| event.name() == name)
    }
}

/// A role of the authority matrix, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Front line.
    Agent,
    /// Leads a team of agents.
    Supervisor,
    /// Answers for the desk.
    Manager,
}

impl Role {
    /// Every role, lowest first.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Supervisor, Self::Manager];

    /// The role's name in the guardrails.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Manager => "manager",
        }
    }

    /// The role with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// One case, as a service that knows no engine would hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flight {
    /// Counted from 0.
    pub number: u32,
    /// What happened.
    pub event: Event,
    /// Great-circle distance of the journey.
    pub distance_km: i64,
    /// Delay at arrival.
    pub delay_minutes: i64,
    /// Whether the carrier has shown extraordinary circumstances.
    pub extraordinary: bool,
    /// Passengers on the booking.
    pub passengers: i64,
    /// What the booking cost, in cents of a euro.
    pub ticket_price_minor: i64,
    /// Whether a night was spent on the way.
    pub overnight: bool,
    /// Whether a connection was missed.
    pub missed_connection: bool,
    /// Whether meals and a bed were offered.
    pub care_given: bool,
    /// How the customer writes; it may move a queue and never an amount.
    pub tone: &'static str,
    /// How many people read the customer; the same.
    pub followers: i64,
    /// What the customer's rolling cap has used, in cents.
    pub cap_used_minor: i64,
    /// Who decides.
    pub role: Role,
}

/// How many cases the workload has.
pub const FLIGHTS: u32 = 1_000;

/// The cases, the same on every machine and in every run.
#[must_use]
pub fn flights() -> Vec<Flight> {
    let mut dice = Dice(0x5EED_0FF1_1647);
    (0..FLIGHTS)
        .map(|number| flight(number, &mut dice))
        .collect()
}

fn flight(number: u32, dice: &mut Dice) -> Flight {
    let event = match dice.below(10) {
        0..=5 => Event::Delay,
        6..=8 => Event::Cancellation,
        _ => Event::DeniedBoarding,
    };
    // Every edge of the table occurs, not only its inside.
    let distance_km = dice.one_of(&[1_500, 1_501, 3_500, 3_501], |dice| {
        150 + dice.below(11_000)
    });
    let delay_minutes = dice.one_of(&[59, 60, 179, 180, 239, 240], |dice| dice.below(600));
    let role = match dice.below(20) {
        0..=13 => Role::Agent,
        14..=18 => Role::Supervisor,
        _ => Role::Manager,
    };
    Flight {
        number,
        event,
        distance_km,
        delay_minutes,
        extraordinary: dice.below(3) == 0,
        passengers: 1 + dice.below(4),
        ticket_price_minor: 4_000 + dice.below(120_000),
        overnight: dice.below(3) == 0,
        missed_connection: dice.below(3) == 0,
        care_given: dice.below(3) > 0,
        tone: if dice.below(3) == 0 { "angry" } else { "calm" },
        followers: dice.below(50_000),
        cap_used_minor: if dice.below(2) == 0 {
            0
        } else {
            dice.below(38_000)
        },
        role,
    }
}

impl Flight {
    /// The case as JSON, as it would come in over a wire.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        let minor = self.ticket_price_minor;
        // Writing to a string cannot fail.
        let _ = write!(
            json,
            r#"{{"id":"case-{number:06}","incident_date":"2026-03-01","event":"flight-{number:06}","claimant":{{"id":"customer-{number:06}","locale":"en-IE"}},"links":[{{"kind":"booking","id":"booking-{number:06}"}}],"stage":"facts_recorded","facts":{{"event":"{event}","distance_km":{distance_km},"delay_minutes":{delay_minutes},"extraordinary":{extraordinary},"passengers":{passengers},"ticket_price":"{major}.{cents:02} EUR","overnight":{overnight},"missed_connection":{missed_connection},"care_given":{care_given},"tone":"{tone}","followers":{followers}}}}}"#,
            number = self.number,
            event = self.event.name(),
            distance_km = self.distance_km,
            delay_minutes = self.delay_minutes,
            extraordinary = self.extraordinary,
            passengers = self.passengers,
            major = minor / 100,
            cents = minor % 100,
            overnight = self.overnight,
            missed_connection = self.missed_connection,
            care_given = self.care_given,
            tone = self.tone,
            followers = self.followers,
        );
        json
    }
}

/// `SplitMix64` (Steele, Lea and Flood, 2014): small, even and the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        i64::try_from(mixed >> 1).unwrap_or_default() % sides
    }

    /// One of `edges` in a quarter of all throws, else a throw of the other kind.
    fn one_of(&mut self, edges: &[i64], other: impl Fn(&mut Self) -> i64) -> i64 {
        let edge = usize::try_from(self.below(i64::try_from(edges.len()).unwrap_or(1)));
        let edge = edge.ok().and_then(|edge| edges.get(edge)).copied();
        match edge {
            Some(edge) if self.below(4) == 0 => edge,
            _ => other(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use redress_model::admit::AdmitLimits;
    use redress_model::{Case, Schema};

    use super::*;
    use crate::plain::{Outcome, REASONS, decide, propose};

    #[test]
    fn every_case_is_admitted_by_the_releases_schema() {
        let schema = std::fs::read(crate::release_folder().join("facts.schema.json")).unwrap();
        let schema = Schema::compile(&schema).unwrap();
        for flight in flights() {
            let json = flight.to_json();
            Case::admit(json.as_bytes(), &schema, AdmitLimits::STANDARD).unwrap();
        }
    }

    #[test]
    fn the_cases_reach_every_branch() {
        let flights = flights();
        assert_eq!(flights.len(), 1_000);
        let share = |name: &str, of: &dyn Fn(&Flight) -> bool| {
            let count = flights.iter().filter(|flight| of(flight)).count();
            assert!((10..=990).contains(&count), "{name}: {count}");
        };
        share("escalated", &|f| decide(f).outcome == Outcome::Escalate);
        share("statutory", &|f| decide(f).statutory_minor > 0);
        for role in Role::ALL {
            share(role.name(), &|f| decide(f).required == role);
        }
        share("cut by the tier", &|f| {
            let proposed = propose(f);
            let sum = proposed.comfort_minor + proposed.care_minor;
            sum > decide(f).goodwill_minor && f.cap_used_minor == 0
        });
        share("cut by the cap", &|f| {
            decide(f).goodwill_minor == 40_000 - f.cap_used_minor
        });
        for code in REASONS.into_iter().filter(|code| *code != "long_wait") {
            share(code, &|f| decide(f).reasons.codes().contains(&code));
        }
        for count in 2..=5 {
            share("reasons", &|f| decide(f).reasons.codes().len() == count);
        }
    }
}
