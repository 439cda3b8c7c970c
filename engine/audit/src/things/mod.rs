//! A release as a list of things with traits, in words: what its facts, limits, tables,
//! branches and texts are. Two such lists are compared trait by trait, and one of them is
//! what a release says in plain words.

mod approval;
mod duties;
mod facts;
mod fairness;
mod limits;
mod script;
mod tables;
mod texts;
mod whole;
pub(crate) mod words;

use redress_authoring::Lang;
use redress_release::ReleaseSource;
use serde::Serialize;

/// The parts of a release, in the order in which a reviewer reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Dates, rounding, lineage.
    Release,
    /// What may be known of a case.
    Facts,
    /// What the law and the contract give.
    Claims,
    /// Levels, caps, budgets, the envelope, the corridor, like cases.
    Limits,
    /// Kinds of remedy and what is never given where.
    Kinds,
    /// Who may give how much.
    Authority,
    /// Who must sign, and what people look at.
    Approval,
    /// What must be on record, what is waited for, what danger asks for, by when.
    Duties,
    /// The rows of the tables.
    Tables,
    /// What the policy's code does.
    Policy,
    /// The sentences that people read.
    Reasons,
    /// The cases that it is tested with.
    Cases,
    /// Every other file.
    Files,
}

impl Part {
    /// Every part, in order.
    pub const ALL: [Self; 13] = [
        Self::Release,
        Self::Facts,
        Self::Claims,
        Self::Limits,
        Self::Kinds,
        Self::Authority,
        Self::Approval,
        Self::Duties,
        Self::Tables,
        Self::Policy,
        Self::Reasons,
        Self::Cases,
        Self::Files,
    ];

    /// The heading.
    #[must_use]
    pub const fn title(self, lang: Lang) -> &'static str {
        let (en, zh) = match self {
            Self::Release => ("Release", "版本"),
            Self::Facts => ("Facts", "事实"),
            Self::Claims => ("Law and contract", "法律与合同"),
            Self::Limits => ("Limits", "限额"),
            Self::Kinds => ("Kinds of remedy", "补偿种类"),
            Self::Authority => ("Authority", "权限"),
            Self::Approval => ("Approval and review", "审批与复核"),
            Self::Duties => ("Duties and deadlines", "职责与期限"),
            Self::Tables => ("Tables", "表格"),
            Self::Policy => ("Policy", "规则"),
            Self::Reasons => ("Reasons and messages", "理由与话术"),
            Self::Cases => ("Test cases", "测试案例"),
            Self::Files => ("Other files", "其他文件"),
        };
        match lang {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// Whether a change here can move money, approval or time.
    #[must_use]
    pub const fn moves_decisions(self) -> bool {
        !matches!(self, Self::Reasons | Self::Cases | Self::Files)
    }
}

/// Something that a trait says, with what it takes to compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// In words.
    Words(String),
    /// A number with a unit, which can be higher or lower.
    Amount {
        /// In the unit's smallest part.
        number: i64,
        /// What it is counted in; numbers of different units are not compared.
        unit: String,
        /// As people read it.
        shown: String,
    },
    /// Several words, in order.
    List(Vec<String>),
}

impl Said {
    /// As people read it.
    #[must_use]
    pub fn shown(&self, lang: Lang) -> String {
        match self {
            Self::Words(words) => words.clone(),
            Self::Amount { shown, .. } => shown.clone(),
            Self::List(items) if items.is_empty() => words::none(lang).to_owned(),
            Self::List(items) => items.join(words::comma(lang)),
        }
    }
}

/// One trait of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trait {
    /// Its name for programs.
    pub id: &'static str,
    /// Its name for people.
    pub name: String,
    /// What it is.
    pub said: Said,
}

/// One thing of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The part that it belongs to.
    pub part: Part,
    /// Its name for programs, the same in both languages and unique in its part.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its traits, in order.
    pub traits: Vec<Trait>,
}

impl Thing {
    pub(crate) fn new(part: Part, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            part,
            id: id.into(),
            name: name.into(),
            traits: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, id: &'static str, name: &str, said: Said) -> Self {
        self.traits.push(Trait {
            id,
            name: name.to_owned(),
            said,
        });
        self
    }

    pub(crate) fn with_some(self, id: &'static str, name: &str, said: Option<Said>) -> Self {
        match said {
            Some(said) => self.with(id, name, said),
            None => self,
        }
    }
}

/// Everything that a release says, in order.
#[must_use]
pub fn things(release: &ReleaseSource, lang: Lang) -> Vec<Thing> {
    let mut all = vec![whole::release(release, lang)];
    all.extend(facts::facts(release, lang));
    all.extend(limits::claims(release, lang));
    all.extend(limits::limits(release, lang));
    all.extend(fairness::fairness(release, lang));
    all.extend(limits::kinds(release, lang));
    all.extend(approval::authority(release, lang));
    all.extend(approval::approval(release, lang));
    all.extend(duties::duties(release, lang));
    all.extend(tables::tables(release, lang));
    all.extend(script::policy(release, lang));
    all.extend(texts::reasons(release, lang));
    all.extend(texts::cases(release, lang));
    all.extend(texts::files(release, lang));
    numbered(&mut all);
    all
}

/// Rows that read alike are told apart by their number.
fn numbered(things: &mut [Thing]) {
    let mut seen: std::collections::BTreeMap<(Part, String), u32> =
        std::collections::BTreeMap::new();
    for thing in things {
        let times = seen.entry((thing.part, thing.id.clone())).or_default();
        *times = times.saturating_add(1);
        if *times > 1 {
            thing.id = format!("{}#{times}", thing.id);
            thing.name = format!("{} ({times})", thing.name);
        }
    }
}
