use std::fs;
use std::path::Path;

use redress::{Engine, EngineLimits, Release};
use redress_model::{Actor, ActorId, Assurance, Standing};
use redress_release::scaffold;
use tempfile::TempDir;

use super::*;

/// The scaffolded release before, and after: a larger share from three days on, and
/// nothing for a parcel that the warehouse kept.
struct Two {
    _root: TempDir,
    old: Release,
    new: Release,
}

impl Two {
    fn new() -> Self {
        let root = TempDir::new().unwrap();
        let old = scaffold(&"retail/late-parcel".parse().unwrap(), root.path()).unwrap();
        let new = old.with_file_name("0.2.0");
        copy(&old, &new);
        edit(&new, "release.toml", "0.1.0", "0.2.0");
        edit(
            &new,
            "tables/lateness.csv",
            "3..6,level_1,10",
            "3..6,level_2,20",
        );
        edit(
            &new,
            "policy.rhai",
            "if row.percent == 0 {",
            "if row.percent == 0 || facts.cause == \"warehouse\" {",
        );
        let engine = Engine::new(EngineLimits::STANDARD);
        let load = |folder: &Path| engine.load(folder).unwrap();
        Self {
            old: load(&old),
            new: load(&new),
            _root: root,
        }
    }

    /// Decides a parcel under both; days and value may be unknown.
    fn case(&self, line: u64, facts: &str, into: &mut Comparison) {
        let json = format!(
            "{{\"id\": \"c{line}\", \"incident_date\": \"2026-03-0{}\", \"event\": \"e{line}\", \"claimant\": {{\"id\": \"c\"}}, \"stage\": \"facts_recorded\", \"links\": [], \"facts\": {{{facts}}}}}",
            line % 9 + 1
        );
        let actor = Actor {
            id: ActorId::new("a").unwrap(),
            role: Code::new("agent").unwrap(),
            assurance: Assurance::Authenticated,
        };
        let as_of = "2026-03-10T12:00:00Z".parse().unwrap();
        let decide = |release: &Release| {
            let case = release.admit(json.as_bytes()).unwrap();
            let decided = release.decide(&case, &actor, &Standing::fresh(), as_of);
            (case, decided.decision)
        };
        let ((_, old), (case, new)) = (decide(&self.old), decide(&self.new));
        let segments = ["north"];
        into.case(Compared {
            line,
            case: &case,
            old: &old,
            new: &new,
            segments: &segments,
        });
    }

    fn all(&self, lines: &[u64]) -> Comparison {
        let mut found = Comparison::new(vec!["region".into()], 3);
        for line in lines {
            let (_, facts) = CASES[usize::try_from(*line).unwrap()];
            self.case(*line, facts, &mut found);
        }
        found.rows(u64::try_from(lines.len()).unwrap(), 0);
        found
    }
}

/// What becomes of each, and its facts.
const CASES: [(&str, &str); 8] = [
    (
        "nothing",
        "\"order_value\": \"50.00 EUR\", \"days_late\": 2, \"cause\": \"carrier\"",
    ),
    (
        "gains 5.00",
        "\"order_value\": \"50.00 EUR\", \"days_late\": 3, \"cause\": \"carrier\"",
    ),
    (
        "gains 10.00",
        "\"order_value\": \"100.00 EUR\", \"days_late\": 4, \"cause\": \"carrier\"",
    ),
    (
        "loses 10.00",
        "\"order_value\": \"50.00 EUR\", \"days_late\": 9, \"cause\": \"warehouse\"",
    ),
    (
        "open under both",
        "\"order_value\": \"50.00 EUR\", \"cause\": \"carrier\"",
    ),
    (
        "same",
        "\"order_value\": \"50.00 EUR\", \"days_late\": 9, \"cause\": \"carrier\"",
    ),
    (
        "gains 15.00, then more than an agent may",
        "\"order_value\": \"150.00 EUR\", \"days_late\": 5, \"cause\": \"carrier\"",
    ),
    (
        "open under the old one alone",
        "\"order_value\": \"50.00 EUR\", \"days_late\": 9",
    ),
];

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

#[track_caller]
fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from:?} is not in {file}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn side(version: &str) -> Side {
    Side {
        name: "retail/late-parcel".into(),
        versions: vec![(version.into(), redress_model::Digest::of(b""))],
        dates: Dates::Any,
    }
}

fn report(found: &Comparison) -> Report {
    found.report(side("0.1.0"), side("0.2.0"), "cases.csv".into(), 10)
}

