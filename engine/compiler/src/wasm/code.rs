//! The code of one function while it is written.

use std::collections::BTreeSet;

use wasm_encoder::{BlockType, Function, Instruction as I, MemArg, ValType};

/// Instructions, variables, and how deep in blocks the code is.
#[derive(Debug)]
pub(super) struct Code {
    params: u32,
    locals: Vec<ValType>,
    instructions: Vec<I<'static>>,
    depth: u32,
}

/// A finished function.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) function: Function,
    /// The functions that it calls, by index.
    pub(super) calls: BTreeSet<u32>,
}

/// A block that can be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(u32);

/// The largest alignment that every access has.
const UNALIGNED: u32 = 0;

impl Code {
    pub(super) const fn new(params: u32) -> Self {
        Self {
            params,
            locals: Vec::new(),
            instructions: Vec::new(),
            depth: 0,
        }
    }

    pub(super) fn local(&mut self, ty: ValType) -> u32 {
        let number = u32::try_from(self.locals.len()).unwrap_or(u32::MAX);
        self.locals.push(ty);
        self.params.saturating_add(number)
    }

    pub(super) fn op(&mut self, instruction: I<'static>) -> &mut Self {
        self.instructions.push(instruction);
        self
    }

    pub(super) fn get(&mut self, local: u32) -> &mut Self {
        self.op(I::LocalGet(local))
    }

    pub(super) fn set(&mut self, local: u32) -> &mut Self {
        self.op(I::LocalSet(local))
    }

    pub(super) fn tee(&mut self, local: u32) -> &mut Self {
        self.op(I::LocalTee(local))
    }

    pub(super) fn i32(&mut self, value: u32) -> &mut Self {
        self.op(I::I32Const(value.cast_signed()))
    }

    pub(super) fn i64(&mut self, value: i64) -> &mut Self {
        self.op(I::I64Const(value))
    }

    pub(super) fn call(&mut self, function: u32) -> &mut Self {
        self.op(I::Call(function))
    }

    /// Opens a block and gives its label.
    pub(super) fn open(&mut self, instruction: I<'static>) -> Label {
        self.op(instruction);
        self.depth += 1;
        Label(self.depth)
    }

    pub(super) fn block(&mut self) -> Label {
        self.open(I::Block(BlockType::Empty))
    }

    pub(super) fn loop_(&mut self) -> Label {
        self.open(I::Loop(BlockType::Empty))
    }

    pub(super) fn if_(&mut self) -> Label {
        self.open(I::If(BlockType::Empty))
    }

    pub(super) fn else_(&mut self) -> &mut Self {
        self.op(I::Else)
    }

    pub(super) fn end(&mut self) -> &mut Self {
        self.depth = self.depth.saturating_sub(1);
        self.op(I::End)
    }

    fn distance(&self, label: Label) -> u32 {
        self.depth.saturating_sub(label.0)
    }

    pub(super) fn br(&mut self, label: Label) -> &mut Self {
        let distance = self.distance(label);
        self.op(I::Br(distance))
    }

    pub(super) fn br_if(&mut self, label: Label) -> &mut Self {
        let distance = self.distance(label);
        self.op(I::BrIf(distance))
    }

    pub(super) fn load64(&mut self, offset: u32) -> &mut Self {
        self.op(I::I64Load(at(offset)))
    }

    pub(super) fn load32(&mut self, offset: u32) -> &mut Self {
        self.op(I::I32Load(at(offset)))
    }

    pub(super) fn load8(&mut self, offset: u32) -> &mut Self {
        self.op(I::I32Load8U(at(offset)))
    }

    pub(super) fn store64(&mut self, offset: u32) -> &mut Self {
        self.op(I::I64Store(at(offset)))
    }

    pub(super) fn store32(&mut self, offset: u32) -> &mut Self {
        self.op(I::I32Store(at(offset)))
    }

    pub(super) fn store8(&mut self, offset: u32) -> &mut Self {
        self.op(I::I32Store8(at(offset)))
    }

    pub(super) fn finish(mut self) -> Body {
        self.op(I::End);
        let mut body = Body {
            function: Function::new_with_locals_types(self.locals),
            calls: BTreeSet::new(),
        };
        for instruction in &self.instructions {
            body.function.instruction(instruction);
            if let I::Call(called) = instruction {
                body.calls.insert(*called);
            }
        }
        body
    }
}

fn at(offset: u32) -> MemArg {
    MemArg {
        offset: u64::from(offset),
        align: UNALIGNED,
        memory_index: 0,
    }
}
