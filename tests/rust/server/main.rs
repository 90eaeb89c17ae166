//! The local server over real HTTP on loopback.

mod batches;
mod common;
