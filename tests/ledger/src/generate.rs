//! Commands that nobody chose: few subjects, so that limits fill up, and every command with
//! every way to be refused.

use std::sync::{Arc, LazyLock};

use redress_kernel::Guardrails;
use redress_ledger::command::{
    Activate, Activity, Approval, Clock, Decide, Erase, Escalate, Expire, Extend, Gives, Keep,
    MarkError, Override, Overturn, Promise, Refuse, Settle, Shadow, Sweep, Void, Warrant,
};
use redress_ledger::rows::Ground;
use redress_ledger::{Answered, Command, Matter, Replay, Reply, Request};
use redress_model::{
    Actor, Amount, Assurance, Basis, Case, CaseId, ClaimantId, Code, Digest, EventId, Fault,
    Proposal, Reason, Remedy, Timestamp, Verdict, Warnings,
};

use crate::fixture::{
    actor, case_with, code, eur, gives, grants, guardrails, key, record_schema, request, start,
};
use crate::random::Random;

const SCENES: [&str; 4] = [
    r#""scene":"flight","#,
    r#""scene":"hotel","#,
    r#""scene":"hotel","#,
    "",
];
const LOSSES: [u32; 4] = [0, 20, 150, 600];
const PAYERS: [&[&str]; 4] = [&[], &["p1"], &["p2"], &["p1", "p2"]];
const PEOPLE: [(&str, &str); 12] = [
    ("ann", "agent"),
    ("bob", "agent"),
    ("lee", "lead"),
    ("sue", "supervisor"),
    ("sam", "supervisor"),
    ("sid", "supervisor"),
    ("max", "manager"),
    ("mel", "manager"),
    ("fin", "finance"),
    ("flo", "finance"),
    ("len", "legal"),
    ("eve", "intern"),
];

/// Facts and links that an admitted case may have; its envelope is changed afterwards.
fn templates() -> &'static [Case] {
    static TEMPLATES: LazyLock<Vec<Case>> = LazyLock::new(|| {
        let mut cases = Vec::new();
        for scene in SCENES {
            for loss in LOSSES {
                for payers in PAYERS {
                    let facts = format!(r#"{scene}"loss":"{loss}.00 EUR""#);
                    cases.push(case_with("t", "t", "t", payers, &facts));
                }
            }
        }
        cases
    });
    &TEMPLATES
}

/// Makes the commands of one history.
#[derive(Debug)]
pub struct Generator {
    random: Random,
    limits: Vec<Arc<Guardrails>>,
    now: Timestamp,
    made: u64,
    name: String,
    keys: Vec<Request>,
    /// Escalations with what was asked for, the latest last.
    open: Vec<(u64, Matter, Result<Proposal, Fault>)>,
    /// Entries, the latest last.
    entries: Vec<u64>,
    /// Decisions with their cases, the latest last.
    decisions: Vec<(u64, Matter, Result<Proposal, Fault>)>,
}

