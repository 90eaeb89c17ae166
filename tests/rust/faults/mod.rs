//! The fault matrix: every operation × every fault.
//!
//! Each cell checks whether the operation ends within its deadline, with an answer or a typed
//! error; whether nothing is lost or sent twice, counted at the server; and whether no more is
//! spent than the budget allows. The cells are generated from the [`catalogue`] of faults, so that
//! a new call or a new fault is combined with all others.

mod calls;
mod catalogue;
mod connections;
mod databases;
#[cfg(target_os = "linux")]
mod disk;
mod files;
mod jobs;
mod maps;
mod report;
mod server;
