//! The `redress` program: reads the command line, runs a command, ends with its code.
//!
//! Data goes to standard output and everything else to standard error.

mod acts;
mod args;
mod audit;
mod backtest;
mod batch;
mod bindings;
mod check;
mod clock;
mod coverage;
mod defect;
mod diff;
mod eval;
mod failure;
mod fmt;
mod history;
mod in_force;
mod input;
mod layout;
mod ledger;
mod lint;
mod lock;
mod log;
mod lsp;
mod manual;
mod output;
mod prove;
mod release;
mod repl;
mod report;
mod review;
mod said;
mod scaffold;
mod sides;
mod simulate;
mod table;
mod term;
mod test;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Help that nobody reads to its end is no error.
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let exit = match &cli.command {
        Command::Eval(args) => eval::run(args),
        Command::Settle(args) => ledger::settle(args),
        Command::Void(args) => ledger::void(args),
        Command::Override(args) => ledger::depart(args),
        Command::Batch(args) => batch::run(args),
        Command::Escalate(args) => acts::escalate(args),
        Command::Overturn(args) => acts::overturn(args),
        Command::MarkError(args) => acts::mark_error(args),
        Command::Promise(args) => acts::promise(args),
        Command::Keep(args) => acts::keep(args),
        Command::Activity(args) => acts::activity(args),
        Command::Erase(args) => acts::erase(args),
        Command::Queue(args) => ledger::queue(args),
        Command::Due(args) => ledger::due(args),
        Command::Ledger(args) => ledger::show(args),
        Command::Audit(args) => audit::run(args),
        Command::Repl(args) => repl::run(args),
        Command::Test(args) => test::run(args),
        Command::Check(args) => check::run(args),
        Command::Prove(args) => prove::run(args),
        Command::Backtest(args) => backtest::run(args),
        Command::New(args) => scaffold::run(args),
        Command::Fmt(args) => fmt::run(args),
        Command::Lint(args) => lint::run(args),
        Command::Lsp(args) => lsp::run(args),
        Command::Table(args) => table::run(args),
        Command::Lock(args) => lock::run(args),
        Command::Evidence(args) => log::evidence(args),
        Command::Log(args) => log::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Review(args) => review::run(args),
        Command::Report(args) => report::run(args),
        Command::Release(args) => release::run(args),
        Command::Bindings(args) => bindings::run(args),
        Command::Completions(args) => manual::completions(args),
        Command::Man(args) => manual::man(args),
    };
    exit.unwrap_or_else(Failure::report).into()
}
