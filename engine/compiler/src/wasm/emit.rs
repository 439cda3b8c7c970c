//! Expressions: each leaves its value on the stack.

use redress_abi::report::FailureKind;
use redress_model::{FactType, Slot};
use wasm_encoder::{BlockType, Instruction as I, ValType};

use super::function::{Writer, empty_route};
use super::runtime::Runtime;
use crate::ir::{Arm, Expr, ExprKind, Pattern, SiteId, TextTest, Type, WarningField};

/// Where the counters of the ledger stand in a record.
const REPEATS_AT: u32 = 16;
const LIKE_CASES_AT: u32 = 24;
const BURST_AT: u32 = 32;
/// Where the bits of known facts begin.
const BITMAP_AT: u32 = 40;

impl Writer<'_, '_> {
    pub(super) fn expr(&mut self, expr: &Expr) {
        self.cost(expr.steps);
        match &expr.kind {
            ExprKind::Unit => self.missing(&expr.ty),
            ExprKind::Bool(value) => {
                self.code.i32(u32::from(*value));
            }
            ExprKind::Int(value) => {
                self.code.i64(*value);
            }
            ExprKind::Text(id) => {
                let packed = self.maker.data.of_text(*id);
                self.code.i64(packed);
            }
            ExprKind::Money(money) => {
                self.code.i64(money.minor());
            }
            ExprKind::Date(date) => {
                self.code.i64(date.days().into());
            }
            ExprKind::Local(local) => {
                let variables = self.variables(*local);
                self.get_all(&variables);
            }
            ExprKind::Fact(slot) => self.fact(*slot),
            ExprKind::MaybeFact(slot) => self.maybe_fact(*slot, &expr.ty),
            ExprKind::Warning(field) => {
                let offset = match field {
                    WarningField::Repeats => REPEATS_AT,
                    WarningField::LikeCases => LIKE_CASES_AT,
                    WarningField::Burst => BURST_AT,
                };
                let at = self.maker.record_at + offset;
                self.code.i32(0).load64(at);
            }
            ExprKind::Widen(inner) => {
                self.expr(inner);
                self.widen(&inner.ty, &expr.ty);
            }
            ExprKind::IsKnown(inner) => {
                self.expr(inner);
                let variables = self.temporaries(&inner.ty);
                self.set_all(&variables);
                let Some(known) = variables.first().copied() else {
                    return;
                };
                // A sum or a time that is there is compared by a function of the engine.
                if let Type::Optional(of) = &inner.ty
                    && matches!(**of, Type::Money(_) | Type::Date | Type::DateTime)
                {
                    self.code.get(known);
                    self.cost_of_stack();
                }
                self.code.get(known);
            }
            ExprKind::Coalesce {
                site,
                value,
                default,
            } => self.coalesce(*site, value, default, expr),
            ExprKind::Not(inner) => {
                self.expr(inner);
                self.code.op(I::I32Eqz);
            }
            ExprKind::And(parts) => self.logical(parts, true),
            ExprKind::Or(parts) => self.logical(parts, false),
            ExprKind::If {
                site,
                condition,
                then,
                otherwise,
            } => {
                self.expr(condition);
                self.flush();
                let ty = self.block_type(&expr.ty);
                self.code.open(I::If(ty));
                self.branch(*site, 0, then);
                self.code.else_();
                self.branch(*site, 1, otherwise);
                self.code.end();
            }
            ExprKind::Switch {
                site,
                value,
                arms,
                default,
            } => {
                self.switch(*site, value, arms, default, &expr.ty);
            }
            ExprKind::Block(statements, value) => {
                for statement in statements {
                    self.statement(statement);
                }
                self.expr(value);
            }
            ExprKind::Return(value) => self.return_(value),
            ExprKind::Break => self.leave_loop(false),
            ExprKind::Continue => self.leave_loop(true),
            ExprKind::Call(id, args) => {
                for arg in args {
                    self.expr(arg);
                }
                let index = super::Maker::index(*id);
                self.code.call(index);
                self.after_call();
            }
            ExprKind::TextLen(text) => {
                self.expr(text);
                self.code.call(Runtime::TextLen.index());
            }
            ExprKind::TextIsEmpty(text) => {
                self.expr(text);
                self.code.op(I::I32WrapI64).op(I::I32Eqz);
            }
            ExprKind::TextTest(test, text, part) => self.text_test(*test, text, part),
            ExprKind::Lookup { table, inputs } => self.lookup(*table, inputs, expr),
            ExprKind::Column(row, place) => self.column(row, *place, &expr.ty),
            ExprKind::Int2(..)
            | ExprKind::Neg(_)
            | ExprKind::Abs(_)
            | ExprKind::MoneyAdd(..)
            | ExprKind::MoneySub(..)
            | ExprKind::MoneyTimes(..)
            | ExprKind::Share { .. }
            | ExprKind::Compare(..)
            | ExprKind::Min(..)
            | ExprKind::Max(..)
            | ExprKind::Between(..)
            | ExprKind::PlusDays(..) => self.number(expr),
            ExprKind::List(_)
            | ExprKind::Concat(..)
            | ExprKind::Append(..)
            | ExprKind::Extend(..)
            | ExprKind::WithItem { .. }
            | ExprKind::Item(..)
            | ExprKind::Len(_)
            | ExprKind::Contains(..) => self.list(expr),
            ExprKind::Route => empty_route(&mut self.code),
            ExprKind::Remedy { .. }
            | ExprKind::OnGround { .. }
            | ExprKind::Because { .. }
            | ExprKind::Grant { .. }
            | ExprKind::Refuse(_)
            | ExprKind::Hold(_)
            | ExprKind::Queue(..)
            | ExprKind::Priority(..)
            | ExprKind::Within(..)
            | ExprKind::Since(..)
            | ExprKind::Oblige(..) => self.record(expr),
        }
        if expr.ty == Type::Never {
            // Nothing comes behind it, whatever the blocks that it is made of look like.
            self.code.op(I::Unreachable);
        }
    }

