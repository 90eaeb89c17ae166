//! Tables on disk and on standard input and output: CSV, Parquet and Arrow IPC.

mod read;
mod write;

pub use read::read_column;
pub use write::Target;
