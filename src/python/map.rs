//! `client.map`: any one-record call over a table.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;
use pyo3::prelude::*;
use serde_json::{Map, Value};

use super::{
    client::Shared,
    errors::OrRaise,
    given::Object,
    tables::{OutTable, column},
};
use crate::{
    error::{Error, Result},
    mapping::{Asked, Kind, run},
    matching::text,
};

/// What `client.map` was called with, but for the table.
pub struct Given {
    pub call: String,
    pub columns: BTreeMap<String, String>,
    pub(super) arguments: Option<Object>,
    pub max_credits: u64,
    pub credits_per_call: Option<u64>,
    pub concurrency: usize,
    pub key: Option<String>,
    pub on_in_doubt: String,
}

impl Given {
    /// # Errors
    /// A call, column or word that there is not.
    pub fn read(self, shared: &Shared, table: &Bound<'_, PyAny>) -> PyResult<Asked> {
        let py = table.py();
        let kind = Kind::named(&self.call).or_raise(py)?;
        let constants = self.arguments.map(|arguments| arguments.0).unwrap_or_default();
        let mut requests: Option<Vec<Map<String, Value>>> = None;
        for (field, name) in &self.columns {
            let texts = texts(table, name)?;
            let rows = requests.get_or_insert_with(|| vec![constants.clone(); texts.len()]);
            for (row, text) in rows.iter_mut().zip(texts) {
                if let Some(text) = text {
                    put(row, field, text.into());
                }
            }
        }
        let requests = requests
            .ok_or_else(|| Error::input("columns is empty; say which column is which field"))
            .or_raise(py)?;
        Ok(Asked {
            kind,
            requests,
            max_credits: self.max_credits,
            credits_per_call: self.credits_per_call,
            concurrency: self.concurrency,
            key: self.key,
            on_in_doubt: self.on_in_doubt.parse().or_raise(py)?,
            ledger: shared.ledger().or_raise(py)?.place().into(),
        })
    }
}

/// `record_data.email` is the field `email` of the object `record_data`.
fn put(row: &mut Map<String, Value>, field: &str, value: Value) {
    match field.split_once('.') {
        None => {
            row.insert(field.to_owned(), value);
        }
        Some((outer, inner)) => {
            let within = row.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(within) = within {
                put(within, inner, value);
            }
        }
    }
}

/// A column as text: strings as they are, integers, booleans and dates as they are written.
fn texts(table: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<Option<String>>> {
    let py = table.py();
    let column = column(table, name)?;
    let read = || -> Result<Vec<Option<String>>> {
        let kind = column.data_type();
        if kind.is_floating() || kind.is_nested() || matches!(kind, DataType::Binary) {
            return Err(Error::Input {
                message: format!(
                    "column {name:?} is of type {kind}; cast it to text first, so that nothing is \
                     written otherwise than you mean it"
                ),
                column: Some(name.to_owned()),
                row: None,
            });
        }
        let mut texts = Vec::new();
        for chunk in &column.chunks {
            texts.extend(text::of(chunk)?.iter().map(|text| text.map(str::to_owned)));
        }
        Ok(texts)
    };
    read().or_raise(py)
}

/// Runs it with the client's connections.
pub async fn mapped(shared: Shared, asked: Asked) -> Result<OutTable> {
    Ok(run(&shared.client()?, asked).await?.into())
}
