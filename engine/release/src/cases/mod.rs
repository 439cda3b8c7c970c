//! `cases/*.toml`: facts and exactly one expectation each.

mod expect;
mod facts;
mod held;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use redress_model::{
    Actor, ActorId, Assurance, Code, Date, Link, Locale, Money, Requested, Stage, Standing,
    Timestamp,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use smol_str::SmolStr;

pub use self::expect::{Expect, ExpectedAdjustment, ExpectedRemedy, ExpectedSum};
pub(crate) use self::held::problems;
use crate::error::{Problems, ReleaseErrors};
use crate::folder::SourceFolder;
use crate::reader::{Reader, Section};

/// One case of a release with what is expected of its decision.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    /// The file, with the path by which the release was opened.
    pub path: PathBuf,
    /// The file's name without its ending, which is also the case's id.
    pub stem: SmolStr,
    /// What the case shows, unique within the release.
    pub name: String,
    /// Where the expectation comes from, such as an article or a judgment.
    pub source: Option<String>,
    /// The day of the incident.
    pub incident_date: Date,
    /// The moment of the decision.
    pub as_of: Timestamp,
    /// How far the case has come.
    pub stage: Stage,
    /// The event's id.
    pub event: SmolStr,
    /// The claimant's id.
    pub claimant: SmolStr,
    /// The locale of service.
    pub locale: Option<Locale>,
    /// Ties to other cases.
    pub links: Vec<Link>,
    /// What was offered.
    pub offer: Option<Money>,
    /// What was asked for.
    pub requested: Option<Requested>,
    /// The facts as written, to be admitted against the schema.
    pub facts: Map<String, Json>,
    /// Who decides.
    pub actor: Actor,
    /// What the ledger knows.
    pub standing: Standing,
    /// What the decision must show.
    pub expect: Expect,
}

impl CaseFile {
    /// The case as the JSON that admission reads.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut claimant = json!({ "id": self.claimant });
        let mut case = json!({
            "id": self.stem,
            "incident_date": self.incident_date,
            "event": self.event,
            "stage": self.stage,
            "links": self.links,
            "facts": self.facts,
        });
        put(
            &mut claimant,
            "locale",
            self.locale.as_ref().map(|l| json!(l)),
        );
        put(&mut case, "claimant", Some(claimant));
        put(
            &mut case,
            "offer",
            self.offer.map(|amount| json!({ "amount": amount })),
        );
        put(
            &mut case,
            "requested",
            self.requested.as_ref().map(|r| json!(r)),
        );
        case.to_string().into_bytes()
    }
}

fn put(object: &mut Json, key: &str, value: Option<Json>) {
    if let Some((object, value)) = object.as_object_mut().zip(value) {
        object.insert(key.to_owned(), value);
    }
}

const FOLDER: &str = "cases/";
const KEYS: &[&str] = &[
    "name",
    "source",
    "incident_date",
    "as_of",
    "stage",
    "event",
    "claimant",
    "locale",
    "links",
    "offer",
    "requested",
    "facts",
    "actor",
    "standing",
    "expect",
];

/// Reads every case of the folder.
pub(crate) fn read(folder: &SourceFolder) -> Result<Vec<CaseFile>, ReleaseErrors> {
    let mut problems = Problems::default();
    let mut cases: Vec<CaseFile> = Vec::new();
    for (file, _) in folder.files() {
        let Some(name) = file.strip_prefix(FOLDER) else {
            continue;
        };
        let shown = folder.shown(file);
        let Some(stem) = name
            .strip_suffix(".toml")
            .filter(|stem| !stem.contains('/'))
        else {
            problems.file(&shown, "is not a case: cases/ holds NAME.toml files only");
            continue;
        };
        let Some(text) = folder.text(file, &mut problems) else {
            continue;
        };
        let Some(case) = case(&shown, stem, text, &mut problems) else {
            continue;
        };
        if let Some(other) = cases.iter().find(|other| other.name == case.name) {
            let problem = format!("{} has the name {:?} too", other.path.display(), case.name);
            problems.file(&shown, problem);
        }
        cases.push(case);
    }
    problems.into_result(Some(cases))
}

