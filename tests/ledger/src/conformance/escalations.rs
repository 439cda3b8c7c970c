//! What several escalations of one decision do to each other, and those that somebody asks
//! for by hand.

use redress_ledger::command::{Escalate, Extend, Overturn};
use redress_ledger::rows::EscalationState;
use redress_ledger::{Command, EntriesOf, Ledger, QueueOf};
use redress_model::{ActorId, Basis, Remedy};

use super::Trial;
use super::approvals::{asked, refused, states};
use crate::fixture::{
    actor, after, apply, approve, case, code, decide, depart, goodwill, grants, matter, refund,
    refuse, remedy, sign, start, void,
};

fn punitive() -> Remedy {
    remedy(Basis::Statutory(code("punitive")), 20_000, "owed")
}

fn lawful() -> Remedy {
    remedy(Basis::Statutory(code("refund_law")), 40_000, "owed")
}

fn sorry() -> Remedy {
    remedy(Basis::Goodwill, 5_500, "sorry")
}

/// The open escalation of a decision for a reason.
fn open(ledger: &dyn Ledger, reason: &str) -> u64 {
    let rows = ledger.queue(&QueueOf::Open).unwrap();
    let found = rows.iter().find(|row| row.reason == code(reason));
    found.unwrap_or_else(|| panic!("{reason}: {rows:?}")).id
}

fn reasons(ledger: &dyn Ledger) -> String {
    let rows = ledger.queue(&QueueOf::Open).unwrap();
    let reasons = rows.iter().map(|row| row.reason.to_string());
    reasons.collect::<Vec<_>>().join(", ")
}

/// Bob escalates decision 1 by hand.
fn by_hand(ledger: &dyn Ledger) -> u64 {
    let command = Command::Escalate(Escalate {
        decision: 1,
        by: ActorId::new("bob").unwrap(),
        reason: code("customer_disputes"),
        owner: code("leads"),
        due_at: None,
    });
    let answer = apply(ledger, "by hand", command, start()).unwrap().answer;
    answer.escalations[0]
}

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = several();
    trials.extend(asked_by_hand());
    trials.extend(given_way());
    trials.extend(of_the_law());
    trials
}

fn several() -> Vec<Trial> {
    vec![
        Trial::new(
            "refused goodwill leaves punitive damages to legal",
            |ledger| {
                let what = grants(vec![punitive(), sorry()]);
                let matter = asked(ledger, &what);
                let authority = open(ledger, "over_authority");
                let command = refuse(authority, actor("max", "manager"));
                apply(ledger, "r", command, start()).unwrap();
                assert_eq!(states(ledger, 1), "held 20000, refused 5500");
                let chain = open(ledger, "approval_chain");
                let command = sign(chain, actor("len", "legal"), &matter, what);
                apply(ledger, "l", command, start()).unwrap();
                assert_eq!(
                    states(ledger, 1),
                    "voided 20000, refused 5500, granted 20000",
                    "what was refused is not given by another's approval"
                );
            },
        ),
        Trial::new(
            "punitive damages that legal refused stay refused with a second look",
            |ledger| {
                let what = grants(vec![punitive(), lawful()]);
                let matter = asked(ledger, &what);
                let chain = open(ledger, "approval_chain");
                apply(ledger, "r", refuse(chain, actor("len", "legal")), start()).unwrap();
                assert_eq!(states(ledger, 1), "refused 20000, held 40000");
                let look = open(ledger, "second_look");
                let command = approve(look, actor("sue", "supervisor"), &matter, what);
                apply(ledger, "a", command, start()).unwrap();
                assert_eq!(
                    states(ledger, 1),
                    "refused 20000, voided 40000, granted 40000"
                );
            },
        ),
        Trial::new(
            "a second look releases the law while goodwill waits",
            |ledger| {
                let what = grants(vec![lawful(), sorry()]);
                let matter = asked(ledger, &what);
                let look = open(ledger, "second_look");
                let by = || actor("max", "manager");
                let command = approve(look, by(), &matter, what.clone());
                let answer = apply(ledger, "a", command, start()).unwrap().answer;
                assert_eq!(answer.did, code("approved_waiting"));
                assert_eq!(states(ledger, 1), "voided 40000, held 5500, granted 40000");
                let authority = open(ledger, "over_authority");
                let command = approve(authority, by(), &matter, what);
                let answer = apply(ledger, "b", command, start()).unwrap().answer;
                assert_eq!(answer.did, code("approved"));
                assert_eq!(
                    states(ledger, 1),
                    "voided 40000, granted 5500, granted 40000"
                );
            },
        ),
        Trial::new("no spent cap delays a second look", |ledger| {
            let first = matter(case("0", "e0", "c1"));
            let spends = decide(&first, goodwill(9_000), actor("max", "manager"));
            apply(ledger, "0", spends, start()).unwrap();
            let what = grants(vec![lawful(), remedy(Basis::Goodwill, 1_500, "sorry")]);
            let own = matter(case("1", "e1", "c1"));
            let command = decide(&own, what.clone(), actor("ann", "agent"));
            apply(ledger, "1", command, start()).unwrap();
            let look = open(ledger, "second_look");
            let command = approve(look, actor("sue", "supervisor"), &own, what);
            apply(ledger, "a", command, start()).unwrap();
            let entries = ledger.entries(&EntriesOf::Decision(2)).unwrap();
            let granted = entries.iter().filter(|entry| entry.state.counts());
            let granted: Vec<i64> = granted.map(|entry| entry.worth_minor).collect();
            assert!(granted.contains(&40_000), "{entries:?}");
        }),
    ]
}

