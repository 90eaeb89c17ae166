//! What belongs to one process: its runtime and threads, what a fork must make anew, SQLite files,
//! and private files.

pub mod loopback;
pub mod per_process;
#[cfg(feature = "jobs")]
pub mod private;
pub mod runtime;
#[cfg(feature = "jobs")]
pub mod sqlite;
#[cfg(feature = "jobs")]
pub mod threads;
