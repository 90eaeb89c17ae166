//! Why a file is not read as a table.

use std::fmt::Display;

use super::suggestion::nearest;
use crate::error::Error;

/// A file that cannot be used as a table.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file is missing, forbidden or damaged.
    #[error("{file} cannot be read: {reason}")]
    Unreadable { file: String, reason: String },

    /// The file holds no table.
    #[error("{file} is not a table: {reason}")]
    NotATable { file: String, reason: String },

    /// A CSV file whose first line another delimiter splits.
    #[error(
        "{file} is not a table: its columns are not separated by {used:?}, but probably by {found:?}"
    )]
    Delimiter { file: String, used: char, found: char },

    /// A column that the file does not have.
    #[error("{file} has no column {column:?}, only {}", list(.names))]
    NoColumn {
        file: String,
        column: String,
        names: Vec<String>,
        /// The column that may be meant.
        nearest: Option<String>,
    },

    /// Several columns of the name that is wanted.
    #[error("{file} has more than one column {column:?}; give each a name of its own")]
    SameName { file: String, column: String },
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl FileError {
    pub(super) fn unreadable(file: &str, reason: &dyn Display) -> Self {
        Self::Unreadable { file: file.to_owned(), reason: reason.to_string() }
    }

    pub(super) fn not_a_table(file: &str, reason: impl Into<String>) -> Self {
        Self::NotATable { file: file.to_owned(), reason: reason.into() }
    }

    pub(super) fn no_column(file: &str, column: &str, names: &[&str]) -> Self {
        Self::NoColumn {
            file: file.to_owned(),
            column: column.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            nearest: nearest(column, names.iter().copied()).map(str::to_owned),
        }
    }

    /// The column at fault, where there is one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::NoColumn { column, .. } | Self::SameName { column, .. } => Some(column),
            Self::Unreadable { .. } | Self::NotATable { .. } | Self::Delimiter { .. } => None,
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        let hint = match &error {
            FileError::NoColumn { nearest: Some(near), .. } => format!("; did you mean {near:?}?"),
            _ => String::new(),
        };
        let column = error.column().map(str::to_owned);
        let input = Self::input(format!("{error}{hint}"));
        match column {
            Some(column) => input.with_column(column),
            None => input,
        }
    }
}
