//! Functions that every module has: arithmetic that a processor has and WebAssembly has
//! not, texts, lists, and the bytes of an answer.

mod answer;
mod arithmetic;
mod lists;
mod texts;

use wasm_encoder::{Instruction as I, ValType};

use self::answer::{
    copy_record, put_obligations, put_reasons, put_remedy, put_route, put_text, put_verdict,
};
use self::arithmetic::{mul, share};
use self::lists::{Item, append, concat, contains, list_of, with_item};
use self::texts::{text_eq, text_find, text_len};
use super::code::{Body, Code};
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

    pub(super) fn body(self, rounding: Rounding, record_at: u32) -> Body {
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

fn hold() -> Body {
    let mut code = Code::new(1);
    code.i32(REPORT_AT)
        .i32(stopped::BY_UNKNOWN_FACT)
        .store32(offset::STOPPED);
    code.i32(REPORT_AT).get(0).store32(offset::WHAT);
    code.finish()
}

fn fail() -> Body {
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
fn alloc() -> Body {
    let mut code = Code::new(1);
    code.op(I::GlobalGet(BUMP));
    code.op(I::GlobalGet(BUMP))
        .get(0)
        .op(I::I32Add)
        .op(I::GlobalSet(BUMP));
    code.finish()
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
