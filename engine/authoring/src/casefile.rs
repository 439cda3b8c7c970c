//! Writes `cases/*.toml`: a case and what is expected of its decision.

use redress_kernel::{Decision, Payable};
use redress_model::{Actor, Amount, Assurance, Standing, Sums, Timestamp};
use serde_json::{Map, Value as Json};
use toml::Value as Toml;

use crate::explain::side;

/// What a case file says beside its expectation.
pub struct CaseText<'a> {
    /// What the case shows.
    pub name: &'a str,
    /// The case as the JSON that admission reads.
    pub case: &'a Map<String, Json>,
    /// The moment of the decision.
    pub as_of: Timestamp,
    /// Who decides.
    pub actor: &'a Actor,
    /// What the ledger knows.
    pub standing: &'a Standing,
}

impl CaseText<'_> {
    /// The file: the case, and as its expectation all of the decision that can be written.
    #[must_use]
    pub fn with(&self, decision: &Decision) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: Option<Toml>| {
            if let Some(value) = value {
                text.push_str(&format!("{key} = {value}\n"));
            }
        };
        line("name", Some(self.name.into()));
        let get = |key: &str| self.case.get(key).and_then(toml);
        line("incident_date", get("incident_date"));
        line("as_of", Some(self.as_of.to_string().into()));
        line("stage", get("stage"));
        line("event", get("event"));
        let claimant = self.case.get("claimant");
        let of_claimant = |key: &str| claimant.and_then(|it| it.get(key)).and_then(toml);
        line("claimant", of_claimant("id"));
        line("locale", of_claimant("locale"));
        let links = get("links").filter(|links| links.as_array().is_some_and(|it| !it.is_empty()));
        line("links", links);
        let offer = self.case.get("offer").and_then(|offer| offer.get("amount"));
        line("offer", offer.and_then(toml));
        line("requested", get("requested"));
        let (actor, standing) = (actor(self.actor), standing(self.standing));
        line("actor", actor);
        line("standing", standing);
        text.push_str("\n[facts]\n");
        if let Some(Json::Object(facts)) = self.case.get("facts") {
            for (name, value) in facts {
                if let Some(value) = toml(value) {
                    text.push_str(&format!("{name} = {value}\n"));
                }
            }
        }
        text.push_str(&expect(decision));
        text
    }
}

/// `[expect]` as a decision fulfils it.
#[must_use]
pub fn expect(decision: &Decision) -> String {
    let mut text = String::from("\n[expect]\n");
    let mut line = |key: &str, value: Toml| text.push_str(&format!("{key} = {value}\n"));
    line("outcome", decision.outcome().name().into());
    let remedies = decision.remedies().iter();
    let remedies = remedies.map(|remedy| {
        let mut table = toml::Table::new();
        let mut put = |key: &str, value: &str| table.insert(key.into(), value.into());
        put("kind", remedy.kind.as_str());
        let amount = match &remedy.amount {
            Amount::Money(money) => money.to_string(),
            Amount::Units { unit, count } => format!("{count} {unit}"),
        };
        put("amount", &amount);
        put("basis", remedy.basis.name());
        if let Some(claim) = remedy.basis.claim() {
            put("claim", claim.as_str());
        }
        put(
            "payable",
            match remedy.payable {
                Payable::Now => "now",
                Payable::OnApproval => "on_approval",
            },
        );
        Toml::Table(table)
    });
    line("remedies", Toml::Array(remedies.collect()));
    let codes = |codes: &mut dyn Iterator<Item = &str>| {
        Toml::Array(codes.map(|code| code.into()).collect())
    };
    let mut reasons = decision.reasons().map(|reason| reason.code.as_str());
    line("reasons", codes(&mut reasons));
    let adjustments = decision.adjustments().iter().map(|adjustment| {
        let mut table = toml::Table::new();
        table.insert("rule".into(), adjustment.rule.name().into());
        table.insert("from".into(), side(&adjustment.from).into());
        table.insert("to".into(), side(&adjustment.to).into());
        Toml::Table(table)
    });
    line("adjustments", Toml::Array(adjustments.collect()));
    if let Some(required) = &decision.authority().required {
        line("authority", required.as_str().into());
    }
    if let Some(owner) = decision.owner() {
        line("owner", owner.as_str().into());
    }
    if let Some(queue) = decision.queue() {
        line("queue", queue.as_str().into());
    }
    if let Some(priority) = decision.priority() {
        line("priority", i64::from(priority).into());
    }
    if let Some(due) = decision.deadline() {
        let at = due.at.to_rfc3339(due.offset_seconds);
        line("deadline", at.as_str().into());
    }
    if let Some(hold) = decision.hold() {
        line("missing", hold.missing.as_str().into());
        line(
            "frozen",
            codes(&mut hold.frozen.iter().map(|code| code.as_str())),
        );
    }
    line(
        "duties",
        codes(&mut decision.duties().iter().map(|code| code.as_str())),
    );
    let mut obligations = decision.obligations().iter().map(|code| code.as_str());
    line("obligations", codes(&mut obligations));
    text
}

/// Who decides, unless it is the one that a case file has by default.
fn actor(actor: &Actor) -> Option<Toml> {
    let mut table = toml::Table::new();
    if actor.role.as_str() != "agent" {
        table.insert("role".into(), actor.role.as_str().into());
    }
    if actor.assurance == Assurance::Unverified {
        table.insert("assurance".into(), "unverified".into());
    }
    (!table.is_empty()).then_some(Toml::Table(table))
}

/// What the ledger knows, unless it holds nothing.
fn standing(standing: &Standing) -> Option<Toml> {
    let fresh = matches!(
        (&standing.rolling, &standing.budgets),
        (Sums::Fresh, Sums::Fresh)
    );
    if fresh && *standing == Standing::fresh() {
        return None;
    }
    Toml::try_from(standing).ok()
}

/// A value of JSON as TOML has it; `null` has no place in a case.
fn toml(value: &Json) -> Option<Toml> {
    match value {
        Json::Null => None,
        Json::Bool(flag) => Some((*flag).into()),
        Json::Number(number) => number.as_i64().map(Into::into),
        Json::String(text) => Some(text.as_str().into()),
        Json::Array(items) => Some(Toml::Array(items.iter().filter_map(toml).collect())),
        Json::Object(members) => {
            let members = members.iter();
            let members = members.filter_map(|(key, value)| Some((key.clone(), toml(value)?)));
            Some(Toml::Table(members.collect()))
        }
    }
}
