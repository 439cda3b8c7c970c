//! Lists, remedies, verdicts and routes.

use redress_abi::report::FailureKind;
use redress_abi::{ARGS_MAX, OBLIGATIONS_MAX, REASONS_MAX, REMEDIES_MAX, TEXT_BYTES_MAX};
use redress_model::DeadlineUnit;
use wasm_encoder::{Instruction as I, ValType};

use super::emit::letters;
use super::function::Writer;
use super::runtime::Runtime;
use crate::ir::{Amount, Expr, ExprKind, Ground, Type};

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

/// What a remedy, a reason and an argument count against the output budget, in bytes, as
/// the interpreter counts them.
const REMEDY_BYTES: u32 = 256;
const REASON_BYTES: u32 = 64;
const ARGUMENT_BYTES: u32 = 64;

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Writer<'_, '_> {
    /// Puts an item of a list on the stack, from the address in a variable.
    pub(super) fn load_item(&mut self, at: u32, ty: &Type) {
        match ty {
            Type::Bool | Type::Remedy => {
                self.code.get(at).load32(0);
            }
            Type::Money(None) => {
                self.code.get(at).load64(0).get(at).load32(8);
            }
            _ => {
                self.code.get(at).load64(0);
            }
        }
    }

    /// Takes an item off the stack as the two numbers of a cell, in variables.
    fn as_cell(&mut self, ty: &Type) -> (u32, u32) {
        let (value, aux) = (self.temporary(I64), self.temporary(I32));
        match ty {
            Type::Money(None) => {
                self.code.set(aux).set(value);
            }
            Type::Money(Some(currency)) => {
                self.code.set(value).i32(letters(currency.bytes())).set(aux);
            }
            Type::Bool | Type::Remedy => {
                self.code.op(I::I64ExtendI32U).set(value).i32(0).set(aux);
            }
            _ => {
                self.code.set(value).i32(0).set(aux);
            }
        }
        (value, aux)
    }

    /// Fails if a list would be longer than lists may be: the count is on the stack.
    fn not_too_long(&mut self) {
        let most = u32::try_from(self.maker.limits.list_items_max).unwrap_or(u32::MAX);
        self.code.i32(most).op(I::I32GtU);
        self.fail_if(FailureKind::ListTooLong, None, [None, None]);
    }

    pub(super) fn list(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::List(items) => self.literal_list(items),
            ExprKind::Len(list) => {
                self.expr(list);
                self.code.op(I::I32WrapI64).op(I::I64ExtendI32U);
            }
            ExprKind::Concat(left, right) | ExprKind::Extend(left, right) => {
                self.expr(left);
                let a = self.temporary(I64);
                self.code.set(a);
                self.expr(right);
                let b = self.temporary(I64);
                self.code.set(b);
                if matches!(expr.kind, ExprKind::Concat(..)) {
                    self.code
                        .get(a)
                        .op(I::I32WrapI64)
                        .get(b)
                        .op(I::I32WrapI64)
                        .op(I::I32Add);
                    self.cost_of_stack();
                }
                self.code
                    .get(a)
                    .op(I::I32WrapI64)
                    .get(b)
                    .op(I::I32WrapI64)
                    .op(I::I32Add);
                self.not_too_long();
                self.code.get(a).get(b).call(Runtime::Concat.index());
            }
            ExprKind::Append(list, item) => {
                self.expr(list);
                let a = self.temporary(I64);
                self.code.set(a);
                self.expr(item);
                if item.ty == Type::Never {
                    return;
                }
                let (value, aux) = self.as_cell(&item.ty);
                self.code.get(a).op(I::I32WrapI64).i32(1).op(I::I32Add);
                self.not_too_long();
                self.code
                    .get(a)
                    .get(value)
                    .get(aux)
                    .call(Runtime::Append.index());
            }
            ExprKind::WithItem { list, place, item } => {
                self.expr(list);
                let a = self.temporary(I64);
                self.code.set(a);
                self.expr(place);
                let at = self.temporary(I64);
                self.code.set(at);
                self.expr(item);
                let (value, aux) = self.as_cell(&item.ty);
                self.code.get(a).op(I::I32WrapI64);
                self.cost_of_stack();
                let length = self.temporary(I64);
                self.code
                    .get(a)
                    .op(I::I32WrapI64)
                    .op(I::I64ExtendI32U)
                    .set(length);
                self.code.get(at).get(length).op(I::I64GeU);
                self.fail_if(
                    FailureKind::WithItem,
                    Some(expr.at),
                    [Some(length), Some(at)],
                );
                self.code
                    .get(a)
                    .get(at)
                    .get(value)
                    .get(aux)
                    .call(Runtime::WithItem.index());
            }
            ExprKind::Item(list, place) => self.item(list, place, expr),
            ExprKind::Contains(list, item) => {
                self.expr(list);
                let a = self.temporary(I64);
                self.code.set(a);
                self.expr(item);
                let (value, aux) = self.as_cell(&item.ty);
                self.code.get(a).op(I::I32WrapI64);
                self.cost_of_stack();
                let mode = match &item.ty {
                    ty if ty.is_text() => 1,
                    Type::Money(_) => 2,
                    _ => 0,
                };
                self.code
                    .get(a)
                    .get(value)
                    .get(aux)
                    .i32(mode)
                    .call(Runtime::Contains.index());
            }
            _ => {}
        }
    }

    fn literal_list(&mut self, items: &[Expr]) {
        if items.is_empty() {
            self.code.i64(0);
            return;
        }
        // The items first: they may need memory of their own.
        let cells: Vec<(u32, u32)> = items
            .iter()
            .map(|item| {
                self.expr(item);
                self.as_cell(&item.ty)
            })
            .collect();
        let list = self.temporary(I32);
        let count = small(items.len());
        self.code
            .i32(count * 16)
            .call(Runtime::Alloc.index())
            .set(list);
        for (place, (value, aux)) in (0_u32..).zip(cells) {
            self.code.get(list).get(value).store64(place * 16);
            self.code
                .get(list)
                .get(aux)
                .op(I::I64ExtendI32U)
                .store64(place * 16 + 8);
        }
        self.code
            .get(list)
            .op(I::I64ExtendI32U)
            .i64(32)
            .op(I::I64Shl)
            .i64(count.into())
            .op(I::I64Or);
    }

    fn item(&mut self, list: &Expr, place: &Expr, expr: &Expr) {
        self.expr(list);
        let a = self.temporary(I64);
        self.code.set(a);
        self.expr(place);
        let (at, length) = (self.temporary(I64), self.temporary(I64));
        self.code.set(at);
        let asked = self.temporary(I64);
        self.code.get(at).set(asked);
        self.code
            .get(a)
            .op(I::I32WrapI64)
            .op(I::I64ExtendI32U)
            .set(length);
        // A negative place counts from the end.
        self.code.get(at).get(length).op(I::I64Add).get(at);
        self.code.get(at).i64(0).op(I::I64LtS).op(I::Select).set(at);
        self.code.get(at).get(length).op(I::I64GeU);
        self.fail_if(
            FailureKind::Item,
            Some(expr.at),
            [Some(length), Some(asked)],
        );
        let address = self.temporary(I32);
        self.code.get(a).i64(32).op(I::I64ShrU).op(I::I32WrapI64);
        self.code
            .get(at)
            .op(I::I32WrapI64)
            .i32(4)
            .op(I::I32Shl)
            .op(I::I32Add)
            .set(address);
        self.load_item(address, &expr.ty);
    }

    /// A copy of the record on the stack, in a variable.
    fn copied(&mut self) -> u32 {
        let record = self.temporary(I32);
        self.code.call(Runtime::CopyRecord.index()).set(record);
        record
    }

    pub(super) fn record(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Remedy { kind, amount } => self.remedy(kind, amount),
            ExprKind::OnGround {
                remedy,
                ground,
                claim,
            } => {
                self.expr(remedy);
                let given = self.temporary(I32);
                self.code.set(given);
                self.code_of(claim);
                let text = self.temporary(I64);
                self.code.set(text).get(given);
                let record = self.copied();
                let tag = match ground {
                    Ground::Statutory => 1,
                    Ground::Contractual => 2,
                };
                self.code.get(record).i32(tag).store32(24);
                self.code.get(record).get(text).store64(32);
                self.code.get(record);
            }
            ExprKind::Because { remedy, code, args } => self.because(remedy, code, args),
            ExprKind::Grant { tier, remedies } => self.grant(tier.as_deref(), remedies),
            ExprKind::Refuse(reason) => self.refuse(reason),
            ExprKind::Hold(reason) => {
                self.code_of(reason);
                self.verdict(3, None);
            }
            ExprKind::Queue(route, code) => {
                self.wish(route, |writer| {
                    writer.code_of(code);
                    let text = writer.temporary(I64);
                    writer.code.set(text);
                    (text, 0)
                });
            }
            ExprKind::Priority(route, priority) => {
                self.wish(route, |writer| {
                    writer.expr(priority);
                    let value = writer.temporary(I64);
                    writer
                        .code
                        .tee(value)
                        .i64(1)
                        .op(I::I64Sub)
                        .i64(9)
                        .op(I::I64GeU);
                    writer.fail_if(FailureKind::Priority, None, [Some(value), None]);
                    (value, 8)
                });
            }
            ExprKind::Within(unit, route, count) => self.within_span(*unit, route, count),
            ExprKind::Since(route, slot) => {
                self.expr(route);
                let record = self.copied();
                self.code
                    .get(record)
                    .i32(u32::from(slot.number()) + 1)
                    .store32(20);
                self.code.get(record);
            }
            ExprKind::Oblige(route, code) => self.oblige(route, code),
            _ => {}
        }
    }

    fn remedy(&mut self, kind: &Expr, amount: &Amount) {
        self.expr(kind);
        let text = self.temporary(I64);
        self.code.set(text);
        let (value, is_units) = match amount {
            Amount::Money(value) => (value, 0),
            Amount::Units(value) => (value, 1),
        };
        self.expr(value);
        let (number, aux) = self.as_cell(&value.ty);
        self.must_be_code(kind, text);
        let record = self.temporary(I32);
        self.code.i32(48).call(Runtime::Alloc.index()).set(record);
        self.code.get(record).get(text).store64(0);
        self.code.get(record).get(number).store64(8);
        self.code.get(record).get(aux).store32(16);
        self.code.get(record).i32(is_units).store32(20);
        // Goodwill, no reasons.
        self.code.get(record).i64(3).store64(24);
        self.code.get(record).i64(0).store64(32);
        self.code
            .get(record)
            .i64(i64::from(REMEDY_BYTES) << 32)
            .store64(40);
        self.code.get(record);
    }

    fn because(&mut self, remedy: &Expr, code: &Expr, args: &[Expr]) {
        self.expr(remedy);
        let given = self.temporary(I32);
        self.code.set(given);
        self.expr(code);
        let text = self.temporary(I64);
        self.code.set(text);
        let values: Vec<(u32, u32, u32)> = args
            .iter()
            .map(|arg| {
                self.expr(arg);
                let (value, aux) = self.as_cell(&arg.ty);
                let tag = match &arg.ty {
                    Type::Int => 1,
                    Type::Money(_) => 2,
                    Type::Date => 3,
                    _ => 4,
                };
                (tag, value, aux)
            })
            .collect();
        self.must_be_code(code, text);
        for (tag, value, _) in &values {
            if *tag == 4 {
                let length = self.temporary(I64);
                self.code
                    .get(*value)
                    .op(I::I32WrapI64)
                    .op(I::I64ExtendI32U)
                    .tee(length);
                self.code
                    .i64(i64::try_from(TEXT_BYTES_MAX).unwrap_or(i64::MAX))
                    .op(I::I64GtU);
                self.fail_if(FailureKind::TextTooLong, None, [Some(length), None]);
            }
        }
        let count = small(values.len());
        debug_assert!(
            values.len() <= ARGS_MAX,
            "a literal list in a call has at most 64 items"
        );
        let node = self.temporary(I32);
        self.code
            .i32(16 + count * 24)
            .call(Runtime::Alloc.index())
            .set(node);
        self.code.get(node).get(given).load32(40).store32(0);
        self.code.get(node).i32(count).store32(4);
        self.code.get(node).get(text).store64(8);
        for (place, (tag, value, aux)) in (0_u32..).zip(values) {
            let at = 16 + place * 24;
            self.code.get(node).i64(tag.into()).store64(at);
            self.code.get(node).get(value).store64(at + 8);
            self.code
                .get(node)
                .get(aux)
                .op(I::I64ExtendI32U)
                .store64(at + 16);
        }
        self.code.get(given);
        let record = self.copied();
        let (reasons, number) = (self.temporary(I32), self.temporary(I64));
        self.code
            .get(record)
            .load32(28)
            .i32(1)
            .op(I::I32Add)
            .set(reasons);
        self.code.get(reasons).op(I::I64ExtendI32U).set(number);
        self.code.get(reasons).i32(small(REASONS_MAX)).op(I::I32GtU);
        self.fail_if(
            FailureKind::TooMany {
                bytes_each: REASON_BYTES.into(),
            },
            None,
            [Some(number), None],
        );
        self.code.get(record).get(reasons).store32(28);
        self.code.get(record).get(node).store32(40);
        self.code
            .get(record)
            .get(record)
            .load32(44)
            .i32(REASON_BYTES + count * ARGUMENT_BYTES);
        self.code.op(I::I32Add).store32(44);
        self.code.get(record);
    }

    /// A verdict around the number on the stack: its remedies, its reasons or its reason.
    fn verdict(&mut self, tag: u32, tier: Option<u32>) {
        let (held, record) = (self.temporary(I64), self.temporary(I32));
        self.code.set(held);
        self.code.i32(24).call(Runtime::Alloc.index()).set(record);
        self.code.get(record).i64(tag.into()).store64(0);
        self.code.get(record);
        match tier {
            Some(tier) => self.code.get(tier),
            None => self.code.i64(0),
        };
        self.code.store64(8);
        self.code.get(record).get(held).store64(16);
        self.code.get(record);
    }

    fn grant(&mut self, tier: Option<&Expr>, remedies: &Expr) {
        // The interpreter looks at the tier only once it has the list.
        let tier_text = tier.map(|tier| {
            self.expr(tier);
            let text = self.temporary(I64);
            self.code.set(text);
            text
        });
        self.expr(remedies);
        let list = self.temporary(I64);
        self.code.set(list);
        if let (Some(text), Some(tier)) = (tier_text, tier) {
            self.must_be_code(tier, text);
        }
        let (at, left, weight) = (
            self.temporary(I32),
            self.temporary(I32),
            self.temporary(I64),
        );
        self.code
            .get(list)
            .op(I::I32WrapI64)
            .tee(left)
            .op(I::I64ExtendI32U)
            .set(weight);
        self.code.get(left).i32(small(REMEDIES_MAX)).op(I::I32GtU);
        self.fail_if(
            FailureKind::TooMany {
                bytes_each: REMEDY_BYTES.into(),
            },
            None,
            [Some(weight), None],
        );
        self.code
            .get(list)
            .i64(32)
            .op(I::I64ShrU)
            .op(I::I32WrapI64)
            .set(at);
        self.code.i64(0).set(weight);
        let done = self.code.block();
        let again = self.code.loop_();
        self.code.get(left).op(I::I32Eqz).br_if(done);
        self.code
            .get(weight)
            .get(at)
            .load32(0)
            .load32(44)
            .op(I::I64ExtendI32U)
            .op(I::I64Add)
            .set(weight);
        self.code.get(at).i32(16).op(I::I32Add).set(at);
        self.code.get(left).i32(1).op(I::I32Sub).set(left);
        self.code.br(again);
        self.code.end();
        self.code.end();
        let most = i64::try_from(self.maker.limits.output_bytes_max).unwrap_or(i64::MAX);
        self.code.get(weight).i64(most).op(I::I64GtU);
        self.fail_if(FailureKind::Output, None, [Some(weight), None]);
        self.code.get(list);
        self.verdict(1, tier_text);
    }

    fn refuse(&mut self, reason: &Expr) {
        if !matches!(reason.ty, Type::List(_)) {
            self.code_of(reason);
            // One reason is a list of one.
            let (value, list) = (self.temporary(I64), self.temporary(I32));
            self.code
                .set(value)
                .i32(16)
                .call(Runtime::Alloc.index())
                .set(list);
            self.code.get(list).get(value).store64(0);
            self.code
                .get(list)
                .op(I::I64ExtendI32U)
                .i64(32)
                .op(I::I64Shl)
                .i64(1)
                .op(I::I64Or);
            self.verdict(2, None);
            return;
        }
        self.expr(reason);
        let (list, count) = (self.temporary(I64), self.temporary(I64));
        self.code
            .set(list)
            .get(list)
            .op(I::I32WrapI64)
            .op(I::I64ExtendI32U)
            .set(count);
        self.code
            .get(count)
            .i64(i64::try_from(REASONS_MAX).unwrap_or(i64::MAX))
            .op(I::I64GtU);
        self.fail_if(
            FailureKind::TooMany {
                bytes_each: REASON_BYTES.into(),
            },
            None,
            [Some(count), None],
        );
        self.code.get(count).op(I::I64Eqz);
        self.fail_if(FailureKind::NoReason, None, [None, None]);
        let (at, left, text) = (
            self.temporary(I32),
            self.temporary(I32),
            self.temporary(I64),
        );
        self.code
            .get(list)
            .i64(32)
            .op(I::I64ShrU)
            .op(I::I32WrapI64)
            .set(at);
        self.code.get(list).op(I::I32WrapI64).set(left);
        let done = self.code.block();
        let again = self.code.loop_();
        self.code.get(left).op(I::I32Eqz).br_if(done);
        self.code
            .get(at)
            .load64(0)
            .tee(text)
            .i64(32)
            .op(I::I64ShrU)
            .op(I::I32WrapI64);
        self.code.i32(1).op(I::I32Sub).load8(0).op(I::I32Eqz);
        self.fail_if(FailureKind::BadCode, None, [Some(text), None]);
        self.code.get(at).i32(16).op(I::I32Add).set(at);
        self.code.get(left).i32(1).op(I::I32Sub).set(left);
        self.code.br(again);
        self.code.end();
        self.code.end();
        self.code.get(list);
        self.verdict(2, None);
    }

    /// A route with a number at a place of its record: 64 bits at the start, else 32.
    fn wish(&mut self, route: &Expr, value: impl FnOnce(&mut Self) -> (u32, u32)) {
        self.expr(route);
        let given = self.temporary(I32);
        self.code.set(given);
        let (number, at) = value(self);
        self.code.get(given);
        let record = self.copied();
        self.code.get(record).get(number);
        match at {
            0 => self.code.store64(0),
            at => self.code.op(I::I32WrapI64).store32(at),
        };
        self.code.get(record);
    }

    fn within_span(&mut self, unit: DeadlineUnit, route: &Expr, count: &Expr) {
        let (tag, name) = match unit {
            DeadlineUnit::Minutes => (1, "within_minutes"),
            DeadlineUnit::Hours => (2, "within_hours"),
            DeadlineUnit::CalendarDays => (3, "within_days"),
            DeadlineUnit::WorkingDays => (4, "within_working_days"),
        };
        self.wish(route, |writer| {
            writer.expr(count);
            let value = writer.temporary(I64);
            writer.code.tee(value).i64(10_000).op(I::I64GtU);
            writer.fail_if(FailureKind::Within(name), None, [Some(value), None]);
            (value, 16)
        });
        let record = self.temporary(I32);
        self.code.tee(record).i32(tag).store32(12);
        self.code.get(record);
    }

    fn oblige(&mut self, route: &Expr, code: &Expr) {
        self.expr(route);
        let given = self.temporary(I32);
        self.code.set(given);
        self.code_of(code);
        let (text, node) = (self.temporary(I64), self.temporary(I32));
        self.code
            .set(text)
            .i32(16)
            .call(Runtime::Alloc.index())
            .set(node);
        self.code.get(node).get(given).load32(24).store32(0);
        self.code.get(node).get(text).store64(8);
        self.code.get(given);
        let record = self.copied();
        let (count, number) = (self.temporary(I32), self.temporary(I64));
        self.code
            .get(record)
            .load32(28)
            .i32(1)
            .op(I::I32Add)
            .tee(count)
            .op(I::I64ExtendI32U)
            .set(number);
        self.code
            .get(count)
            .i32(small(OBLIGATIONS_MAX))
            .op(I::I32GtU);
        self.fail_if(
            FailureKind::TooMany {
                bytes_each: REASON_BYTES.into(),
            },
            None,
            [Some(number), None],
        );
        self.code.get(record).get(node).store32(24);
        self.code.get(record).get(count).store32(28);
        self.code.get(record);
    }
}
