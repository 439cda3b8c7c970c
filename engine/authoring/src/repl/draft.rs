//! The case that a session works on: an envelope and facts, some still unknown.

use std::collections::BTreeMap;

use redress::Release;
use redress_model::admit::FactsBuilder;
use redress_model::code::nearest;
use redress_model::{Case, Date, FactType, Facts};
use serde_json::{Map, Value as Json, json};

/// The parts of an envelope that `:set` knows, beside the facts.
pub(super) const ENVELOPE: [&str; 9] = [
    "id",
    "incident_date",
    "event",
    "claimant.id",
    "claimant.locale",
    "stage",
    "offer.amount",
    "requested.kind",
    "requested.amount",
];

/// A case in the making.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// Parts of the envelope by their dotted names.
    envelope: BTreeMap<String, Json>,
    links: Json,
    /// Facts by their full names.
    facts: BTreeMap<String, Json>,
}

impl Draft {
    /// A case of this day of which nothing is known.
    pub(super) fn new(incident_date: Date) -> Self {
        let envelope = [
            ("id", "repl".to_owned()),
            ("incident_date", incident_date.to_string()),
            ("event", "event".to_owned()),
            ("claimant.id", "claimant".to_owned()),
            ("stage", "facts_recorded".to_owned()),
        ];
        let envelope = envelope.map(|(name, value)| (name.to_owned(), Json::String(value)));
        Self {
            envelope: envelope.into(),
            links: json!([]),
            facts: BTreeMap::new(),
        }
    }

    /// Reads the JSON of a case without judging it.
    pub(super) fn from_json(text: &[u8]) -> Result<Self, String> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let value: Json = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let Json::Object(members) = value else {
            return Err("a case is an object in braces".to_owned());
        };
        let mut draft = Self {
            envelope: BTreeMap::new(),
            links: json!([]),
            facts: BTreeMap::new(),
        };
        for (key, value) in members {
            match (key.as_str(), value) {
                ("facts", Json::Object(facts)) => flatten("", facts, &mut draft.facts),
                ("links", links) => draft.links = links,
                (_, Json::Object(part)) => flatten(&key, part, &mut draft.envelope),
                (_, value) => {
                    draft.envelope.insert(key, value);
                }
            }
        }
        Ok(draft)
    }

    /// The case as the JSON that admission reads.
    pub(super) fn to_json(&self) -> Map<String, Json> {
        let mut case = nested(&self.envelope);
        case.insert("links".into(), self.links.clone());
        case.insert("facts".into(), Json::Object(nested(&self.facts)));
        case
    }

    pub(super) fn incident_date(&self) -> Option<Date> {
        let date = self.envelope.get("incident_date")?.as_str()?;
        date.parse().ok()
    }

    /// The parts of the envelope with their values.
    pub(super) fn envelope(&self) -> impl Iterator<Item = (&str, String)> {
        let parts = self.envelope.iter();
        parts.map(|(name, value)| (name.as_str(), plain(value)))
    }

    /// Sets a fact or a part of the envelope from text, checked against the schema.
    pub(super) fn set(&mut self, release: &Release, name: &str, text: &str) -> Result<(), String> {
        let schema = release.schema();
        let Some((slot, fact)) = schema
            .slot(name)
            .and_then(|slot| Some((slot, schema.fact(slot)?)))
        else {
            return self.set_envelope(release, name, text);
        };
        let text = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text);
        let value = match &fact.ty {
            FactType::List { .. } => serde_json::from_str(text)
                .map_err(|_| "expected a list such as [\"a\", \"b\"]".to_owned())?,
            ty => {
                if schema.read_text(slot, text).is_err() {
                    return Err(misfit(name, ty, text));
                }
                match ty {
                    FactType::Bool => Json::Bool(text == "true"),
                    FactType::Int { .. } => text.parse::<i64>().map_or(Json::Null, Json::from),
                    _ => Json::String(text.to_owned()),
                }
            }
        };
        self.facts.insert(name.to_owned(), value);
        Ok(())
    }

    fn set_envelope(&mut self, release: &Release, name: &str, text: &str) -> Result<(), String> {
        if !ENVELOPE.contains(&name) {
            let facts = release.schema().facts().iter();
            let facts = facts.map(|fact| fact.name.as_str());
            let near = nearest(name, facts.chain(ENVELOPE));
            let near = near.map(|near| format!("; did you mean `{near}`?"));
            let near = near.unwrap_or_else(|| "; `:facts` lists them".to_owned());
            return Err(format!("there is no fact `{name}`{near}"));
        }
        if name == "incident_date" && text.parse::<Date>().is_err() {
            return Err(format!(
                "expected a date such as 2026-01-31, found {text:?}"
            ));
        }
        self.envelope
            .insert(name.to_owned(), Json::String(text.to_owned()));
        Ok(())
    }

    /// Forgets a fact or a part of the envelope; tells whether there was one.
    pub(super) fn unset(&mut self, name: &str) -> bool {
        self.facts.remove(name).is_some() || self.envelope.remove(name).is_some()
    }

    /// The case, if it can be decided.
    pub(super) fn admit(&self, release: &Release) -> Result<Case, Vec<String>> {
        let text = Json::Object(self.to_json()).to_string();
        release.admit(text.as_bytes()).map_err(|errors| {
            let errors = errors.0.iter();
            errors.map(ToString::to_string).collect()
        })
    }

    /// The facts as far as they are known and valid, whether or not the case can be decided.
    pub(super) fn facts(&self, release: &Release) -> Facts {
        if let Ok(case) = self.admit(release) {
            return case.facts;
        }
        let schema = release.schema();
        let mut facts = FactsBuilder::new(schema);
        for (name, value) in &self.facts {
            if let Some(slot) = schema.slot(name) {
                let text = plain(value);
                if schema.read_text(slot, &text).is_ok() {
                    facts.text(slot, &text);
                }
            }
        }
        facts.so_far()
    }
}

/// What a fact takes, and which enum value was meant.
fn misfit(name: &str, ty: &FactType, text: &str) -> String {
    let near = match ty {
        FactType::Enum(names) => nearest(text, names.iter().map(|name| name.as_str())),
        _ => None,
    };
    let near = near.map(|near| format!("; did you mean {near}?"));
    let (expected, near) = (ty.expected(), near.unwrap_or_default());
    format!("`{name}` is {expected}, found {text:?}{near}")
}

/// A value as `:set` takes it.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn flatten(prefix: &str, members: Map<String, Json>, into: &mut BTreeMap<String, Json>) {
    for (name, value) in members {
        let full = match prefix {
            "" => name,
            prefix => format!("{prefix}.{name}"),
        };
        match value {
            Json::Object(inner) if prefix.is_empty() => flatten(&full, inner, into),
            value => {
                into.insert(full, value);
            }
        }
    }
}

fn nested(flat: &BTreeMap<String, Json>) -> Map<String, Json> {
    let mut out = Map::new();
    for (name, value) in flat {
        match name.split_once('.') {
            None => {
                out.insert(name.clone(), value.clone());
            }
            Some((group, member)) => {
                let group = out.entry(group.to_owned()).or_insert_with(|| json!({}));
                if let Json::Object(group) = group {
                    group.insert(member.to_owned(), value.clone());
                }
            }
        }
    }
    out
}