    /// No value: of an optional type it says so, and holds nothing.
    fn missing(&mut self, ty: &Type) {
        for part in super::function::repr(ty) {
            match part {
                ValType::I64 => self.code.i64(0),
                _ => self.code.i32(0),
            };
        }
    }

    fn widen(&mut self, from: &Type, to: &Type) {
        match (from, to) {
            (Type::Never | Type::Unknown, _) => {}
            (Type::Unit, Type::Optional(_)) => self.missing(to),
            (Type::Money(Some(currency)), Type::Money(None)) => {
                self.code.i32(letters(currency.bytes()));
            }
            (Type::Optional(one), Type::Optional(other)) => {
                let variables = self.temporaries(from);
                self.set_all(&variables);
                self.get_all(&variables);
                self.widen(one, other);
            }
            (_, Type::Optional(inner)) => {
                let variables = self.temporaries(from);
                self.set_all(&variables);
                self.code.i32(1);
                self.get_all(&variables);
                self.widen(from, inner);
            }
            _ => {}
        }
    }

    fn branch(&mut self, site: SiteId, branch: usize, value: &Expr) {
        self.reached(site, branch);
        self.expr(value);
        self.flush();
    }

    /// Whether a fact is known, on the stack.
    fn is_known(&mut self, slot: Slot) {
        let number = u32::from(slot.number());
        let at = self.maker.record_at + BITMAP_AT + number / 8;
        self.code
            .i32(0)
            .load8(at)
            .i32(1 << (number % 8))
            .op(I::I32And);
        let read = self.maker.read_at(slot);
        self.code.i32(0).i32(1).store8(read);
    }

    fn fact(&mut self, slot: Slot) {
        self.is_known(slot);
        self.code.op(I::I32Eqz);
        self.code.if_();
        self.hold(slot);
        self.code.end();
        self.field(slot);
    }

    fn maybe_fact(&mut self, slot: Slot, ty: &Type) {
        self.is_known(slot);
        self.code.i32(0).op(I::I32Ne);
        let Type::Optional(inner) = ty else { return };
        // The field of an unknown fact is zero, and reading it harms nothing.
        if matches!(**inner, Type::List(_)) {
            let known = self.temporary(ValType::I32);
            self.code.tee(known).get(known);
            self.code.open(I::If(BlockType::Result(ValType::I64)));
            self.field(slot);
            self.code.else_().i64(0).end();
        } else {
            self.field(slot);
        }
    }

