//! What one row of the left was compared with, and how sure each candidate is.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::{
    BLOCK, MANY, ONE,
    candidates::Index,
    compare::field::Field,
    learn::{Model, Pairs},
    select::Selection,
};
use crate::found::Match;

/// Finds what single rows were compared with.
pub struct OneRow<'a> {
    fields: &'a [Field],
    model: &'a Model,
    index: Index<'a>,
}

impl<'a> OneRow<'a> {
    /// `rows` are those of the right; `itself` where it is the left.
    pub fn of(fields: &'a [Field], model: &'a Model, rows: usize, itself: bool) -> Self {
        Self { fields, model, index: Index::of(fields, rows, itself) }
    }

    /// The candidates of a row with their confidence, the surest first; of one table, rows before this
    /// one. Claims of other left rows on the same candidates are not considered.
    pub fn candidates(&self, row: u32) -> Vec<Match> {
        let limits = if self.model.exclusive { ONE } else { MANY };
        let pairs = Pairs::find(self.fields, &self.index, &[row], limits);
        let mut selection = Selection::of(self.fields, self.model, 0.0);
        selection.add(&pairs);
        selection.selected()
    }
}

impl OneRow<'_> {
    /// The candidates of many rows.
    pub fn all(&self, rows: &[u32]) -> Vec<Match> {
        let limits = if self.model.exclusive { ONE } else { MANY };
        let mut selection = Selection::of(self.fields, self.model, 0.0);
        for rows in rows.chunks(BLOCK) {
            selection.add(&Pairs::find(self.fields, &self.index, rows, limits));
        }
        selection.selected()
    }
}

/// A number for how the fields of two rows agree; the same for pairs that agree in the same way.
pub fn kind(fields: &[Field], model: &Model, left: u32, right: u32) -> u64 {
    let (levels, _) = model.levels_of(fields, left, right);
    FixedState::default().hash_one(levels)
}
