//! What crosses the border between Python and Rust, and how it is checked there.

pub mod arrow_memory;
pub mod column_names;
mod pyarrow;
