//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use redress_audit::compare::Gate;
use redress_model::Timestamp;
use regex::Regex;

use crate::diff::DiffArgs;
use crate::fmt::FmtArgs;
use crate::in_force::InForceArgs;
use crate::ledger::place::Place;
use crate::lint::LintArgs;
use crate::lsp::LspArgs;
use crate::release::args::ReleaseArgs;
use crate::report::ReportArgs;
use crate::review::ReviewArgs;
use crate::table::TableArgs;
use crate::term;

/// What may this customer get, who must approve it, by when, and why?
#[derive(Debug, Parser)]
#[command(name = "redress", version, styles = term::HELP_STYLES, max_term_width = 100)]
#[command(after_help = "\
Exit codes:
  0  done
  1  an internal error
  2  the command line is wrong
  3  a policy, a case or a history is not valid
  4  a test or a gate failed
  5  `eval --fail`: refused
  6  `eval --fail`: escalated or held

POLICY is a folder of versions such as policies/air/eu261, of which the incident
date picks one, or the folder of one version.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Decide one case
    Eval(EvalArgs),
    /// Say that a reserved sum was paid
    Settle(crate::ledger::args::SettleArgs),
    /// Take a reserved sum back
    Void(crate::ledger::args::VoidArgs),
    /// Give something else in the place of a decision, with reason, evidence and approver
    Override(crate::ledger::args::OverrideArgs),
    /// Decide for a whole class without a complaint
    Batch(crate::batch::args::BatchArgs),
    /// Ask for a decision by people
    Escalate(crate::acts::args::EscalateArgs),
    /// Say that a decision was overturned
    Overturn(crate::acts::args::OverturnArgs),
    /// Say that a decision was an error
    MarkError(crate::acts::args::MarkErrorArgs),
    /// Promise something that is given when its time has come
    Promise(crate::acts::args::PromiseArgs),
    /// Say that a promise was kept
    Keep(crate::acts::args::KeepArgs),
    /// Say that a customer was active
    Activity(crate::acts::args::ActivityArgs),
    /// Erase what the log keeps about a customer
    Erase(crate::acts::args::EraseArgs),
    /// See and decide what waits for people
    Queue(crate::ledger::args::QueueArgs),
    /// Do whatever is due: expire, climb, pay what a broken promise owes
    Due(crate::ledger::args::DueArgs),
    /// Look into a ledger, or copy it
    Ledger(crate::ledger::args::LedgerArgs),
    /// Measure whether like cases were treated alike
    Audit(crate::audit::AuditArgs),
    /// Try a policy out: code and commands against one case
    Repl(ReplArgs),
    /// Run the cases of every release below the paths
    Test(TestArgs),
    /// Load and validate every release below the paths
    Check(CheckArgs),
    /// Prove what a policy never does, over all facts, or how two releases differ
    Prove(crate::prove::ProveArgs),
    /// Decide every case of a recorded history and add up what it would have cost
    Backtest(BacktestArgs),
    /// Start a new release folder that passes its tests
    New(NewArgs),
    /// Set spaces and line ends in scripts, TOML files and tables
    Fmt(FmtArgs),
    /// Find what is valid and still not as it should be, by rules with a page each
    Lint(LintArgs),
    /// Serve an editor: what is wrong, what a word means, what may follow
    Lsp(LspArgs),
    /// Bring tables of a release in from a spreadsheet
    Table(TableArgs),
    /// Record the digests of new releases, after which their files may not change
    Lock(LockArgs),
    /// Pack what proves a decision, or check such a pack
    Evidence(crate::log::EvidenceArgs),
    /// Check the decision log, prove decisions, export it
    Log(crate::log::LogArgs),
    /// Say in words what changed between two releases
    Diff(DiffArgs),
    /// Write a page for the review of a change: what it says, and what it would have cost
    Review(ReviewArgs),
    /// Report a month or a quarter of a ledger
    Report(ReportArgs),
    /// Archive, sign, verify and activate releases
    Release(ReleaseArgs),
    /// Print the C header for a policy written in C, with the facts of one release
    Bindings(BindingsArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder
    Man(ManArgs),
}

/// How a decision is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvalFormat {
    /// A card for people
    Pretty,
    /// The decision, with `execution` beside it
    Json,
}

