//! What third rows show of a pair of one table: rows that match the same row are one.
//!
//! A married name or a nickname makes two records of one person too unlike to be taken for one by
//! themselves, while a third record has what each of them has. How likely two rows are one beside a
//! third is the share of the ways in which three rows can be one or different (all one, each two of
//! them, none) that have the two together, each way weighed by the odds of its pairs. What speaks
//! against the two counts in full, and more where nothing that identifies agrees: a record with an
//! initial matches father and son, and they are not one.
//!
//! How often rows are one that agree in a certain way is learned from the same table: of the pairs of
//! which each row also has another match, the share whose other matches are the same rows.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

/// From what third rows show, further pairs follow; how often.
const ROUNDS: usize = 2;
/// What speaks against a pair in which nothing that identifies agrees, in bits.
const UNIDENTIFIED: f32 = -4.0;
/// From how many bits on a match is sure enough to learn from.
const SURE: f64 = 7.0;
/// How many pairs the expectation is worth that rows are different which agree in a certain way.
const BELIEVED: f64 = 3.0;
/// Odds beyond are not told apart, in bits.
const MOST: f64 = 40.0;

/// A compared pair of one table.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    pub left: u32,
    pub right: u32,
    pub confidence: f64,
    /// What speaks against the pair, in bits: at most 0.
    pub against: f32,
    /// Whether something that identifies agrees.
    pub identified: bool,
    /// The same for pairs whose fields agree at the same levels, and for those at the same grades.
    pub levels: u32,
    pub grades: u32,
}

/// Raises the confidence of pairs to what third rows show.
pub fn raise(pairs: &mut [Compared]) {
    let Some(rows) = pairs.iter().map(|pair| pair.left.max(pair.right)).max() else { return };
    let mut learned = Vec::new();
    for round in 0..ROUNDS {
        let odds: Vec<f64> = pairs.iter().map(|pair| bits(pair.confidence)).collect();
        let links = Links::of(pairs, &odds, rows as usize + 1);
        if links.rows.is_empty() {
            return;
        }
        let thirds: Vec<Option<(f64, f64)>> =
            pairs.par_iter().map(|pair| links.third(pair.left, pair.right)).collect();
        if round == 0 {
            learned = learn(pairs, &odds, &links, &thirds);
        }
        pairs.par_iter_mut().zip(&thirds).zip(&learned).for_each(|((pair, third), &learned)| {
            if let &Some((weaker, stronger)) = third {
                let doubt = if pair.identified { 0.0 } else { UNIDENTIFIED };
                let own = f64::from(pair.against + doubt).max(learned);
                pair.confidence = pair.confidence.max(of_three(weaker, stronger, own));
            }
        });
    }
}

fn bits(confidence: f64) -> f64 {
    let p = confidence.clamp(1e-15, 1.0 - 1e-15);
    (p / (1.0 - p)).log2().clamp(-MOST, MOST)
}

/// How likely two of three rows are one, by the bits of each with the third and of the two.
fn of_three(weaker: f64, stronger: f64, own: f64) -> f64 {
    let all = (weaker + stronger + own).exp2();
    let ways = all + weaker.exp2() + stronger.exp2() + own.exp2() + 1.0;
    (all + own.exp2()) / ways
}

/// By how pairs agree, the bits by which rows are one: of pairs of which each row has another sure
/// match, the share that has one in common. Few pairs of a way lean on all of the same grades, and
/// these on that rows are different.
fn learn(
    pairs: &[Compared],
    odds: &[f64],
    links: &Links,
    thirds: &[Option<(f64, f64)>],
) -> Vec<f64> {
    type Seen = HashMap<u32, (f64, f64), FixedState>;
    let (mut by_levels, mut by_grades) = (Seen::default(), Seen::default());
    // Of each pair: whether it is counted, and whether its rows are one.
    let counted: Vec<(f64, f64)> = pairs
        .iter()
        .zip(odds)
        .zip(thirds)
        .map(|((pair, &odds), third)| {
            let own = u32::from(odds >= SURE);
            let known = |row: u32| links.sure[row as usize] > own;
            let counts = known(pair.left) && known(pair.right);
            let same = counts && third.is_some_and(|(weaker, _)| weaker >= SURE);
            (f64::from(u8::from(counts)), f64::from(u8::from(same)))
        })
        .collect();
    for (pair, &(counts, same)) in pairs.iter().zip(&counted) {
        for seen in
            [by_levels.entry(pair.levels).or_default(), by_grades.entry(pair.grades).or_default()]
        {
            seen.0 += counts;
            seen.1 += same;
        }
    }
    pairs
        .iter()
        .zip(&counted)
        .map(|(pair, &(counts, same))| {
            // What a pair shows itself is no evidence for it.
            let share = |seen: &Seen, key: u32, expected: f64| {
                let (all, ones) = seen.get(&key).copied().unwrap_or_default();
                (ones - same + BELIEVED * expected) / (all - counts + BELIEVED)
            };
            let expected = share(&by_grades, pair.grades, 0.0);
            bits(share(&by_levels, pair.levels, expected))
        })
        .collect()
}

