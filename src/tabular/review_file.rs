//! A file in which pairs of rows are reviewed: an HTML page, or a table.

use std::{io, path::Path};

use arrow::csv::WriterBuilder;
use lantern_matching::{
    results::Matches,
    review::{PairToReview, page, table},
};

use super::review_workbook;
use crate::{
    error::{Error, Result},
    process::durable,
};

/// The format of a file, by its extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A page that works offline.
    Page,
    Csv,
    Excel,
}

impl Format {
    /// The format for the extension of a path.
    ///
    /// # Errors
    /// If the extension does not name a format.
    pub fn of(path: &Path) -> Result<Self> {
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        match end.to_lowercase().as_str() {
            "html" | "htm" => Ok(Self::Page),
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Excel),
            _ => Err(Error::input(format!("{} has no extension of a review", path.display()))
                .hint("end it in .html for a page, or in .csv or .xlsx for a table")),
        }
    }
}

/// The contents of a file in which a person decides about pairs.
///
/// # Errors
/// If a column cannot be read.
pub fn bytes(
    format: Format,
    matches: &Matches,
    pairs: &[PairToReview],
    ids: (Option<&str>, Option<&str>),
) -> Result<Vec<u8>> {
    Ok(match format {
        Format::Page => page::page(matches, pairs, ids)?.into_bytes(),
        Format::Csv => {
            let batch = table::harmless(&table::table(matches, pairs, ids)?)?;
            let mut bytes = Vec::new();
            WriterBuilder::new().with_header(true).build(&mut bytes).write(&batch)?;
            bytes
        }
        Format::Excel => review_workbook::bytes(&table::table(matches, pairs, ids)?)?,
    })
}

/// Writes a file in which a person decides about pairs.
///
/// # Errors
/// If a column cannot be read, or the file cannot be written.
pub fn write(
    path: &Path,
    format: Format,
    matches: &Matches,
    pairs: &[PairToReview],
    ids: (Option<&str>, Option<&str>),
) -> Result<()> {
    let bytes = bytes(format, matches, pairs, ids)?;
    let unwritable = |error: io::Error| {
        Error::input(format!("{} cannot be written: {error}", path.display())).caused_by(error)
    };
    durable::write(path, &bytes).map_err(unwritable)
}
