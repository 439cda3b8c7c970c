use super::*;

const SCHEMA: &str = r#"{
  "type": "object",
  "required": ["distance_km"],
  "properties": {
    "distance_km": {"type":"integer","minimum":0,"maximum":20038,"x-class":"merit","x-direction":"higher_is_worse","x-unit":"km"},
    "event": {"type":"string","enum":["arrival","cancellation"],"x-class":"gate"},
    "fare": {"type":"string","format":"money","x-currency":"EUR","x-class":"merit","x-direction":"higher_is_worse"},
    "reroute": {"type":"object","properties":{
      "offered": {"type":"boolean","x-class":"gate"},
      "arrives": {"type":"string","format":"date-time","x-class":"gate"}
    }},
    "tags": {"type":"array","items":{"type":"string","maxLength":8},"maxItems":3,"x-class":"route"}
  }
}"#;

const CASE: &str = r#"{"id":"c-1","incident_date":"2026-03-01","event":"e-1","claimant":{"id":"p-1","locale":"zh-CN"},
 "links":[{"kind":"booking","id":"b-1"}],"stage":"facts_recorded","offer":{"amount":"900.00 CNY"},
 "facts":{"distance_km":540,"event":"arrival","fare":"99.00 EUR","reroute":{"offered":true},"tags":["a","b"]}}"#;

fn schema() -> Schema {
    Schema::compile(SCHEMA.as_bytes()).unwrap()
}

fn admit(text: &str) -> Result<Case, AdmitErrors> {
    Case::admit(text.as_bytes(), &schema(), AdmitLimits::STANDARD)
}

#[test]
fn a_case_is_read_into_its_slots() {
    let case = admit(CASE).unwrap();
    let schema = schema();
    let show = |name: &str| {
        let slot = schema.slot(name).unwrap();
        case.facts.get(slot).map(|value| schema.show(slot, value))
    };
    assert_eq!(show("distance_km").unwrap(), "540");
    assert_eq!(show("event").unwrap(), "arrival");
    assert_eq!(show("fare").unwrap(), "99.00 EUR");
    assert_eq!(show("reroute.offered").unwrap(), "true");
    assert_eq!(show("reroute.arrives"), None, "unknown is not zero");
    assert_eq!(show("tags").unwrap(), "[a, b]");
    assert_eq!(
        case.envelope.offer.unwrap().amount.to_string(),
        "900.00 CNY"
    );
}

#[test]
fn null_and_a_byte_order_mark_are_understood() {
    let text = CASE
        .replace("\"arrival\"", "null")
        .replace("{\"offered\":true}", "null");
    let case = admit(&format!("\u{feff}{text}")).unwrap();
    assert_eq!(case.facts.get(schema().slot("event").unwrap()), None);
}

#[track_caller]
fn check(from: &str, to: &str, pointer: &str, code: &str) {
    let text = CASE.replacen(from, to, 1);
    assert_ne!(text, CASE, "nothing was replaced");
    let errors = admit(&text).unwrap_err();
    let told = errors
        .0
        .iter()
        .any(|e| e.pointer == pointer && e.kind.code() == code);
    assert!(told, "{pointer} {code} is not among:\n{errors:?}");
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    check("540", "-1", "/facts/distance_km", "case_invalid_value");
    check("540", "20039", "/facts/distance_km", "case_invalid_value");
    check("540", "540.5", "/facts/distance_km", "case_invalid_value");
    check(
        "540",
        "99999999999999999999",
        "/facts/distance_km",
        "case_invalid_value",
    );
    check("540", "null", "/facts/distance_km", "case_missing_field");
    check("540", "\"540\"", "/facts/distance_km", "case_invalid_value");
    check(
        "540",
        "540,\"distance_km\":1",
        "/facts/distance_km",
        "case_duplicate_field",
    );
    check(
        "99.00 EUR",
        "99.00 USD",
        "/facts/fare",
        "case_invalid_value",
    );
    check("99.00 EUR", "99.0 EUR", "/facts/fare", "case_invalid_value");
    check("arrival", "departure", "/facts/event", "case_invalid_value");
    check(
        "\"offered\":true",
        "\"offered\":1",
        "/facts/reroute/offered",
        "case_invalid_value",
    );
    check(
        "\"offered\":true",
        "\"offer\":true",
        "/facts/reroute/offer",
        "case_unknown_field",
    );
    check(
        "{\"offered\":true}",
        "[1,[2]]",
        "/facts/reroute",
        "case_invalid_value",
    );
    check(
        "{\"offered\":true}",
        "{\"offered\":true},\"reroute\":{}",
        "/facts/reroute",
        "case_duplicate_field",
    );
    check(
        "[\"a\",\"b\"]",
        "[\"a\",\"b\",\"c\",\"d\"]",
        "/facts/tags",
        "case_invalid_value",
    );
    check(
        "[\"a\",\"b\"]",
        "[\"a\",7]",
        "/facts/tags/1",
        "case_invalid_value",
    );
    check(
        "[\"a\",\"b\"]",
        "[\"123456789\"]",
        "/facts/tags/0",
        "case_invalid_value",
    );
    check("\"tags\"", "\"a/b\"", "/facts/a~1b", "case_unknown_field");
    check("\"id\":\"c-1\",", "", "/id", "case_missing_field");
    check("\"id\":\"c-1\"", "\"id\":\"\"", "/id", "case_invalid_value");
    check(
        "\"id\":\"c-1\"",
        "\"id\":\"c-1\",\"id\":\"c-2\"",
        "/id",
        "case_duplicate_field",
    );
    check(
        "2026-03-01",
        "2026-02-30",
        "/incident_date",
        "case_invalid_value",
    );
    check("facts_recorded", "later", "/stage", "case_invalid_value");
    check(
        "\"p-1\",",
        "\"p-1\",\"age\":3,",
        "/claimant/age",
        "case_unknown_field",
    );
    check("zh-CN", "zh_CN", "/claimant/locale", "case_invalid_value");
    check("900.00", "-900.00", "/offer/amount", "case_invalid_value");
    check(
        "\"kind\":\"booking\",",
        "",
        "/links/0/kind",
        "case_missing_field",
    );
    check("}}", "}", "", "case_syntax");
    check("\"stage\"", "\"Stage\"", "/Stage", "case_unknown_field");
}

