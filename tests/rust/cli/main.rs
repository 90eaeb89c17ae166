//! The `lantern` command: the real binary against a real server on loopback.

mod common;
mod crm;
mod doubt;
mod failures;
mod files;
mod interrupt;
mod jobs;
mod matching;
mod serve;
mod submit;
