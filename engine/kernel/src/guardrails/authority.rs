//! Who may give what, and who must sign.

use redress_model::{Code, Currency, Date, Money};

use super::Condition;
use crate::calendar::Span;

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: Code,
    /// Its rank; a higher one stands above.
    pub rank: u32,
    /// The owner (queue) of escalations to this role.
    pub owner: Code,
    /// By when the role answers.
    pub within: Span,
}

/// The grounds that authority is about. Statutory sums need none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasisKind {
    /// Goodwill.
    Goodwill,
    /// Contractual sums.
    Contractual,
}

/// One row of the authority matrix. `None` matches everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityRow {
    /// Whose limit: the place of the role among the roles.
    pub role: usize,
    /// For which ground.
    pub basis: Option<BasisKind>,
    /// For which kind of remedy.
    pub kind: Option<Code>,
    /// In which scene (enum value of the scene fact).
    pub scene: Option<u16>,
    /// Up to which sum of the event, in its own currency only.
    pub limit: Money,
    /// The first day in force.
    pub valid_from: Option<Date>,
    /// The last day in force.
    pub valid_until: Option<Date>,
    /// Who delegated it, for people.
    pub delegated_by: Option<Code>,
}

impl AuthorityRow {
    /// Whether the row is for a role, by its place, that gives something of a kind on a
    /// ground in a scene, in a currency on a day.
    #[must_use]
    pub fn is_for(
        &self,
        role: usize,
        basis: BasisKind,
        kind: &Code,
        scene: Option<u16>,
        currency: Currency,
        day: Date,
    ) -> bool {
        self.role == role
            && self.basis.is_none_or(|wanted| wanted == basis)
            && self.kind.as_ref().is_none_or(|wanted| wanted == kind)
            && self.scene.is_none_or(|wanted| scene == Some(wanted))
            && self.limit.currency() == currency
            && self.in_force(day)
    }

    /// Whether the row is in force on a day.
    #[must_use]
    pub fn in_force(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day)
            && self.valid_until.is_none_or(|until| day <= until)
    }
}

/// So many people of a role.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Signature {
    /// The role.
    pub role: Code,
    /// How many different people of it.
    pub count: u32,
}

/// A named approval chain. What triggers it is never granted by machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its name.
    pub name: Code,
    /// Reason or claim codes on a remedy that trigger it.
    pub codes: Vec<Code>,
    /// Facts that trigger it; empty for none.
    pub when: Vec<Condition>,
    /// Who signs, in order.
    pub signatures: Vec<Signature>,
    /// Who owns the case meanwhile.
    pub owner: Code,
    /// By when.
    pub within: Span,
}

/// A second pair of eyes on a statutory sum. It never lowers and never expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondLook {
    /// Above which sum of the claim.
    pub above: Money,
    /// Who looks.
    pub role: Code,
    /// By when.
    pub within: Span,
}
