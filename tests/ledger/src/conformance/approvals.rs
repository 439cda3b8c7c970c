//! Approval: by whom, on which standing, one by one and by several; refusal and more time.

use redress_ledger::command::{Escalate, Extend};
use redress_ledger::rows::EscalationState;
use redress_ledger::{Command, EntriesOf, Ledger, Matter, QueueOf, Reply};
use redress_model::{Actor, ActorId, Assurance, Basis, Proposal, Timestamp};

use super::Trial;
use crate::fixture::{
    actor, after, apply, approve, case, code, decide, due, eur, goodwill, grants, matter, refund,
    refuse, remedy, settle, sign, start,
};

/// Ann, an agent, asks for this and it escalates.
pub(super) fn asked(ledger: &dyn Ledger, what: &Proposal) -> Matter {
    let matter = matter(case("1", "e1", "c1"));
    let command = decide(&matter, what.clone(), actor("ann", "agent"));
    let answer = apply(ledger, "1", command, start()).unwrap().answer;
    assert!(!answer.escalations.is_empty());
    matter
}

fn approved(ledger: &dyn Ledger, matter: &Matter, what: &Proposal, by: Actor) -> Reply {
    let name = format!("approve by {}", by.id);
    apply(
        ledger,
        &name,
        approve(1, by, matter, what.clone()),
        after(0, 60),
    )
}

fn full_refund() -> Proposal {
    grants(vec![remedy(Basis::Goodwill, 1_000, "full_refund")])
}

#[track_caller]
pub(super) fn refused(reply: Reply, expected: &str) {
    assert_eq!(reply.unwrap_err().code(), expected);
}

pub(super) fn states(ledger: &dyn Ledger, decision: u64) -> String {
    let entries = ledger.entries(&EntriesOf::Decision(decision)).unwrap();
    let shown = entries
        .iter()
        .map(|entry| format!("{} {}", entry.state.name(), entry.worth_minor));
    shown.collect::<Vec<_>>().join(", ")
}

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = by_one();
    trials.extend(on_the_standing_of_now());
    trials.extend(by_several());
    trials.extend(refusals());
    trials.extend(more_time());
    trials
}

