//! What is asked of a solver, and how its answer is read.

use std::collections::BTreeMap;

/// Something that answers scripts in SMT-LIB 2.
pub trait Solver {
    /// Runs a script and gives what the solver wrote.
    ///
    /// # Errors
    /// [`SolverFault`] when there is no answer.
    fn ask(&self, script: &str) -> Result<String, SolverFault>;
}

/// Why a solver gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SolverFault {
    /// There is none.
    #[error("no solver was found")]
    Missing,
    /// It took too long.
    #[error("the solver did not answer within {seconds} s")]
    Late {
        /// How long it had.
        seconds: u64,
    },
    /// It ended without an answer.
    #[error("the solver died: {said}")]
    Died {
        /// What it said last.
        said: String,
    },
    /// Its answer is not one.
    #[error("the solver answered `{said}`")]
    Nonsense {
        /// How the answer begins.
        said: String,
    },
    /// It could not decide.
    #[error("the solver could not decide")]
    Undecided,
}

impl SolverFault {
    /// The stable code of this fault.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "solver_missing",
            Self::Late { .. } => "solver_late",
            Self::Died { .. } => "solver_died",
            Self::Nonsense { .. } => "solver_nonsense",
            Self::Undecided => "solver_undecided",
        }
    }
}

/// The values of a model, by the names of variables; booleans are 0 and 1.
pub(crate) type Model = BTreeMap<String, i128>;

/// An answer: no values fit, or these do.
pub(crate) fn read(said: &str, vars: &[String]) -> Result<Option<Model>, SolverFault> {
    let text = said.trim_start();
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    match first {
        "unsat" => return Ok(None),
        "unknown" | "timeout" => return Err(SolverFault::Undecided),
        "sat" => {}
        _ => return Err(nonsense(said)),
    }
    let spaced = rest.replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let mut model = Model::new();
    while let Some(word) = words.next() {
        if !vars.iter().any(|var| var == word) {
            continue;
        }
        let mut sign = 1;
        let value = loop {
            match words.next() {
                Some("(") => {}
                Some("-") => sign = -1,
                Some("true") => break 1,
                Some("false") => break 0,
                Some(number) => match number.parse::<i128>() {
                    Ok(number) => break number,
                    Err(_) => return Err(nonsense(said)),
                },
                None => return Err(nonsense(said)),
            }
        };
        model.insert(word.to_owned(), value.saturating_mul(sign));
    }
    match model.len() == vars.len() {
        true => Ok(Some(model)),
        false => Err(nonsense(said)),
    }
}

/// One answer for each of several questions.
pub(crate) fn read_many(said: &str, count: usize) -> Result<Vec<bool>, SolverFault> {
    let answers: Result<Vec<bool>, SolverFault> = said
        .lines()
        .map(|line| match line.trim() {
            "sat" => Ok(true),
            "unsat" => Ok(false),
            "unknown" | "timeout" => Err(SolverFault::Undecided),
            _ => Err(nonsense(said)),
        })
        .collect();
    let answers = answers?;
    match answers.len() == count {
        true => Ok(answers),
        false => Err(nonsense(said)),
    }
}

fn nonsense(said: &str) -> SolverFault {
    SolverFault::Nonsense {
        said: said.trim().chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_read_with_its_signs() {
        let vars = ["k1".to_owned(), "v1".to_owned()];
        let model = read("sat\n((k1 true)\n (v1 (- 5)))", &vars)
            .unwrap()
            .unwrap();
        assert_eq!((model["k1"], model["v1"]), (1, -5));
        assert_eq!(read("unsat\n(error \"no model\")", &vars), Ok(None));
    }

    #[test]
    fn what_is_no_answer_is_nonsense_and_never_a_proof() {
        let vars = ["v1".to_owned()];
        for said in [
            "",
            "sat",
            "sat ((v1 maybe))",
            "proved",
            "(error)",
            "sat\n((v2 1))",
        ] {
            let error = read(said, &vars).unwrap_err();
            assert_eq!(error.code(), "solver_nonsense", "{said}");
        }
        assert_eq!(read("unknown", &vars), Err(SolverFault::Undecided));
        assert_eq!(read_many("sat\nunsat\n", 2), Ok(vec![true, false]));
        assert!(read_many("sat\n", 2).is_err());
    }
}