#[test]
fn sums_and_outcomes_are_those_of_the_cases() {
    let found = Two::new().all(&[0, 1, 2, 3, 4, 5, 6]);
    let report = report(&found);
    assert_eq!((report.rows, report.compared, report.flips), (7, 6, 4));
    let eur = &report.currencies[0];
    assert_eq!(
        eur.total,
        Pair {
            old: 500 + 1_000 + 1_000 + 1_000 + 1_500,
            new: 1_000 + 2_000 + 1_000 + 3_000
        }
    );
    assert_eq!(eur.split.goodwill, eur.total);
    let goodwill = eur.moves.goodwill;
    assert_eq!(
        (
            goodwill.gainers,
            goodwill.losers,
            goodwill.gained,
            goodwill.lost
        ),
        (3, 1, 3_000, 1_000)
    );
    let flips = |from: Outcome, to: Outcome| {
        report
            .matrix
            .iter()
            .find(|flip| (flip.from, flip.to) == (from, to))
            .unwrap()
            .cases
    };
    assert_eq!(flips(Outcome::Grant, Outcome::Refuse), 1);
    assert_eq!(flips(Outcome::Grant, Outcome::Escalate), 1);
    assert_eq!(flips(Outcome::Grant, Outcome::Grant), 3);
    assert_eq!(flips(Outcome::Refuse, Outcome::Refuse), 1);
    let segment = &report.segments[0].values[0];
    assert_eq!(
        (segment.value.as_str(), segment.cases, segment.given),
        ("north", 6, (5, 4))
    );
    assert_eq!(report.approvers[0].who, *"supervisor");
    assert_eq!(
        (report.approvers[0].cases, report.approvers[0].peak),
        ((0, 1), (0, 1))
    );
}

#[test]
fn a_case_without_enough_facts_is_counted_and_never_guessed() {
    let found = Two::new().all(&[4, 4, 7]);
    let report = report(&found);
    assert_eq!(report.compared, 0);
    let open = &report.undetermined;
    assert_eq!((open.old, open.new, open.both), (0, 0, 3));
    let missing: Vec<_> = open
        .missing
        .iter()
        .map(|(fact, old, new)| (fact.as_str(), *old, *new))
        .collect();
    assert_eq!(missing, [("cause", 1, 1), ("days_late", 2, 2)]);
    assert!(report.currencies.is_empty() && report.movers.is_empty());
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let two = Two::new();
    let whole = report(&two.all(&[0, 1, 2, 3, 4, 5, 6, 7]));
    for parts in [
        [&[0, 1, 2][..], &[3, 4, 5, 6, 7]],
        [&[7, 5, 3, 1], &[6, 4, 2, 0]],
    ] {
        let mut found = Comparison::new(vec!["region".into()], 3);
        for part in parts {
            found.merge(two.all(part));
        }
        assert_eq!(report(&found), whole, "{parts:?}");
    }
}

#[test]
fn the_largest_movers_are_kept_in_bounded_memory() {
    let found = Two::new().all(&[1, 2, 3, 6, 0, 5]);
    let kept: Vec<_> = found
        .kept()
        .iter()
        .map(|kept| (kept.line, kept.by))
        .collect();
    assert_eq!(kept, [(6, 1_500), (2, 1_000), (3, -1_000)]);
    let movers = report(&found).movers;
    assert_eq!(
        movers[0].given,
        ("15.00 EUR".to_owned(), "30.00 EUR".to_owned())
    );
    assert_eq!(movers[2].outcomes, (Outcome::Grant, Outcome::Refuse));
}

#[test]
fn gates_fail_where_their_condition_holds() {
    let found = Two::new().all(&[0, 1, 2, 3, 4, 5, 6]);
    let holds = |gate: &str| gate.parse::<Gate>().unwrap().holds(&found).is_some();
    // 50.00 becomes 70.00: 40 % more.
    for gate in [
        "total > +39.99%",
        "total >= +40%",
        "total < +40.01%",
        "total(EUR) == +40%",
        "goodwill > +19.99",
        "goodwill == 70.00",
        "goodwill >= 70",
        "statutory == 0",
        "losers > 0",
        "losers(goodwill) == 1",
        "gainers == 3",
        "flips == 4",
        "flips(grant->refuse) > 0",
        "flips(grant -> *) == 2",
        "flips(*->*) == 2",
        "undetermined == 1",
        "bad_rows == 0",
        "load > 0",
        "load(supervisor) == +1",
        "load(supervisor) > +100%",
    ] {
        assert!(holds(gate), "{gate}");
    }
    for gate in [
        "total > +40%",
        "total >= +40.01%",
        "total < 70.00",
        "total(CNY) > 0",
        "statutory > 0",
        "statutory > +0%",
        "losers(statutory) > 0",
        "flips(refuse->grant) > 0",
        "bad_rows > 0",
        "load(director) > 0",
        "undetermined != 1",
    ] {
        assert!(!holds(gate), "{gate}");
    }
    let told = "total > +5%"
        .parse::<Gate>()
        .unwrap()
        .holds(&found)
        .unwrap();
    assert_eq!(told, "50.00 EUR becomes 70.00 EUR");
}

