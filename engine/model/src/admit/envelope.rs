//! The envelope: the members that every case has.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{AdmitErrorKind, Problems, snippet};
use crate::case::Claimant;
use crate::schema::compile_escape as escape;
use crate::{Date, Envelope, Link, Offer, Requested, Stage};

const LINKS_MAX: usize = 32;

/// An object's members in the order of the text, unparsed.
pub(super) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(9);
        while let Some(Key(key)) = map.next_key()? {
            members.push((key, map.next_value()?));
        }
        Ok(Members(members))
    }
}

/// A key, borrowed from the text where it holds no escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Tells that an object was expected.
pub(super) fn not_an_object(raw: &RawValue, pointer: &str, problems: &mut Problems) {
    let found = snippet(raw.get());
    problems.add(AdmitErrorKind::Invalid, pointer, "an object", found);
}

/// Reads an object's members, telling of unknown and repeated ones.
fn members<'a>(
    raw: &'a RawValue,
    pointer: &str,
    known: &[&str],
    problems: &mut Problems,
) -> Option<Members<'a>> {
    let Ok(members) = serde_json::from_str::<Members<'_>>(raw.get()) else {
        not_an_object(raw, pointer, problems);
        return None;
    };
    members.check(pointer, known, problems);
    Some(members)
}

impl<'a> Members<'a> {
    /// Tells of unknown and repeated members.
    fn check(&self, pointer: &str, known: &[&str], problems: &mut Problems) {
        for (index, (key, value)) in self.0.iter().enumerate() {
            let at = || format!("{pointer}/{}", escape(key));
            let mut earlier = self.0.iter().take(index);
            if !known.contains(&key.as_ref()) {
                let expected = format!("one of {}", known.join(", "));
                let found = snippet(value.get());
                problems.add(AdmitErrorKind::UnknownField, at(), expected, found);
            } else if earlier.any(|(earlier, _)| earlier == key) {
                let (once, found) = ("each member once", "the same member again");
                problems.add(AdmitErrorKind::DuplicateField, at(), once, found);
            }
        }
    }

    fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, raw)| *raw)
    }

    /// A member that may be absent or null.
    fn optional<T: DeserializeOwned>(
        &self,
        at: &str,
        name: &str,
        expected: &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        let raw = self.raw(name).filter(|raw| raw.get() != "null")?;
        let value = serde_json::from_str(raw.get());
        if value.is_err() {
            let at = format!("{at}/{name}");
            problems.add(AdmitErrorKind::Invalid, at, expected, snippet(raw.get()));
        }
        value.ok()
    }

    /// A member that must be there.
    fn required<T: DeserializeOwned>(
        &self,
        at: &str,
        name: &str,
        expected: &'static str,
        problems: &mut Problems,
    ) -> Option<T> {
        if self.raw(name).is_none_or(|raw| raw.get() == "null") {
            problems.add(
                AdmitErrorKind::Missing,
                format!("{at}/{name}"),
                expected,
                "nothing",
            );
            return None;
        }
        self.optional(at, name, expected, problems)
    }
}

/// What could be read of an envelope.
pub(super) struct Read<'a> {
    pub(super) envelope: Option<Envelope>,
    pub(super) incident_date: Option<Date>,
    pub(super) facts: Option<&'a RawValue>,
}

const MEMBERS: &[&str] = &[
    "id",
    "incident_date",
    "event",
    "claimant",
    "links",
    "stage",
    "offer",
    "requested",
    "facts",
];
const ID: &str = "an id of 1 to 128 characters";
const SUM: &str = "a sum such as \"100.00 EUR\", zero or more";
const CODE: &str = "a code of 1 to 64 characters out of a-z, 0-9, '_', '.', '-'";

pub(super) fn read<'a>(members: &Members<'a>, problems: &mut Problems) -> Read<'a> {
    members.check("", MEMBERS, problems);
    let date = "a date such as 2026-10-01";
    let incident_date = members.required("", "incident_date", date, problems);
    let stages = "one of received, demand_recorded, facts_recorded, proactive";
    let id = members.required("", "id", ID, problems);
    let event = members.required("", "event", ID, problems);
    let stage: Option<Stage> = members.required("", "stage", stages, problems);
    let claimant = claimant(members, problems);
    let links = links(members, problems);
    let offer = offer(members, problems);
    let requested = requested(members, problems);
    let facts = members.raw("facts");
    if facts.is_none() {
        problems.add(
            AdmitErrorKind::Missing,
            "/facts",
            "an object of facts",
            "nothing",
        );
    }
    let envelope = (|| {
        Some(Envelope {
            id: id?,
            incident_date: incident_date?,
            event: event?,
            claimant: claimant?,
            links: links?,
            stage: stage?,
            offer,
            requested,
        })
    })();
    Read {
        envelope,
        incident_date,
        facts,
    }
}

fn claimant(envelope: &Members<'_>, problems: &mut Problems) -> Option<Claimant> {
    let Some(raw) = envelope.raw("claimant") else {
        let expected = "an object with `id`";
        problems.add(AdmitErrorKind::Missing, "/claimant", expected, "nothing");
        return None;
    };
    let members = members(raw, "/claimant", &["id", "locale"], problems)?;
    let id = members.required("/claimant", "id", ID, problems)?;
    let tag = "a BCP 47 language tag such as zh-CN";
    let locale = members.optional("/claimant", "locale", tag, problems);
    Some(Claimant { id, locale })
}

fn links(envelope: &Members<'_>, problems: &mut Problems) -> Option<Vec<Link>> {
    let Some(raw) = envelope.raw("links").filter(|raw| raw.get() != "null") else {
        return Some(Vec::new());
    };
    let items: Vec<&RawValue> = match serde_json::from_str(raw.get()) {
        Ok(items) => items,
        Err(_) => {
            problems.add(
                AdmitErrorKind::Invalid,
                "/links",
                "an array",
                snippet(raw.get()),
            );
            return None;
        }
    };
    if items.len() > LINKS_MAX {
        let found = format!("{} links", items.len());
        problems.add(
            AdmitErrorKind::Invalid,
            "/links",
            format!("at most {LINKS_MAX} links"),
            found,
        );
        return None;
    }
    let mut links = Vec::with_capacity(items.len());
    for (index, raw) in items.into_iter().enumerate() {
        let at = format!("/links/{index}");
        let members = members(raw, &at, &["kind", "id"], problems)?;
        let kind = members.required(&at, "kind", CODE, problems);
        let id = members.required(&at, "id", ID, problems);
        links.extend(kind.zip(id).map(|(kind, id)| Link { kind, id }));
    }
    Some(links)
}

fn offer(envelope: &Members<'_>, problems: &mut Problems) -> Option<Offer> {
    let raw = envelope.raw("offer").filter(|raw| raw.get() != "null")?;
    let members = members(raw, "/offer", &["amount"], problems)?;
    let amount: crate::Money = members.required("/offer", "amount", SUM, problems)?;
    if amount.minor() < 0 {
        problems.add(
            AdmitErrorKind::Invalid,
            "/offer/amount",
            SUM,
            amount.to_string(),
        );
    }
    Some(Offer { amount })
}

fn requested(envelope: &Members<'_>, problems: &mut Problems) -> Option<Requested> {
    let raw = envelope
        .raw("requested")
        .filter(|raw| raw.get() != "null")?;
    let members = members(raw, "/requested", &["kind", "amount"], problems)?;
    let kind = members.optional("/requested", "kind", CODE, problems);
    let amount = members.optional("/requested", "amount", SUM, problems);
    Some(Requested { kind, amount })
}
