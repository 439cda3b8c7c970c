//! Formulas: shared nodes over integers and booleans, simplified as they are made.

use std::collections::{BTreeMap, BTreeSet};

use redress_model::Slot;

/// A node of a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Term(u32);

impl Term {
    /// Its number among all terms; a term stands behind those that it is made of.
    pub(crate) const fn number(self) -> u32 {
        self.0
    }
}

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
    /// A counter of the ledger, by number.
    Warning(u32),
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
            Part::Warning(number) => format!("w{slot}_{number}"),
        }
    }

    pub(crate) const fn is_bool(self) -> bool {
        matches!(self.part, Part::Known | Part::Anything(_))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    Bool(bool),
    Int(i128),
    Var(Var),
    Op(&'static str, Vec<Term>),
}

/// The least and the greatest value of an integer.
pub(crate) type Range = (i128, i128);

/// How many values a factor may have to be multiplied value by value.
const FEW: i128 = 100;

/// All nodes, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Terms {
    nodes: Vec<(Node, Range)>,
    known: BTreeMap<Node, Term>,
    ranges: BTreeMap<Var, Range>,
}

impl Terms {
    /// What a term is.
    pub(crate) fn node(&self, term: Term) -> Option<&Node> {
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

    /// Every term, in order of numbers.
    pub(crate) fn all(&self) -> impl Iterator<Item = Term> + use<> {
        let count = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        (0..count).map(Term)
    }

    /// The range of a variable.
    pub(crate) fn range_of(&self, var: Var) -> Option<Range> {
        self.ranges.get(&var).copied()
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
        let range = *self.ranges.entry(var).or_insert(range);
        self.make(Node::Var(var), range)
    }

    /// Takes for granted that a fact keeps to a range; before it is asked for.
    pub(crate) fn assume(&mut self, slot: Slot, range: Range) {
        let part = Part::Value;
        self.ranges.insert(Var { slot, part }, range);
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
        // So is a product by one of few values: solvers know little of products of variables.
        for (few, other) in [(left, right), (right, left)] {
            let (least, most) = self.range(few);
            if (1..FEW).contains(&most.saturating_sub(least)) {
                return self.times_few(few, other, (least, most));
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

    /// A product by each of the values that a term may have.
    fn times_few(&mut self, few: Term, other: Term, (least, most): Range) -> Term {
        let last = self.int(most);
        let mut product = self.mul(last, other);
        for value in (least..most).rev() {
            let value = self.int(value);
            let is = self.same(few, value);
            let part = self.mul(value, other);
            product = self.ite(is, part, product);
        }
        product
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

    /// What a term comes to where variables have these values.
    #[cfg(test)]
    pub(crate) fn value(&self, term: Term, of: &impl Fn(Var) -> i128) -> i128 {
        let value = |at: usize, parts: &[Term]| {
            let part = parts.get(at).copied();
            part.map_or(0, |part| self.value(part, of))
        };
        match self.node(term) {
            None => 0,
            Some(Node::Bool(value)) => i128::from(*value),
            Some(Node::Int(value)) => *value,
            Some(Node::Var(var)) => of(*var),
            Some(Node::Op(op, parts)) => match *op {
                "not" => 1 - value(0, parts),
                "and" => i128::from(parts.iter().all(|part| self.value(*part, of) != 0)),
                "or" => i128::from(parts.iter().any(|part| self.value(*part, of) != 0)),
                "=" => i128::from(value(0, parts) == value(1, parts)),
                "<" => i128::from(value(0, parts) < value(1, parts)),
                "ite" => value(if value(0, parts) != 0 { 1 } else { 2 }, parts),
                "+" => value(0, parts) + value(1, parts),
                "-" => value(0, parts) - value(1, parts),
                "*" => value(0, parts) * value(1, parts),
                "div" => value(0, parts).div_euclid(value(1, parts)),
                other => unreachable!("{other}"),
            },
        }
    }

    /// Whether it asks for a part of one of these facts.
    pub(crate) fn depends(&self, on: &BTreeSet<Slot>) -> Vec<bool> {
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
