//! What Python is connected to: the API or a local server, how it waits for them, and where their log
//! goes.

pub mod interpreter;
pub mod local_server;
pub mod log;
pub mod settings;
pub mod shared;
pub mod sync_async;
