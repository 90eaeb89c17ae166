//! Keys by which rows on many machines are grouped, so that rows that may match meet.
//!
//! A row has a key for each group of rules under which it may match: the hash of the values that
//! `exact` and `eq` join on or, for a group with only `contains` and `fuzzy`, a key that all rows
//! share. Two rows that match under a group share its key. A key does not depend on other rows, so
//! each part of a table can be processed separately, and keys are the same on all machines with
//! this version.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::rule_set::{RuleSet, joins};
use crate::tables::{NULL, Values};

/// The keys of the rows of a table.
#[derive(Debug, Default, PartialEq)]
pub struct RowKeys {
    pub keys: Vec<u64>,
    /// The keys of row `r` are `keys[ends[r - 1]..ends[r]]`.
    pub ends: Vec<usize>,
    /// For each row, the hash of all values that the rules read. Rows with the same hash have the
    /// same matches.
    pub profiles: Vec<u64>,
}

impl RowKeys {
    pub fn get(&self, row: usize) -> &[u64] {
        let begin = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.keys[begin..self.ends[row]]
    }
}

impl RuleSet {
    /// The keys of the left rows.
    pub fn row_keys(&self) -> RowKeys {
        let state = FixedState::default();
        let (columns, slots) = self.columns();
        let hashes: Vec<Vec<u64>> = columns.par_iter().map(|values| hashes(values)).collect();
        let rows = columns.first().map_or(0, |values| values.left.len());
        let mut found = RowKeys::default();
        let mut row_values = vec![None; columns.len()];
        let mut joined: Vec<u64> = Vec::new();
        for row in 0..rows {
            for ((value, values), hashes) in row_values.iter_mut().zip(&columns).zip(&hashes) {
                let number = values.left[row];
                *value = (number != NULL).then(|| hashes[number as usize]);
            }
            for (number, (group, slots)) in self.groups.iter().zip(&slots).enumerate() {
                if slots.iter().any(|&slot| row_values[slot].is_none()) {
                    continue;
                }
                joined.clear();
                let on = group.iter().zip(slots).filter(|(rule, _)| joins(rule));
                joined.extend(on.filter_map(|(_, &slot)| row_values[slot]));
                found.keys.push(state.hash_one((number, &joined)));
            }
            found.ends.push(found.keys.len());
            found.profiles.push(state.hash_one(&row_values));
        }
        found
    }
}

/// The hash of each distinct value.
fn hashes(values: &Values) -> Vec<u64> {
    let state = FixedState::default();
    (0..values.texts.len())
        .map(|number| state.hash_one(values.texts.get(u32::try_from(number).unwrap_or(NULL))))
        .collect()
}
