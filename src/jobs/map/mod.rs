//! Any one-record call over a table: one call a row, within a budget, never paid twice.
//!
//! Every row is written down before it is sent, in a file beside the ledger. The same job again
//! goes on where it was; a row that may have been sent, and whose answer is not known, is in doubt
//! and is never sent again by itself.

mod calls;
mod candidates;
mod cascade;
mod run;
mod store;
mod table;
mod texts;

pub use calls::{CALLS, Kind};
pub use cascade::{Cascade, cascade};
pub use run::{Asked, run};
pub use texts::{is_plain, put, texts};
