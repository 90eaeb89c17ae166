//! A directory made from a seed: the same seed gives the same companies and people, on every
//! machine and in every version.
//!
//! Each row draws from its own stream of numbers, so that the first thousand people of a directory
//! of ten thousand are the first thousand of one of a million at the same companies.

mod companies;
pub(crate) mod dice;
mod people;
pub(super) mod spelling;

pub(super) use companies::companies;
pub(super) use people::people;
