//! Errors as people read them: what, where, and what to do about it.

use redress_authoring::defect::Defect;

use crate::term::Tone;

/// The lines for the terminal.
pub(crate) fn render(defect: &Defect) -> String {
    let (error, colon) = (Tone::Bad.paint("error"), Tone::Strong.paint(":"));
    let mut text = format!("{error}{colon} {}\n", defect.message);
    if let Some(place) = &defect.place {
        text.push_str(&format!("  {} {place}\n", Tone::Place.paint("-->")));
    }
    if let Some(help) = &defect.help {
        text.push_str(&format!("  {} {help}\n", Tone::Place.paint("help:")));
    }
    text
}
