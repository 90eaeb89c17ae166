//! Pairs for a person to decide: the choice of the most useful ones, and their form as a table and
//! as a page that works offline.

pub mod page;
pub mod selection;
pub mod table;

pub use self::selection::{PairToReview, choose};
