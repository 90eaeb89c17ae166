//! Raises the confidence of pairs of one table by third rows: two rows that match the same row are
//! often one.
//!
//! A married name or a nickname can make two records of one person too different to match, while a
//! third record has values of both. Three rows can be one (all three), two of them can be one (in
//! three ways), or all can be different. Each of these five ways counts with the odds of the pairs
//! that it joins, and the confidence of a pair is at least the share of the ways that join it. If
//! the third row matches the two with odds of 8 and 4, and the evidence against them leaves odds of
//! 1/2, the ways count 16, 8, 4, 1/2 and 1, and the confidence is 16.5 / 29.5 = 0.56.
//!
//! Evidence against a pair counts in full, and more if no identifying field agrees: a record with
//! an initial matches both father and son, who are two people.
//!
//! How often rows that agree in a certain way are one is learned from the same table: among the
//! pairs whose rows both have another sure match, it is the share whose other match is the same
//! row.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

/// Number of rounds. What one round raises are third rows for the next.
const ROUNDS: usize = 2;
/// Evidence against a pair in which no identifying field agrees, in bits.
const UNIDENTIFIED: f32 = -4.0;
/// Minimum log-odds of a match to learn from, in bits.
const SURE: f64 = 7.0;
/// Weight, in pairs, of the assumption that rows that agree in a certain way are different.
const BELIEVED: f64 = 3.0;
/// Maximum log-odds, in bits.
const MOST: f64 = 40.0;

/// A compared pair of one table.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    pub left: u32,
    pub right: u32,
    pub confidence: f64,
    /// The evidence against the pair, in bits: at most 0.
    pub against: f32,
    /// Whether an identifying field agrees.
    pub identified: bool,
    /// Hashes of the levels and of the grades at which the fields agree.
    pub levels: u32,
    pub grades: u32,
}

/// Raises the confidence of pairs by third rows. No confidence falls.
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

/// The probability that two of three rows are one, by the log-odds of each with the third row and
/// of the two, in bits.
fn of_three(weaker: f64, stronger: f64, own: f64) -> f64 {
    let all = (weaker + stronger + own).exp2();
    let ways = all + weaker.exp2() + stronger.exp2() + own.exp2() + 1.0;
    (all + own.exp2()) / ways
}

/// Learns the log-odds that rows are one from how often it is so for other pairs that agree in the
/// same way: of those whose rows both have another sure match, the share that has it in common. If
/// few pairs agree at the same levels, the share leans on the pairs of the same grades, and theirs
/// on the assumption that rows are different.
fn learn(
    pairs: &[Compared],
    odds: &[f64],
    links: &Links,
    thirds: &[Option<(f64, f64)>],
) -> Vec<f64> {
    type Seen = HashMap<u32, (f64, f64), FixedState>;
    let (mut by_levels, mut by_grades) = (Seen::default(), Seen::default());
    // For each pair, 1 if it counts, and 1 if its rows are one.
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
            // A pair is no evidence for itself.
            let share = |seen: &Seen, key: u32, expected: f64| {
                let (all, ones) = seen.get(&key).copied().unwrap_or_default();
                (ones - same + BELIEVED * expected) / (all - counts + BELIEVED)
            };
            let expected = share(&by_grades, pair.grades, 0.0);
            bits(share(&by_levels, pair.levels, expected))
        })
        .collect()
}

/// The matches of each row, sorted by the other row.
struct Links {
    starts: Vec<usize>,
    rows: Vec<(u32, f64)>,
    /// Number of sure matches of each row.
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

    /// The log-odds, in bits, with which two rows match the third row that both match best; the
    /// lower first.
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

    /// A pair in which an identifying field agrees if it has any confidence, with the evidence
    /// against it.
    fn pair(left: u32, right: u32, confidence: f64, against: f32) -> Compared {
        let identified = confidence > 0.0;
        Compared { left, right, confidence, against, identified, levels: 0, grades: 0 }
    }

    /// The confidence of the last pair after third rows raised it.
    fn last(mut pairs: Vec<Compared>) -> f64 {
        raise(&mut pairs);
        pairs[pairs.len() - 1].confidence
    }

    #[test]
    fn rows_that_surely_match_one_row_are_one() {
        let found =
            last(vec![pair(1, 0, 0.99999, 0.0), pair(2, 0, 0.99999, 0.0), pair(2, 1, 0.0, -5.0)]);
        assert!(found > 0.9, "{found}");
        // The second round builds on the pair that the first one raised.
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
        // One such family is too few to learn from.
        let found = last(families(true)[..5].to_vec());
        assert!(found < 0.5, "{found}");
    }
}
