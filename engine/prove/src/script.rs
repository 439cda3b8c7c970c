//! What a solver is given: declarations, definitions and assertions in SMT-LIB 2.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use redress_model::Slot;

use crate::term::{Node, Part, Term, Terms, Var};

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
        let mark = match copy.moves(term) {
            true => copy.mark.as_str(),
            false => "",
        };
        match self.terms.node(term).cloned() {
            None => "false".to_owned(),
            Some(Node::Bool(value)) => value.to_string(),
            Some(Node::Int(value)) if value < 0 => format!("(- {})", value.unsigned_abs()),
            Some(Node::Int(value)) => value.to_string(),
            Some(Node::Var(var)) => self.var(var, mark),
            Some(Node::Op(op, parts)) => {
                let name = format!("t{}{mark}", term.number());
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

    /// The name of a variable in a copy, which is declared with its range.
    fn var(&mut self, var: Var, mark: &str) -> String {
        let name = format!("{}{mark}", var.name());
        if self.vars.insert(name.clone()) {
            let sort = if var.is_bool() { "Bool" } else { "Int" };
            let _ = writeln!(self.text, "(declare-const {name} {sort})");
            if !var.is_bool()
                && let Some((least, most)) = self.terms.range_of(var)
            {
                let (least, most) = (number(least), number(most));
                let _ = writeln!(self.text, "(assert (<= {least} {name} {most}))");
            }
        }
        name
    }

    /// Asks for the value of a fact that something is taken for granted of, so that a model
    /// keeps to it even where no formula does.
    pub(crate) fn valued(&mut self, slot: Slot) {
        let part = Part::Value;
        self.var(Var { slot, part }, "");
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

    /// Says of products and quotients of two copies that they grow with what grows in
    /// them. It follows from what they are, and solvers rarely find it.
    pub(crate) fn grow_together(&mut self, first: &Copied, second: &Copied) {
        for term in self.terms.all() {
            let Some(Node::Op(op @ ("*" | "div"), parts)) = self.terms.node(term).cloned() else {
                continue;
            };
            let [left, right] = parts.as_slice() else {
                continue;
            };
            let (moves, stays) = match (first.moves(*left), first.moves(*right)) {
                (true, false) => (*left, *right),
                (false, true) if op == "*" => (*right, *left),
                _ => continue,
            };
            if !self
                .written
                .contains(&format!("t{}{}", term.number(), second.mark))
            {
                continue;
            }
            let factor = self.name(stays, first);
            for (one, other) in [(first, second), (second, first)] {
                let (less, more) = (self.name(moves, one), self.name(moves, other));
                let (of_less, of_more) = (self.name(term, one), self.name(term, other));
                self.assert(&format!(
                    "(=> (and (<= {less} {more}) (<= 0 {factor})) (<= {of_less} {of_more}))"
                ));
            }
        }
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

impl Copied {
    /// Whether a term has a value of its own in this copy.
    fn moves(&self, term: Term) -> bool {
        let at = usize::try_from(term.number()).unwrap_or(usize::MAX);
        self.depends.get(at).copied().unwrap_or(false)
    }
}
