//! How two values of a field agree, as one of a few levels.
//!
//! Each comparison has a documented list of levels ([`level`]). Comparing two values yields a
//! number in that list and how rare what they have in common is, in bits.

pub mod amounts;
pub mod chance;
pub mod dates;
pub mod decoys;
pub mod email;
pub mod evidence;
pub mod field;
pub mod letters;
pub mod level;
pub mod list;
pub mod numbers;
pub mod other_half;
pub mod person;
pub mod personal_numbers;
pub mod places;
mod replaced;
pub mod role;
pub mod segment;
pub mod swapped;
pub mod vocabulary;
pub mod words;

pub use level::{Grade, Level};
pub use words::Words;

#[cfg(test)]
mod tests;