fn case(file: &Path, stem: &str, text: &str, problems: &mut Problems) -> Option<CaseFile> {
    let (mut reader, root) = Reader::parse(file, text, problems)?;
    let reader = &mut reader;
    let root = Section::root(&root);
    root.only(reader, KEYS);
    let name = root.need(reader, "name");
    let name = name.and_then(|item| item.sentence(reader).map(str::to_owned));
    let source = root
        .get("source")
        .and_then(|item| item.sentence(reader).map(str::to_owned));
    let incident_date = root.need(reader, "incident_date");
    let incident_date = incident_date.and_then(|item| item.read(reader, str::parse::<Date>));
    let as_of = match root.get("as_of") {
        Some(item) => item.read(reader, str::parse::<Timestamp>),
        None => incident_date.map(noon_after),
    };
    let stages = Stage::ALL.map(|stage| (stage.name(), stage));
    let stage = match root.get("stage") {
        Some(item) => item.one_of(reader, &stages),
        None => Some(Stage::FactsRecorded),
    };
    let event = optional_text(&root, "event", reader).unwrap_or_else(|| SmolStr::new(stem));
    let claimant = optional_text(&root, "claimant", reader).unwrap_or("claimant".into());
    let locale = root
        .get("locale")
        .and_then(|item| item.read(reader, Locale::new));
    let links = root
        .get("links")
        .map(|item| item.deserialize::<Vec<Link>>(reader));
    let offer = root
        .get("offer")
        .and_then(|item| item.read(reader, str::parse::<Money>));
    let requested = root
        .get("requested")
        .and_then(|item| item.deserialize(reader));
    let facts = facts::read(&root, reader);
    let actor = actor(&root, reader);
    let standing = match root.get("standing") {
        Some(item) => item.deserialize::<StandingFile>(reader).map(Standing::from),
        None => Some(Standing::fresh()),
    };
    let expect = expect::read(&root, reader);
    Some(CaseFile {
        path: file.to_owned(),
        stem: SmolStr::new(stem),
        name: name?,
        source,
        incident_date: incident_date?,
        as_of: as_of?,
        stage: stage?,
        event,
        claimant,
        locale,
        links: links.unwrap_or(Some(Vec::new()))?,
        offer,
        requested,
        facts: facts?,
        actor: actor?,
        standing: standing?,
        expect: expect?,
    })
}

/// Noon of the next day in UTC; the last day that a date can be has no next.
fn noon_after(date: Date) -> Timestamp {
    let midnight = date.midnight_utc();
    midnight.plus_seconds(36 * 3_600).unwrap_or(midnight)
}

fn optional_text(root: &Section<'_>, key: &str, reader: &mut Reader<'_>) -> Option<SmolStr> {
    root.get(key)?.sentence(reader).map(SmolStr::new)
}

fn actor(root: &Section<'_>, reader: &mut Reader<'_>) -> Option<Actor> {
    let assurances = [
        ("authenticated", Assurance::Authenticated),
        ("unverified", Assurance::Unverified),
    ];
    let section = match root.get("actor") {
        Some(item) => Some(item.section(reader)?),
        None => None,
    };
    let get = |key: &str| section.as_ref().and_then(|section| section.get(key));
    if let Some(section) = &section {
        section.only(reader, &["id", "role", "assurance"]);
    }
    let id = match get("id") {
        Some(item) => item.read(reader, ActorId::new),
        None => ActorId::new("tester").ok(),
    };
    let role = match get("role") {
        Some(item) => item.read(reader, Code::new),
        None => Code::new("agent").ok(),
    };
    let assurance = match get("assurance") {
        Some(item) => item.one_of(reader, &assurances),
        None => Some(Assurance::Authenticated),
    };
    Some(Actor {
        id: id?,
        role: role?,
        assurance: assurance?,
    })
}

/// A standing of which a case writes only the parts that matter to it; what it leaves out
/// is as in a ledger that holds nothing.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct StandingFile {
    as_of_seq: u64,
    paid: Vec<redress_model::Paid>,
    rolling: redress_model::Sums,
    budgets: redress_model::Sums,
    warnings: redress_model::Warnings,
    fairness: Option<Box<redress_model::Likeness>>,
}

impl Default for StandingFile {
    fn default() -> Self {
        let Standing {
            as_of_seq,
            paid,
            rolling,
            budgets,
            warnings,
            fairness,
            ..
        } = Standing::fresh();
        Self {
            as_of_seq,
            paid,
            rolling,
            budgets,
            warnings,
            fairness,
        }
    }
}

impl From<StandingFile> for Standing {
    fn from(file: StandingFile) -> Self {
        let StandingFile {
            as_of_seq,
            paid,
            rolling,
            budgets,
            warnings,
            fairness,
        } = file;
        Self {
            as_of_seq,
            paid,
            rolling,
            budgets,
            warnings,
            outside: Vec::new(),
            fairness,
        }
    }
}
