//! Integers, sums, dates: arithmetic and comparisons.

use redress_abi::report::FailureKind;
use redress_model::{Currency, Date};
use rowan::TextSize;
use wasm_encoder::{Instruction as I, ValType};

use super::emit::letters;
use super::function::Writer;
use super::runtime::Runtime;
use crate::ir::{CompareOp, Expr, ExprKind, IntOp, SpanUnit, Type};

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

/// The first and the last day that is a date.
fn days() -> (i64, i64) {
    let day = |year, month, day| {
        Date::from_ymd(year, month, day).map_or(0, |date| i64::from(date.days()))
    };
    (day(1, 1, 1), day(9999, 12, 31))
}

impl Writer<'_, '_> {
    pub(super) fn number(&mut self, expr: &Expr) {
        let at = expr.at;
        match &expr.kind {
            ExprKind::Int2(op, left, right) => {
                let (a, b) = self.two(left, right);
                self.int(*op, a, b, at);
            }
            ExprKind::Neg(inner) => {
                self.expr(inner);
                let is_sum = matches!(inner.ty, Type::Money(_));
                let rest = self.rest_of(&inner.ty);
                let value = self.temporary(I64);
                self.code.tee(value).i64(i64::MIN).op(I::I64Eq);
                let kind = if is_sum {
                    FailureKind::MoneyOverflow
                } else {
                    FailureKind::NegOverflow
                };
                self.fail_if(kind, Some(at), [Some(value), None]);
                self.code.i64(0).get(value).op(I::I64Sub);
                self.get_all(&rest);
            }
            ExprKind::Abs(inner) => {
                self.expr(inner);
                let value = self.temporary(I64);
                self.code.tee(value).i64(i64::MIN).op(I::I64Eq);
                self.fail_if(FailureKind::AbsOverflow, Some(at), [None, None]);
                self.code.i64(0).get(value).op(I::I64Sub).get(value);
                self.code.get(value).i64(0).op(I::I64LtS).op(I::Select);
            }
            ExprKind::MoneyAdd(left, right) | ExprKind::MoneySub(left, right) => {
                let (a, b, currency) = self.sums(left, right, at);
                let subtracts = matches!(expr.kind, ExprKind::MoneySub(..));
                let result = self.checked_sum(a, b, subtracts, FailureKind::MoneyOverflow, at);
                self.code.get(result);
                self.currency_of(&expr.ty, &currency);
            }
            ExprKind::MoneyTimes(left, right) => self.times(left, right, expr),
            ExprKind::Share {
                sum,
                numerator,
                denominator,
            } => {
                self.expr(sum);
                let rest = self.rest_of(&sum.ty);
                self.expr(numerator);
                self.expr(denominator);
                self.code.call(Runtime::Share.index());
                let failed = self.temporary(I32);
                self.code.tee(failed);
                self.code.if_();
                self.code.get(failed).i32(2).op(I::I32Eq);
                self.fail_if(FailureKind::MoneyByZero, Some(at), [None, None]);
                self.fail(FailureKind::MoneyOverflow, Some(at), [None, None]);
                self.code.end();
                self.get_all(&rest);
            }
            ExprKind::Compare(op, left, right) => self.compare(*op, left, right, at),
            ExprKind::Min(left, right) | ExprKind::Max(left, right) => {
                let is_max = matches!(expr.kind, ExprKind::Max(..));
                let currency = match (&left.ty, &right.ty) {
                    (Type::Money(_), Type::Money(_)) => Some(self.sums(left, right, at)),
                    _ => None,
                };
                let (a, b) = match &currency {
                    Some((a, b, _)) => (*a, *b),
                    None => self.two(left, right),
                };
                self.code.get(a).get(b).get(a).get(b);
                self.code
                    .op(if is_max { I::I64GeS } else { I::I64LeS })
                    .op(I::Select);
                if let Some((_, _, currency)) = &currency {
                    self.currency_of(&expr.ty, currency);
                }
            }
            ExprKind::Between(unit, from, to) => {
                let (a, b) = self.two(from, to);
                self.code.get(b).get(a).op(I::I64Sub);
                if let SpanUnit::Seconds(unit) = unit {
                    self.code.i64(*unit).op(I::I64DivS);
                }
            }
            ExprKind::PlusDays(date, count) => {
                let (a, b) = self.two(date, count);
                let (first, last) = days();
                // Far outside, the sum itself could wrap.
                self.code.get(b).i64(i32::MIN.into()).op(I::I64LtS);
                self.code
                    .get(b)
                    .i64(i32::MAX.into())
                    .op(I::I64GtS)
                    .op(I::I32Or);
                self.code
                    .get(a)
                    .get(b)
                    .op(I::I64Add)
                    .i64(first)
                    .op(I::I64LtS)
                    .op(I::I32Or);
                self.code
                    .get(a)
                    .get(b)
                    .op(I::I64Add)
                    .i64(last)
                    .op(I::I64GtS)
                    .op(I::I32Or);
                self.fail_if(FailureKind::PlusDays, Some(at), [Some(a), Some(b)]);
                self.code.get(a).get(b).op(I::I64Add);
            }
            _ => {}
        }
    }

