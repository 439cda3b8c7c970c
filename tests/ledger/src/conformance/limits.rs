//! Limits: for each scope below, at and above; what shares it and what does not; windows,
//! release, times, and lawful sums that none of them holds.

use redress_kernel::Guardrails;
use redress_kernel::guardrails::Scope;
use redress_ledger::rows::EntryState;
use redress_ledger::{Command, Ledger, Matter};
use std::sync::Arc;

use super::Trial;
use crate::fixture::{
    actor, after, apply, case_with, code, decide, eur, goodwill, matter, read, refund, void,
};

/// A case of these trials, by what tells subjects apart.
#[derive(Clone, Copy)]
struct Touch {
    event: &'static str,
    claimant: &'static str,
    payer: &'static str,
    agent: &'static str,
    team: &'static str,
    scene: &'static str,
    campaign: &'static str,
}

const ONE: Touch = Touch {
    event: "e1",
    claimant: "c1",
    payer: "p1",
    agent: "ann",
    team: "blue",
    scene: "flight",
    campaign: "spring",
};

const OTHER: Touch = Touch {
    event: "e2",
    claimant: "c2",
    payer: "p2",
    agent: "bob",
    team: "red",
    scene: "hotel",
    campaign: "autumn",
};

/// A case that shares with [`ONE`] the subject of this scope and nothing else.
fn sharing(scope: Scope) -> Touch {
    let mut touch = OTHER;
    match scope {
        Scope::Event => touch.event = ONE.event,
        Scope::Customer => touch.claimant = ONE.claimant,
        Scope::Linked => touch.payer = ONE.payer,
        Scope::Agent => touch.agent = ONE.agent,
        Scope::AgentCustomer => (touch.agent, touch.claimant) = (ONE.agent, ONE.claimant),
        Scope::Team => touch.team = ONE.team,
        Scope::Scene => touch.scene = ONE.scene,
        Scope::Campaign => touch.campaign = ONE.campaign,
        Scope::Everyone => {}
    }
    touch
}

const ROLES: &str = r#"
[facts]
scene = "scene"
loss = "loss"
[[statutory]]
code = "refund_law"
head = "refund"
source = "a law"
max_per_person = "1000.00 EUR"
[[kind]]
name = "cash"
[[role]]
name = "agent"
rank = 1
owner = "frontline"
within = "24 hours"
[[authority]]
role = "agent"
basis = "*"
kind = "*"
scene = "*"
limit = "1000.00 EUR"
"#;

fn one_cap(scope: Scope, times: &str) -> Arc<Guardrails> {
    let cap = format!(
        "[[cap]]\nname = \"only\"\nper = \"{}\"\nlimit = \"100.00 EUR\"\nwindow_days = 10\n{times}",
        scope.name()
    );
    Arc::new(read(&format!("{ROLES}{cap}")))
}

fn one_budget(scope: Scope) -> Arc<Guardrails> {
    let budget = format!(
        "[[budget]]\nname = \"only\"\nper = \"{}\"\nlimit = \"100.00 EUR\"\n",
        scope.name()
    );
    Arc::new(read(&format!("{ROLES}{budget}")))
}

fn touching(touch: Touch, id: &str, limits: &Arc<Guardrails>) -> (Matter, &'static str) {
    let facts = format!(r#""scene":"{}","loss":"400.00 EUR""#, touch.scene);
    let case = case_with(id, touch.event, touch.claimant, &[touch.payer], &facts);
    let mut matter = matter(case);
    matter.guardrails = Arc::clone(limits);
    matter.team = Some(code(touch.team));
    matter.campaign = Some(code(touch.campaign));
    (matter, touch.agent)
}

/// Asks for goodwill and gives what was granted, in cents, with the entry.
fn ask(
    ledger: &dyn Ledger,
    limits: &Arc<Guardrails>,
    touch: Touch,
    id: &str,
    minor: i64,
    day: i64,
) -> (i64, u64) {
    let (matter, agent) = touching(touch, id, limits);
    let command = decide(&matter, goodwill(minor), actor(agent, "agent"));
    let answered = apply(ledger, id, command, after(day, 0)).unwrap();
    let first = answered.answer.entries.first();
    first.map_or((0, 0), |entry| {
        assert_eq!(entry.state, EntryState::Granted);
        (entry.worth.minor(), entry.entry)
    })
}

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for scope in Scope::ALL {
        let name = scope.name();
        trials.extend(of_cap(scope, name));
        trials.extend(of_budget(scope, name));
    }
    trials.extend(rules());
    trials
}

