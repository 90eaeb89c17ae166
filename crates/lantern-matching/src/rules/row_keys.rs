//! Keys by which rows that may match are brought together from many machines.
//!
//! A row has a key for each group of rules that it may hold under: the hash of the values that
//! `exact` and `eq` join on or, where `contains` and `fuzzy` alone decide, one that all rows share.
//! Two rows that match under any group share its key. Keys tell nothing of other rows, so that each
//! part of a table can be keyed by itself; they are the same on all machines with this version.

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
    /// Of each row, the hash of all values that the rules read: equal rows match alike.
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