    /// Two values of 64 bits in variables.
    fn two(&mut self, left: &Expr, right: &Expr) -> (u32, u32) {
        self.expr(left);
        let a = self.temporary(I64);
        self.code.set(a);
        self.expr(right);
        let b = self.temporary(I64);
        self.code.set(b);
        (a, b)
    }

    /// Takes what belongs to a sum off the stack, above its minor units.
    fn rest_of(&mut self, ty: &Type) -> Vec<u32> {
        let Type::Money(None) = ty else {
            return Vec::new();
        };
        let currency = self.temporary(I32);
        self.code.set(currency);
        vec![currency]
    }

    /// Two sums: their minor units, and the currency of either that only the run knows.
    /// Fails where the currencies differ.
    fn sums(&mut self, left: &Expr, right: &Expr, at: TextSize) -> (u32, u32, Vec<u32>) {
        self.expr(left);
        let mut one = self.rest_of(&left.ty);
        let a = self.temporary(I64);
        self.code.set(a);
        self.expr(right);
        let other = self.rest_of(&right.ty);
        let b = self.temporary(I64);
        self.code.set(b);
        let known = |ty: &Type| match ty {
            Type::Money(currency) => *currency,
            _ => None,
        };
        if one.is_empty() && other.is_empty() {
            return (a, b, one);
        }
        let (first, second) = (self.temporary(I64), self.temporary(I64));
        for (variable, open, ty) in [(first, &one, &left.ty), (second, &other, &right.ty)] {
            match (open.first(), known(ty)) {
                (Some(open), _) => self.code.get(*open).op(I::I64ExtendI32U),
                (None, Some(currency)) => self.code.i64(letters(currency.bytes()).into()),
                (None, None) => self.code.i64(0),
            };
            self.code.set(variable);
        }
        self.code.get(first).get(second).op(I::I64Ne);
        self.fail_if(
            FailureKind::Currencies,
            Some(at),
            [Some(first), Some(second)],
        );
        if one.is_empty() {
            one = other;
        }
        (a, b, one)
    }

    /// The currency of a sum behind its minor units, where its type does not say it.
    fn currency_of(&mut self, ty: &Type, open: &[u32]) {
        if *ty == Type::Money(None) {
            self.get_all(open);
        }
    }

    /// `a + b` or `a - b` in a variable; fails where 64 bits do not hold it.
    fn checked_sum(
        &mut self,
        a: u32,
        b: u32,
        subtracts: bool,
        kind: FailureKind,
        at: TextSize,
    ) -> u32 {
        let result = self.temporary(I64);
        self.code
            .get(a)
            .get(b)
            .op(if subtracts { I::I64Sub } else { I::I64Add })
            .set(result);
        // The sign of the result is none that the operands allow.
        self.code.get(a).get(result).op(I::I64Xor);
        self.code
            .get(b)
            .get(if subtracts { a } else { result })
            .op(I::I64Xor);
        self.code.op(I::I64And).i64(0).op(I::I64LtS);
        self.fail_if(kind, Some(at), [Some(a), Some(b)]);
        result
    }

    fn int(&mut self, op: IntOp, a: u32, b: u32, at: TextSize) {
        let values = [Some(a), Some(b)];
        match op {
            IntOp::Add => {
                let result = self.checked_sum(a, b, false, FailureKind::AddOverflow, at);
                self.code.get(result);
            }
            IntOp::Sub => {
                let result = self.checked_sum(a, b, true, FailureKind::SubOverflow, at);
                self.code.get(result);
            }
            IntOp::Mul => {
                self.code.get(a).get(b).call(Runtime::Mul.index());
                self.fail_if(FailureKind::MulOverflow, Some(at), values);
            }
            IntOp::Div | IntOp::Rem => {
                let (zero, over, instruction) = match op {
                    IntOp::Div => (FailureKind::DivByZero, FailureKind::DivOverflow, I::I64DivS),
                    _ => (FailureKind::RemByZero, FailureKind::RemOverflow, I::I64RemS),
                };
                self.code.get(b).op(I::I64Eqz);
                self.fail_if(zero, Some(at), values);
                self.code.get(a).i64(i64::MIN).op(I::I64Eq);
                self.code.get(b).i64(-1).op(I::I64Eq).op(I::I32And);
                self.fail_if(over, Some(at), values);
                self.code.get(a).get(b).op(instruction);
            }
        }
    }