fn of_cap(scope: Scope, name: &str) -> Vec<Trial> {
    let granted = |what: &str, first: i64, second: i64, expected: i64| {
        Trial::new(format!("cap per {name}: {what}"), move |ledger| {
            let limits = one_cap(scope, "");
            assert_eq!(ask(ledger, &limits, ONE, "1", first, 0).0, first);
            // The second case has an event of its own wherever the scope is not the event.
            let got = ask(ledger, &limits, sharing(scope), "2", second, 0).0;
            assert_eq!(got, expected);
        })
    };
    vec![
        granted("below", 6_000, 3_999, 3_999),
        granted("at", 6_000, 4_000, 4_000),
        granted("above is cut", 6_000, 4_001, 4_000),
        granted("spent grants nothing", 10_000, 1, 0),
        Trial::new(
            format!("cap per {name}: another subject has its own"),
            move |ledger| {
                let limits = one_cap(scope, "");
                assert_eq!(ask(ledger, &limits, ONE, "1", 10_000, 0).0, 10_000);
                let got = ask(ledger, &limits, OTHER, "2", 10_000, 0).0;
                assert_eq!(got, if scope == Scope::Everyone { 0 } else { 10_000 });
            },
        ),
        Trial::new(
            format!("cap per {name}: void gives room again"),
            move |ledger| {
                let limits = one_cap(scope, "");
                let (_, entry) = ask(ledger, &limits, ONE, "1", 10_000, 0);
                apply(ledger, "void", void(entry), after(0, 1)).unwrap();
                assert_eq!(ask(ledger, &limits, sharing(scope), "2", 7_000, 1).0, 7_000);
            },
        ),
        Trial::new(
            format!("cap per {name}: the window is half-open"),
            move |ledger| {
                let limits = one_cap(scope, "");
                assert_eq!(ask(ledger, &limits, ONE, "1", 10_000, 0).0, 10_000);
                assert_eq!(ask(ledger, &limits, sharing(scope), "2", 500, 9).0, 0);
                assert_eq!(ask(ledger, &limits, sharing(scope), "3", 500, 10).0, 500);
            },
        ),
        Trial::new(
            format!("cap per {name}: so many times and no more"),
            move |ledger| {
                let limits = one_cap(scope, "times = 2\n");
                assert_eq!(ask(ledger, &limits, ONE, "1", 100, 0).0, 100);
                assert_eq!(ask(ledger, &limits, sharing(scope), "2", 100, 1).0, 100);
                let mut third = sharing(scope);
                third.payer = if scope == Scope::Linked {
                    ONE.payer
                } else {
                    "p3"
                };
                if scope != Scope::Event {
                    third.event = "e3";
                } else {
                    third.claimant = "c3";
                }
                assert_eq!(ask(ledger, &limits, third, "3", 100, 2).0, 0);
                // The first grant leaves the window after ten days.
                assert_eq!(ask(ledger, &limits, third, "4", 100, 10).0, 100);
            },
        ),
    ]
}

fn of_budget(scope: Scope, name: &str) -> Vec<Trial> {
    vec![
        Trial::new(
            format!("budget per {name}: what is left is all"),
            move |ledger| {
                let limits = one_budget(scope);
                assert_eq!(ask(ledger, &limits, ONE, "1", 6_000, 0).0, 6_000);
                assert_eq!(ask(ledger, &limits, sharing(scope), "2", 6_000, 0).0, 4_000);
            },
        ),
        Trial::new(
            format!("budget per {name}: years do not fill it again"),
            move |ledger| {
                let limits = one_budget(scope);
                assert_eq!(ask(ledger, &limits, ONE, "1", 10_000, 0).0, 10_000);
                assert_eq!(ask(ledger, &limits, sharing(scope), "2", 1, 4_000).0, 0);
            },
        ),
    ]
}

