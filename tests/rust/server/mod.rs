//! The local server over real HTTP on loopback.

mod bad_calls;
mod batches;
mod common;
mod contract;
mod contract_examples;
mod convert;
mod credits;
mod durable;
mod enrich;
mod faults;
mod forms;
mod lifecycle;
mod limits;
mod logs;
mod matching;
mod measure;
mod openapi;
mod pages;
mod protocol;
mod research;
mod routing;
mod storage;
mod tenants;
mod triggers;
mod typed;
mod workflows;
