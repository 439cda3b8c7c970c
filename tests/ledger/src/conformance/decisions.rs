//! Decisions: what they promise and to whom, one event and one remedy, personal data,
//! warnings, the record.

use redress_ledger::command::{Decide, Erase};
use redress_ledger::rows::EntryState;
use redress_ledger::{Command, EntriesOf, Ledger};
use redress_model::{
    ActorId, Assurance, Basis, ClaimantId, EventId, Fault, Proposal, Verdict, Warnings,
};

use super::Trial;
use crate::fixture::{
    actor, after, apply, case, case_with, code, decide, eur, goodwill, grants, matter, refund,
    remedy, settle, start, void,
};

/// Decides as Ann, an agent, and gives outcome and cents granted and held.
#[track_caller]
fn check(ledger: &dyn Ledger, id: &str, event: &str, who: &str, what: Proposal, expected: &str) {
    let matter = matter(case(id, event, who));
    let command = decide(&matter, what, actor("ann", "agent"));
    let answer = apply(ledger, id, command, start()).unwrap().answer;
    let entries = answer.entries.iter().map(|entry| {
        format!(
            " {} {} {}",
            entry.head,
            entry.state.name(),
            entry.worth.minor()
        )
    });
    let shown = format!("{}{}", answer.did, entries.collect::<String>());
    assert_eq!(shown, expected);
}

fn contractual(minor: i64) -> Proposal {
    grants(vec![remedy(
        Basis::Contractual(code("terms")),
        minor,
        "terms",
    )])
}

fn refuses() -> Proposal {
    Proposal {
        verdict: Verdict::Refuse(vec![redress_model::Reason::bare(code("not_founded"))]),
        ..grants(Vec::new())
    }
}

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = what_they_promise();
    trials.extend(one_event());
    trials.extend(faults());
    trials.extend(records());
    trials.extend(warnings());
    trials
}

fn what_they_promise() -> Vec<Trial> {
    let one = |name: &str, what: fn() -> Proposal, expected: &'static str| {
        Trial::new(name, move |ledger| {
            check(ledger, "1", "e1", "c1", what(), expected)
        })
    };
    vec![
        one(
            "goodwill within authority is granted",
            || goodwill(2_000),
            "grant goodwill granted 2000",
        ),
        one(
            "goodwill over authority is held",
            || goodwill(2_001),
            "escalate goodwill held 2001",
        ),
        one(
            "contractual over authority is held",
            || contractual(9_000),
            "escalate fare held 9000",
        ),
        one(
            "a lawful sum needs no authority",
            || refund(30_000),
            "grant refund granted 30000",
        ),
        one(
            "a lawful sum above the second look is held",
            || refund(30_001),
            "escalate refund held 30001",
        ),
        one("a refusal promises nothing", refuses, "refuse"),
        one(
            "law and goodwill stand side by side",
            || {
                let lawful = remedy(Basis::Statutory(code("refund_law")), 10_000, "owed");
                grants(vec![lawful, remedy(Basis::Goodwill, 1_000, "sorry")])
            },
            "grant refund granted 10000 goodwill granted 1000",
        ),
        one(
            "what is lawful goes out while goodwill waits",
            || {
                let lawful = remedy(Basis::Statutory(code("refund_law")), 10_000, "owed");
                grants(vec![lawful, remedy(Basis::Goodwill, 5_000, "sorry")])
            },
            "escalate refund granted 10000 goodwill held 5000",
        ),
        one(
            "punitive damages wait for legal",
            || {
                grants(vec![remedy(
                    Basis::Statutory(code("punitive")),
                    20_000,
                    "owed",
                )])
            },
            "escalate punitive held 20000",
        ),
        one(
            "the last resort waits for its chain",
            || grants(vec![remedy(Basis::Goodwill, 1_000, "full_refund")]),
            "escalate goodwill held 1000",
        ),
        one(
            "goodwill beyond a cap is cut to it",
            || goodwill(9_000),
            "escalate goodwill held 8000",
        ),
        one(
            "nothing of worth promises nothing",
            || goodwill(0),
            "refuse",
        ),
        Trial::new("an actor nobody vouches for releases nothing", |ledger| {
            let matter = matter(case("1", "e1", "c1"));
            let mut ann = actor("ann", "agent");
            ann.assurance = Assurance::Unverified;
            let answer = apply(ledger, "1", decide(&matter, refund(100), ann), start());
            let answer = answer.unwrap().answer;
            assert_eq!(answer.did, code("escalate"));
            assert_eq!(answer.entries[0].state, EntryState::Held);
        }),
        Trial::new("held sums count against limits", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                goodwill(8_000),
                "escalate goodwill held 8000",
            );
            // 80.00 of one agent to one customer are used up, so nothing is reserved.
            check(ledger, "2", "e2", "c1", goodwill(100), "escalate");
            let open = ledger.queue(&redress_ledger::QueueOf::Decision(2)).unwrap();
            assert_eq!(open[0].reason, code("cap_spent"));
        }),
    ]
}

