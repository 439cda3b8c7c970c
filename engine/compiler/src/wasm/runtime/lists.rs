//! Lists: 16 bytes for each item, the value and what belongs to it.

use wasm_encoder::{BlockType, Instruction as I};

use super::super::code::{Body, Code};
use super::{BUMP, I32, Runtime, unpack};

/// What the cells of a list in a record hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Word,
    Text,
    Money,
    Enum,
}

/// A list of the record, as `count << 32 | offset`, as a list of values: each takes 16
/// bytes, the value and what belongs to it.
pub(super) fn list_of(item: Item, record_at: u32) -> Body {
    let params = if item == Item::Enum { 2 } else { 1 };
    let mut code = Code::new(params);
    let [from, count, list, to] = [I32; 4].map(|ty| code.local(ty));
    code.get(0)
        .op(I::I32WrapI64)
        .i32(record_at)
        .op(I::I32Add)
        .set(from);
    code.get(0)
        .i64(32)
        .op(I::I64ShrU)
        .op(I::I32WrapI64)
        .tee(count);
    code.i32(4)
        .op(I::I32Shl)
        .call(Runtime::Alloc.index())
        .tee(list)
        .set(to);
    code.get(list).op(I::I64ExtendI32U).i64(32).op(I::I64Shl);
    code.get(count).op(I::I64ExtendI32U).op(I::I64Or);
    let done = code.block();
    let again = code.loop_();
    code.get(count).op(I::I32Eqz).br_if(done);
    code.get(to);
    match item {
        Item::Word | Item::Money => {
            code.get(from).load64(0);
        }
        Item::Text => {
            code.get(from).load32(0).i32(record_at).op(I::I32Add);
            code.op(I::I64ExtendI32U).i64(32).op(I::I64Shl);
            code.get(from).load32(4).op(I::I64ExtendI32U).op(I::I64Or);
        }
        Item::Enum => {
            code.get(from)
                .load64(0)
                .op(I::I32WrapI64)
                .i32(3)
                .op(I::I32Shl);
            code.get(1).op(I::I32Add).load64(0);
        }
    }
    code.store64(0);
    code.get(to);
    match item {
        Item::Money => code.get(from).load64(8),
        _ => code.i64(0),
    };
    code.store64(8);
    let cell = if item == Item::Money { 16 } else { 8 };
    code.get(from).i32(cell).op(I::I32Add).set(from);
    code.get(to).i32(16).op(I::I32Add).set(to);
    code.get(count).i32(1).op(I::I32Sub).set(count);
    code.br(again);
    code.end();
    code.end();
    code.finish()
}

/// Copies so many sixteens of bytes.
fn copy(code: &mut Code, from: u32, to: u32, count: u32) {
    let done = code.block();
    let again = code.loop_();
    code.get(count).op(I::I32Eqz).br_if(done);
    code.get(to).get(from).load64(0).store64(0);
    code.get(to).get(from).load64(8).store64(8);
    code.get(from).i32(16).op(I::I32Add).set(from);
    code.get(to).i32(16).op(I::I32Add).set(to);
    code.get(count).i32(1).op(I::I32Sub).set(count);
    code.br(again);
    code.end();
    code.end();
}

fn pack(code: &mut Code, address: u32, length: u32) {
    code.get(address).op(I::I64ExtendI32U).i64(32).op(I::I64Shl);
    code.get(length).op(I::I64ExtendI32U).op(I::I64Or);
}

pub(super) fn concat() -> Body {
    let mut code = Code::new(2);
    let [left, left_count, right, right_count, list, to, total] = [I32; 7].map(|ty| code.local(ty));
    unpack(&mut code, 0, left, left_count);
    unpack(&mut code, 1, right, right_count);
    code.get(left_count)
        .get(right_count)
        .op(I::I32Add)
        .tee(total);
    code.i32(4)
        .op(I::I32Shl)
        .call(Runtime::Alloc.index())
        .tee(list)
        .set(to);
    copy(&mut code, left, to, left_count);
    copy(&mut code, right, to, right_count);
    pack(&mut code, list, total);
    code.finish()
}

/// A list that ends where free memory begins grows in place: whoever else has it sees no
/// more items than before.
pub(super) fn append() -> Body {
    let mut code = Code::new(3);
    let [from, count, list, to, rest] = [I32; 5].map(|ty| code.local(ty));
    unpack(&mut code, 0, from, count);
    code.get(from)
        .get(count)
        .i32(4)
        .op(I::I32Shl)
        .op(I::I32Add)
        .op(I::GlobalGet(BUMP))
        .op(I::I32Eq);
    code.if_();
    code.i32(16).call(Runtime::Alloc.index()).set(to);
    code.get(from).set(list);
    code.else_();
    code.get(count)
        .i32(1)
        .op(I::I32Add)
        .i32(4)
        .op(I::I32Shl)
        .call(Runtime::Alloc.index())
        .tee(list)
        .set(to);
    code.get(count).set(rest);
    copy(&mut code, from, to, rest);
    code.end();
    code.get(to).get(1).store64(0);
    code.get(to).get(2).op(I::I64ExtendI32U).store64(8);
    code.get(count).i32(1).op(I::I32Add).set(count);
    pack(&mut code, list, count);
    code.finish()
}

/// The place is within the list: the caller looked.
pub(super) fn with_item() -> Body {
    let mut code = Code::new(4);
    let [from, count, list, to, rest] = [I32; 5].map(|ty| code.local(ty));
    unpack(&mut code, 0, from, count);
    code.get(count)
        .i32(4)
        .op(I::I32Shl)
        .call(Runtime::Alloc.index())
        .tee(list)
        .set(to);
    code.get(count).set(rest);
    copy(&mut code, from, to, rest);
    code.get(list)
        .get(1)
        .op(I::I32WrapI64)
        .i32(4)
        .op(I::I32Shl)
        .op(I::I32Add)
        .tee(to);
    code.get(2).store64(0);
    code.get(to).get(3).op(I::I64ExtendI32U).store64(8);
    pack(&mut code, list, count);
    code.finish()
}

/// Whether a list has a value: compared by its bits, as a text (1), or with what belongs
/// to it (2).
pub(super) fn contains() -> Body {
    let mut code = Code::new(4);
    let [at, count] = [I32; 2].map(|ty| code.local(ty));
    unpack(&mut code, 0, at, count);
    let done = code.block();
    let again = code.loop_();
    code.get(count).op(I::I32Eqz).br_if(done);
    code.get(3).i32(1).op(I::I32Eq);
    code.open(I::If(BlockType::Result(I32)));
    code.get(at).load64(0).get(1).call(Runtime::TextEq.index());
    code.else_();
    code.get(at).load64(0).get(1).op(I::I64Eq);
    code.get(at)
        .load32(8)
        .get(2)
        .op(I::I32Eq)
        .get(3)
        .i32(2)
        .op(I::I32Ne)
        .op(I::I32Or)
        .op(I::I32And);
    code.end();
    code.if_();
    code.i32(1).op(I::Return);
    code.end();
    code.get(at).i32(16).op(I::I32Add).set(at);
    code.get(count).i32(1).op(I::I32Sub).set(count);
    code.br(again);
    code.end();
    code.end();
    code.i32(0);
    code.finish()
}
