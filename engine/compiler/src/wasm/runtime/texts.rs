//! Texts, as UTF-8 at an address.

use wasm_encoder::Instruction as I;

use super::super::code::{Body, Code};
use super::{I32, unpack};

pub(super) fn text_eq() -> Body {
    let mut code = Code::new(2);
    let [left, right, length, at] = [I32; 4].map(|ty| code.local(ty));
    code.get(0).get(1).op(I::I64Eq);
    code.if_();
    code.i32(1).op(I::Return);
    code.end();
    unpack(&mut code, 0, left, length);
    unpack(&mut code, 1, right, at);
    code.get(length).get(at).op(I::I32Ne);
    code.if_();
    code.i32(0).op(I::Return);
    code.end();
    code.i32(0).set(at);
    let done = code.block();
    let again = code.loop_();
    code.get(at).get(length).op(I::I32GeU).br_if(done);
    code.get(left).get(at).op(I::I32Add).load8(0);
    code.get(right).get(at).op(I::I32Add).load8(0);
    code.op(I::I32Ne);
    code.if_();
    code.i32(0).op(I::Return);
    code.end();
    code.get(at).i32(1).op(I::I32Add).set(at);
    code.br(again);
    code.end();
    code.end();
    code.i32(1);
    code.finish()
}

/// The place in bytes at which a text has a part first, or -1.
pub(super) fn text_find() -> Body {
    let mut code = Code::new(2);
    let [text, length, part, part_length, start, at] = [I32; 6].map(|ty| code.local(ty));
    unpack(&mut code, 0, text, length);
    unpack(&mut code, 1, part, part_length);
    let missing = code.block();
    let again = code.loop_();
    code.get(start)
        .get(part_length)
        .op(I::I32Add)
        .get(length)
        .op(I::I32GtU)
        .br_if(missing);
    code.i32(0).set(at);
    let differs = code.block();
    let next = code.loop_();
    code.get(at).get(part_length).op(I::I32GeU);
    code.if_();
    code.get(start).op(I::Return);
    code.end();
    code.get(text)
        .get(start)
        .op(I::I32Add)
        .get(at)
        .op(I::I32Add)
        .load8(0);
    code.get(part)
        .get(at)
        .op(I::I32Add)
        .load8(0)
        .op(I::I32Ne)
        .br_if(differs);
    code.get(at).i32(1).op(I::I32Add).set(at).br(next);
    code.end();
    code.end();
    code.get(start).i32(1).op(I::I32Add).set(start).br(again);
    code.end();
    code.end();
    code.op(I::I32Const(-1));
    code.finish()
}

/// Characters: the bytes that begin one.
pub(super) fn text_len() -> Body {
    let mut code = Code::new(1);
    let [text, length, count] = [I32; 3].map(|ty| code.local(ty));
    unpack(&mut code, 0, text, length);
    let done = code.block();
    let again = code.loop_();
    code.get(length).op(I::I32Eqz).br_if(done);
    code.get(text)
        .load8(0)
        .i32(0xc0)
        .op(I::I32And)
        .i32(0x80)
        .op(I::I32Ne);
    code.get(count).op(I::I32Add).set(count);
    code.get(text).i32(1).op(I::I32Add).set(text);
    code.get(length).i32(1).op(I::I32Sub).set(length);
    code.br(again);
    code.end();
    code.end();
    code.get(count).op(I::I64ExtendI32U);
    code.finish()
}
