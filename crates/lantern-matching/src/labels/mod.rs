//! Reviewed pairs: people's decisions about two rows, and their effect on matches.
//!
//! [`table`] reads decisions, [`contradiction`] finds those that contradict each other, [`bind()`]
//! applies them to a result, and [`weights`] learns from them.

pub mod contradiction;
pub mod decision;
pub mod enforce;
pub mod ids;
mod regression;
pub mod rivals;
pub mod table;
pub mod unlabelled;
pub mod weights;

pub use self::{
    enforce::{bind, check},
    table::{ReadLabels, Rows, read},
};

/// A left and a right row, and whether they match. In one table, the later row is the left one.
pub type Label = (u32, u32, bool);
