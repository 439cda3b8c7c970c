//! A difference for the description of a pull request.

use super::text::sentence;
use super::{Change, Diff};
use crate::things::Part;

pub(super) fn markdown(diff: &Diff) -> String {
    let mut out = format!(
        "## {}\n\n{}\n",
        escaped(&diff.headline()),
        escaped(&diff.proof.sentence(diff.lang))
    );
    for part in Part::ALL {
        let mut entries = diff.of(part).peekable();
        if entries.peek().is_none() {
            continue;
        }
        out.push_str(&format!("\n### {}\n\n", part.title(diff.lang)));
        for entry in entries {
            out.push_str(&format!("- {}\n", escaped(&sentence(entry, diff.lang))));
            if let Change::Steps { hunks } = &entry.change {
                out.push_str("\n  ```diff\n");
                for hunk in hunks {
                    for (mark, steps) in [("-", &hunk.before), ("+", &hunk.after)] {
                        for step in steps {
                            out.push_str(&format!("  {mark} {}\n", step.replace("```", "'''")));
                        }
                    }
                }
                out.push_str("  ```\n\n");
            }
        }
    }
    let note = diff.lang.say("Digest of the new release", "新版本摘要");
    out.push_str(&format!("\n{note}: `sha256:{}`\n", diff.new.digest));
    out
}

/// The text with nothing in it that Markdown would set, link or mention.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '@' | '!' | '~' | '&' => {
                out.push('\\');
                out.push(character);
            }
            '\n' | '\r' => out.push(' '),
            character => out.push(character),
        }
    }
    out
}
