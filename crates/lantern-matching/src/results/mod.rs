//! The results of matching: matches with a confidence and an explanation, clusters, and one record
//! of each cluster.

pub(crate) mod assign;
pub mod chosen_threshold;
pub mod cluster;
pub mod explain;
pub mod golden;
pub mod joined;
pub mod matches;
pub mod pair;
pub mod stable;
pub mod table;

pub use self::{
    explain::{Contribution, Explanation},
    matches::{Match, Matches, Method},
};
