;; refused: remedy
(module
  (memory (export "memory") 1 1)
  (func (export "abi_version") (result i32) i32.const 1)
  (func (export "alloc") (param i32) (result i32) i32.const 1024)
  (func (export "route") (param i32 i32) (result i64) i64.const 0))
