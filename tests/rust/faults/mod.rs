//! The fault matrix: every operation × every fault.
//!
//! Of each cell it is asked: does it end within its deadline, with an answer or a typed error; is nothing
//! lost and nothing sent twice, counted at the server; is no more spent than the budget allows? The cells
//! are generated from the [`catalogue`] of faults, so that a new call or a new fault is tried with all
//! others.

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
