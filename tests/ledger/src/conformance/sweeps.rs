//! The sweep and what it does once: expiry, climbing, timers.

use redress_ledger::command::{Activity, Clock, Escalate, Gives, Keep, Overturn, Sweep};
use redress_ledger::rows::{EscalationState, Ground, TimerState};
use redress_ledger::{Command, EntriesOf, Ledger, QueueOf, Reply};
use redress_model::{ActorId, ClaimantId, Currency, Money, Timestamp};

use super::Trial;
use crate::fixture::{
    actor, after, apply, approve, case, code, decide, due, eur, gives, goodwill, matter, promise,
    refund, settle, start,
};

/// Sweeps until nothing is due; gives how often something was done.
fn swept(ledger: &dyn Ledger, name: &str, at: Timestamp) -> usize {
    for round in 0..100 {
        let answer = apply(ledger, &format!("{name} {round}"), due(), at)
            .unwrap()
            .answer;
        if answer.did == code("nothing_due") {
            return round;
        }
    }
    panic!("the sweep does not end");
}

fn decided(ledger: &dyn Ledger, id: &str, minor: i64, at: Timestamp) {
    let matter = matter(case(id, id, "c1"));
    let command = decide(&matter, goodwill(minor), actor("ann", "agent"));
    apply(ledger, id, command, at).unwrap();
}

fn states(ledger: &dyn Ledger) -> String {
    let claimant = ClaimantId::new("c1").unwrap();
    let entries = ledger.entries(&EntriesOf::Claimant(claimant)).unwrap();
    let shown = entries
        .iter()
        .map(|entry| format!("{} {}", entry.state.name(), entry.worth_minor));
    shown.collect::<Vec<_>>().join(", ")
}

fn kept(timer: u64) -> Command {
    Command::Keep(Keep {
        timer,
        by: ActorId::new("ann").unwrap(),
    })
}

fn active() -> Command {
    Command::Activity(Activity {
        claimant: ClaimantId::new("c1").unwrap(),
    })
}

/// Promises an answer within a day, and 25.00 EUR if it is late.
fn late_reply(ledger: &dyn Ledger) {
    let matter = matter(case("1", "e1", "c1"));
    let what = gives(Ground::Statutory, "late_reply", 2_500);
    let command = promise(&matter, what, Clock::Breach(after(1, 0)));
    apply(ledger, "promise", command, start()).unwrap();
}

/// A care pack after thirty quiet days.
fn care_pack(ledger: &dyn Ledger, minor: i64) {
    let matter = matter(case("1", "e1", "c1"));
    let what = gives(Ground::Goodwill, "care_pack", minor);
    let command = promise(&matter, what, Clock::Quiet(30 * 86_400));
    apply(ledger, "promise", command, start()).unwrap();
}

#[track_caller]
fn refused(reply: Reply, expected: &str) {
    assert_eq!(reply.unwrap_err().code(), expected);
}

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = expiry();
    trials.extend(climbing());
    trials.extend(timers());
    trials
}

