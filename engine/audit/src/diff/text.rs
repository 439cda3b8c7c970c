//! A difference as lines for a terminal.

use redress_authoring::Lang;
use redress_authoring::text::{Tone, wrap};

use super::{Change, Diff, Entry, Movement};
use crate::things::Part;
use crate::things::words::none;

pub(super) fn text(diff: &Diff, columns: usize) -> String {
    let mut out = lines(&diff.headline(), 0, 0, columns);
    out.push_str(&lines(&diff.proof.sentence(diff.lang), 0, 0, columns));
    for part in Part::ALL {
        let mut entries = diff.of(part).peekable();
        if entries.peek().is_none() {
            continue;
        }
        out.push_str(&format!(
            "\n{}\n",
            Tone::Strong.paint(part.title(diff.lang))
        ));
        for entry in entries {
            let (mark, tone) = match entry.change {
                Change::Added { .. } => ("+", Tone::Good),
                Change::Removed { .. } => ("-", Tone::Bad),
                _ => ("~", Tone::Wait),
            };
            let body = lines(&sentence(entry, diff.lang), 4, 4, columns);
            let body = body.get(4..).unwrap_or_default();
            out.push_str(&format!("  {} {body}", tone.paint(mark)));
            if let Change::Steps { hunks } = &entry.change {
                for hunk in hunks {
                    for (mark, steps) in [("-", &hunk.before), ("+", &hunk.after)] {
                        for step in steps {
                            out.push_str(&lines(&format!("{mark} {step}"), 6, 8, columns));
                        }
                    }
                }
            }
        }
    }
    out
}

/// A text in lines, the first and the others indented.
fn lines(text: &str, first: usize, others: usize, columns: usize) -> String {
    let room = columns.saturating_sub(first.max(others)).max(20);
    let mut out = String::new();
    for (index, line) in wrap(text, room).iter().enumerate() {
        let indent = if index == 0 { first } else { others };
        out.push_str(&" ".repeat(indent));
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// What happened to a thing, in a sentence.
pub(super) fn sentence(entry: &Entry, lang: Lang) -> String {
    let thing = &entry.thing;
    let colon = lang.say(": ", "：");
    let listed = |said: &[(String, String)]| -> String {
        let one = |(name, value): &(String, String)| format!("{name} {value}");
        said.iter()
            .map(one)
            .collect::<Vec<_>>()
            .join(lang.say("; ", "；"))
    };
    match &entry.change {
        Change::Added { says } if says.is_empty() => {
            format!("{} {thing}", lang.say("added", "新增"))
        }
        Change::Added { says } => {
            format!(
                "{} {thing}{colon}{}",
                lang.say("added", "新增"),
                listed(says)
            )
        }
        Change::Removed { said } if said.is_empty() => {
            format!("{} {thing}", lang.say("removed", "删除"))
        }
        Change::Removed { said } => {
            format!(
                "{} {thing}{colon}{}",
                lang.say("removed", "删除"),
                listed(said)
            )
        }
        Change::Changed {
            name,
            from,
            to,
            movement,
            percent,
        } => {
            let nothing = || none(lang).to_owned();
            let (from, to) = (
                from.clone().unwrap_or_else(nothing),
                to.clone().unwrap_or_else(nothing),
            );
            let moved = moved(*movement, *percent, lang);
            format!(
                "{thing}{}{name}{colon}{from} → {to}{moved}",
                lang.say(", ", "，")
            )
        }
        Change::Items {
            name,
            added,
            removed,
        } => {
            let mut parts = Vec::new();
            for (word, items) in [
                (lang.say("new", "新增"), added),
                (lang.say("gone", "删除"), removed),
            ] {
                if !items.is_empty() {
                    parts.push(format!("{word} {}", items.join(lang.say(", ", "、"))));
                }
            }
            let parts = parts.join(lang.say("; ", "；"));
            format!("{thing}{}{name}{colon}{parts}", lang.say(", ", "，"))
        }
        Change::Moved { from } => format!("{from} → {thing}"),
        Change::Steps { .. } => format!("{thing} {}", lang.say("does otherwise", "步骤有变")),
        Change::Reordered { from, to } => {
            let head = lang.say(
                "rows stand in another order, and the first that matches counts",
                "行的顺序有变，以最先匹配者为准",
            );
            format!("{head}{colon}{} → {}", from.join(" | "), to.join(" | "))
        }
    }
}

fn moved(movement: Option<Movement>, percent: Option<i64>, lang: Lang) -> String {
    let word = match movement {
        None => return String::new(),
        Some(Movement::Raised) => lang.say("raised", "提高"),
        Some(Movement::Lowered) => lang.say("lowered", "降低"),
    };
    match (percent, lang) {
        (None, Lang::En) => format!(" ({word})"),
        (None, Lang::Zh) => format!("（{word}）"),
        (Some(percent), Lang::En) => format!(" ({word} by {} %)", percent.unsigned_abs()),
        (Some(percent), Lang::Zh) => format!("（{word} {} %）", percent.unsigned_abs()),
    }
}