    fn times(&mut self, left: &Expr, right: &Expr, expr: &Expr) {
        let mut rest = Vec::new();
        for side in [left, right] {
            self.expr(side);
            if let Type::Money(None) = side.ty {
                rest = self.rest_of(&side.ty);
            }
        }
        self.code.call(Runtime::Mul.index());
        self.fail_if(FailureKind::MoneyOverflow, Some(expr.at), [None, None]);
        self.get_all(&rest);
    }

    fn compare(&mut self, op: CompareOp, left: &Expr, right: &Expr, at: TextSize) {
        match (&left.ty, &right.ty) {
            (Type::Optional(_), _) | (_, Type::Optional(_)) => {
                self.compare_optional(op, left, right, at)
            }
            (Type::Money(_), Type::Money(_)) => {
                let (a, b, _) = self.sums(left, right, at);
                self.code.get(a).get(b);
                self.ordered(op);
            }
            // The sign of a sum: its minor units alone.
            (Type::Money(_), Type::Int) => {
                self.expr(left);
                let _currency = self.rest_of(&left.ty);
                self.expr(right);
                self.ordered(op);
            }
            (Type::Bool, Type::Bool) => {
                self.expr(left);
                self.expr(right);
                self.code.op(if op == CompareOp::Eq {
                    I::I32Eq
                } else {
                    I::I32Ne
                });
            }
            (one, other) if one.is_text() && other.is_text() => {
                self.expr(left);
                self.expr(right);
                self.texts_equal(one, other);
                if op == CompareOp::Ne {
                    self.code.op(I::I32Eqz);
                }
            }
            _ => {
                self.expr(left);
                self.expr(right);
                self.ordered(op);
            }
        }
    }

    fn ordered(&mut self, op: CompareOp) {
        self.code.op(match op {
            CompareOp::Eq => I::I64Eq,
            CompareOp::Ne => I::I64Ne,
            CompareOp::Lt => I::I64LtS,
            CompareOp::Le => I::I64LeS,
            CompareOp::Gt => I::I64GtS,
            CompareOp::Ge => I::I64GeS,
        });
    }

    /// A missing value is equal to none; two currencies are told only where both sums are
    /// there.
    fn compare_optional(&mut self, op: CompareOp, left: &Expr, right: &Expr, at: TextSize) {
        self.expr(left);
        let one = self.temporaries(&left.ty);
        self.set_all(&one);
        self.expr(right);
        let other = self.temporaries(&right.ty);
        self.set_all(&other);
        let inner = |ty: &Type| match ty {
            Type::Optional(inner) => (**inner).clone(),
            ty => ty.clone(),
        };
        let (one_type, other_type) = (inner(&left.ty), inner(&right.ty));
        let split = |values: &[u32], ty: &Type| match (ty, values.split_first()) {
            (Type::Optional(_), Some((known, rest))) => (Some(*known), rest.to_vec()),
            _ => (None, values.to_vec()),
        };
        let (one_known, one) = split(&one, &left.ty);
        let (other_known, other) = split(&other, &right.ty);
        self.flush();
        match one_known.or(other_known) {
            Some(known) => self.code.get(known),
            None => self.code.i32(1),
        };
        let is_equal = self.temporary(I32);
        self.code.if_();
        if let (Type::Money(a), Type::Money(b)) = (&one_type, &other_type) {
            self.same_currency((*a, &one), (*b, &other), at);
        }
        if let (Some(a), Some(b)) = (one.first(), other.first()) {
            self.code.get(*a).get(*b);
        }
        match &one_type {
            Type::Bool => {
                self.code.op(I::I32Eq);
            }
            ty if ty.is_text() => self.texts_equal(ty, &other_type),
            _ => {
                self.code.op(I::I64Eq);
            }
        }
        self.code.set(is_equal).else_().i32(0).set(is_equal).end();
        self.code.get(is_equal);
        if op == CompareOp::Ne {
            self.code.op(I::I32Eqz);
        }
    }

    fn same_currency(
        &mut self,
        one: (Option<Currency>, &[u32]),
        other: (Option<Currency>, &[u32]),
        at: TextSize,
    ) {
        if one.0.is_some() && other.0.is_some() {
            return;
        }
        let (first, second) = (self.temporary(I64), self.temporary(I64));
        for (variable, (known, values)) in [(first, one), (second, other)] {
            match (known, values.get(1)) {
                (Some(currency), _) => self.code.i64(letters(currency.bytes()).into()),
                (None, Some(open)) => self.code.get(*open).op(I::I64ExtendI32U),
                (None, None) => self.code.i64(0),
            };
            self.code.set(variable);
        }
        self.code.get(first).get(second).op(I::I64Ne);
        self.fail_if(
            FailureKind::Currencies,
            Some(at),
            [Some(first), Some(second)],
        );
    }
}