/// The matches of each row, in the order of the other rows.
struct Links {
    starts: Vec<usize>,
    rows: Vec<(u32, f64)>,
    /// How many matches of each row are sure.
    sure: Vec<u32>,
}

impl Links {
    fn of(pairs: &[Compared], odds: &[f64], rows: usize) -> Self {
        let linked = || pairs.iter().zip(odds).filter(|&(_, &odds)| odds >= 0.0);
        let mut starts = vec![0; rows + 1];
        let mut sure = vec![0; rows];
        for (pair, &odds) in linked() {
            for row in [pair.left, pair.right] {
                starts[row as usize + 1] += 1;
                sure[row as usize] += u32::from(odds >= SURE);
            }
        }
        for row in 0..rows {
            starts[row + 1] += starts[row];
        }
        let mut next = starts.clone();
        let mut found = vec![(0, 0.0); starts[rows]];
        for (pair, &odds) in linked() {
            for (row, other) in [(pair.left, pair.right), (pair.right, pair.left)] {
                found[next[row as usize]] = (other, odds);
                next[row as usize] += 1;
            }
        }
        for window in starts.windows(2) {
            found[window[0]..window[1]].sort_unstable_by_key(|&(other, _)| other);
        }
        Self { starts, rows: found, sure }
    }

    fn of_row(&self, row: u32) -> &[(u32, f64)] {
        &self.rows[self.starts[row as usize]..self.starts[row as usize + 1]]
    }

    /// The bits of the two rows with the third that both match best, the lower ones first.
    fn third(&self, one: u32, other: u32) -> Option<(f64, f64)> {
        let (one, other) = (self.of_row(one), self.of_row(other));
        let (few, many) = if one.len() < other.len() { (one, other) } else { (other, one) };
        few.iter()
            .filter_map(|&(row, a)| {
                let at = many.binary_search_by_key(&row, |&(row, _)| row).ok()?;
                let b = many[at].1;
                Some((a.min(b), a.max(b)))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pair in which something identifies, with what speaks against it.
    fn pair(left: u32, right: u32, confidence: f64, against: f32) -> Compared {
        let identified = confidence > 0.0;
        Compared { left, right, confidence, against, identified, levels: 0, grades: 0 }
    }

    /// The confidence of the last pair once third rows were asked.
    fn last(mut pairs: Vec<Compared>) -> f64 {
        raise(&mut pairs);
        pairs[pairs.len() - 1].confidence
    }

    #[test]
    fn rows_that_surely_match_one_row_are_one() {
        let found =
            last(vec![pair(1, 0, 0.99999, 0.0), pair(2, 0, 0.99999, 0.0), pair(2, 1, 0.0, -5.0)]);
        assert!(found > 0.9, "{found}");
        // One step further, by what the first shows.
        let found = last(vec![
            pair(1, 0, 0.999_999, 0.0),
            pair(2, 0, 0.999_999, 0.0),
            pair(3, 2, 0.999_999, 0.0),
            pair(3, 0, 0.0, -4.0),
            pair(3, 1, 0.0, -4.0),
        ]);
        assert!(found > 0.8, "{found}");
    }

    #[test]
    fn who_is_like_father_and_son_does_not_make_them_one() {
        let found = last(vec![pair(1, 0, 0.95, 0.0), pair(2, 0, 0.95, 0.0), pair(2, 1, 0.0, -6.0)]);
        assert!(found < 0.1, "{found}");
    }

    #[test]
    fn no_pair_loses_and_without_a_third_row_none_gains() {
        let before = [pair(1, 0, 0.7, 0.0), pair(2, 1, 0.2, -1.0), pair(3, 2, 0.6, 0.0)];
        let mut after = before.to_vec();
        raise(&mut after);
        for (before, after) in before.iter().zip(&after) {
            assert!((after.confidence - before.confidence).abs() < 1e-12, "{after:?}");
        }
    }

    /// Families of four records. If they are `bridged`, a third record matches both of the pair whose
    /// names differ; these pairs all agree at the same levels.
    fn families(bridged: bool) -> Vec<Compared> {
        let differs =
            |left, right| Compared { levels: 7, grades: 7, ..pair(left, right, 0.0, -14.0) };
        let mut pairs = Vec::new();
        for family in 0..20 {
            let row = 4 * family;
            pairs.push(pair(row + 1, row, 0.9999, 0.0));
            if bridged {
                pairs.push(pair(row + 2, row + 1, 0.9999, 0.0));
                pairs.push(pair(row + 3, row + 1, 0.9999, 0.0));
            }
            pairs.push(pair(row + 3, row + 2, 0.9999, 0.0));
            pairs.push(differs(row + 2, row));
        }
        pairs
    }

    #[test]
    fn how_often_rows_that_agree_so_are_one_is_learned_from_the_table() {
        let found = last(families(true));
        assert!(found > 0.9, "{found}");
        let found = last(families(false));
        assert!(found < 0.01, "{found}");
        // One such family alone teaches nothing.
        let found = last(families(true)[..5].to_vec());
        assert!(found < 0.5, "{found}");
    }
}
