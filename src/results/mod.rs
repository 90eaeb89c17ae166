//! Result files: CSV in, Arrow out.
//!
//! Columns are found by name, never by position, and have the documented types: text, and booleans
//! for `email_found` and `phone_found` (`true`/`false`, `yes`/`no`, their first letters, or 1/0, in
//! any case; any other word is null, and the row counts as found if its value is there). Ids and
//! phone numbers stay text, with every leading zero. Undocumented columns are kept as text; those
//! of deep research, which are all undocumented, get a type if no value changes by it (`infer`). A
//! missing documented column is filled with nulls, except `id` and the answers that the batch asked
//! for, without which the file is not a result.
//!
//! An empty cell is null. An empty quoted cell (`""`) is an empty text, as in Polars and DuckDB; in
//! a boolean column both are null.
//!
//! Cells are separated by commas, or by semicolons, tabs or bars if the header shows it. Cells that
//! are missing at the end of a row are null, unless the file ends there.
//!
//! Files that are compressed, in UTF-16 or in Latin-1, or whose lines end with a bare CR, are
//! recognized and read (`decode`, `text`).
//!
//! A file that cannot be complete and intact is an error with its name and the line, so that a
//! damaged file is never read as a shorter result. Duplicate ids and ids that were not asked for
//! are left to the caller, who knows what was asked for.

mod assemble;
mod columns;
mod credits;
mod decode;
mod dialect;
pub(crate) mod found;
mod identify;
mod infer;
mod line_ends;
mod lines;
mod merge_rows;
mod parts;
mod read;
mod reader;
mod reconcile;
pub(crate) mod record_id;
mod rows;
mod separators;
mod spelling;
mod table;
mod text;

use std::{fs::File, io::Read};

use arrow::{
    array::Array, compute::concat_batches, datatypes::DataType, record_batch::RecordBatch,
};

pub use credits::{CreditsReport, Spent, parse_credits};
pub use identify::{Identified, Unidentified, identify, identify_each};
pub use read::{ResultFile, read_files, read_results};
pub use reconcile::{Answers, Assignment, Settled, keep_rows_of, settle, settle_records};

use crate::{Error, Result, api::agents::BatchKind};

/// The text of a file with commas between its cells, in whichever form it came. A plain file with
/// commas is unchanged, except for a byte order mark.
///
/// # Errors
/// If the file is damaged, or not a CSV file.
pub(crate) fn with_commas(bytes: &[u8], name: &str) -> Result<String> {
    let text = text::of_file(bytes, &lines::Lines::new(name))?;
    Ok(dialect::with_commas(&text).into_owned())
}

/// How many bytes of a file are read for its header.
const HEADER: u64 = 1 << 16;

/// The columns of a result file, with their types. In a file of deep research, a column without
/// values has the type null, and the whole file is read, because its values determine the types. Of
/// other files only the header is read.
pub fn columns_of(file: &ResultFile, kind: BatchKind) -> Result<Vec<(String, DataType)>> {
    if kind != BatchKind::DeepResearch
        && let Some(header) = plain_header(file)
        && let Ok(empty) = parse_result(&header, &file.name, Some(kind))
    {
        let fields = empty.schema();
        let fields = fields.fields().iter();
        return Ok(fields.map(|field| (field.name().clone(), field.data_type().clone())).collect());
    }
    let batches = read_files(std::slice::from_ref(file), Some(kind))?;
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let schema = first.schema();
    let columns = schema.fields().iter().enumerate().map(|(at, field)| {
        let void = batches.iter().all(|batch| batch.column(at).null_count() == batch.num_rows());
        let void = void && kind == BatchKind::DeepResearch;
        let data_type = if void { DataType::Null } else { field.data_type().clone() };
        (field.name().clone(), data_type)
    });
    Ok(columns.collect())
}

/// The first line of a file, if the file is plain text and the line is short.
fn plain_header(file: &ResultFile) -> Option<Vec<u8>> {
    let mut header = Vec::new();
    File::open(&file.path).ok()?.take(HEADER).read_to_end(&mut header).ok()?;
    let end = header.iter().position(|byte| *byte == b'\n')?;
    header.truncate(end + 1);
    let plain =
        header.iter().all(|byte| byte.is_ascii() && (*byte >= b' ' || b"\t\r\n".contains(byte)));
    plain.then_some(header)
}

/// Parses one result in memory. `source` is the name that errors use for it.
///
/// ```
/// use lantern::{api::agents::BatchKind, results::parse_result};
///
/// let csv = b"id,email,email_found\n007,ada@acme.com,true\n008,,false\n";
/// let table = parse_result(csv, "answer.csv", Some(BatchKind::Email)).unwrap();
/// assert_eq!((table.num_rows(), table.num_columns()), (2, 8));
/// ```
pub fn parse_result(bytes: &[u8], source: &str, kind: Option<BatchKind>) -> Result<RecordBatch> {
    let mut reader = reader::Reader::new(kind);
    let mut open = reader.open(source);
    let mut block = reader::Block::default();
    let mut at = 0;
    let bytes = &*decode::bytes(bytes, source)?;
    loop {
        let end = bytes.len().min(at + block.size());
        let complete = end == bytes.len();
        let used = reader.feed(&mut open, &bytes[at..end], complete, bytes.len() as u64)?;
        if complete {
            break;
        }
        at += used;
        block.used(used, source)?;
    }
    reader.close(open, None)?;
    reader.end();
    let chunks = assemble::table(vec![reader], kind)?;
    match chunks.as_slice() {
        [chunk] => Ok(chunk.clone()),
        chunks => concat_batches(chunks[0].schema_ref(), chunks).map_err(|_| {
            Error::results(source, None, format!("{source} is too large to be one chunk"))
                .hint("read it from a file")
        }),
    }
}