fn asked_by_hand() -> Vec<Trial> {
    vec![
        Trial::new(
            "what was asked for by hand holds nothing up and outlives the decision's own",
            |ledger| {
                let what = refund(40_000);
                let matter = asked(ledger, &what);
                let own = by_hand(ledger);
                let look = open(ledger, "second_look");
                let command = approve(look, actor("sue", "supervisor"), &matter, what);
                let answer = apply(ledger, "a", command, start()).unwrap().answer;
                assert_eq!(answer.did, code("approved"));
                assert_eq!(states(ledger, 1), "voided 40000, granted 40000");
                assert_eq!(open(ledger, "customer_disputes"), own);
            },
        ),
        Trial::new(
            "a refusal of what was asked for by hand touches nothing else",
            |ledger| {
                asked(ledger, &grants(vec![punitive(), sorry()]));
                let own = by_hand(ledger);
                let before = (states(ledger, 1), reasons(ledger).matches(',').count());
                let by_proposer = refuse(own, actor("ann", "agent"));
                let reply = apply(ledger, "p", by_proposer, start());
                refused(reply, "approver_is_proposer");
                let command = refuse(own, actor("lee", "lead"));
                let answer = apply(ledger, "r", command, start()).unwrap().answer;
                assert_eq!((answer.escalations, answer.entries.len()), (vec![own], 0));
                assert_eq!(states(ledger, 1), before.0);
                assert_eq!(reasons(ledger).matches(',').count() + 1, before.1);
            },
        ),
        Trial::new("nobody asks by hand for what legal refused", |ledger| {
            let what = grants(vec![punitive()]);
            let matter = asked(ledger, &what);
            apply(ledger, "r", refuse(1, actor("len", "legal")), start()).unwrap();
            let own = by_hand(ledger);
            for (name, by, expected) in [
                ("bob", actor("bob", "agent"), "approver_is_proposer"),
                ("ann", actor("ann", "agent"), "approver_is_proposer"),
                ("lee", actor("lee", "lead"), "still_escalates"),
                ("max", actor("max", "manager"), "still_escalates"),
            ] {
                let command = approve(own, by, &matter, what.clone());
                refused(apply(ledger, name, command, start()), expected);
            }
            assert_eq!(states(ledger, 1), "refused 20000");
        }),
        Trial::new("nobody asks by hand to go round a chain", |ledger| {
            let what = grants(vec![remedy(Basis::Goodwill, 1_000, "full_refund")]);
            let matter = asked(ledger, &what);
            apply(ledger, "r", refuse(1, actor("fin", "finance")), start()).unwrap();
            let own = by_hand(ledger);
            let command = approve(own, actor("sue", "supervisor"), &matter, what);
            refused(apply(ledger, "a", command, start()), "still_escalates");
            assert_eq!(states(ledger, 1), "refused 1000");
        }),
        Trial::new(
            "what was asked for by hand is given by whoever has the authority",
            |ledger| {
                let matter = asked(ledger, &goodwill(5_500));
                let refusal = refuse(1, actor("sue", "supervisor"));
                apply(ledger, "r", refusal, start()).unwrap();
                let own = by_hand(ledger);
                let lead = approve(own, actor("lee", "lead"), &matter, goodwill(5_500));
                refused(apply(ledger, "a", lead, start()), "over_authority");
                let manager = approve(own, actor("max", "manager"), &matter, goodwill(5_500));
                apply(ledger, "b", manager, start()).unwrap();
                assert_eq!(states(ledger, 1), "refused 5500, granted 5500");
            },
        ),
    ]
}

