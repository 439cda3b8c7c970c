//! The functions that the host calls.

use redress_abi::ABI_VERSION;
use redress_abi::report::{FailureKind, offset, stopped};
use wasm_encoder::{Instruction as I, MemArg, ValType};

use super::code::{Body, Code};
use super::data::REPORT_AT;
use super::runtime::{BUMP, Runtime};
use super::{Made, Maker};
use crate::ir::FunctionId;

/// `abi_version`, `alloc`, `remedy` and `route`, in this order.
pub(super) fn exports(maker: &mut Maker<'_>) -> Vec<Made> {
    let version = maker.ty(&[], &[ValType::I32]);
    let alloc = maker.ty(&[ValType::I32], &[ValType::I32]);
    let call = maker.ty(&[ValType::I32, ValType::I32], &[ValType::I64]);
    let mut code = Code::new(0);
    code.i32(ABI_VERSION.cast_unsigned());
    let mut made = vec![Made {
        ty: version,
        body: code.finish(),
    }];

    // There is one place for a record, and room for the longest that the schema allows.
    let mut code = Code::new(1);
    code.i32(maker.record_at).i32(0);
    code.get(0)
        .i32(maker.record_bytes)
        .op(I::I32LeU)
        .op(I::Select);
    made.push(Made {
        ty: alloc,
        body: code.finish(),
    });

    let (remedy, route) = (Some(maker.program.remedy), maker.program.route);
    made.push(Made {
        ty: call,
        body: entry(maker, remedy, Runtime::PutVerdict),
    });
    made.push(Made {
        ty: call,
        body: entry(maker, route, Runtime::PutRoute),
    });
    made
}

/// Calls a function of the policy and writes its answer.
fn entry(maker: &mut Maker<'_>, function: Option<FunctionId>, put: Runtime) -> Body {
    let mut code = Code::new(2);
    let [value, steps] = [ValType::I32; 2].map(|ty| code.local(ty));
    code.i32(maker.data.end()).op(I::GlobalSet(BUMP));
    match function {
        Some(id) => {
            code.call(Maker::index(id)).set(steps).set(value);
        }
        // A policy without `route` has no wishes.
        None => {
            super::function::empty_route(&mut code);
            code.set(value);
        }
    }
    code.i32(REPORT_AT);
    code.get(steps).op(I::I32Const(-1)).op(I::I32Xor).get(steps);
    code.get(steps).i32(0).op(I::I32LtS).op(I::Select);
    code.op(I::I64ExtendI32U).store64(offset::STEPS);
    code.get(steps).i32(0).op(I::I32LtS);
    code.if_();
    code.i32(REPORT_AT)
        .load32(offset::STOPPED)
        .i32(stopped::BY_UNKNOWN_FACT)
        .op(I::I32Ne);
    code.if_();
    code.op(I::Unreachable);
    code.end();
    let out = maker.output_at;
    code.i32(out).i32(1).store8(0);
    code.i32(out).i32(4).store8(1);
    code.i32(out)
        .i32(REPORT_AT)
        .load32(offset::WHAT)
        .op(I::I32Store16(MemArg {
            offset: 2,
            align: 0,
            memory_index: 0,
        }));
    code.i64(redress_abi::pack(out, 4)).op(I::Return);
    code.end();
    if put == Runtime::PutRoute {
        let number = maker.failure(FailureKind::SinceWithoutSpan, None);
        code.get(value).load32(12).op(I::I32Eqz);
        code.get(value).load32(20).i32(0).op(I::I32Ne).op(I::I32And);
        code.if_();
        code.i32(number).i64(0).i64(0).call(Runtime::Fail.index());
        code.op(I::Unreachable);
        code.end();
    }
    code.i64(i64::from(out) << 32);
    code.i32(out)
        .get(value)
        .call(put.index())
        .i32(out)
        .op(I::I32Sub);
    code.op(I::I64ExtendI32U).op(I::I64Or);
    code.finish()
}
