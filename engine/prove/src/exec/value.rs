//! What expressions come to.

use std::sync::Arc;

use crate::term::{Term, Terms};

/// A value of a run that stands for many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Unit,
    Bool(Term),
    /// An integer, a date in days, an instant in seconds, or a text by its number.
    Int(Term),
    Money {
        currency: Term,
        minor: Term,
    },
    /// Whether it is known, and the value if it is.
    Optional(Term, Box<Value>),
    List(Vec<Value>),
    /// The row of a table: the term is its number.
    Row(usize, Term),
    Remedy(Arc<Remedy>),
    Verdict(Arc<Verdict>),
    /// A route with so many obligations; its other wishes fail where they are made or never.
    Route(Term),
}

/// A remedy: which reasons it has does not move money, how many can fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remedy {
    pub(crate) kind: Term,
    /// `None` for units.
    pub(crate) currency: Option<Term>,
    pub(crate) amount: Term,
    pub(crate) ground: Ground,
    pub(crate) claim: Term,
    pub(crate) reasons: Term,
}

/// The ground of a remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    Goodwill,
    Statutory,
    Contractual,
}

/// What `remedy` returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Grant {
        tier: Option<Term>,
        remedies: Vec<Arc<Remedy>>,
    },
    Refuse,
    Hold,
}

impl Value {
    /// One of two values; `None` where no formula stands for it.
    pub(crate) fn choose(
        terms: &mut Terms,
        condition: Term,
        then: &Self,
        otherwise: &Self,
    ) -> Option<Self> {
        Some(match (then, otherwise) {
            (then, otherwise) if then == otherwise => then.clone(),
            (Self::Bool(a), Self::Bool(b)) => Self::Bool(terms.ite(condition, *a, *b)),
            (Self::Int(a), Self::Int(b)) => Self::Int(terms.ite(condition, *a, *b)),
            (
                Self::Money {
                    currency: a,
                    minor: b,
                },
                Self::Money {
                    currency: c,
                    minor: d,
                },
            ) => Self::Money {
                currency: terms.ite(condition, *a, *c),
                minor: terms.ite(condition, *b, *d),
            },
            (Self::Optional(a, b), Self::Optional(c, d)) => Self::Optional(
                terms.ite(condition, *a, *c),
                Box::new(match (&**b, &**d) {
                    (Self::Unit, value) | (value, Self::Unit) => value.clone(),
                    (b, d) => Self::choose(terms, condition, b, d)?,
                }),
            ),
            (Self::Row(a, b), Self::Row(c, d)) if a == c => {
                Self::Row(*a, terms.ite(condition, *b, *d))
            }
            (Self::Remedy(a), Self::Remedy(b)) if a.ground == b.ground => {
                let currency = match (a.currency, b.currency) {
                    (Some(a), Some(b)) => Some(terms.ite(condition, a, b)),
                    (None, None) => None,
                    _ => return None,
                };
                Self::Remedy(Arc::new(Remedy {
                    kind: terms.ite(condition, a.kind, b.kind),
                    currency,
                    amount: terms.ite(condition, a.amount, b.amount),
                    ground: a.ground,
                    claim: terms.ite(condition, a.claim, b.claim),
                    reasons: terms.ite(condition, a.reasons, b.reasons),
                }))
            }
            (Self::Route(a), Self::Route(b)) => Self::Route(terms.ite(condition, *a, *b)),
            (Self::List(a), Self::List(b)) if a.len() == b.len() => Self::List(
                a.iter()
                    .zip(b)
                    .map(|(a, b)| Self::choose(terms, condition, a, b))
                    .collect::<Option<_>>()?,
            ),
            _ => return None,
        })
    }
}
