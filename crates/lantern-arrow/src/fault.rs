//! Describes what is wrong with imported memory.

use std::{borrow::Cow, error::Error, fmt};

use arrow::error::ArrowError;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    happened: String,
    column: Option<String>,
    /// The fields of nested types that lead to it, outermost first.
    fields: Vec<String>,
    row: Option<usize>,
    hint: Option<&'static str>,
}

/// The advice for memory that no checked function creates.
pub(crate) const MAKE_AGAIN: &str = "make the array again with a function that checks its input; \
                                     PyArrow's array.validate(full=True) checks one that exists";

const DECODE: &str = "decode it with the encoding that it was written in, such as \
                      encoding=\"latin-1\" where the file is read";

/// Maximum length of a description, in characters: types and names are as long as a producer makes
/// them.
const LONGEST: usize = 1_000;

/// Maximum length of a name of columns and fields.
const LONGEST_NAME: usize = 200;

/// The beginning of a text that is longer than this.
fn shortened(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

impl Fault {
    pub(crate) fn new(happened: impl Into<String>) -> Self {
        let happened = happened.into();
        Self {
            happened: shortened(&happened, LONGEST).into_owned(),
            column: None,
            fields: vec![],
            row: None,
            hint: Some(MAKE_AGAIN),
        }
    }

    /// The fault of a stream that failed before its end.
    pub(crate) fn stream(said: impl fmt::Display) -> Self {
        Self { hint: None, ..Self::new(format!("it cannot be read to its end: {said}")) }
    }

    /// The fault of a text whose bytes are not UTF-8.
    pub(crate) fn not_utf8(bytes: &[u8]) -> Self {
        let place = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let byte = bytes.get(place).copied().unwrap_or_default();
        let happened =
            format!("the text is not valid UTF-8: byte 0x{byte:02x} at position {place}");
        Self { hint: Some(DECODE), ..Self::new(happened) }
    }

    #[must_use]
    pub(crate) fn hinted(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    #[must_use]
    pub(crate) fn at(mut self, row: usize) -> Self {
        self.row = Some(row);
        self
    }

    /// Adds the field of the array around it.
    #[must_use]
    pub(crate) fn within(mut self, field: &str) -> Self {
        self.fields.insert(0, field.to_owned());
        self
    }

    /// Adds the column. One without a name is called "the column".
    #[must_use]
    pub(crate) fn in_column(mut self, name: &str) -> Self {
        self.column = Some(name.to_owned());
        self
    }

    #[must_use]
    pub(crate) fn map_row(mut self, row: impl FnOnce(usize) -> Option<usize>) -> Self {
        self.row = self.row.and_then(row);
        self
    }

    /// The name of the column, if it has one.
    pub fn column(&self) -> Option<&str> {
        self.column.as_deref().filter(|name| !name.is_empty())
    }

    /// The row, counted from 0 over all chunks.
    pub fn row(&self) -> Option<usize> {
        self.row
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        self.hint
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column.as_deref() {
            None => f.write_str("the Arrow data")?,
            Some("") => f.write_str("the column")?,
            Some(name) => write!(f, "column {:?}", shortened(name, LONGEST_NAME))?,
        }
        if !self.fields.is_empty() {
            write!(f, ", field {:?}", shortened(&self.fields.join("."), LONGEST_NAME))?;
        }
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        write!(f, ": {}", self.happened)
    }
}

impl Error for Fault {}

impl From<ArrowError> for Fault {
    fn from(error: ArrowError) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_producer_makes_long_is_cut() {
        let long = "ü\u{1b}".repeat(50_000);
        let fault = Fault::new(format!("its type {long:?} is invalid"));
        let text = fault.within(&long).within(&long).in_column(&long).at(7).to_string();
        assert!(text.len() < 10_000, "{} bytes", text.len());
        assert!(text.contains("…\", field") && text.contains(", row 7: its type"), "{text}");
        let short = Fault::new("its type \"ü\" is invalid").in_column("a").to_string();
        assert_eq!(short, "column \"a\": its type \"ü\" is invalid");
    }
}
