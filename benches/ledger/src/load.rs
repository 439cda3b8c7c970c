//! The decisions that the ledgers are loaded with.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use redress_kernel::Guardrails;
use redress_ledger::cell::Cell;
use redress_ledger::table::{Row, Table};
use redress_ledger::{Ledger as _, Matter, Memory, Request, Timestamp};
use redress_ledger_trials::fixture::{
    actor, case, decide, goodwill, key, matter, read, request, start,
};
use redress_model::{Actor, CaseId, ClaimantId, EventId, Proposal};

use crate::watch::{Asked, Notes, Watched};

/// How many agents decide.
const AGENTS: u64 = 200;

/// How far apart decisions are, in seconds: a million of them are most of a year.
const APART_SECONDS: u64 = 30;

/// Decisions by their numbers: each about an event of its own, a small sum of goodwill, under
/// one of every limit.
#[derive(Debug)]
pub(crate) struct Load {
    matter: Matter,
    customers: u64,
}

impl Load {
    /// Decisions about so many customers.
    pub(crate) fn new(customers: u64) -> Self {
        // The limits of the trials are there to be met; here they are looked up and hold.
        let text = include_str!("../../../tests/ledger/src/guardrails.toml");
        let (caps, rest) = text.split_once("[[authority]]").unwrap_or_default();
        let wide = caps.lines().map(|line| match line {
            _ if line.starts_with("limit = ") => "limit = \"900000000.00 EUR\"",
            "times = 3" => "times = 1000000",
            line => line,
        });
        let text = format!(
            "{}\n[[authority]]{rest}",
            wide.collect::<Vec<_>>().join("\n")
        );
        let guardrails: Arc<Guardrails> = Arc::new(read(&text));
        let mut matter = matter(case("t", "t", "t"));
        matter.guardrails = guardrails;
        Self { matter, customers }
    }

    /// Which customer a decision is about: each as often as any other, in no order.
    fn customer(&self, number: u64) -> u64 {
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % self.customers
    }

    /// The name of that customer.
    pub(crate) fn customer_of(&self, number: u64) -> String {
        format!("customer-{}", self.customer(number))
    }

    /// What decision `number` is about, where `of` names a customer other than its own.
    pub(crate) fn matter(&self, number: u64, of: Option<&str>) -> Result<Matter> {
        let mut matter = self.matter.clone();
        let mut case = (*matter.case).clone();
        let customer = self.customer_of(number);
        case.envelope.id = CaseId::new(&format!("case-{number}"))?;
        case.envelope.event = EventId::new(&format!("event-{number}"))?;
        case.envelope.claimant.id = ClaimantId::new(of.unwrap_or(&customer))?;
        matter.case = Arc::new(case);
        Ok(matter)
    }

    /// The policy's answer to all of them.
    pub(crate) fn proposal() -> Proposal {
        goodwill(100)
    }

    /// Who decides.
    pub(crate) fn actor(number: u64) -> Actor {
        actor(&format!("agent-{}", number % AGENTS), "agent")
    }

    /// When decision `number` is made.
    pub(crate) fn at(number: u64) -> Result<Timestamp> {
        let seconds = i64::try_from(number * APART_SECONDS)?;
        start()
            .plus_seconds(seconds)
            .context("a moment within the calendar")
    }

    /// Decision `number` as a request.
    pub(crate) fn request(&self, number: u64, of: Option<&str>) -> Result<Request> {
        let matter = self.matter(number, of)?;
        let command = decide(&matter, Self::proposal(), Self::actor(number));
        Ok(request(key(&format!("key-{number}")), command))
    }

    /// Decisions from one number to another in groups, each with the moment of its first.
    pub(crate) fn groups(
        &self,
        from: u64,
        to: u64,
        size: u64,
    ) -> Result<Vec<(Vec<Request>, Timestamp)>> {
        let mut groups = Vec::new();
        let mut next = from;
        while next < to {
            let end = (next + size).min(to);
            let requests = (next..end).map(|number| self.request(number, None));
            groups.push((requests.collect::<Result<_>>()?, Self::at(next)?));
            next = end;
        }
        Ok(groups)
    }

    /// The rows that a ledger saves for such groups, each row once for each group, as a load
    /// that has them all at hand would.
    pub(crate) fn rows(
        groups: &[(Vec<Request>, Timestamp)],
    ) -> Result<Vec<Vec<(&'static Table, Row)>>> {
        let memory = Watched::new(Memory::new(), Notes::Taken);
        let mut all = Vec::new();
        for (batch, at) in groups {
            for reply in memory.apply(batch, *at)? {
                reply?;
            }
            let mut last: BTreeMap<(&str, Vec<Cell>), (&'static Table, Row)> = BTreeMap::new();
            for asked in memory.asked() {
                if let Asked::Put(table, row) = asked {
                    last.insert((table.name, table.key_of(&row).to_vec()), (table, row));
                }
            }
            all.push(last.into_values().collect());
        }
        Ok(all)
    }
}
