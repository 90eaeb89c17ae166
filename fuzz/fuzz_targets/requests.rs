#![no_main]

use std::sync::{Arc, atomic::AtomicBool};

libfuzzer_sys::fuzz_target!(
    // As Rust's own start does, which libFuzzer replaces: a connection that the other side has closed
    // ends no process.
    init: signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::new(AtomicBool::new(false)))
        .expect("the signal can be handled"),
    |bytes: &[u8]| lantern_fuzz::requests::run(bytes)
);