impl Generator {
    /// A history from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        static LATER: LazyLock<Arc<Guardrails>> = LazyLock::new(|| {
            // The same policy a version later: lower caps, another window, shorter terms.
            let text = include_str!("guardrails.toml")
                .replace(
                    "limit = \"100.00 EUR\"\nwindow_days = 90",
                    "limit = \"60.00 EUR\"\nwindow_days = 45",
                )
                .replace("limit = \"2000.00 EUR\"", "limit = \"900.00 EUR\"")
                .replace("\"14 calendar_days\"", "\"36 hours\"");
            Arc::new(crate::fixture::read(&text))
        });
        let mut random = Random::new(seed);
        let mut limits = vec![guardrails()];
        if random.chance(30) {
            limits.push(Arc::clone(&LATER));
        }
        Self {
            random,
            limits,
            now: start(),
            made: 0,
            name: String::new(),
            keys: Vec::new(),
            open: Vec::new(),
            entries: Vec::new(),
            decisions: Vec::new(),
        }
    }

    /// The same for one of several clients, whose keys are its own.
    #[must_use]
    pub fn named(mut self, client: u64) -> Self {
        self.name = format!("client-{client}-");
        self
    }

    /// Takes notice of an answer, so that later commands are about what there is.
    pub fn learn(&mut self, request: &Request, reply: &Reply) {
        let Ok(Answered {
            answer,
            replay: Replay::First,
            ..
        }) = reply
        else {
            return;
        };
        self.entries
            .extend(answer.entries.iter().map(|entry| entry.entry));
        if let (Command::Decide(it), Some(decision)) = (&request.command, answer.decision) {
            let decided = (decision, it.matter.clone(), it.proposal.clone());
            self.decisions.push(decided);
        }
        // What a decision asks of people, or somebody asks by hand.
        if let (Command::Decide(_) | Command::Escalate(_), Some(decision)) =
            (&request.command, answer.decision)
            && let Some((_, matter, proposal)) =
                self.decisions.iter().rev().find(|own| own.0 == decision)
        {
            for id in &answer.escalations {
                self.open.push((*id, matter.clone(), proposal.clone()));
            }
        }
    }

    /// The next command, with the time of a clock that jumps both ways.
    pub fn make(&mut self) -> (Request, Timestamp) {
        self.made += 1;
        let seconds = match self.random.below(20) {
            0 => 86_400 * (1 + self.random.below(40)) as i64,
            1 => -86_400 * self.random.below(60) as i64,
            2..=5 => 3_600 * self.random.below(30) as i64,
            _ => self.random.below(600) as i64,
        };
        if let Some(now) = self.now.plus_seconds(seconds) {
            self.now = now;
        }
        if self.random.chance(4) && !self.keys.is_empty() {
            let request = self.random.pick(&self.keys).clone();
            return (request, self.now);
        }
        let reused = self.random.chance(1) && !self.keys.is_empty();
        let name = if reused {
            self.random.pick(&self.keys).key.as_str().to_owned()
        } else {
            format!("{}k{}", self.name, self.made)
        };
        let request = request(key(&name), self.command());
        if self.keys.len() < 24 {
            self.keys.push(request.clone());
        } else {
            let place = self.random.below(24) as usize;
            self.keys[place] = request.clone();
        }
        (request, self.now)
    }

    fn command(&mut self) -> Command {
        match self.random.below(100) {
            0..=37 => {
                let matter = self.matter();
                Command::Decide(Box::new(Decide {
                    proposal: self.proposal(&matter),
                    warnings: self.warnings(),
                    matter,
                    actor: self.actor(),
                }))
            }
            38..=49 => Command::Settle(Settle {
                entry: self.entry(),
            }),
            50..=54 => Command::Void(Void {
                entry: self.entry(),
                by: self.actor().id,
                reason: code("mistake"),
            }),
            55..=56 => Command::Expire(Expire {
                entry: self.entry(),
            }),
            57..=64 => Command::Approve(Box::new(self.approval())),
            65..=72 => Command::Sign(Box::new(self.approval())),
            73..=75 => Command::Refuse(Refuse {
                escalation: self.escalation(),
                by: self.actor(),
                reason: code("not_founded"),
            }),
            76..=77 => Command::Extend(Extend {
                escalation: self.escalation(),
                by: self.actor(),
                until: self.later(),
            }),
            78 => Command::Escalate(Escalate {
                decision: self.decision(),
                by: self.actor().id,
                reason: code("not_satisfied"),
                owner: code("ombudsman"),
                due_at: self.random.chance(50).then(|| self.later()),
            }),
            79..=81 => {
                let decision = self.decision();
                let known = self.decisions.iter().find(|own| own.0 == decision);
                let matter = known.map(|(_, matter, _)| matter.clone());
                let matter = matter.unwrap_or_else(|| self.matter());
                Command::Override(Box::new(self.departure(decision, matter)))
            }
            82 => Command::Overturn(Overturn {
                decision: self.decision(),
                by: self.actor().id,
                reason: code("ombudsman"),
            }),
            83 => Command::MarkError(MarkError {
                decision: self.number(),
                by: self.actor().id,
                rule: code("no_loss_no_cash"),
            }),
            84..=86 => self.promise(),
            87 => Command::Keep(Keep {
                timer: self.number(),
                by: self.actor().id,
            }),
            88 => Command::Activity(Activity {
                claimant: self.claimant(),
            }),
            89 => Command::Erase(Erase {
                claimant: self.claimant(),
                by: self.actor().id,
            }),
            90 => Command::Activate(self.activation()),
            91 => Command::Shadow(Box::new(Shadow {
                decision: self.number(),
                policy: "travel/goodwill".into(),
                version: "2.0.0".into(),
                release: Digest::of(b"candidate"),
                outcome: code("grant"),
                gives: Vec::new(),
                reasons: vec![code("goodwill")],
                fault: None,
            })),
            _ => Command::Due(Sweep {
                limit: *self.random.pick(&[1, 2, 100, 10_000, 0]),
            }),
        }
    }

    /// One of few policies and revisions, so that some come again, some late, and some with
    /// other bytes.
    fn activation(&mut self) -> Activate {
        let revision = self.random.below(7);
        let bytes = if self.random.chance(20) { 99 } else { revision };
        Activate {
            policy: (*self.random.pick(&["air/eu261", "travel/goodwill"])).into(),
            revision,
            version: "1.0.0".into(),
            release: Digest::of(&bytes.to_le_bytes()),
            archive: Digest::of(&bytes.to_be_bytes()),
            from: "2026-01-01".parse().unwrap(),
            until: None,
            warrant: Warrant::Signed(vec!["key".into()]),
        }
    }

    /// Mostly one of the last decisions.
    fn decision(&mut self) -> u64 {
        if self.decisions.is_empty() || self.random.chance(30) {
            return self.number();
        }
        let from = self.decisions.len().saturating_sub(8);
        self.random.pick(&self.decisions[from..]).0
    }

    fn number(&mut self) -> u64 {
        self.random.below(self.made / 2 + 3)
    }

    fn later(&mut self) -> Timestamp {
        let seconds = 3_600 * self.random.below(240) as i64;
        self.now.plus_seconds(seconds).unwrap_or(self.now)
    }

    fn actor(&mut self) -> Actor {
        let (id, role) = *self.random.pick(&PEOPLE);
        let mut actor = actor(id, role);
        if self.random.chance(4) {
            actor.assurance = Assurance::Unverified;
        }
        actor
    }

    fn claimant(&mut self) -> ClaimantId {
        ClaimantId::new(&format!("c{}", self.random.below(4))).unwrap()
    }

    /// A case out of few: its number gives event, claimant and team, so that commands about
    /// the same case meet, and mostly the facts too.
    fn matter(&mut self) -> Matter {
        let number = self.random.below(24);
        let mut shape = Random::new(number);
        let shift = if self.random.chance(10) {
            self.random.bits()
        } else {
            0
        };
        let template = (shape.bits().wrapping_add(shift) % templates().len() as u64) as usize;
        let mut case = templates()[template].clone();
        case.envelope.id = CaseId::new(&format!("case-{number}")).unwrap();
        case.envelope.event = EventId::new(&format!("e{}", number / 2)).unwrap();
        case.envelope.claimant.id = ClaimantId::new(&format!("c{}", number % 4)).unwrap();
        let teams = [
            Some("blue"),
            Some("red"),
            Some("green"),
            Some("blue"),
            None,
            Some("red"),
        ];
        let campaigns = [None, Some("spring"), Some("autumn")];
        Matter {
            case: Arc::new(case),
            guardrails: Arc::clone(self.random.pick(&self.limits)),
            team: teams[(number % 6) as usize].map(code),
            campaign: campaigns[(number % 3) as usize].map(code),
            arm: None,
            schema: record_schema(),
        }
    }

    /// Mostly what the case's number says, so that a second ask and an approval meet the first.
    fn proposal(&mut self, matter: &Matter) -> Result<Proposal, Fault> {
        let id = matter.case.envelope.id.as_str();
        let number = id.bytes().map(u64::from).sum();
        let mut own = Random::new(number);
        if self.random.chance(25) {
            own = self.random.clone();
            self.random.bits();
        }
        if own.chance(4) {
            return Err(Fault::Failed {
                message: "no".into(),
                at: None,
            });
        }
        let mut proposal = grants(Vec::new());
        if own.chance(6) {
            proposal.verdict = Verdict::Refuse(vec![Reason::bare(code("not_founded"))]);
            return Ok(proposal);
        }
        if own.chance(4) {
            let slot = crate::fixture::schema().slot("loss").unwrap();
            proposal.verdict = Verdict::Hold(redress_model::Hold::UnknownFact(slot));
            return Ok(proposal);
        }
        let mut remedies = Vec::new();
        for _ in 0..=own.below(5) / 3 {
            remedies.push(remedy(&mut own));
        }
        proposal.verdict = Verdict::Grant(remedies);
        Ok(proposal)
    }

    fn entry(&mut self) -> u64 {
        if self.entries.is_empty() || self.random.chance(10) {
            return self.number();
        }
        let from = self.entries.len().saturating_sub(10);
        *self.random.pick(&self.entries[from..])
    }

    fn escalation(&mut self) -> u64 {
        if self.open.is_empty() || self.random.chance(10) {
            return self.number();
        }
        let from = self.open.len().saturating_sub(6);
        self.random.pick(&self.open[from..]).0
    }

    fn approval(&mut self) -> Approval {
        if !self.open.is_empty() && self.random.chance(85) {
            let from = self.open.len().saturating_sub(6);
            let (escalation, matter, mut proposal) = self.random.pick(&self.open[from..]).clone();
            if self.random.chance(15) {
                proposal = self.proposal(&matter);
            }
            return Approval {
                escalation,
                by: self.actor(),
                matter,
                proposal,
                warnings: self.warnings(),
            };
        }
        let matter = self.matter();
        Approval {
            escalation: self.number(),
            by: self.actor(),
            proposal: self.proposal(&matter),
            warnings: self.warnings(),
            matter,
        }
    }

    /// What a policy saw some time before.
    fn warnings(&mut self) -> Warnings {
        Warnings {
            repeats: self.random.below(3) as u32,
            like_cases: 0,
            burst: self.random.below(2) as u32,
        }
    }

    fn departure(&mut self, decision: u64, matter: Matter) -> Override {
        let (ground, head, claim) = *self.random.pick(&[
            (Ground::Goodwill, "goodwill", None),
            (Ground::Goodwill, "goodwill", None),
            (Ground::Contractual, "fare", Some("terms")),
            (Ground::Contractual, "terms", Some("terms")),
            (Ground::Statutory, "refund", Some("refund_law")),
        ]);
        let approver = if self.random.chance(60) {
            actor("sue", "supervisor")
        } else {
            self.actor()
        };
        let reasons = [
            Some("life_event"),
            Some("press_matter"),
            Some("because"),
            None,
        ];
        Override {
            decision,
            by: self.actor(),
            approver,
            gives: Gives {
                claim: claim.map(code),
                ..gives(ground, head, self.random.below(10_000) as i64 - 100)
            },
            reason: self.random.pick(&reasons).map(code),
            evidence: self.random.chance(90).then(|| Digest::of(b"evidence")),
            matter,
        }
    }

    fn promise(&mut self) -> Command {
        let (ground, head) = *self.random.pick(&[
            (Ground::Statutory, "late_reply"),
            (Ground::Contractual, "missed_visit"),
            (Ground::Goodwill, "care_pack"),
        ]);
        let clock = if self.random.chance(50) {
            Clock::Breach(self.later())
        } else {
            Clock::Quiet(86_400 * self.random.below(40) as u32)
        };
        Command::Promise(Box::new(Promise {
            matter: self.matter(),
            by: self.actor(),
            gives: gives(ground, head, self.random.below(5_000) as i64),
            clock,
            owner: code("care_desk"),
        }))
    }
}

fn remedy(random: &mut Random) -> Remedy {
    let basis = match random.below(10) {
        0 | 1 => Basis::Statutory(code("refund_law")),
        2 => Basis::Statutory(code("punitive")),
        3 | 4 => Basis::Contractual(code("terms")),
        5 => Basis::Contractual(code("unlisted")),
        _ => Basis::Goodwill,
    };
    let reasons: Vec<Code> = match random.below(8) {
        0 => vec![code("full_refund")],
        1 => vec![code("legal_matter")],
        _ => vec![code("sorry")],
    };
    let sums = [1, 300, 700, 1_500, 2_100, 4_500, 8_500, 31_000];
    let minor = *random.pick(&sums);
    let (kind, amount) = match random.below(5) {
        0 => ("voucher", Amount::Money(eur(minor))),
        1 => (
            "points",
            Amount::Units {
                unit: code("points"),
                count: minor,
            },
        ),
        _ => ("cash", Amount::Money(eur(minor))),
    };
    Remedy {
        kind: code(kind),
        amount,
        basis,
        reasons: reasons.into_iter().map(Reason::bare).collect(),
    }
}
