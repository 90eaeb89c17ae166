//! Maps any one-record call over a table: one call per row, within a budget, never paid twice.
//!
//! Each call is a unit of the ledger, like a batch of ids: it is recorded before it is sent. The
//! same job again resumes. A call that may have been sent and whose answer is unknown is in doubt,
//! and is never sent again automatically. Answers are remembered by record, so that no later table
//! buys them again; calls that change something are made for every row.

mod calls;
pub(in crate::jobs) mod calls_of;
mod candidates;
mod cascade;
mod decisions;
mod kind;
mod memory;
mod other_jobs;
mod placement;
mod plan;
mod request_fields;
mod requests;
pub(in crate::jobs) mod resume;
mod rows;
mod run;
mod suppressed_rows;
mod table;
mod window;

pub use calls::CALLS;
pub use cascade::{Cascade, CascadePlan, cascade, cascade_plan};
pub use kind::Kind;
pub use memory::MapPlan;
pub use request_fields::{set_field, with_mode};
pub use run::{MapRequest, dry_run, run};
