//! What is done afterwards: settled, voided, expired, departed from, overturned, in error.

use redress_ledger::command::{Expire, MarkError, Override, Overturn};
use redress_ledger::rows::Ground;
use redress_ledger::{Command, EntriesOf, Ledger, Matter, Reply};
use redress_model::{Actor, ActorId, Assurance, Currency, Money, Timestamp};

use super::Trial;
use crate::fixture::{
    actor, after, apply, case, code, decide, depart, eur, gives, goodwill, matter, refund, settle,
    start, void,
};

fn granted(ledger: &dyn Ledger, minor: i64) -> Matter {
    let matter = matter(case("1", "e1", "c1"));
    let command = decide(&matter, goodwill(minor), actor("bob", "agent"));
    let answer = apply(ledger, "1", command, start()).unwrap().answer;
    assert_eq!(answer.did, code("grant"));
    matter
}

fn states(ledger: &dyn Ledger) -> String {
    let event = redress_model::EventId::new("e1").unwrap();
    let entries = ledger.entries(&EntriesOf::Event(event)).unwrap();
    let shown = entries
        .iter()
        .map(|entry| format!("{} {}", entry.state.name(), entry.worth_minor));
    shown.collect::<Vec<_>>().join(", ")
}

fn used(ledger: &dyn Ledger) -> i64 {
    let rows = ledger.accounts("customer:c1", after(0, 0)).unwrap();
    let own = rows.iter().find(|row| row.account.contains(":customer:"));
    own.map_or(0, |row| row.used_minor)
}

#[track_caller]
fn refused(reply: Reply, expected: &str) {
    assert_eq!(reply.unwrap_err().code(), expected);
}

fn expire(entry: u64) -> Command {
    Command::Expire(Expire { entry })
}

/// What is done to an entry after something else was, and what comes of it.
fn then(
    name: &str,
    first: Option<fn(u64) -> Command>,
    second: fn(u64) -> Command,
    when: Timestamp,
    expected: &'static str,
) -> Trial {
    Trial::new(name, move |ledger| {
        granted(ledger, 1_500);
        if let Some(first) = first {
            apply(ledger, "first", first(1), when).unwrap();
        }
        let before = (states(ledger), ledger.records(0, 100).unwrap().len());
        match apply(ledger, "second", second(1), when) {
            Ok(answered) => assert_eq!(answered.answer.did, code(expected)),
            Err(refused) => {
                assert_eq!(refused.code(), expected);
                assert_eq!(
                    (states(ledger), ledger.records(0, 100).unwrap().len()),
                    before
                );
            }
        }
    })
}

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = entries();
    trials.extend(departures());
    trials.extend(marks());
    trials
}

fn entries() -> Vec<Trial> {
    let soon = after(1, 0);
    // Fourteen calendar days end with the day in Berlin: 2026-03-16T22:59:59Z.
    let last = Timestamp::from_seconds(1_773_701_999).unwrap();
    let late = last.plus_seconds(1).unwrap();
    vec![
        then("settle a grant", None, settle, soon, "settled"),
        then(
            "settle what was settled",
            Some(settle),
            settle,
            soon,
            "entry_closed",
        ),
        then(
            "settle what was voided",
            Some(void),
            settle,
            soon,
            "entry_closed",
        ),
        then("settle in the last second", None, settle, last, "settled"),
        then(
            "settle a second too late",
            None,
            settle,
            late,
            "reservation_expired",
        ),
        then(
            "settle what has expired",
            Some(expire),
            settle,
            late,
            "reservation_expired",
        ),
        then("void a grant", None, void, soon, "voided"),
        then(
            "void what was settled",
            Some(settle),
            void,
            soon,
            "entry_closed",
        ),
        then(
            "void what was voided",
            Some(void),
            void,
            soon,
            "entry_closed",
        ),
        then(
            "void what has expired",
            Some(expire),
            void,
            late,
            "reservation_expired",
        ),
        then("expire before its time", None, expire, last, "not_due"),
        then("expire after its time", None, expire, late, "expired"),
        then(
            "expire what was settled",
            Some(settle),
            expire,
            soon,
            "entry_closed",
        ),
        then(
            "expire what has expired",
            Some(expire),
            expire,
            late,
            "entry_closed",
        ),
        then(
            "settle what is not there",
            None,
            |_| settle(77),
            soon,
            "no_such_entry",
        ),
        then(
            "void what is not there",
            None,
            |_| void(77),
            soon,
            "no_such_entry",
        ),
        then(
            "expire what is not there",
            None,
            |_| expire(77),
            soon,
            "no_such_entry",
        ),
        Trial::new(
            "settling goes on counting, voiding and expiry do not",
            move |ledger| {
                granted(ledger, 1_500);
                assert_eq!(used(ledger), 1_500);
                apply(ledger, "s", settle(1), soon).unwrap();
                assert_eq!(used(ledger), 1_500);
                let matter = matter(case("2", "e2", "c1"));
                let command = decide(&matter, goodwill(700), actor("bob", "agent"));
                apply(ledger, "2", command, soon).unwrap();
                assert_eq!(used(ledger), 2_200);
                apply(ledger, "v", void(2), soon).unwrap();
                assert_eq!(used(ledger), 1_500);
            },
        ),
        Trial::new("a lawful sum never expires", move |ledger| {
            let matter = matter(case("1", "e1", "c1"));
            let command = decide(&matter, refund(1_000), actor("bob", "agent"));
            apply(ledger, "1", command, start()).unwrap();
            refused(apply(ledger, "x", expire(1), after(4_000, 0)), "not_due");
            apply(ledger, "s", settle(1), after(4_000, 0)).unwrap();
        }),
    ]
}

