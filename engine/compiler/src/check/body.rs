//! The body of one function while it is typed.

use std::collections::{BTreeMap, BTreeSet};

use rowan::{TextRange, TextSize};
use smol_str::SmolStr;

use super::Checker;
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::ir::{Expr, ExprKind, FactRead, Function, FunctionId, Local, LocalId, Type};
use crate::limits::VARIABLES_MAX;
use crate::syntax::ast;

/// A name in scope.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) name: SmolStr,
    pub(super) local: LocalId,
    pub(super) is_const: bool,
}

/// What is known of the function that is being typed.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) locals: Vec<Local>,
    pub(super) scopes: Vec<Vec<Named>>,
    /// The least type of each variable, by where it is bound, as passes before found it.
    floors: BTreeMap<TextSize, Type>,
    result: Option<Type>,
    /// Whether this pass found a wider type than it began with.
    changed: bool,
    pub(super) said: Vec<Diagnostic>,
    pub(super) calls: BTreeSet<FunctionId>,
    pub(super) reads: Vec<FactRead>,
    pub(super) in_loop: u32,
    /// Within an operand or an argument, where an assignment would change what stands
    /// beside it.
    pub(super) in_operand: u32,
}

/// The most passes over a body. Types only widen, and by few steps.
const PASSES_MAX: u32 = 12;

impl Body {
    /// Types a function, pass by pass.
    pub(super) fn function(
        checker: &mut Checker<'_>,
        source: &ast::Function,
        params: &[Type],
    ) -> (Function, Vec<Diagnostic>) {
        let name = source
            .name()
            .map(|name| SmolStr::new(name.text()))
            .unwrap_or_default();
        let mut body = Self::default();
        let mut value = Expr::nothing(source.range());
        for _ in 0..PASSES_MAX {
            body = Self {
                floors: std::mem::take(&mut body.floors),
                result: body.result.take(),
                ..Self::default()
            };
            value = body.pass(checker, source, params);
            if !body.changed {
                break;
            }
        }
        let result = body.result.clone().unwrap_or(Type::Unit);
        let function = Function {
            name,
            span: source
                .name()
                .map_or_else(|| source.range(), |name| name.text_range()),
            params: params.len(),
            locals: body.locals,
            result,
            body: value,
            calls: body.calls.into_iter().collect(),
            reads: body.reads,
        };
        (function, body.said)
    }

    fn pass(&mut self, checker: &mut Checker<'_>, source: &ast::Function, params: &[Type]) -> Expr {
        self.scopes.push(Vec::new());
        for (token, ty) in source.params().zip(params) {
            let local = self.bind(token.text(), ty.clone(), token.text_range());
            self.declare(token.text(), local, false);
        }
        let Some(block) = source.body() else {
            return Expr::nothing(source.range());
        };
        let value = checker.block(self, &block, true);
        let result = self.results(&value, block.range());
        let value = match &result {
            Some(ty) => checker.widen(value, ty),
            None => value,
        };
        self.scopes.pop();
        value
    }

    /// Joins the value of the body with what was returned before.
    fn results(&mut self, value: &Expr, span: TextRange) -> Option<Type> {
        let ty = value.ty.clone();
        self.returns(&ty, span);
        self.result.clone()
    }

    /// Takes note of a type that the function gives.
    pub(super) fn returns(&mut self, ty: &Type, span: TextRange) {
        let known = self.result.clone().unwrap_or(Type::Never);
        match known.join(ty) {
            Some(joined) => {
                if self.result.as_ref() != Some(&joined) {
                    self.changed |= self.result.is_some() || joined != Type::Never;
                    self.result = Some(joined);
                }
            }
            None => {
                let message = format!("the function gives {known} elsewhere, and {ty} here");
                self.outside(span, message, "give one type everywhere");
                self.result = Some(Type::Unknown);
            }
        }
    }

    /// The type that the function gives, as far as passes before found it.
    pub(super) fn result_type(&self) -> Type {
        self.result.clone().unwrap_or(Type::Never)
    }

    /// A new variable.
    pub(super) fn bind(&mut self, name: &str, ty: Type, span: TextRange) -> LocalId {
        let id = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        let ty = match self.floors.get(&span.start()) {
            Some(floor) => self.widened(floor.clone(), &ty, span),
            None => {
                self.floors.insert(span.start(), ty.clone());
                ty
            }
        };
        self.locals.push(Local {
            name: name.into(),
            ty,
            span,
            assigned: false,
        });
        id
    }

    /// A variable that the lowering needs.
    pub(super) fn temporary(&mut self, ty: Type, span: TextRange) -> LocalId {
        let id = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        let name = SmolStr::default();
        self.locals.push(Local {
            name,
            ty,
            span,
            assigned: false,
        });
        id
    }

