//! `lantern`: the Lantern API for data teams. A table goes in, answers come back as a table, and
//! no credit is ever spent twice.
//!
//! [`api`] says what can be asked and [`client`] how it is sent; [`jobs`] takes tables, and
//! [`ledger`] remembers what was paid for.

pub mod api;
pub mod client;
pub mod error;
pub mod jobs;
pub mod ledger;
pub use lantern_matching as matching;
pub mod process;
pub mod reports;
pub mod results;
pub mod storage;
pub mod tabular;

pub use client::{Client, ClientConfig};
pub use error::{Error, Result};
