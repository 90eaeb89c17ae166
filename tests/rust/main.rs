//! Tests the promises of the crates from outside, in one program.

mod client;
mod far_ledger;
mod faults;
mod fuzz;
mod http2;
mod jobs;
mod ledger;
mod ledger_invariants;
mod map;
mod map_money;
mod matching;
mod network;
mod odd_api;
mod results;
mod results_elsewhere;
mod results_storage;
mod server;
mod similarity_oracle;
mod unknown_states;
mod waiting;
