//! Joins the pieces of many readers into chunks with one schema.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array},
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use super::{
    columns, infer,
    reader::{Guesses, Reader},
    table::Piece,
};
use crate::{
    Result,
    api::agents::BatchKind,
    error::{Error, ErrorKind},
};

/// The chunks of one table, at least one. `kind` is the kind that the caller asked for.
pub fn table(readers: Vec<Reader>, kind: Option<BatchKind>) -> Result<Vec<RecordBatch>> {
    let kind = match kind {
        Some(kind) => kind,
        None => guessed(&readers)?,
    };
    let mut pieces: Vec<Piece> = readers.into_iter().flat_map(|reader| reader.pieces).collect();
    if kind == BatchKind::DeepResearch {
        infer::types(&mut pieces);
    }
    let schema = schema(&pieces, kind);
    let mut chunks = Vec::with_capacity(pieces.len());
    for piece in pieces.into_iter().filter(|piece| piece.rows > 0) {
        chunks.push(chunk(piece, &schema)?);
    }
    if chunks.is_empty() {
        chunks.push(RecordBatch::new_empty(schema));
    }
    Ok(chunks)
}

/// The kind whose columns cover those of every file.
fn guessed(readers: &[Reader]) -> Result<BatchKind> {
    let mut all = Guesses::default();
    for Guesses { phone, email, research } in readers.iter().map(|reader| reader.guesses.clone()) {
        all.phone = all.phone.or(phone);
        all.email = all.email.or(email);
        all.research = all.research.or(research);
    }
    match (all.phone, all.email, all.research) {
        (Some(person), _, Some(research)) | (None, Some(person), Some(research)) => {
            Err(Error::results(
                &research,
                Some(1),
                format!("{research} has neither phone_found nor email_found, but {person} has one"),
            )
            .hint("read deep research and person batches apart, or name the kind"))
        }
        (Some(_), Some(_), None) => Ok(BatchKind::PhoneEmail),
        (Some(_), None, None) => Ok(BatchKind::Phone),
        (None, Some(_), None) => Ok(BatchKind::Email),
        (None, None, Some(_)) => Ok(BatchKind::DeepResearch),
        (None, None, None) => Err(Error::input(
            "the kind of the results is unknown, because there is no file to read",
        )
        .hint("name files or a kind")),
    }
}

/// The documented columns in the documented order, followed by the others in the order of the
/// files.
fn schema(pieces: &[Piece], kind: BatchKind) -> SchemaRef {
    let typed = kind != BatchKind::DeepResearch;
    let mut fields: Vec<Field> = columns::documented(kind)
        .into_iter()
        .map(|name| {
            let flag = typed && columns::is_flag(name);
            Field::new(name, if flag { DataType::Boolean } else { DataType::Utf8 }, true)
        })
        .collect();
    let mut seen: HashSet<&str> = columns::documented(kind).into_iter().collect();
    for (name, values) in pieces.iter().flat_map(|piece| &piece.columns) {
        if seen.insert(name) {
            fields.push(Field::new(&**name, values.data_type().clone(), true));
        }
    }
    Arc::new(Schema::new(fields))
}

fn chunk(piece: Piece, schema: &SchemaRef) -> Result<RecordBatch> {
    let values: HashMap<&str, &ArrayRef> =
        piece.columns.iter().map(|(name, values)| (&**name, values)).collect();
    let column = |field: &Arc<Field>| -> ArrayRef {
        values.get(field.name().as_str()).map_or_else(
            || new_null_array(field.data_type(), piece.rows),
            |values| Arc::clone(values),
        )
    };
    let columns = schema.fields().iter().map(column).collect();
    let rows = RecordBatchOptions::new().with_row_count(Some(piece.rows));
    RecordBatch::try_new_with_options(schema.clone(), columns, &rows).map_err(|error| {
        Error::new(ErrorKind::Results, format!("the results cannot be combined: {error}"))
            .caused_by(error)
    })
}
