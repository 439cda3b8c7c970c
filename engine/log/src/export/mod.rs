//! Records in the forms that other systems take.

mod cloudevents;
mod opa;
#[cfg(test)]
mod tests;

pub use self::cloudevents::cloud_event;
pub use self::opa::opa_decision;
