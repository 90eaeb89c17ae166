//! Reads columns of a CSV file as text; errors name the line.

use std::{
    fs::File,
    io::{self, Read},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder},
    datatypes::SchemaRef,
};
use csv::{ByteRecord, ErrorKind, Position, ReaderBuilder};

use super::error::FileError;

/// Maximum number of rows of a batch.
pub(super) const BATCH_ROWS: usize = 65_536;

/// How a CSV file is read. Its columns are text, so that `007` stays `007`; empty cells are null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvOptions {
    /// The byte between two cells (default `,`).
    pub delimiter: u8,
    /// Whether a line break within a cell is refused (default false). A missing quote makes a cell
    /// run on over the following lines, and an id never contains a line break.
    pub one_line: bool,
    /// Whether another delimiter is used if it splits the first line and `delimiter` does not
    /// (default false): spreadsheets write the delimiter of the user's language.
    pub any_delimiter: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { delimiter: b',', one_line: false, any_delimiter: false }
    }
}

/// The names in the first line, without a byte order mark.
pub(super) fn header(
    name: &str,
    file: File,
    options: CsvOptions,
) -> Result<Vec<String>, FileError> {
    let mut reader = ReaderBuilder::new().delimiter(options.delimiter).from_reader(file);
    let header = reader.byte_headers().map_err(|error| invalid(name, &error))?;
    let text =
        |cell: &[u8]| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').to_owned();
    Ok(header.iter().map(text).collect())
}

/// The delimiter that would split a first line that is a single name.
pub(super) fn other_delimiter(header: &str) -> Option<char> {
    [';', ',', '\t', '|'].into_iter().find(|delimiter| header.contains(*delimiter))
}

/// Counts the quotes in what is read through it.
struct Quotes<R> {
    inner: R,
    odd: bool,
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.odd ^= memchr::memchr_iter(b'"', &buffer[..read]).count() % 2 == 1;
        Ok(read)
    }
}

/// Reads the columns at some positions, in batches.
pub(super) fn read(
    name: &str,
    file: File,
    options: CsvOptions,
    columns: &[usize],
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>, FileError> {
    let quotes = Quotes { inner: file, odd: false };
    let mut reader = ReaderBuilder::new().delimiter(options.delimiter).from_reader(quotes);
    let mut cells: Vec<StringBuilder> = columns.iter().map(|_| StringBuilder::new()).collect();
    let mut batches = Vec::new();
    let mut row = ByteRecord::new();
    let (mut rows, mut begun, mut is_long) = (0_usize, 1, false);
    while reader.read_byte_record(&mut row).map_err(|error| invalid(name, &error))? {
        begun = row.position().map_or(begun, Position::line);
        is_long = memchr::memchr(b'\n', row.as_slice()).is_some();
        for (column, (builder, &at)) in cells.iter_mut().zip(columns).enumerate() {
            let wrong = |reason: &str| {
                let column = schema.field(column).name();
                let reason = format!("column {column:?} in line {begun} {reason}");
                FileError::not_a_table(name, reason)
            };
            match std::str::from_utf8(&row[at]) {
                Ok("") => builder.append_null(),
                Ok(text) if options.one_line && text.contains(['\n', '\r']) => {
                    return Err(wrong("holds a line break; a quote may be missing"));
                }
                Ok(text) => builder.append_value(text),
                Err(_) => return Err(wrong("is not UTF-8; save the file as UTF-8")),
            }
        }
        rows += 1;
        if rows.is_multiple_of(BATCH_ROWS) {
            batches.push(batch(name, &mut cells, schema, BATCH_ROWS)?);
        }
    }
    // A quote that is never closed swallows all lines after it.
    if reader.get_ref().odd && is_long {
        return Err(FileError::not_a_table(
            name,
            format!("a quote in line {begun} is never closed"),
        ));
    }
    let left = rows % BATCH_ROWS;
    if left > 0 || batches.is_empty() {
        batches.push(batch(name, &mut cells, schema, left)?);
    }
    Ok(batches)
}

/// A batch of the cells that were collected.
fn batch(
    name: &str,
    cells: &mut [StringBuilder],
    schema: &SchemaRef,
    rows: usize,
) -> Result<RecordBatch, FileError> {
    let columns = cells.iter_mut().map(|cells| Arc::new(cells.finish()) as ArrayRef).collect();
    // Without any column the number of rows would be lost.
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
        .map_err(|error| FileError::unreadable(name, &error))
}

fn invalid(name: &str, error: &csv::Error) -> FileError {
    match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, Position::line);
            let reason = format!("line {line} has {len} cells and its first line {expected_len}");
            FileError::not_a_table(name, reason)
        }
        _ => FileError::unreadable(name, error),
    }
}
