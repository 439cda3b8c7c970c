//! `redress log verify`.

use std::collections::BTreeMap;

use redress::replay::Replayer;
use redress_log::Record;
use redress_log::record::{ERASE, Line, holds_decision};
use redress_log::replay::{self, Erasures, NotReplayable, Outcome};
use redress_log::verify::Verified;
use serde::Serialize;

use super::args::{ShownAs, VerifyArgs};
use super::source::{self, OpeningsOf, Source};
use crate::failure::{Exit, Failure};
use crate::term::{self, Tone, grouped};

/// How many decisions of a kind are shown one by one.
const SHOWN_MAX: usize = 20;

/// What replaying every decision has shown.
#[derive(Debug, Default, Serialize)]
pub(super) struct Replays {
    /// Decisions that came out the same.
    pub(super) same: u64,
    /// Decisions that cannot be made again, by reason.
    pub(super) not_replayable: BTreeMap<&'static str, u64>,
    /// The first of them that no erasure on record explains.
    pub(super) unexplained: Vec<Unexplained>,
    /// Decisions that came out otherwise: how many.
    pub(super) different: u64,
    /// The first of them.
    pub(super) differences: Vec<Difference>,
}

/// A decision that should have been made again and was not.
#[derive(Debug, Serialize)]
pub(super) struct Unexplained {
    /// Its number.
    pub(super) decision: u64,
    /// The code of the reason.
    pub(super) reason: &'static str,
    /// The reason in words.
    pub(super) said: String,
}

/// A decision that came out otherwise.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    /// Its number.
    pub(super) decision: u64,
    /// The first place that differs.
    pub(super) pointer: String,
    /// What was recorded there.
    pub(super) recorded: String,
    /// What came out.
    pub(super) replayed: String,
}

impl Replays {
    pub(super) fn add(&mut self, decision: u64, outcome: Outcome) {
        match outcome {
            Outcome::Same => self.same = self.same.saturating_add(1),
            Outcome::NoDecision => {}
            Outcome::NotReplayable(reason) => self.not_again(decision, &reason),
            Outcome::Different {
                pointer,
                recorded,
                replayed,
            } => {
                self.different = self.different.saturating_add(1);
                if self.differences.len() < SHOWN_MAX {
                    self.differences.push(Difference {
                        decision,
                        pointer,
                        recorded,
                        replayed,
                    });
                }
            }
        }
    }

    fn not_again(&mut self, decision: u64, reason: &NotReplayable) {
        let count = self.not_replayable.entry(reason.code()).or_default();
        *count = count.saturating_add(1);
        if !is_explained(reason.code()) && self.unexplained.len() < SHOWN_MAX {
            self.unexplained.push(Unexplained {
                decision,
                reason: reason.code(),
                said: reason.to_string(),
            });
        }
    }

    /// A gate that was asked for holds only if every decision was made again, but for those
    /// that were erased.
    pub(super) const fn exit(&self) -> Exit {
        if self.different > 0 || !self.unexplained.is_empty() {
            Exit::Failed
        } else {
            Exit::Ok
        }
    }

    /// One row for each thing to say.
    pub(super) fn rows(&self) -> Vec<Vec<String>> {
        let mut parts = vec![Tone::Good.paint(&format!("{} the same", grouped(self.same)))];
        for (code, count) in &self.not_replayable {
            let part = format!("{} not replayable: {code}", grouped(*count));
            let tone = match is_explained(code) {
                true => Tone::Wait,
                false => Tone::Bad,
            };
            parts.push(tone.paint(&part));
        }
        if self.different > 0 {
            let part = format!("{} different", grouped(self.different));
            parts.push(Tone::Bad.paint(&part));
        }
        let mut rows = vec![vec!["Replay".to_owned(), parts.join(", ")]];
        for it in &self.differences {
            rows.push(vec![
                format!("  {}", it.decision),
                format!(
                    "{}: recorded {}, now {}",
                    it.pointer, it.recorded, it.replayed
                ),
            ]);
        }
        for it in &self.unexplained {
            rows.push(vec![format!("  {}", it.decision), it.said.clone()]);
        }
        rows
    }
}

/// Whether a reason is as it should be: what was erased cannot be made again.
fn is_explained(code: &str) -> bool {
    code == NotReplayable::Erased { closed: 0 }.code()
}

