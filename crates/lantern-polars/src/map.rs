//! Makes one call of the API for each row of a frame.

use lantern::{
    Client,
    error::{Advice, Error, Result},
    jobs::{
        Ledger, OnInDoubt,
        map::{self as calls, Kind, MapRequest, set_field},
    },
    ledger::Reuse,
    process::runtime::run_blocking,
    tabular::column_as_text,
};
use polars::prelude::DataFrame;
use serde_json::{Map, Value};

use crate::{frame::Frame, from_arrow::IntoPolars, to_arrow};

/// Default number of calls that are made in parallel.
const CONCURRENCY: usize = 8;

/// Which call to make for each row, and within which limits.
#[derive(Debug, Clone)]
pub struct MapCall {
    /// The call, such as `enrich.company`: see [`lantern::jobs::map::CALLS`].
    pub call: String,
    /// Fields of the request, and the columns with their values. A field within an object is given
    /// by its path: `record_data.email`.
    pub columns: Vec<(String, String)>,
    /// Fields of the request that have the same value in all rows.
    pub constants: Map<String, Value>,
    /// Maximum cost of all calls together, in credits.
    pub max_credits: u64,
    /// Maximum cost of one row (default: the published or usual price of the call).
    pub credits_per_row: Option<u64>,
    /// Number of rows per call, for a call that takes several (default 100).
    pub rows_per_call: Option<usize>,
    /// Number of calls that are made in parallel, within the rate limit (default 8).
    pub concurrency: usize,
    /// The job's key (default: a hash of the call and all rows).
    pub key: Option<String>,
    /// What to do with a call that may have been sent (default: an error once everything else is
    /// done).
    pub on_in_doubt: OnInDoubt,
    /// Which known answers are accepted (default: all). A call that changes something is made for
    /// every row.
    pub reuse: Reuse,
}

impl MapCall {
    /// Call `call` for each row, within a budget. Set its fields with [`MapCall::column`].
    pub fn new(call: impl Into<String>, max_credits: u64) -> Self {
        Self {
            call: call.into(),
            columns: Vec::new(),
            constants: Map::new(),
            max_credits,
            credits_per_row: None,
            rows_per_call: None,
            concurrency: CONCURRENCY,
            key: None,
            on_in_doubt: OnInDoubt::Raise,
            reuse: Reuse::ALWAYS,
        }
    }

    /// Take a field of the request from a column.
    #[must_use]
    pub fn column(mut self, field: impl Into<String>, column: impl Into<String>) -> Self {
        self.columns.push((field.into(), column.into()));
        self
    }

    /// Give a field of the request the same value in all rows.
    #[must_use]
    pub fn constant(mut self, field: &str, value: impl Into<Value>) -> Self {
        set_field(&mut self.constants, field, value.into());
        self
    }
}

/// Make a call for each row, and return one row for each: `status` (`done`, `failed`, `in_doubt`,
/// `over_budget`), `error`, `credits`, and the columns of the answer.
///
/// Every call is recorded in the ledger before it is sent. The same rows again resume: what was
/// answered is neither sent nor paid again. Of a LazyFrame only the named columns are computed.
/// Nulls are left out of a row's request.
///
/// ```
/// use lantern::{Client, ClientConfig, jobs::Ledger};
/// use lantern_polars::{MapCall, map};
/// use lantern_server::{LocalServer, ServerConfig};
/// use polars::prelude::*;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let server = LocalServer::start(ServerConfig::default()).await?;
/// # let folder = tempfile::tempdir()?;
/// # let ledger = Ledger::open(&folder.path().join("ledger.sqlite").to_string_lossy())?;
/// # let config = ClientConfig::resolve(Some(server.key()), Some(&server.url()), false)?;
/// # let client = Client::with_slots(config, Some(ledger.slots()))?;
/// let accounts = df!("account" => [17, 18], "website" => ["acme.com", "nobody.example"])?;
/// let call = MapCall::new("enrich.company", 20) // at most 20 credits for all rows
///     .column("record_id", "account")
///     .column("domain", "website");
/// let answers: DataFrame = map(&client, &ledger, &accounts, call).await?;
///
/// let accounts = accounts.hstack(answers.columns())?; // one row for each row, in its order
/// assert_eq!(accounts.column("status")?.str()?.get(0), Some("done"));
/// # server.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If a column is missing or has a type without a unique spelling as text, such as floats; if there
/// is no such call or field, or a row lacks a field that it needs (nothing is sent then); if a
/// further call would fail as well, as with a wrong key or no credits; or if calls are in doubt.
pub async fn map(
    client: &Client,
    ledger: &Ledger,
    frame: impl Into<Frame>,
    call: MapCall,
) -> Result<DataFrame> {
    let (frame, ledger) = (frame.into(), ledger.clone());
    let request = run_blocking(move || request(frame, call, ledger)).await?;
    calls::run(client, request).await?.into_polars()
}

fn request(frame: Frame, call: MapCall, ledger: Ledger) -> Result<MapRequest> {
    let kind = Kind::named(&call.call)?;
    if call.columns.is_empty() {
        return Err(Error::input("no column is named as a field of the call")
            .advise(Advice::text("say with MapCall::column which column is which field")));
    }
    // Fields that the rows of a call share are given once per call.
    let (constants, shared) = if kind.takes_several() {
        (Map::new(), call.constants)
    } else {
        (call.constants, Map::new())
    };
    let names: Vec<&str> = call.columns.iter().map(|(_, column)| column.as_str()).collect();
    let frame = frame.columns(&names)?;
    let mut rows = vec![constants; frame.height()];
    for (field, name) in &call.columns {
        kind.check_field(field)?;
        let column = frame.column(name).map_err(crate::error::uncomputed)?;
        let (arrow, chunks) = to_arrow::column(column)?;
        let texts = column_as_text(name, arrow.data_type(), &chunks)?;
        for (row, text) in rows.iter_mut().zip(texts) {
            if let Some(text) = text {
                set_field(row, field, text.into());
            }
        }
    }
    Ok(MapRequest {
        kind,
        shared,
        extra: serde_json::Map::new(),
        rows,
        max_credits: call.max_credits,
        credits_per_row: call.credits_per_row,
        rows_per_call: call.rows_per_call,
        concurrency: call.concurrency,
        key: call.key,
        on_in_doubt: call.on_in_doubt,
        budget: None,
        suppress: Vec::new(),
        ledger,
        reuse: call.reuse,
        sample: None,
        provenance: false,
    })
}
