//! Connections of Python: to the API or a local server, how callers wait for them, and how their
//! log is passed on.

pub mod interpreter;
pub mod local_server;
pub mod log;
pub mod settings;
pub mod shared;
pub mod sync_async;
