//! What went wrong while a policy ran. A fault never pays: it escalates.

use std::fmt;

/// A budget of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BudgetKind {
    /// Interpreter steps, or fuel of a WASM module.
    Steps,
    /// Bytes of memory.
    Memory,
    /// Nested calls.
    CallDepth,
    /// Bytes of what the policy returns.
    Output,
}

impl BudgetKind {
    /// `steps`, `memory`, `call_depth` or `output`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Memory => "memory",
            Self::CallDepth => "call_depth",
            Self::Output => "output",
        }
    }

    /// What was used and what is allowed, in words.
    fn exceeded(self, used: u64, limit: u64) -> String {
        match self {
            Self::Steps => format!("the policy took {used} steps of at most {limit}"),
            Self::Memory => format!("the policy used {used} bytes of memory of at most {limit}"),
            Self::CallDepth => format!("the policy's calls went {used} deep of at most {limit}"),
            Self::Output => format!("the policy's answer has {used} bytes of at most {limit}"),
        }
    }
}

/// A place in a policy's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a policy gave no proposal.
///
/// The kernel turns each into an escalation with [`Fault::code`] as its reason.
/// The texts are for the log and the author, never for a customer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A budget was used up.
    #[error("{}", .budget.exceeded(*.used, *.limit))]
    BudgetExceeded {
        /// Which budget.
        budget: BudgetKind,
        /// What it allows.
        limit: u64,
        /// What the policy asked for or had used when it was stopped.
        used: u64,
    },
    /// The policy stopped with an error of its own.
    #[error("the policy failed: {message}{}", .at.map(|at| format!(" ({at})")).unwrap_or_default())]
    Failed {
        /// What happened, in the author's words.
        message: String,
        /// Where, if the sandbox knows.
        at: Option<Position>,
    },
    /// The policy returned something that is not an answer.
    #[error("the policy's answer is not valid: {message}")]
    BadAnswer {
        /// What is wrong with it.
        message: String,
    },
    /// The host could not run the policy.
    #[error("the policy could not be run: {message}")]
    Host {
        /// What failed.
        message: String,
    },
}

/// The stable code of a [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultCode {
    /// [`Fault::BudgetExceeded`].
    BudgetExceeded,
    /// [`Fault::Failed`].
    Failed,
    /// [`Fault::BadAnswer`].
    BadAnswer,
    /// [`Fault::Host`].
    Host,
}

impl FaultCode {
    /// The code as a reason: `policy_budget_exceeded`, `policy_failed`,
    /// `policy_answer_invalid` or `policy_not_run`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BudgetExceeded => "policy_budget_exceeded",
            Self::Failed => "policy_failed",
            Self::BadAnswer => "policy_answer_invalid",
            Self::Host => "policy_not_run",
        }
    }
}

impl Fault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> FaultCode {
        match self {
            Self::BudgetExceeded { .. } => FaultCode::BudgetExceeded,
            Self::Failed { .. } => FaultCode::Failed,
            Self::BadAnswer { .. } => FaultCode::BadAnswer,
            Self::Host { .. } => FaultCode::Host,
        }
    }
}
