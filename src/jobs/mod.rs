//! From a table to batches and back to a table, with every spend recorded before it is made.
//!
//! Submit ids, wait, and read the answers. Run it again, and it resumes the job and pays nothing twice:
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use arrow::array::{Array, ArrayRef, StringArray};
//! use lantern::{
//!     Client, ClientConfig,
//!     api::agents::BatchKind,
//!     jobs::{
//!         Job, JobOptions, Ledger,
//!         ids::Ids,
//!         plan::{Request, Submission},
//!     },
//! };
//!
//! #[tokio::main]
//! async fn main() -> lantern::Result<()> {
//!     // Opens what LANTERN_LEDGER names; processes on one ledger share its rate limits.
//!     let ledger = Ledger::resolve(None)?;
//!     let config = ClientConfig::resolve(None, Some("http://127.0.0.1:8000"), false)?;
//!     let client = Client::with_slots(config, Some(ledger.slots()))?;
//!
//!     let people: ArrayRef = Arc::new(StringArray::from(vec!["P0000001", "P0000002"]));
//!     let ids = Ids::read("id", people.data_type(), &[people.clone()])?;
//!     let request = Request::new(BatchKind::PhoneEmail);
//!     let submission = Submission::new(request, 12); // spends at most 12 credits
//!     let job =
//!         Job::submit(&client, &ledger, &submission, "id", &ids, JobOptions::default()).await?;
//!
//!     job.wait(None, |progress| println!("{:?}", progress.state)).await?;
//!     let (schema, batches) = job.table().await?;
//!     println!("{} columns, {} batches", schema.fields().len(), batches.len());
//!     Ok(())
//! }
//! ```

pub mod account;
mod combined_results;
mod decisions;
mod doubt_elsewhere;
pub mod erasure;
pub mod forecast;
mod id_positions;
pub mod identity;
pub mod ids;
pub mod job;
pub mod job_key;
mod known_answers;
mod ledger_tables;
mod load;
pub mod map;
mod memory;
pub mod options;
pub mod plan;
mod poll_times;
pub mod progress;
mod read_result;
pub mod records;
mod refetch;
mod request;
mod result_files;
mod retention;
mod row_ids;
mod row_status;
mod sent_ids;
pub mod single_calls;
pub mod stream;
mod submit;
pub mod suppression;
pub mod table;
mod work;
#[cfg(feature = "files")]
mod write;

pub use crate::ledger::Ledger;
pub use job::Job;
pub use options::{JobOptions, OnInDoubt};
pub use progress::{JobState, Progress};
pub use work::{OnFailed, POLL, RUN_FAILED, WaitOptions};
