//! The result of matching: pairs of rows with a confidence, and how they were found.

use std::sync::Arc;

use super::chosen_threshold::Chosen;
pub use crate::found_pairs::Match;
use crate::{
    labels::Label,
    linkage::{candidates::Keys, compare::field::Field, learn::Model},
    rules::RuleSet,
    tables::Table,
};

/// How matches were found.
#[derive(Clone)]
pub enum Method {
    Learned {
        fields: Arc<Vec<Field>>,
        model: Arc<Model>,
        /// The model by which pairs were found; `None` if there was nothing to compare.
        keys: Option<Arc<Keys>>,
    },
    Rules(Arc<RuleSet>),
}

/// Matches of two tables, ordered by left row and falling confidence.
#[derive(Clone)]
pub struct Matches {
    pub all: Vec<Match>,
    pub left: Table,
    /// `None` if the table was matched with itself.
    pub right: Option<Table>,
    pub threshold: f64,
    /// Number of pairs of rows that were compared.
    pub compared: u64,
    /// Estimated share of all matches that were compared; `None` if all pairs were.
    pub recall: Option<f64>,
    /// Warnings about what the tables do not show, in sentences for the user.
    pub warnings: Vec<String>,
    pub method: Method,
    pub selection: Selection,
    /// The precision that is expected at the threshold, if it was chosen to reach one.
    pub chosen: Option<Chosen>,
}

/// The options and labels that decide which of the compared pairs are matches.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Maximum number of matches per left row; `None` for all.
    pub top: Option<usize>,
    pub one_to_one: bool,
    /// Checked by [`crate::labels::check`].
    pub labels: Arc<Vec<Label>>,
    /// The confidence of each labelled pair without its label; empty if it is not known.
    pub unbound: Arc<Vec<f64>>,
}

impl Matches {
    pub fn right_table(&self) -> &Table {
        self.right.as_ref().unwrap_or(&self.left)
    }

    /// Left rows without a match.
    pub fn unmatched_left(&self) -> Vec<u64> {
        without(self.left.rows, self.all.iter().map(|found| found.left))
    }

    /// Right rows without a match.
    pub fn unmatched_right(&self) -> Vec<u64> {
        without(self.right_table().rows, self.all.iter().map(|found| found.right))
    }
}

fn without(rows: usize, matched: impl Iterator<Item = u32>) -> Vec<u64> {
    let mut seen = vec![false; rows];
    for row in matched {
        seen[row as usize] = true;
    }
    (0..rows as u64).zip(seen).filter(|(_, seen)| !seen).map(|(row, _)| row).collect()
}
