//! Errors of other crates and modules as errors of `lantern`.

use lantern_matching::error::Error as MatchingError;

use super::Error;
use crate::api::Invalid;

impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::input(format!("the table cannot be made: {error}")).caused_by(error)
    }
}

impl From<MatchingError> for Error {
    fn from(error: MatchingError) -> Self {
        match error {
            MatchingError::Input { message, column, row } => {
                let mut error = Self::input(message);
                error.0.facts.column = column;
                error.0.facts.row = row;
                error
            }
            MatchingError::Interrupted => Self::interrupted(),
        }
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::validation(invalid.field, invalid.message)
    }
}
