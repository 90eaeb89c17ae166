//! Any one-record call over a table: one call a row, within a budget, never paid twice.
//!
//! Each call is a unit of the ledger, as a batch of ids is: it is written down before it is sent. The
//! same job again resumes where it was; a call that may have been sent, and whose answer is not
//! known, is in doubt and is never sent again by itself. What a record was answered is remembered, so
//! that no later table buys it again; calls that change something are made for every row.

mod by_hand;
mod calls;
mod candidates;
mod cascade;
mod hidden;
mod kind;
mod memory;
mod others;
mod placement;
mod plan;
mod request_fields;
mod requests;
pub(in crate::jobs) mod resume;
mod rows;
mod run;
mod table;
mod window;

pub use calls::CALLS;
pub use cascade::{Cascade, CascadePlan, cascade, cascade_plan};
pub use kind::Kind;
pub use memory::MapPlan;
pub use request_fields::{set_field, with_mode};
pub use run::{MapRequest, dry_run, run};
