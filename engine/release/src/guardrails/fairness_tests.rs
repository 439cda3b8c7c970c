//! `[fairness]`: what it may say, and what is refused with its place.

use redress_kernel::Guardrails;

use super::tests::{GOOD, read, read_with_losses_in};

const FAIRNESS: &str = r#"
[fairness]
class = ["scene", "listed"]
window_days = 30
tolerance_percent = "7.5"
tolerance_at_least = "2.00 EUR"
rounding_unit = "1.00 EUR"
points_max = 100

[fairness.linked]
weights = { booking = 3, payer = 1 }
threshold = 3
per = "persons"

[fairness.departures]
times = 2
window_days = 7
owner = "supervisor"

[[fairness.experiment]]
name = "warmth"
salt = "2026-a"
until = "2026-12-31"
arms = [{ name = "plain", weight = 1 }, { name = "less", weight = 1, percent = "-2.5" }]
"#;

fn with(text: &str) -> Result<Guardrails, crate::error::ReleaseErrors> {
    read(&format!("{GOOD}{text}"))
}

#[test]
fn every_part_of_fairness_reaches_the_kernel() {
    let fairness = with(FAIRNESS).unwrap().fairness.unwrap();
    let class: Vec<_> = fairness
        .class
        .iter()
        .map(|fact| fact.name.as_str())
        .collect();
    assert_eq!(class, ["scene", "listed"]);
    assert_eq!(fairness.class[0].values, ["flight", "hotel"]);
    let merits: Vec<_> = fairness
        .merits
        .iter()
        .map(|fact| fact.name.as_str())
        .collect();
    assert_eq!(
        merits,
        ["loss", "persons"],
        "every merit fact of the schema"
    );
    assert_eq!(fairness.tolerance.basis_points, 750);
    assert_eq!(fairness.linked.threshold, 3);
    assert_eq!(fairness.departures.unwrap().owner.as_str(), "supervisor");
    assert_eq!(fairness.experiments[0].arms[1].basis_points, -250);
    let least = "[fairness]\nclass = [\"scene\"]\nrounding_unit = \"1.00 EUR\"\n";
    let fairness = with(least).unwrap().fairness.unwrap();
    assert_eq!(
        (fairness.window_days, fairness.tolerance.basis_points),
        (90, 500)
    );
    assert_eq!(fairness.tolerance.at_least.minor(), 100);
    assert_eq!(read(GOOD).unwrap().fairness, None);
}

#[track_caller]
fn check(from: &str, to: &str, key: &str, problem: &str) {
    let text = FAIRNESS.replacen(from, to, 1);
    assert_ne!(text, FAIRNESS, "nothing was replaced");
    let errors = with(&text).unwrap_err();
    let found = errors
        .0
        .iter()
        .find(|error| error.key.as_deref() == Some(key));
    let error = found.unwrap_or_else(|| panic!("{key} is not among:\n{errors}"));
    assert!(error.problem.contains(problem), "{error}");
    let whole = format!("{GOOD}{text}");
    let line = usize::try_from(error.line.unwrap()).unwrap() - 1;
    assert!(whole.lines().nth(line).unwrap().contains(to), "{error}");
}

#[test]
fn what_cannot_be_compared_is_refused_in_its_place() {
    let class = "fairness.class";
    check(
        "\"scene\", \"listed\"",
        "\"scenes\"",
        class,
        "no fact \"scenes\"",
    );
    check(
        "\"scene\", \"listed\"",
        "\"loss\"",
        class,
        "not a gate fact",
    );
    check(
        "\"scene\", \"listed\"",
        "\"severity\"",
        class,
        "not a gate fact",
    );
    check(
        "\"scene\", \"listed\"",
        "\"danger\"",
        class,
        "not a gate fact",
    );
    check(
        "\"scene\", \"listed\"",
        "\"scene\", \"scene\"",
        class,
        "named twice",
    );
    check("[\"scene\", \"listed\"]", "[]", class, "no fact is named");
    let least = "fairness.tolerance_at_least";
    check("2.00 EUR", "0.99 EUR", least, "below the rounding unit");
    check("2.00 EUR", "2.00 USD", least, "another currency");
    check(
        "unit = \"1.00 EUR\"",
        "unit = \"0.00 EUR\"",
        "fairness.rounding_unit",
        "at least",
    );
    check(
        "points_max = 100",
        "points_max = 4097",
        "fairness.points_max",
        "4096",
    );
    check(
        "threshold = 3",
        "threshold = 5",
        "fairness.linked.threshold",
        "1 to 4",
    );
    check(
        "per = \"persons\"",
        "per = \"scene\"",
        "fairness.linked.per",
        "not a merit",
    );
    check(
        "owner = \"supervisor\"",
        "owner = \"boss\"",
        "fairness.departures.owner",
        "not a role",
    );
    let arms = "fairness.experiment.arms.percent";
    check("\"-2.5\"", "\"-7.6\"", arms, "within the tolerance");
    check(
        "\"2026-12-31\"",
        "\"2026-13-31\"",
        "fairness.experiment.until",
        "",
    );
}

#[test]
fn a_class_in_a_currency_that_no_rate_leads_to_is_refused_with_its_place() {
    let text = format!("{GOOD}{FAIRNESS}");
    assert!(read_with_losses_in("EUR", &text).is_ok());
    let errors = read_with_losses_in("USD", &text).unwrap_err();
    let of_fairness =
        |key: &&crate::error::ReleaseError| key.key.as_deref() == Some("fairness.rounding_unit");
    let error = errors.0.iter().find(of_fairness).unwrap();
    let problem = "like cases are compared in EUR, and the tier \"level_1\" gives USD";
    assert_eq!(error.problem, problem);
    let line = usize::try_from(error.line.unwrap()).unwrap() - 1;
    assert_eq!(text.lines().nth(line), Some("rounding_unit = \"1.00 EUR\""));
}
