//! Converts and checks what passes between Python and Rust.

pub mod arguments;
pub mod arrow_memory;
pub mod column_names;
pub mod error_wording;
pub mod errors;
pub mod expected;
mod pyarrow;
pub mod suppression;
pub mod tables;
pub mod text_columns;
pub mod whole_numbers;
