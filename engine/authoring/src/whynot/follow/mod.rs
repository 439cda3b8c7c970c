//! Follows one case through the typed representation of a script.
//!
//! The engines say what comes of a case; this says which facts made it so, and which rules
//! stood aside for which of them. One number of the case can be watched: then it is also
//! told from where to where that number may move without the case taking another way.
//! What was followed counts only where it ends as the engine's own run does.

mod expr;
mod made;
mod number;
mod statement;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use redress::Reached;
use redress_compiler::ir::{Expr, ExprKind, FunctionId, LocalId, Program, SiteId};
use redress_model::table::Tables;
use redress_model::{Facts, Hold, Proposal, Rounding, Schema, Slot, Verdict as Proposed};
use rowan::TextRange;

pub(super) use self::value::{Causes, Verdict};
use self::value::{Made, Plain};
use super::rules::{Place, Rules, place};

/// The most expressions that are followed; the policy's own limit of steps lies below it.
const EXPRESSIONS_MAX: u64 = 2_000_000;

/// What a case is followed with.
#[derive(Clone, Copy)]
pub(super) struct Script<'p> {
    pub(super) program: &'p Program,
    pub(super) schema: &'p Schema,
    pub(super) tables: &'p Tables,
    pub(super) rounding: Rounding,
    pub(super) rules: &'p Rules,
}

/// A number of the case that is watched: which fact, its value, and from where to where it
/// may move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    pub(super) slot: Slot,
    pub(super) at: i128,
    pub(super) least: i128,
    pub(super) most: i128,
}

/// How a case ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    Verdict(Verdict),
    /// This fact is not known.
    Unknown(Slot),
    /// The policy fails at this place.
    Failed(TextRange),
}

/// What stopped a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Why {
    /// What was decided on.
    pub(super) condition: TextRange,
    /// What a condition came to; `None` for the value of a `switch`.
    pub(super) held: Option<bool>,
    pub(super) causes: Causes,
}

/// What stopped a rule, and from how near.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) why: Why,
    /// How many calls lie between the condition and the rule.
    calls: u32,
}

/// A case that was followed.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) end: End,
    pub(super) fired: BTreeSet<Place>,
    pub(super) stopped: BTreeMap<Place, Stop>,
    /// The branches that were taken, by site and place.
    branches: BTreeSet<(SiteId, usize)>,
    /// The watched number may move from the first to the second.
    pub(super) range: Option<(i128, i128)>,
}

impl Followed {
    /// Whether the compiled script took the same branches. Those of functions that `route`
    /// calls too may be taken there alone.
    pub(super) fn took(&self, reached: &Reached, program: &Program) -> bool {
        let mut in_route = BTreeSet::new();
        for id in program
            .route
            .map(|route| program.reached_from(route))
            .iter()
            .flatten()
        {
            if let Some(function) = program.function(*id) {
                sites_of(&function.body, &mut in_route);
            }
        }
        let sites = (0..).map(SiteId).zip(&program.sites);
        let branches = sites.flat_map(|(id, site)| {
            let places = 0..site.branches.len();
            places.map(move |place| (id, place))
        });
        branches.zip(&reached.branches).all(|(branch, reached)| {
            let followed = self.branches.contains(&branch);
            followed == *reached || (*reached && in_route.contains(&branch.0))
        })
    }

    /// Whether the engine's own run ended so.
    pub(super) fn is(&self, proposal: Option<&Proposal>) -> bool {
        match (&self.end, proposal.map(|proposal| &proposal.verdict)) {
            (End::Failed(_), None) => true,
            (End::Unknown(slot), Some(Proposed::Hold(Hold::UnknownFact(held)))) => slot == held,
            (End::Verdict(Verdict::Hold(code)), Some(Proposed::Hold(Hold::Asked(reason)))) => {
                reason.code.as_str() == code
            }
            (End::Verdict(Verdict::Refuse(codes)), Some(Proposed::Refuse(reasons))) => {
                codes.len() == reasons.len()
                    && codes
                        .iter()
                        .zip(reasons)
                        .all(|(code, reason)| reason.code.as_str() == code)
            }
            (End::Verdict(Verdict::Grant(given)), Some(Proposed::Grant(remedies))) => {
                given.len() == remedies.len()
                    && given
                        .iter()
                        .zip(remedies)
                        .all(|(given, remedy)| given.is(remedy))
            }
            _ => false,
        }
    }
}

fn sites_of(expr: &Expr, sites: &mut BTreeSet<SiteId>) {
    match &expr.kind {
        ExprKind::If { site, .. }
        | ExprKind::Switch { site, .. }
        | ExprKind::Coalesce { site, .. } => {
            sites.insert(*site);
        }
        ExprKind::And(parts) | ExprKind::Or(parts) => {
            sites.extend(parts.iter().map(|(site, _)| *site));
        }
        _ => {}
    }
    expr.each_within(&mut |part| sites_of(part, sites));
}

/// Follows a case.
pub(super) fn follow(script: Script<'_>, facts: &Facts, watch: Option<Watch>) -> Followed {
    let mut follower = Follower {
        script,
        facts,
        watch,
        range: watch.map(|watch| (watch.least, watch.most)),
        fired: BTreeSet::new(),
        stopped: BTreeMap::new(),
        branches: BTreeSet::new(),
        expressions: 0,
    };
    let end = match follower.call(script.program.remedy, Vec::new(), TextRange::default()) {
        Ok(Made {
            plain: Plain::Verdict(verdict),
            ..
        }) => End::Verdict(verdict),
        Ok(_) => End::Failed(TextRange::default()),
        Err(Halt::Unknown(slot)) => End::Unknown(slot),
        Err(Halt::Failed(at)) => End::Failed(at),
    };
    Followed {
        end,
        fired: follower.fired,
        stopped: follower.stopped,
        branches: follower.branches,
        range: follower.range,
    }
}

