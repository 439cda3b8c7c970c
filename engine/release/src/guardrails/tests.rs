use redress_kernel::guardrails::{BasisKind, Limit, Worth};
use redress_model::Digest;

use super::*;

const SCHEMA: &str = r#"{"type":"object","properties":{
  "scene":{"type":"string","enum":["flight","hotel"],"x-class":"gate"},
  "persons":{"type":"integer","minimum":1,"maximum":9,"x-class":"merit","x-direction":"higher_is_worse","x-unit":"count"},
  "loss":{"type":"string","format":"money","x-class":"merit","x-direction":"higher_is_worse"},
  "severity":{"type":"string","enum":["low","high"],"x-class":"route"},
  "danger":{"type":"string","enum":["none","threat","false_alarm"],"x-class":"safety"},
  "listed":{"type":"boolean","x-class":"gate"}
}}"#;

pub(super) const GOOD: &str = r#"
[facts]
scene = "scene"
persons = "persons"
loss = "loss"
severity = "severity"

[[statutory]]
code = "refund"
head = "refund"
source = "Art 1"
max_per_person = { percent = 100, of = "loss", at_most = "500.00 EUR" }
second_look = { above = "300.00 EUR", role = "supervisor", within = "2 working_days" }

[[floor]]
code = "refund"
at_least = "5.00 EUR"
source = "Art 2"

[[tier]]
name = "level_1"
from_percent = 0
to_percent = "12.5"
of = "loss"

[envelope]
no_loss_no_cash = true
loss_multiple_percent = 100

[[cap]]
name = "customer"
basis = "goodwill"
limit = "100.00 EUR"
window_days = 90

[[budget]]
name = "year"
limit = "1000.00 EUR"

[[kind]]
name = "cash"
[[kind]]
name = "points"
unit = "points"
worth_each = "0.01 EUR"
scenes = ["hotel"]

[corridor]
tolerance_percent = 5
rounding_unit = "1.00 EUR"

[[role]]
name = "supervisor"
rank = 2
owner = "leads"
within = "24 hours"
[[role]]
name = "agent"
rank = 1
owner = "frontline"
within = "48 hours"

[[authority]]
role = "agent"
basis = "goodwill"
kind = "cash"
scene = "hotel"
limit = "20.00 EUR"
valid_until = "2026-06-30"

[[chain]]
name = "legal"
codes = ["privacy"]
when = { listed = true }
signatures = [{ role = "supervisor", count = 2 }]
owner = "legal"
within = "5 working_days"

[[safety]]
fact = "danger"
raised = ["threat"]
cleared = ["false_alarm"]
cleared_goodwill_percent = 0
owner = "safety_officer"
within = "15 minutes"
duties = ["call_back"]

[[ladder]]
severity = "high"
within = "4 hours"
priority = 1

[calendar]
time_zone = "Asia/Shanghai"
offsets = [{ from = "1992-01-01T00:00:00Z", utc = "+08:00" }]
weekend = ["saturday", "sunday"]
covers = ["2026-01-01", "2026-12-31"]
holidays = ["2026-10-01..2026-10-07"]
working = ["2026-09-20"]
"#;

pub(super) fn read(text: &str) -> Result<Guardrails, ReleaseErrors> {
    read_with(SCHEMA, text)
}

