//! What every store of the ledger promises ([`behaviour`], [`model`], [`processes`]), and what the
//! SQLite store promises in addition.

mod behaviour;
mod budgets;
mod claims;
mod common;
mod earlier;
mod erasure;
mod mapped_calls;
mod measure;
mod memory;
mod model;
mod processes;
mod search;
pub mod server;
mod slots;
mod sqlite;
