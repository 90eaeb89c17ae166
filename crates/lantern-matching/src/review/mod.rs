//! Pairs for a person to decide: which teach most, as a table and as a page that works offline.

pub mod choose;
pub mod page;
pub mod table;

pub use self::choose::{Doubtful, choose};
