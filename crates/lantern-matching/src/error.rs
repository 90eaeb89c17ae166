//! Errors of matching.

use std::{borrow::Cow, fmt};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A table, a rule, a field or a model is invalid.
    Input,
    /// The caller stopped the work (see [`Watch`](crate::options::Watch)).
    Interrupted,
}

/// What to do about an error, as data. Each face (Rust, Python, the command line) words it for its
/// users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// Advice whose wording does not depend on the face.
    Text(Cow<'static, str>),
    /// Learn the model again from the tables.
    LearnAgain,
    /// Name the fields to match by.
    NameFields,
}

/// An error of matching: what happened, and to what.
#[derive(Debug, Clone, PartialEq)]
pub struct Error(Box<Parts>);

/// The parts of an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    pub kind: ErrorKind,
    /// What happened, without advice.
    pub happened: String,
    pub column: Option<String>,
    /// The row, counted from 0.
    pub row: Option<u64>,
    pub advice: Option<Advice>,
}

impl Error {
    fn new(kind: ErrorKind, happened: String) -> Self {
        Self(Box::new(Parts { kind, happened, column: None, row: None, advice: None }))
    }

    pub fn input(happened: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, happened.into())
    }

    pub fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, "interrupted".to_owned())
    }

    #[must_use]
    pub fn with_column(mut self, column: impl Into<String>) -> Self {
        self.0.column = Some(column.into());
        self
    }

    #[must_use]
    pub fn advise(mut self, advice: Advice) -> Self {
        self.0.advice = Some(advice);
        self
    }

    /// Adds advice whose wording does not depend on the face.
    #[must_use]
    pub fn hint(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.advise(Advice::Text(text.into()))
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Takes the error apart, for a caller that converts it into its own error.
    pub fn into_parts(self) -> Parts {
        *self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.happened)?;
        match &self.0.advice {
            None => Ok(()),
            Some(Advice::Text(text)) => write!(f, "; {text}"),
            Some(Advice::LearnAgain) => f.write_str("; learn it again with linkage::learn"),
            Some(Advice::NameFields) => f.write_str("; name them in Options::fields"),
        }
    }
}

impl std::error::Error for Error {}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::input(format!("the table cannot be made: {error}"))
    }
}
