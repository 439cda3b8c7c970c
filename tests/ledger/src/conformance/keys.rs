//! Keys: the same answer for ever, and nothing twice.

use redress_ledger::{Command, Replay, RequestKey};

use super::Trial;
use crate::fixture::{
    actor, after, apply, case, code, decide, due, goodwill, key, matter, refund, settle, start,
    void,
};

fn asks(id: &str, minor: i64) -> Command {
    let matter = matter(case(id, "e1", "c1"));
    decide(&matter, goodwill(minor), actor("ann", "agent"))
}

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::new(
            "the same key gives the same bytes and does nothing",
            |ledger| {
                let first = apply(ledger, "k", asks("1", 1_500), start()).unwrap();
                assert_eq!(first.replay, Replay::First);
                apply(ledger, "v", void(1), start()).unwrap();
                let again = apply(ledger, "k", asks("1", 1_500), after(3, 0)).unwrap();
                assert_eq!((again.replay, &again.bytes), (Replay::Again, &first.bytes));
                assert_eq!(again.answer, first.answer);
                assert_eq!(ledger.records(0, 100).unwrap().len(), 2);
            },
        ),
        Trial::new(
            "a retry may have run the policy on later warnings",
            |ledger| {
                let first = apply(ledger, "k", asks("1", 1_500), start()).unwrap();
                let again = apply(ledger, "k", asks("1", 900), start()).unwrap();
                assert_eq!(again.bytes, first.bytes);
            },
        ),
        Trial::new("a key used for another case is an error", |ledger| {
            apply(ledger, "k", asks("1", 1_500), start()).unwrap();
            let other = apply(ledger, "k", asks("2", 1_500), start());
            assert_eq!(other.unwrap_err().code(), "key_reused");
        }),
        Trial::new("a key used for another command is an error", |ledger| {
            apply(ledger, "k", asks("1", 1_500), start()).unwrap();
            let other = apply(ledger, "k", settle(1), start());
            assert_eq!(other.unwrap_err().code(), "key_reused");
        }),
        Trial::new("a key used by another actor is an error", |ledger| {
            apply(ledger, "k", asks("1", 1_500), start()).unwrap();
            let matter = matter(case("1", "e1", "c1"));
            let command = decide(&matter, goodwill(1_500), actor("bob", "agent"));
            let other = apply(ledger, "k", command, start());
            assert_eq!(other.unwrap_err().code(), "key_reused");
        }),
        Trial::new("a key whose command was refused is free", |ledger| {
            let reply = apply(ledger, "k", settle(1), start());
            assert_eq!(reply.unwrap_err().code(), "no_such_entry");
            assert!(ledger.answer(&key("k")).unwrap().is_none());
            apply(ledger, "1", asks("1", 1_500), start()).unwrap();
            apply(ledger, "k", settle(1), start()).unwrap();
        }),
        Trial::new("an unknown outcome is resolved by the key", |ledger| {
            assert!(ledger.answer(&key("k")).unwrap().is_none());
            let first = apply(ledger, "k", asks("1", 1_500), start()).unwrap();
            let found = ledger.answer(&key("k")).unwrap().unwrap();
            assert_eq!((found.bytes, found.replay), (first.bytes, Replay::Again));
        }),
        Trial::new("twice in one batch is once", |ledger| {
            let request = || crate::fixture::request(key("k"), asks("1", 1_500));
            let replies = ledger.apply(&[request(), request()], start()).unwrap();
            let bytes: Vec<_> = replies
                .into_iter()
                .map(|reply| reply.unwrap().bytes)
                .collect();
            assert_eq!(bytes[0], bytes[1]);
            assert_eq!(ledger.records(0, 100).unwrap().len(), 1);
        }),
        Trial::new("a refused command does not hold up its batch", |ledger| {
            let request = |name: &str, command| crate::fixture::request(key(name), command);
            let batch = [
                request("a", asks("1", 1_500)),
                request("b", settle(77)),
                request("c", settle(1)),
            ];
            let replies = ledger.apply(&batch, start()).unwrap();
            let shown = replies.iter().map(|reply| match reply {
                Ok(answered) => answered.answer.did.as_str().to_owned(),
                Err(refused) => refused.code().to_owned(),
            });
            let expected = ["grant", "no_such_entry", "settled"];
            assert_eq!(shown.collect::<Vec<_>>(), expected);
        }),
        Trial::new("a key outlives the longest window", |ledger| {
            let first = apply(ledger, "k", asks("1", 1_500), start()).unwrap();
            // The longest window of the trials is that of the event, 365 days.
            let mut round = 0;
            let mut sweep = |day| {
                for _ in 0..4 {
                    round += 1;
                    apply(ledger, &format!("s{round}"), due(), after(day, 0)).unwrap();
                }
            };
            sweep(365);
            let again = apply(ledger, "k", asks("1", 1_500), after(365, 0)).unwrap();
            assert_eq!(again.bytes, first.bytes);
            sweep(366);
            assert!(ledger.answer(&key("k")).unwrap().is_none());
        }),
        Trial::new("a key outlives the window of a warning", |ledger| {
            let text = include_str!("../guardrails.toml");
            let longer = text.replace(
                "window_days = 3\nwarns_from = 6",
                "window_days = 400\nwarns_from = 6",
            );
            assert_ne!(text, longer);
            let mut own = matter(case("1", "e1", "c1"));
            own.guardrails = std::sync::Arc::new(crate::fixture::read(&longer));
            let command = decide(&own, goodwill(1_500), actor("ann", "agent"));
            apply(ledger, "k", command, start()).unwrap();
            for round in 0..4 {
                apply(ledger, &format!("s{round}"), due(), after(390, 0)).unwrap();
            }
            assert!(ledger.answer(&key("k")).unwrap().is_some());
        }),
        Trial::new("an empty batch is an empty answer", |ledger| {
            assert!(ledger.apply(&[], start()).unwrap().is_empty());
            assert!(ledger.records(0, 10).unwrap().is_empty());
        }),
        Trial::new(
            "a refused command does not move the ledger's time",
            |ledger| {
                assert!(apply(ledger, "x", settle(77), after(50, 0)).is_err());
                let answer = apply(ledger, "1", asks("1", 100), start()).unwrap().answer;
                assert_eq!(answer.at, start());
            },
        ),
        Trial::new("an answer tells the ledger's time", |ledger| {
            apply(ledger, "1", asks("1", 100), after(2, 0)).unwrap();
            let matter = matter(case("2", "e2", "c2"));
            let command = decide(&matter, refund(100), actor("ann", "agent"));
            let answer = apply(ledger, "2", command, start()).unwrap().answer;
            assert_eq!(answer.at, after(2, 0));
            assert_eq!(answer.did, code("grant"));
        }),
        Trial::new(
            "a key is 1 to 128 characters without control characters",
            |_| {
                assert!(RequestKey::new("").is_none());
                assert!(RequestKey::new(&"k".repeat(129)).is_none());
                assert!(RequestKey::new("a\nb").is_none());
                assert_eq!(RequestKey::new("订单-7").unwrap().as_str(), "订单-7");
            },
        ),
    ]
}
