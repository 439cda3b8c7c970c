//! A ledger against the reference model: the same commands, the same answers, the same state.

use std::collections::BTreeMap;

use redress_ledger::command::Command;
use redress_ledger::rows::EntryState;
use redress_ledger::{EntriesOf, Ledger, QueueOf, Request};
use redress_model::{ClaimantId, Timestamp};

use crate::Model;
use crate::generate::Generator;

/// What came of the commands of histories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Commands in all.
    pub commands: u64,
    /// How often each command came to what: `sign approved`, `settle entry_closed`.
    pub outcomes: BTreeMap<String, u64>,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.commands += other.commands;
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
    }

    /// Whether a command came to this at all.
    #[must_use]
    pub fn has(&self, outcome: &str) -> bool {
        self.outcomes.contains_key(outcome)
    }
}

/// Gives both the same generated history and holds every answer and the end state of one to
/// the other. The batch sizes vary too.
///
/// # Errors
/// With the seed and the first difference.
pub fn history(seed: u64, commands: u64, ledger: &dyn Ledger) -> Result<Tally, String> {
    let mut generator = Generator::new(seed);
    let model = Model::new();
    let mut tally = Tally::default();
    while tally.commands < commands {
        let size = 1 + (seed.wrapping_add(tally.commands) % 7).min(commands - tally.commands - 1);
        let mut batch: Vec<Request> = Vec::new();
        let mut at = None;
        for _ in 0..size {
            let (request, now) = generator.make();
            at = Some(at.map_or(now, |at: Timestamp| at.max(now)));
            batch.push(request);
        }
        let at = at.unwrap_or(Timestamp::EPOCH);
        let ours = ledger
            .apply(&batch, at)
            .map_err(|error| format!("seed {seed}: {error}"))?;
        let theirs = model
            .apply(&batch, at)
            .map_err(|error| format!("seed {seed}: {error}"))?;
        for ((request, ours), theirs) in batch.iter().zip(&ours).zip(&theirs) {
            tally.commands += 1;
            generator.learn(request, theirs);
            if ours != theirs {
                let name = request.command.name();
                return Err(format!(
                    "seed {seed}, command {} ({name} {}):\n  ledger: {ours:?}\n  model: {theirs:?}",
                    tally.commands,
                    request.key.as_str()
                ));
            }
            let came = match ours {
                Ok(answered) => answered.answer.did.as_str(),
                Err(refused) => refused.code(),
            };
            let outcome = format!("{} {came}", request.command.name());
            *tally.outcomes.entry(outcome).or_default() += 1;
            if let Command::Decide(it) = &request.command {
                let standing = |ledger: &dyn Ledger| ledger.standing(&it.matter, &it.actor, at);
                if standing(ledger) != standing(&model) {
                    return Err(format!("seed {seed}: the standing differs"));
                }
            }
        }
    }
    same_state(seed, ledger, &model)?;
    Ok(tally)
}

/// Everything that a ledger shows, as the model has it.
fn same_state(seed: u64, ledger: &dyn Ledger, model: &Model) -> Result<(), String> {
    let fail = |what: &str| Err(format!("seed {seed}: {what} differ at the end"));
    let (decisions, _, escalations, _) = model.everything();
    for decision in &decisions {
        if ledger.decision(decision.id).ok().flatten().as_ref() != Some(decision) {
            return fail("decisions");
        }
    }
    for escalation in &escalations {
        if ledger.escalation(escalation.id) != model.escalation(escalation.id) {
            return fail("escalations");
        }
    }
    if ledger.queue(&QueueOf::Open) != model.queue(&QueueOf::Open) {
        return fail("queues");
    }
    for number in 0..4 {
        let claimant = ClaimantId::new(&format!("c{number}")).unwrap();
        let of = EntriesOf::Claimant(claimant.clone());
        if ledger.entries(&of) != model.entries(&of) {
            return fail("entries");
        }
        if ledger.timers(&claimant) != model.timers(&claimant) {
            return fail("timers");
        }
    }
    sums(seed, ledger, model)
}

/// The sums of accounts, caps and entries agree, and no cap is exceeded.
fn sums(seed: u64, ledger: &dyn Ledger, model: &Model) -> Result<(), String> {
    let (_, entries, _, _) = model.everything();
    let now = crate::fixture::start();
    let subjects = [
        "everyone",
        "team:blue",
        "team:red",
        "campaign:spring",
        "scene:0",
    ];
    let people = ["ann", "bob", "lee", "sue", "max"].map(|id| format!("agent:{id}"));
    let customers = (0..4).map(|number| format!("customer:c{number}"));
    let subjects = subjects
        .map(str::to_owned)
        .into_iter()
        .chain(people)
        .chain(customers);
    for subject in subjects {
        let ours = ledger.accounts(&subject, now).unwrap_or_default();
        for row in model.accounts(&subject, now).unwrap_or_default() {
            let own = ours.iter().find(|own| own.account == row.account);
            let used = own.map(|own| (own.used_minor, own.used_times));
            if used != Some((row.used_minor, row.used_times))
                && row.window_days == own.and_then(|own| own.window_days)
            {
                return Err(format!(
                    "seed {seed}: {} of {subject}: {used:?} {row:?}",
                    row.account
                ));
            }
        }
        for own in &ours {
            if own.ceiling_minor.is_some_and(|most| own.used_minor > most) {
                return Err(format!(
                    "seed {seed}: {} of {subject} is exceeded",
                    own.account
                ));
            }
        }
    }
    let lawful = entries.iter().filter(|entry| {
        entry.state.counts() && entry.ground == redress_ledger::rows::Ground::Statutory
    });
    let lawful: i64 = lawful.map(|entry| entry.worth_minor).sum();
    let booked = ledger.accounts("everyone", now).unwrap_or_default();
    let booked = booked
        .iter()
        .filter(|row| row.account.contains(":statutory:"));
    let booked: i64 = booked.map(|row| row.used_minor).sum();
    if lawful != booked {
        return Err(format!(
            "seed {seed}: lawful sums are {lawful}, booked {booked}"
        ));
    }
    let settled = entries
        .iter()
        .filter(|entry| entry.state == EntryState::Settled);
    if settled.clone().any(|entry| entry.closed_at.is_none()) {
        return Err(format!("seed {seed}: a settled entry has no date"));
    }
    Ok(())
}