fn departures() -> Vec<Trial> {
    fn try_it(name: &str, change: fn(&mut Override), expected: &'static str) -> Trial {
        Trial::new(name, move |ledger| {
            let matter = granted(ledger, 1_500);
            let before = states(ledger);
            let mut departure = depart(1, &matter, 4_000);
            change(&mut departure);
            match apply(
                ledger,
                "o",
                Command::Override(Box::new(departure)),
                after(0, 60),
            ) {
                Ok(answered) => assert_eq!(answered.answer.did, code(expected)),
                Err(refused) => {
                    assert_eq!(refused.code(), expected);
                    assert_eq!(states(ledger), before);
                    assert!(ledger.decision(1).unwrap().unwrap().replaced_by.is_none());
                }
            }
        })
    }
    vec![
        try_it(
            "a departure with reason, evidence and approver",
            |_| {},
            "overridden",
        ),
        try_it(
            "a departure without a reason",
            |it| it.reason = None,
            "no_reason",
        ),
        try_it(
            "a departure for a reason of one's own",
            |it| it.reason = Some(code("because")),
            "unknown_reason",
        ),
        try_it(
            "a departure without evidence",
            |it| it.evidence = None,
            "no_evidence",
        ),
        try_it(
            "a departure approved by who asks",
            |it| it.approver = actor("ann", "manager"),
            "approver_is_proposer",
        ),
        try_it(
            "a departure approved by who decided",
            |it| it.approver = actor("bob", "manager"),
            "approver_is_proposer",
        ),
        try_it(
            "a departure approved too low",
            |it| it.approver = actor("lee", "lead"),
            "not_authorized",
        ),
        try_it(
            "a departure whose reason asks for more",
            |it| it.reason = Some(code("press_matter")),
            "not_authorized",
        ),
        try_it(
            "a departure that a manager approves for the press",
            |it| {
                it.reason = Some(code("press_matter"));
                it.approver = actor("max", "manager");
            },
            "overridden",
        ),
        try_it(
            "a departure approved by somebody unknown",
            |it| it.approver.assurance = Assurance::Unverified,
            "actor_unverified",
        ),
        try_it(
            "a departure from the law",
            |it| it.gives.ground = Ground::Statutory,
            "binding",
        ),
        try_it(
            "a departure beyond a cap",
            |it| it.gives.worth = eur(8_001),
            "limit_exceeded",
        ),
        try_it(
            "a departure up to a cap",
            |it| it.gives.worth = eur(8_000),
            "overridden",
        ),
        try_it(
            "a departure below nothing",
            |it| it.gives.worth = eur(-1),
            "out_of_range",
        ),
        try_it(
            "a departure from another case",
            |it| it.matter = matter(case("2", "e1", "c1")),
            "other_case",
        ),
        try_it(
            "a departure from nothing",
            |it| it.decision = 9,
            "no_such_decision",
        ),
        Trial::new(
            "a departure takes the place of what was not paid",
            |ledger| {
                let matter = granted(ledger, 1_500);
                let command = Command::Override(Box::new(depart(1, &matter, 4_000)));
                let answer = apply(ledger, "o", command, after(0, 60)).unwrap().answer;
                assert_eq!(states(ledger), "voided 1500, granted 4000");
                assert_eq!(used(ledger), 4_000);
                let new = ledger.decision(answer.decision.unwrap()).unwrap().unwrap();
                assert_eq!(new.departure, Some(code("life_event")));
                let old = ledger.decision(1).unwrap().unwrap();
                assert_eq!(old.replaced_by, answer.decision);
            },
        ),
        Trial::new("a departure counts what was paid", |ledger| {
            let matter = granted(ledger, 1_500);
            apply(ledger, "s", settle(1), start()).unwrap();
            let command = Command::Override(Box::new(depart(1, &matter, 4_000)));
            apply(ledger, "o", command, after(0, 60)).unwrap();
            assert_eq!(states(ledger), "settled 1500, granted 2500");
        }),
        Trial::new("a departure happens once", |ledger| {
            let matter = granted(ledger, 1_500);
            let command = || Command::Override(Box::new(depart(1, &matter, 4_000)));
            apply(ledger, "o", command(), start()).unwrap();
            refused(apply(ledger, "o2", command(), start()), "already_done");
        }),
        Trial::new(
            "a departure keeps to the approver's own limit, the kinds and the currency",
            |ledger| {
                let matter = granted(ledger, 1_500);
                let departs = |name: &str, change: fn(&mut Override), expected: &str| {
                    let mut departure = depart(1, &matter, 3_000);
                    change(&mut departure);
                    let command = Command::Override(Box::new(departure));
                    refused(apply(ledger, name, command, start()), expected);
                };
                departs("sum", |it| it.gives.worth = eur(9_001), "over_authority");
                let pounds = |it: &mut Override| {
                    it.gives.worth = Money::new(3_000, Currency::new("GBP").unwrap());
                };
                departs("currency", pounds, "over_authority");
                departs(
                    "kind",
                    |it| it.gives.kind = code("banana"),
                    "still_escalates",
                );
                departs(
                    "claim",
                    |it| it.gives.claim = Some(code("terms")),
                    "still_escalates",
                );
                assert_eq!(states(ledger), "granted 1500");
                let most = Command::Override(Box::new(depart(1, &matter, 8_000)));
                apply(ledger, "most", most, start()).unwrap();
                assert_eq!(states(ledger), "voided 1500, granted 8000");
            },
        ),
        Trial::new(
            "a departure to nothing takes back what was not paid",
            |ledger| {
                let matter = granted(ledger, 1_500);
                let command = Command::Override(Box::new(depart(1, &matter, 0)));
                apply(ledger, "o", command, start()).unwrap();
                assert_eq!(states(ledger), "voided 1500");
                assert_eq!(gives(Ground::Goodwill, "goodwill", 0).worth, eur(0));
            },
        ),
    ]
}

