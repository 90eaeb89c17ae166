//! Generates a directory from a seed. The same seed gives the same companies and people, on every
//! machine and in every version.
//!
//! Each row has its own stream of random numbers, so that the first thousand people of a directory
//! of ten thousand are the same as the first thousand of one of a million, given the same
//! companies.

mod companies;
pub(crate) mod dice;
mod people;
pub(super) mod spelling;

pub(super) use companies::companies;
pub(super) use people::people;
