//! Products and shares that 64 bits may not hold.

use wasm_encoder::Instruction as I;

use super::super::code::{Body, Code};
use super::{I32, I64};
use redress_model::Rounding;

/// The product, and whether it is none.
pub(super) fn mul() -> Body {
    let mut code = Code::new(2);
    let product = code.local(I64);
    // Both within 32 bits: no overflow.
    code.get(0).i64(1 << 31).op(I::I64Add);
    code.get(1).i64(1 << 31).op(I::I64Add).op(I::I64Or);
    code.i64(32).op(I::I64ShrU).op(I::I64Eqz);
    code.if_();
    code.get(0).get(1).op(I::I64Mul).i32(0).op(I::Return);
    code.end();
    code.get(0).op(I::I64Eqz);
    code.if_();
    code.i64(0).i32(0).op(I::Return);
    code.end();
    code.get(0).get(1).op(I::I64Mul).set(product);
    // -1 times the least number is the one case in which dividing back fails.
    code.get(0).i64(-1).op(I::I64Eq);
    code.if_();
    code.get(product)
        .get(1)
        .i64(i64::MIN)
        .op(I::I64Eq)
        .op(I::Return);
    code.end();
    code.get(product);
    code.get(product).get(0).op(I::I64DivS).get(1).op(I::I64Ne);
    code.finish()
}

/// `|x|` as an unsigned number.
fn magnitude(code: &mut Code, local: u32) {
    code.i64(0).get(local).op(I::I64Sub).get(local);
    code.get(local).i64(0).op(I::I64LtS).op(I::Select);
}

/// `sum * numerator / denominator`, rounded; then 0, 1 for an overflow, 2 for a division by
/// zero. The product has 128 bits, as the host's has.
pub(super) fn share(rounding: Rounding) -> Body {
    let mut code = Code::new(3);
    let [a, b, d, high, low, quotient, rest, bit, negative] =
        [I64, I64, I64, I64, I64, I64, I64, I64, I32].map(|ty| code.local(ty));
    code.get(2).op(I::I64Eqz);
    code.if_();
    code.i64(0).i32(2).op(I::Return);
    code.end();
    // The sign is that of the three together.
    code.get(0)
        .get(1)
        .op(I::I64Xor)
        .get(2)
        .op(I::I64Xor)
        .i64(0)
        .op(I::I64LtS)
        .set(negative);
    for (from, to) in [(0, a), (1, b), (2, d)] {
        magnitude(&mut code, from);
        code.set(to);
    }
    code.get(a)
        .get(b)
        .op(I::I64Or)
        .i64(32)
        .op(I::I64ShrU)
        .op(I::I64Eqz);
    code.if_();
    code.get(a).get(b).op(I::I64Mul).set(low);
    code.else_();
    product_128(&mut code, a, b, high, low);
    code.end();
    code.get(high).op(I::I64Eqz);
    code.if_();
    code.get(low).get(d).op(I::I64DivU).set(quotient);
    code.get(low).get(d).op(I::I64RemU).set(rest);
    code.else_();
    // A quotient of more than 64 bits does not fit anyway.
    code.get(high).get(d).op(I::I64GeU);
    code.if_();
    code.i64(0).i32(1).op(I::Return);
    code.end();
    long_division(&mut code, d, high, low, quotient, rest, bit);
    code.end();
    // Past 2^63 it does not fit, rounded or not; and below, 1 more does not wrap.
    code.get(quotient).i64(i64::MIN).op(I::I64GtU);
    code.if_();
    code.i64(0).i32(1).op(I::Return);
    code.end();
    round(&mut code, rounding, d, quotient, rest);
    // At most 2^63 below zero, one less above.
    code.get(quotient)
        .i64(i64::MAX)
        .get(negative)
        .op(I::I64ExtendI32U)
        .op(I::I64Add)
        .op(I::I64GtU);
    code.if_();
    code.i64(0).i32(1).op(I::Return);
    code.end();
    code.i64(0)
        .get(quotient)
        .op(I::I64Sub)
        .get(quotient)
        .get(negative)
        .op(I::Select);
    code.i32(0);
    code.finish()
}

