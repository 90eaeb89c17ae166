//! `lantern`: the Lantern API for data teams. A table goes in, answers come back as a table, and
//! no credit is ever spent twice.
//!
//! [`api`] says what can be asked and [`client`] how it is sent; [`jobs`] takes tables, and
//! [`ledger`] remembers what was paid for.
//!
//! # Features
//!
//! * `jobs` (default): tables, the ledger, results and local matching. Without it the crate is the
//!   API alone, [`api`] and [`client`], and compiles neither Arrow nor SQLite.
//! * `postgres`: the ledger in PostgreSQL.
//! * `openapi`: the schemas of the types of [`api`], for servers.

pub mod api;
pub mod client;
pub mod error;
#[cfg(feature = "jobs")]
pub mod jobs;
#[cfg(feature = "jobs")]
pub mod ledger;
#[cfg(feature = "jobs")]
pub use lantern_matching as matching;
pub mod process;
#[cfg(feature = "jobs")]
pub mod reports;
#[cfg(feature = "jobs")]
pub mod results;
#[cfg(feature = "jobs")]
pub mod storage;

pub use client::{Client, ClientConfig};
pub use error::{Error, Result};
