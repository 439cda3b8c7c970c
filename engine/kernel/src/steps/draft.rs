//! The decision while it is being made.

use std::mem;

use redress_model::{
    Code, Currency, DeadlineStart, Money, Reason, ReasonArg, Remedy, Route, Value,
};
use smol_str::SmolStr;

use super::escalate::{self, Need};
use super::item::Item;
use crate::adjustment::{Adjusted, Adjustment, Evidence, Rule};
use crate::calendar::{Due, Span};
use crate::codes;
use crate::decide::{Halt, Inputs};
use crate::decision::{
    Authority, CashOpen, Decision, GrantedRemedy, HoldState, Outcome, Payable, Review,
};
use crate::findings::Findings;
use crate::guardrails::{Kind, Role, Tier};

/// The priority of a case in which somebody may be in danger.
const PRIORITY_MAX: u8 = 1;

/// Which items a limit counts. The law's own sums are never counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Goodwill and contractual sums.
    Discretion,
    /// Goodwill.
    Goodwill,
    /// Contractual sums.
    Contractual,
}

impl Counted {
    fn counts(self, item: &Item<'_>) -> bool {
        match self {
            Self::Discretion => !item.is_statutory(),
            Self::Goodwill => item.is_goodwill(),
            Self::Contractual => item.is_contractual(),
        }
    }
}

