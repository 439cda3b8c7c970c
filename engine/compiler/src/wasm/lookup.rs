//! Rows of tables.

use redress_abi::report::FailureKind;
use redress_model::FactType;
use redress_model::table::{CellType, Matcher};
use wasm_encoder::{Instruction as I, ValType};

use super::function::Writer;
use crate::ir::{Expr, ExprKind, Type};

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

impl Writer<'_, '_> {
    /// The address of the outputs of the row that answers.
    pub(super) fn lookup(&mut self, number: usize, inputs: &[Expr], expr: &Expr) {
        let tables = self.maker.tables;
        let Some((table, data)) = tables
            .iter()
            .nth(number)
            .zip(self.maker.data.tables.get(number).copied())
        else {
            return;
        };
        // Every input before any is looked at.
        let values: Vec<u32> = inputs
            .iter()
            .map(|input| {
                self.expr(input);
                if input.ty == Type::Bool {
                    self.code.op(I::I64ExtendI32U);
                }
                let value = self.temporary(I64);
                self.code.set(value);
                value
            })
            .collect();
        let places: Vec<u32> = values
            .iter()
            .zip(inputs)
            .zip(table.inputs())
            .enumerate()
            .map(|(column, ((value, input), at))| {
                let kind = FailureKind::Lookup {
                    table: number,
                    column,
                };
                self.within(*value, input, &at.ty, kind, expr)
            })
            .collect();
        let (row, found) = (self.temporary(I32), self.temporary(I32));
        self.code
            .i32(data.rows_at)
            .set(row)
            .i32(data.outputs_at)
            .set(found);
        let done = self.code.block();
        let again = self.code.loop_();
        let next = self.code.block();
        for (place, (value, column)) in (0_u32..).zip(places.iter().zip(table.inputs())) {
            let matters = table.rows().iter().any(|row| {
                let at = usize::try_from(place).unwrap_or(usize::MAX);
                row.matchers.get(at) != Some(&Matcher::Any)
            });
            if !matters {
                continue;
            }
            let at = place * 16;
            match &column.ty {
                CellType::Enum(_) => {
                    self.code.get(row).load64(at).get(*value).op(I::I64ShrU);
                    self.code.i64(1).op(I::I64And).op(I::I64Eqz).br_if(next);
                }
                _ => {
                    self.code
                        .get(*value)
                        .get(row)
                        .load64(at)
                        .op(I::I64LtS)
                        .br_if(next);
                    self.code
                        .get(*value)
                        .get(row)
                        .load64(at + 8)
                        .op(I::I64GtS)
                        .br_if(next);
                }
            }
        }
        self.code.br(done);
        self.code.end();
        self.code
            .get(row)
            .i32(data.row_bytes)
            .op(I::I32Add)
            .set(row);
        self.code
            .get(found)
            .i32(data.output_bytes)
            .op(I::I32Add)
            .set(found);
        // A table has a row for every input, which was looked at when it was loaded.
        let last = data.rows_at + data.rows * data.row_bytes;
        self.code.get(row).i32(last).op(I::I32LtU).br_if(again);
        self.code.op(I::Unreachable);
        self.code.end();
        self.code.end();
        self.code.get(found);
    }

    /// Looks whether an input is within its column; gives the number that rows compare.
    fn within(
        &mut self,
        value: u32,
        input: &Expr,
        ty: &CellType,
        kind: FailureKind,
        expr: &Expr,
    ) -> u32 {
        match ty {
            CellType::Bool => value,
            CellType::Int { min, max } => {
                self.outside(value, *min, *max, kind, expr);
                value
            }
            CellType::Date { from, to } => {
                self.outside(value, from.days().into(), to.days().into(), kind, expr);
                value
            }
            CellType::Enum(values) => {
                let place = self.temporary(I64);
                if let Some(known) = self.places_of(input, values) {
                    // An enum fact: by the place of its value in the schema.
                    let at = self.maker.data.words(&known);
                    let ExprKind::Fact(slot) = input.kind else {
                        return place;
                    };
                    let field = self.maker.field_at(slot);
                    self.code
                        .i32(0)
                        .load32(field)
                        .i32(3)
                        .op(I::I32Shl)
                        .load64(at)
                        .set(place);
                } else {
                    self.code.i64(-1).set(place);
                    for (number, wanted) in (0_i64..).zip(values.iter()) {
                        let packed = self.maker.data.text(wanted);
                        self.code.i64(number).get(place).get(value).i64(packed);
                        self.texts_equal(&input.ty, &Type::Symbol);
                        self.code.op(I::Select).set(place);
                    }
                }
                self.code.get(place).i64(0).op(I::I64LtS);
                self.fail_if(kind, Some(expr.at), [Some(value), None]);
                place
            }
            CellType::Text | CellType::Money(_) => value,
        }
    }

    fn outside(&mut self, value: u32, low: i64, high: i64, kind: FailureKind, expr: &Expr) {
        self.code.get(value).i64(low).op(I::I64LtS);
        self.code.get(value).i64(high).op(I::I64GtS).op(I::I32Or);
        self.fail_if(kind, Some(expr.at), [Some(value), None]);
    }

    /// For each value of an enum fact, its place among the values of a column, or -1.
    fn places_of(&self, input: &Expr, values: &[smol_str::SmolStr]) -> Option<Vec<i64>> {
        let ExprKind::Fact(slot) = input.kind else {
            return None;
        };
        let FactType::Enum(own) = &self.maker.schema.fact(slot)?.ty else {
            return None;
        };
        let place = |value| {
            let place = values.iter().position(|known| known == value);
            place
                .and_then(|place| i64::try_from(place).ok())
                .unwrap_or(-1)
        };
        Some(own.iter().map(place).collect())
    }

    pub(super) fn column(&mut self, row: &Expr, place: usize, ty: &Type) {
        self.expr(row);
        let at = u32::try_from(place).unwrap_or(0) * 8;
        self.code.load64(at);
        if *ty == Type::Bool {
            self.code.op(I::I32WrapI64);
        }
    }
}
