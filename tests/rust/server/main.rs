//! The local server over real HTTP on loopback.

mod batches;
mod common;
mod credits;
mod durable;
mod faults;
mod lifecycle;
mod limits;
mod measure;
mod protocol;
mod research;
mod storage;