fn by_one() -> Vec<Trial> {
    let who = |name: &str, by: fn() -> Actor, expected: &'static str| {
        Trial::new(name, move |ledger| {
            let what = goodwill(5_500);
            let matter = asked(ledger, &what);
            match approved(ledger, &matter, &what, by()) {
                Ok(answered) => assert_eq!(answered.answer.did, code(expected)),
                Err(refused) => assert_eq!(refused.code(), expected),
            }
            let held = if expected == "approved" {
                "granted 5500"
            } else {
                "held 5500"
            };
            assert_eq!(states(ledger, 1), held);
        })
    };
    vec![
        who(
            "the role whose limit covers it approves",
            || actor("sue", "supervisor"),
            "approved",
        ),
        who(
            "a role above approves",
            || actor("max", "manager"),
            "approved",
        ),
        who(
            "a role below does not",
            || actor("lee", "lead"),
            "not_authorized",
        ),
        who(
            "the same role as the proposer's does not",
            || actor("bob", "agent"),
            "not_authorized",
        ),
        who(
            "a role nobody knows does not",
            || actor("eve", "intern"),
            "not_authorized",
        ),
        who(
            "a role above without a limit of its own does not",
            || actor("fin", "finance"),
            "over_authority",
        ),
        who(
            "the proposer does not, whatever their role",
            || actor("ann", "manager"),
            "approver_is_proposer",
        ),
        who(
            "somebody nobody vouches for does not",
            || Actor {
                assurance: Assurance::Unverified,
                ..actor("sue", "supervisor")
            },
            "actor_unverified",
        ),
        Trial::new(
            "an approved sum can be settled, a held one cannot",
            |ledger| {
                let what = goodwill(5_500);
                let matter = asked(ledger, &what);
                refused(apply(ledger, "s1", settle(1), start()), "awaits_approval");
                approved(ledger, &matter, &what, actor("sue", "supervisor")).unwrap();
                apply(ledger, "s2", settle(1), after(0, 90)).unwrap();
                assert_eq!(states(ledger, 1), "settled 5500");
            },
        ),
        Trial::new("an escalation is approved once", |ledger| {
            let what = goodwill(5_500);
            let matter = asked(ledger, &what);
            approved(ledger, &matter, &what, actor("sue", "supervisor")).unwrap();
            let again = approved(ledger, &matter, &what, actor("max", "manager"));
            refused(again, "escalation_closed");
        }),
        Trial::new("there is no such escalation", |ledger| {
            let what = goodwill(5_500);
            let matter = asked(ledger, &what);
            let command = approve(99, actor("sue", "supervisor"), &matter, what);
            refused(apply(ledger, "a", command, start()), "no_such_escalation");
        }),
        Trial::new("another case does not approve it", |ledger| {
            let what = goodwill(5_500);
            asked(ledger, &what);
            for other in [
                case("2", "e1", "c1"),
                case("1", "e2", "c1"),
                case("1", "e1", "c2"),
            ] {
                let name = format!("{:?}", other.envelope);
                let command = approve(1, actor("sue", "supervisor"), &matter(other), what.clone());
                refused(apply(ledger, &name[..100], command, start()), "other_case");
            }
        }),
        Trial::new("another release does not approve it", |ledger| {
            let what = goodwill(5_500);
            let mut matter = asked(ledger, &what);
            let text = format!("# later\n{}", include_str!("../guardrails.toml"));
            matter.guardrails = std::sync::Arc::new(crate::fixture::read(&text));
            refused(
                approved(ledger, &matter, &what, actor("sue", "supervisor")),
                "other_case",
            );
        }),
        Trial::new("a second look releases the law", |ledger| {
            let what = refund(40_000);
            let matter = asked(ledger, &what);
            approved(ledger, &matter, &what, actor("sue", "supervisor")).unwrap();
            assert_eq!(states(ledger, 1), "voided 40000, granted 40000");
        }),
        Trial::new(
            "an approval closes the escalation with its name",
            |ledger| {
                let what = goodwill(5_500);
                let matter = asked(ledger, &what);
                approved(ledger, &matter, &what, actor("sue", "supervisor")).unwrap();
                let (row, signed) = ledger.escalation(1).unwrap().unwrap();
                assert_eq!(row.state, EscalationState::Approved);
                assert_eq!(row.closed_by, Some(ActorId::new("sue").unwrap()));
                assert_eq!(signed.len(), 1);
                assert!(ledger.queue(&QueueOf::Open).unwrap().is_empty());
            },
        ),
    ]
}

