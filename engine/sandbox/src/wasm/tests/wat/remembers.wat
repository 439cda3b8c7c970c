;; Refuses once, and would then stop itself if anything outlived a decision:
;; a global, a byte of its memory, its data.
(module
  (memory (export "memory") 1 1)
  (data (i32.const 64) "\01\02\01\04late\00")
  (data (i32.const 96) "\01\05\00\00\00\00")
  (func (export "abi_version") (result i32) (i32.const 1))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (global $calls (mut i32) (i32.const 0))
  (func (export "remedy") (param i32 i32) (result i64)
    (if (global.get $calls) (then (unreachable)))
    (if (i32.load8_u (i32.const 60000)) (then (unreachable)))
    (if (i32.ne (i32.load8_u (i32.const 65)) (i32.const 2)) (then (unreachable)))
    (global.set $calls (i32.const 1))
    (i32.store8 (i32.const 60000) (i32.const 1))
    (i64.const 0x40_00000009))
  (func (export "route") (param i32 i32) (result i64)
    (i32.store8 (i32.const 65) (i32.const 9))
    (i64.const 0x60_00000006)))
