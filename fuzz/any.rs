#![no_main]

use std::sync::{Arc, LazyLock, atomic::AtomicBool};

/// The target that the variable names; libFuzzer keeps the arguments for itself.
static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let known = lantern_fuzz::ALL.map(|(name, _)| name).join(", ");
    let found = lantern_fuzz::ALL.into_iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("FUZZ_TARGET is {name:?}, and not one of {known}")).1
});

libfuzzer_sys::fuzz_target!(
    // As Rust's own start does, which libFuzzer replaces: a connection that the other side has closed
    // ends no process.
    init: signal_hook::flag::register(signal_hook::consts::SIGPIPE, Arc::new(AtomicBool::new(false)))
        .expect("the signal can be handled"),
    |bytes: &[u8]| TARGET(bytes)
);
