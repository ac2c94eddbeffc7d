//! Why a command ends early.

use std::fmt;
use std::process::ExitCode;

#[derive(Debug)]
pub enum Failure {
    /// Something to read and to act upon.
    Because(String),
    /// A program that we ran has failed and has said why itself.
    Program { what: String, code: u8 },
    /// Ctrl-C, or a request to end.
    Interrupted,
}

impl Failure {
    pub fn because(reason: impl Into<String>) -> Self {
        Self::Because(reason.into())
    }

    /// For `map_err`: what was tried, and the error that came of it.
    pub fn while_trying<E: fmt::Display>(what: impl Into<String>) -> impl FnOnce(E) -> Self {
        let what = what.into();
        move |error| Self::Because(format!("{what}: {error}"))
    }

    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Because(_) => ExitCode::FAILURE,
            Self::Program { code, .. } => ExitCode::from(*code),
            Self::Interrupted => ExitCode::from(130),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Because(reason) => f.write_str(reason),
            Self::Program { what, code } => write!(f, "{what} failed (exit code {code})"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}
