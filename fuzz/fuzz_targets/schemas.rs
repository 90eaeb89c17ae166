#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lantern_fuzz::schemas::run(bytes));
