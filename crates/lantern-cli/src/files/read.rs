//! Reads one column of a file, or the whole table, for the command line.

use std::{path::Path, sync::Arc};

use arrow::{array::ArrayRef, datatypes::DataType};

use super::super::{
    failure::{Failure, Result},
    shell,
};
use lantern::{
    error::Error,
    matching::tables::Table,
    tabular::{CsvOptions, FileError, TableFile},
};

/// A column of a file.
#[derive(Debug)]
pub struct Column {
    pub data_type: DataType,
    pub chunks: Vec<ArrayRef>,
}

/// Reads the column `name` of a Parquet, Arrow IPC (file or stream) or CSV file; `-` is standard
/// input.
///
/// # Errors
/// If the file cannot be read, or has no such column; the advice is in options of the command.
pub fn read_column(path: &Path, name: &str, delimiter: u8) -> Result<Column> {
    let read = || -> Result<_, FileError> {
        let table = TableFile::open(path, CsvOptions { delimiter, one_line: true })?;
        let at = table.position(name)?;
        let batches = table.read(&[at])?;
        Ok(Column {
            data_type: table.schema().field(at).data_type().clone(),
            chunks: batches.iter().map(|batch| Arc::clone(batch.column(0))).collect(),
        })
    };
    read().map_err(|error| advise(&error, "--id "))
}

/// Like [`read_column`], for several columns. `option` is the option that names a column on the
/// command line.
///
/// # Errors
/// As for [`read_column`].
pub fn read_columns(
    path: &Path,
    names: &[&str],
    delimiter: u8,
    option: &str,
) -> Result<Vec<Column>> {
    let read = || -> Result<_, FileError> {
        let table = TableFile::open(path, CsvOptions { delimiter, ..CsvOptions::default() })?;
        let places = names.iter().map(|name| table.position(name));
        let places: Vec<usize> = places.collect::<Result<_, _>>()?;
        // Columns are read in ascending order, and each only once.
        let mut wanted = places.clone();
        wanted.sort_unstable();
        wanted.dedup();
        let batches = table.read(&wanted)?;
        let column = |place: &usize| {
            let at = wanted.binary_search(place).unwrap_or(0);
            Column {
                data_type: table.schema().field(*place).data_type().clone(),
                chunks: batches.iter().map(|batch| Arc::clone(batch.column(at))).collect(),
            }
        };
        Ok(places.iter().map(column).collect())
    };
    read().map_err(|error| advise(&error, option))
}

/// Reads all columns of a file in any format. `side` is the name that errors use for the table.
///
/// # Errors
/// If the file cannot be read.
pub fn read_table(path: &Path, delimiter: u8, side: &'static str) -> Result<Table> {
    whole(path, CsvOptions { delimiter, ..CsvOptions::default() }, side)
}

fn whole(path: &Path, options: CsvOptions, side: &'static str) -> Result<Table> {
    let read = || -> Result<_, FileError> {
        let table = TableFile::open(path, options)?;
        let all: Vec<usize> = (0..table.schema().fields().len()).collect();
        let batches = table.read(&all)?;
        Ok((
            batches.first().map_or_else(|| table.schema().clone(), |batch| batch.schema()),
            batches,
        ))
    };
    let (schema, batches) = read().map_err(|error| advise(&error, "--id "))?;
    Ok(Table::new(schema, batches, side).map_err(Error::from)?)
}

/// `option` is the option that names a column on the command line.
fn advise(error: &FileError, option: &str) -> Failure {
    let failure = match error {
        FileError::NoColumn { nearest: Some(near), .. } => {
            Failure::input(format!("{error}; did you mean {option}{}?", shell::word(near)))
        }
        FileError::NoColumn { nearest: None, .. } => {
            Failure::input(format!("{error}; choose one with {}", option.trim_end()))
        }
        FileError::Delimiter { found, .. } => {
            let found = found.escape_default();
            Failure::input(format!("{error}; try --delimiter '{found}'"))
        }
        _ => Failure::input(error.to_string()),
    };
    match error.column() {
        Some(column) => failure.with("column", column),
        None => failure,
    }
}
