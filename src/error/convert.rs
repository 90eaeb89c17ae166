//! Conversions of other crates' and modules' errors into [`Error`].

#[cfg(feature = "jobs")]
use lantern_matching::error::{
    Advice as MatchingAdvice, Error as MatchingError, ErrorKind as MatchingKind,
};

use super::{Advice, Error};
use crate::api::Invalid;

#[cfg(feature = "jobs")]
impl From<arrow::error::ArrowError> for Error {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::input(format!("the table cannot be built: {error}")).caused_by(error)
    }
}

#[cfg(feature = "jobs")]
impl From<MatchingError> for Error {
    fn from(error: MatchingError) -> Self {
        let parts = error.into_parts();
        let mut error = match parts.kind {
            MatchingKind::Input => Self::input(parts.happened),
            MatchingKind::Interrupted => return Self::interrupted(),
        };
        error.0.facts.column = parts.column;
        error.0.facts.row = parts.row;
        error.0.advice = parts.advice.map(|advice| match advice {
            MatchingAdvice::Text(text) => Advice::Text(text),
            MatchingAdvice::LearnAgain => Advice::LearnAgain,
            MatchingAdvice::NameFields => Advice::NameFields,
        });
        error
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        let mut error = Self::validation(invalid.field, invalid.message);
        if let Some(hint) = invalid.hint {
            error = error.hint(hint);
        }
        let Some(unknown) = invalid.unknown else { return error };
        error.advise(Advice::CorrectField {
            nearest: unknown.nearest().map(str::to_owned),
            known: unknown.known.iter().map(|name| (*name).to_owned()).collect(),
        })
    }
}