fn marks() -> Vec<Trial> {
    fn by() -> ActorId {
        let auditor: Actor = actor("aud", "auditor");
        auditor.id
    }
    vec![
        Trial::new(
            "an overturned decision is marked once and pays nothing back",
            |ledger| {
                granted(ledger, 1_500);
                let overturn = |decision| {
                    Command::Overturn(Overturn {
                        decision,
                        by: by(),
                        reason: code("ombudsman"),
                    })
                };
                apply(ledger, "o", overturn(1), start()).unwrap();
                assert_eq!(ledger.decision(1).unwrap().unwrap().overturned, 1);
                assert_eq!(states(ledger), "granted 1500");
                refused(apply(ledger, "o2", overturn(1), start()), "already_done");
                refused(
                    apply(ledger, "o3", overturn(7), start()),
                    "no_such_decision",
                );
            },
        ),
        Trial::new("an error names its rule, once", |ledger| {
            granted(ledger, 1_500);
            let mark = |decision| {
                Command::MarkError(MarkError {
                    decision,
                    by: by(),
                    rule: code("no_loss_no_cash"),
                })
            };
            apply(ledger, "m", mark(1), start()).unwrap();
            let row = ledger.decision(1).unwrap().unwrap();
            assert_eq!(row.error_rule, Some(code("no_loss_no_cash")));
            refused(apply(ledger, "m2", mark(1), start()), "already_done");
            refused(apply(ledger, "m3", mark(7), start()), "no_such_decision");
        }),
    ]
}
