//! Functions, statements and control flow.

use redress_abi::report::FailureKind;
use rowan::TextSize;
use wasm_encoder::{BlockType, Instruction as I, ValType};

use super::code::{Code, Label};
use super::runtime::Runtime;
use super::{Made, Maker};
use crate::ir::{Expr, Function, Iterated, LocalId, Stmt, StmtKind, Type};

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

/// The machine values of a type.
pub(super) fn repr(ty: &Type) -> Vec<ValType> {
    match ty {
        Type::Bool | Type::Row(_) | Type::Remedy | Type::Verdict | Type::Route => vec![I32],
        Type::Int | Type::Symbol | Type::Text | Type::Date | Type::DateTime | Type::List(_) => {
            vec![I64]
        }
        Type::Money(Some(_)) => vec![I64],
        Type::Money(None) => vec![I64, I32],
        Type::Optional(inner) => {
            let mut values = vec![I32];
            values.extend(repr(inner));
            values
        }
        Type::Never
        | Type::Unit
        | Type::Range
        | Type::Facts
        | Type::Maybe
        | Type::Group(_)
        | Type::MaybeGroup(_)
        | Type::Warnings
        | Type::Unknown => Vec::new(),
    }
}

/// A loop that is open.
#[derive(Debug, Clone, Copy)]
struct Loop {
    leave: Label,
    next: Label,
}

/// One function while it is written.
pub(super) struct Writer<'m, 'p> {
    pub(super) maker: &'m mut Maker<'p>,
    pub(super) code: Code,
    /// The machine variables of each variable.
    locals: Vec<Vec<u32>>,
    results: Vec<u32>,
    steps: u32,
    /// Steps that are not added yet.
    pending: u32,
    stopped: Label,
    done: Label,
    loops: Vec<Loop>,
}

/// Makes the code of a function.
pub(super) fn make(maker: &mut Maker<'_>, function: &Function) -> Made {
    let params: Vec<ValType> = function
        .locals
        .iter()
        .take(function.params)
        .flat_map(|local| repr(&local.ty))
        .collect();
    let mut code = Code::new(u32::try_from(params.len()).unwrap_or(u32::MAX));
    let mut next = 0_u32;
    let mut locals = Vec::with_capacity(function.locals.len());
    for (place, local) in function.locals.iter().enumerate() {
        let values = repr(&local.ty);
        let numbers = values.into_iter().map(|ty| match place < function.params {
            true => {
                next += 1;
                next - 1
            }
            false => code.local(ty),
        });
        locals.push(numbers.collect());
    }
    let result_types = repr(&function.result);
    let results: Vec<u32> = result_types.iter().map(|ty| code.local(*ty)).collect();
    let steps = code.local(I32);
    let stopped = code.block();
    let done = code.block();
    let mut writer = Writer {
        maker,
        code,
        locals,
        results,
        steps,
        pending: 0,
        stopped,
        done,
        loops: Vec::new(),
    };
    writer.expr(&function.body);
    writer.keep_result(&function.body.ty);
    writer.flush();
    writer.code.end();
    for result in writer.results.clone() {
        writer.code.get(result);
    }
    writer.code.get(steps).op(I::Return);
    writer.code.end();
    for ty in &result_types {
        match ty {
            ValType::I64 => writer.code.i64(0),
            _ => writer.code.i32(0),
        };
    }
    writer.code.op(I::I32Const(-1)).get(steps).op(I::I32Sub);
    let body = writer.code.finish();
    let mut returned = result_types;
    returned.push(I32);
    let ty = maker.ty(&params, &returned);
    Made { ty, body }
}

impl Writer<'_, '_> {
    /// Takes a value off the stack into the result.
    fn keep_result(&mut self, ty: &Type) {
        if *ty == Type::Never {
            return;
        }
        for result in self.results.clone().into_iter().rev() {
            self.code.set(result);
        }
    }

    pub(super) const fn cost(&mut self, steps: u32) {
        self.pending = self.pending.saturating_add(steps);
    }

