//! Pairs that are known to match or not to match.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::{
    disjoint_sets::Sets,
    error::{Error, Result},
    labels::{self, Label},
    results::Matches,
};

/// What is known about the pairs of two tables, or of one.
pub struct Truth {
    /// Known pairs, ordered as matches are.
    pairs: HashMap<u64, bool, FixedState>,
    /// Whether pairs that are not named do not match.
    pub complete: bool,
    /// The entity of each row, for one table with complete truth.
    pub entities: Option<Vec<u32>>,
    true_pairs: f64,
}

/// Maximum number of pairs of entities in which missed pairs are searched for.
const LOOKED_AT: f64 = 2e6;

/// The positions of pair number `pair` of a set: (1, 0), (2, 0), (2, 1), (3, 0) and so on.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places fit")]
fn triangle(pair: u64) -> (usize, usize) {
    let mut later = ((1.0 + (8.0 * pair as f64 + 1.0).sqrt()) / 2.0) as u64;
    // The root is not exact for large numbers.
    while later * (later - 1) / 2 > pair {
        later -= 1;
    }
    while later * (later + 1) / 2 <= pair {
        later += 1;
    }
    (later as usize, (pair - later * (later - 1) / 2) as usize)
}

fn key(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

impl Truth {
    /// Takes pairs that match, with all others not matching if `complete`; or pairs with their
    /// decisions. In one table, matches of matches match, too.
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

    /// Takes the entity of each row of one table; rows of one entity match.
    pub fn of_entities(entities: Vec<u32>) -> Self {
        let mut sizes: HashMap<u32, u64, FixedState> = HashMap::default();
        entities.iter().for_each(|&entity| *sizes.entry(entity).or_default() += 1);
        let true_pairs = sizes.values().map(|&size| (size * (size - 1) / 2) as f64).sum();
        Self { pairs: HashMap::default(), complete: true, entities: Some(entities), true_pairs }
    }

    /// Whether two rows match; `None` if it is not known.
    pub fn is(&self, left: u32, right: u32) -> Option<bool> {
        if let Some(entities) = &self.entities {
            return Some(entities[left as usize] == entities[right as usize]);
        }
        match self.pairs.get(&key(left, right)) {
            Some(&is) => Some(is),
            None => self.complete.then_some(false),
        }
    }

    /// Number of pairs that match.
    pub fn true_pairs(&self) -> f64 {
        self.true_pairs
    }

    /// At most this many of the true pairs that are not among the matches, spread over all rows.
    pub fn missed(&self, matches: &Matches, most: usize) -> Vec<(u32, u32)> {
        let found: std::collections::HashSet<u64, FixedState> =
            matches.all.iter().map(|found| key(found.left, found.right)).collect();
        let Some(entities) = &self.entities else {
            let missed = self.pairs.iter().filter(|&(pair, &is)| is && !found.contains(pair));
            let mut missed: Vec<u64> = missed.map(|(&pair, _)| pair).collect();
            missed.sort_unstable();
            let step = missed.len().div_ceil(most.max(1)).max(1);
            #[expect(clippy::cast_possible_truncation, reason = "both halves are rows")]
            return missed
                .into_iter()
                .step_by(step)
                .map(|pair| ((pair >> 32) as u32, pair as u32))
                .collect();
        };
        // An entity may have too many pairs to check; then every `step`th pair of all is checked.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let step = (self.true_pairs / LOOKED_AT).ceil().max(1.0) as u64;
        let mut rows: Vec<u32> =
            (0..entities.len()).filter_map(|row| u32::try_from(row).ok()).collect();
        rows.sort_unstable_by_key(|&row| (entities[row as usize], row));
        let mut missed: Vec<(u32, u32)> = Vec::new();
        let mut next = 0;
        for members in rows.chunk_by(|a, b| entities[*a as usize] == entities[*b as usize]) {
            let pairs = members.len() as u64 * (members.len() as u64 - 1) / 2;
            while next < pairs {
                let (later, earlier) = triangle(next);
                let pair = (members[later], members[earlier]);
                if !found.contains(&key(pair.0, pair.1)) {
                    missed.push(pair);
                }
                next += step;
            }
            next -= pairs;
        }
        let step = missed.len().div_ceil(most.max(1)).max(1);
        missed.into_iter().step_by(step).collect()
    }

    /// The known pairs, if they are named one by one.
    pub fn named(&self) -> impl Iterator<Item = (u32, u32, bool)> {
        #[expect(clippy::cast_possible_truncation, reason = "both halves are rows")]
        self.pairs.iter().map(|(&pair, &is)| ((pair >> 32) as u32, pair as u32, is))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_a_set_are_numbered_one_by_one() {
        let mut pairs = (1..60).flat_map(|later| (0..later).map(move |earlier| (later, earlier)));
        assert!((0..).map(triangle).zip(&mut pairs).take(1_700).all(|(a, b)| a == b));
        let large = 3_000_000_000_u64;
        assert_eq!(triangle(large * (large - 1) / 2 - 1), (2_999_999_999, 2_999_999_998));
        assert_eq!(triangle(large * (large - 1) / 2), (3_000_000_000, 0));
    }
}
