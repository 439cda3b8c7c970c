//! Customers with complaints and agents with habits.

use std::collections::VecDeque;

use super::Plan;

/// How many of the last payments of a class people talk about.
const TALKED_OF: usize = 20;

/// One customer in so many has heard of the highest of them.
const HEARD_ONE_IN: u64 = 4;

/// What the generous and the mean offer, in basis points of the tariff.
const TOO_MUCH: i64 = 18_000;
const TOO_LITTLE: i64 = 6_000;

/// Numbers that only the seed and the case decide.
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn of(seed: u64, case: u64) -> Self {
        Self(seed.rotate_left(32) ^ case.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        // Steele and others: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).checked_rem(end).unwrap_or(0)
    }
}

const CAUSES: [&str; 2] = ["company", "supplier"];
const SCENES: [&str; 3] = ["hotel", "flight", "attraction"];

/// A complaint as it comes in, with the number of its class.
pub(super) struct Complaint {
    pub(super) json: String,
    pub(super) class: usize,
}

pub(super) fn complaint(number: u64, random: &mut Random) -> Complaint {
    let mut pick = |end: usize| {
        let place = random.below(u64::try_from(end).unwrap_or(1));
        usize::try_from(place).unwrap_or(0)
    };
    let (cause, scene) = (pick(CAUSES.len()), pick(SCENES.len()));
    let name = |names: &[&'static str], place: usize| names.get(place).copied().unwrap_or("");
    let (loss, days) = (10_u64.saturating_add(random.below(5_991)), random.below(30));
    let json = format!(
        r#"{{"id":"c{number}","incident_date":"2026-12-05","event":"e{number}","claimant":{{"id":"p{number}"}},"stage":"facts_recorded","facts":{{"scene":"{}","matter":"quality","cause":"{}","harm":"inconvenience","loss":"{loss}.00 CNY","evidence":"complete","evidence_days":{days}}}}}"#,
        name(&SCENES, scene),
        name(&CAUSES, cause),
    );
    let class = cause.saturating_mul(SCENES.len()).saturating_add(scene);
    Complaint { json, class }
}

/// How somebody offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    Generous,
    Mean,
    Usual,
}

/// An agent.
pub(super) struct Agent {
    pub(super) name: String,
    habit: Habit,
}

/// What is usual in a class, and what was heard of it.
#[derive(Debug, Clone)]
struct Talk {
    /// The going rate, in hundredths of basis points of the tariff.
    rate: i64,
    last: VecDeque<i64>,
}

/// Everybody at the desk.
pub(super) struct Crowd {
    plan: Plan,
    talk: Vec<Talk>,
}

impl Crowd {
    pub(super) fn new(plan: Plan) -> Self {
        let talk = Talk {
            rate: 1_000_000,
            last: VecDeque::new(),
        };
        Self {
            plan,
            talk: vec![talk; CAUSES.len().saturating_mul(SCENES.len())],
        }
    }

    pub(super) fn agent(&self, random: &mut Random) -> Agent {
        let agents = u64::from(self.plan.agents);
        let number = random.below(agents);
        let of_hundred = number.saturating_mul(100).checked_div(agents).unwrap_or(0);
        let generous = u64::from(self.plan.overpay_percent);
        let mean = generous.saturating_add(u64::from(self.plan.underpay_percent));
        let (habit, name) = if of_hundred < generous {
            (Habit::Generous, "generous")
        } else if of_hundred < mean {
            (Habit::Mean, "mean")
        } else {
            (Habit::Usual, "agent")
        };
        let name = format!("{name}-{number}");
        Agent { name, habit }
    }

    /// What an agent offers in minor units.
    pub(super) fn offer(
        &self,
        agent: &Agent,
        class: usize,
        tariff: i64,
        random: &mut Random,
    ) -> i64 {
        let talk = self.talk.get(class);
        let usual = talk.map_or(10_000, |talk| talk.rate / 100);
        let rate = match agent.habit {
            Habit::Generous => TOO_MUCH,
            Habit::Mean => TOO_LITTLE,
            Habit::Usual if random.below(HEARD_ONE_IN) > 0 => usual,
            Habit::Usual => {
                // It is the generous payment that is told of, and nobody asks for less.
                let heard = talk.and_then(|talk| talk.last.iter().copied().max());
                let more = heard.unwrap_or(usual).max(usual);
                usual.saturating_add(more) / 2
            }
        };
        tariff.saturating_mul(rate) / 10_000
    }

    /// A payment of the class is heard of, in basis points of its tariff.
    pub(super) fn heard(&mut self, class: usize, rate: i64) {
        let Some(talk) = self.talk.get_mut(class) else {
            return;
        };
        talk.last.push_back(rate);
        if talk.last.len() > TALKED_OF {
            talk.last.pop_front();
        }
        let apart = rate.saturating_mul(100).saturating_sub(talk.rate);
        let step = apart.checked_div(self.plan.habit.max(1)).unwrap_or(0);
        talk.rate = talk.rate.saturating_add(step);
    }
}
