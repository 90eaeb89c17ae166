//! What belongs to one process: its runtime and threads, what a fork must make anew, SQLite files,
//! private files, and what is logged.

pub mod logging;
pub mod loopback;
pub mod per_process;
pub mod private;
pub mod runtime;
pub mod sqlite;
pub mod threads;
