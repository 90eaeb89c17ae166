//! Why a file cannot be read as a table.

use std::fmt::Display;

use super::suggestion::nearest;
use crate::error::Error;

/// A file that cannot be used as a table.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file is missing, forbidden or damaged.
    #[error("{file} cannot be read: {reason}")]
    Unreadable { file: String, reason: String },

    /// The file does not contain a table.
    #[error("{file} is not a table: {reason}")]
    NotATable { file: String, reason: String },

    /// The first line of a CSV file is split by another delimiter than the one in use.
    #[error(
        "{file} is not a table: its columns are not separated by {used:?}, but probably by {found:?}"
    )]
    Delimiter { file: String, used: char, found: char },

    /// The file has no such column.
    #[error("{file} has no column {column:?}{}", listed(.names))]
    NoColumn {
        file: String,
        column: String,
        names: Vec<String>,
        /// The column that was probably meant.
        nearest: Option<String>,
    },

    /// Several columns have the name.
    #[error("{file} has more than one column {column:?}; give each a name of its own")]
    SameName { file: String, column: String },
}

/// Maximum number of columns that an error lists.
const MOST_LISTED: usize = 40;
/// Maximum length of a text that can be the name of a column, in characters.
const LONGEST_NAME: usize = 64;

/// What an error says about the existing columns.
///
/// The first line of a file without a header, or in another format, is a record. It can be about a
/// person, and errors are logged. So it is quoted only if all of it looks like names.
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return ", only none".to_owned();
    }
    if !names.iter().all(|name| looks_like_a_name(name)) {
        return format!(
            "; its first line has {} that are not all names of columns, so they are not shown",
            if names.len() == 1 { "1 value".to_owned() } else { format!("{} values", names.len()) },
        );
    }
    let first: Vec<_> = names.iter().take(MOST_LISTED).map(String::as_str).collect();
    match names.len() - first.len() {
        0 => format!(", only {}", first.join(", ")),
        more => format!(", only {} and {more} more", first.join(", ")),
    }
}

/// Whether a text can be the name of a column rather than a value, such as an e-mail address, a
/// phone number, a date, a sentence or a piece of JSON.
pub(super) fn looks_like_a_name(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let odd = |c: char| c.is_control() || "@{}[]<>\"\\".contains(c);
    text.chars().count() <= LONGEST_NAME
        && digits <= 4
        && (text.is_empty() || text.chars().any(char::is_alphabetic))
        && !text.contains("://")
        && !text.contains(odd)
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
            nearest: if names.iter().all(|name| looks_like_a_name(name)) {
                nearest(column, names.iter().copied()).map(str::to_owned)
            } else {
                None
            },
        }
    }

    /// The column at fault, if there is one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::NoColumn { column, .. } | Self::SameName { column, .. } => Some(column),
            Self::Unreadable { .. } | Self::NotATable { .. } | Self::Delimiter { .. } => None,
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        let mut input = Self::input(error.to_string());
        if let Some(column) = error.column() {
            input = input.with_column(column);
        }
        match error {
            FileError::NoColumn { nearest: Some(near), .. } => {
                input.hint(format!("did you mean {near:?}?"))
            }
            _ => input,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(names: &[&str]) -> String {
        FileError::no_column("people.csv", "id", names).to_string()
    }

    #[test]
    fn names_of_columns_are_listed_and_many_are_counted() {
        let listed = said(&["First name", "Größe", "e-mail", "address_2", "km/h (avg.)"]);
        assert!(listed.ends_with("only First name, Größe, e-mail, address_2, km/h (avg.)"));
        let many: Vec<String> = (0..50).map(|at| format!("column_{at}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(said(&many).ends_with("column_39 and 10 more"), "{}", said(&many));
    }

    #[test]
    fn values_are_not_quoted_as_columns() {
        for value in [
            "ada@example.com",
            "+44 20 7946 0958",
            "4155550100",
            "2026-11-24",
            "P0000001",
            "https://example.com/ada",
            "[{\"name\": \"Ada\"",
            "<people>",
            "Ada Byron wrote the first program, which is what she is known for since then",
            "line\u{1b}[2J",
        ] {
            let said = said(&["Ada", value]);
            assert!(!said.contains("Ada"), "{said}");
            assert!(said.contains("2 values"), "{said}");
        }
    }
}