fn on_the_standing_of_now() -> Vec<Trial> {
    vec![
        Trial::new("what is due less by then is granted less", |ledger| {
            let what = goodwill(5_500);
            let matter = asked(ledger, &what);
            let less = goodwill(3_000);
            approved(ledger, &matter, &less, actor("sue", "supervisor")).unwrap();
            assert_eq!(states(ledger, 1), "voided 5500, granted 3000");
        }),
        Trial::new("what is due more by then is not granted more", |ledger| {
            let what = goodwill(5_500);
            let matter = asked(ledger, &what);
            let more = goodwill(7_000);
            approved(ledger, &matter, &more, actor("sue", "supervisor")).unwrap();
            assert_eq!(states(ledger, 1), "granted 5500");
        }),
        Trial::new("a spent cap that has room by then is approved", |ledger| {
            let first = matter(case("0", "e0", "c1"));
            let command = decide(&first, goodwill(8_000), actor("ann", "agent"));
            apply(ledger, "0", command, start()).unwrap();
            let what = goodwill(1_500);
            let own = matter(case("1", "e1", "c1"));
            let command = decide(&own, what.clone(), actor("ann", "agent"));
            let answer = apply(ledger, "1", command, start()).unwrap().answer;
            assert!(answer.entries.is_empty(), "a spent cap reserves nothing");
            let spent = answer.escalations[0];
            let by = || actor("max", "manager");
            let now = apply(
                ledger,
                "a1",
                approve(spent, by(), &own, what.clone()),
                start(),
            );
            refused(now, "still_escalates");
            apply(ledger, "r", refuse(1, by()), start()).unwrap();
            apply(ledger, "a2", approve(spent, by(), &own, what), start()).unwrap();
            assert_eq!(states(ledger, 2), "granted 1500");
        }),
        Trial::new(
            "an approval leaves the sum with the agent's caps",
            |ledger| {
                let what = goodwill(5_500);
                let matter = asked(ledger, &what);
                approved(ledger, &matter, &what, actor("sue", "supervisor")).unwrap();
                let of_ann = ledger.accounts("agent:ann", after(0, 90)).unwrap();
                assert_eq!(of_ann[0].used_minor, 5_500);
                let of_sue = ledger.accounts("agent:sue", after(0, 90)).unwrap();
                assert!(of_sue.iter().all(|row| row.used_minor == 0));
            },
        ),
        Trial::new(
            "a case that waits for facts by then is not approved",
            |ledger| {
                let what = goodwill(5_500);
                let matter = asked(ledger, &what);
                let mut holds = grants(Vec::new());
                let slot = crate::fixture::schema().slot("loss").unwrap();
                holds.verdict =
                    redress_model::Verdict::Hold(redress_model::Hold::UnknownFact(slot));
                let reply = approved(ledger, &matter, &holds, actor("sue", "supervisor"));
                refused(reply, "still_escalates");
                assert_eq!(states(ledger, 1), "held 5500");
            },
        ),
        Trial::new(
            "of two that must approve, the first releases nothing",
            |ledger| {
                let what = grants(vec![remedy(Basis::Goodwill, 5_500, "full_refund")]);
                let matter = asked(ledger, &what);
                let open = ledger.queue(&QueueOf::Decision(1)).unwrap();
                assert_eq!(open.len(), 2, "the chain and the authority");
                let authority = open.iter().find(|row| row.chain.is_none()).unwrap().id;
                let chain = open.iter().find(|row| row.chain.is_some()).unwrap().id;
                let by = actor("max", "manager");
                let command = approve(authority, by, &matter, what.clone());
                let answer = apply(ledger, "a", command, start()).unwrap().answer;
                assert_eq!(answer.did, code("approved_waiting"));
                assert_eq!(states(ledger, 1), "held 5500");
                for (who, role) in [
                    ("sue", "supervisor"),
                    ("sam", "supervisor"),
                    ("fin", "finance"),
                ] {
                    let command = sign(chain, actor(who, role), &matter, what.clone());
                    apply(ledger, who, command, start()).unwrap();
                }
                assert_eq!(states(ledger, 1), "granted 5500");
            },
        ),
    ]
}

fn by_several() -> Vec<Trial> {
    fn signed(ledger: &dyn Ledger, matter: &Matter, who: &str, role: &str) -> Reply {
        let command = sign(1, actor(who, role), matter, full_refund());
        apply(ledger, &format!("sign {who}"), command, after(0, 60))
    }
    vec![
        Trial::new("two supervisors and finance sign, in any order", |ledger| {
            let matter = asked(ledger, &full_refund());
            for (who, role, did) in [
                ("fin", "finance", "signed"),
                ("sue", "supervisor", "signed"),
                ("sam", "supervisor", "approved"),
            ] {
                assert_eq!(
                    signed(ledger, &matter, who, role).unwrap().answer.did,
                    code(did)
                );
            }
            assert_eq!(states(ledger, 1), "granted 1000");
        }),
        Trial::new("nobody approves alone what several sign", |ledger| {
            let matter = asked(ledger, &full_refund());
            let reply = approved(ledger, &matter, &full_refund(), actor("sue", "supervisor"));
            refused(reply, "needs_signatures");
        }),
        Trial::new("nobody signs twice", |ledger| {
            let matter = asked(ledger, &full_refund());
            signed(ledger, &matter, "sue", "supervisor").unwrap();
            let command = sign(1, actor("sue", "finance"), &matter, full_refund());
            refused(apply(ledger, "again", command, start()), "already_signed");
        }),
        Trial::new("a third supervisor is one too many", |ledger| {
            let matter = asked(ledger, &full_refund());
            signed(ledger, &matter, "sue", "supervisor").unwrap();
            signed(ledger, &matter, "sam", "supervisor").unwrap();
            refused(
                signed(ledger, &matter, "sid", "supervisor"),
                "not_authorized",
            );
        }),
        Trial::new("a chain wants exactly its roles", |ledger| {
            let matter = asked(ledger, &full_refund());
            refused(signed(ledger, &matter, "max", "manager"), "not_authorized");
            refused(signed(ledger, &matter, "len", "legal"), "not_authorized");
        }),
        Trial::new("the proposer does not sign", |ledger| {
            let matter = asked(ledger, &full_refund());
            refused(
                signed(ledger, &matter, "ann", "supervisor"),
                "approver_is_proposer",
            );
        }),
        Trial::new("a signature is on record", |ledger| {
            let matter = asked(ledger, &full_refund());
            signed(ledger, &matter, "sue", "supervisor").unwrap();
            let (_, rows) = ledger.escalation(1).unwrap().unwrap();
            assert_eq!(rows[0].person, ActorId::new("sue").unwrap());
            assert_eq!(
                (rows[0].role.clone(), rows[0].at),
                (code("supervisor"), after(0, 60))
            );
        }),
        Trial::new(
            "legal signs punitive damages, which limits do not hold",
            |ledger| {
                let what = grants(vec![remedy(
                    Basis::Statutory(code("punitive")),
                    20_000,
                    "owed",
                )]);
                let matter = asked(ledger, &what);
                let command = sign(1, actor("len", "legal"), &matter, what);
                let answer = apply(ledger, "l", command, start()).unwrap().answer;
                assert_eq!(answer.did, code("approved"));
                assert_eq!(answer.entries.last().unwrap().worth, eur(20_000));
            },
        ),
    ]
}

