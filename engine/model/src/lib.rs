//! The values of Redress and nothing else: money, dates, facts and their
//! schema, cases, what a policy proposes, what the ledger knows, who decides.
//!
//! Everything here is plain data with checked constructors.
//! There is no I/O, no clock and no rule: rules are the kernel's.

pub mod actor;
pub mod admit;
pub mod case;
pub mod code;
pub mod digest;
pub mod facts;
pub mod fault;
pub mod likeness;
pub mod money;
pub mod proposal;
pub mod remedy;
pub mod schema;
pub mod standing;
pub mod table;
pub mod time;

pub use actor::{Actor, Assurance};
pub use case::{Case, Envelope, Link, Offer, Requested, Stage};
pub use code::{ActorId, BadName, CaseId, ClaimantId, Code, EventId, Locale};
pub use digest::Digest;
pub use facts::{Facts, Value};
pub use fault::{Fault, FaultCode};
pub use likeness::{Likeness, Precedent};
pub use money::{Currency, Money, MoneyError, Rounding};
pub use proposal::{
    Deadline, DeadlineStart, DeadlineUnit, Hold, MAX_REMEDIES, Proposal, Route, Verdict,
};
pub use remedy::{Amount, Basis, Reason, ReasonArg, ReasonArgType, Remedy};
pub use schema::{Direction, FactClass, FactDef, FactType, Schema, Slot};
pub use standing::{Paid, Standing, Sums, Warnings};
pub use table::{
    CellType, Column, Coverage, HitPolicy, LookupError, Matcher, Overlapping, Row, Table,
    TableError, Tables,
};
pub use time::{Date, Timestamp};