/// Makes the decisions of a log again, one record after another.
struct Run<'s> {
    replayer: Replayer,
    openings: OpeningsOf<'s>,
    replays: Replays,
    erasures: Erasures,
    /// Decisions whose openings are missing; a later record may say that they were erased.
    missing: Vec<(u64, NotReplayable)>,
}

impl<'s> Run<'s> {
    fn new(replayer: Replayer, openings: OpeningsOf<'s>) -> Self {
        Self {
            replayer,
            openings,
            replays: Replays::default(),
            erasures: Erasures::default(),
            missing: Vec::new(),
        }
    }

    fn take(&mut self, line: &[u8], seq: u64) -> Result<(), Failure> {
        let Ok(kind) = Line::parse(line).map(|line| line.kind) else {
            return Ok(());
        };
        if kind == ERASE.as_bytes() {
            let record = Record::parse(line).map_err(Failure::invalid)?;
            self.erasures.take(&record);
        } else if holds_decision(kind) {
            let record = Record::parse(line).map_err(Failure::invalid)?;
            let openings = self.openings.of(seq)?;
            match replay::check(&record, &openings, &self.replayer) {
                Outcome::NotReplayable(reason @ NotReplayable::OpeningsMissing { .. }) => {
                    self.missing.push((seq, reason));
                }
                outcome => self.replays.add(seq, outcome),
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Replays, Failure> {
        self.openings.finish()?;
        for (seq, reason) in self.missing {
            let outcome = Outcome::NotReplayable(reason);
            self.replays.add(seq, self.erasures.explain(seq, outcome));
        }
        Ok(self.replays)
    }
}

/// The answer for programs.
#[derive(Serialize)]
struct Answer<'a> {
    origin: Option<&'a str>,
    size: u64,
    root: String,
    anchored: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay: Option<&'a Replays>,
}

/// Runs `redress log verify`.
pub(super) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    let keys = source::keys(&args.key)?;
    let source = Source::open(args.log.as_deref(), args.ledger.as_ref())?;
    let mut checkpoints = source::checkpoints(&args.checkpoint, &keys)?;
    checkpoints.extend(source.checkpoints(&keys)?);
    let mut run = match source::replayer(&args.replay)? {
        Some(replayer) => {
            let openings = OpeningsOf::new(&source, args.openings.as_deref())?;
            Some(Run::new(replayer, openings))
        }
        None => None,
    };
    let verified = source.verify(checkpoints, |line, leaf| match &mut run {
        Some(run) => run.take(line, leaf.seq),
        None => Ok(()),
    })?;
    source.check_head(&verified)?;
    let replays = run.map(Run::finish).transpose()?;
    let replays = replays.as_ref();
    match args.format {
        ShownAs::Pretty => term::print(&pretty(&verified, replays))?,
        ShownAs::Json => {
            let answer = Answer {
                origin: verified.origin.as_ref().map(|origin| origin.as_str()),
                size: verified.size,
                root: verified.root.to_string(),
                anchored: verified.anchored,
                replay: replays,
            };
            let mut text = serde_json::to_vec(&answer).map_err(Failure::internal)?;
            text.push(b'\n');
            term::put(&text)?;
        }
    }
    Ok(replays.map_or(Exit::Ok, Replays::exit))
}

fn pretty(verified: &Verified, replays: Option<&Replays>) -> String {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let origin = verified.origin.as_ref();
    let mut rows = vec![
        row(
            "Log",
            origin.map_or("(empty)".to_owned(), ToString::to_string),
        ),
        row("Leaves", grouped(verified.size)),
        row("Root", format!("sha256:{}", verified.root)),
    ];
    let beyond = verified.size.saturating_sub(verified.anchored);
    let anchored = match (verified.anchored, beyond) {
        (0, _) => Tone::Wait.paint("none"),
        (anchored, 0) => Tone::Good.paint(&format!("{} as signed", grouped(anchored))),
        (anchored, beyond) => Tone::Good.paint(&format!(
            "{} as signed, {} since",
            grouped(anchored),
            grouped(beyond)
        )),
    };
    rows.push(row("Checkpoint", anchored));
    rows.extend(replays.into_iter().flat_map(Replays::rows));
    let mut text = term::columns(&rows, 0);
    if verified.anchored == 0 {
        let told = "Without a checkpoint the log is only shown to fit together.";
        for line in term::wrap(told, term::columns_wide()) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}
