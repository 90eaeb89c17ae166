//! A table as matching reads it: named columns in chunks, and fields that consist of columns.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, LargeStringArray, RecordBatch, StringBuilder},
    datatypes::SchemaRef,
};

use super::column_text::as_text;
use crate::{
    error::{Error, Result},
    suggestion::nearest,
    text,
};

/// A table whose columns are matched.
#[derive(Clone, Debug)]
pub struct Table {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
    pub rows: usize,
    /// The name of the table in errors: `left` or `right`; empty if there is only one table.
    pub side: &'static str,
}

impl Table {
    /// # Errors
    /// If the table has more than four billion rows.
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>, side: &'static str) -> Result<Self> {
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        if rows >= u32::MAX as usize {
            return Err(Error::input(format!(
                "the {side} table has {rows} rows, and at most {} can be matched at once",
                u32::MAX - 1
            ))
            .hint("match it in parts"));
        }
        Ok(Self { schema, batches, rows, side })
    }

    pub fn names(&self) -> Vec<&str> {
        self.schema.fields().iter().map(|field| field.name().as_str()).collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.schema.index_of(name).is_ok()
    }

    /// # Errors
    /// If there is no such column. The error suggests the most similar one.
    pub fn column(&self, name: &str) -> Result<Vec<ArrayRef>> {
        let at = self.schema.index_of(name).map_err(|_| self.no_column(name))?;
        Ok(self.batches.iter().map(|batch| batch.column(at).clone()).collect())
    }

    fn no_column(&self, name: &str) -> Error {
        let names = self.names();
        let side = if self.side.is_empty() { String::new() } else { format!("{} ", self.side) };
        let columns =
            names.iter().take(20).map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let happened = format!("the {side}table has no column '{name}' (its columns: {columns})");
        let error = Error::input(happened).with_column(name);
        match nearest(name, names.iter().copied()) {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error,
        }
    }

    /// A column, or several columns whose texts are joined by spaces.
    ///
    /// # Errors
    /// If there is no such column, or it cannot be read as text.
    pub fn joined(&self, names: &[String]) -> Result<Vec<ArrayRef>> {
        if let [name] = names {
            return self.column(name);
        }
        let columns: Vec<Vec<ArrayRef>> =
            names.iter().map(|name| self.column(name)).collect::<Result<_>>()?;
        (0..self.batches.len())
            .map(|chunk| {
                let parts: Vec<LargeStringArray> = columns
                    .iter()
                    .zip(names)
                    .map(|(column, name)| {
                        text::of(&as_text(name, &column[chunk])?).map_err(Error::from)
                    })
                    .collect::<Result<_>>()?;
                let mut joined = StringBuilder::new();
                let mut all = String::new();
                for row in 0..self.batches[chunk].num_rows() {
                    all.clear();
                    for part in &parts {
                        if part.is_valid(row) && !part.value(row).trim().is_empty() {
                            if !all.is_empty() {
                                all.push(' ');
                            }
                            all.push_str(part.value(row).trim());
                        }
                    }
                    joined.append_option((!all.is_empty()).then_some(&all));
                }
                Ok(Arc::new(joined.finish()) as ArrayRef)
            })
            .collect()
    }
}
