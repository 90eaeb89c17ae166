//! Pairs for a person to decide: the choice of the most useful ones, and their form as a table and
//! as a page that works offline.

pub mod choose;
pub mod page;
pub mod table;

pub use self::choose::{Doubtful, choose};
