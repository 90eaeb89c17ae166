//! What belongs to one process: its clock, its runtime and threads, values that a forked child makes
//! anew, SQLite files, private files, files that are replaced, and paid calls in flight.

pub mod clock;
#[cfg(feature = "jobs")]
pub mod durable;
pub mod exit_deadline;
pub mod loopback;
pub mod paths;
pub mod per_process;
#[cfg(feature = "jobs")]
pub mod private;
pub mod runtime;
#[cfg(feature = "jobs")]
pub mod sqlite;
#[cfg(feature = "jobs")]
pub mod stop;
#[cfg(feature = "jobs")]
pub mod termination;
#[cfg(feature = "jobs")]
pub mod threads;
pub mod under_way;
