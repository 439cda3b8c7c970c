use proptest::prelude::*;
use redress_model::admit::AdmitLimits;
use redress_model::{Case, Facts, Schema, Value, Warnings};

use super::*;

const SCHEMA: &str = r#"{"type":"object","properties":{
  "a_flag": {"type":"boolean","x-class":"gate"},
  "b_delay": {"type":"integer","minimum":-9223372036854775808,"maximum":9223372036854775807,"x-unit":"minutes","x-class":"merit","x-direction":"higher_is_worse"},
  "c_event": {"type":"string","enum":["arrival","cancellation"],"x-class":"gate"},
  "d_fare": {"type":"string","format":"money","x-class":"merit","x-direction":"higher_is_worse"},
  "e_name": {"type":"string","maxLength":40,"x-class":"gate"},
  "f_day": {"type":"string","format":"date","x-class":"gate"},
  "g_told": {"type":"string","format":"date-time","x-class":"route"},
  "h_paid": {"type":"array","items":{"type":"string","format":"money"},"maxItems":5,"x-class":"gate"},
  "i_tags": {"type":"array","items":{"type":"string","maxLength":8},"maxItems":5,"x-class":"route"},
  "j_threat": {"type":"boolean","x-class":"safety"},
  "k_team": {"type":"string","maxLength":8,"x-class":"actor"},
  "l_race": {"type":"string","maxLength":8,"x-class":"forbidden"}
}}"#;

const WARNINGS: Warnings = Warnings {
    repeats: 3,
    like_cases: u32::MAX,
    burst: 1,
};

fn schema() -> Schema {
    Schema::compile(SCHEMA.as_bytes()).unwrap()
}

fn facts(json: &serde_json::Value) -> Facts {
    let case = serde_json::json!({
        "id": "c", "incident_date": "2026-01-01", "event": "e",
        "claimant": {"id": "p"}, "stage": "facts_recorded", "facts": json
    });
    let limits = AdmitLimits::STANDARD;
    Case::admit(case.to_string().as_bytes(), &schema(), limits)
        .unwrap()
        .facts
}

/// A record read the way a guest reads it, by the documentation.
struct Record(Vec<u8>);

impl Record {
    fn of(facts: &Facts, view: View<'_>) -> Self {
        let mut bytes = vec![0xaa; 7];
        Layout::new(&schema())
            .encode(facts, view, &mut bytes)
            .unwrap();
        Self(bytes)
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.0[at..at + 4].try_into().unwrap())
    }

    fn i64(&self, at: usize) -> i64 {
        i64::from_le_bytes(self.0[at..at + 8].try_into().unwrap())
    }

    fn known(&self, slot: usize) -> bool {
        self.0[40 + slot / 8] & (1 << (slot % 8)) != 0
    }

    fn cell(&self, at: usize, ty: &FactType) -> String {
        let reference = || {
            let (offset, count) = (self.u32(at), self.u32(at + 4));
            (
                usize::try_from(offset).unwrap(),
                usize::try_from(count).unwrap(),
            )
        };
        match ty {
            FactType::Money { .. } => {
                assert_eq!(self.0[at + 11..at + 16], [0; 5]);
                let currency = str::from_utf8(&self.0[at + 8..at + 11]).unwrap();
                format!("{} {currency}", self.i64(at))
            }
            FactType::Text { .. } => {
                let (offset, len) = reference();
                str::from_utf8(&self.0[offset..offset + len])
                    .unwrap()
                    .into()
            }
            FactType::List { item, .. } => {
                let (offset, count) = reference();
                assert_eq!(offset % 8, 0);
                let size = Cell::of(item).size();
                let cells = (0..count).map(|n| self.cell(offset + n * size, item));
                cells.collect::<Vec<_>>().join("|")
            }
            _ => self.i64(at).to_string(),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Bool(value) => i64::from(*value).to_string(),
        Value::Int(value) => value.to_string(),
        Value::Enum(place) => place.to_string(),
        Value::Date(date) => date.days().to_string(),
        Value::DateTime(instant) => instant.seconds().to_string(),
        Value::Money(money) => format!("{} {}", money.minor(), money.currency()),
        Value::Text(text) => text.to_string(),
        Value::List(items) => items.iter().map(plain).collect::<Vec<_>>().join("|"),
    }
}

