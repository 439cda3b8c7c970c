//! Makes a program smaller while it still shows what it showed.

/// The text without every run of lines that it can do without.
pub(crate) fn shrunk(text: &str, still: impl Fn(&str) -> bool) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let mut length = lines.len();
    while length > 0 {
        let mut at = 0;
        while at + length <= lines.len() {
            let mut fewer = lines.clone();
            fewer.drain(at..at + length);
            if still(&fewer.join("\n")) {
                lines = fewer;
            } else {
                at += 1;
            }
        }
        length = length.min(lines.len() + 1) - 1;
    }
    lines.join("\n")
}
