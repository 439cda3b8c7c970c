//! The steps of enforcement, one file each, on a draft of the decision.

pub(crate) mod authority;
pub(crate) mod basis;
pub(crate) mod corridor;
pub(crate) mod envelope;
pub(crate) mod fairness;
pub(crate) mod kinds;
pub(crate) mod one_remedy;
pub(crate) mod safety;
pub(crate) mod shape;
pub(crate) mod stage;

mod draft;
mod escalate;
mod item;

pub(crate) use draft::Draft;
pub(crate) use item::{Ground, Item};
