//! Records of remedies and routes, and the bytes of an answer.

use wasm_encoder::Instruction as I;

use super::super::code::{Body, Code};
use super::{I32, I64, Runtime, unpack};

/// A copy of the 48 bytes of a remedy or of a route.
pub(super) fn copy_record() -> Body {
    let mut code = Code::new(1);
    let to = code.local(I32);
    code.i32(48).call(Runtime::Alloc.index()).set(to);
    for word in (0..48).step_by(8) {
        code.get(to).get(0).load64(word).store64(word);
    }
    code.get(to);
    code.finish()
}

/// Eights of bytes are copied, past the end of the text: what is written there is written
/// again by what follows, and the output has room behind its end.
pub(super) fn put_text() -> Body {
    let mut code = Code::new(2);
    let [from, length, at] = [I32; 3].map(|ty| code.local(ty));
    unpack(&mut code, 1, from, length);
    code.get(0).get(length).store8(0);
    code.get(0).i32(1).op(I::I32Add).set(0);
    let done = code.block();
    let again = code.loop_();
    code.get(at).get(length).op(I::I32GeU).br_if(done);
    code.get(0).get(at).op(I::I32Add);
    code.get(from).get(at).op(I::I32Add).load64(0).store64(0);
    code.get(at).i32(8).op(I::I32Add).set(at);
    code.br(again);
    code.end();
    code.end();
    code.get(0).get(length).op(I::I32Add);
    code.finish()
}

fn put_byte(code: &mut Code, value: impl FnOnce(&mut Code)) {
    code.get(0);
    value(code);
    code.store8(0);
    advance(code, 1);
}

fn advance(code: &mut Code, bytes: u32) {
    code.get(0).i32(bytes).op(I::I32Add).set(0);
}

/// The reasons of a chain, the first one first: a node knows the one before it.
pub(super) fn put_reasons() -> Body {
    let mut code = Code::new(2);
    let [arg, count, tag] = [I32; 3].map(|ty| code.local(ty));
    code.get(1).op(I::I32Eqz);
    code.if_();
    code.get(0).op(I::Return);
    code.end();
    code.get(0)
        .get(1)
        .load32(0)
        .call(Runtime::PutReasons.index())
        .set(0);
    code.get(0)
        .get(1)
        .load64(8)
        .call(Runtime::PutText.index())
        .set(0);
    put_byte(&mut code, |code| {
        code.get(1).load32(4).tee(count);
    });
    code.get(1).i32(16).op(I::I32Add).set(arg);
    let done = code.block();
    let again = code.loop_();
    code.get(count).op(I::I32Eqz).br_if(done);
    put_byte(&mut code, |code| {
        code.get(arg).load32(0).tee(tag);
    });
    code.get(tag).i32(4).op(I::I32Eq);
    code.if_();
    code.get(0)
        .get(arg)
        .load64(8)
        .call(Runtime::PutText.index())
        .set(0);
    code.else_();
    code.get(0).get(arg).load64(8).store64(0);
    code.get(tag).i32(3).op(I::I32Eq);
    code.if_();
    advance(&mut code, 4);
    code.else_();
    advance(&mut code, 8);
    code.get(tag).i32(2).op(I::I32Eq);
    code.if_();
    code.get(0).get(arg).load32(16).store32(0);
    advance(&mut code, 3);
    code.end();
    code.end();
    code.end();
    code.get(arg).i32(24).op(I::I32Add).set(arg);
    code.get(count).i32(1).op(I::I32Sub).set(count);
    code.br(again);
    code.end();
    code.end();
    code.get(0);
    code.finish()
}

pub(super) fn put_remedy() -> Body {
    let mut code = Code::new(2);
    code.get(0)
        .get(1)
        .load64(0)
        .call(Runtime::PutText.index())
        .set(0);
    put_byte(&mut code, |code| {
        code.get(1).load32(20).i32(1).op(I::I32Add);
    });
    code.get(1).load32(20);
    code.if_();
    code.get(0)
        .get(1)
        .load64(0)
        .call(Runtime::PutText.index())
        .set(0);
    code.get(0).get(1).load64(8).store64(0);
    advance(&mut code, 8);
    code.else_();
    code.get(0).get(1).load64(8).store64(0);
    code.get(0).get(1).load32(16).store32(8);
    advance(&mut code, 11);
    code.end();
    put_byte(&mut code, |code| {
        code.get(1).load32(24);
    });
    code.get(1).load32(24).i32(3).op(I::I32Ne);
    code.if_();
    code.get(0)
        .get(1)
        .load64(32)
        .call(Runtime::PutText.index())
        .set(0);
    code.end();
    put_byte(&mut code, |code| {
        code.get(1).load32(28);
    });
    code.get(0)
        .get(1)
        .load32(40)
        .call(Runtime::PutReasons.index());
    code.finish()
}