fn rules() -> Vec<Trial> {
    vec![
        Trial::new(
            "a case without a team escalates under a cap per team",
            |ledger| {
                let limits = one_cap(Scope::Team, "");
                let (mut matter, _) = touching(ONE, "1", &limits);
                matter.team = None;
                let command = decide(&matter, goodwill(100), actor("ann", "agent"));
                let answer = apply(ledger, "1", command, after(0, 0)).unwrap().answer;
                assert_eq!(answer.did, code("escalate"));
                assert!(answer.entries.is_empty());
                let row = ledger.decision(answer.decision.unwrap()).unwrap().unwrap();
                assert_eq!(row.reason, code("standing_incomplete"));
            },
        ),
        Trial::new(
            "a case outside any campaign is not counted for one",
            |ledger| {
                let limits = one_cap(Scope::Campaign, "");
                let (mut matter, _) = touching(ONE, "1", &limits);
                matter.campaign = None;
                let command = decide(&matter, goodwill(50_000), actor("ann", "agent"));
                let answer = apply(ledger, "1", command, after(0, 0)).unwrap().answer;
                assert_eq!(answer.entries[0].worth, eur(50_000));
            },
        ),
        Trial::new("a case without links is in no linked group", |ledger| {
            let limits = one_cap(Scope::Linked, "");
            let mut matter = matter(case_with("1", "e", "c", &[], r#""loss":"1.00 EUR""#));
            matter.guardrails = limits;
            let command = decide(&matter, goodwill(50_000), actor("ann", "agent"));
            let answer = apply(ledger, "1", command, after(0, 0)).unwrap().answer;
            assert_eq!(answer.entries[0].worth, eur(50_000));
        }),
        Trial::new("of several linked groups the fullest decides", |ledger| {
            let limits = one_cap(Scope::Linked, "");
            assert_eq!(ask(ledger, &limits, ONE, "1", 9_000, 0).0, 9_000);
            let facts = r#""loss":"1.00 EUR""#;
            let mut matter = matter(case_with("2", "e9", "c9", &["p7", "p1"], facts));
            matter.guardrails = limits;
            let command = decide(&matter, goodwill(50_000), actor("bob", "agent"));
            let answer = apply(ledger, "2", command, after(0, 0)).unwrap().answer;
            assert_eq!(answer.entries[0].worth, eur(1_000));
        }),
        Trial::new("no cap holds a lawful sum, and it fills none", |ledger| {
            let limits = one_cap(Scope::Everyone, "");
            assert_eq!(ask(ledger, &limits, ONE, "1", 10_000, 0).0, 10_000);
            let (matter, _) = touching(OTHER, "2", &limits);
            let command = decide(&matter, refund(40_000), actor("bob", "agent"));
            let answer = apply(ledger, "2", command, after(0, 0)).unwrap().answer;
            assert_eq!(answer.did, code("grant"));
            assert_eq!(answer.entries[0].worth, eur(40_000));
            let accounts = ledger.accounts("everyone", after(0, 0)).unwrap();
            let used = |name: &str| {
                let own = accounts.iter().find(|row| row.account.contains(name));
                own.map(|row| row.used_minor)
            };
            assert_eq!(used(":only:"), Some(10_000));
            assert_eq!(used(":statutory:"), Some(40_000));
        }),
        Trial::new(
            "a lowered cap takes nothing back and grants nothing more",
            |ledger| {
                let limits = one_cap(Scope::Customer, "");
                assert_eq!(ask(ledger, &limits, ONE, "1", 9_000, 0).0, 9_000);
                let text = format!(
                    "{ROLES}[[cap]]\nname = \"only\"\nlimit = \"50.00 EUR\"\nwindow_days = 10\n"
                );
                let lower = Arc::new(read(&text));
                let mut touch = sharing(Scope::Customer);
                assert_eq!(ask(ledger, &lower, touch, "2", 100, 1).0, 0);
                touch.event = "e3";
                assert_eq!(ask(ledger, &lower, touch, "3", 6_000, 10).0, 5_000);
            },
        ),
        Trial::new(
            "a longer window counts what the shorter one forgot",
            |ledger| {
                let limits = one_cap(Scope::Customer, "");
                assert_eq!(ask(ledger, &limits, ONE, "1", 9_000, 0).0, 9_000);
                let mut touch = sharing(Scope::Customer);
                assert_eq!(ask(ledger, &limits, touch, "2", 100, 20).0, 100);
                let text = format!(
                    "{ROLES}[[cap]]\nname = \"only\"\nlimit = \"100.00 EUR\"\nwindow_days = 30\n"
                );
                touch.event = "e3";
                assert_eq!(
                    ask(ledger, &Arc::new(read(&text)), touch, "3", 6_000, 21).0,
                    900
                );
            },
        ),
        Trial::new(
            "the standing shows what is used and what is left",
            |ledger| {
                let limits = one_cap(Scope::Customer, "");
                assert_eq!(ask(ledger, &limits, ONE, "1", 2_500, 0).0, 2_500);
                let (matter, _) = touching(sharing(Scope::Customer), "2", &limits);
                let standing = ledger
                    .standing(&matter, &actor("bob", "agent"), after(0, 5))
                    .unwrap();
                let redress_model::Sums::Known(rolling) = standing.rolling else {
                    panic!("a ledger knows its sums");
                };
                assert_eq!(
                    (rolling[0].name.clone(), rolling[0].amount),
                    (code("only"), eur(2_500))
                );
                assert_eq!(standing.as_of_seq, 1);
            },
        ),
        Trial::new(
            "ledger time never runs backwards, so no window opens again",
            |ledger| {
                let limits = one_cap(Scope::Customer, "");
                assert_eq!(ask(ledger, &limits, ONE, "1", 10_000, 0).0, 10_000);
                let mut touch = sharing(Scope::Customer);
                assert_eq!(ask(ledger, &limits, touch, "2", 9_000, 10).0, 9_000);
                touch.event = "e3";
                // A clock that jumped back a month does not find the cap empty.
                assert_eq!(ask(ledger, &limits, touch, "3", 9_000, -30).0, 1_000);
            },
        ),
        Trial::new(
            "windows count days of ledger time across a change of clocks",
            |ledger| {
                let limits = one_cap(Scope::Customer, "");
                // 2026-03-29 has 23 hours in Berlin; the window does not notice.
                assert_eq!(ask(ledger, &limits, ONE, "1", 10_000, 20).0, 10_000);
                let mut touch = sharing(Scope::Customer);
                assert_eq!(ask(ledger, &limits, touch, "2", 100, 29).0, 0);
                touch.event = "e3";
                assert_eq!(ask(ledger, &limits, touch, "3", 100, 30).0, 100);
            },
        ),
        Trial::new("windows count a leap day", |ledger| {
            let limits = one_cap(Scope::Customer, "");
            let leap = 728;
            assert_eq!(after(leap, 0).to_string(), "2028-02-28T09:00:00Z");
            assert_eq!(ask(ledger, &limits, ONE, "1", 10_000, leap).0, 10_000);
            let touch = sharing(Scope::Customer);
            assert_eq!(ask(ledger, &limits, touch, "2", 100, leap + 9).0, 0);
            assert_eq!(ask(ledger, &limits, touch, "3", 100, leap + 10).0, 100);
        }),
        Trial::new(
            "a batch reserves one after the other, all within the cap",
            |ledger| {
                let limits = one_cap(Scope::Customer, "");
                let mut batch = Vec::new();
                for number in 0..5 {
                    let id = format!("b{number}");
                    let facts = r#""scene":"flight","loss":"400.00 EUR""#;
                    let mut own = matter(case_with(&id, &id, "c1", &[], facts));
                    own.guardrails = Arc::clone(&limits);
                    let command: Command = decide(&own, goodwill(3_000), actor("ann", "agent"));
                    let key = crate::fixture::key(&id);
                    batch.push(crate::fixture::request(key, command));
                }
                let replies = ledger.apply(&batch, after(0, 0)).unwrap();
                let granted = replies.into_iter().map(|reply| {
                    let entries = reply.unwrap().answer.entries;
                    entries.iter().map(|entry| entry.worth.minor()).sum::<i64>()
                });
                assert_eq!(granted.collect::<Vec<_>>(), [3_000, 3_000, 3_000, 1_000, 0]);
            },
        ),
    ]
}