    /// Adds the steps that were counted so far, where ways part or meet.
    pub(super) fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending > 0 {
            let steps = self.steps;
            self.code.get(steps).i32(pending).op(I::I32Add).set(steps);
        }
    }

    /// Adds steps that only the run knows: the i32 on the stack.
    pub(super) fn cost_of_stack(&mut self) {
        let steps = self.steps;
        self.code.get(steps).op(I::I32Add).set(steps);
    }

    pub(super) fn temporary(&mut self, ty: ValType) -> u32 {
        self.code.local(ty)
    }

    /// Variables for a value of a type.
    pub(super) fn temporaries(&mut self, ty: &Type) -> Vec<u32> {
        repr(ty).into_iter().map(|ty| self.code.local(ty)).collect()
    }

    pub(super) fn variables(&self, local: LocalId) -> Vec<u32> {
        let at = usize::try_from(local.0).unwrap_or(usize::MAX);
        self.locals.get(at).cloned().unwrap_or_default()
    }

    /// Takes a value off the stack into variables.
    pub(super) fn set_all(&mut self, variables: &[u32]) {
        for variable in variables.iter().rev() {
            self.code.set(*variable);
        }
    }

    pub(super) fn get_all(&mut self, variables: &[u32]) {
        for variable in variables {
            self.code.get(*variable);
        }
    }

    /// Drops a value from the stack.
    pub(super) fn drop_value(&mut self, ty: &Type) {
        for _ in repr(ty) {
            self.code.op(I::Drop);
        }
    }

    /// The kind of a block that leaves a value of a type.
    pub(super) fn block_type(&mut self, ty: &Type) -> BlockType {
        match repr(ty).as_slice() {
            [] => BlockType::Empty,
            [one] => BlockType::Result(*one),
            several => BlockType::FunctionType(self.maker.ty(&[], several)),
        }
    }

    /// Fails where the i32 on the stack is not 0; the values come from two variables.
    pub(super) fn fail_if(
        &mut self,
        kind: FailureKind,
        at: Option<TextSize>,
        values: [Option<u32>; 2],
    ) {
        self.code.if_();
        self.fail(kind, at, values);
        self.code.end();
    }

    /// Fails here.
    pub(super) fn fail(
        &mut self,
        kind: FailureKind,
        at: Option<TextSize>,
        values: [Option<u32>; 2],
    ) {
        let number = self.maker.failure(kind, at);
        self.code.i32(number);
        for value in values {
            match value {
                Some(variable) => self.code.get(variable),
                None => self.code.i64(0),
            };
        }
        self.code.call(Runtime::Fail.index());
        let stopped = self.stopped;
        self.code.br(stopped);
    }

    /// Leaves the function because the case does not know a fact.
    pub(super) fn hold(&mut self, slot: redress_model::Slot) {
        self.code
            .i32(slot.number().into())
            .call(Runtime::Hold.index());
        let stopped = self.stopped;
        self.code.br(stopped);
    }

    /// Looks at the steps on the stack that a call gave, above its results.
    pub(super) fn after_call(&mut self) {
        let given = self.temporary(I32);
        let (steps, stopped) = (self.steps, self.stopped);
        self.code.tee(given).i32(0).op(I::I32LtS);
        self.code.if_();
        self.code
            .get(steps)
            .op(I::I32Const(-1))
            .get(given)
            .op(I::I32Sub)
            .op(I::I32Add)
            .set(steps);
        self.code.br(stopped);
        self.code.end();
        self.code.get(steps).get(given).op(I::I32Add).set(steps);
    }

    /// Marks a branch as reached.
    pub(super) fn reached(&mut self, site: crate::ir::SiteId, branch: usize) {
        let at = self.maker.branch_at(site, branch);
        self.code.i32(0).i32(1).store8(at);
    }

    pub(super) fn return_(&mut self, value: &Expr) {
        self.expr(value);
        self.keep_result(&value.ty);
        self.flush();
        let done = self.done;
        self.code.br(done);
    }

    pub(super) fn leave_loop(&mut self, goes_on: bool) {
        self.flush();
        if let Some(open) = self.loops.last().copied() {
            self.code.br(if goes_on { open.next } else { open.leave });
        } else {
            self.code.op(I::Unreachable);
        }
    }

    pub(super) fn statement(&mut self, statement: &Stmt) {
        self.cost(statement.steps);
        match &statement.kind {
            StmtKind::Set(local, value) => {
                self.expr(value);
                if value.ty != Type::Never {
                    let variables = self.variables(*local);
                    self.set_all(&variables);
                }
            }
            StmtKind::Expr(value) => {
                self.expr(value);
                self.drop_value(&value.ty);
            }
            StmtKind::For {
                items,
                item,
                counter,
                body,
                steps_each,
            } => {
                let each = Each {
                    item: *item,
                    counter: *counter,
                    body,
                    steps: *steps_each,
                };
                match items {
                    Iterated::List(list) => self.for_list(list, &each),
                    Iterated::Range {
                        from,
                        to,
                        inclusive,
                        steps,
                        ..
                    } => {
                        self.cost(*steps);
                        self.for_range(from, to, *inclusive, &each);
                    }
                }
            }
        }
    }

    fn for_list(&mut self, list: &Expr, each: &Each<'_>) {
        self.expr(list);
        let (packed, at, left) = (
            self.temporary(I64),
            self.temporary(I32),
            self.temporary(I32),
        );
        self.code
            .tee(packed)
            .i64(32)
            .op(I::I64ShrU)
            .op(I::I32WrapI64)
            .set(at);
        self.code.get(packed).op(I::I32WrapI64).set(left);
        let item_type = match &list.ty {
            Type::List(item) => (**item).clone(),
            _ => Type::Unknown,
        };
        self.rounds(each, |writer, leave| {
            writer.code.get(left).op(I::I32Eqz).br_if(leave);
            writer.load_item(at, &item_type);
            let variables = writer.variables(each.item);
            writer.set_all(&variables);
            writer.code.get(at).i32(16).op(I::I32Add).set(at);
            writer.code.get(left).i32(1).op(I::I32Sub).set(left);
        });
    }

    fn for_range(&mut self, from: &Expr, to: &Expr, inclusive: bool, each: &Each<'_>) {
        let (next, last, first) = (
            self.temporary(I64),
            self.temporary(I64),
            self.temporary(I32),
        );
        self.expr(from);
        self.code.set(next);
        self.expr(to);
        self.code.set(last);
        self.code.i32(1).set(first);
        self.rounds(each, |writer, leave| {
            // The last number is looked at before it is passed, which may not be possible.
            let past = if inclusive { I::I64GtS } else { I::I64GeS };
            writer.code.get(first).op(I::I32Eqz);
            writer.code.if_();
            writer.code.get(next).get(last).op(I::I64GeS).br_if(leave);
            writer.code.get(next).i64(1).op(I::I64Add).set(next);
            writer.code.end();
            writer.code.i32(0).set(first);
            writer.code.get(next).get(last).op(past).br_if(leave);
            writer.code.get(next);
            let variables = writer.variables(each.item);
            writer.set_all(&variables);
        });
    }

    fn rounds(&mut self, each: &Each<'_>, next_item: impl FnOnce(&mut Self, Label)) {
        let counter = each.counter.map(|counter| self.variables(counter));
        let count = self.temporary(I64);
        self.code.i64(-1).set(count);
        self.flush();
        let leave = self.code.block();
        let again = self.code.loop_();
        next_item(self, leave);
        if let Some([counter]) = counter.as_deref() {
            self.code
                .get(count)
                .i64(1)
                .op(I::I64Add)
                .tee(count)
                .set(*counter);
        }
        self.cost(each.steps);
        self.flush();
        let next = self.code.block();
        self.loops.push(Loop { leave, next });
        self.expr(each.body);
        self.drop_value(&each.body.ty);
        self.loops.pop();
        self.flush();
        self.code.end();
        self.code.br(again);
        self.code.end();
        self.code.end();
    }
}

/// What a loop does each time round.
struct Each<'e> {
    item: LocalId,
    counter: Option<LocalId>,
    body: &'e Expr,
    steps: u32,
}

/// A route without wishes, on the stack.
pub(super) fn empty_route(code: &mut Code) {
    let to = code.local(I32);
    code.i32(48).call(Runtime::Alloc.index()).set(to);
    for word in (0..48).step_by(8) {
        code.get(to).i64(0).store64(word);
    }
    code.get(to);
}
