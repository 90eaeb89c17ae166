//! What every store of the ledger promises ([`behaviour`], [`model`], [`processes`]), and what the
//! one in SQLite promises beyond that.

mod behaviour;
mod common;
mod measure;
mod model;
mod processes;
mod server;
mod sqlite;