/// How test results are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// Failures with what was expected and found, and a summary
    Pretty,
    /// One object with every case
    Json,
    /// JUnit XML, for CI
    Junit,
    /// The Test Anything Protocol
    Tap,
    /// Annotations for GitHub's checks
    Github,
}

/// How what a check found is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Each thing with its line underlined, and the releases
    Pretty,
    /// One object with releases, errors and diagnostics
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// How a backtest is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BacktestFormat {
    /// A summary that ends in a chart
    Pretty,
    /// The summary as one object
    Json,
    /// One line per case
    Csv,
}

/// Whom an explanation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReaderName {
    /// What they get and why, in plain sentences
    Customer,
    /// What to do now, who approves, by when
    Agent,
    /// Every step with its evidence and source
    Auditor,
}

impl From<ReaderName> for redress_authoring::explain::Reader {
    fn from(reader: ReaderName) -> Self {
        match reader {
            ReaderName::Customer => Self::Customer,
            ReaderName::Agent => Self::Agent,
            ReaderName::Auditor => Self::Auditor,
        }
    }
}

/// The language of sentences for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// Chinese
    Zh,
}

impl From<Lang> for redress_authoring::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Zh => Self::Zh,
        }
    }
}

/// A form of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SandboxName {
    /// The Rhai script, compiled
    Compiled,
    /// The Rhai script, interpreted
    Rhai,
    /// The WebAssembly module
    Wasm,
}

/// Who decides, and on which standing.
#[derive(Debug, Clone, Args)]
pub(crate) struct Setting {
    /// Who decides: role=NAME, or a JSON or TOML file with id, role and assurance
    #[arg(long, value_name = "FILE|role=NAME", default_value = "role=agent", value_hint = ValueHint::FilePath)]
    pub(crate) actor: String,
    /// What the ledger knows: a JSON or TOML file; without it, a ledger that holds nothing
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) standing: Option<PathBuf>,
    /// Which form of the policy decides, where a release has both
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) sandbox: Option<SandboxName>,
}

/// `redress eval`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress eval policies/travel/goodwill -i case.json
  redress eval policies/travel/goodwill -i case.json --actor role=supervisor --lang zh
  redress eval policies/travel/goodwill -i case.json --for customer --lang zh
  redress eval policies/travel/goodwill -i case.json --why
  redress eval policies/travel/goodwill -i case.json --ledger book.db --key order-77
  redress eval policies/travel/goodwill -i case.json --ledger postgres://redress@localhost/books --key order-77
  redress eval travel/goodwill --store releases --trust trust.toml -i case.json
  redress eval travel/goodwill --store releases --trust trust.toml -i case.json \\
      --ledger book.db --key order-77 --shadow candidate.tar
  cat case.json | redress eval policies/air/eu261 -i - -f json | jq .remedies")]
pub(crate) struct EvalArgs {
    /// A folder of versions, or the folder of one version; with --store, a policy's name
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) policy: PathBuf,
    /// The case as JSON; - reads standard input
    #[arg(short, long, value_name = "CASE|-", value_hint = ValueHint::FilePath)]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) in_force: InForceArgs,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// The moment of the decision, from which deadlines count [default: now]
    #[arg(long, value_name = "TIMESTAMP", value_parser = crate::clock::moment)]
    pub(crate) as_of: Option<Timestamp>,
    /// How to show the decision
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: EvalFormat,
    /// Explain the decision to this reader instead
    #[arg(long = "for", value_enum, value_name = "READER")]
    pub(crate) reader: Option<ReaderName>,
    /// Also tell which rules did not fire, what stopped each, and the nearest change that
    /// would flip the outcome
    #[arg(long, conflicts_with_all = ["reader", "ledger"])]
    pub(crate) why: bool,
    /// The language of the sentences
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
    /// Exit with 5 on a refusal and with 6 on an escalation or a hold
    #[arg(long)]
    pub(crate) fail: bool,
    /// Decide on this ledger, and reserve there what is granted
    #[arg(long, value_name = "FILE|URL", value_hint = ValueHint::FilePath, requires = "key", conflicts_with_all = ["standing", "reader"])]
    pub(crate) ledger: Option<Place>,
    /// The key of the request: the same key always gets the same answer
    #[arg(long, requires = "ledger")]
    pub(crate) key: Option<String>,
    /// The private key that signs the ledger's log, as `redress log keygen` makes it
    #[arg(long, value_name = "FILE", requires = "ledger", value_hint = ValueHint::FilePath)]
    pub(crate) log_key: Option<PathBuf>,
    /// The team in whose name it is decided, for limits per team
    #[arg(long, value_name = "TEAM", requires = "ledger")]
    pub(crate) team: Option<String>,
    /// The campaign that the case belongs to, for limits per campaign
    #[arg(long, value_name = "CAMPAIGN", requires = "ledger")]
    pub(crate) campaign: Option<String>,
    /// A candidate that decides beside it: on record, and acted on by nobody
    #[arg(long, value_name = "RELEASE", requires = "ledger", value_hint = ValueHint::AnyPath)]
    pub(crate) shadow: Option<PathBuf>,
}