fn expiry() -> Vec<Trial> {
    vec![
        Trial::new("a grant that nobody settled expires once", |ledger| {
            decided(ledger, "1", 1_500, start());
            assert_eq!(swept(ledger, "early", after(14, 0)), 0);
            assert_eq!(swept(ledger, "late", after(15, 0)), 1);
            assert_eq!(states(ledger), "expired 1500");
            assert_eq!(swept(ledger, "later", after(16, 0)), 0);
        }),
        Trial::new("a settled grant does not expire", |ledger| {
            decided(ledger, "1", 1_500, start());
            apply(ledger, "s", settle(1), start()).unwrap();
            assert_eq!(swept(ledger, "late", after(99, 0)), 0);
            assert_eq!(states(ledger), "settled 1500");
        }),
        Trial::new("expiry gives room again", |ledger| {
            decided(ledger, "1", 1_500, start());
            swept(ledger, "late", after(15, 0));
            let rows = ledger.accounts("customer:c1", after(15, 0)).unwrap();
            let money = rows.iter().filter(|row| !row.account.contains("warning"));
            assert!(money.map(|row| row.used_minor).all(|used| used == 0));
        }),
        Trial::new(
            "what nobody approved in time expires and releases",
            |ledger| {
                decided(ledger, "1", 5_500, start());
                swept(ledger, "late", after(9, 0));
                assert_eq!(states(ledger), "expired 5500");
                let row = ledger.escalation(1).unwrap().unwrap().0;
                assert_eq!((row.state, row.closed_by), (EscalationState::Expired, None));
            },
        ),
        Trial::new("a second look on the law never expires", |ledger| {
            let matter = matter(case("1", "e1", "c1"));
            let command = decide(&matter, refund(40_000), actor("ann", "agent"));
            apply(ledger, "1", command, start()).unwrap();
            swept(ledger, "late", after(400, 0));
            assert_eq!(states(ledger), "held 40000");
            assert_eq!(ledger.queue(&QueueOf::Open).unwrap().len(), 1);
        }),
        Trial::new("a sweep does no more than it was told", |ledger| {
            for number in 0..5 {
                let matter = matter(case(&format!("{number}"), &format!("e{number}"), "c1"));
                let command = decide(&matter, refund(100 + number), actor("ann", "agent"));
                apply(ledger, &format!("d{number}"), command, start()).unwrap();
                let what = gives(Ground::Statutory, "late_reply", 100);
                let command = promise(&matter, what, Clock::Breach(after(1, number)));
                apply(ledger, &format!("p{number}"), command, start()).unwrap();
            }
            let sweep = || Command::Due(Sweep { limit: 2 });
            let fired = apply(ledger, "s", sweep(), after(2, 0))
                .unwrap()
                .answer
                .timers;
            assert_eq!(fired, [1, 2]);
            let fired = apply(ledger, "s2", sweep(), after(2, 0))
                .unwrap()
                .answer
                .timers;
            assert_eq!(fired, [3, 4]);
        }),
        Trial::new("a sweep of nothing or of too much is refused", |ledger| {
            for (name, limit) in [("none", 0), ("many", 10_001)] {
                let command = Command::Due(Sweep { limit });
                refused(apply(ledger, name, command, start()), "out_of_range");
            }
        }),
    ]
}

fn climbing() -> Vec<Trial> {
    let owner = |ledger: &dyn Ledger| {
        let row = ledger.escalation(1).unwrap().unwrap().0;
        format!("{} {}", row.owner, row.level)
    };
    vec![
        Trial::new("an overdue escalation climbs one rung", move |ledger| {
            decided(ledger, "1", 5_500, start());
            assert_eq!(owner(ledger), "supervisors 0");
            // Two working days from Monday end with Wednesday in Berlin.
            let last = crate::fixture::at("2026-03-04T22:59:59Z");
            assert_eq!(swept(ledger, "in time", last), 0);
            assert_eq!(swept(ledger, "late", last.plus_seconds(1).unwrap()), 1);
            assert_eq!(owner(ledger), "managers 1");
        }),
        Trial::new(
            "a late sweep climbs as far as the clock has gone",
            move |ledger| {
                let matter = matter(case("1", "e1", "c1"));
                let command = decide(&matter, refund(40_000), actor("ann", "agent"));
                apply(ledger, "1", command, start()).unwrap();
                assert_eq!(swept(ledger, "late", after(60, 0)), 1);
                assert_eq!(owner(ledger), "legal_desk 3");
                assert_eq!(
                    swept(ledger, "later", after(90, 0)),
                    0,
                    "nothing is above the top"
                );
            },
        ),
        Trial::new(
            "early and late sweeps climb to the same rung",
            move |ledger| {
                let matter = matter(case("1", "e1", "c1"));
                let command = decide(&matter, refund(40_000), actor("ann", "agent"));
                apply(ledger, "1", command, start()).unwrap();
                for day in 1..60 {
                    swept(ledger, &format!("day {day}"), after(day, 0));
                }
                assert_eq!(owner(ledger), "legal_desk 3");
            },
        ),
        Trial::new("each rung is on record", move |ledger| {
            decided(ledger, "1", 5_500, start());
            swept(ledger, "late", after(4, 0));
            let records = ledger.records(0, 100).unwrap();
            let climbed = records.iter().filter(|row| row.kind == code("climbed"));
            assert_eq!(
                climbed.map(|row| row.decision).collect::<Vec<_>>(),
                [Some(1)]
            );
        }),
    ]
}

