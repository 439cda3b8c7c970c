//! A release with one of everything, and ways to vary a case.

use std::sync::LazyLock;

use redress_model::admit::AdmitLimits;
use redress_model::{
    Actor, Amount, Assurance, Basis, Case, Code, Currency, Digest, Fault, Locale, Money, Proposal,
    Reason, Remedy, Rounding, Route, Schema, Slot, Standing, Timestamp, Value, Verdict,
};

use crate::guardrails::{
    AuthorityRow, Base, BasisKind, Budget, CashRule, Chain, Claim, ClaimBasis, Condition, Corridor,
    Envelope, Floor, GoodwillSwitch, HoldRule, KernelFacts, Kind, LadderRung, LedgerRules, Limit,
    Precondition, ReviewRule, Role, RollingCap, SafetyRule, Scope, SecondLook, Signature, Taboo,
    Tier, UnknownFactRule, Worth,
};
use crate::{Calendar, Decision, Guardrails, ReleaseId, Span, decide};

const SCHEMA: &str = r#"{"type":"object","properties":{
  "scene":{"type":"string","enum":["flight","hotel"],"x-class":"gate"},
  "persons":{"type":"integer","minimum":1,"maximum":9,"x-class":"merit","x-direction":"higher_is_worse","x-unit":"count"},
  "loss":{"type":"string","format":"money","x-class":"merit","x-direction":"higher_is_worse"},
  "severity":{"type":"string","enum":["low","high"],"x-class":"route"},
  "danger":{"type":"string","enum":["none","threat","false_alarm"],"x-class":"safety"},
  "listed":{"type":"boolean","x-class":"gate"},
  "privacy":{"type":"boolean","x-class":"gate"},
  "unsafe":{"type":"boolean","x-class":"gate"},
  "consent":{"type":"boolean","x-class":"gate"}
}}"#;

pub(super) fn schema() -> &'static Schema {
    static COMPILED: LazyLock<Schema> =
        LazyLock::new(|| Schema::compile(SCHEMA.as_bytes()).unwrap());
    &COMPILED
}

pub(super) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub(super) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::new("EUR").unwrap())
}

fn hours(count: u32) -> Span {
    Span {
        count,
        unit: redress_model::DeadlineUnit::Hours,
    }
}

fn slot(name: &str) -> Slot {
    schema().slot(name).unwrap()
}

fn condition(name: &str) -> Condition {
    Condition {
        slot: slot(name),
        value: Value::Bool(true),
    }
}

pub(super) fn base(name: &str) -> Base {
    Base {
        slot: slot(name),
        name: name.into(),
    }
}

fn kind(name: &str, worth: Worth) -> Kind {
    Kind {
        name: code(name),
        worth,
        locales: Vec::new(),
        scenes: Vec::new(),
    }
}

fn claim(name: &str, basis: ClaimBasis, max: Limit) -> Claim {
    Claim {
        code: code(name),
        basis,
        head: code(name),
        source: "test".into(),
        max_per_person: max,
        kinds: vec![code("cash")],
        approval: None,
        second_look: None,
        nets: Vec::new(),
    }
}

fn role(name: &str, rank: u32) -> Role {
    Role {
        name: code(name),
        rank,
        owner: code(&format!("{name}s")),
        within: hours(24 * rank),
    }
}

/// The places of the roles.
const AGENT: usize = 0;
const SUPERVISOR: usize = 1;
const MANAGER: usize = 2;

fn row(role: usize, limit: i64) -> AuthorityRow {
    AuthorityRow {
        role,
        basis: None,
        kind: None,
        scene: None,
        limit: eur(limit),
        valid_from: None,
        valid_until: None,
        delegated_by: None,
    }
}

