//! Finds the candidates of single left rows, and their confidences.

use std::{
    collections::{HashMap, HashSet},
    hash::BuildHasher,
    sync::Arc,
};

use foldhash::fast::FixedState;

use super::{
    BLOCK, MANY, ONE,
    candidates::{Index, Keys, Limits},
    compare::field::{BINS, Field},
    learn::{Model, Pairs, Scorer},
    select::Selection,
};
use crate::found_pairs::Match;

/// Finds the candidates of single left rows.
pub struct OneRow<'a> {
    fields: &'a [Field],
    model: &'a Model,
    index: Index<'a>,
    scorer: Arc<Scorer>,
    /// Whether all matches of a row were wanted.
    many: bool,
}

impl<'a> OneRow<'a> {
    pub fn of(
        fields: &'a [Field],
        model: &'a Model,
        keys: Arc<Keys>,
        scorer: Arc<Scorer>,
        many: bool,
    ) -> Self {
        Self { fields, model, index: Index::with(fields, keys), scorer, many }
    }

    fn limits(&self) -> Limits {
        if self.many { MANY } else { ONE }
    }

    fn selection(&self) -> Selection<'a> {
        let scorer = Arc::clone(&self.scorer);
        let mut selection = Selection::with(self.fields, self.model, scorer, 0.0);
        selection.many = self.many;
        selection
    }

    /// The candidates of a row with their confidences, the highest first; in one table, only rows
    /// before this one. Claims of other left rows on the same candidates are not considered.
    pub fn candidates(&self, row: u32) -> Vec<Match> {
        let pairs = Pairs::find(self.fields, &self.index, &[row], self.limits());
        let mut selection = self.selection();
        selection.add(&pairs);
        selection.selected()
    }

    /// The candidates of many rows, each with a number that is equal for pairs whose fields agree
    /// in the same way.
    pub fn all(&self, rows: &[u32]) -> Vec<(Match, u64)> {
        let mut selection = self.selection();
        let mut kinds: HashMap<(u32, u32), u64, FixedState> = HashMap::default();
        let count = self.fields.len();
        let state = FixedState::default();
        for rows in rows.chunks(BLOCK) {
            let pairs = Pairs::find(self.fields, &self.index, rows, self.limits());
            for (at, cells) in pairs.cells.chunks(count.max(1)).enumerate() {
                let levels: Vec<usize> = cells
                    .iter()
                    .zip(self.fields)
                    .map(|(&cell, field)| usize::from(cell) / BINS % field.levels())
                    .collect();
                kinds.insert((pairs.left[at], pairs.right[at]), state.hash_one(levels));
            }
            selection.add(&pairs);
        }
        let kind = |found: &Match| kinds.get(&(found.left, found.right)).copied().unwrap_or(0);
        selection.selected().into_iter().map(|found| (found, kind(&found))).collect()
    }

    /// The number of these pairs that were compared.
    pub fn compared(&self, pairs: &[(u32, u32)]) -> usize {
        let mut rows: Vec<u32> = pairs.iter().map(|&(left, _)| left).collect();
        rows.sort_unstable();
        rows.dedup();
        let found = Pairs::find(self.fields, &self.index, &rows, self.limits());
        let found: HashSet<(u32, u32), FixedState> =
            found.left.into_iter().zip(found.right).collect();
        pairs.iter().filter(|pair| found.contains(pair)).count()
    }
}