/// What ends a run before its end.
#[derive(Debug)]
enum Halt {
    Unknown(Slot),
    Failed(TextRange),
}

/// How an expression ends.
#[derive(Debug)]
enum Flow {
    Value(Made),
    /// With the condition under which the function ends here, if there is one.
    Return(Made, Option<Why>),
    Break,
    Continue,
}

type Result<T> = std::result::Result<T, Halt>;

/// A call of a function.
#[derive(Debug)]
struct Frame {
    locals: Vec<Made>,
    /// What decided that the function did not return before.
    passed: Causes,
    /// What decided each branch that the run is within.
    within: Vec<Causes>,
}

struct Follower<'p, 'f> {
    script: Script<'p>,
    facts: &'f Facts,
    watch: Option<Watch>,
    range: Option<(i128, i128)>,
    fired: BTreeSet<Place>,
    stopped: BTreeMap<Place, Stop>,
    branches: BTreeSet<(SiteId, usize)>,
    expressions: u64,
}

impl<'p> Follower<'p, '_> {
    fn call(&mut self, id: FunctionId, args: Vec<Made>, at: TextRange) -> Result<Made> {
        let program: &'p Program = self.script.program;
        let function = program.function(id).ok_or(Halt::Failed(at))?;
        let mut locals = args;
        locals.resize(function.locals.len(), Made::constant(Plain::Unit));
        let mut frame = Frame {
            locals,
            passed: Causes::default(),
            within: Vec::new(),
        };
        match self.expr(&mut frame, &function.body)? {
            Flow::Value(mut made) | Flow::Return(mut made, _) => {
                made.causes.add(&frame.passed);
                Ok(made)
            }
            Flow::Break | Flow::Continue => Err(Halt::Failed(at)),
        }
    }

    /// Notes that an expression was not come to, because of a condition.
    fn skip(&mut self, frame: &mut Frame, expr: &Expr, why: &Why) {
        let mut rules = BTreeMap::new();
        self.script.rules.skipped(expr, &mut rules);
        for (rule, calls) in rules {
            // A function that one branch would have called may be called by another, and
            // what stops the rule there stands nearer to it.
            let known = self.stopped.get(&rule);
            if known.is_none_or(|known| calls < known.calls) {
                let why = why.clone();
                self.stopped.insert(rule, Stop { why, calls });
            }
        }
        frame.would(expr, &why.causes);
    }

    fn fire(&mut self, expr: &Expr) {
        let place = place(expr.span);
        if self.script.rules.all.contains_key(&place) {
            self.fired.insert(place);
        }
    }

    /// Keeps the watched number where a number stays between two others.
    fn keep_between(&mut self, number: i128, slope: i128, least: i128, most: i128) {
        let (Some(watch), Some((from, to))) = (self.watch, self.range) else {
            return;
        };
        if slope == 0 {
            return;
        }
        // number + slope * (x - at) >= least, and so on; at itself lies within.
        let down = |room: i128| room.div_euclid(slope.saturating_abs());
        let (below, above) = (
            down(number.saturating_sub(least)),
            down(most.saturating_sub(number)),
        );
        let (left, right) = if slope > 0 {
            (below, above)
        } else {
            (above, below)
        };
        self.range = Some((
            from.max(watch.at.saturating_sub(left)),
            to.min(watch.at.saturating_add(right)),
        ));
    }

    /// Keeps the watched number where a number stays on its side of zero, or at it.
    fn keep_sign(&mut self, number: i128, bend: value::Bend) {
        match (bend, number) {
            (value::Bend::Bent, _) => self.pin(),
            (value::Bend::Line(0), _) => {}
            (value::Bend::Line(_), 0) => self.pin(),
            (value::Bend::Line(slope), 1..) => self.keep_between(number, slope, 1, i128::MAX),
            (value::Bend::Line(slope), _) => self.keep_between(number, slope, i128::MIN, -1),
        }
    }

    /// Keeps the side on which a number lies of a range, or within it.
    fn keep_side(&mut self, number: i128, bend: value::Bend, least: i128, most: i128) {
        let slope = match bend {
            value::Bend::Bent => return self.pin(),
            value::Bend::Line(slope) => slope,
        };
        if number < least {
            self.keep_between(number, slope, i128::MIN, least.saturating_sub(1));
        } else if number > most {
            self.keep_between(number, slope, most.saturating_add(1), i128::MAX);
        } else {
            self.keep_between(number, slope, least, most);
        }
    }

    /// Keeps the watched number at its value: what follows from another is not known.
    fn pin(&mut self) {
        if let (Some(watch), Some(_)) = (self.watch, self.range) {
            self.range = Some((watch.at, watch.at));
        }
    }
}

impl Frame {
    fn local(&self, id: LocalId) -> Made {
        let place = usize::try_from(id.0).unwrap_or(usize::MAX);
        let unit = || Made::constant(Plain::Unit);
        self.locals.get(place).cloned().unwrap_or_else(unit)
    }

    fn set(&mut self, id: LocalId, mut made: Made) {
        for within in self.within.iter().rev() {
            made.causes.add(within);
        }
        let place = usize::try_from(id.0).unwrap_or(usize::MAX);
        if let Some(local) = self.locals.get_mut(place) {
            *local = made;
        }
    }
}
