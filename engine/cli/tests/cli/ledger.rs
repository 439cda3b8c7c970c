use std::fs;
use std::path::Path;

use redress_ledger_sqlite::SqliteLedger;
use redress_ledger_trials::fixture;
use tempfile::TempDir;

use crate::run::{Ran, arg, fixtures, redress};

const POLICY: &str = "policies/rail/delay";
const AS_OF: &str = "2025-03-05T10:00:00Z";

pub(crate) struct Desk {
    folder: TempDir,
    ledger: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (id, role) in [("ann", "agent"), ("sue", "supervisor")] {
            let text = format!(r#"{{"id":"{id}","role":"{role}","assurance":"authenticated"}}"#);
            fs::write(folder.path().join(format!("{id}.json")), text).unwrap();
        }
        let ledger = arg(&folder.path().join("book.db")).to_owned();
        Self { folder, ledger }
    }

    /// A desk whose ledger is elsewhere.
    pub(crate) fn at(ledger: &str) -> Self {
        let ledger = ledger.to_owned();
        Self {
            ledger,
            ..Self::new()
        }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        arg(&self.folder.path().join(name)).to_owned()
    }

    /// Runs a command on the desk's ledger.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let mut all = arguments.to_vec();
        all.extend(["--ledger", &self.ledger]);
        redress(&all)
    }

    /// Ann decides the case, which is over her authority.
    pub(crate) fn decided(&self, key: &str) -> Ran {
        let ann = self.path("ann.json");
        self.run(&[
            "eval",
            POLICY,
            "-i",
            "case.json",
            "--actor",
            &ann,
            "--as-of",
            AS_OF,
            "-f",
            "json",
            "--key",
            key,
        ])
    }

    pub(crate) fn approved(&self, who: &str, key: &str) -> Ran {
        let who = self.path(who);
        self.run(&[
            "queue", "approve", POLICY, "1", "--actor", &who, "--as-of", AS_OF, "--key", key,
        ])
    }
}

#[test]
fn a_sum_is_reserved_approved_and_paid_once() {
    let desk = Desk::new();
    let first = desk.decided("order-9");
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(first.err.contains("is not signed"), "{}", first.err);
    assert_eq!(first.json("/did"), "escalate");
    assert_eq!(
        first.json("/entries/0/state"),
        "granted",
        "the law does not wait"
    );
    assert_eq!(first.json("/entries/1/worth"), "12.00 EUR");
    assert_eq!(first.json("/entries/1/state"), "held");
    assert_eq!(
        desk.decided("order-9").out,
        first.out,
        "the same key, the same bytes"
    );
    let list = desk.run(&["queue", "list"]);
    assert!(
        list.out.contains("team_leads") && list.out.contains("over_authority"),
        "{}",
        list.out
    );
    let early = desk.run(&["settle", "2", "--key", "s-0", "--as-of", AS_OF]);
    assert_eq!(early.code, 3);
    assert!(early.err.contains("awaits_approval"), "{}", early.err);
    let own = desk.approved("ann.json", "a-0");
    assert!(own.err.contains("approver_is_proposer"), "{}", own.err);
    let approved = desk.approved("sue.json", "a-1");
    assert_eq!(approved.code, 0, "{}", approved.err);
    assert!(approved.out.contains("approved") && approved.out.contains("granted"));
    let settled = desk.run(&["settle", "2", "--key", "s-1", "--as-of", AS_OF]);
    assert!(
        settled.out.contains("12.00 EUR") && settled.out.contains("settled"),
        "{}",
        settled.out
    );
    let twice = desk.run(&[
        "void", "2", "--by", "ann", "--reason", "mistake", "--key", "v", "--as-of", AS_OF,
    ]);
    assert!(twice.err.contains("entry_closed"), "{}", twice.err);
    let shown = desk.run(&["ledger", "show", "customer", "p-1"]);
    assert!(
        shown.out.contains("30.00 EUR") && shown.out.contains("settled"),
        "{}",
        shown.out
    );
    assert!(desk.run(&["queue", "list"]).out.contains("nothing waits"));
}