fn one_event() -> Vec<Trial> {
    vec![
        Trial::new("asking twice gives once", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                goodwill(1_500),
                "grant goodwill granted 1500",
            );
            check(ledger, "2", "e1", "c1", goodwill(1_500), "refuse");
        }),
        Trial::new("asking for more later gives the difference", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                refund(10_000),
                "grant refund granted 10000",
            );
            check(
                ledger,
                "2",
                "e1",
                "c1",
                refund(16_000),
                "grant refund granted 6000",
            );
        }),
        Trial::new("split into three it comes to the same", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                goodwill(600),
                "grant goodwill granted 600",
            );
            check(
                ledger,
                "2",
                "e1",
                "c1",
                goodwill(1_200),
                "grant goodwill granted 600",
            );
            check(
                ledger,
                "3",
                "e1",
                "c1",
                goodwill(1_800),
                "grant goodwill granted 600",
            );
        }),
        Trial::new("another beneficiary of the event has their own", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                refund(10_000),
                "grant refund granted 10000",
            );
            check(
                ledger,
                "2",
                "e1",
                "c2",
                refund(10_000),
                "grant refund granted 10000",
            );
        }),
        Trial::new("goodwill does not eat what is lawful", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                goodwill(2_000),
                "grant goodwill granted 2000",
            );
            check(
                ledger,
                "2",
                "e1",
                "c1",
                refund(10_000),
                "grant refund granted 10000",
            );
        }),
        Trial::new("what waits for approval is promised", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                goodwill(5_000),
                "escalate goodwill held 5000",
            );
            check(ledger, "2", "e1", "c1", goodwill(5_000), "escalate");
        }),
        Trial::new("what was settled stays paid", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                goodwill(1_500),
                "grant goodwill granted 1500",
            );
            apply(ledger, "s", settle(1), start()).unwrap();
            check(ledger, "2", "e1", "c1", goodwill(1_500), "refuse");
        }),
        Trial::new("what was voided is owed again", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                goodwill(1_500),
                "grant goodwill granted 1500",
            );
            apply(ledger, "v", void(1), start()).unwrap();
            check(
                ledger,
                "2",
                "e1",
                "c1",
                goodwill(1_500),
                "grant goodwill granted 1500",
            );
        }),
        Trial::new(
            "the event's own sums do not fill its limits twice",
            |ledger| {
                // 60.00 are used of 80.00 that Ann may give this customer; the entitlement
                // rises to 70.00, of which 10.00 are new.
                for (id, event, sum) in [("1", "e1", 2_000), ("2", "e2", 2_000), ("3", "e3", 2_000)]
                {
                    let matter = matter(case(id, event, "c1"));
                    let command = decide(&matter, goodwill(sum), actor("ann", "agent"));
                    apply(ledger, id, command, start()).unwrap();
                }
                let matter = matter(case("4", "e1", "c1"));
                let by = actor("bob", "lead");
                let command = decide(&matter, goodwill(4_000), by);
                let answer = apply(ledger, "4", command, after(31, 0)).unwrap().answer;
                assert_eq!(answer.entries[0].worth, eur(2_000));
            },
        ),
        Trial::new(
            "a sum paid under another head fills the limits all the same",
            |ledger| {
                let terms = "grant fare granted 2000";
                check(ledger, "1", "e1", "c1", contractual(2_000), terms);
                let all = grants(vec![remedy(Basis::Goodwill, 11_000, "sorry")]);
                let matter = matter(case("2", "e1", "c1"));
                let command = decide(&matter, all, actor("max", "manager"));
                apply(ledger, "2", command, start()).unwrap();
                let event = EventId::new("e1").unwrap();
                let live = ledger.entries(&EntriesOf::Event(event)).unwrap();
                let sum: i64 = live.iter().map(|entry| entry.worth_minor).sum();
                assert!(sum <= 12_000, "{sum} exceeds the cap of the event");
            },
        ),
    ]
}