/// The product of two unsigned numbers, by halves.
fn product_128(code: &mut Code, a: u32, b: u32, high: u32, low: u32) {
    const HALF: i64 = 0xffff_ffff;
    let [al, ah, bl, bh, middle, carry] = [I64; 6].map(|ty| code.local(ty));
    for (whole, lower, upper) in [(a, al, ah), (b, bl, bh)] {
        code.get(whole).i64(HALF).op(I::I64And).set(lower);
        code.get(whole).i64(32).op(I::I64ShrU).set(upper);
    }
    // middle = (al * bl >> 32) + (al * bh mod 2^32) + (ah * bl mod 2^32), below 3 * 2^32.
    code.get(al).get(bl).op(I::I64Mul).i64(32).op(I::I64ShrU);
    code.get(al)
        .get(bh)
        .op(I::I64Mul)
        .i64(HALF)
        .op(I::I64And)
        .op(I::I64Add);
    code.get(ah)
        .get(bl)
        .op(I::I64Mul)
        .i64(HALF)
        .op(I::I64And)
        .op(I::I64Add)
        .set(middle);
    code.get(middle).i64(32).op(I::I64ShrU).set(carry);
    code.get(a).get(b).op(I::I64Mul).set(low);
    code.get(ah).get(bh).op(I::I64Mul).get(carry).op(I::I64Add);
    code.get(al)
        .get(bh)
        .op(I::I64Mul)
        .i64(32)
        .op(I::I64ShrU)
        .op(I::I64Add);
    code.get(ah)
        .get(bl)
        .op(I::I64Mul)
        .i64(32)
        .op(I::I64ShrU)
        .op(I::I64Add)
        .set(high);
}

/// 128 bits by 64, bit by bit; the quotient has 64 bits since `high < d`, and `d` is at
/// most 2^63, so that the rest never loses a bit when it is doubled.
fn long_division(code: &mut Code, d: u32, high: u32, low: u32, quotient: u32, rest: u32, bit: u32) {
    code.get(high)
        .set(rest)
        .i64(0)
        .set(quotient)
        .i64(64)
        .set(bit);
    let again = code.loop_();
    code.get(bit).i64(1).op(I::I64Sub).set(bit);
    code.get(rest).i64(1).op(I::I64Shl);
    code.get(low)
        .get(bit)
        .op(I::I64ShrU)
        .i64(1)
        .op(I::I64And)
        .op(I::I64Or)
        .set(rest);
    code.get(quotient).i64(1).op(I::I64Shl).set(quotient);
    code.get(rest).get(d).op(I::I64GeU);
    code.if_();
    code.get(rest).get(d).op(I::I64Sub).set(rest);
    code.get(quotient).i64(1).op(I::I64Or).set(quotient);
    code.end();
    code.get(bit).op(I::I64Eqz).op(I::I32Eqz).br_if(again);
    code.end();
}

/// Adds 1 to the quotient where the rounding asks for it.
fn round(code: &mut Code, rounding: Rounding, d: u32, quotient: u32, rest: u32) {
    let twice = |code: &mut Code| {
        code.get(rest).i64(1).op(I::I64Shl).get(d);
    };
    match rounding {
        Rounding::Down => return,
        Rounding::Up => {
            code.get(rest).op(I::I64Eqz).op(I::I32Eqz);
        }
        Rounding::HalfUp => {
            code.get(rest).op(I::I64Eqz).op(I::I32Eqz);
            twice(code);
            code.op(I::I64GeU).op(I::I32And);
        }
        Rounding::HalfEven => {
            twice(code);
            code.op(I::I64GtU);
            twice(code);
            code.op(I::I64Eq);
            code.get(rest).op(I::I64Eqz).op(I::I32Eqz).op(I::I32And);
            code.get(quotient)
                .op(I::I32WrapI64)
                .i32(1)
                .op(I::I32And)
                .op(I::I32And);
            code.op(I::I32Or);
        }
    }
    code.op(I::I64ExtendI32U)
        .get(quotient)
        .op(I::I64Add)
        .set(quotient);
}
