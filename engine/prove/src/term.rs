//! Formulas: shared nodes over integers and booleans, simplified as they are made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use redress_model::Slot;

/// A node of a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Term(u32);

/// A part of a fact that a formula can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Whether it is known.
    Known,
    /// Its value: an integer, minor units, days, seconds, the number of a text; 0 or 1.
    Value,
    /// The number of the currency of a sum.
    Currency,
    /// How many items a list has.
    Length,
    /// An item of a list.
    Item(u32),
    /// The currency of an item.
    ItemCurrency(u32),
    /// Something that the formula does not model, by number: any truth value.
    Anything(u32),
}

/// What a formula can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Var {
    pub(crate) slot: Slot,
    pub(crate) part: Part,
}

impl Var {
    /// Its name in SMT-LIB, before the mark of a copy.
    pub(crate) fn name(self) -> String {
        let slot = self.slot.number();
        match self.part {
            Part::Known => format!("k{slot}"),
            Part::Value => format!("v{slot}"),
            Part::Currency => format!("c{slot}"),
            Part::Length => format!("n{slot}"),
            Part::Item(at) => format!("i{slot}_{at}"),
            Part::ItemCurrency(at) => format!("j{slot}_{at}"),
            Part::Anything(number) => format!("x{slot}_{number}"),
        }
    }

    const fn is_bool(self) -> bool {
        matches!(self.part, Part::Known | Part::Anything(_))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Bool(bool),
    Int(i128),
    Var(Var),
    Op(&'static str, Vec<Term>),
}

/// The least and the greatest value of an integer.
type Range = (i128, i128);

/// All nodes, each once.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    nodes: Vec<(Node, Range)>,
    known: BTreeMap<Node, Term>,
    ranges: BTreeMap<Var, Range>,
}

impl Terms {
    fn node(&self, term: Term) -> Option<&Node> {
        let at = usize::try_from(term.0).ok()?;
        self.nodes.get(at).map(|(node, _)| node)
    }

