//! `redress repl`: a terminal, or a pipe, before the session that the library keeps.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::PathBuf;
use std::rc::Rc;

use redress::Engine;
use redress_authoring::repl::{Next, Repl, Setting};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper};

use crate::args::ReplArgs;
use crate::failure::{Exit, Failure};
use crate::{clock, input, term};

/// The longest line that a pipe may bring, in bytes; code is held to a lower limit.
const LINE_BYTES_MAX: u64 = 1024 * 1024;
/// The most entries of the history.
const HISTORY_MAX: usize = 1_000;
const PROMPT: &str = "> ";

/// Why a session cannot begin.
#[derive(Debug, thiserror::Error)]
enum ReplError {
    /// The clock of the machine stands outside the years that a decision may have.
    #[error("the machine's clock is wrong")]
    NoClock,
}

/// Runs `redress repl`.
pub(crate) fn run(args: &ReplArgs) -> Result<Exit, Failure> {
    let as_of = match args.as_of {
        Some(as_of) => as_of,
        None => clock::now().ok_or_else(|| Failure::internal(ReplError::NoClock))?,
    };
    let setting = Setting {
        policy: args.policy.clone(),
        as_of,
        actor: input::actor(&args.actor)?,
        standing: input::standing(args.standing.as_deref())?,
        lang: args.lang.into(),
        columns: term::columns_wide(),
    };
    let engine = Engine::new(redress::EngineLimits::STANDARD);
    let actor = setting.actor.clone();
    let repl = Repl::new(engine, setting).map_err(Failure::invalid)?;
    input::warn_of_role(&actor, repl.releases().iter());
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        at_terminal(repl)
    } else {
        through_pipe(repl)
    }
}

/// Reads blocks from a pipe and answers without prompts or colours.
fn through_pipe(mut repl: Repl) -> Result<Exit, Failure> {
    let mut stdin = io::stdin().lock();
    let mut block = String::new();
    loop {
        let mut line = Vec::new();
        let mut limited = stdin.by_ref().take(LINE_BYTES_MAX);
        let read = limited.read_until(b'\n', &mut line)?;
        // What is not UTF-8 shows as such and is an error of the language, not of ours.
        block.push_str(&String::from_utf8_lossy(&line));
        if read > 0 && !Repl::is_whole(&block) && block.len() < usize::from(u16::MAX) {
            continue;
        }
        let reply = repl.feed(&std::mem::take(&mut block));
        if !reply.text.is_empty() {
            term::print(&reply.text)?;
        }
        if read == 0 || reply.next == Next::End {
            return Ok(Exit::Ok);
        }
    }
}

fn at_terminal(repl: Repl) -> Result<Exit, Failure> {
    let colours = std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty())
        && std::env::var("TERM").is_ok_and(|term| term != "dumb");
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .color_mode(if colours {
            ColorMode::Enabled
        } else {
            ColorMode::Disabled
        })
        .max_history_size(HISTORY_MAX)
        .and_then(|config| config.history_ignore_dups(true))
        .map_err(Failure::internal)?
        .history_ignore_space(true)
        .auto_add_history(true)
        .bracketed_paste(true)
        .build();
    let mut editor: Editor<Assistant, FileHistory> =
        Editor::with_config(config).map_err(Failure::internal)?;
    let repl = Rc::new(RefCell::new(repl));
    editor.set_helper(Some(Assistant {
        repl: Rc::clone(&repl),
    }));
    let history = history_file();
    if let Some(file) = &history {
        // The first session has no history.
        let _none_yet = editor.load_history(file);
    }
    let greeting = repl.borrow().greeting();
    term::print(&greeting)?;
    let ended = loop {
        match editor.readline(PROMPT) {
            Ok(block) => {
                // The terminal may have been resized since the last block.
                repl.borrow_mut().resize(term::columns_wide());
                let reply = repl.borrow_mut().feed(&block);
                if let Err(error) = term::print(&reply.text) {
                    break Err(error.into());
                }
                if reply.next == Next::End {
                    break Ok(Exit::Ok);
                }
            }
            // Ctrl-C drops what is typed, as in a shell.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break Ok(Exit::Ok),
            Err(error) => break Err(Failure::internal(error)),
        }
    };
    if let Some(file) = &history {
        let kept = file
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .map_err(ReadlineError::Io)
            .and_then(|()| editor.save_history(file));
        if let Err(error) = kept {
            term::warn(&format!("the history was not kept: {error}"));
        }
    }
    ended
}

/// Where the history is kept, as the XDG base directories say.
fn history_file() -> Option<PathBuf> {
    let of = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = of("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.or_else(|| Some(PathBuf::from(of("HOME")?).join(".local/state")))?;
    Some(state.join("redress").join("history"))
}

/// What the line editor asks while a block is typed.
struct Assistant {
    repl: Rc<RefCell<Repl>>,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..at).unwrap_or(line);
        let mut found = self.repl.borrow().complete(before);
        if let [only] = found.words.as_mut_slice()
            && only.starts_with(':')
        {
            // What a command takes comes next.
            only.push(' ');
        }
        Ok((found.start, found.words))
    }
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<String> {
        (at == line.len())
            .then(|| self.repl.borrow().hint(line))
            .flatten()
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        Cow::Owned(Repl::highlight(line))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(term::Tone::Faint.paint(hint))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if Repl::is_whole(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}
