//! What matching gives: matches with a confidence, why, clusters, one record of each.

pub(crate) mod assign;
pub mod cluster;
pub mod explain;
pub mod golden;
pub mod joined;
pub mod matches;
pub mod pair;
pub(crate) mod sets;
pub mod stable;
pub mod table;

pub use self::{
    explain::{Contribution, Explanation},
    matches::{Match, Matches, Method},
};
