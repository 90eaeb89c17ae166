//! Suppression in the tables of jobs: reads lists from tables and files, and leaves out suppressed
//! rows and answers.

use std::collections::HashSet;

use arrow::{
    array::{ArrayRef, BooleanArray, RecordBatch},
    compute::filter_record_batch,
    datatypes::{DataType, SchemaRef},
};

use super::{
    combined_results::{Places, Results},
    records::StoredRecords,
    row_status::RowStatus,
};
use crate::{
    error::{Error, Result},
    ledger::{
        NewJob, Store,
        suppression::{Entry, Identifier, Suppressed},
    },
    matching::text,
    tabular::{is_plain, no_column},
};

/// Reads entries from texts. E-mail addresses, domains and LinkedIn pages are recognized by their
/// form, and each text is also taken as the id of a record.
pub fn of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Entry> {
    texts.into_iter().flat_map(Entry::of_text).collect()
}

/// A column of a list, and what it holds. Without a kind, the form of each text says what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListColumn {
    pub name: String,
    pub kind: Option<Identifier>,
}

/// The entries of a list, and the columns that they were taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    pub entries: Vec<Entry>,
    pub columns: Vec<ListColumn>,
}

/// Reads entries from a table: from columns whose names say that they contain ids of records, e-mail
/// addresses, domains or LinkedIn pages. The only column of a table may contain any of these.
///
/// # Errors
/// If no column has such a name, or one of them cannot be read as text.
pub fn of_table(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<Entry>> {
    Ok(list_of(schema, batches, &[])?.entries)
}

/// Like [`of_table`], from the `wanted` columns if there are any.
///
/// # Errors
/// As for [`of_table`], or if there is no such column.
pub fn list_of(schema: &SchemaRef, batches: &[RecordBatch], wanted: &[ListColumn]) -> Result<List> {
    let fields = schema.fields();
    let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    let columns: Vec<(usize, Option<Identifier>)> = if wanted.is_empty() {
        let known = |(at, name): (usize, &&str)| Some((at, Some(Identifier::of_column(name)?)));
        names.iter().enumerate().filter_map(known).collect()
    } else {
        let place = |column: &ListColumn| {
            let at = names.iter().position(|name| *name == column.name);
            let at = at.ok_or_else(|| no_column("the list", &column.name, &names))?;
            Ok((at, column.kind.or_else(|| Identifier::of_column(&column.name))))
        };
        wanted.iter().map(place).collect::<Result<_>>()?
    };
    let is_only = columns.is_empty() && names.len() == 1;
    let columns = match (columns.is_empty(), is_only) {
        (true, true) => vec![(0, None)],
        (true, false) => {
            let names: Vec<_> = names.iter().map(|name| format!("{name:?}")).collect();
            return Err(Error::input(format!(
                "no column of the list is known to hold ids of records, e-mail addresses, domains or \
                 LinkedIn pages (its columns: {})",
                names.join(", ")
            ))
            .hint("name columns id, email, domain or linkedin, or give a list of texts"));
        }
        (false, _) => columns,
    };
    let mut entries = Vec::new();
    for &(at, kind) in &columns {
        let (name, data_type) = (names[at], fields[at].data_type());
        // A file of lines has no header, so the name of its column is an entry, too.
        if is_only && *data_type == DataType::Utf8 {
            entries.extend(Entry::of_text(name));
        }
        if !is_plain(data_type) {
            return Err(Error::input(format!(
                "column {name:?} of the list has type {data_type}, which cannot be read as text"
            ))
            .with_column(name));
        }
        for batch in batches {
            for text in texts(name, batch.column(at))? {
                match kind {
                    Some(kind) => entries.push(Entry { kind, text }),
                    None => entries.extend(Entry::of_text(&text)),
                }
            }
        }
    }
    // A file of lines has no column that could be named.
    let named = columns.iter().filter(|_| !is_only);
    let columns =
        named.map(|&(at, kind)| ListColumn { name: names[at].to_owned(), kind }).collect();
    Ok(List { entries, columns })
}

fn texts(name: &str, column: &ArrayRef) -> Result<Vec<String>> {
    let texts = text::of(column).map_err(|error| {
        Error::input(format!("column {name:?} cannot be read: {error}")).with_column(name)
    })?;
    Ok(texts.iter().flatten().map(str::to_owned).collect())
}

/// Reads entries from a file: a table in CSV, Excel, Parquet or Arrow IPC, or one entry per line.
///
/// # Errors
/// If the file cannot be read, and as for [`of_table`].
#[cfg(feature = "files")]
pub fn of_file(path: &std::path::Path) -> Result<Vec<Entry>> {
    Ok(list_in(path, &[])?.entries)
}

/// Like [`of_file`], from the `wanted` columns if there are any.
///
/// # Errors
/// As for [`of_file`], or if there is no such column.
#[cfg(feature = "files")]
pub fn list_in(path: &std::path::Path, wanted: &[ListColumn]) -> Result<List> {
    use crate::tabular::{CsvOptions, FileError, TableFile};

    let read = || {
        let table = TableFile::open(path, CsvOptions::default())?;
        let all: Vec<usize> = (0..table.schema().fields().len()).collect();
        Ok::<_, FileError>((table.schema().clone(), table.read(&all)?))
    };
    let (schema, batches) =
        read().map_err(|error| Error::input(error.to_string()).with_path(path))?;
    let schema = batches.first().map_or(schema, RecordBatch::schema);
    list_of(&schema, &batches, wanted).map_err(|error| error.within(path.display()))
}

/// The list that holds for a submission: the ledger's, its own, and those of earlier submissions of the job.
pub(super) fn list(store: &dyn Store, job: Option<i64>, planned: &NewJob) -> Result<Suppressed> {
    let mut list = store.suppressed(job)?;
    list.add(&planned.suppress);
    Ok(list)
}

/// Adds to a job's list the records whose fields name somebody who is on it, or on the ledger's.
pub(super) fn suppress_records(
    store: &dyn Store,
    list: &mut Vec<Entry>,
    ids: &[String],
    records: &StoredRecords,
) -> Result<()> {
    let mut suppressed = store.suppressed(None)?;
    suppressed.add(list);
    if suppressed.is_empty() {
        return Ok(());
    }
    for id in ids {
        let fields = records.records(std::slice::from_ref(id))?;
        let named = fields.iter().flatten().any(|(name, value)| suppressed.has_json(name, value));
        if named {
            list.push(Entry { kind: Identifier::Id, text: id.clone() });
        }
    }
    Ok(())
}

/// Leaves out the answers of suppressed ids, and answers that contain anything suppressed.
pub(super) fn hide(
    suppressed: &Suppressed,
    ids: &[String],
    results: &Results,
    places: &mut Places,
    statuses: &mut [RowStatus],
) -> Result<()> {
    if suppressed.is_empty() {
        return Ok(());
    }
    let nowhere = u32::try_from(results.chunks.len()).unwrap_or(u32::MAX);
    let hidden = results.chunks.iter().map(|chunk| rows_of(suppressed, chunk));
    let hidden: Vec<HashSet<usize>> = hidden.collect::<Result<_>>()?;
    for (at, (id, status)) in ids.iter().zip(statuses).enumerate() {
        let answered = |(chunk, row): (usize, usize)| {
            hidden.get(chunk).is_some_and(|rows: &HashSet<usize>| rows.contains(&row))
        };
        if suppressed.has_id(id) || places.of_id(at).any(answered) {
            places.hide(at, nowhere);
            *status = RowStatus::Suppressed;
        }
    }
    Ok(())
}

/// The rows of results that name nobody who is suppressed.
///
/// # Errors
/// If memory runs out.
pub fn leave_out(list: &Suppressed, results: Vec<RecordBatch>) -> Result<Vec<RecordBatch>> {
    if list.is_empty() {
        return Ok(results);
    }
    let rest = |chunk: RecordBatch| {
        let mut hidden = rows_of(list, &chunk)?;
        if let Some(ids) = chunk.column_by_name("id").filter(|ids| is_plain(ids.data_type())) {
            let ids = text::of(ids).map_err(|error| Error::input(error.to_string()))?;
            let own = ids.iter().enumerate();
            hidden.extend(
                own.filter(|(_, id)| id.is_some_and(|id| list.has_id(id))).map(|(at, _)| at),
            );
        }
        let kept: BooleanArray =
            (0..chunk.num_rows()).map(|at| Some(!hidden.contains(&at))).collect();
        Ok(filter_record_batch(&chunk, &kept)?)
    };
    results.into_iter().map(rest).collect()
}

/// The rows of a result that name somebody who is suppressed.
pub(super) fn rows_of(suppressed: &Suppressed, chunk: &RecordBatch) -> Result<HashSet<usize>> {
    let mut rows = HashSet::new();
    for (field, column) in chunk.schema_ref().fields().iter().zip(chunk.columns()) {
        // The id is checked separately.
        if field.name() == "id" || !is_plain(field.data_type()) {
            continue;
        }
        let texts = text::of(column).map_err(|error| Error::ledger(error.to_string()))?;
        for (row, text) in texts.iter().enumerate() {
            if text.is_some_and(|text| suppressed.has_value(field.name(), text)) {
                rows.insert(row);
            }
        }
    }
    Ok(rows)
}