    fn widened(&mut self, floor: Type, ty: &Type, span: TextRange) -> Type {
        let Some(joined) = floor.join(ty) else {
            let message = format!("the variable holds {floor} elsewhere, and {ty} here");
            self.outside(
                span,
                message,
                "take another variable, with a name of its own",
            );
            return Type::Unknown;
        };
        if joined != floor {
            self.changed = true;
            self.floors.insert(span.start(), joined.clone());
        }
        joined
    }

    /// The type of a variable after something was assigned to it.
    pub(super) fn assign(&mut self, local: LocalId, ty: &Type, span: TextRange) -> Type {
        let at = usize::try_from(local.0).unwrap_or(usize::MAX);
        let Some(known) = self.locals.get(at).cloned() else {
            return Type::Unknown;
        };
        let Some(joined) = known.ty.join(ty) else {
            let message = format!("`{}` holds {}, and this is {ty}", known.name, known.ty);
            self.outside(
                span,
                message,
                "take another variable, with a name of its own",
            );
            return Type::Unknown;
        };
        if joined != known.ty {
            self.changed = true;
            self.floors.insert(known.span.start(), joined.clone());
        }
        if let Some(local) = self.locals.get_mut(at) {
            local.assigned = true;
            local.ty = joined.clone();
        }
        joined
    }

    pub(super) fn declare(&mut self, name: &str, local: LocalId, is_const: bool) {
        let held: usize = self.scopes.iter().map(Vec::len).sum();
        // Once is enough: every further variable would be one too many.
        if held == VARIABLES_MAX
            && let Some(span) = self.local(local).map(|local| local.span)
        {
            let message = format!("a function holds more than {VARIABLES_MAX} variables at once");
            self.error(
                Rule::WrongArguments,
                span,
                message,
                "split it into functions",
            );
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(Named {
                name: name.into(),
                local,
                is_const,
            });
        }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Named> {
        let scopes = self.scopes.iter().rev();
        scopes
            .flat_map(|scope| scope.iter().rev())
            .find(|named| named.name == name)
    }

    pub(super) fn local(&self, id: LocalId) -> Option<&Local> {
        self.locals.get(usize::try_from(id.0).ok()?)
    }

    /// A mistake.
    pub(super) fn error(
        &mut self,
        rule: Rule,
        span: TextRange,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.tell(rule, Severity::Error, span, message, help);
    }

    /// What is valid and does not compile.
    pub(super) fn outside(
        &mut self,
        span: TextRange,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.tell(Rule::OutsideSubset, Severity::Outside, span, message, help);
    }

    /// What may not be meant.
    pub(super) fn warn(
        &mut self,
        rule: Rule,
        span: TextRange,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.tell(rule, Severity::Warning, span, message, help);
    }

    fn tell(
        &mut self,
        rule: Rule,
        severity: Severity,
        span: TextRange,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let help: String = help.into();
        self.said.push(Diagnostic {
            rule,
            severity,
            message: message.into(),
            help: (!help.is_empty()).then_some(help),
            span,
        });
    }
}

impl Expr {
    /// An expression without steps.
    pub(super) fn new(kind: ExprKind, ty: Type, span: TextRange) -> Self {
        Self {
            kind,
            ty,
            span,
            at: span.start(),
            steps: 0,
        }
    }

    /// `()`
    pub(super) fn nothing(span: TextRange) -> Self {
        Self::new(ExprKind::Unit, Type::Unit, span)
    }

    /// Where a mistake was told.
    pub(super) fn unknown(span: TextRange) -> Self {
        Self::new(ExprKind::Unit, Type::Unknown, span)
    }

    /// The same, with steps of the interpreter.
    pub(super) const fn costs(mut self, steps: u32) -> Self {
        self.steps = steps;
        self
    }

    /// The same, with the place that the interpreter names.
    pub(super) const fn fails_at(mut self, at: TextSize) -> Self {
        self.at = at;
        self
    }

    /// Whether it neither fails nor holds nor changes anything, so that it does not matter
    /// when it is evaluated.
    pub(super) fn is_total(&self) -> bool {
        match &self.kind {
            ExprKind::Unit
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Text(_)
            | ExprKind::Money(_)
            | ExprKind::Date(_)
            | ExprKind::Local(_)
            | ExprKind::MaybeFact(_)
            | ExprKind::Warning(_)
            | ExprKind::Route => true,
            ExprKind::Widen(inner)
            | ExprKind::IsKnown(inner)
            | ExprKind::Not(inner)
            | ExprKind::Len(inner)
            | ExprKind::Column(inner, _) => inner.is_total(),
            ExprKind::List(items) => items.iter().all(Self::is_total),
            _ => false,
        }
    }
}
