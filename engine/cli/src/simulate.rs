//! `redress audit simulate`: what past generosity does to a desk, with and without fairness.

use std::fs;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use indicatif::{ProgressBar, ProgressStyle};
use redress_audit::simulation::{Plan, simulate, svg, text};

use crate::failure::{Exit, Failure};
use crate::{input, term};

/// How slowly the going rate of a class follows: as a share of all cases, so that a few
/// thousand take the same course as a million.
const HABIT_SHARE: u64 = 150;

/// `redress audit simulate`
#[derive(Debug, Args)]
#[command(after_help = "\
The same cases and agents twice: by the release without its [fairness], and by the release
as it is. Nothing is read but the policy, and nothing is written but the picture. The cases
are trouble with a hotel, a flight or an attraction as travel/goodwill knows it.

Examples:
  redress audit simulate policies/travel/goodwill/1.1.0 --cases 20000
  redress audit simulate policies/travel/goodwill/1.1.0 --cases 1000000 --picture ratchet.svg")]
pub(crate) struct SimulateArgs {
    /// The policy: a folder with its versions, of which the last is taken, or one version's
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) policy: PathBuf,
    /// How many cases
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000)]
    pub(crate) cases: u64,
    /// How many agents
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    pub(crate) agents: u32,
    /// How many of a hundred agents offer too much
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) overpay: u32,
    /// How many of a hundred agents offer too little
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) underpay: u32,
    /// Other numbers, other cases
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where to draw what was paid as a share of the tariff
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) picture: Option<PathBuf>,
}

/// Runs `redress audit simulate`.
pub(crate) fn run(args: &SimulateArgs) -> Result<Exit, Failure> {
    let engine = input::engine(None);
    let policy = engine.load_policy(&args.policy).map_err(Failure::invalid)?;
    let Some(release) = policy.releases().last() else {
        return Ok(Exit::Internal);
    };
    let plan = Plan {
        cases: args.cases,
        agents: args.agents,
        overpay_percent: args.overpay,
        underpay_percent: args.underpay,
        habit: i64::try_from(args.cases / HABIT_SHARE).unwrap_or(i64::MAX),
        seed: args.seed,
    };
    let bar = bar(args.cases.saturating_mul(2));
    let simulated = simulate(release, plan, &mut |done| bar.set_position(done));
    bar.finish_and_clear();
    let simulated = simulated.map_err(Failure::invalid)?;
    if let Some(picture) = &args.picture {
        fs::write(picture, svg(&simulated))
            .map_err(|error| Failure::invalid(error).at(picture.display()))?;
    }
    term::print(&text(&simulated, term::columns_wide()))?;
    Ok(Exit::Ok)
}

/// A bar with the remaining time on standard error, if that is a terminal.
fn bar(cases: u64) -> ProgressBar {
    if !term::shows_progress() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(cases);
    let template = if term::progress_columns() < 64 {
        "{percent:>3} %  {eta} left"
    } else {
        "{bar:24} {percent:>3} %  {human_pos} of {human_len} cases, {eta} left"
    };
    // The template is a literal; with a bad one the default shows as well.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar
}