/// The decision while it is being made.
pub(crate) struct Draft<'a> {
    inputs: Inputs<'a>,
    /// What the policy proposed, and what the law adds to it; items take their reasons from here.
    pub(crate) proposed: Vec<Remedy>,
    pub(crate) items: Vec<Item<'a>>,
    pub(crate) tier: Option<&'a Tier>,
    pub(crate) adjustments: Vec<Adjustment>,
    pub(crate) needs: Vec<Need<'a>>,
    pub(crate) required: Option<&'a Role>,
    pub(crate) hold: Option<HoldState>,
    pub(crate) review: Option<Review>,
    pub(crate) duties: Vec<Code>,
    /// What fairness found, where the release declares it.
    pub(crate) findings: Option<Box<Findings>>,
    engine_reasons: Vec<Reason>,
    policy_reasons: Vec<Reason>,
    policy_deadline: Option<Due>,
    route: Route,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(inputs: Inputs<'a>) -> Self {
        Self {
            inputs,
            proposed: Vec::new(),
            items: Vec::new(),
            tier: None,
            adjustments: Vec::new(),
            needs: Vec::new(),
            required: None,
            hold: None,
            review: None,
            duties: Vec::new(),
            findings: None,
            engine_reasons: Vec::new(),
            policy_reasons: Vec::new(),
            policy_deadline: None,
            route: Route::default(),
        }
    }

    /// Notes a reason of the engine, once.
    pub(crate) fn because(&mut self, code: &'static Code) {
        if self
            .engine_reasons
            .iter()
            .all(|reason| reason.code != *code)
        {
            self.engine_reasons.push(Reason::bare(code.clone()));
        }
    }

    /// Notes a fact that is missing, by name.
    pub(crate) fn because_unknown(&mut self, fact: &Code) {
        let args = vec![ReasonArg::Text(SmolStr::new(fact.as_str()))];
        let code = codes::UNKNOWN_FACT.clone();
        add(&mut self.engine_reasons, Reason { code, args });
    }

    /// The policy's reasons for a refusal or a hold.
    pub(crate) fn policy_says(&mut self, reasons: Vec<Reason>) {
        self.policy_reasons = reasons;
    }

    /// Asks for a person.
    pub(crate) fn need(&mut self, need: Need<'a>) {
        self.needs.push(need);
    }

    /// Whether nobody else must decide and nothing was moved.
    pub(crate) fn undisputed(&self) -> Result<(), Code> {
        if let Some(need) = self.needs.iter().min_by_key(|need| need.urgency()) {
            return Err(need.reason(self).clone());
        }
        if !self.adjustments.is_empty() {
            return Err(codes::NOT_ALLOWED_HERE.clone());
        }
        Ok(())
    }

    /// Records why the proposal, or its discretionary part, cannot be enforced.
    pub(crate) fn halt(&mut self, halt: Halt) {
        match halt {
            Halt::Escalate(code) => self.need(Need::Fault(code)),
            Halt::UnknownFact(slot) => super::stage::hold_unknown(self.inputs, self, slot),
        }
    }

    /// A claim that the guardrails do not list counts as goodwill.
    pub(crate) fn unlisted(&mut self, claim: &Code, basis: &'static str) {
        self.adjustments.push(Adjustment {
            rule: Rule::UnlistedClaim,
            from: Adjusted::Basis(basis),
            to: Adjusted::Basis("goodwill"),
            evidence: Evidence::named(claim),
        });
    }

    /// Records that a rule moved a sum.
    pub(crate) fn worth_moved(&mut self, rule: Rule, from: Money, to: Money, evidence: Evidence) {
        let (from, to) = (Adjusted::Worth(from), Adjusted::Worth(to));
        self.adjustments.push(Adjustment {
            rule,
            from,
            to,
            evidence,
        });
    }

    /// Gives an item in another kind at the same worth.
    pub(crate) fn change_kind(
        &mut self,
        index: usize,
        rule: Rule,
        kind: &'a Kind,
    ) -> Result<(), Halt> {
        let Some(item) = self.items.get_mut(index) else {
            return Ok(());
        };
        let from = Adjusted::Kind(item.kind.name.clone());
        let worth = item.worth();
        item.give(kind, worth)?;
        item.consented = item.is_statutory() && rule == Rule::RequestedKind && !kind.is_cash();
        let evidence = Evidence::default().limit(worth);
        self.adjustments.push(Adjustment {
            rule,
            from,
            to: Adjusted::Kind(kind.name.clone()),
            evidence,
        });
        Ok(())
    }

    /// Takes an item away.
    pub(crate) fn drop_item(&mut self, index: usize, rule: Rule) {
        let Some(item) = self.items.get_mut(index) else {
            return;
        };
        let worth = item.worth();
        let evidence = Evidence::named(&item.kind.name);
        item.clear();
        self.worth_moved(rule, worth, Money::zero(worth.currency()), evidence);
    }

    /// Takes every discretionary item away without a trace, when a halt explains it.
    pub(crate) fn drop_discretionary(&mut self) {
        self.items.retain(Item::is_statutory);
    }

    /// Takes away what has nothing left to give.
    pub(crate) fn drop_empty(&mut self) {
        if self.items.iter().any(Item::is_empty) {
            self.items.retain(|item| !item.is_empty());
        }
    }

    /// The one currency of what is discretionary and worth something, if anything is.
    ///
    /// Halts where there are two: no limit could be told.
    pub(crate) fn currency(&self) -> Result<Option<Currency>, Halt> {
        let mut one = None;
        for item in &self.items {
            let worth = item.worth();
            if worth.minor() == 0 || item.is_statutory() {
                continue;
            }
            if *one.get_or_insert(worth.currency()) != worth.currency() {
                return Err(Halt::Escalate(&codes::UNKNOWN_CURRENCY_LIMIT));
            }
        }
        Ok(one)
    }

    /// Lowers items by a sum: goodwill from the last, then the rest from the last.
    pub(crate) fn take_from_last(&mut self, counted: Counted, sum: Money) -> Result<(), Halt> {
        let mut left = sum;
        for goodwill_only in [true, false] {
            for item in self.items.iter_mut().rev() {
                if left.minor() == 0 || !counted.counts(item) || goodwill_only != item.is_goodwill()
                {
                    continue;
                }
                let worth = item.worth();
                if worth.minor() == 0 {
                    continue;
                }
                let cut = Money::new(worth.minor().min(left.minor()), worth.currency());
                item.set_worth(worth.minus(cut)?)?;
                let taken = worth.minus(item.worth())?;
                left = Money::new(left.minus(taken)?.minor().max(0), left.currency());
            }
        }
        Ok(())
    }

    /// Asks for a person, once for each reason.
    pub(crate) fn need_once(&mut self, need: Need<'a>) {
        if self.needs.iter().all(|own| own.urgency() != need.urgency()) {
            self.needs.push(need);
        }
    }

    /// What goodwill comes to; `None` where some of it is in another currency.
    pub(crate) fn goodwill(&self, currency: Currency) -> Result<Option<Money>, Halt> {
        let mut sum = Money::zero(currency);
        for item in self.items.iter().filter(|item| item.is_goodwill()) {
            if item.worth().minor() == 0 {
                continue;
            }
            if item.currency() != currency {
                return Ok(None);
            }
            sum = sum.plus(item.worth())?;
        }
        Ok(Some(sum))
    }

    /// What the release gives on the facts.
    pub(crate) fn tariff_or(&self, sum: Money) -> Money {
        self.findings
            .as_ref()
            .map_or(sum, |findings| findings.tariff)
    }

    /// Whether an offer was brought down to the corridor's edge.
    pub(crate) fn is_above_corridor(&self, offer: Money) -> bool {
        let lowered = |adjustment: &Adjustment| {
            adjustment.rule == Rule::Corridor
                && adjustment.from == Adjusted::Worth(offer)
                && matches!(&adjustment.to, Adjusted::Worth(to) if to.minor() < offer.minor())
        };
        self.adjustments.iter().any(lowered)
    }

    /// Moves the goodwill from its tariff to another sum.
    pub(crate) fn set_goodwill(&mut self, tariff: Money, sum: Money) -> Result<(), Halt> {
        if sum.minor() < tariff.minor() {
            return self.take_from_last(Counted::Goodwill, tariff.minus(sum)?);
        }
        let worth_something = |item: &&mut Item<'_>| item.is_goodwill() && !item.is_empty();
        let more = sum.minus(tariff)?;
        for item in self.items.iter_mut().filter(worth_something) {
            let worth = item.worth();
            if worth.minor() > 0 {
                return item.set_worth(worth.plus(more)?);
            }
        }
        Ok(())
    }

    /// Notes by when the policy wants somebody to act.
    pub(crate) fn deadline_of(&mut self, route: &Route) {
        let Some(deadline) = &route.deadline else {
            return;
        };
        let calendar = &self.inputs.guardrails.calendar;
        let start = match deadline.start {
            DeadlineStart::AsOf => Some(self.inputs.as_of),
            DeadlineStart::On(date) => calendar.start_of(date),
            DeadlineStart::Fact(slot) => match self.inputs.case.facts.get(slot) {
                Some(Value::Date(date)) => calendar.start_of(*date),
                Some(Value::DateTime(instant)) => Some(*instant),
                _ => {
                    let inputs = self.inputs;
                    if let Some(name) = inputs.fact_name(slot) {
                        self.because_unknown(name);
                    }
                    None
                }
            },
        };
        let span = Span {
            count: deadline.count.min(Span::COUNT_MAX),
            unit: deadline.unit,
        };
        self.policy_deadline = start.and_then(|start| calendar.due(start, span));
    }

    /// Keeps the policy's routing.
    pub(crate) fn route(&mut self, route: Route) {
        self.route = route;
    }

    /// The earlier of the policy's deadline and another.
    pub(crate) fn earlier(&self, other: Option<Due>) -> Option<Due> {
        match (self.policy_deadline, other) {
            (Some(own), Some(other)) if other.at < own.at => Some(other),
            (own, other) => own.or(other),
        }
    }

    fn outcome(&self) -> Outcome {
        let urgent = |need: &Need<'_>| matches!(need, Need::Safety(_) | Need::Fault(_));
        if self.needs.iter().any(urgent) {
            Outcome::Escalate
        } else if self.hold.is_some() {
            Outcome::Hold
        } else if !self.needs.is_empty() {
            Outcome::Escalate
        } else if !self.items.is_empty() {
            Outcome::Grant
        } else {
            Outcome::Refuse
        }
    }

    /// The remedies as they are granted; parts of one remedy have its reasons each.
    fn remedies(&mut self, authenticated: bool) -> Vec<GrantedRemedy> {
        let mut remedies = Vec::with_capacity(self.items.len());
        for (place, item) in self.items.iter().enumerate() {
            let mut others = self.items.iter().skip(place).skip(1);
            let is_shared = others.any(|other| other.source == item.source);
            let reasons = self.proposed.get_mut(item.source).map(|source| {
                if is_shared {
                    source.reasons.clone()
                } else {
                    mem::take(&mut source.reasons)
                }
            });
            remedies.push(granted(item, reasons.unwrap_or_default(), authenticated));
        }
        remedies
    }

    /// The reasons that stand on no remedy, each once and in order of weight: what a
    /// person is called for, what else the engine found, what the policy says. What a
    /// hold waits for comes before all.
    fn reasons(&mut self, outcome: Outcome) -> Vec<Reason> {
        let engine = mem::take(&mut self.engine_reasons);
        let (mut reasons, engine) = if outcome == Outcome::Hold {
            (engine, Vec::new())
        } else {
            (Vec::with_capacity(self.needs.len()), engine)
        };
        for need in &self.needs {
            add(&mut reasons, Reason::bare(need.reason(self).clone()));
        }
        add_all(&mut reasons, engine);
        add_all(&mut reasons, mem::take(&mut self.policy_reasons));
        let says_nothing = |item: &Item<'_>| reasons_of(item, &self.proposed).is_empty();
        if reasons.is_empty() && self.items.iter().all(says_nothing) {
            reasons.push(Reason::bare(codes::NOTHING_DUE.clone()));
        }
        reasons
    }

    /// The decision.
    pub(crate) fn finish(mut self) -> Decision {
        self.drop_empty();
        if !self.inputs.is_authenticated() && !self.items.is_empty() {
            self.need(Need::Unverified);
        }
        let outcome = self.outcome();
        if outcome == Outcome::Refuse {
            super::stage::review(self.inputs, &mut self);
        }
        let is_danger = |need: &Need<'_>| matches!(need, Need::Safety(_));
        let in_danger = self.needs.iter().any(is_danger);
        self.needs.sort_by_key(Need::urgency);
        let rung = escalate::rung(self.inputs);
        let escalations = escalate::escalations(self.inputs, &self, rung);
        let first = escalations.first();
        let until = self.hold.as_ref().and_then(|hold| hold.until);
        let earliest = escalations
            .iter()
            .filter_map(|e| e.deadline)
            .min_by_key(|due| due.at);
        let guardrail = match outcome {
            Outcome::Hold => until,
            Outcome::Escalate => earliest,
            Outcome::Grant => None,
            Outcome::Refuse => self.review.as_ref().and_then(|review| review.deadline),
        };
        let deadline = self.earlier(guardrail);
        let owner = match outcome {
            Outcome::Hold => self.hold.as_ref().map(|hold| hold.owner.clone()),
            Outcome::Escalate => first.map(|escalation| escalation.owner.clone()),
            Outcome::Grant => None,
            Outcome::Refuse => self.review.as_ref().map(|review| review.owner.clone()),
        };
        let climbing = rung.filter(|_| outcome == Outcome::Escalate);
        let priority = [
            in_danger.then_some(PRIORITY_MAX),
            self.route.priority,
            climbing.and_then(|rung| rung.priority),
        ];
        let inputs = self.inputs;
        let envelope = &inputs.case.envelope;
        let authenticated = inputs.is_authenticated();
        let reasons = self.reasons(outcome);
        let remedies = self.remedies(authenticated);
        Decision {
            case: envelope.id.clone(),
            event: envelope.event.clone(),
            claimant: envelope.claimant.id.clone(),
            as_of: inputs.as_of,
            release: inputs.guardrails.release.clone(),
            outcome,
            tier: self.tier.map(|tier| tier.name.clone()),
            remedies,
            adjustments: self.adjustments,
            reasons,
            authority: Authority {
                held: inputs.actor.role.clone(),
                required: self.required.map(|role| role.name.clone()),
            },
            escalations,
            hold: self.hold,
            review: self.review,
            owner,
            queue: self.route.queue,
            priority: priority.into_iter().flatten().min(),
            deadline,
            duties: self.duties,
            obligations: self.route.obligations,
            findings: self.findings,
        }
    }
}

