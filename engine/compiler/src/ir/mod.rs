//! The typed intermediate representation: what a policy means, apart from how it is written.
//!
//! Everything is evaluated in the order of the fields: the first field first, a list from
//! its start. Where the interpreter goes another way (the arguments of a chain of calls
//! come before what the chain starts from), the lowering binds them to variables of its
//! own. Every type is known, functions are made once for each combination of argument types,
//! and none calls itself, so that all that runs is a tree.

mod bound;
mod expr;
mod parts;
mod texts;
mod types;

use redress_model::Slot;
use rowan::TextRange;
use smol_str::SmolStr;

pub use self::bound::{Bound, Limits};
pub use self::expr::{
    Amount, Arm, CompareOp, Counter, Expr, ExprKind, Ground, IntOp, Iterated, Pattern, SpanUnit,
    Stmt, StmtKind, TextTest, WarningField,
};
pub use self::types::Type;

/// The number of a function in its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);

/// The number of a variable in its function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalId(pub u32);

/// The number of a text that the policy can name: its own literals, enum values of facts,
/// texts in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextId(pub u32);

/// The number of a place where the policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteId(pub u32);

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Every function, those that are called before those that call them.
    pub functions: Vec<Function>,
    /// The function `remedy`.
    pub remedy: FunctionId,
    /// The function `route`, if there is one.
    pub route: Option<FunctionId>,
    /// Where the policy decides, by number.
    pub sites: Vec<Site>,
    /// The texts that it can name, by number, each once.
    pub texts: Vec<SmolStr>,
}

impl Program {
    /// A function by its number.
    #[must_use]
    pub fn function(&self, id: FunctionId) -> Option<&Function> {
        self.functions.get(usize::try_from(id.0).ok()?)
    }

    /// A text by its number.
    #[must_use]
    pub fn text(&self, id: TextId) -> Option<&SmolStr> {
        self.texts.get(usize::try_from(id.0).ok()?)
    }

    /// The functions that a function reaches, itself included, in order.
    #[must_use]
    pub fn reached_from(&self, id: FunctionId) -> Vec<FunctionId> {
        let mut reached = vec![false; self.functions.len()];
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let at = usize::try_from(id.0).unwrap_or(usize::MAX);
            let Some(seen) = reached.get_mut(at).filter(|seen| !**seen) else {
                continue;
            };
            *seen = true;
            if let Some(function) = self.function(id) {
                open.extend(function.calls.iter().copied());
            }
        }
        (0..)
            .zip(reached)
            .filter(|(_, seen)| *seen)
            .map(|(at, _)| FunctionId(at))
            .collect()
    }
}

/// A function for one combination of argument types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// The author's name for it.
    pub name: SmolStr,
    /// Where it is defined.
    pub span: TextRange,
    /// How many of the variables are parameters: the first ones.
    pub params: usize,
    /// The variables, parameters first, by number.
    pub locals: Vec<Local>,
    /// What it gives.
    pub result: Type,
    /// What it does. Its value is the result unless a `return` came before.
    pub body: Expr,
    /// The functions that it calls, in order of number, each once.
    pub calls: Vec<FunctionId>,
    /// The facts that it reads itself, each where it does.
    pub reads: Vec<FactRead>,
}

impl Function {
    /// A variable by its number.
    #[must_use]
    pub fn local(&self, id: LocalId) -> Option<&Local> {
        self.locals.get(usize::try_from(id.0).ok()?)
    }
}

/// A variable. One that the lowering made has an empty name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// The author's name for it.
    pub name: SmolStr,
    /// Its type.
    pub ty: Type,
    /// Where it is bound.
    pub span: TextRange,
    /// Whether it is assigned to after it was bound.
    pub assigned: bool,
}

/// A place where a fact is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactRead {
    /// The fact.
    pub slot: Slot,
    /// Whether an unknown one holds the case; else it is `()`.
    pub holds: bool,
    /// Where.
    pub span: TextRange,
}

/// A place where the policy decides, for coverage and explanations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The whole construct.
    pub span: TextRange,
    /// What is decided on: a condition, or what a `switch` looks at.
    pub decides_on: TextRange,
    /// What can come of it, in order: of an `if`, *then* and *else*; of a `switch`, its
    /// arms and what comes when none fits; of an operand of `&&` or `||`, true and false.
    pub branches: Vec<TextRange>,
    /// What it is.
    pub kind: SiteKind,
}

/// What decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteKind {
    /// An `if`.
    If,
    /// A `switch`.
    Switch,
    /// One operand of `&&` or `||`.
    Condition,
    /// `??`: the value, or what stands in for it.
    Coalesce,
}

impl Program {
    /// The program with these functions alone, numbered anew.
    pub(crate) fn only(self, wanted: &std::collections::BTreeSet<FunctionId>) -> Self {
        let places: std::collections::BTreeMap<FunctionId, FunctionId> =
            wanted.iter().copied().zip((0..).map(FunctionId)).collect();
        let place = |id: FunctionId| places.get(&id).copied().unwrap_or(id);
        let functions = (0..)
            .zip(self.functions)
            .filter(|(number, _)| wanted.contains(&FunctionId(*number)))
            .map(|(_, mut function)| {
                function.calls.iter_mut().for_each(|id| *id = place(*id));
                renumber(&mut function.body, &place);
                function
            })
            .collect();
        Self {
            functions,
            remedy: place(self.remedy),
            route: self.route.map(place),
            ..self
        }
    }
}

/// Gives every call within an expression the new number of its function.
fn renumber(expr: &mut Expr, place: &impl Fn(FunctionId) -> FunctionId) {
    if let ExprKind::Call(id, _) = &mut expr.kind {
        *id = place(*id);
    }
    if let ExprKind::Block(statements, _) = &mut expr.kind {
        for statement in statements {
            match &mut statement.kind {
                StmtKind::Set(_, value) | StmtKind::Expr(value) => renumber(value, place),
                StmtKind::For { items, body, .. } => {
                    match items {
                        Iterated::List(list) => renumber(list, place),
                        Iterated::Range { from, to, .. } => {
                            renumber(from, place);
                            renumber(to, place);
                        }
                    }
                    renumber(body, place);
                }
            }
        }
    }
    expr.each_part_mut(&mut |part| renumber(part, place));
}
