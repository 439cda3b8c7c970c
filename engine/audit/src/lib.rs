//! What compliance works with: what a change says in words, what it would have cost on
//! recorded cases, how alike like cases were treated, and the pages that show it.
//!
//! Nothing here opens a terminal, reads a clock or goes over a network.

pub mod compare;
pub mod diff;
pub mod evidence;
pub mod fairness;
pub mod periodic;
pub mod review;
pub mod simulation;
pub mod things;
