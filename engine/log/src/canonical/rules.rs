//! Which places of a record are sealed, and what is done there.

use smol_str::SmolStr;

/// Whom the value in a sealed place is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleSubject {
    /// The claimant of the record.
    RecordClaimant,
    /// The customer that the value names.
    NamedClaimant,
    /// The person who decides that the value names.
    NamedActor,
    /// The case of somebody else that the value names.
    NamedCase,
}

/// How the value in one place is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Whom it is about.
    pub(crate) subject: RuleSubject,
    /// Whether equal values share one commitment within the record, as an identifier's do.
    pub(crate) shared: bool,
}

/// The places of a record that are sealed, as a tree of member names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rules {
    /// How the value here is sealed as a whole.
    pub(super) here: Option<Rule>,
    /// What holds for each item of an array.
    pub(super) items: Option<Box<Self>>,
    members: Vec<(SmolStr, Self)>,
}

impl Rules {
    /// Adds a place: names of members, `*` for each item of an array.
    pub(crate) fn add<'a>(&mut self, path: impl IntoIterator<Item = &'a str>, rule: Rule) {
        let mut at = self;
        for segment in path {
            at = at.below(segment);
        }
        at.here = Some(rule);
    }

    fn below(&mut self, segment: &str) -> &mut Self {
        if segment == "*" {
            return self.items.get_or_insert_default();
        }
        let found = self.members.iter().position(|(name, _)| name == segment);
        let index = found.unwrap_or_else(|| {
            self.members.push((SmolStr::new(segment), Self::default()));
            self.members.len().saturating_sub(1)
        });
        match self.members.get_mut(index) {
            Some((_, rules)) => rules,
            // INVARIANT: the member was found or has just been added; a place that were
            // lost here would be caught by the tests of the record's rules.
            None => self.items.get_or_insert_default(),
        }
    }

    /// What holds for a member.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        let mut members = self.members.iter();
        members.find(|(own, _)| own == name).map(|(_, rules)| rules)
    }
}

/// Puts a commitment in the place of a value.
pub(crate) trait SealValue {
    /// Takes the canonical bytes of a value and writes what stands in its place.
    fn seal(&mut self, rule: Rule, value: &[u8], out: &mut Vec<u8>);
}
