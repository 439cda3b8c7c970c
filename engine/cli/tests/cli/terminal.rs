//! The REPL in a terminal, which a pseudo-terminal of the system is to it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::process::{Child, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use tempfile::TempDir;

use crate::run::command;

/// How long a program may say nothing before it is given up: far longer than any answer
/// takes, and only ever waited for where the program is wrong.
const SILENCE_MILLIS: u16 = 60_000;

/// The program with its terminal.
struct Terminal {
    child: Child,
    master: File,
    shown: String,
    /// Where the history goes.
    _state: TempDir,
}

impl Terminal {
    /// Starts the REPL on the fixture's policy; `typed` is there before it reads.
    fn open(columns: u16, typed: &str) -> Self {
        let size = Winsize {
            ws_row: 24,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pair = openpty(&size, None).expect("a pseudo-terminal");
        let mut master = File::from(pair.master);
        master.write_all(typed.as_bytes()).unwrap();
        let slave = || Stdio::from(pair.slave.try_clone().unwrap());
        let state = tempfile::tempdir().unwrap();
        let child = command(&[
            "repl",
            "policies/rail/delay",
            "--as-of",
            "2026-03-05T10:00:00Z",
        ])
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("XDG_STATE_HOME", state.path())
        .stdin(slave())
        .stdout(slave())
        .stderr(slave())
        .spawn()
        .expect("the program starts");
        Self {
            child,
            master,
            shown: String::new(),
            _state: state,
        }
    }

    fn type_in(&mut self, text: &str) {
        self.master.write_all(text.as_bytes()).unwrap();
    }

    /// Reads until the text was shown, or until the program has ended.
    #[track_caller]
    fn until(&mut self, text: Option<&str>) {
        let mut bytes = [0; 4096];
        while text.is_none_or(|text| !self.shown.contains(text)) {
            let mut ready = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
            if poll(&mut ready, PollTimeout::from(SILENCE_MILLIS)) == Ok(0) {
                self.child.kill().unwrap();
                panic!("{text:?} is waited for in vain behind\n{}", self.shown);
            }
            // A terminal whose program has ended gives an error on Linux, nothing elsewhere.
            match self.master.read(&mut bytes) {
                Ok(read @ 1..) => {
                    let read = bytes.get(..read).unwrap_or_default();
                    self.shown.push_str(&String::from_utf8_lossy(read));
                }
                _ => break,
            }
        }
    }

    /// The lines that were shown until the program ended, without what steers a terminal.
    #[track_caller]
    fn lines(mut self) -> Vec<String> {
        self.until(None);
        assert!(self.child.wait().unwrap().success(), "{}", self.shown);
        let plain = anstream::adapter::strip_str(&self.shown).to_string();
        let lines = plain.lines().map(|line| line.trim_end().to_owned());
        lines.collect()
    }
}

/// The answers among the lines of a session.
fn answers(lines: &[String]) -> Vec<&str> {
    let numbers = lines.iter().map(String::as_str);
    numbers.filter(|line| line.parse::<i64>().is_ok()).collect()
}

#[test]
fn lines_pasted_at_once_are_all_answered() {
    for end in ["\r", "\n"] {
        let mut terminal = Terminal::open(80, "");
        terminal.until(Some("> "));
        // A block of several lines and more lines than the editor reads in one piece.
        let mut pasted = ["1+1", "if true {", "  40 + 2", "}", "3+3"].join(end) + end;
        let many: Vec<String> = (1_000..1_400).map(|number| number.to_string()).collect();
        for number in &many {
            pasted.push_str(&format!("{number}{end}"));
        }
        pasted.push_str(&format!(":quit{end}"));
        terminal.type_in(&pasted);
        let lines = terminal.lines();
        let mut expected = vec!["2", "42", "6"];
        expected.extend(many.iter().map(String::as_str));
        assert_eq!(answers(&lines), expected, "{lines:#?}");
    }
}

#[test]
fn what_is_typed_before_the_prompt_is_answered() {
    let lines = Terminal::open(80, "6+6\r7+7\r:quit\r").lines();
    assert_eq!(answers(&lines), ["12", "14"], "{lines:#?}");
}