fn refusals() -> Vec<Trial> {
    vec![
        Trial::new("a refusal releases what was held", |ledger| {
            asked(ledger, &goodwill(5_500));
            let reply = apply(ledger, "r", refuse(1, actor("sue", "supervisor")), start());
            assert_eq!(reply.unwrap().answer.did, code("refused"));
            assert_eq!(states(ledger, 1), "refused 5500");
            let used = ledger.accounts("customer:c1", start()).unwrap();
            let mut money = used.iter().filter(|row| !row.account.contains("warning"));
            assert!(money.all(|row| row.used_minor == 0));
        }),
        Trial::new("who could not approve cannot refuse", |ledger| {
            asked(ledger, &goodwill(5_500));
            let reply = apply(ledger, "r", refuse(1, actor("lee", "lead")), start());
            refused(reply, "not_authorized");
        }),
        Trial::new("somebody nobody vouches for cannot refuse", |ledger| {
            asked(ledger, &goodwill(5_500));
            let by = Actor {
                assurance: Assurance::Unverified,
                ..actor("sue", "supervisor")
            };
            refused(
                apply(ledger, "r", refuse(1, by), start()),
                "actor_unverified",
            );
        }),
        Trial::new("a second look on the law cannot be refused", |ledger| {
            asked(ledger, &refund(40_000));
            let reply = apply(ledger, "r", refuse(1, actor("sue", "supervisor")), start());
            refused(reply, "binding");
            assert_eq!(states(ledger, 1), "held 40000");
        }),
        Trial::new(
            "refused goodwill leaves the law with its second look",
            |ledger| {
                let lawful = remedy(Basis::Statutory(code("refund_law")), 40_000, "owed");
                let both = grants(vec![lawful, remedy(Basis::Goodwill, 5_500, "sorry")]);
                asked(ledger, &both);
                let open = ledger.queue(&QueueOf::Decision(1)).unwrap();
                let discretion = open
                    .iter()
                    .find(|row| row.reason == code("over_authority"))
                    .unwrap();
                let command = refuse(discretion.id, actor("max", "manager"));
                apply(ledger, "r", command, start()).unwrap();
                assert_eq!(states(ledger, 1), "held 40000, refused 5500");
                assert_eq!(ledger.queue(&QueueOf::Open).unwrap().len(), 1);
            },
        ),
        Trial::new("legal can refuse punitive damages", |ledger| {
            let what = grants(vec![remedy(
                Basis::Statutory(code("punitive")),
                20_000,
                "owed",
            )]);
            asked(ledger, &what);
            apply(ledger, "r", refuse(1, actor("len", "legal")), start()).unwrap();
            assert_eq!(states(ledger, 1), "refused 20000");
        }),
        Trial::new(
            "what a refusal of somebody unknown leaves of the law is released",
            |ledger| {
                let matter = matter(case("1", "e1", "c1"));
                let by = Actor {
                    assurance: Assurance::Unverified,
                    ..actor("web", "agent")
                };
                apply(ledger, "1", decide(&matter, refund(100), by), start()).unwrap();
                assert_eq!(states(ledger, 1), "held 100");
                apply(ledger, "r", refuse(1, actor("sue", "supervisor")), start()).unwrap();
                assert_eq!(states(ledger, 1), "granted 100");
            },
        ),
        Trial::new("a refused escalation is closed", |ledger| {
            asked(ledger, &goodwill(5_500));
            apply(ledger, "r", refuse(1, actor("sue", "supervisor")), start()).unwrap();
            let again = apply(ledger, "r2", refuse(1, actor("sue", "supervisor")), start());
            refused(again, "escalation_closed");
        }),
        Trial::new("anyone escalates by hand", |ledger| {
            let matter = matter(case("1", "e1", "c1"));
            let command = decide(&matter, goodwill(100), actor("ann", "agent"));
            apply(ledger, "1", command, start()).unwrap();
            let by_hand = |decision| {
                Command::Escalate(Escalate {
                    decision,
                    by: ActorId::new("the customer").unwrap(),
                    reason: code("not_satisfied"),
                    owner: code("ombudsman"),
                    due_at: Some(after(3, 0)),
                })
            };
            apply(ledger, "h", by_hand(1), start()).unwrap();
            let open = ledger.queue(&QueueOf::Owner(code("ombudsman"))).unwrap();
            assert_eq!(open[0].reason, code("not_satisfied"));
            refused(apply(ledger, "h2", by_hand(9), start()), "no_such_decision");
        }),
    ]
}