    /// The value of a fact, whether it is known or not.
    fn field(&mut self, slot: Slot) {
        let at = self.maker.field_at(slot);
        let schema = self.maker.schema;
        let Some(fact) = schema.fact(slot) else {
            return;
        };
        match &fact.ty {
            FactType::Bool => {
                self.code.i32(0).load32(at);
            }
            FactType::Int { .. } | FactType::Date | FactType::DateTime => {
                self.code.i32(0).load64(at);
            }
            FactType::Money { currency, .. } => {
                self.code.i32(0).load64(at);
                if currency.is_none() {
                    self.code.i32(0).load32(at + 8);
                }
            }
            FactType::Enum(_) => {
                let values = self.maker.data.of_enum(slot);
                self.code
                    .i32(0)
                    .load32(at)
                    .i32(3)
                    .op(I::I32Shl)
                    .load64(values);
            }
            FactType::Text { .. } => {
                let record = self.maker.record_at;
                self.code.i32(0).load32(at).i32(record).op(I::I32Add);
                self.code.op(I::I64ExtendI32U).i64(32).op(I::I64Shl);
                self.code
                    .i32(0)
                    .load32(at + 4)
                    .op(I::I64ExtendI32U)
                    .op(I::I64Or);
            }
            FactType::List { item, .. } => {
                self.code.i32(0).load64(at);
                let runtime = match &**item {
                    FactType::Text { .. } => Runtime::ListOfTexts,
                    FactType::Money { .. } => Runtime::ListOfMoney,
                    FactType::Enum(_) => {
                        let values = self.maker.data.of_enum(slot);
                        self.code.i32(values);
                        Runtime::ListOfEnum
                    }
                    _ => Runtime::ListOfWords,
                };
                self.code.call(runtime.index());
            }
        }
    }

    fn coalesce(&mut self, site: SiteId, value: &Expr, default: &Expr, whole: &Expr) {
        self.expr(value);
        let variables = self.temporaries(&value.ty);
        self.set_all(&variables);
        self.flush();
        let Some((known, rest)) = variables.split_first() else {
            return;
        };
        self.code.get(*known);
        let ty = self.block_type(&whole.ty);
        self.code.open(I::If(ty));
        self.reached(site, 0);
        self.get_all(rest);
        if let Type::Optional(inner) = &value.ty {
            self.widen(inner, &whole.ty);
        }
        self.code.else_();
        self.branch(site, 1, default);
        self.code.end();
    }

    fn logical(&mut self, parts: &[(SiteId, Expr)], is_and: bool) {
        let decided = self.code.open(I::Block(BlockType::Result(ValType::I32)));
        for (site, part) in parts {
            self.expr(part);
            self.flush();
            self.code.if_();
            self.reached(*site, 0);
            if !is_and {
                self.code.i32(1).br(decided);
            }
            self.code.else_();
            self.reached(*site, 1);
            if is_and {
                self.code.i32(0).br(decided);
            }
            self.code.end();
        }
        self.code.i32(u32::from(is_and));
        self.code.end();
    }

    fn switch(&mut self, site: SiteId, value: &Expr, arms: &[Arm], default: &Expr, ty: &Type) {
        self.expr(value);
        let variables = self.temporaries(&value.ty);
        self.set_all(&variables);
        self.flush();
        let kind = self.block_type(ty);
        let decided = self.code.open(I::Block(kind));
        for (place, arm) in arms.iter().enumerate() {
            let skip = self.code.block();
            self.code.i32(0);
            for pattern in &arm.patterns {
                self.pattern(pattern, &variables, &value.ty);
                self.code.op(I::I32Or);
            }
            self.code.op(I::I32Eqz).br_if(skip);
            if let Some(guard) = &arm.guard {
                self.expr(guard);
                self.flush();
                self.code.op(I::I32Eqz).br_if(skip);
            }
            self.branch(site, place, &arm.body);
            self.code.br(decided);
            self.code.end();
        }
        self.branch(site, arms.len(), default);
        self.code.end();
    }