fn given_way() -> Vec<Trial> {
    vec![
        Trial::new(
            "a departure closes what people were asked for before",
            |ledger| {
                let what = goodwill(5_500);
                let matter = asked(ledger, &what);
                let command = Command::Override(Box::new(depart(1, &matter, 1_000)));
                let answer = apply(ledger, "o", command, start()).unwrap().answer;
                assert_eq!(answer.escalations, [1]);
                assert_eq!(states(ledger, 1), "voided 5500");
                assert_eq!(reasons(ledger), "");
                let late = approve(1, actor("max", "manager"), &matter, what);
                refused(apply(ledger, "a", late, start()), "escalation_closed");
            },
        ),
        Trial::new(
            "a departure leaves legal its chain, and no goodwill in it",
            |ledger| {
                let what = grants(vec![punitive(), sorry()]);
                let matter = asked(ledger, &what);
                let command = Command::Override(Box::new(depart(1, &matter, 1_000)));
                apply(ledger, "o", command, start()).unwrap();
                assert_eq!(reasons(ledger), "approval_chain");
                let chain = open(ledger, "approval_chain");
                let command = sign(chain, actor("len", "legal"), &matter, what);
                apply(ledger, "l", command, start()).unwrap();
                assert_eq!(
                    states(ledger, 1),
                    "voided 20000, voided 5500, granted 20000"
                );
            },
        ),
        Trial::new(
            "nobody asks by hand for what a departure took away",
            |ledger| {
                let what = goodwill(5_500);
                let matter = asked(ledger, &what);
                let command = Command::Override(Box::new(depart(1, &matter, 0)));
                let answer = apply(ledger, "o", command, start()).unwrap().answer;
                let departure = answer.decision.unwrap();
                for (name, decision) in [("of the old", 1), ("of the new", departure)] {
                    let command = Command::Escalate(Escalate {
                        decision,
                        by: ActorId::new("bob").unwrap(),
                        reason: code("customer_disputes"),
                        owner: code("leads"),
                        due_at: None,
                    });
                    let answer = apply(ledger, name, command, start()).unwrap().answer;
                    let by = actor("max", "manager");
                    let command = approve(answer.escalations[0], by, &matter, what.clone());
                    let answer = apply(ledger, &format!("approve {name}"), command, start());
                    assert!(answer.unwrap().answer.entries.is_empty(), "{name}");
                }
                assert_eq!(states(ledger, 1), "voided 5500");
            },
        ),
        Trial::new(
            "an overturned decision gives no goodwill any more",
            |ledger| {
                let what = grants(vec![lawful(), sorry()]);
                let matter = asked(ledger, &what);
                let command = Command::Overturn(Overturn {
                    decision: 1,
                    by: ActorId::new("aud").unwrap(),
                    reason: code("fraud"),
                });
                let answer = apply(ledger, "o", command, start()).unwrap().answer;
                assert_eq!((answer.escalations.len(), answer.entries.len()), (1, 1));
                assert_eq!(states(ledger, 1), "held 40000, voided 5500");
                let look = open(ledger, "second_look");
                let command = approve(look, actor("max", "manager"), &matter, what);
                apply(ledger, "a", command, start()).unwrap();
                assert_eq!(
                    states(ledger, 1),
                    "voided 40000, voided 5500, granted 40000"
                );
            },
        ),
    ]
}

fn of_the_law() -> Vec<Trial> {
    vec![
        Trial::new("nothing wrong with goodwill holds the law up", |ledger| {
            // Nobody says whose team it is, so no limit per team can be told.
            let mut own = matter(case("1", "e1", "c1"));
            own.team = None;
            let what = grants(vec![lawful(), remedy(Basis::Goodwill, 1_000, "sorry")]);
            let command = decide(&own, what.clone(), actor("ann", "agent"));
            apply(ledger, "1", command, start()).unwrap();
            assert_eq!(states(ledger, 1), "held 40000");
            assert!(reasons(ledger).contains("standing_incomplete"));
            let look = open(ledger, "second_look");
            let command = approve(look, actor("sue", "supervisor"), &own, what);
            apply(ledger, "a", command, start()).unwrap();
            assert_eq!(states(ledger, 1), "voided 40000, granted 40000");
        }),
        Trial::new("nobody takes a held sum of the law away", |ledger| {
            asked(ledger, &refund(40_000));
            refused(apply(ledger, "v", void(1), start()), "binding");
            assert_eq!(states(ledger, 1), "held 40000");
        }),
        Trial::new("nobody puts a second look off", |ledger| {
            asked(ledger, &refund(40_000));
            let command = Command::Extend(Extend {
                escalation: 1,
                by: actor("sue", "supervisor"),
                until: after(300, 0),
            });
            refused(apply(ledger, "x", command, start()), "binding");
            let row = ledger.escalation(1).unwrap().unwrap().0;
            assert_eq!(row.state, EscalationState::Open);
            assert!(row.due_at < Some(after(30, 0)));
        }),
    ]
}