#[test]
fn a_key_used_for_something_else_is_an_error() {
    let desk = Desk::new();
    assert_eq!(desk.decided("k").code, 0);
    let other = desk.run(&["settle", "1", "--key", "k", "--as-of", AS_OF]);
    assert_eq!(other.code, 3);
    assert!(other.err.contains("key_reused"), "{}", other.err);
}

#[test]
fn what_nobody_decides_climbs_no_further_than_there_are_roles() {
    let desk = Desk::new();
    desk.decided("k");
    let later = "2026-03-05T10:00:00Z";
    let swept = desk.run(&["due", "--as-of", later]);
    assert_eq!((swept.code, swept.err.as_str()), (0, ""));
    assert!(swept.out.contains("0 timers fired"), "{}", swept.out);
    let again = desk.run(&["due", "--as-of", later]);
    assert!(
        again.out.starts_with("0 sums changed, 0 escalations moved"),
        "{}",
        again.out
    );
}

#[test]
fn a_departure_without_a_reason_is_refused_and_changes_nothing() {
    let desk = Desk::new();
    desk.decided("k");
    let (ann, sue) = (desk.path("ann.json"), desk.path("sue.json"));
    let departed = desk.run(&[
        "override",
        POLICY,
        "1",
        "--gives",
        "50.00 EUR",
        "--actor",
        &ann,
        "--approver",
        &sue,
        "--key",
        "o",
        "--as-of",
        AS_OF,
    ]);
    assert_eq!(departed.code, 3);
    assert!(departed.err.contains("no_reason"), "{}", departed.err);
    let shown = desk.run(&["queue", "show", "1"]);
    assert!(
        shown.out.contains("held") && shown.out.contains("ann"),
        "{}",
        shown.out
    );
}

#[test]
fn a_departure_for_a_reason_that_the_release_does_not_know_names_those_that_it_knows() {
    let desk = Desk::new();
    let goodwill = "../../../../policies/travel/goodwill";
    let story = format!("{goodwill}/story/two-hundred-for-nothing.json");
    let story = fs::read_to_string(fixtures().join(story)).unwrap();
    // Of the version that knows departures.
    let later = story.replace("2026-05-20", "2026-12-05");
    let (case, as_of) = (desk.path("case.json"), ["--as-of", "2026-12-06T10:00:00Z"]);
    fs::write(&case, later).unwrap();
    let (ann, sue) = (desk.path("ann.json"), desk.path("sue.json"));
    fs::write(desk.path("letter.pdf"), "a letter").unwrap();
    let decide = ["eval", goodwill, "-i", &case, "--actor", &ann, "--key", "k"];
    let decided = desk.run(&[&decide[..], &as_of].concat());
    assert_eq!(decided.code, 0, "{}", decided.err);
    let depart = |reason: &[&str], key: &str| {
        let letter = desk.path("letter.pdf");
        let all = [
            &[
                "override",
                goodwill,
                "1",
                "--gives",
                "300.00 CNY",
                "--key",
                key,
            ][..],
            &["--evidence", &letter, "--actor", &ann, "--approver", &sue],
            &as_of,
            reason,
        ];
        desk.run(&all.concat())
    };
    for (reason, key) in [(&["--reason", "life_event"][..], "o-1"), (&[], "o-2")] {
        let refused = depart(reason, key);
        assert_eq!(refused.code, 3, "{}", refused.err);
        let told =
            "hardship (supervisor), word_given (supervisor), grave_service_failure (manager)";
        assert!(refused.err.contains(told), "{}", refused.err);
    }
    fs::remove_file(desk.path("letter.pdf")).unwrap();
    let missing = depart(&["--reason", "hardship"], "o-3");
    let told = format!("cannot read {}", desk.path("letter.pdf"));
    assert!(missing.err.contains(&told), "{}", missing.err);
    fs::write(desk.path("letter.pdf"), "a letter").unwrap();
    // The example of the command's help.
    let help = redress(&["override", "--help"]).out;
    assert!(help.contains("--reason hardship"), "{help}");
    let departed = depart(&["--reason", "hardship"], "o-3");
    assert!(departed.out.starts_with("overridden"), "{}", departed.err);
    // A release without a list says so.
    let none = Desk::new();
    assert_eq!(none.decided("k").code, 0);
    let refused = none.run(&[
        "override",
        POLICY,
        "1",
        "--gives",
        "50.00 EUR",
        "--reason",
        "hardship",
        "--actor",
        &ann,
        "--approver",
        &sue,
        "--as-of",
        AS_OF,
        "--key",
        "o",
    ]);
    assert!(
        refused.err.contains("knows no departures"),
        "{}",
        refused.err
    );
}

