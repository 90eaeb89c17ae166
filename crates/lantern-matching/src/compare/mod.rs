//! How two values of a field agree, as one of a few levels.

pub mod letters;
pub mod words;

pub use words::Words;
