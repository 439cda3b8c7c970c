//! Functions that every module has: arithmetic that a processor has and WebAssembly has
//! not, texts, lists, and the bytes of an answer.

use wasm_encoder::{BlockType, Function, Instruction as I, ValType};

use super::code::Code;
use super::data::REPORT_AT;
use redress_abi::report::{offset, stopped};
use redress_model::Rounding;

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

/// The global that says where free memory begins.
pub(super) const BUMP: u32 = 0;

macro_rules! runtime {
    ($($name:ident ($($param:expr),*) -> ($($result:expr),*);)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u32)]
        pub(super) enum Runtime { $($name,)* }

        impl Runtime {
            pub(super) const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its parameters and results.
            pub(super) const fn signature(self) -> (&'static [ValType], &'static [ValType]) {
                match self { $(Self::$name => (&[$($param),*], &[$($result),*]),)* }
            }
        }
    };
}

runtime! {
    Hold(I32) -> ();
    Fail(I32, I64, I64) -> ();
    Alloc(I32) -> (I32);
    Mul(I64, I64) -> (I64, I32);
    Share(I64, I64, I64) -> (I64, I32);
    TextEq(I64, I64) -> (I32);
    TextFind(I64, I64) -> (I32);
    TextLen(I64) -> (I64);
    ListOfWords(I64) -> (I64);
    ListOfTexts(I64) -> (I64);
    ListOfMoney(I64) -> (I64);
    ListOfEnum(I64, I32) -> (I64);
    Concat(I64, I64) -> (I64);
    Append(I64, I64, I32) -> (I64);
    WithItem(I64, I64, I64, I32) -> (I64);
    Contains(I64, I64, I32, I32) -> (I32);
    CopyRecord(I32) -> (I32);
    PutText(I32, I64) -> (I32);
    PutReasons(I32, I32) -> (I32);
    PutRemedy(I32, I32) -> (I32);
    PutVerdict(I32, I32) -> (I32);
    PutObligations(I32, I32) -> (I32);
    PutRoute(I32, I32) -> (I32);
}

/// The functions of the ABI come first.
pub(super) const FIRST: u32 = 4;

impl Runtime {
    #[expect(clippy::as_conversions, reason = "a fieldless enum of type u32")]
    pub(super) const fn index(self) -> u32 {
        FIRST + self as u32
    }

    pub(super) fn body(self, rounding: Rounding, record_at: u32) -> Function {
        match self {
            Self::Hold => hold(),
            Self::Fail => fail(),
            Self::Alloc => alloc(),
            Self::Mul => mul(),
            Self::Share => share(rounding),
            Self::TextEq => text_eq(),
            Self::TextFind => text_find(),
            Self::TextLen => text_len(),
            Self::ListOfWords => list_of(Item::Word, record_at),
            Self::ListOfTexts => list_of(Item::Text, record_at),
            Self::ListOfMoney => list_of(Item::Money, record_at),
            Self::ListOfEnum => list_of(Item::Enum, record_at),
            Self::Concat => concat(),
            Self::Append => append(),
            Self::WithItem => with_item(),
            Self::Contains => contains(),
            Self::CopyRecord => copy_record(),
            Self::PutText => put_text(),
            Self::PutReasons => put_reasons(),
            Self::PutRemedy => put_remedy(),
            Self::PutVerdict => put_verdict(),
            Self::PutObligations => put_obligations(),
            Self::PutRoute => put_route(),
        }
    }
}

fn hold() -> Function {
    let mut code = Code::new(1);
    code.i32(REPORT_AT)
        .i32(stopped::BY_UNKNOWN_FACT)
        .store32(offset::STOPPED);
    code.i32(REPORT_AT).get(0).store32(offset::WHAT);
    code.finish()
}

fn fail() -> Function {
    let mut code = Code::new(3);
    code.i32(REPORT_AT)
        .i32(stopped::BY_FAILURE)
        .store32(offset::STOPPED);
    code.i32(REPORT_AT).get(0).store32(offset::WHAT);
    code.i32(REPORT_AT).get(1).store64(offset::FIRST);
    code.i32(REPORT_AT).get(2).store64(offset::SECOND);
    code.finish()
}

/// Memory for a value, never given back within a run. How much a run can need was counted
/// before it was compiled; past the end of the memory the module traps.
fn alloc() -> Function {
    let mut code = Code::new(1);
    code.op(I::GlobalGet(BUMP));
    code.op(I::GlobalGet(BUMP))
        .get(0)
        .op(I::I32Add)
        .op(I::GlobalSet(BUMP));
    code.finish()
}

/// The product, and whether it is none.
fn mul() -> Function {
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
fn share(rounding: Rounding) -> Function {
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

/// The address and the length of a packed text or list.
fn unpack(code: &mut Code, packed: u32, address: u32, length: u32) {
    code.get(packed)
        .i64(32)
        .op(I::I64ShrU)
        .op(I::I32WrapI64)
        .set(address);
    code.get(packed).op(I::I32WrapI64).set(length);
}

fn text_eq() -> Function {
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
fn text_find() -> Function {
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
fn text_len() -> Function {
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

/// What the cells of a list in a record hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Word,
    Text,
    Money,
    Enum,
}

/// A list of the record, as `count << 32 | offset`, as a list of values: each takes 16
/// bytes, the value and what belongs to it.
fn list_of(item: Item, record_at: u32) -> Function {
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

fn concat() -> Function {
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
fn append() -> Function {
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
fn with_item() -> Function {
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
fn contains() -> Function {
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

/// A copy of the 48 bytes of a remedy or of a route.
fn copy_record() -> Function {
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
fn put_text() -> Function {
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
fn put_reasons() -> Function {
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

fn put_remedy() -> Function {
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

fn put_verdict() -> Function {
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

fn put_obligations() -> Function {
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

fn put_route() -> Function {
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
