//! The rules of a policy: the places of its script that propose a remedy, give a reason or
//! end a case.

use std::collections::{BTreeMap, BTreeSet};

use redress_compiler::ir::{Expr, ExprKind, FunctionId, Ground, Program};
use redress_compiler::syntax::Lines;
use redress_model::Code;
use redress_release::Messages;
use rowan::TextRange;

/// The most characters of a piece of the script that a rule is named by.
const WORDS_MAX: usize = 60;

/// Where a rule stands, in the order of the script.
pub(super) type Place = (u32, u32);

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) at: TextRange,
    pub(super) function: String,
    pub(super) does: String,
    pub(super) reason: Option<String>,
}

/// The rules that `remedy` can reach, by their places, and those of each function.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) all: BTreeMap<Place, Rule>,
    /// The rules of a function and of all that it calls, each with how many calls it takes
    /// to come from the function to it.
    within: BTreeMap<FunctionId, BTreeMap<Place, u32>>,
}

pub(super) fn place(at: TextRange) -> Place {
    (at.start().into(), at.end().into())
}

impl Rules {
    pub(super) fn of(program: &Program, lines: &Lines, messages: &Messages) -> Self {
        let mut own: BTreeMap<FunctionId, BTreeSet<Place>> = BTreeMap::new();
        let mut all = BTreeMap::new();
        let reached = program.reached_from(program.remedy);
        for id in &reached {
            let Some(function) = program.function(*id) else {
                continue;
            };
            let mut finder = Finder {
                program,
                lines,
                messages,
                found: Vec::new(),
            };
            finder.expr(&function.body);
            for mut rule in finder.found {
                rule.function = function.name.to_string();
                own.entry(*id).or_default().insert(place(rule.at));
                all.insert(place(rule.at), rule);
            }
        }
        let within = reached.iter().map(|id| {
            let mut rules = BTreeMap::new();
            for (called, calls) in calls_to(program, *id) {
                for rule in own.get(&called).into_iter().flatten() {
                    rules.insert(*rule, calls);
                }
            }
            (*id, rules)
        });
        let within = within.collect();
        Self { all, within }
    }

    /// The rules that an expression would have come to, the functions that it calls included,
    /// each with the fewest calls that lie between.
    pub(super) fn skipped(&self, expr: &Expr, found: &mut BTreeMap<Place, u32>) {
        let mut put = |rule: Place, calls: u32| {
            let known = found.entry(rule).or_insert(calls);
            *known = calls.min(*known);
        };
        if self.all.contains_key(&place(expr.span)) {
            put(place(expr.span), 0);
        }
        if let ExprKind::Call(id, _) = &expr.kind {
            for (rule, calls) in self.within.get(id).into_iter().flatten() {
                put(*rule, calls.saturating_add(1));
            }
        }
        expr.each_within(&mut |part| self.skipped(part, found));
    }
}

/// The functions that one comes to, itself among them, each with the fewest calls it takes.
fn calls_to(program: &Program, from: FunctionId) -> BTreeMap<FunctionId, u32> {
    let mut found = BTreeMap::from([(from, 0)]);
    let mut newest = vec![from];
    let mut calls = 0_u32;
    while !newest.is_empty() {
        calls = calls.saturating_add(1);
        let mut called = BTreeSet::new();
        for function in newest.iter().filter_map(|id| program.function(*id)) {
            called.extend(function.calls.iter().copied());
        }
        called.retain(|id| !found.contains_key(id));
        newest = called.into_iter().collect();
        found.extend(newest.iter().map(|id| (*id, calls)));
    }
    found
}

struct Finder<'a> {
    program: &'a Program,
    lines: &'a Lines,
    messages: &'a Messages,
    found: Vec<Rule>,
}

impl Finder<'_> {
    fn words(&self, at: TextRange) -> String {
        let text = self.lines.text().get(std::ops::Range::from(at));
        let text: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
        shortened(&text.join(" "))
    }

    fn literal(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Text(id) => self.program.text(*id).map(ToString::to_string),
            ExprKind::Widen(inner) => self.literal(inner),
            _ => None,
        }
    }

    /// A literal as it is, and what is worked out as it is written.
    fn named(&self, expr: &Expr) -> String {
        self.literal(expr).unwrap_or_else(|| self.words(expr.span))
    }

    fn put(&mut self, at: TextRange, does: String, reason: Option<String>) {
        self.found.push(Rule {
            at,
            function: String::new(),
            does,
            reason,
        });
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Remedy { .. } | ExprKind::OnGround { .. } | ExprKind::Because { .. } => {
                self.remedy(expr);
            }
            ExprKind::Refuse(reason) => {
                let literal = self.literal(reason);
                let does = format!("refuse {}", self.named(reason));
                self.put(expr.span, does, literal.clone());
                if literal.is_none() {
                    self.expr(reason);
                }
            }
            ExprKind::Hold(reason) => {
                let literal = self.literal(reason);
                let does = format!("hold {}", self.named(reason));
                self.put(expr.span, does, literal.clone());
                if literal.is_none() {
                    self.expr(reason);
                }
            }
            ExprKind::Text(id) => {
                let text = self.program.text(*id).cloned().unwrap_or_default();
                let is_reason = Code::new(text.as_str()).is_ok_and(|code| self.messages.has(&code));
                if is_reason {
                    let text = text.to_string();
                    self.put(expr.span, format!("reason {text}"), Some(text));
                }
            }
            // What is only compared is given to nobody, and a tier is no reason.
            ExprKind::Compare(..) => {}
            ExprKind::Grant { remedies, .. } => self.expr(remedies),
            _ => expr.each_within(&mut |part| self.expr(part)),
        }
    }

    /// A remedy with its ground and its reasons is one rule.
    fn remedy(&mut self, whole: &Expr) {
        let (mut does, mut reasons) = (String::new(), Vec::new());
        let mut at = whole;
        loop {
            match &at.kind {
                ExprKind::Because { remedy, code, args } => {
                    match self.literal(code) {
                        Some(code) => reasons.push(code),
                        None => self.expr(code),
                    }
                    args.iter().for_each(|part| self.expr(part));
                    at = remedy;
                }
                ExprKind::OnGround {
                    remedy,
                    ground,
                    claim,
                } => {
                    let ground = match ground {
                        Ground::Statutory => "statutory",
                        Ground::Contractual => "contractual",
                    };
                    does = format!(", {ground} {}{does}", self.named(claim));
                    if self.literal(claim).is_none() {
                        self.expr(claim);
                    }
                    at = remedy;
                }
                ExprKind::Remedy { kind, amount } => {
                    does = format!("give {}{does}", self.named(kind));
                    if self.literal(kind).is_none() {
                        self.expr(kind);
                    }
                    let (redress_compiler::ir::Amount::Money(amount)
                    | redress_compiler::ir::Amount::Units(amount)) = amount;
                    self.expr(amount);
                    break;
                }
                _ => {
                    // The remedy itself was made elsewhere.
                    does = match does.strip_prefix(", ") {
                        Some(ground) => format!("put on the ground {ground}"),
                        None => "add a reason".to_owned(),
                    };
                    self.expr(at);
                    break;
                }
            }
        }
        reasons.reverse();
        let reason = reasons.first().cloned();
        if does == "add a reason" && reasons.is_empty() {
            return;
        }
        if !reasons.is_empty() {
            does.push_str(&format!(" ({})", reasons.join(", ")));
        }
        self.put(whole.span, does, reason);
    }
}

/// A piece of the script, cut where it is long.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() <= WORDS_MAX {
        return text.to_owned();
    }
    let kept: String = text.chars().take(WORDS_MAX.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