    /// Whether a value fits a pattern, on the stack.
    fn pattern(&mut self, pattern: &Pattern, variables: &[u32], ty: &Type) {
        let (known, inner, values) = match (ty, variables.split_first()) {
            (Type::Optional(inner), Some((known, rest))) => (Some(*known), &**inner, rest),
            _ => (None, ty, variables),
        };
        let Some(value) = values.first().copied() else {
            self.code.i32(0);
            return;
        };
        match pattern {
            Pattern::Unit => {
                match known {
                    Some(known) => self.code.get(known).op(I::I32Eqz),
                    None => self.code.i32(0),
                };
                return;
            }
            Pattern::Int(number) => {
                self.code.get(value).i64(*number).op(I::I64Eq);
            }
            Pattern::Ints(low, high) => {
                self.code.get(value).i64(*low).op(I::I64GeS);
                self.code.get(value).i64(*high).op(I::I64LeS).op(I::I32And);
            }
            Pattern::Bool(wanted) => {
                self.code.get(value).i32(u32::from(*wanted)).op(I::I32Eq);
            }
            Pattern::Text(id) => {
                let packed = self.maker.data.of_text(*id);
                self.code.get(value).i64(packed);
                self.texts_equal(inner, &Type::Symbol);
            }
        }
        if let Some(known) = known {
            self.code.get(known).op(I::I32And);
        }
    }

    /// Whether the two texts on the stack are equal. Texts that the program names lie at
    /// one place each.
    pub(super) fn texts_equal(&mut self, one: &Type, other: &Type) {
        if (one, other) == (&Type::Symbol, &Type::Symbol) {
            self.code.op(I::I64Eq);
        } else {
            self.code.call(Runtime::TextEq.index());
        }
    }

    fn text_test(&mut self, test: TextTest, text: &Expr, part: &Expr) {
        self.expr(text);
        self.expr(part);
        let (of, wanted) = (self.temporary(ValType::I64), self.temporary(ValType::I64));
        self.code.set(wanted).set(of);
        match test {
            TextTest::Contains => {
                self.code
                    .get(of)
                    .get(wanted)
                    .call(Runtime::TextFind.index());
                self.code.i32(0).op(I::I32GeS);
            }
            // The text's start, or its end, as long as the part: compared as a whole.
            TextTest::StartsWith | TextTest::EndsWith => {
                self.code
                    .get(of)
                    .op(I::I32WrapI64)
                    .get(wanted)
                    .op(I::I32WrapI64)
                    .op(I::I32LtU);
                self.code.open(I::If(BlockType::Result(ValType::I32)));
                self.code.i32(0);
                self.code.else_();
                self.code.get(of).i64(!0xffff_ffff).op(I::I64And);
                if test == TextTest::EndsWith {
                    self.code
                        .get(of)
                        .get(wanted)
                        .op(I::I64Sub)
                        .i64(32)
                        .op(I::I64Shl)
                        .op(I::I64Add);
                }
                self.code
                    .get(wanted)
                    .i64(0xffff_ffff)
                    .op(I::I64And)
                    .op(I::I64Or);
                self.code.get(wanted).call(Runtime::TextEq.index());
                self.code.end();
            }
        }
    }

    /// A text that must be a code; fails where it is none.
    pub(super) fn code_of(&mut self, text: &Expr) {
        self.expr(text);
        if matches!(text.kind, ExprKind::Text(_)) || text.ty == Type::Never {
            return;
        }
        let value = self.temporary(ValType::I64);
        self.code.set(value);
        self.must_be_code(text, value);
        self.code.get(value);
    }

    /// Fails unless the text in a variable is a code: the byte before it says. One that is
    /// written out was looked at when it was compiled.
    pub(super) fn must_be_code(&mut self, text: &Expr, value: u32) {
        if matches!(text.kind, ExprKind::Text(_)) {
            return;
        }
        self.code
            .get(value)
            .i64(32)
            .op(I::I64ShrU)
            .op(I::I32WrapI64)
            .i32(1)
            .op(I::I32Sub);
        self.code.load8(0).op(I::I32Eqz);
        self.fail_if(FailureKind::BadCode, None, [Some(value), None]);
    }
}

/// Three letters as a number, the first in the lowest byte.
pub(super) fn letters(code: [u8; 3]) -> u32 {
    let [a, b, c] = code;
    u32::from_le_bytes([a, b, c, 0])
}
