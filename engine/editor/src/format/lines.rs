//! Lines as they come out, with the comments at their ends aligned.

use unicode_width::UnicodeWidthStr as _;

/// A line as it comes out.
#[derive(Default)]
struct Line {
    text: String,
    /// A comment at its end.
    comment: Option<String>,
}

/// The lines so far, and the one being written.
#[derive(Default)]
pub(super) struct Lines {
    done: Vec<Line>,
    line: Line,
}

impl Lines {
    /// Ends the line, leaves a blank one where more than one ends, and begins the next,
    /// so far in.
    pub(super) fn start(&mut self, breaks: usize, indent: usize) {
        self.end(breaks);
        self.line.text = " ".repeat(indent);
    }

    /// Whether nothing stands on the line yet.
    pub(super) fn is_blank(&self) -> bool {
        self.line.text.trim().is_empty()
    }

    /// Writes on the line.
    pub(super) fn push(&mut self, text: &str) {
        self.line.text.push_str(text);
    }

    /// Ends the line in a comment, or begins it where nothing stands on it yet.
    pub(super) fn comment(&mut self, text: &str) {
        if self.is_blank() {
            self.push(text);
        } else {
            self.line.comment = Some(text.to_owned());
        }
    }

    fn end(&mut self, breaks: usize) {
        let line = std::mem::take(&mut self.line);
        if !line.text.trim().is_empty() {
            self.done.push(line);
        }
        if breaks > 1 && !self.done.is_empty() {
            self.done.push(Line::default());
        }
    }

    /// The text. Comments at the ends of lines that follow each other stand below each other.
    pub(super) fn finish(mut self) -> String {
        self.end(1);
        let mut text = String::new();
        let aligns = |line: &Line| line.comment.is_some() && !line.text.contains('\n');
        for group in self.done.chunk_by(|one, next| aligns(one) && aligns(next)) {
            let width = |line: &Line| line.text.lines().next_back().unwrap_or_default().width();
            let widest = group.iter().map(width).max().unwrap_or_default();
            for line in group {
                text.push_str(line.text.trim_end());
                if let Some(comment) = &line.comment {
                    text.push_str(&" ".repeat(widest - width(line) + 1));
                    text.push_str(comment);
                }
                text.push('\n');
            }
        }
        text
    }
}
