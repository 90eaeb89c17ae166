//! Tables on disk and on standard input and output: CSV, Excel, Parquet and Arrow IPC.

mod read;
mod write;

pub use read::{read_column, read_columns, read_table};
pub use write::{Target, write_bytes};