fn some_facts() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::json;
    let maybe = |strategy: BoxedStrategy<serde_json::Value>| {
        prop_oneof![1 => Just(serde_json::Value::Null), 3 => strategy].boxed()
    };
    let text = || "[a-z中é]{0,8}".prop_map(|text| json!(text));
    let money = || (-99_i64..99).prop_map(|sum| json!(format!("{sum}.00 EUR")));
    let fields = vec![
        (
            "a_flag",
            any::<bool>().prop_map(|value| json!(value)).boxed(),
        ),
        (
            "b_delay",
            any::<i64>().prop_map(|value| json!(value)).boxed(),
        ),
        (
            "c_event",
            prop::sample::select(vec!["arrival", "cancellation"])
                .prop_map(|value| json!(value))
                .boxed(),
        ),
        ("d_fare", money().boxed()),
        ("e_name", text().boxed()),
        ("f_day", Just(json!("1969-12-31")).boxed()),
        ("g_told", Just(json!("2026-10-01T09:30:00+08:00")).boxed()),
        (
            "h_paid",
            prop::collection::vec(money(), 0..5)
                .prop_map(|list| json!(list))
                .boxed(),
        ),
        (
            "i_tags",
            prop::collection::vec(text(), 0..5)
                .prop_map(|list| json!(list))
                .boxed(),
        ),
        (
            "j_threat",
            any::<bool>().prop_map(|value| json!(value)).boxed(),
        ),
        ("k_team", text().boxed()),
        ("l_race", text().boxed()),
    ];
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values
        .into_iter()
        .map(maybe)
        .collect::<Vec<_>>()
        .prop_map(move |values| names.iter().copied().zip(values).collect())
}

proptest! {
    #[test]
    fn a_guest_reads_what_its_view_shows_and_nothing_else(json in some_facts()) {
        let (facts, schema) = (facts(&json), schema());
        let layout = Layout::new(&schema);
        for view in [View::Remedy, View::Route(&WARNINGS)] {
            let record = Record::of(&facts, view);
            let total = usize::try_from(record.u32(4)).unwrap();
            prop_assert_eq!((record.u32(0), total), (1, record.0.len()));
            prop_assert_eq!((record.u32(8), record.u32(12)), (12, 0));
            for (slot, fact) in schema.slots() {
                let at = layout.offset(slot).unwrap();
                match facts.get(slot).filter(|_| view.sees(fact.class)) {
                    Some(value) => {
                        prop_assert!(record.known(slot.index()));
                        prop_assert_eq!(record.cell(at, &fact.ty), plain(value));
                    }
                    None => {
                        prop_assert!(!record.known(slot.index()));
                        let size = Cell::of(&fact.ty).size();
                        prop_assert!(record.0[at..at + size].iter().all(|byte| *byte == 0));
                    }
                }
            }
        }
    }

    /// Not one byte of the record for `remedy` depends on what `remedy` may not see.
    #[test]
    fn what_a_view_hides_moves_no_byte(shown in some_facts(), hidden in some_facts()) {
        let mut other = shown.clone();
        for name in ["g_told", "i_tags", "j_threat", "k_team", "l_race"] {
            other[name] = hidden[name].clone();
        }
        let (left, right) = (facts(&shown), facts(&other));
        prop_assert_eq!(
            Record::of(&left, View::Remedy).0,
            Record::of(&right, View::Remedy).0
        );
        for name in ["g_told", "i_tags"] {
            other[name] = shown[name].clone();
        }
        prop_assert_eq!(
            Record::of(&left, View::Route(&WARNINGS)).0,
            Record::of(&facts(&other), View::Route(&WARNINGS)).0
        );
    }
}

#[test]
fn only_route_sees_the_warnings() {
    let facts = facts(&serde_json::json!({}));
    let record = Record::of(&facts, View::Remedy);
    assert_eq!([record.i64(16), record.i64(24), record.i64(32)], [0; 3]);
    let record = Record::of(&facts, View::Route(&WARNINGS));
    let counters = [record.i64(16), record.i64(24), record.i64(32)];
    assert_eq!(counters, [3, i64::from(u32::MAX), 1]);
}

#[test]
fn fields_stand_one_after_the_other() {
    let layout = Layout::new(&schema());
    let offsets: Vec<_> = schema()
        .slots()
        .map(|(slot, _)| layout.offset(slot).unwrap())
        .collect();
    // The money of slot 3 takes sixteen bytes.
    let expected = [48, 56, 64, 72, 88, 96, 104, 112, 120, 128, 136, 144];
    assert_eq!(offsets, expected);
    assert_eq!(layout.fixed_len(), 152);
    assert_eq!(layout.offset(Slot::new(12)), None);
}

#[test]
fn facts_of_another_schema_are_refused() {
    let other = SCHEMA.replace("maxItems\":5", "maxItems\":6");
    let layout = Layout::new(&Schema::compile(other.as_bytes()).unwrap());
    let facts = facts(&serde_json::json!({}));
    let error = layout
        .encode(&facts, View::Remedy, &mut Vec::new())
        .unwrap_err();
    assert_eq!(error.code(), "record_schema_mismatch");
}
