//! What is fuzzed, as functions from bytes: each panics where a promise is broken.
//!
//! `fuzz_targets` runs them under libFuzzer, and `tests/rust/fuzz.rs` replays the corpora.

pub mod answers;
pub mod arrow;
pub mod credits;
pub mod ledger;
pub mod locations;
pub mod normalizers;
pub mod requests;
pub mod results;
pub mod rules;
pub mod schemas;
pub mod similarity;

use lantern::Error;

/// A target under the name of its corpus.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const ALL: [Target; 11] = [
    ("answers", answers::run),
    ("arrow", arrow::run),
    ("credits", credits::run),
    ("ledger", ledger::run),
    ("locations", locations::run),
    ("normalizers", normalizers::run),
    ("requests", requests::run),
    ("results", results::run),
    ("rules", rules::run),
    ("schemas", schemas::run),
    ("similarity", similarity::run),
];

/// What every error keeps, whatever caused it: it is short, and a terminal prints it as it is.
fn readable(error: &Error) {
    let text = error.to_string();
    assert!(text.len() < 20_000, "{} bytes", text.len());
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

/// The first byte, and the others.
fn first(bytes: &[u8]) -> (u8, &[u8]) {
    bytes.split_first().map_or((0, bytes), |(first, rest)| (*first, rest))
}
