use super::*;

const GOOD: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
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

#[test]
fn facts_get_slots_in_order_of_their_names() {
    let schema = Schema::compile(GOOD.as_bytes()).unwrap();
    let names: Vec<_> = schema
        .facts()
        .iter()
        .map(|fact| fact.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "distance_km",
            "event",
            "fare",
            "reroute.arrives",
            "reroute.offered",
            "tags"
        ]
    );
    assert_eq!(schema.slot("reroute.offered"), Some(Slot::new(4)));
    assert!(matches!(schema.entry("reroute"), Some(Entry::Group(members)) if members.len() == 2));
    assert!(schema.facts()[0].required && !schema.facts()[1].required);
}

#[test]
fn the_digest_follows_meaning_and_not_words() {
    let schema = Schema::compile(GOOD.as_bytes()).unwrap();
    let described = GOOD.replace(
        "\"x-unit\":\"km\"",
        "\"x-unit\":\"km\",\"description\":\"how far\"",
    );
    assert_eq!(
        Schema::compile(described.as_bytes()).unwrap().digest(),
        schema.digest()
    );
    let wider = GOOD.replace("20038", "20039");
    assert_ne!(
        Schema::compile(wider.as_bytes()).unwrap().digest(),
        schema.digest()
    );
}

#[test]
fn a_sum_below_the_least_one_is_refused_with_what_was_expected() {
    let fare = |least: &str| {
        let currency = "\"x-currency\":\"EUR\"";
        let source = GOOD.replace(currency, &format!("{currency},{least}"));
        Schema::compile(source.as_bytes())
    };
    let schema = fare("\"x-minimum\":\"0.00 EUR\"").unwrap();
    let slot = schema.slot("fare").unwrap();
    let read = |text| schema.read_text(slot, text);
    assert_eq!(
        read("-0.01 EUR").unwrap_err(),
        "a sum of at least \"0.00 EUR\""
    );
    assert!(read("0.00 EUR").is_ok() && read("0.01 EUR").is_ok());
    let open = Schema::compile(GOOD.as_bytes()).unwrap();
    assert!(open.read_text(slot, "-0.01 EUR").is_ok());
    assert_ne!(schema.digest(), open.digest());
    for least in ["\"0.00 USD\"", "0", "\"none\""] {
        let errors = fare(&format!("\"x-minimum\":{least}")).unwrap_err();
        assert_eq!(errors.0[0].pointer, "/properties/fare/x-minimum", "{least}");
    }
}

#[test]
fn the_digest_of_a_schema_stays_what_it_was_in_every_version_of_the_engine() {
    let schema = Schema::compile(GOOD.as_bytes()).unwrap();
    assert_eq!(
        schema.digest().to_string(),
        "6bf16f2bb0f6fabe4d74bcdf51864b7ce9b1a734bb8688623105db937da39f57"
    );
}

#[track_caller]
fn check(from: &str, to: &str, pointer: &str) {
    let source = GOOD.replacen(from, to, 1);
    assert_ne!(source, GOOD, "nothing was replaced");
    let errors = Schema::compile(source.as_bytes()).unwrap_err();
    let pointers: Vec<_> = errors
        .0
        .iter()
        .map(|error| error.pointer.as_str())
        .collect();
    assert!(pointers.contains(&pointer), "{errors}");
}

#[test]
fn what_the_subset_lacks_is_refused_with_its_place() {
    check("\"maximum\":20038,", "", "/properties/distance_km/maximum");
    check(
        "\"minimum\":0",
        "\"minimum\":30000",
        "/properties/distance_km",
    );
    check(
        "\"x-unit\":\"km\"",
        "\"pattern\":\"k\"",
        "/properties/distance_km/pattern",
    );
    check(",\"x-unit\":\"km\"", "", "/properties/distance_km");
    check(
        "\"x-direction\":\"higher_is_worse\",",
        "",
        "/properties/distance_km",
    );
    check(
        "\"x-class\":\"gate\"",
        "\"x-class\":\"gate\",\"x-direction\":\"higher_is_worse\"",
        "/properties/event/x-direction",
    );
    check(
        "\"x-class\":\"gate\"",
        "\"x-class\":\"door\"",
        "/properties/event/x-class",
    );
    check(",\"x-class\":\"gate\"", "", "/properties/event");
    check(
        "\"x-class\":\"gate\"",
        "\"x-class\":\"merit\",\"x-direction\":\"lower_is_worse\"",
        "/properties/event",
    );
    check(
        "[\"arrival\",\"cancellation\"]",
        "[\"arrival\",\"arrival\"]",
        "/properties/event/enum",
    );
    check("\"integer\"", "\"number\"", "/properties/distance_km/type");
    check(
        "\"x-currency\":\"EUR\"",
        "\"x-currency\":\"XXX\"",
        "/properties/fare/x-currency",
    );
    check(
        "\"format\":\"money\"",
        "\"format\":\"email\"",
        "/properties/fare/format",
    );
    check("\"maxItems\":3,", "", "/properties/tags/maxItems");
    check(
        "{\"type\":\"boolean\",\"x-class\":\"gate\"}",
        "{\"type\":\"object\",\"properties\":{}}",
        "/properties/reroute/properties/offered/type",
    );
    check("[\"distance_km\"]", "[\"distance\"]", "/required");
    check("\"event\"", "\"maybe\"", "/properties/maybe");
    check(
        "\"type\": \"object\",",
        "\"type\": \"object\", \"additionalProperties\": true,",
        "/additionalProperties",
    );
    check("draft/2020-12", "draft-07", "/$schema");
}

#[test]
fn every_problem_is_told_at_once() {
    let source = GOOD.replace("gate", "door").replace("\"maxItems\":3,", "");
    let errors = Schema::compile(source.as_bytes()).unwrap_err();
    assert_eq!(errors.0.len(), 4, "{errors}");
    assert_eq!(errors.code(), "schema_invalid");
}

#[test]
fn broken_and_oversized_sources_are_refused() {
    assert!(Schema::compile(b"{").is_err());
    assert!(Schema::compile(b"[]").is_err());
    assert!(Schema::compile(&vec![b' '; SCHEMA_BYTES_MAX + 1]).is_err());
}
