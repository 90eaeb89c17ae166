//! The Lantern API for data teams: a table goes in, answers come back as a table, and no credit is
//! ever spent twice.
//!
//! [`api`] has the calls as types, and [`client`] sends them. [`jobs`] takes tables, and [`ledger`]
//! remembers what was paid for.
//!
//! # Make a call
//!
//! Start the API on this machine with `lantern serve`, and run the `export` lines that it prints.
//!
//! ```no_run
//! use lantern::{Client, ClientConfig, api::enrich::EnrichCompany};
//!
//! #[tokio::main]
//! async fn main() -> lantern::Result<()> {
//!     // Reads LANTERN_API_KEY. Without a base URL, the client calls the real API.
//!     let config = ClientConfig::resolve(None, Some("http://127.0.0.1:8000"), false)?;
//!     let client = Client::new(config)?;
//!
//!     let call = EnrichCompany {
//!         record_id: "1".to_owned(),
//!         domain: Some("acme.com".to_owned()),
//!         ..EnrichCompany::default()
//!     };
//!     let answered = client.call(&call).await?;
//!     if let Some(company) = answered.value.company {
//!         println!("name: {:?}, employees: {:?}", company.name, company.size_range);
//!     }
//!     println!("credits left: {:?}", answered.credits_remaining);
//!     Ok(())
//! }
//! ```
//!
//! [`jobs`] has an example with a table.
//!
//! # Features
//!
//! * `jobs` (default): tables, the ledger, results and local matching. Without it the crate is the
//!   API alone, [`api`] and [`client`], and compiles neither Arrow nor SQLite.
//! * `files`: tables in CSV, Excel, Parquet and Arrow files, and results as Parquet.
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
#[cfg(feature = "jobs")]
pub mod tabular;

pub use client::{Client, ClientConfig};
pub use error::{Error, Result};
