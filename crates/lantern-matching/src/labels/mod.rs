//! Reviewed pairs: what people said of two rows, and what follows for matches.
//!
//! [`table`] reads decisions, [`bind()`] keeps them in a result, and [`weigh`] learns from them.

pub mod bind;
pub mod rivals;
pub mod table;
pub mod weigh;

pub use self::{
    bind::{bind, check},
    table::{Given, read},
};

/// A left and a right row, and whether they match. Of one table, the later row is the left one.
pub type Label = (u32, u32, bool);
