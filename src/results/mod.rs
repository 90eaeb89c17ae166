//! Result files: CSV in, Arrow out.
//!
//! Columns are found by their names, never by position, and have the documented types: text, and
//! booleans for `email_found` and `phone_found` (`true`/`false` in any case, or 1/0). Ids and phone
//! numbers stay text with every zero. Columns that are not documented are kept as text; those of
//! deep research, of which none is documented, get a type where no value is lost by it (`infer`).
//! A documented column that is not there is all null, save `id` and the answers that the batch was
//! for, without which a file is no result.
//!
//! A cell with nothing in it is null. A quoted cell with nothing in it (`""`) is the empty text, as
//! Polars and DuckDB read it; for a boolean both are null.
//!
//! Files that are packed, in UTF-16 or in Latin-1, or whose lines end with CR alone, are read as what
//! they are (`plain`).
//!
//! What cannot be a whole, sound file is an error that names file and line: a file never passes for
//! a shorter result. Ids that come twice or were never asked for are left to the caller, who knows
//! what was asked.

mod assemble;
mod columns;
mod credits;
mod identify;
mod infer;
mod lines;
mod plain;
mod read;
mod reader;
mod rows;
mod separators;
mod settle;
mod spelling;
mod table;

use std::{fs::File, io::Read};

use arrow::{
    array::Array, compute::concat_batches, datatypes::DataType, record_batch::RecordBatch,
};

pub use credits::{CreditsReport, Spent, parse_credits};
pub use identify::{Identified, Unidentified, identify};
pub use read::{ResultFile, read_files, read_results};
pub use settle::{Answers, Settled, Told, settle, settle_records};

use crate::{Error, Result, api::agents::BatchKind};

/// How much of a file is read for its header.
const HEADER: u64 = 1 << 16;

/// The columns of a result file, with their types; one in which a file of deep research has no value is of
/// type null. Only that kind is read to the end, because its values decide about the types.
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

/// The first line of a file, where it is plain text and short.
fn plain_header(file: &ResultFile) -> Option<Vec<u8>> {
    let mut header = Vec::new();
    File::open(&file.path).ok()?.take(HEADER).read_to_end(&mut header).ok()?;
    let end = header.iter().position(|byte| *byte == b'\n')?;
    header.truncate(end + 1);
    let plain =
        header.iter().all(|byte| byte.is_ascii() && (*byte >= b' ' || b"\t\r\n".contains(byte)));
    plain.then_some(header)
}

/// Parses one result that is in memory; `source` is what errors call it.
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
    let bytes = &*plain::bytes(bytes, source)?;
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