fn faults() -> Vec<Trial> {
    let fault = |name: &str, fault: fn() -> Fault, reason: &'static str| {
        Trial::new(
            format!("{name} escalates and reserves nothing"),
            move |ledger| {
                let command = Command::Decide(Box::new(Decide {
                    matter: matter(case("1", "e1", "c1")),
                    proposal: Err(fault()),
                    warnings: Warnings::default(),
                    actor: actor("ann", "agent"),
                }));
                let answer = apply(ledger, "1", command, start()).unwrap().answer;
                assert_eq!(answer.did, code("escalate"));
                assert!(answer.entries.is_empty());
                let open = ledger.queue(&redress_ledger::QueueOf::Open).unwrap();
                assert_eq!(open[0].reason, code(reason));
            },
        )
    };
    vec![
        fault(
            "a failing policy",
            || Fault::Failed {
                message: "no".into(),
                at: None,
            },
            "policy_failed",
        ),
        fault(
            "a bad answer",
            || Fault::BadAnswer {
                message: "no".into(),
            },
            "policy_answer_invalid",
        ),
        fault(
            "a policy that was not run",
            || Fault::Host {
                message: "no".into(),
            },
            "policy_not_run",
        ),
    ]
}

fn records() -> Vec<Trial> {
    vec![
        Trial::new(
            "every command that changed something has a record, without a gap",
            |ledger| {
                check(
                    ledger,
                    "1",
                    "e1",
                    "c1",
                    goodwill(1_500),
                    "grant goodwill granted 1500",
                );
                apply(ledger, "s", settle(1), start()).unwrap();
                assert!(apply(ledger, "again", settle(1), start()).is_err());
                check(
                    ledger,
                    "2",
                    "e2",
                    "c1",
                    refund(100),
                    "grant refund granted 100",
                );
                let records = ledger.records(0, 100).unwrap();
                let shown = records.iter().map(|row| (row.seq, row.kind.as_str()));
                let expected = [(1, "decision"), (2, "settle"), (3, "decision")];
                assert_eq!(shown.collect::<Vec<_>>(), expected);
                assert_eq!(ledger.records(1, 1).unwrap()[0].seq, 2);
            },
        ),
        Trial::new("a decision's number is that of its record", |ledger| {
            check(
                ledger,
                "1",
                "e1",
                "c1",
                goodwill(1_500),
                "grant goodwill granted 1500",
            );
            apply(ledger, "s", settle(1), start()).unwrap();
            check(
                ledger,
                "2",
                "e2",
                "c1",
                refund(100),
                "grant refund granted 100",
            );
            let row = ledger.decision(3).unwrap().unwrap();
            assert_eq!((row.id, row.case_id.as_str()), (3, "2"));
            assert!(ledger.decision(2).unwrap().is_none());
        }),
        Trial::new("what is kept of a customer can be erased", |ledger| {
            let erase = |who: &str| {
                Command::Erase(Erase {
                    claimant: ClaimantId::new(who).unwrap(),
                    by: ActorId::new("dpo").unwrap(),
                })
            };
            check(
                ledger,
                "1",
                "e1",
                "c1",
                goodwill(100),
                "grant goodwill granted 100",
            );
            let answer = apply(ledger, "erase", erase("c1"), start()).unwrap().answer;
            assert_eq!((answer.did, answer.decision), (code("erased"), None));
            // What counts against limits stays.
            assert!(!ledger.accounts("customer:c1", start()).unwrap().is_empty());
            let nobody = apply(ledger, "nobody", erase("c9"), start());
            assert_eq!(nobody.unwrap_err().code(), "no_such_customer");
        }),
        Trial::new("nothing is erased while a person must decide", |ledger| {
            let command = decide(
                &matter(case("1", "e1", "c1")),
                goodwill(9_000),
                actor("ann", "agent"),
            );
            let answer = apply(ledger, "1", command, start()).unwrap().answer;
            assert_eq!(answer.did, code("escalate"));
            let erase = Command::Erase(Erase {
                claimant: ClaimantId::new("c1").unwrap(),
                by: ActorId::new("dpo").unwrap(),
            });
            let refused = apply(ledger, "erase", erase, start()).unwrap_err();
            assert_eq!(refused.code(), "still_open");
        }),
        Trial::new("an experiment's arm stands on its decision", |ledger| {
            let mut matter = matter(case("1", "e1", "c1"));
            matter.arm = Some(code("blue_letter"));
            let command = decide(&matter, goodwill(100), actor("ann", "agent"));
            apply(ledger, "1", command, start()).unwrap();
            let row = ledger.decision(1).unwrap().unwrap();
            assert_eq!(row.arm, Some(code("blue_letter")));
        }),
        Trial::new(
            "the incident date picks the release, the ledger gives the time",
            |ledger| {
                check(
                    ledger,
                    "1",
                    "e1",
                    "c1",
                    goodwill(100),
                    "grant goodwill granted 100",
                );
                let row = ledger.decision(1).unwrap().unwrap();
                assert_eq!(row.incident_date.to_string(), "2026-03-01");
                assert_eq!(row.at, start());
            },
        ),
    ]
}

