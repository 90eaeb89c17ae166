//! Pairs of which it is known whether they match.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::{
    error::{Error, Result},
    labels::{self, Label},
    results::{Matches, sets::Sets},
};

/// What is known of the pairs of two tables, or of one.
pub struct Truth {
    /// Known pairs, ordered as matches are.
    pairs: HashMap<u64, bool, FixedState>,
    /// Whether a pair that is not named does not match.
    pub complete: bool,
    /// Of one table whose truth is complete: the entity of each row.
    pub entities: Option<Vec<u32>>,
    true_pairs: f64,
}

fn key(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

impl Truth {
    /// Pairs that match, and, where `complete`, no others do; else pairs with their decisions. Of one
    /// table, matches of matches match, too.
    ///
    /// # Errors
    /// If a row does not exist, labels contradict each other, or nothing is known.
    pub fn of(matches: &Matches, known: &[Label], complete: bool) -> Result<Self> {
        if known.is_empty() {
            return Err(Error::input(
                "the truth names no pair; give the pairs that match, or reviewed ones with decisions",
            ));
        }
        let rows = matches.left.rows;
        let right_rows = matches.right.as_ref().map(|right| right.rows);
        let known = labels::check(known, rows, right_rows)?;
        if complete && right_rows.is_none() {
            let mut sets = Sets::new(rows);
            for &(one, other, is) in &known {
                if is {
                    sets.join(one as usize, other as usize);
                }
            }
            let of = (0..rows).map(|row| u32::try_from(sets.find(row)).unwrap_or(u32::MAX));
            return Ok(Self::of_entities(of.collect()));
        }
        let pairs: HashMap<u64, bool, FixedState> =
            known.iter().map(|&(left, right, is)| (key(left, right), is)).collect();
        let true_pairs = pairs.values().filter(|&&is| is).count() as f64;
        Ok(Self { pairs, complete, entities: None, true_pairs })
    }

    /// Rows of one table that are the same where their entity is.
    pub fn of_entities(entities: Vec<u32>) -> Self {
        let mut sizes: HashMap<u32, u64, FixedState> = HashMap::default();
        entities.iter().for_each(|&entity| *sizes.entry(entity).or_default() += 1);
        let true_pairs = sizes.values().map(|&size| (size * (size - 1) / 2) as f64).sum();
        Self { pairs: HashMap::default(), complete: true, entities: Some(entities), true_pairs }
    }

    /// Whether two rows match; none where it is not known.
    pub fn is(&self, left: u32, right: u32) -> Option<bool> {
        if let Some(entities) = &self.entities {
            return Some(entities[left as usize] == entities[right as usize]);
        }
        match self.pairs.get(&key(left, right)) {
            Some(&is) => Some(is),
            None => self.complete.then_some(false),
        }
    }

    /// How many pairs match.
    pub fn true_pairs(&self) -> f64 {
        self.true_pairs
    }

    /// At most so many of the pairs that match and are not among the matches, in order of rows.
    pub fn missed(&self, matches: &Matches, most: usize) -> Vec<(u32, u32)> {
        let found: std::collections::HashSet<u64, FixedState> =
            matches.all.iter().map(|found| key(found.left, found.right)).collect();
        let Some(entities) = &self.entities else {
            let missed = self.pairs.iter().filter(|&(pair, &is)| is && !found.contains(pair));
            let mut missed: Vec<u64> = missed.map(|(&pair, _)| pair).collect();
            missed.sort_unstable();
            // Spread over all rows, where there are more than are looked at.
            let step = missed.len().div_ceil(most.max(1)).max(1);
            #[expect(clippy::cast_possible_truncation, reason = "both halves are rows")]
            return missed
                .into_iter()
                .step_by(step)
                .map(|pair| ((pair >> 32) as u32, pair as u32))
                .collect();
        };
        let mut members: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
        let mut missed = Vec::new();
        for (row, entity) in (0..).zip(entities) {
            let others = members.entry(*entity).or_default();
            for &other in others.iter() {
                if missed.len() < most && !found.contains(&key(row, other)) {
                    missed.push((row, other));
                }
            }
            others.push(row);
        }
        missed
    }

    /// The known pairs, where they are named one by one.
    pub fn named(&self) -> impl Iterator<Item = (u32, u32, bool)> {
        #[expect(clippy::cast_possible_truncation, reason = "both halves are rows")]
        self.pairs.iter().map(|(&pair, &is)| ((pair >> 32) as u32, pair as u32, is))
    }
}