/// 600.00 EUR of compensation a person, a refund of the loss, punitive damages that
/// legal signs; goodwill of 60 to 80 percent, at most the loss, 1,000.00 EUR in 90 days.
pub(super) fn guardrails() -> Guardrails {
    let statutory = ClaimBasis::Statutory;
    let share = |points, most| Limit::Share {
        basis_points: points,
        of: base("loss"),
        at_most: most,
    };
    Guardrails {
        release: ReleaseId {
            name: "test/all".into(),
            version: "1.0.0".into(),
            digest: Digest::of(b"test"),
        },
        rounding: Rounding::HalfUp,
        schema: schema().digest(),
        facts: KernelFacts {
            scene: Some(slot("scene")),
            persons: Some(base("persons")),
            loss: Some(base("loss")),
            severity: Some(slot("severity")),
            customer_value: None,
            consent: Some(slot("consent")),
        },
        claims: vec![
            Claim {
                second_look: Some(SecondLook {
                    above: eur(100_000),
                    role: code("supervisor"),
                    within: hours(48),
                }),
                ..claim("compensation", statutory, Limit::Fixed(eur(60_000)))
            },
            Claim {
                nets: vec![code("goodwill")],
                ..claim("refund", statutory, share(10_000, Some(eur(500_000))))
            },
            Claim {
                approval: Some(code("legal")),
                ..claim("punitive", statutory, share(30_000, None))
            },
            claim(
                "warranty",
                ClaimBasis::Contractual,
                Limit::Fixed(eur(20_000)),
            ),
        ],
        floors: vec![
            Floor {
                claim: code("compensation"),
                at_least: Limit::Fixed(eur(5_000)),
                when: Vec::new(),
            },
            Floor {
                claim: code("refund"),
                at_least: Limit::Fixed(eur(1_000)),
                when: vec![condition("unsafe")],
            },
        ],
        tiers: vec![Tier {
            name: code("level_2"),
            from_basis_points: 6_000,
            to_basis_points: 8_000,
            of: base("loss"),
        }],
        envelope: Envelope {
            cash: CashRule::NeedsLoss,
            loss_multiple_basis_points: Some(10_000),
            caps: vec![RollingCap {
                name: code("customer"),
                basis: None,
                limit: eur(100_000),
                window_days: 90,
                per: Scope::Customer,
                times: None,
            }],
            budgets: vec![Budget {
                name: code("year"),
                basis: None,
                limit: eur(10_000_000),
                per: Scope::Everyone,
            }],
        },
        kinds: vec![
            kind("cash", Worth::Face { percent: 100 }),
            kind("voucher", Worth::Face { percent: 100 }),
            Kind {
                locales: vec![Locale::new("zh").unwrap()],
                ..kind("red_packet", Worth::Face { percent: 100 })
            },
            kind("clock", Worth::Face { percent: 100 }),
            kind("discount", Worth::Face { percent: 50 }),
            kind("points", Worth::Each(eur(1))),
            kind("rebooking", Worth::Each(eur(0))),
        ],
        taboos: vec![
            Taboo::Kind {
                locale: Locale::new("zh").unwrap(),
                kind: code("clock"),
                instead: code("voucher"),
            },
            Taboo::Sum {
                locale: Locale::new("zh").unwrap(),
                sum: eur(25_000),
                instead: eur(26_000),
            },
        ],
        corridor: Corridor {
            tolerance_basis_points: 500,
            rounding_unit: Some(eur(100)),
        },
        roles: vec![role("agent", 1), role("supervisor", 2), role("manager", 3)],
        authority: vec![
            AuthorityRow {
                scene: Some(1),
                valid_until: Some("2026-06-30".parse().unwrap()),
                ..row(AGENT, 40_000)
            },
            AuthorityRow {
                basis: Some(BasisKind::Goodwill),
                ..row(AGENT, 20_000)
            },
            row(SUPERVISOR, 80_000),
            row(MANAGER, 1_000_000),
        ],
        chains: vec![
            Chain {
                name: code("legal"),
                codes: vec![code("punitive")],
                when: vec![condition("privacy")],
                signatures: vec![Signature {
                    role: code("manager"),
                    count: 2,
                }],
                owner: code("legal"),
                within: hours(72),
            },
            Chain {
                name: code("full_refund"),
                codes: vec![code("last_resort")],
                when: Vec::new(),
                signatures: vec![
                    Signature {
                        role: code("supervisor"),
                        count: 1,
                    },
                    Signature {
                        role: code("manager"),
                        count: 1,
                    },
                ],
                owner: code("finance"),
                within: hours(48),
            },
        ],
        preconditions: vec![Precondition {
            stages: vec![redress_model::Stage::Received],
            missing: code("demand"),
            owner: code("frontline"),
            within: hours(24),
            freezes: vec![code("fee")],
        }],
        holds: vec![HoldRule {
            code: code("certificate_missing"),
            missing: code("certificate"),
            owner: code("frontline"),
            within: hours(168),
            freezes: vec![code("fee")],
        }],
        unknown_fact: UnknownFactRule {
            owner: code("frontline"),
            within: hours(48),
            freezes: Vec::new(),
            names: schema()
                .facts()
                .iter()
                .map(|fact| code(&fact.name))
                .collect(),
        },
        reviews: vec![ReviewRule {
            when: vec![condition("listed")],
            owner: code("complaints_lead"),
            within: hours(48),
            goodwill: GoodwillSwitch::Off,
        }],
        safety: vec![SafetyRule {
            slot: slot("danger"),
            raised: vec![Value::Enum(1)],
            cleared: vec![Value::Enum(2)],
            cleared_goodwill_percent: 0,
            owner: code("safety_officer"),
            within: Span {
                count: 15,
                unit: redress_model::DeadlineUnit::Minutes,
            },
            duties: vec![code("call_back")],
        }],
        ladder: vec![LadderRung {
            severity: Some(1),
            customer_value: None,
            owner: Some(code("duty_manager")),
            within: hours(4),
            priority: Some(1),
        }],
        ledger: LedgerRules::default(),
        fairness: None,
        calendar: Calendar::utc(),
    }
}

