//! What keeps a policy's files tidy and helps to write them: the formatter, the linter and
//! the language server.
//!
//! Nothing here opens a terminal, a socket or a clock: texts come in and texts go out.

pub mod format;
