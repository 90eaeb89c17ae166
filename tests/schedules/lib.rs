//! The code of the core whose threads meet without a lock, compiled against shuttle.

#[path = "../../src/process/per_process.rs"]
pub mod per_process;
