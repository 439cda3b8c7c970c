//! Other engines on the workload of Redress, each as well tuned as its documentation allows.
//!
//! Every engine has its input ready before the clock starts, in its own values, and
//! leaves its answer in its own values; `read` turns that into plain ones, off the clock,
//! for the comparison with the plain function.

pub mod cedar;
pub mod cel_set;
pub mod contest;
pub mod rego;
