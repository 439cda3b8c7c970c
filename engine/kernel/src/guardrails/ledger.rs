//! What the ledger needs to know of a release: whose sums a limit adds up, how long a
//! promise stands, what is counted for early warning, and which departures there are.

use redress_model::Code;

use crate::calendar::Span;

/// Whose sums a cap or a budget adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One event.
    Event,
    /// One customer.
    Customer,
    /// All cases that share a link, such as a payer or a booking; each link is one group.
    Linked,
    /// One agent.
    Agent,
    /// What one agent gives to one customer.
    AgentCustomer,
    /// One team; a case without a team escalates.
    Team,
    /// One scene; a case whose scene is unknown escalates.
    Scene,
    /// One campaign; a case outside any is not counted.
    Campaign,
    /// Everything under this policy.
    Everyone,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 9] = [
        Self::Event,
        Self::Customer,
        Self::Linked,
        Self::Agent,
        Self::AgentCustomer,
        Self::Team,
        Self::Scene,
        Self::Campaign,
        Self::Everyone,
    ];

    /// The name in `guardrails.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Customer => "customer",
            Self::Linked => "linked",
            Self::Agent => "agent",
            Self::AgentCustomer => "agent_customer",
            Self::Team => "team",
            Self::Scene => "scene",
            Self::Campaign => "campaign",
            Self::Everyone => "everyone",
        }
    }
}

/// Which early-warning counter of the standing a rule fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Warning {
    /// `repeats`: complaints of one customer.
    Repeats,
    /// `like_cases`: complaints of all customers.
    LikeCases,
    /// `burst`: complaints with equal facts, whoever complains.
    Burst,
    /// Decisions with the same first reason; nothing of the standing, only a warning.
    HotReason,
}

impl Warning {
    /// Every counter.
    pub const ALL: [Self; 4] = [Self::Repeats, Self::LikeCases, Self::Burst, Self::HotReason];

    /// The name in `guardrails.toml` and in the standing.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Repeats => "repeats",
            Self::LikeCases => "like_cases",
            Self::Burst => "burst",
            Self::HotReason => "hot_reason",
        }
    }

    /// The warning that a case carries once the count is reached.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Repeats => Code::engine("repeated"),
            Self::LikeCases => Code::engine("systemic"),
            Self::Burst => Code::engine("burst"),
            Self::HotReason => Code::engine("hot_reason"),
        }
    }
}

/// One rule of early warning: how many cases with equal facts came in within a window.
/// A counter moves a route and never an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningRule {
    /// Its name among the ledger's accounts.
    pub name: Code,
    /// Which counter it fills; of several rules the highest count.
    pub fills: Warning,
    /// The facts that must be equal, by slot; a case that lacks one is not counted.
    pub by: Vec<redress_model::Slot>,
    /// The window in days.
    pub window_days: u32,
    /// From how many on, this one counted, the case carries the warning; `repeated` also
    /// raises what it escalates by one level.
    pub warns_from: Option<u32>,
}

/// A reason for which somebody may depart from the norm, and who must approve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DepartureReason {
    /// The reason.
    pub code: Code,
    /// The lowest role that may approve it.
    pub role: Code,
}

/// What the ledger needs to know of a release.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerRules {
    /// How long a granted discretionary sum stays reserved unless it is settled; for ever
    /// if `None`. A lawful sum never expires.
    pub grant_expires_after: Option<Span>,
    /// How long a discretionary sum waits for approval; for ever if `None`.
    pub approval_expires_after: Option<Span>,
    /// Early-warning counters.
    pub warnings: Vec<WarningRule>,
    /// The closed list of departures.
    pub departures: Vec<DepartureReason>,
}

impl LedgerRules {
    /// The departure with this reason.
    #[must_use]
    pub fn departure(&self, reason: &Code) -> Option<&DepartureReason> {
        self.departures.iter().find(|own| own.code == *reason)
    }
}