fn timers() -> Vec<Trial> {
    vec![
        Trial::new("a broken promise pays once what it owes", |ledger| {
            late_reply(ledger);
            assert_eq!(swept(ledger, "in time", after(1, 0)), 0);
            assert_eq!(swept(ledger, "late", after(1, 1)), 1);
            assert_eq!(states(ledger), "granted 2500");
            assert_eq!(swept(ledger, "later", after(9, 0)), 0);
            assert_eq!(states(ledger), "granted 2500");
        }),
        Trial::new("a kept promise pays nothing", |ledger| {
            late_reply(ledger);
            apply(ledger, "k", kept(1), after(1, 0)).unwrap();
            assert_eq!(swept(ledger, "late", after(9, 0)), 0);
            assert_eq!(states(ledger), "");
        }),
        Trial::new("a promise kept too late is broken", |ledger| {
            late_reply(ledger);
            refused(apply(ledger, "k", kept(1), after(1, 1)), "timer_stopped");
            swept(ledger, "late", after(2, 0));
            assert_eq!(states(ledger), "granted 2500");
            refused(apply(ledger, "k2", kept(1), after(2, 0)), "timer_stopped");
        }),
        Trial::new("a promise is kept once", |ledger| {
            late_reply(ledger);
            apply(ledger, "k", kept(1), start()).unwrap();
            refused(apply(ledger, "k2", kept(1), start()), "timer_stopped");
            refused(apply(ledger, "k3", kept(8), start()), "no_such_timer");
        }),
        Trial::new(
            "two breaches of one event and head pay the higher",
            |ledger| {
                late_reply(ledger);
                let matter = matter(case("1", "e1", "c1"));
                let what = gives(Ground::Statutory, "late_reply", 4_000);
                let command = promise(&matter, what, Clock::Breach(after(2, 0)));
                apply(ledger, "another", command, start()).unwrap();
                swept(ledger, "late", after(3, 0));
                assert_eq!(states(ledger), "granted 2500, granted 1500");
            },
        ),
        Trial::new("a promise for the past is refused", |ledger| {
            let matter = matter(case("1", "e1", "c1"));
            let what = gives(Ground::Statutory, "late_reply", 2_500);
            let command = promise(&matter, what, Clock::Breach(after(-1, 0)));
            refused(apply(ledger, "p", command, start()), "deadline_not_later");
        }),
        Trial::new("a care pack comes once after thirty quiet days", |ledger| {
            care_pack(ledger, 1_000);
            assert_eq!(swept(ledger, "early", after(30, 0)), 0);
            assert_eq!(swept(ledger, "on time", after(30, 1)), 1);
            assert_eq!(states(ledger), "granted 1000");
            assert_eq!(swept(ledger, "later", after(90, 0)), 0);
        }),
        Trial::new("a purchase starts the quiet days anew", |ledger| {
            care_pack(ledger, 1_000);
            apply(ledger, "buys", active(), after(20, 0)).unwrap();
            assert_eq!(swept(ledger, "early", after(50, 0)), 0);
            assert_eq!(swept(ledger, "on time", after(50, 1)), 1);
        }),
        Trial::new(
            "a purchase after the quiet days takes nothing back",
            |ledger| {
                care_pack(ledger, 1_000);
                apply(ledger, "buys", active(), after(31, 0)).unwrap();
                assert_eq!(swept(ledger, "late", after(32, 0)), 1);
                assert_eq!(states(ledger), "granted 1000");
            },
        ),
        Trial::new(
            "a care pack that a cap leaves no room for calls its owner",
            |ledger| {
                care_pack(ledger, 1_000);
                for (number, who, minor) in [(1, "max", 8_000), (2, "mel", 1_500)] {
                    let spender = matter(case(who, who, "c1"));
                    let command = decide(&spender, goodwill(minor), actor(who, "manager"));
                    apply(ledger, who, command, after(29, 0)).unwrap();
                    let paid = format!("paid {who}");
                    apply(ledger, &paid, settle(number), after(29, 0)).unwrap();
                }
                swept(ledger, "late", after(30, 1));
                assert_eq!(states(ledger), "settled 8000, settled 1500");
                let open = ledger.queue(&QueueOf::Owner(code("care_desk"))).unwrap();
                let reasons: Vec<&str> = open.iter().map(|row| row.reason.as_str()).collect();
                assert_eq!(reasons, ["cap_spent"]);
                // What was promised is given once there is room, and not what the case's own
                // policy would give.
                let own = matter(case("1", "e1", "c1"));
                let given = |name: &str, by, at| {
                    let command = approve(open[0].id, by, &own, goodwill(300));
                    apply(ledger, name, command, at)
                };
                let lead = || actor("lee", "lead");
                refused(given("soon", lead(), after(31, 0)), "still_escalates");
                let ledger_itself = actor("ledger", "manager");
                refused(
                    given("self", ledger_itself, after(130, 0)),
                    "approver_is_proposer",
                );
                let intern = actor("eve", "intern");
                refused(given("eve", intern, after(130, 0)), "over_authority");
                let answer = given("later", lead(), after(130, 0)).unwrap().answer;
                assert_eq!(answer.did, code("given"));
                assert_eq!(states(ledger), "settled 8000, settled 1500, granted 1000");
                refused(given("again", lead(), after(130, 0)), "escalation_closed");
            },
        ),
        Trial::new(
            "a care pack whose decision was overturned is not given any more",
            |ledger| {
                care_pack(ledger, 1_000);
                for (who, minor) in [("max", 8_000), ("mel", 1_500)] {
                    let spender = matter(case(who, who, "c1"));
                    let command = decide(&spender, goodwill(minor), actor(who, "manager"));
                    apply(ledger, who, command, after(29, 0)).unwrap();
                }
                swept(ledger, "late", after(30, 1));
                let open = ledger.queue(&QueueOf::Owner(code("care_desk"))).unwrap();
                let called = open[0].decision;
                let aud = ActorId::new("aud").unwrap();
                let overturn = Command::Overturn(Overturn {
                    decision: called,
                    by: aud.clone(),
                    reason: code("fraud"),
                });
                apply(ledger, "overturn", overturn, after(31, 0)).unwrap();
                assert!(ledger.queue(&QueueOf::Open).unwrap().is_empty());
                let by_hand = Command::Escalate(Escalate {
                    decision: called,
                    by: aud,
                    reason: code("customer_disputes"),
                    owner: code("leads"),
                    due_at: None,
                });
                let answer = apply(ledger, "by hand", by_hand, after(31, 0))
                    .unwrap()
                    .answer;
                let own = matter(case("1", "e1", "c1"));
                let lead = actor("lee", "lead");
                let command = approve(answer.escalations[0], lead, &own, goodwill(300));
                refused(apply(ledger, "a", command, after(200, 0)), "already_done");
            },
        ),
        Trial::new(
            "a promise keeps to authority, kinds, claims and currencies",
            |ledger| {
                let own = matter(case("1", "e1", "c1"));
                let promises = |name: &str, what: Gives, expected: &str| {
                    let command = promise(&own, what, Clock::Breach(after(1, 0)));
                    refused(apply(ledger, name, command, start()), expected);
                };
                let pack = |minor| gives(Ground::Goodwill, "care_pack", minor);
                promises("sum", pack(2_001), "over_authority");
                let worth = Money::new(100, Currency::new("GBP").unwrap());
                promises("currency", Gives { worth, ..pack(0) }, "over_authority");
                let kind = code("unicorns");
                promises("kind", Gives { kind, ..pack(100) }, "still_escalates");
                let unlisted = gives(Ground::Statutory, "moon_law", 100);
                promises("claim", unlisted, "still_escalates");
                let late = |minor| gives(Ground::Statutory, "late_reply", minor);
                promises("ceiling", late(4_501), "still_escalates");
                let head = code("promise");
                promises("head", Gives { head, ..late(100) }, "still_escalates");
                let claim = None;
                promises("none", Gives { claim, ..late(100) }, "still_escalates");
                promises(
                    "chain",
                    gives(Ground::Statutory, "punitive", 100),
                    "still_escalates",
                );
                swept(ledger, "late", after(2, 0));
                assert_eq!(states(ledger), "");
            },
        ),
        Trial::new(
            "a timer's payment is a decision of the ledger's own",
            |ledger| {
                late_reply(ledger);
                swept(ledger, "late", after(2, 0));
                let case = redress_model::CaseId::new("1").unwrap();
                let rows = ledger.decisions(&case).unwrap();
                assert_eq!(rows[0].proposer, ActorId::new("ledger").unwrap());
                assert_eq!(rows[0].outcome, "grant");
                let claimant = ClaimantId::new("c1").unwrap();
                assert_eq!(
                    ledger.timers(&claimant).unwrap()[0].state,
                    TimerState::Fired
                );
            },
        ),
        Trial::new("a timer owes no less because of goodwill", |ledger| {
            late_reply(ledger);
            let matter = matter(case("1", "e1", "c1"));
            let command = decide(&matter, goodwill(2_000), actor("ann", "agent"));
            apply(ledger, "1", command, start()).unwrap();
            swept(ledger, "late", after(2, 0));
            assert!(states(ledger).ends_with("granted 2500"));
            assert_eq!(eur(2_500).minor(), 2_500);
        }),
    ]
}
