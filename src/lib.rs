//! `lantern`: the Lantern API for data teams. A table goes in, answers come back as a table, and
//! no credit is ever spent twice.
//!
//! [`api`] says what can be asked and [`client`] how it is sent.

#![deny(unsafe_code)]

pub mod api;
pub mod cli;
pub mod client;
pub mod credit_usage;
pub mod error;
pub mod jobs;
pub mod logging;
mod loopback;
pub mod mapping;
pub use lantern_matching as matching;
pub mod per_process;
#[cfg(feature = "python")]
pub mod plugin;
mod private;
#[cfg(feature = "python")]
pub mod python;
pub mod routing_log;
pub mod runtime;
pub mod server;
pub mod sqlite;
pub mod threads;

pub use client::{Client, ClientConfig};
pub use error::{Error, Result};
