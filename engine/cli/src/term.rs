//! What the terminal can do, and the few ways text is set on it.

use std::io::{self, IsTerminal as _, Write as _};

use anstyle::AnsiColor;
use clap::builder::Styles;
use redress_authoring::text;
pub(crate) use redress_authoring::text::{
    Bar, Tone, bars, counted, grouped, pad_left, pad_right, width, wrap,
};

/// How help is coloured: as cargo's.
pub(crate) const HELP_STYLES: Styles = Styles::styled()
    .header(AnsiColor::BrightGreen.on_default().bold())
    .usage(AnsiColor::BrightGreen.on_default().bold())
    .literal(AnsiColor::BrightCyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Rows in columns, for the terminal if there is one; what a program reads stays on lines.
pub(crate) fn columns(rows: &[Vec<String>], indent: usize) -> String {
    text::columns(rows, indent, room())
}

/// The columns that a row may take before it becomes a paragraph.
pub(crate) fn room() -> usize {
    asked_columns().unwrap_or(usize::MAX)
}

/// Prints text for people on standard output.
///
/// # Errors
/// Whatever writing gives, a closed pipe among them.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text::harmless(text).as_bytes())?;
    out.flush()
}

/// Prints data on standard output, byte for byte.
///
/// # Errors
/// Whatever writing gives, a closed pipe among them.
pub(crate) fn put(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Tells the user something on standard error; nobody is left to hear if that fails.
pub(crate) fn tell(text: &str) {
    let text = text::harmless(text);
    let told = anstream::stderr().lock().write_all(text.as_bytes());
    drop(told);
}

/// Warns on standard error.
pub(crate) fn warn(text: &str) {
    let (warning, colon) = (Tone::Wait.paint("warning"), Tone::Strong.paint(":"));
    tell(&format!("{warning}{colon} {text}\n"));
}

/// Whether standard error is a terminal, and so a progress bar of use.
pub(crate) fn shows_progress() -> bool {
    io::stderr().is_terminal()
}

/// The columns of the terminal that standard error is, or 80.
pub(crate) fn progress_columns() -> usize {
    let size = terminal_size::terminal_size_of(io::stderr());
    size.map_or(80, |(width, _)| usize::from(width.0))
}

/// The columns to fill: those of the terminal, or 80; 20 to 200.
pub(crate) fn columns_wide() -> usize {
    asked_columns().unwrap_or(80).clamp(20, 200)
}

/// The columns that `COLUMNS` asks for, or those of the terminal that standard output is.
fn asked_columns() -> Option<usize> {
    let asked = || std::env::var("COLUMNS").ok()?.parse().ok();
    let own = || {
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(usize::from(width.0))
    };
    asked().or_else(own)
}