fn warnings() -> Vec<Trial> {
    let facts = |cents: u32| format!(r#""scene":"flight","loss":"{}.00 EUR""#, 100 + cents);
    let warned = move |ledger: &dyn Ledger, id: &str, who: &str, loss: u32, day: i64| {
        let matter = matter(case_with(id, id, who, &[], &facts(loss)));
        let command = decide(&matter, goodwill(1), actor("ann", "agent"));
        let answer = apply(ledger, &format!("{id}@{day}"), command, after(day, 0));
        let warnings = answer.unwrap().answer.warnings;
        let names = warnings.iter().map(|code| code.as_str().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    vec![
        Trial::new(
            "a third complaint of one customer is repeated",
            move |ledger| {
                assert_eq!(warned(ledger, "1", "c1", 0, 0), "");
                assert_eq!(warned(ledger, "2", "c1", 1, 1), "");
                assert_eq!(warned(ledger, "3", "c1", 2, 2), "repeated");
                assert_eq!(warned(ledger, "4", "c2", 3, 3), "");
            },
        ),
        Trial::new(
            "a complaint after the window is not repeated",
            move |ledger| {
                assert_eq!(warned(ledger, "1", "c1", 0, 0), "");
                assert_eq!(warned(ledger, "2", "c1", 1, 1), "");
                assert_eq!(warned(ledger, "3", "c1", 2, 30), "");
            },
        ),
        Trial::new(
            "the same case again is not another complaint",
            move |ledger| {
                for day in 0..4 {
                    assert_eq!(warned(ledger, "1", "c1", 0, day), "");
                }
            },
        ),
        Trial::new("a fifth like case in a week is systemic", move |ledger| {
            for number in 0..4 {
                let (id, who) = (format!("{number}"), format!("c{number}"));
                assert_eq!(warned(ledger, &id, &who, number, i64::from(number)), "");
            }
            assert_eq!(warned(ledger, "5", "c5", 5, 6), "systemic");
            assert_eq!(warned(ledger, "6", "c6", 6, 15), "");
        }),
        Trial::new("four equal losses in two days are a burst", move |ledger| {
            for number in 0..3 {
                let (id, who) = (format!("{number}"), format!("c{number}"));
                assert_eq!(warned(ledger, &id, &who, 7, 0), "");
            }
            assert_eq!(warned(ledger, "4", "c4", 7, 1), "burst");
        }),
        Trial::new(
            "a reason that comes six times in three days is hot",
            move |ledger| {
                for number in 0..5 {
                    let (id, who) = (format!("{number}"), format!("c{number}"));
                    let other = warned(ledger, &id, &who, number, i64::from(number) / 2);
                    assert!(!other.contains("hot_reason"), "{number}");
                }
                assert!(warned(ledger, "6", "c6", 6, 2).contains("hot_reason"));
            },
        ),
        Trial::new(
            "a complaint that waited for its facts is counted once they are known",
            move |ledger| {
                for number in 0..4 {
                    let id = number.to_string();
                    let unknown = matter(case_with(&id, &id, "c1", &[], ""));
                    let command = decide(&unknown, goodwill(1), actor("ann", "agent"));
                    let answer = apply(ledger, &id, command, after(number, 0))
                        .unwrap()
                        .answer;
                    assert!(!answer.warnings.contains(&code("repeated")));
                    let expected = if number < 2 { "" } else { "repeated" };
                    for again in 0..2 {
                        let day = number + again * 10;
                        assert_eq!(warned(ledger, &id, "c1", number as u32, day), expected);
                    }
                }
            },
        ),
        Trial::new("the standing counts other complaints", move |ledger| {
            warned(ledger, "1", "c1", 0, 0);
            warned(ledger, "2", "c1", 0, 0);
            let own = matter(case_with("3", "3", "c1", &[], &facts(0)));
            let standing = ledger
                .standing(&own, &actor("ann", "agent"), after(0, 9))
                .unwrap();
            let warnings = standing.warnings;
            assert_eq!(
                (warnings.repeats, warnings.like_cases, warnings.burst),
                (2, 2, 2)
            );
            let again = matter(case_with("2", "2", "c1", &[], &facts(0)));
            let standing = ledger
                .standing(&again, &actor("ann", "agent"), after(0, 9))
                .unwrap();
            assert_eq!(
                standing.warnings.repeats, 1,
                "its own complaint is not another"
            );
        }),
        Trial::new("a repeated complaint starts one rung up", move |ledger| {
            warned(ledger, "1", "c1", 0, 0);
            warned(ledger, "2", "c1", 1, 0);
            let third = matter(case_with("3", "3", "c1", &[], &facts(2)));
            let command = decide(&third, goodwill(4_000), actor("bea", "agent"));
            let answer = apply(ledger, "3", command, after(1, 0)).unwrap().answer;
            let row = ledger.escalation(answer.escalations[0]).unwrap().unwrap().0;
            assert_eq!((row.owner, row.level), (code("supervisors"), 1));
        }),
    ]
}