fn more_time() -> Vec<Trial> {
    fn extended_by(ledger: &dyn Ledger, name: &str, by: Actor, until: Timestamp) -> Reply {
        let command = Command::Extend(Extend {
            escalation: 1,
            by,
            until,
        });
        apply(ledger, name, command, after(0, 60))
    }
    fn extended(ledger: &dyn Ledger, name: &str, until: Timestamp) -> Reply {
        extended_by(ledger, name, actor("sue", "supervisor"), until)
    }
    vec![
        Trial::new(
            "a deadline moves later, and the rungs above with it",
            |ledger| {
                asked(ledger, &goodwill(5_500));
                let before = ledger.escalation(1).unwrap().unwrap().0;
                extended(ledger, "x", after(5, 0)).unwrap();
                let later = ledger.escalation(1).unwrap().unwrap().0;
                assert!(later.due_at > before.due_at);
                assert_ne!(later.ladder, before.ladder);
                assert_eq!(later.climbs_at, later.due_at);
            },
        ),
        Trial::new(
            "only who is asked takes more time, and not who asks",
            |ledger| {
                asked(ledger, &goodwill(5_500));
                let unverified = Actor {
                    assurance: Assurance::Unverified,
                    ..actor("sue", "supervisor")
                };
                for (by, expected) in [
                    (actor("lee", "lead"), "not_authorized"),
                    (actor("ann", "supervisor"), "approver_is_proposer"),
                    (unverified, "actor_unverified"),
                ] {
                    refused(extended_by(ledger, expected, by, after(5, 0)), expected);
                }
            },
        ),
        Trial::new("a deadline does not move earlier", |ledger| {
            asked(ledger, &goodwill(5_500));
            refused(extended(ledger, "x", after(0, 61)), "deadline_not_later");
            refused(extended(ledger, "y", after(-1, 0)), "deadline_not_later");
        }),
        Trial::new("a deadline does not move past the expiry", |ledger| {
            asked(ledger, &goodwill(5_500));
            refused(extended(ledger, "x", after(30, 0)), "deadline_not_later");
        }),
        Trial::new("a closed escalation has no more time", |ledger| {
            asked(ledger, &goodwill(5_500));
            apply(ledger, "r", refuse(1, actor("sue", "supervisor")), start()).unwrap();
            refused(extended(ledger, "x", after(5, 0)), "escalation_closed");
        }),
        Trial::new("an extended escalation climbs later", |ledger| {
            asked(ledger, &goodwill(5_500));
            extended(ledger, "x", after(6, 0)).unwrap();
            apply(ledger, "d", due(), after(5, 0)).unwrap();
            assert_eq!(ledger.escalation(1).unwrap().unwrap().0.level, 0);
            apply(ledger, "d2", due(), after(6, 1)).unwrap();
            assert_eq!(ledger.escalation(1).unwrap().unwrap().0.level, 1);
        }),
    ]
}