/// Calls a function for each item of the list in local 1, as `count << 32 | address` was
/// unpacked into two locals.
fn each_item(code: &mut Code, at: u32, count: u32, each: impl FnOnce(&mut Code)) {
    let done = code.block();
    let again = code.loop_();
    code.get(count).op(I::I32Eqz).br_if(done);
    each(code);
    code.get(at).i32(16).op(I::I32Add).set(at);
    code.get(count).i32(1).op(I::I32Sub).set(count);
    code.br(again);
    code.end();
    code.end();
}

pub(super) fn put_verdict() -> Body {
    let mut code = Code::new(2);
    let [at, count, tag] = [I32; 3].map(|ty| code.local(ty));
    let list = code.local(I64);
    put_byte(&mut code, |code| {
        code.i32(1);
    });
    put_byte(&mut code, |code| {
        code.get(1).load32(0).tee(tag);
    });
    code.get(1).load64(16).set(list);
    unpack(&mut code, list, at, count);
    code.get(tag).i32(1).op(I::I32Eq);
    code.if_();
    code.get(1).load64(8).op(I::I64Eqz);
    code.if_();
    put_byte(&mut code, |code| {
        code.i32(0);
    });
    code.else_();
    code.get(0)
        .get(1)
        .load64(8)
        .call(Runtime::PutText.index())
        .set(0);
    code.end();
    put_byte(&mut code, |code| {
        code.get(count);
    });
    each_item(&mut code, at, count, |code| {
        code.get(0)
            .get(at)
            .load32(0)
            .call(Runtime::PutRemedy.index())
            .set(0);
    });
    code.else_();
    code.get(tag).i32(2).op(I::I32Eq);
    code.if_();
    put_byte(&mut code, |code| {
        code.get(count);
    });
    each_item(&mut code, at, count, |code| {
        code.get(0)
            .get(at)
            .load64(0)
            .call(Runtime::PutText.index())
            .set(0);
        put_byte(code, |code| {
            code.i32(0);
        });
    });
    code.else_();
    code.get(0).get(list).call(Runtime::PutText.index()).set(0);
    put_byte(&mut code, |code| {
        code.i32(0);
    });
    code.end();
    code.end();
    code.get(0);
    code.finish()
}

pub(super) fn put_obligations() -> Body {
    let mut code = Code::new(2);
    code.get(1).op(I::I32Eqz);
    code.if_();
    code.get(0).op(I::Return);
    code.end();
    code.get(0)
        .get(1)
        .load32(0)
        .call(Runtime::PutObligations.index());
    code.get(1).load64(8).call(Runtime::PutText.index());
    code.finish()
}

pub(super) fn put_route() -> Body {
    let mut code = Code::new(2);
    put_byte(&mut code, |code| {
        code.i32(1);
    });
    put_byte(&mut code, |code| {
        code.i32(5);
    });
    code.get(1).load64(0).op(I::I64Eqz);
    code.if_();
    put_byte(&mut code, |code| {
        code.i32(0);
    });
    code.else_();
    code.get(0)
        .get(1)
        .load64(0)
        .call(Runtime::PutText.index())
        .set(0);
    code.end();
    put_byte(&mut code, |code| {
        code.get(1).load32(8);
    });
    put_byte(&mut code, |code| {
        code.get(1).load32(12);
    });
    code.get(1).load32(12);
    code.if_();
    code.get(0).get(1).load32(16).store32(0);
    advance(&mut code, 4);
    code.get(1).load32(20);
    code.if_();
    put_byte(&mut code, |code| {
        code.i32(2);
    });
    code.get(0)
        .get(1)
        .load32(20)
        .i32(1)
        .op(I::I32Sub)
        .store32(0);
    advance(&mut code, 2);
    code.else_();
    put_byte(&mut code, |code| {
        code.i32(1);
    });
    code.end();
    code.end();
    put_byte(&mut code, |code| {
        code.get(1).load32(28);
    });
    code.get(0)
        .get(1)
        .load32(24)
        .call(Runtime::PutObligations.index());
    code.finish()
}