#[test]
fn what_is_no_gate_is_refused() {
    for bad in [
        "",
        "total",
        "total >",
        "> 5",
        "total > 5%",
        "total > +5%%",
        "total > five",
        "total > +1.234",
        "sum > 5",
        "total(eur) > 5",
        "losers(law) > 0",
        "losers > +5",
        "flips > +5%",
        "flips(grant) > 0",
        "flips(grant->paid) > 0",
        "undetermined(x) > 0",
        "load(Big Role) > 0",
        "total(EUR > 5",
        "total => 5",
        "total > --5",
    ] {
        assert_eq!(
            bad.parse::<Gate>().unwrap_err().code(),
            "gate_malformed",
            "{bad}"
        );
    }
}

#[test]
fn a_report_fits_a_narrow_terminal() {
    let text =
        redress_authoring::text::plain(&report(&Two::new().all(&[0, 1, 2, 3, 4, 5, 6])).text(40));
    for line in text.lines() {
        assert!(redress_authoring::text::width(line) <= 60, "{line}");
    }
    insta::assert_snapshot!(redress_authoring::text::plain(
        &report(&Two::new().all(&[0, 1, 2, 3, 4, 5, 6])).text(100)
    ));
}

#[test]
fn amounts_fall_into_bands_with_their_upper_end() {
    let check = |minor, exponent, expected: usize| {
        assert_eq!(band_of(minor, exponent), expected, "{minor}")
    };
    check(0, 2, 0);
    check(1, 2, 1);
    check(5_000, 2, 1);
    check(5_001, 2, 2);
    check(1_000_000, 2, 9);
    check(1_000_001, 2, 10);
    check(50, 0, 1);
}

/// Forty parcels, worse and worse; every figure of the sample says what the tariff does.
#[test]
fn like_cases_are_compared_before_and_after() {
    let two = Two::new();
    let schemas = || std::iter::once(two.new.schema());
    let mut whole = Comparison::new(vec!["region".into()], 3).with_schemas(schemas());
    let mut halves = [whole.clone(), whole.clone()];
    for line in 0..40_u64 {
        let facts = format!(
            "\"order_value\": \"100.00 EUR\", \"days_late\": {}, \"cause\": \"carrier\"",
            line % 9
        );
        two.case(line, &facts, &mut whole);
        let half = usize::try_from(line % 2).unwrap();
        two.case(line, &facts, &mut halves[half]);
    }
    let alike = whole.sample.figures().unwrap();
    assert_eq!((alike.sample, alike.classes), (40, 1));
    let leapfrogs = alike.figures.iter().find(|it| it.name == "leapfrog_rate");
    let leapfrogs = leapfrogs.unwrap();
    // Both tariffs rise with the days, so nobody who fared better gets more.
    assert_eq!(leapfrogs.before_millionths, Some(0));
    assert_eq!(leapfrogs.after_millionths, Some(0));
    let steepest = alike.figures.iter().find(|it| it.name == "lipschitz");
    assert!(steepest.unwrap().after_millionths > Some(0));
    let [mut first, second] = halves;
    first.merge(second);
    assert_eq!(first.sample.figures(), Some(alike));
}

/// A release that gives the milder case more shows it.
#[test]
fn a_change_that_lets_the_milder_case_leap_shows_in_the_figures() {
    let two = Two::new();
    let swapped = two.new.source().path().with_file_name("0.3.0");
    copy(two.new.source().path(), &swapped);
    edit(&swapped, "release.toml", "0.2.0", "0.3.0");
    edit(
        &swapped,
        "tables/lateness.csv",
        "7..,level_2,20",
        "7..,level_1,5",
    );
    let new = Engine::new(EngineLimits::STANDARD).load(&swapped).unwrap();
    let two = Two { new, ..two };
    let mut found =
        Comparison::new(vec!["region".into()], 3).with_schemas(std::iter::once(two.new.schema()));
    for line in 0..40_u64 {
        let facts = format!(
            "\"order_value\": \"100.00 EUR\", \"days_late\": {}, \"cause\": \"carrier\"",
            3 + line % 8
        );
        two.case(line, &facts, &mut found);
    }
    let alike = found.sample.figures().unwrap();
    let leapfrogs = alike.figures.iter().find(|it| it.name == "leapfrog_rate");
    let leapfrogs = leapfrogs.unwrap();
    assert_eq!(leapfrogs.before_millionths, Some(0));
    assert!(leapfrogs.after_millionths > Some(0), "{leapfrogs:?}");
    assert!(!leapfrogs.lines.is_empty());
}
