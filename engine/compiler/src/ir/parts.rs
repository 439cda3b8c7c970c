//! The expressions that an expression or a statement is made of.

use super::{Amount, Expr, ExprKind, Iterated, Stmt, StmtKind};

/// Writes a walk over the parts of an expression, once for references of each kind.
macro_rules! each_part {
    ($expr:expr, $see:ident, $iter:ident, $as_ref:ident) => {
        match $expr {
            ExprKind::Unit
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Text(_)
            | ExprKind::Money(_)
            | ExprKind::Date(_)
            | ExprKind::Local(_)
            | ExprKind::Fact(_)
            | ExprKind::MaybeFact(_)
            | ExprKind::Warning(_)
            | ExprKind::Route
            | ExprKind::Break
            | ExprKind::Continue => {}
            ExprKind::Widen(inner)
            | ExprKind::IsKnown(inner)
            | ExprKind::Not(inner)
            | ExprKind::Neg(inner)
            | ExprKind::Abs(inner)
            | ExprKind::Column(inner, _)
            | ExprKind::Len(inner)
            | ExprKind::TextLen(inner)
            | ExprKind::TextIsEmpty(inner)
            | ExprKind::Refuse(inner)
            | ExprKind::Hold(inner)
            | ExprKind::Since(inner, _)
            | ExprKind::Return(inner) => $see(inner),
            ExprKind::Int2(_, left, right)
            | ExprKind::MoneyAdd(left, right)
            | ExprKind::MoneySub(left, right)
            | ExprKind::MoneyTimes(left, right)
            | ExprKind::Compare(_, left, right)
            | ExprKind::Min(left, right)
            | ExprKind::Max(left, right)
            | ExprKind::Between(_, left, right)
            | ExprKind::PlusDays(left, right)
            | ExprKind::Concat(left, right)
            | ExprKind::Append(left, right)
            | ExprKind::Extend(left, right)
            | ExprKind::Item(left, right)
            | ExprKind::Contains(left, right)
            | ExprKind::TextTest(_, left, right)
            | ExprKind::Queue(left, right)
            | ExprKind::Priority(left, right)
            | ExprKind::Within(_, left, right)
            | ExprKind::Oblige(left, right) => {
                $see(left);
                $see(right);
            }
            ExprKind::Coalesce { value, default, .. } => {
                $see(value);
                $see(default);
            }
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.$iter().for_each(|(_, part)| $see(part));
            }
            ExprKind::Share {
                sum,
                numerator,
                denominator,
            } => {
                $see(sum);
                $see(numerator);
                $see(denominator);
            }
            ExprKind::Lookup { inputs: parts, .. }
            | ExprKind::List(parts)
            | ExprKind::Call(_, parts) => parts.$iter().for_each(|part| $see(part)),
            ExprKind::WithItem { list, place, item } => {
                $see(list);
                $see(place);
                $see(item);
            }
            ExprKind::Remedy { kind, amount } => {
                $see(kind);
                match amount {
                    Amount::Money(value) | Amount::Units(value) => $see(value),
                }
            }
            ExprKind::OnGround { remedy, claim, .. } => {
                $see(remedy);
                $see(claim);
            }
            ExprKind::Because { remedy, code, args } => {
                $see(remedy);
                $see(code);
                args.$iter().for_each(|part| $see(part));
            }
            ExprKind::Grant { tier, remedies } => {
                if let Some(tier) = tier {
                    $see(tier);
                }
                $see(remedies);
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
                ..
            } => {
                $see(condition);
                $see(then);
                $see(otherwise);
            }
            ExprKind::Switch {
                value,
                arms,
                default,
                ..
            } => {
                $see(value);
                for arm in arms.$iter() {
                    arm.guard.$iter().for_each(|part| $see(part));
                    $see(arm.body.$as_ref());
                }
                $see(default);
            }
            ExprKind::Block(_, value) => $see(value),
        }
    };
}

impl Expr {
    /// Calls a function for each expression that this one is made of, in the order in which
    /// they are evaluated; statements of a block are not among them.
    pub fn each_part<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        each_part!(&self.kind, see, iter, itself);
    }

    /// The same, the parts of a block's statements before its value.
    pub fn each_within<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        if let ExprKind::Block(statements, _) = &self.kind {
            for statement in statements {
                statement.each_part(see);
            }
        }
        self.each_part(see);
    }

    /// What [`each_part`](Self::each_part) does, for changing them.
    pub fn each_part_mut(&mut self, see: &mut impl FnMut(&mut Self)) {
        each_part!(&mut self.kind, see, iter_mut, itself_mut);
    }

    const fn itself(&self) -> &Self {
        self
    }

    const fn itself_mut(&mut self) -> &mut Self {
        self
    }
}

impl Stmt {
    /// Calls a function for each expression of this statement, in the order of the source.
    pub fn each_part<'a>(&'a self, see: &mut impl FnMut(&'a Expr)) {
        match &self.kind {
            StmtKind::Set(_, value) | StmtKind::Expr(value) => see(value),
            StmtKind::For { items, body, .. } => {
                match items {
                    Iterated::List(list) => see(list),
                    Iterated::Range { from, to, .. } => {
                        see(from);
                        see(to);
                    }
                }
                see(body);
            }
        }
    }
}