#[test]
fn an_approval_is_a_named_persons() {
    let desk = Desk::new();
    assert_eq!(desk.decided("k").code, 0);
    let (ann, sue) = (desk.path("ann.json"), "role=supervisor");
    let decide = |what, more: &[&'static str]| {
        [
            &["queue", what][..],
            more,
            &["1", "--actor", sue, "--key", "a"],
        ]
        .concat()
    };
    let depart = [
        &[
            "override",
            POLICY,
            "1",
            "--gives",
            "50.00 EUR",
            "--key",
            "o",
        ][..],
        &["--reason", "life_event", "--evidence", &ann],
        &["--actor", &ann, "--approver", sue],
    ];
    let mut refuse = decide("refuse", &[]);
    refuse.extend(["--reason", "mistake"]);
    let commands = [
        decide("approve", &[POLICY]),
        decide("sign", &[POLICY]),
        refuse,
        depart.concat(),
    ];
    for command in commands {
        let ran = desk.run(&[&command[..], &["--as-of", AS_OF]].concat());
        assert_eq!(ran.code, 2, "{command:?}: {}{}", ran.out, ran.err);
        assert!(
            ran.err.contains("role=supervisor names nobody"),
            "{}",
            ran.err
        );
    }
    let shown = desk.run(&["queue", "show", "1"]);
    assert!(shown.out.starts_with("escalation 1: open"), "{}", shown.out);
    assert_eq!(desk.approved("sue.json", "a").code, 0);
}

#[test]
fn the_help_of_what_prints_no_decision_promises_none() {
    let promises = |command: &str| redress(&[command, "--help"]).out.contains("`execution`");
    assert!(promises("eval"));
    for command in ["settle", "void", "override", "batch", "erase", "promise"] {
        assert!(!promises(command), "{command}");
    }
}

#[test]
fn a_backup_is_a_ledger_of_its_own() {
    let desk = Desk::new();
    desk.decided("k");
    let copy = desk.path("copy.db");
    assert_eq!(desk.run(&["ledger", "backup", &copy]).code, 0);
    let listed = redress(&["queue", "list", "--ledger", &copy]);
    assert!(listed.out.contains("over_authority"), "{}", listed.out);
    let over = desk.run(&["ledger", "backup", &copy]);
    assert_eq!(over.code, 3);
}

#[test]
fn a_file_that_is_no_ledger_is_told_as_such() {
    let desk = Desk::new();
    fs::write(desk.folder.path().join("book.db"), "x".repeat(4_096)).unwrap();
    let ran = desk.decided("k");
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("ledger_corrupt"), "{}", ran.err);
    let missing = redress(&["queue", "list", "--ledger", "no/such/ledger.db"]);
    assert!(
        missing.err.contains("ledger_unreachable"),
        "{}",
        missing.err
    );
    assert!(!Path::new("no/such").exists());
}

