//! Answers of the API as Python objects.

mod macros;

pub mod agents;
pub mod calls;
pub mod parts;