/// Reads guardrails of a release whose losses are in one currency.
pub(super) fn read_with_losses_in(currency: &str, text: &str) -> Result<Guardrails, ReleaseErrors> {
    let keyword = format!(r#""format":"money","x-currency":"{currency}""#);
    read_with(&SCHEMA.replacen(r#""format":"money""#, &keyword, 1), text)
}

fn read_with(schema: &str, text: &str) -> Result<Guardrails, ReleaseErrors> {
    let schema = Schema::compile(schema.as_bytes()).unwrap();
    let release = ReleaseId {
        name: "t/t".into(),
        version: "1.0.0".into(),
        digest: Digest::of(b""),
    };
    parse(
        Path::new("guardrails.toml"),
        text,
        &schema,
        release,
        Rounding::HalfUp,
    )
}

#[test]
fn every_part_reaches_the_kernel() {
    let guardrails = read(GOOD).unwrap();
    assert_eq!(
        guardrails.roles[0].name.as_str(),
        "agent",
        "the lowest rank first"
    );
    assert!(matches!(
        &guardrails.claims[0].max_per_person,
        Limit::Share { basis_points: 10_000, at_most: Some(most), .. } if most.minor() == 50_000
    ));
    assert_eq!(guardrails.tiers[0].to_basis_points, 1_250);
    assert!(matches!(guardrails.kinds[1].worth, Worth::Each(each) if each.minor() == 1));
    assert_eq!(guardrails.kinds[1].scenes, [1]);
    let envelope = &guardrails.envelope;
    assert_eq!(envelope.caps[0].basis, Some(BasisKind::Goodwill));
    assert_eq!(envelope.budgets[0].basis, None);
    assert_eq!(guardrails.calendar.holidays.len(), 7);
    assert_eq!(guardrails.calendar.offsets[0].1, 28_800);
    assert_eq!(guardrails.unknown_fact.owner.as_str(), "frontline");
    assert_eq!(guardrails.safety[0].raised.len(), 1);
}

#[track_caller]
fn check(from: &str, to: &str, key: &str, problem: &str) {
    let text = GOOD.replacen(from, to, 1);
    assert_ne!(text, GOOD, "nothing was replaced");
    let errors = read(&text).unwrap_err();
    let found = errors
        .0
        .iter()
        .find(|error| error.key.as_deref().unwrap_or_default() == key);
    let Some(error) = found else {
        panic!("{key} is not among:\n{errors}")
    };
    assert!(error.problem.contains(problem), "{error}");
    let line = text
        .lines()
        .nth(usize::try_from(error.line.unwrap()).unwrap() - 1)
        .unwrap();
    assert!(!line.is_empty(), "the line told is empty");
}

#[test]
fn what_does_not_fit_is_told_with_its_key_and_line() {
    check(
        "loss = \"loss\"",
        "loss = \"lost\"",
        "facts.loss",
        "no fact \"lost\"",
    );
    check(
        "loss = \"loss\"",
        "loss = \"scene\"",
        "facts.loss",
        "not a merit money fact",
    );
    check(
        "persons = \"persons\"",
        "persons = \"listed\"",
        "facts.persons",
        "not a merit integer",
    );
    check(
        "500.00 EUR",
        "500.0 EUR",
        "statutory.max_per_person",
        "decimal digits",
    );
    check(
        "300.00 EUR",
        "-300.00 EUR",
        "statutory.second_look.above",
        "zero or more",
    );
    check(
        "role = \"supervisor\", within",
        "role = \"boss\", within",
        "statutory.second_look.role",
        "not a role",
    );
    check(
        "code = \"refund\"\nat_least",
        "code = \"refunds\"\nat_least",
        "floor.code",
        "not a statutory claim",
    );
    check(
        "\"12.5\"",
        "\"12.555\"",
        "tier.to_percent",
        "not a percentage",
    );
    check(
        "from_percent = 0",
        "from_percent = 99",
        "tier.from_percent",
        "above",
    );
    check("24 hours", "24 days", "role.within", "not a span");
    check(
        "name = \"agent\"",
        "name = \"supervisor\"",
        "role.name",
        "defined twice",
    );
    check(
        "name = \"customer\"\nbasis = \"goodwill\"",
        "name = \"customer\"\nbasis = \"statutory\"",
        "cap.basis",
        "not a discretionary ground",
    );
    check(
        "role = \"agent\"\nbasis = \"goodwill\"",
        "role = \"agent\"\nbasis = \"statutory\"",
        "authority.basis",
        "not a discretionary ground",
    );
    check(
        "kind = \"cash\"",
        "kind = \"gold\"",
        "authority.kind",
        "not a kind",
    );
    check(
        "scene = \"hotel\"",
        "scene = \"ship\"",
        "authority.scene",
        "expected one of flight, hotel",
    );
    check(
        "count = 2",
        "count = 0",
        "chain.signatures.count",
        "at least one",
    );
    check(
        "when = { listed = true }",
        "when = { listed = 3 }",
        "chain.when",
        "true or false",
    );
    check(
        "when = { listed = true }",
        "when = { severity = \"high\" }",
        "chain.when",
        "gate or safety",
    );
    check(
        "fact = \"danger\"",
        "fact = \"listed\"",
        "safety.fact",
        "not a safety fact",
    );
    check(
        "[\"threat\"]",
        "[\"shout\"]",
        "safety.raised",
        "expected one of",
    );
    check(
        "percent = 0\nowner",
        "percent = 101\nowner",
        "safety.cleared_goodwill_percent",
        "0 to 100",
    );
    check("priority = 1", "priority = 0", "ladder.priority", "1 to 9");
    check(
        "2026-10-07",
        "2027-10-07",
        "calendar.holidays",
        "not a day that is covered",
    );
    check("+08:00", "8", "calendar.offsets.utc", "not an offset");
    check("window_days = 90", "window_days = -1", "", "invalid value");
    check(
        "window_days = 90",
        "window_days = 90\nwho = 3",
        "",
        "the key `who` is not known",
    );
}

#[test]
fn several_problems_are_told_at_once() {
    let text = GOOD
        .replace("24 hours", "24 days")
        .replace("+08:00", "8")
        .replace("\"12.5\"", "\"x\"");
    assert_eq!(read(&text).unwrap_err().0.len(), 3);
}

/// Every key that tells the ledger something.
const LEDGER: &str = r#"
[[cap]]
name = "pair"
per = "agent_customer"
limit = "10.00 EUR"
window_days = 7
times = 3

[[budget]]
name = "spring"
per = "campaign"
limit = "10.00 EUR"

[ledger]
grant_expires_after = "14 calendar_days"
approval_expires_after = "5 working_days"

[[warning]]
name = "again"
fills = "repeats"
by = ["scene", "loss"]
window_days = 30
warns_from = 3

[[departure]]
reason = "life_event"
role = "supervisor"
"#;

#[test]
fn what_the_ledger_needs_reaches_it() {
    use redress_kernel::guardrails::{Scope, Warning};
    let guardrails = read(&format!("{GOOD}{LEDGER}")).unwrap();
    let caps = &guardrails.envelope.caps;
    assert_eq!((caps[0].per, caps[0].times), (Scope::Customer, None));
    assert_eq!(
        (caps[1].per, caps[1].times),
        (Scope::AgentCustomer, Some(3))
    );
    let budgets = &guardrails.envelope.budgets;
    assert_eq!(
        (budgets[0].per, budgets[1].per),
        (Scope::Everyone, Scope::Campaign)
    );
    let ledger = &guardrails.ledger;
    assert_eq!(ledger.grant_expires_after.unwrap().count, 14);
    assert_eq!(ledger.approval_expires_after.unwrap().count, 5);
    let warning = &ledger.warnings[0];
    assert_eq!((warning.fills, warning.by.len()), (Warning::Repeats, 2));
    assert_eq!((warning.window_days, warning.warns_from), (30, Some(3)));
    let reason = redress_model::Code::new("life_event").unwrap();
    assert_eq!(
        ledger.departure(&reason).unwrap().role.as_str(),
        "supervisor"
    );
}

#[test]
fn what_the_ledger_cannot_keep_is_told() {
    for (from, to, key) in [
        ("per = \"campaign\"", "per = \"compaign\"", "budget.per"),
        ("window_days = 7", "window_days = 0", "cap.window_days"),
        ("window_days = 7", "window_days = 36526", "cap.window_days"),
        ("times = 3", "times = 0", "cap.times"),
        ("fills = \"repeats\"", "fills = \"repeat\"", "warning.fills"),
        ("\"scene\", \"loss\"", "\"danger\"", "warning.by"),
        (
            "role = \"supervisor\"",
            "role = \"super\"",
            "departure.role",
        ),
        (
            "\"14 calendar_days\"",
            "\"14 days\"",
            "ledger.grant_expires_after",
        ),
    ] {
        let broken = LEDGER.replacen(from, to, 1);
        assert_ne!(broken, LEDGER, "{from}");
        let errors = read(&format!("{GOOD}{broken}")).unwrap_err();
        assert_eq!(errors.0[0].key.as_deref(), Some(key), "{to}");
    }
}
