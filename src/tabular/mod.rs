//! Tables in files, columns as text, and suggestions for misspelt names.
//!
//! Conversion between columns and text is done by [`text`] alone: integers, booleans and dates have
//! one spelling, and a column of any other type is refused instead of being written in an arbitrary
//! form. Reading files needs the feature `files`.

#[cfg(feature = "files")]
mod csv;
#[cfg(feature = "files")]
mod encoding;
#[cfg(feature = "files")]
mod error;
mod exact_text;
#[cfg(feature = "files")]
mod excel;
#[cfg(feature = "files")]
mod file;
mod no_column;
#[cfg(feature = "files")]
pub mod review_file;
#[cfg(feature = "files")]
mod review_workbook;
mod separator;

pub use exact_text::{column_as_text, is_plain};
pub use lantern_matching::{suggestion, text};
pub use no_column::no_column;
pub(crate) use separator::declared as declared_separator;

#[cfg(feature = "files")]
pub use self::{csv::CsvOptions, error::FileError, file::TableFile};