#[test]
fn a_clock_far_ahead_needs_a_persons_word() {
    let desk = Desk::new();
    assert_eq!(desk.decided("k").code, 0);
    // The clock of whoever runs this stands more than a year after the case.
    let settle = ["settle", "1", "--key", "s-1"];
    let refused = desk.run(&settle);
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(
        refused.err.contains("ledger_clock_ahead"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("--as-of now"), "{}", refused.err);
    assert_eq!(desk.run(&["due", "--as-of", "now"]).code, 0);
    let told = desk.run(&settle);
    assert!(!told.err.contains("ledger_clock_ahead"), "{}", told.err);
}

/// A desk whose ledger holds a sum of 7.00 EUR that counts against limits of every scope.
fn booked() -> Desk {
    let desk = Desk::new();
    let scene = r#""scene":"flight","loss":"400.00 EUR""#;
    let case = fixture::case_with("c-1", "flight-9", "p-1", &["card-5"], scene);
    let mut matter = fixture::matter(case);
    matter.campaign = Some(fixture::code("spring"));
    let ann = fixture::actor("ann", "agent");
    let command = fixture::decide(&matter, fixture::goodwill(700), ann);
    let ledger = SqliteLedger::open(Path::new(&desk.ledger)).unwrap();
    fixture::apply(&ledger, "k-1", command, fixture::start()).unwrap();
    desk
}

#[test]
fn budgets_of_every_scope_are_shown_by_the_subject_that_they_are_kept_under() {
    let desk = booked();
    let at = fixture::start().to_string();
    for (subject, limit, most) in [
        ("everyone", "trials/all:everything", "2000.00 EUR"),
        ("team:blue", "trials/all:team", "300.00 EUR"),
        (
            "campaign:spring",
            "trials/all:campaign_budget",
            "110.00 EUR",
        ),
        ("campaign:spring", "trials/all:campaign", "90.00 EUR"),
        ("scene:0", "trials/all:scene", "600.00 EUR"),
        (
            "agent:ann>customer:p-1",
            "trials/all:agent_customer",
            "80.00 EUR",
        ),
        ("linked:payer:card-5", "trials/all:linked", "150.00 EUR"),
        ("agent:ann", "trials/all:agent", "200.00 EUR"),
    ] {
        let shown = desk.run(&["ledger", "show", "budget", subject, "--as-of", &at]);
        assert_eq!(shown.code, 0, "{subject}: {}", shown.err);
        let line = shown.out.lines().find(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(limit) && line.contains(most)
        });
        let line = line.unwrap_or_else(|| panic!("{subject} {limit}: {}", shown.out));
        assert!(line.contains("7.00 EUR"), "{line}");
    }
    let all = desk.run(&["ledger", "show", "budget", "--as-of", &at]);
    let named = desk.run(&["ledger", "show", "budget", "everyone", "--as-of", &at]);
    assert_eq!((all.code, &all.out), (0, &named.out));
    assert!(all.out.contains("trials/all:everything"), "{}", all.out);
    assert!(!all.out.contains("trials/all:team"), "{}", all.out);
    let other = desk.run(&["ledger", "show", "budget", "team:red", "--as-of", &at]);
    assert_eq!(
        (other.code, other.out.as_str()),
        (0, "nothing is recorded\n")
    );
}

/// A ledger keeps a scene by its place in the list of its policy.
#[test]
fn a_scene_is_shown_by_its_name_with_its_policy() {
    let desk = booked();
    // The first scene of both policies is the flight.
    let mut matter = fixture::matter(fixture::case("c-2", "flight-10", "p-2"));
    let mut guardrails = (*matter.guardrails).clone();
    guardrails.release.name = "travel/goodwill".into();
    matter.guardrails = guardrails.into();
    let command = fixture::decide(
        &matter,
        fixture::goodwill(500),
        fixture::actor("ann", "agent"),
    );
    let ledger = SqliteLedger::open(Path::new(&desk.ledger)).unwrap();
    fixture::apply(&ledger, "k-2", command, fixture::start()).unwrap();
    drop(ledger);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/travel/goodwill");
    let at = fixture::start().to_string();
    let show = |subject: &str, policy: &[&str]| {
        let shown = ["ledger", "show", "budget", subject, "--as-of", &at];
        desk.run(&[&shown[..], policy].concat())
    };
    let both = show("scene:0", &[]);
    assert!(
        both.out.contains("7.00 EUR") && both.out.contains("5.00 EUR"),
        "{}{}",
        both.out,
        both.err
    );
    let policy = ["--policy", arg(&shipped)];
    let own = show("scene:flight", &policy);
    assert!(
        own.out.contains("5.00 EUR") && !own.out.contains("trials/all"),
        "{}{}",
        own.out,
        own.err
    );
    assert_eq!(show("scene:hotel", &policy).out, "nothing is recorded\n");
    for (subject, policy, says) in [
        ("scene:flight", &[][..], "--policy"),
        ("scene:delay", &policy[..], "no scene \"delay\""),
        (
            "scene:flight",
            &["--policy", POLICY][..],
            "no scene \"flight\"",
        ),
        ("scene:0", &policy[..], "--policy goes with"),
        ("team:blue", &policy[..], "--policy goes with"),
    ] {
        let refused = show(subject, policy);
        assert_eq!(refused.code, 2, "{subject}: {}{}", refused.out, refused.err);
        assert!(refused.err.contains(says), "{subject}: {}", refused.err);
    }
}