/// One decision waiting to be made; every part can be varied.
#[derive(Debug)]
pub(super) struct Try {
    pub(super) facts: String,
    pub(super) envelope: String,
    pub(super) proposal: Result<Proposal, Fault>,
    pub(super) standing: Standing,
    pub(super) actor: Actor,
    pub(super) as_of: Timestamp,
    pub(super) guardrails: Guardrails,
}

/// A loss of 1,000.00 EUR to one person on a flight, decided by an agent.
pub(super) fn grant(remedies: Vec<Remedy>) -> Try {
    Try {
        facts: r#""loss":"1000.00 EUR","persons":1,"scene":"flight""#.into(),
        envelope: r#""stage":"facts_recorded""#.into(),
        proposal: Ok(Proposal {
            verdict: Verdict::Grant(remedies),
            tier: None,
            route: Route::default(),
        }),
        standing: Standing::fresh(),
        actor: Actor {
            id: redress_model::ActorId::new("a-1").unwrap(),
            role: code("agent"),
            assurance: Assurance::Authenticated,
        },
        as_of: "2026-07-01T08:00:00Z".parse().unwrap(),
        guardrails: guardrails(),
    }
}

impl Try {
    pub(super) fn facts(mut self, facts: &str) -> Self {
        self.facts = facts.into();
        self
    }

    pub(super) fn envelope(mut self, members: &str) -> Self {
        self.envelope = members.into();
        self
    }

    pub(super) fn role(mut self, role: &str) -> Self {
        self.actor.role = code(role);
        self
    }

    pub(super) fn tier(mut self, tier: &str) -> Self {
        if let Ok(proposal) = &mut self.proposal {
            proposal.tier = Some(code(tier));
        }
        self
    }

    pub(super) fn verdict(mut self, verdict: Verdict) -> Self {
        self.proposal = Ok(Proposal {
            verdict,
            tier: None,
            route: Route::default(),
        });
        self
    }

    pub(super) fn standing(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }

    pub(super) fn case(&self) -> Case {
        let text = format!(
            r#"{{"id":"c","incident_date":"2026-06-01","event":"e","claimant":{{"id":"p","locale":"zh-CN"}},{},"facts":{{{}}}}}"#,
            self.envelope, self.facts
        );
        Case::admit(text.as_bytes(), schema(), AdmitLimits::STANDARD).unwrap()
    }

    pub(super) fn decide(&self) -> Decision {
        let case = self.case();
        let proposal = self.proposal.clone();
        decide(
            &case,
            proposal,
            &self.guardrails,
            &self.standing,
            &self.actor,
            self.as_of,
        )
    }
}

pub(super) fn remedy(kind: &str, amount: Amount, basis: Basis) -> Remedy {
    Remedy {
        kind: code(kind),
        amount,
        basis,
        reasons: vec![Reason::bare(code("because"))],
    }
}

pub(super) fn goodwill(kind: &str, minor: i64) -> Remedy {
    remedy(kind, Amount::Money(eur(minor)), Basis::Goodwill)
}

pub(super) fn statutory(claim: &str, minor: i64) -> Remedy {
    remedy(
        "cash",
        Amount::Money(eur(minor)),
        Basis::Statutory(code(claim)),
    )
}
