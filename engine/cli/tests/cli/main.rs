//! The program as its users meet it: arguments in; output, errors and exit codes out.

#[cfg(test)]
mod against;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod backtest;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod check;
#[cfg(test)]
mod chromium;
#[cfg(test)]
mod diff;
#[cfg(test)]
mod eval;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod fmt;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod lint;
#[cfg(test)]
mod log;
#[cfg(test)]
mod lsp;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod prove;
#[cfg(test)]
#[cfg(unix)]
mod readme;
#[cfg(test)]
mod record;
#[cfg(test)]
mod release;
#[cfg(test)]
mod repl;
#[cfg(test)]
mod report;
#[cfg(test)]
mod review;
#[cfg(test)]
mod run;
#[cfg(test)]
mod table;
#[cfg(test)]
#[cfg(unix)]
mod terminal;
#[cfg(test)]
mod test;
#[cfg(test)]
mod tutorial;
#[cfg(test)]
mod usage;
