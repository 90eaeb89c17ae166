//! `client.map`, which makes any one-record call over a table, and `client.match_cascade`.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use serde_json::{Map, Value};

use crate::{
    answers::values::to_python,
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::{
        arguments::{Object, Reused},
        errors::OrRaise,
        tables::{OutTable, column},
    },
};
use lantern::{
    error::{Error, Result},
    jobs::map::{self, Cascade, CascadePlan, Kind, MapPlan, MapRequest, run, set_field, with_mode},
    ledger::{Reuse, suppression::Entry},
    tabular::column_as_text,
};

/// The budget and key of mapped calls, and how they are made.
pub struct MapOptions<'a> {
    pub max_credits: u64,
    pub concurrency: usize,
    pub key: Option<String>,
    pub on_in_doubt: &'a str,
    /// Fields that this version does not know, for each call.
    pub extra: Option<Object>,
    /// The budget above the job.
    pub budget: Option<String>,
    /// The suppression list of the job.
    pub suppress: Vec<Entry>,
    pub memory: MapMemory,
}

/// Which known answers mapped calls accept, and how many records are asked for.
#[derive(Default)]
pub struct MapMemory {
    pub reuse: Reuse,
    pub sample: Option<usize>,
    pub provenance: bool,
}

impl MapMemory {
    /// # Errors
    /// If an age is invalid.
    pub fn new(
        py: Python<'_>,
        reuse: &Reused,
        retry_not_found: Option<&str>,
        (sample, provenance): (Option<usize>, bool),
    ) -> PyResult<Self> {
        let reuse = reuse.read(retry_not_found).or_raise(py)?;
        Ok(Self { reuse, sample, provenance })
    }
}

/// The arguments of `client.map` and its helpers, except for the table and its columns.
pub struct MapArguments<'a> {
    pub call: &'static str,
    pub arguments: Map<String, Value>,
    pub credits_per_call: Option<u64>,
    pub rows_per_call: Option<usize>,
    pub options: MapOptions<'a>,
}

impl<'a> MapArguments<'a> {
    /// The arguments of a helper, without those that are null.
    pub fn helper<const N: usize>(
        call: &'static str,
        arguments: [(&str, Value); N],
        options: MapOptions<'a>,
    ) -> Self {
        let arguments = arguments.into_iter().filter(|(_, value)| !value.is_null());
        Self {
            call,
            arguments: arguments.map(|(name, value)| (name.to_owned(), value)).collect(),
            credits_per_call: None,
            rows_per_call: None,
            options,
        }
    }

    /// Fills fields of the requests from columns of the table.
    ///
    /// # Errors
    /// If a column is missing or is not text, or there are no columns.
    pub fn read(
        self,
        shared: &Shared,
        table: &Bound<'_, PyAny>,
        columns: &BTreeMap<String, String>,
    ) -> PyResult<MapRequest> {
        let py = table.py();
        let kind = Kind::named(self.call).or_raise(py)?;
        let (constants, shared_by_all) = if kind.takes_several() {
            (Map::new(), with_mode(self.arguments))
        } else {
            (self.arguments, Map::new())
        };
        let mut rows: Option<Vec<Map<String, Value>>> = None;
        for (field, name) in columns {
            kind.check_field(field).or_raise(py)?;
            let column = column(table, name)?;
            let fill = || -> Result<()> {
                let texts = column_as_text(name, column.data_type(), &column.chunks)?;
                let rows = rows.get_or_insert_with(|| vec![constants.clone(); texts.len()]);
                for (row, text) in rows.iter_mut().zip(texts) {
                    if let Some(text) = text {
                        set_field(row, field, text.into());
                    }
                }
                Ok(())
            };
            py.detach(fill).or_raise(py)?;
            // Before the column is dropped: an interrupt that Python raises while it frees the
            // caller's table is reported there and lost.
            py.check_signals()?;
        }
        let rows = rows
            .ok_or_else(|| Error::input("columns is empty").hint("say which column is which field"))
            .or_raise(py)?;
        Ok(MapRequest {
            kind,
            shared: shared_by_all,
            extra: self.options.extra.map(|extra| extra.0).unwrap_or_default(),
            rows,
            max_credits: self.options.max_credits,
            credits_per_row: self.credits_per_call,
            rows_per_call: self.rows_per_call,
            concurrency: self.options.concurrency,
            key: self.options.key,
            on_in_doubt: self.options.on_in_doubt.parse().or_raise(py)?,
            budget: self.options.budget,
            suppress: self.options.suppress,
            ledger: shared.ledger().or_raise(py)?,
            reuse: self.options.memory.reuse,
            sample: self.options.memory.sample,
            provenance: self.options.memory.provenance,
        })
    }
}

/// Makes mapped calls, or says what they would do.
///
/// # Errors
/// As the calls.
pub fn work<Client: TwoWays>(
    py: Python<'_>,
    shared: Shared,
    asked: MapRequest,
    dry_run: bool,
) -> PyResult<Py<PyAny>> {
    if dry_run {
        return Client::drive(py, planned(shared, asked), |py, plan| to_python(py, &plan));
    }
    Client::drive(py, mapped(shared, asked), OutTable::convert)
}

/// Runs mapped calls with the client's connections.
async fn mapped(shared: Shared, asked: MapRequest) -> Result<OutTable> {
    Ok(run(&shared.client()?, asked).await?.into())
}

/// What mapped calls would do.
async fn planned(shared: Shared, asked: MapRequest) -> Result<MapPlan> {
    map::dry_run(&shared.client()?, asked).await
}

/// What a cascade would do.
pub async fn cascade_planned(shared: Shared, asked: Cascade) -> Result<CascadePlan> {
    map::cascade_plan(&shared.client()?, asked).await
}

/// [`map::cascade`] with the client's connections.
pub async fn cascaded(shared: Shared, asked: Cascade) -> Result<OutTable> {
    Ok(map::cascade(&shared.client()?, asked).await?.into())
}
