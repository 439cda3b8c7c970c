//! The solver: a program of its own, found when it is needed.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use redress_prove::{Solver, SolverFault};

/// The most bytes of an answer that are read.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A solver that is started for each question.
pub(super) struct Process {
    program: Option<PathBuf>,
    limit: Duration,
}

impl Process {
    /// The program that `SMT_SOLVER` names, or `z3` of the search path.
    pub(super) fn find(limit: Duration) -> Self {
        let named = std::env::var_os("SMT_SOLVER").filter(|name| !name.is_empty());
        let program = named.map(PathBuf::from).or_else(|| {
            let paths = std::env::var_os("PATH")?;
            let mut places = std::env::split_paths(&paths).map(|folder| folder.join("z3"));
            places.find(|place| place.is_file())
        });
        Self { program, limit }
    }

    /// How it was called.
    pub(super) fn name(&self) -> Option<String> {
        let program = self.program.as_ref()?;
        Some(program.display().to_string())
    }

    /// Which program it is, without the folder that it lies in, if it is there at all.
    pub(super) fn program_name(&self) -> Option<String> {
        let program = self.program.as_ref()?;
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let mut places = std::env::split_paths(&paths).map(|folder| folder.join(program));
        let is_there = program.is_file() || places.any(|place| place.is_file());
        let name = program.file_name()?.to_string_lossy();
        is_there.then(|| name.into_owned())
    }
}

fn died(error: impl ToString) -> SolverFault {
    SolverFault::Died {
        said: error.to_string(),
    }
}

/// Ends the process, whatever it is doing; it is gone already if that fails.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

impl Solver for Process {
    fn ask(&self, script: &str) -> Result<String, SolverFault> {
        let program = self.program.as_ref().ok_or(SolverFault::Missing)?;
        let mut command = Command::new(program);
        if program.file_name().is_some_and(|name| name == "z3") {
            command.arg("-in");
        }
        let started = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = started.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => SolverFault::Missing,
            _ => died(error),
        })?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            end(&mut child);
            return Err(died("it has no input or output"));
        };
        let script = format!("{script}(exit)\n");
        // One that does not read must not hold this thread.
        thread::spawn(move || input.write_all(script.as_bytes()));
        let (done, answer) = mpsc::channel();
        thread::spawn(move || {
            let mut text = Vec::new();
            let read = output.take(ANSWER_BYTES_MAX).read_to_end(&mut text);
            let _ = done.send(read.map(|_| text));
        });
        let answer = answer.recv_timeout(self.limit);
        match answer {
            Ok(Ok(text)) => {
                end(&mut child);
                let text = String::from_utf8_lossy(&text).into_owned();
                match text.trim().is_empty() {
                    true => Err(died("it said nothing")),
                    false => Ok(text),
                }
            }
            Ok(Err(error)) => {
                end(&mut child);
                Err(died(error))
            }
            Err(_) => {
                end(&mut child);
                Err(SolverFault::Late {
                    seconds: self.limit.as_secs(),
                })
            }
        }
    }
}
