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

use super::{declared_separator, encoding::MARK, error::FileError};

/// Maximum number of rows of a batch.
pub(super) const BATCH_ROWS: usize = 65_536;

/// How a CSV file is read. Its columns are text, so that `007` stays `007`; empty cells are null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvOptions {
    /// The byte between two cells (default `,`). Instead of a comma, a semicolon, a tab or a bar is
    /// used if it splits the file into a table and the comma does not: spreadsheets write the
    /// delimiter of the user's language. That is judged by the first 64 KiB. A first line such as
    /// `sep=;` names the delimiter.
    pub delimiter: u8,
    /// Whether a line break within a cell is refused (default false). A missing quote makes a cell
    /// run on over the following lines, and an id never contains a line break.
    pub one_line: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { delimiter: b',', one_line: false }
    }
}

/// How many bytes of a file are looked at to find its delimiter.
pub(super) const SAMPLE: usize = 64 << 10;
/// How many rows of them.
const SAMPLED: usize = 100;

/// Where the table of a CSV file begins, and its delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    pub options: CsvOptions,
    /// The byte at which the header begins, after byte order marks and the line that names the
    /// delimiter.
    pub start: u64,
    /// Number of lines before the header.
    pub before: u64,
}

/// Finds the table by the first bytes of a file, at most [`SAMPLE`].
pub(super) fn layout(sample: &[u8], options: CsvOptions) -> Layout {
    let marks = sample.chunks(MARK.len()).take_while(|mark| *mark == MARK).count() * MARK.len();
    let text = &sample[marks..];
    let end = memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len());
    let line = std::str::from_utf8(&text[..end]).unwrap_or_default();
    if let Some(delimiter) = declared_separator(line) {
        let feed = match &text[end..] {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            [_, ..] => 1,
        };
        let options = CsvOptions { delimiter, ..options };
        return Layout { options, start: (marks + end + feed) as u64, before: 1 };
    }
    let whole = match memchr::memrchr(b'\n', text) {
        Some(last) if sample.len() == SAMPLE => &text[..=last],
        _ => text,
    };
    let delimiter = if options.delimiter == b',' { delimiter(whole) } else { options.delimiter };
    Layout { options: CsvOptions { delimiter, ..options }, start: marks as u64, before: 0 }
}

/// The delimiter of a text: the comma, unless only another one splits it into a table.
fn delimiter(text: &[u8]) -> u8 {
    let (columns, is_table) = split(text, b',');
    if is_table {
        return b',';
    }
    let others = [b';', b'\t', b'|'].map(|other| (other, split(text, other)));
    // Of two with as many columns, the first.
    let best = |tables: bool| {
        let fitting = others.iter().rev().filter(|(_, (many, is))| *many > 1 && (*is || !tables));
        fitting.max_by_key(|(_, (many, _))| *many).map(|(other, _)| *other)
    };
    match best(true) {
        Some(other) => other,
        None if columns > 1 => b',',
        None => best(false).unwrap_or(b','),
    }
}

/// The number of columns of the first row, and whether there are several and all rows have as many.
fn split(text: &[u8], delimiter: u8) -> (usize, bool) {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut row = ByteRecord::new();
    let (mut columns, mut is_even) = (0, true);
    for number in 0..SAMPLED {
        match reader.read_byte_record(&mut row) {
            Ok(true) if number == 0 => columns = row.len(),
            Ok(true) => is_even &= row.len() == columns,
            Ok(false) | Err(_) => break,
        }
    }
    (columns, columns > 1 && is_even)
}

/// The names in the first line, without a byte order mark.
pub(super) fn header(
    name: &str,
    file: File,
    options: CsvOptions,
) -> Result<Vec<String>, FileError> {
    let mut reader = ReaderBuilder::new().delimiter(options.delimiter).from_reader(file);
    let header = reader.byte_headers().map_err(|error| invalid(name, &error, 0))?;
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

/// Reads the columns at some positions, in batches. The file is at its header.
pub(super) fn read(
    name: &str,
    file: File,
    Layout { options, before, .. }: Layout,
    columns: &[usize],
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>, FileError> {
    let quotes = Quotes { inner: file, odd: false };
    let mut reader = ReaderBuilder::new().delimiter(options.delimiter).from_reader(quotes);
    let mut cells: Vec<StringBuilder> = columns.iter().map(|_| StringBuilder::new()).collect();
    let mut batches = Vec::new();
    let mut row = ByteRecord::new();
    let (mut rows, mut begun, mut is_long) = (0_usize, 1, false);
    while reader.read_byte_record(&mut row).map_err(|error| invalid(name, &error, before))? {
        begun = row.position().map_or(begun, |at| at.line() + before);
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
                Err(_) => return Err(wrong("is not UTF-8")),
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

/// `before`: the number of lines before the header.
fn invalid(name: &str, error: &csv::Error, before: u64) -> FileError {
    match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, Position::line) + before;
            let reason = format!("line {line} has {len} cells and its header {expected_len}");
            FileError::not_a_table(name, reason)
        }
        _ => FileError::unreadable(name, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_makes_a_table() {
        for (text, delimiter, start) in [
            ("id,name\n1,a\n", b',', 0),
            ("id;name\n1;a\n", b';', 0),
            ("id;price\n1;1,5\n2;2,5\n", b';', 0),
            ("id\tname; first\n1\ta, b\n", b'\t', 0),
            ("name, first;id\na;1\nb;2\n", b';', 0),
            ("id|name\n1|a\n", b'|', 0),
            ("id,name;x\n1,a\n", b',', 0),
            ("id;name;x\n1;2\n", b';', 0),
            ("id\n1;2\n", b',', 0),
            ("id\n", b',', 0),
            ("", b',', 0),
            ("\u{feff}\u{feff}id;name\n1;2\n", b';', 6),
            ("sep=;\nid;name\n1;2\n", b';', 6),
            ("\u{feff}sep=\t\r\nid\tname\r\n", b'\t', 10),
            ("\"sep=|\"\rid|name\r", b'|', 8),
            ("sep=;", b';', 5),
        ] {
            let found = layout(text.as_bytes(), CsvOptions::default());
            assert_eq!((found.options.delimiter, found.start), (delimiter, start), "{text:?}");
        }
        let bar = CsvOptions { delimiter: b'|', ..CsvOptions::default() };
        assert_eq!(layout(b"id;name\n1;2\n", bar).options.delimiter, b'|', "it was named");
    }
}
