//! How two values of a field agree, as one of a few levels.

pub mod evidence;
pub mod field;
pub mod letters;
pub mod role;
pub mod vocabulary;
pub mod words;

pub use words::Words;
