//! Text for people: tones, columns, lines and bars.

mod chart;
mod set;

use anstyle::{AnsiColor, Style};

pub use self::chart::{Bar, bars};
pub use self::set::{columns, counted, grouped, harmless, pad_left, pad_right, width, wrap};

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something went well.
    Good,
    /// Something went wrong.
    Bad,
    /// Something waits for a person.
    Wait,
    /// A heading, or the most important word of a line.
    Strong,
    /// Something beside the matter.
    Faint,
    /// A place or a hint.
    Place,
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default().bold(),
            Self::Wait => AnsiColor::Yellow.on_default().bold(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Place => AnsiColor::Cyan.on_default().bold(),
        }
    }

    /// The text in this tone; a program takes the colour out where there is none.
    #[must_use]
    pub fn paint(self, text: &str) -> String {
        let style = self.style();
        format!("{style}{text}{style:#}")
    }
}

/// The text without any escape code.
#[must_use]
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
