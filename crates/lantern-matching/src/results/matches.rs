//! What matching gives: pairs of rows with a confidence, and why.

use std::sync::Arc;

use crate::{
    linkage::{compare::field::Field, learn::Model},
    rules::RuleSet,
    tables::Table,
};

/// A pair of rows that match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    pub left: u32,
    pub right: u32,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// The groups of rules that hold, a bit each.
    pub rules: u64,
}

/// How matches were found.
#[derive(Clone)]
pub enum Method {
    Learned { fields: Arc<Vec<Field>>, model: Arc<Model> },
    Rules(Arc<RuleSet>),
}

/// Matches of two tables, ordered by left row and falling confidence.
#[derive(Clone)]
pub struct Matches {
    pub all: Vec<Match>,
    pub left: Table,
    /// None where the table was matched with itself.
    pub right: Option<Table>,
    pub threshold: f64,
    /// How many pairs of rows were compared.
    pub compared: u64,
    /// Where rules were matched approximately: the share of all matches that is found, as measured
    /// on a sample.
    pub recall: Option<f64>,
    pub method: Method,
}

impl Matches {
    pub fn right_table(&self) -> &Table {
        self.right.as_ref().unwrap_or(&self.left)
    }

    /// Rows of the left without a match.
    pub fn unmatched_left(&self) -> Vec<u64> {
        without(self.left.rows, self.all.iter().map(|found| found.left))
    }

    /// Rows of the right without a match.
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