/// `redress repl`
#[derive(Debug, Args)]
#[command(after_help = "\
:help lists the commands; Ctrl-D or :quit ends the session.
A block goes on over lines until its brackets are closed.
The history is kept in $XDG_STATE_HOME/redress/history, one entry for each block.

Examples:
  redress repl policies/air/eu261
  printf ':case delay_180_minutes\\n:run\\n' | redress repl policies/air/eu261")]
pub(crate) struct ReplArgs {
    /// A folder of versions, or the folder of one version
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) policy: PathBuf,
    /// Who decides: role=NAME, or a JSON or TOML file with id, role and assurance
    #[arg(long, value_name = "FILE|role=NAME", default_value = "role=agent", value_hint = ValueHint::FilePath)]
    pub(crate) actor: String,
    /// What the ledger knows: a JSON or TOML file; without it, a ledger that holds nothing
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) standing: Option<PathBuf>,
    /// The moment of the decisions, from which deadlines count [default: now]
    #[arg(long, value_name = "TIMESTAMP", value_parser = crate::clock::moment)]
    pub(crate) as_of: Option<Timestamp>,
    /// The language of sentences
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: Lang,
}

/// `redress test`
#[derive(Debug, Args)]
#[command(after_help = "\
Each case runs on every form that the release's policy has, unless --sandbox picks one.

Examples:
  redress test policies
  redress test policies/air -r 'three hours'
  redress test policies -f junit > results.xml
  redress test policies -f github
  redress test policies/air/eu261 --coverage --lcov coverage.info --coverage-html coverage
  redress test policies --threshold branches=90,conditions=80
  redress test policies/air/eu261 --mutants
  redress test policies/air/eu261 --boundaries /tmp/cases")]
pub(crate) struct TestArgs {
    /// Folders to look for releases in
    #[arg(required = true, value_hint = ValueHint::DirPath)]
    pub(crate) path: Vec<PathBuf>,
    /// Run only cases whose release, file or name matches
    #[arg(short, long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) regex: Option<Regex>,
    /// How to show the results
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: TestFormat,
    /// Run only this form of each policy
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) sandbox: Option<SandboxName>,
    /// Change limits, cells and lines one at a time, and list the changes that no case notices
    #[arg(long, conflicts_with_all = ["regex", "sandbox"])]
    pub(crate) mutants: bool,
    /// Show what failing cases would expect if what is decided now were right, and write
    /// what you agree to
    #[arg(long, conflicts_with = "mutants")]
    pub(crate) update: bool,
    /// Write a case for each side of each boundary that no case stands on into this folder
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath, conflicts_with_all = ["mutants", "update", "regex"])]
    pub(crate) boundaries: Option<PathBuf>,
    /// Run again whenever a file below the paths changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["mutants", "update", "boundaries"])]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) cover: crate::coverage::CoverArgs,
    /// With --update, agree to everything
    #[arg(long, requires = "update")]
    pub(crate) yes: bool,
}

/// `redress check`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress check policies
  redress check policies/air/eu261/1.0.0
  redress check policies -f sarif > redress.sarif")]
pub(crate) struct CheckArgs {
    /// Folders to look for releases in
    #[arg(required = true, value_hint = ValueHint::DirPath)]
    pub(crate) path: Vec<PathBuf>,
    /// How to show what was found
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: CheckFormat,
}

