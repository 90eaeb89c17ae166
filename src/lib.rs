//! `lantern`: the Lantern API for data teams. A table goes in, answers come back as a table, and
//! no credit is ever spent twice.
//!
//! [`api`] says what can be asked, [`client`] how it is sent, [`jobs`] how a table becomes batches
//! and a table again, [`matching`] compares records on this machine, and [`server`] is the whole
//! API on loopback.

#![deny(unsafe_code)]

pub mod api;
pub mod error;
pub mod matching;
pub mod sqlite;

pub use error::{Error, Result};
