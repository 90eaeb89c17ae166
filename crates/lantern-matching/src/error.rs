//! Ways in which matching fails.

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of matching. It says in one sentence what happened and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A table, a rule, a field or a model that cannot be used.
    #[error("{message}")]
    Input { message: String, column: Option<String>, row: Option<u64> },

    /// The watch said stop.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    pub fn input(message: impl Into<String>) -> Self {
        Self::Input { message: message.into(), column: None, row: None }
    }
}

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::input(format!("the table cannot be made: {error}"))
    }
}
