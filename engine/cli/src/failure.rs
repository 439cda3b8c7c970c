//! How the program ends.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use redress_authoring::defect::{Defect, Place};

use crate::defect;
use crate::term;

/// The exit codes, which scripts match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Ok,
    /// Something that no input should cause.
    Internal,
    /// The command line is wrong.
    Usage,
    /// A policy, a case or a history is not valid.
    Invalid,
    /// A test or a gate failed.
    Failed,
    /// With `--fail`: refused.
    Refused,
    /// With `--fail`: escalated or held.
    Waiting,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Internal => 1,
            Exit::Usage => 2,
            Exit::Invalid => 3,
            Exit::Failed => 4,
            Exit::Refused => 5,
            Exit::Waiting => 6,
        })
    }
}

/// An error on its way to the user, with the exit code it leads to.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    error: anyhow::Error,
    at: Option<String>,
    help: Option<String>,
}

impl Failure {
    fn new(exit: Exit, error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit,
            error: error.into(),
            at: None,
            help: None,
        }
    }

    /// The command line asks for something that cannot be.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::new(Exit::Usage, error)
    }

    /// A policy, a case or a history is not valid.
    pub(crate) fn invalid(error: impl Into<anyhow::Error>) -> Self {
        Self::new(Exit::Invalid, error)
    }

    /// A gate did not hold.
    pub(crate) fn gate(error: impl Into<anyhow::Error>) -> Self {
        Self::new(Exit::Failed, error)
    }

    /// The machine or this program failed.
    pub(crate) fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self::new(Exit::Internal, error)
    }

    /// Names the place: a file, with line and column where they are known.
    pub(crate) fn at(mut self, place: impl Display) -> Self {
        self.at = Some(place.to_string());
        self
    }

    /// Says what to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The error, if it is one of this type.
    pub(crate) fn cause<E: Display + std::fmt::Debug + Send + Sync + 'static>(&self) -> Option<&E> {
        self.error.downcast_ref()
    }

    /// Whether a reader such as `head` closed the pipe, which is no error.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<io::Error>())
            .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }

    fn defects(&self) -> Vec<Defect> {
        if let Some(error) = self.error.downcast_ref() {
            return Defect::of_load(error);
        }
        if let Some(errors) = self.error.downcast_ref() {
            return Defect::of_release(errors);
        }
        vec![Defect {
            message: format!("{:#}", self.error),
            place: self.at.clone().map(Place::of_file),
            help: self.help.clone(),
        }]
    }

    /// Tells the user on standard error and gives the exit code.
    pub(crate) fn report(self) -> Exit {
        if self.is_broken_pipe() {
            return Exit::Ok;
        }
        for found in self.defects() {
            term::tell(&defect::render(&found));
        }
        self.exit
    }
}

/// Writing the answer failed, most often because a reader closed the pipe.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::internal(error)
    }
}