/// The reasons of an item, as they were given with what was proposed.
pub(crate) fn reasons_of<'p>(item: &Item<'_>, proposed: &'p [Remedy]) -> &'p [Reason] {
    let source = proposed.get(item.source);
    source.map_or(&[], |source| &source.reasons)
}

/// Adds a reason that is not there yet.
fn add(reasons: &mut Vec<Reason>, reason: Reason) {
    if !reasons.contains(&reason) {
        reasons.push(reason);
    }
}

/// Adds the reasons that are not there yet.
fn add_all(reasons: &mut Vec<Reason>, more: Vec<Reason>) {
    if reasons.is_empty() && more.len() <= 1 {
        *reasons = more;
    } else {
        more.into_iter().for_each(|reason| add(reasons, reason));
    }
}

fn granted(item: &Item<'_>, reasons: Vec<Reason>, authenticated: bool) -> GrantedRemedy {
    let now = authenticated && !item.on_approval;
    GrantedRemedy {
        kind: item.kind.name.clone(),
        amount: item.amount(),
        basis: item.basis(),
        head: item.head(),
        worth: Some(item.worth()),
        payable: if now {
            Payable::Now
        } else {
            Payable::OnApproval
        },
        cash_open: if item.consented {
            CashOpen::Yes
        } else {
            CashOpen::No
        },
        reasons,
    }
}
