//! Polars for [`lantern`]: DataFrames and LazyFrames go into jobs, calls and matching, and answers come
//! back as DataFrames.
//!
//! | in | out |
//! |---|---|
//! | [`submit`] and [`dry_run`]: a column of ids | a [`Job`](lantern::jobs::Job), whose tables become DataFrames by [`IntoPolars`] |
//! | [`map`]: one call for each row | a DataFrame of answers, a row for each row |
//! | [`match_frames`]: two frames | [`Matches`]: pairs of rows, and the rows without one |
//! | [`dedupe`]: one frame | [`Duplicates`]: clusters and golden records |
//!
//! Every function takes what can become a [`Frame`]: a `DataFrame`, a reference to one, or a
//! `LazyFrame`. Of a LazyFrame, only the columns that are needed are computed, where that is known.
//! Columns cross into Arrow and back without being copied, as far as Polars and Arrow keep them in the
//! same form.
//!
//! # Submit a LazyFrame
//!
//! The example starts the API on this machine, so that it needs neither a key nor a network. With the
//! real API, `ClientConfig::resolve(None, None, false)` reads the key from `LANTERN_API_KEY`, and the
//! ledger belongs where it is kept: it records what was paid for.
//!
//! ```
//! use lantern::{
//!     Client, ClientConfig, Error,
//!     api::agents::BatchKind,
//!     jobs::{
//!         JobOptions, Ledger,
//!         plan::{Request, Submission},
//!     },
//!     storage::StorageOptions,
//! };
//! use lantern_polars::{IntoPolars, submit};
//! use lantern_server::{LocalServer, ServerConfig};
//! use polars::prelude::*;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = LocalServer::start(ServerConfig::default()).await?;
//! let folder = tempfile::tempdir()?;
//! let ledger = Ledger::open(&folder.path().join("ledger.sqlite").to_string_lossy())?;
//! let config = ClientConfig::resolve(Some(server.key()), Some(&server.url()), false)?;
//! let client = Client::with_slots(config, Some(ledger.slots()))?;
//!
//! let people = df!(
//!     "person" => ["P0000001", "P0000002", "P0000003"],
//!     "team" => ["sales", "sales", "support"],
//! )?;
//! let sales = people.lazy().filter(col("team").eq(lit("sales")));
//!
//! let submission = Submission::new(Request::new(BatchKind::PhoneEmail), 12); // at most 12 credits
//! let options = JobOptions {
//!     storage: StorageOptions::new(server.storage_options())?,
//!     ..JobOptions::default()
//! };
//! let job = submit(&client, &ledger, sales, "person", &submission, options).await?;
//! job.wait(None, |_| ()).await?;
//!
//! let answers: DataFrame = job.table().await?.into_polars()?;
//! assert_eq!(answers.height(), 2); // one row for each row, in its order
//! assert_eq!(answers.get_column_names()[..3], ["person", "status", "error"]);
//! # server.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! Submit the same rows again, and the job is resumed: nothing is sent and nothing is paid.
//!
//! # Match two frames
//!
//! Matching runs on this machine and is free. Without rules, it learns from the frames.
//!
//! ```
//! use lantern_polars::{MatchOptions, match_frames};
//! use polars::prelude::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let leads = df!(
//!     "lead" => [1, 2, 3],
//!     "company" => ["ACME Inc.", "Globex Corporation", "Initech"],
//! )?;
//! let accounts = df!(
//!     "account" => ["A1", "A2"],
//!     "company" => ["Acme", "Globex Corp"],
//! )?;
//!
//! let options = MatchOptions {
//!     left_id: Some("lead".to_owned()),
//!     right_id: Some("account".to_owned()),
//!     ..MatchOptions::by_rules(["company:eq"])?
//! };
//! let matches = match_frames(&leads, &accounts, &options)?;
//!
//! let pairs = matches.frame()?;
//! assert_eq!(pairs.column("left_id")?.i32()?.to_vec(), [Some(1), Some(2)]);
//! assert_eq!(matches.unmatched_left()?.column("company")?.str()?.get(0), Some("Initech"));
//! # Ok(())
//! # }
//! ```
//!
//! # Types
//!
//! Every type of column goes in that Arrow has: all but Int128, UInt128 and Object. Ids may be strings,
//! categories or integers, and fields of calls whatever has one spelling as text. A column that cannot
//! be used is an error that names it and says what to cast it to.
//!
//! What `lantern` makes has strings, numbers, flags, times, and lists of strings. To take any other
//! table out of Arrow with [`IntoPolars`], turn on the feature `dtype-full`, which is Polars' feature of
//! that name. Rows that [`Matches`] and [`Duplicates`] give back are taken from the frames that were
//! given, with their types.

mod error;
mod ffi;
mod frame;
mod from_arrow;
mod job;
mod map;
mod matching;
mod to_arrow;

pub use self::{
    frame::Frame,
    from_arrow::IntoPolars,
    job::{dry_run, submit},
    map::{MapCall, map},
    matching::{Duplicates, MatchOptions, Matches, dedupe, match_frames},
    to_arrow::into_arrow,
};
