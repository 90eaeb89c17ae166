//! Describes what is wrong with imported memory.

use std::{error::Error, fmt};

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

impl Fault {
    pub(crate) fn new(happened: impl Into<String>) -> Self {
        Self {
            happened: happened.into(),
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
            Some(name) => write!(f, "column {name:?}")?,
        }
        if !self.fields.is_empty() {
            write!(f, ", field {:?}", self.fields.join("."))?;
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