    fn make(&mut self, node: Node, range: Range) -> Term {
        if let Some(known) = self.known.get(&node) {
            return *known;
        }
        let term = Term(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push((node.clone(), range));
        self.known.insert(node, term);
        term
    }

    pub(crate) fn count(&self) -> usize {
        self.nodes.len()
    }

    /// The numbers that formulas name.
    pub(crate) fn constants(&self) -> Vec<i128> {
        let numbers = self.nodes.iter().filter_map(|(node, _)| match node {
            Node::Int(value) => Some(*value),
            _ => None,
        });
        numbers.collect()
    }

    /// The least and the greatest value of an integer.
    pub(crate) fn range(&self, term: Term) -> Range {
        let at = usize::try_from(term.0).unwrap_or(usize::MAX);
        self.nodes
            .get(at)
            .map_or((i128::MIN, i128::MAX), |(_, range)| *range)
    }

    pub(crate) fn bool(&mut self, value: bool) -> Term {
        self.make(Node::Bool(value), (0, 1))
    }

    pub(crate) fn int(&mut self, value: i128) -> Term {
        self.make(Node::Int(value), (value, value))
    }

    pub(crate) fn var(&mut self, var: Var, range: Range) -> Term {
        self.ranges.entry(var).or_insert(range);
        self.make(Node::Var(var), range)
    }

    pub(crate) fn as_bool(&self, term: Term) -> Option<bool> {
        match self.node(term) {
            Some(Node::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn as_int(&self, term: Term) -> Option<i128> {
        match self.node(term) {
            Some(Node::Int(value)) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn not(&mut self, term: Term) -> Term {
        match self.node(term) {
            Some(Node::Bool(value)) => {
                let value = !value;
                self.bool(value)
            }
            Some(Node::Op("not", parts)) => parts.first().copied().unwrap_or(term),
            _ => self.make(Node::Op("not", vec![term]), (0, 1)),
        }
    }

    fn join(&mut self, op: &'static str, parts: &[Term], neutral: bool) -> Term {
        let mut kept = BTreeSet::new();
        for part in parts {
            match self.as_bool(*part) {
                Some(value) if value == neutral => {}
                Some(value) => return self.bool(value),
                None => {
                    kept.insert(*part);
                }
            }
        }
        let parts: Vec<Term> = kept.iter().copied().collect();
        for part in &parts {
            let other = self.not(*part);
            if kept.contains(&other) {
                return self.bool(!neutral);
            }
        }
        match parts.as_slice() {
            [] => self.bool(neutral),
            [one] => *one,
            _ => self.make(Node::Op(op, parts), (0, 1)),
        }
    }

    pub(crate) fn and(&mut self, parts: &[Term]) -> Term {
        self.join("and", parts, true)
    }

    pub(crate) fn or(&mut self, parts: &[Term]) -> Term {
        self.join("or", parts, false)
    }

    pub(crate) fn same(&mut self, left: Term, right: Term) -> Term {
        if left == right {
            return self.bool(true);
        }
        let ((a, b), (c, d)) = (self.range(left), self.range(right));
        if b < c || d < a {
            return self.bool(false);
        }
        if let (Some(left), Some(right)) = (self.as_bool(left), self.as_bool(right)) {
            return self.bool(left == right);
        }
        // One of several constants: the question is which condition holds.
        for (choice, other) in [(left, right), (right, left)] {
            if let Some(Node::Op("ite", parts)) = self.node(choice)
                && let [condition, then, otherwise] = parts.as_slice()
                && self.as_int(other).is_some()
            {
                let (condition, then, otherwise) = (*condition, *then, *otherwise);
                let then = self.same(then, other);
                let otherwise = self.same(otherwise, other);
                return self.ite(condition, then, otherwise);
            }
        }
        let (left, right) = (left.min(right), left.max(right));
        self.make(Node::Op("=", vec![left, right]), (0, 1))
    }

    pub(crate) fn less(&mut self, left: Term, right: Term) -> Term {
        let ((a, b), (c, d)) = (self.range(left), self.range(right));
        if left == right || a >= d {
            return self.bool(false);
        }
        if b < c {
            return self.bool(true);
        }
        self.make(Node::Op("<", vec![left, right]), (0, 1))
    }

    pub(crate) fn at_most(&mut self, left: Term, right: Term) -> Term {
        let less = self.less(right, left);
        self.not(less)
    }

    pub(crate) fn ite(&mut self, condition: Term, then: Term, otherwise: Term) -> Term {
        if then == otherwise {
            return then;
        }
        match self.as_bool(condition) {
            Some(true) => return then,
            Some(false) => return otherwise,
            None => {}
        }
        match (self.as_bool(then), self.as_bool(otherwise)) {
            (Some(true), _) => return self.or(&[condition, otherwise]),
            (Some(false), _) => {
                let not = self.not(condition);
                return self.and(&[not, otherwise]);
            }
            (_, Some(false)) => return self.and(&[condition, then]),
            (_, Some(true)) => {
                let not = self.not(condition);
                return self.or(&[not, then]);
            }
            _ => {}
        }
        let ((a, b), (c, d)) = (self.range(then), self.range(otherwise));
        let node = Node::Op("ite", vec![condition, then, otherwise]);
        self.make(node, (a.min(c), b.max(d)))
    }

    pub(crate) fn add(&mut self, left: Term, right: Term) -> Term {
        let ((a, b), (c, d)) = (self.range(left), self.range(right));
        match (self.as_int(left), self.as_int(right)) {
            (Some(left), Some(right)) => return self.int(left.saturating_add(right)),
            (Some(0), _) => return right,
            (_, Some(0)) => return left,
            _ => {}
        }
        let range = (a.saturating_add(c), b.saturating_add(d));
        let (left, right) = (left.min(right), left.max(right));
        self.make(Node::Op("+", vec![left, right]), range)
    }

    pub(crate) fn sub(&mut self, left: Term, right: Term) -> Term {
        let ((a, b), (c, d)) = (self.range(left), self.range(right));
        if left == right {
            return self.int(0);
        }
        match (self.as_int(left), self.as_int(right)) {
            (Some(left), Some(right)) => return self.int(left.saturating_sub(right)),
            (_, Some(0)) => return left,
            _ => {}
        }
        let range = (a.saturating_sub(d), b.saturating_sub(c));
        self.make(Node::Op("-", vec![left, right]), range)
    }

    pub(crate) fn mul(&mut self, left: Term, right: Term) -> Term {
        match (self.as_int(left), self.as_int(right)) {
            (Some(left), Some(right)) => return self.int(left.saturating_mul(right)),
            (Some(1), _) => return right,
            (_, Some(1)) => return left,
            (Some(0), _) | (_, Some(0)) => return self.int(0),
            _ => {}
        }
        // A choice between constants is multiplied branch by branch, which stays linear.
        for (choice, other) in [(left, right), (right, left)] {
            if let Some(Node::Op("ite", parts)) = self.node(choice)
                && let [condition, then, otherwise] = parts.as_slice()
                && self.is_choice(choice)
            {
                let (condition, then, otherwise) = (*condition, *then, *otherwise);
                let then = self.mul(then, other);
                let otherwise = self.mul(otherwise, other);
                return self.ite(condition, then, otherwise);
            }
        }
        let ((a, b), (c, d)) = (self.range(left), self.range(right));
        let ends = [
            a.saturating_mul(c),
            a.saturating_mul(d),
            b.saturating_mul(c),
            b.saturating_mul(d),
        ];
        let least = ends.iter().copied().min().unwrap_or(i128::MIN);
        let most = ends.iter().copied().max().unwrap_or(i128::MAX);
        let (left, right) = (left.min(right), left.max(right));
        self.make(Node::Op("*", vec![left, right]), (least, most))
    }

    /// Whether it is one of several constants.
    fn is_choice(&self, term: Term) -> bool {
        match self.node(term) {
            Some(Node::Int(_)) => true,
            Some(Node::Op("ite", parts)) => {
                let mut values = parts.iter().skip(1);
                values.all(|part| self.is_choice(*part))
            }
            _ => false,
        }
    }

    /// Division by a divisor above 0, towards minus infinity.
    pub(crate) fn floor_div(&mut self, left: Term, right: Term) -> Term {
        if let (Some(a), Some(b)) = (self.as_int(left), self.as_int(right))
            && b > 0
        {
            return self.int(a.div_euclid(b));
        }
        if self.as_int(right) == Some(1) {
            return left;
        }
        let (a, b) = self.range(left);
        let range = (a.min(0), b.max(0));
        self.make(Node::Op("div", vec![left, right]), range)
    }

    /// Whether it asks for a part of one of these facts.
    fn depends(&self, on: &BTreeSet<Slot>) -> Vec<bool> {
        let mut depends: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for (node, _) in &self.nodes {
            depends.push(match node {
                Node::Var(var) => on.contains(&var.slot),
                Node::Op(_, parts) => parts.iter().any(|part| {
                    let at = usize::try_from(part.0).unwrap_or(usize::MAX);
                    depends.get(at).copied().unwrap_or(false)
                }),
                _ => false,
            });
        }
        depends
    }
}

/// A script for a solver: declarations, definitions, assertions.
pub(crate) struct Script<'t> {
    terms: &'t Terms,
    text: String,
    written: BTreeSet<String>,
    vars: BTreeSet<String>,
}

impl<'t> Script<'t> {
    pub(crate) fn new(terms: &'t Terms) -> Self {
        Self {
            terms,
            text: "(set-logic ALL)\n(set-option :produce-models true)\n".to_owned(),
            written: BTreeSet::new(),
            vars: BTreeSet::new(),
        }
    }

    /// A copy of the formulas in which some facts have values of their own.
    pub(crate) fn copy(&mut self, mark: &str, apart: &BTreeSet<Slot>) -> Copied {
        Copied {
            mark: mark.to_owned(),
            depends: self.terms.depends(apart),
        }
    }

    /// The text that stands for a term in a copy; what it needs is defined before.
    pub(crate) fn name(&mut self, term: Term, copy: &Copied) -> String {
        let at = usize::try_from(term.0).unwrap_or(usize::MAX);
        let own = copy.depends.get(at).copied().unwrap_or(false);
        let mark = if own { copy.mark.as_str() } else { "" };
        match self.terms.node(term).cloned() {
            None => "false".to_owned(),
            Some(Node::Bool(value)) => value.to_string(),
            Some(Node::Int(value)) if value < 0 => format!("(- {})", value.unsigned_abs()),
            Some(Node::Int(value)) => value.to_string(),
            Some(Node::Var(var)) => {
                let name = format!("{}{mark}", var.name());
                if self.vars.insert(name.clone()) {
                    let sort = if var.is_bool() { "Bool" } else { "Int" };
                    let _ = writeln!(self.text, "(declare-const {name} {sort})");
                    if !var.is_bool()
                        && let Some((least, most)) = self.terms.ranges.get(&var)
                    {
                        let (least, most) = (number(*least), number(*most));
                        let _ = writeln!(self.text, "(assert (<= {least} {name} {most}))");
                    }
                }
                name
            }
            Some(Node::Op(op, parts)) => {
                let name = format!("t{}{mark}", term.0);
                if self.written.insert(name.clone()) {
                    let parts: Vec<String> =
                        parts.iter().map(|part| self.name(*part, copy)).collect();
                    let sort = match op {
                        "not" | "and" | "or" | "=" | "<" => "Bool",
                        "ite" if self.is_bool(term) => "Bool",
                        _ => "Int",
                    };
                    let parts = parts.join(" ");
                    let _ = writeln!(self.text, "(define-fun {name} () {sort} ({op} {parts}))");
                }
                name
            }
        }
    }

    fn is_bool(&self, term: Term) -> bool {
        match self.terms.node(term) {
            Some(Node::Bool(_)) => true,
            Some(Node::Var(var)) => var.is_bool(),
            Some(Node::Op("not" | "and" | "or" | "=" | "<", _)) => true,
            Some(Node::Op("ite", parts)) => parts.get(1).is_some_and(|part| self.is_bool(*part)),
            _ => false,
        }
    }

    pub(crate) fn assert(&mut self, text: &str) {
        let _ = writeln!(self.text, "(assert {text})");
    }

    pub(crate) fn assert_term(&mut self, term: Term, copy: &Copied) {
        let name = self.name(term, copy);
        self.assert(&name);
    }

    /// Says that a fact is known, in the formulas and in each copy of them.
    pub(crate) fn known(&mut self, slot: Slot, copies: &[Copied]) {
        let name = format!("k{}", slot.number());
        let marks = copies.iter().map(|copy| copy.mark.as_str());
        for mark in std::iter::once("").chain(marks) {
            let name = format!("{name}{mark}");
            if self.vars.insert(name.clone()) {
                let _ = writeln!(self.text, "(declare-const {name} Bool)");
            }
            self.assert(&name);
        }
    }

    /// The script without a question.
    pub(crate) fn so_far(self) -> String {
        self.text
    }

    /// The whole script, and the variables that a model gives values for.
    pub(crate) fn finish(mut self) -> (String, Vec<String>) {
        let vars: Vec<String> = self.vars.into_iter().collect();
        self.text.push_str("(check-sat)\n");
        if !vars.is_empty() {
            let _ = writeln!(self.text, "(get-value ({}))", vars.join(" "));
        }
        (self.text, vars)
    }
}

fn number(value: i128) -> String {
    match value < 0 {
        true => format!("(- {})", value.unsigned_abs()),
        false => value.to_string(),
    }
}

/// A copy of the formulas.
pub(crate) struct Copied {
    mark: String,
    depends: Vec<bool>,
}
