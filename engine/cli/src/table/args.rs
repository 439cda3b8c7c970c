//! The arguments of `redress table`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

/// `redress table`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress table import policies/air/eu261/1.1.0 bands tariff.csv
  redress table import policies/air/eu261/1.1.0 bands tariff.csv --write")]
pub(crate) struct TableArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: TableCommand,
}

/// The commands of `redress table`.
#[derive(Debug, Subcommand)]
pub(crate) enum TableCommand {
    /// Read a spreadsheet's CSV as a table of a release, every gap and overlap shown as a range
    Import(ImportArgs),
}

/// How a spreadsheet is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EncodingName {
    /// UTF-8, with or without a byte-order mark
    #[value(name = "utf-8")]
    Utf8,
    /// GB18030, which GBK and GB 2312 are parts of
    Gb18030,
}

impl From<EncodingName> for redress_authoring::encoding::Encoding {
    fn from(name: EncodingName) -> Self {
        match name {
            EncodingName::Utf8 => Self::Utf8,
            EncodingName::Gb18030 => Self::Gb18030,
        }
    }
}

/// What stands between the cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeparatorName {
    /// What the header has most of, or names as `sep=;` does
    Guess,
    /// ,
    Comma,
    /// ; as where decimals have commas
    Semicolon,
    /// A tab
    Tab,
}

impl From<SeparatorName> for redress_release::Separator {
    fn from(name: SeparatorName) -> Self {
        match name {
            SeparatorName::Guess => Self::Guess,
            SeparatorName::Comma => Self::Comma,
            SeparatorName::Semicolon => Self::Semicolon,
            SeparatorName::Tab => Self::Tab,
        }
    }
}

/// `redress table import`
#[derive(Debug, Args)]
#[command(after_help = "\
The table's columns are those that release.toml declares; they may stand in any order,
and a range may stand in two columns, NAME_from and NAME_to. The table goes to standard
output unless --write puts it into its file.

Examples:
  redress table import policies/air/eu261/1.1.0 bands tariff.csv
  redress table import . lateness 晚到.csv --encoding gb18030 --write
  cat tariff.csv | redress table import . lateness -")]
pub(crate) struct ImportArgs {
    /// The folder of one release
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) release: PathBuf,
    /// The name of the table in release.toml
    pub(crate) table: String,
    /// The spreadsheet's CSV; - reads standard input
    #[arg(value_name = "CSV|-", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// How the file is encoded, unless a byte-order mark says so
    #[arg(long, value_enum, default_value = "utf-8")]
    pub(crate) encoding: EncodingName,
    /// What stands between the cells
    #[arg(long, value_enum, default_value = "guess")]
    pub(crate) separator: SeparatorName,
    /// Write the table into its file in the release
    #[arg(long)]
    pub(crate) write: bool,
}