#[test]
fn every_error_of_envelope_and_facts_is_told_at_once() {
    let text = CASE
        .replace("540", "-1")
        .replace("facts_recorded", "later")
        .replace("arrival", "x");
    let errors = admit(&text).unwrap_err();
    assert_eq!(errors.0.len(), 3, "{errors}");
}

#[test]
fn a_misspelt_fact_gets_a_suggestion() {
    let errors = admit(&CASE.replace("\"tags\"", "\"tagz\"")).unwrap_err();
    assert!(
        errors.to_string().contains("did you mean \"tags\"?"),
        "{errors}"
    );
}

#[test]
fn size_and_depth_are_held_at_their_limits() {
    let limits = AdmitLimits {
        bytes_max: CASE.len(),
        depth_max: 3,
    };
    assert!(Case::admit(CASE.as_bytes(), &schema(), limits).is_ok());
    let longer = format!("{CASE} ");
    let errors = Case::admit(longer.as_bytes(), &schema(), limits).unwrap_err();
    assert_eq!(errors.0[0].kind.code(), "case_too_large");
    let limits = AdmitLimits {
        depth_max: 2,
        ..AdmitLimits::STANDARD
    };
    let errors = Case::admit(CASE.as_bytes(), &schema(), limits).unwrap_err();
    assert_eq!(errors.0[0].kind.code(), "case_too_deep");
    let bomb = "[".repeat(60_000);
    let errors = admit(&bomb).unwrap_err();
    assert_eq!(errors.0[0].kind.code(), "case_too_deep");
}

#[test]
fn brackets_inside_strings_do_not_count_as_depth() {
    let text = CASE.replace("c-1", "[[[[[[[[[[\\\"{{{{{{");
    assert!(admit(&text).is_ok());
}

#[test]
fn a_hostile_case_gets_at_most_a_hundred_errors() {
    let many: String = (0..500).map(|n| format!("\"x{n}\":1,")).collect();
    let errors =
        admit(&CASE.replace("\"distance_km\"", &format!("{many}\"distance_km\""))).unwrap_err();
    assert_eq!(errors.0.len(), 100);
}

#[test]
fn rows_are_held_to_the_same_rules() {
    let schema = schema();
    let [distance, event] = ["distance_km", "event"].map(|name| schema.slot(name).unwrap());
    let mut row = FactsBuilder::new(&schema);
    row.text(distance, "540").text(event, "");
    assert_eq!(row.finish().unwrap().get(event), None);
    let mut row = FactsBuilder::new(&schema);
    row.text(event, "departure");
    assert_eq!(
        row.finish().unwrap_err().0.len(),
        2,
        "a bad event and no distance"
    );
}

#[test]
fn cells_replace_those_of_the_row_before() {
    let schema = schema();
    let slot = |name| schema.slot(name).unwrap();
    let [distance, event, fare] = ["distance_km", "event", "fare"].map(slot);
    let mut shared = FactsBuilder::new(&schema);
    shared.text(fare, "99.00 EUR");
    let mut facts = shared.finish_partial().unwrap();
    facts
        .read_cells(&schema, [(distance, "540"), (event, "arrival")])
        .unwrap();
    assert!(facts.get(event).is_some() && facts.get(fare).is_some());
    facts
        .read_cells(&schema, [(distance, "541"), (event, "")])
        .unwrap();
    assert_eq!(facts.get(event), None, "an empty cell is unknown");
    assert!(facts.get(fare).is_some(), "a fact without a cell stays");
    let errors = facts.read_cells(&schema, [(distance, "-1"), (event, "departure")]);
    assert_eq!(errors.unwrap_err().0.len(), 2);
    assert_eq!(
        facts.get(distance),
        None,
        "a bad cell leaves no old value behind"
    );
    let other = Schema::compile(SCHEMA.replace("20038", "20039").as_bytes()).unwrap();
    assert!(facts.read_cells(&other, [(distance, "540")]).is_err());
}
