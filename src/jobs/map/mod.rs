//! Any one-record call over a table: one call a row, within a budget, never paid twice.
//!
//! Every row is written down before it is sent, in a file beside the ledger. The same job again
//! goes on where it was; a row that may have been sent, and whose answer is not known, is in doubt
//! and is never sent again by itself.

mod calls;
mod candidates;
mod cascade;
mod kind;
mod request_fields;
mod run;
mod store;
mod table;

pub use calls::CALLS;
pub use cascade::{Cascade, cascade};
pub use kind::Kind;
pub use request_fields::set_field;
pub use run::{MapRequest, run};