#[test]
fn what_no_budget_is_kept_under_is_a_usage_error() {
    let desk = booked();
    for subject in [
        "blue",
        "",
        "team:",
        "team:Blue",
        "team",
        "teams:blue",
        "campaign:spring sale",
        "scene:",
        "everyone:blue",
        "agent:",
        "agent:>customer:p-1",
        "agent:ann>customer:",
        "linked:payer",
        "linked:payer:",
        " team:blue",
    ] {
        let shown = desk.run(&["ledger", "show", "budget", subject]);
        assert_eq!(shown.code, 2, "{subject:?}: {}{}", shown.out, shown.err);
        assert_eq!(shown.out, "", "{subject:?}");
        assert!(
            shown.err.contains("team:TEAM"),
            "{subject:?}: {}",
            shown.err
        );
    }
    let help = redress(&["ledger", "show", "--help"]);
    for example in [
        "show budget --ledger",
        "show budget team:blue",
        "show budget campaign:spring",
        "show budget scene:hotel --policy",
        "show budget 'agent:ann>customer:customer-9'",
    ] {
        assert!(help.out.contains(example), "{example}: {}", help.out);
    }
}

#[test]
fn what_acts_on_a_history_begins_none() {
    let desk = Desk::new();
    let (ann, sue, key) = (
        desk.path("ann.json"),
        desk.path("sue.json"),
        desk.path("log.key"),
    );
    let made = redress(&["log", "keygen", "rail.example/log", "--out", &key]);
    assert_eq!(made.code, 0, "{}", made.err);
    let one = |name: &'static str| vec![name, "1", "--key", "k"];
    let said = |name, more: &[&'static str]| [&one(name)[..], &["--by", "ann"], more].concat();
    let queue = |what, more: &[&'static str]| {
        let policy: &[&str] = if more.is_empty() { &[POLICY] } else { &[] };
        let mut all = [&["queue", what][..], policy, &["1", "--key", "k"], more].concat();
        all.extend(["--actor", &sue]);
        all
    };
    let sum = ["--gives", "5.00 EUR", "--actor", &ann];
    let until = "2025-04-01T10:00:00Z";
    let commands: Vec<Vec<&str>> = vec![
        vec!["due"],
        one("settle"),
        one("activity"),
        said("void", &["--reason", "mistake"]),
        said("overturn", &["--reason", "appeal_upheld"]),
        said("mark-error", &["--rule", "given_twice"]),
        said("escalate", &["--reason", "agent_doubts", "--owner", "desk"]),
        said("keep", &[]),
        said("erase", &[]),
        queue("approve", &[]),
        queue("sign", &[]),
        queue("refuse", &["--reason", "mistake"]),
        queue("extend", &["--until", until]),
        [
            &["override", POLICY, "1", "--key", "k", "--approver", &sue][..],
            &sum,
        ]
        .concat(),
        [
            &["promise", POLICY, "1", "--key", "k", "--owner", "desk"][..],
            &["--by-date", until],
            &sum,
        ]
        .concat(),
        vec!["log", "sign", "--key", &key],
    ];
    let book = desk.folder.path().join("book.db");
    for command in &commands {
        let ran = desk.run(command);
        assert_eq!(ran.code, 3, "{command:?}: {}{}", ran.out, ran.err);
        let told = ran.err.contains("ledger_unreachable") && ran.err.contains(&desk.ledger);
        assert!(told, "{command:?}: {}", ran.err);
        assert!(!book.exists(), "{command:?}");
    }
    // Nor out of a file in which nothing is.
    fs::write(&book, "").unwrap();
    let empty = desk.run(&["due"]);
    assert!(empty.err.contains("there is no ledger"), "{}", empty.err);
    assert_eq!(fs::metadata(&book).unwrap().len(), 0);
}