/// `redress backtest`
#[derive(Debug, Args)]
#[command(after_help = "\
The history is CSV with a header or JSON Lines, gzipped or not, Parquet, or a ledger, in a
file or in PostgreSQL, whose cases of the policy are decided again, each as its last decision
knew it; a case of which facts were erased is counted as one with too few facts.
A column with the name of a fact is that fact; an empty cell leaves it unknown.
The release's [history] names the columns of the id, the incident date and the groups.
Every case is decided on the same standing: caps and budgets do not fill up on the way.

With --against, one version by itself decides every row, as if in force on every date.
A gate is METRIC OP VALUE. Metrics: total, statutory, contractual, goodwill, each with or
without (EUR); losers and gainers, with or without (statutory); flips, flips(grant->refuse);
undetermined; bad_rows; load, load(supervisor), of the busiest day. OP: > >= < <= == !=.
Values: 5 is what is, +5 the change, +5% the change in percent.

Examples:
  redress backtest new.tar flights.csv.gz --against old.tar --fail-if 'losers(statutory) > 0'
  redress backtest new.tar book.db --against old.tar
  redress backtest new.tar postgres://redress@localhost/books --against old.tar
  redress backtest policies/air/eu261 flights.csv.gz --set intra_union=false
  redress backtest policies/air/eu261 flights.csv.gz --set intra_union=false -f csv > decided.csv
  zcat cases.jsonl.gz | redress backtest policies/travel/goodwill - -f json")]
pub(crate) struct BacktestArgs {
    /// A folder of versions, or the folder of one version
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) policy: PathBuf,
    /// The history: a file, - for standard input, or a ledger's postgres:// address
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) history: Place,
    /// A fact that the history lacks, the same in every case; may be repeated
    #[arg(long = "set", value_name = "FACT=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Decide only the first N cases
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// How to show the result
    #[arg(short, long, value_enum, default_value = "pretty")]
    pub(crate) format: BacktestFormat,
    #[command(flatten)]
    pub(crate) setting: Setting,
    /// The moment of every decision [default: noon UTC of the day after each incident]
    #[arg(long, value_name = "TIMESTAMP", value_parser = crate::clock::moment)]
    pub(crate) as_of: Option<Timestamp>,
    /// Decide the history under this release too, and compare: a folder of versions, the
    /// folder of one version, or an archive
    #[arg(long, value_name = "OLD", value_hint = ValueHint::AnyPath)]
    pub(crate) against: Option<PathBuf>,
    /// With --against, a column to split the sums by, besides those of [history]
    #[arg(long, value_name = "COLUMN", requires = "against")]
    pub(crate) by: Vec<String>,
    /// With --against, fail if this holds, such as "total > +5%"; may be repeated
    #[arg(long, value_name = "GATE", requires = "against")]
    pub(crate) fail_if: Vec<Gate>,
    /// Fail if a row cannot be decided
    #[arg(long)]
    pub(crate) strict: bool,
    /// How many threads decide [default: the cores there are]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
}

/// `redress new`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress new hotel/late-check-in
  redress test policies/hotel")]
pub(crate) struct NewArgs {
    /// The policy's name, DOMAIN/NAME
    pub(crate) name: String,
    /// The folder of all policies
    #[arg(long, value_name = "FOLDER", default_value = "policies", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
}

/// `redress lock`
#[derive(Debug, Args)]
#[command(after_help = "\
A digest goes into the nearest LOCK above its release, or into a new one in the
folder of all policies. Nothing is written unless every release below the paths is valid.

Examples:
  redress lock
  redress lock policies/air
  redress lock policies/air/eu261/1.0.0")]
pub(crate) struct LockArgs {
    /// Folders of releases, of policies, or of all policies
    #[arg(default_value = "policies", value_hint = ValueHint::DirPath)]
    pub(crate) path: Vec<PathBuf>,
}

/// `redress bindings`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress bindings policies/air/eu261/1.0.0 > facts.h")]
pub(crate) struct BindingsArgs {
    /// The folder of one release
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) release: PathBuf,
}

/// `redress completions`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress completions bash > ~/.local/share/bash-completion/completions/redress
  redress completions zsh > ~/.zfunc/_redress")]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// `redress man`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  redress man ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// The folder, which is made if need be
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            assert!(help.contains("redress "), "{}", command.get_name());
        }
    }
}
