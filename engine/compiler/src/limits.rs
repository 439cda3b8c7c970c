//! What a source may be before it is parsed. The interpreter refuses the same sources, or
//! more of them, so nothing is lost by refusing early.

/// The longest source in bytes.
pub const SOURCE_BYTES_MAX: usize = 64 * 1024;
/// The deepest nesting of expressions and blocks, counted as Rhai counts it: a bracket, an
/// operator of a chain, a `.` of a chain and an `else if` are a level each.
pub const DEPTH_MAX: u32 = 48;
/// The deepest nesting of brackets, which are counted before anything is parsed.
pub const BRACKETS_MAX: usize = 48;
/// The most tokens of a source, comments and spaces not counted.
pub const TOKENS_MAX: usize = 32 * 1024;
/// The most functions and closures of a source.
pub const FUNCTIONS_MAX: usize = 256;
/// The most arms of one `switch`.
pub const ARMS_MAX: usize = 512;
/// The most items of a literal list, and entries of a literal map.
pub const LITERAL_ITEMS_MAX: usize = 64;
/// The most variables, parameters included, that one function may hold at once.
pub const VARIABLES_MAX: usize = 64;
/// The most arguments of one call.
pub const CALL_ARGS_MAX: usize = 8;
/// The longest literal text in bytes.
pub const TEXT_BYTES_MAX: usize = 4 * 1024;
/// The most diagnostics that one source is told.
pub const DIAGNOSTICS_MAX: usize = 200;
