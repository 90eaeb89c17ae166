//! Tables in files, columns as text, and names that are misspelt.
//!
//! Columns are made text, and text is made columns, by [`text`] alone: integers, booleans and dates
//! have one spelling, and a column of another type is refused rather than written in some form.
//! Files are read with the feature `files`.

#[cfg(feature = "files")]
mod csv;
#[cfg(feature = "files")]
mod error;
#[cfg(feature = "files")]
mod excel;
#[cfg(feature = "files")]
mod file;
mod no_column;
mod plain;
#[cfg(feature = "files")]
pub mod review_file;
#[cfg(feature = "files")]
mod review_workbook;

pub use lantern_matching::{suggestion, text};
pub use no_column::no_column;
pub use plain::{column_as_text, is_plain};

#[cfg(feature = "files")]
pub use self::{csv::CsvOptions, error::FileError, file::TableFile};
