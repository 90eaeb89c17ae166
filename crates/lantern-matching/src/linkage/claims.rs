//! Weighs left rows that claim the same right row against each other.
//!
//! Several leads may belong to one account, but a publication is in the other list only once. For
//! leads, a second claim is as good as the first. For publications, it is a near miss: the row's
//! own record is missing from the other list. How likely second claims are is learned from the
//! strongest claims, among which near misses are rare and real second claims are not.
//!
//! Which left row gets a right row depends on what else the others could get, and that depends on
//! who claims those rows. The claims form a graph with two sides. Belief propagation finds the
//! share of each pair over all ways of assigning right rows to left rows (Bayati, Shah and Sharma,
//! "Max-product for maximum weight matching", 2008; here with sums instead of maxima). Each way
//! counts with the odds of its pairs and, for each second claim, with how likely second claims are.

use super::compare::field::Field;

/// Pairs with lower log-odds, in bits, are not claims.
const LEAST: f32 = -12.0;
/// Log-odds beyond this are not distinguished, in bits.
const MOST: f32 = 60.0;
/// Minimum probability of a pair to count as a claim when second claims are counted.
const CLAIMS: f64 = 0.5;
/// Weight of the expectation before counting, in first claims; and how likely second claims are
/// then.
const BELIEVED: f64 = 4.0;
pub const EXPECTED: f64 = 0.5;
/// Second claims are never impossible, because two left rows may be one record.
pub const RAREST: f64 = 1e-4;
/// If second claims are at least this likely, rows do not compete.
const COMMON: f64 = 0.5;

/// Number of rounds of belief propagation for the final result.
pub const ROUNDS: usize = 20;

/// Candidates of left rows, each with the log-odds of a match.
pub struct Candidates<'a> {
    /// The position of the first candidate of each left row, and the number of candidates.
    pub starts: &'a [usize],
    pub rights: &'a [u32],
    /// For each left row, a number that only its copies share. Copies do not compete.
    pub copies: &'a [u64],
}

/// For each left row, a hash of its values, which equal rows share.
pub fn copies(fields: &[Field], rows: impl Iterator<Item = u32>) -> Vec<u64> {
    copies_by(fields, rows, |field, row| field.values.left[row as usize])
}

fn copies_by(
    fields: &[Field],
    rows: impl Iterator<Item = u32>,
    value: impl Fn(&Field, u32) -> u32,
) -> Vec<u64> {
    use std::hash::{BuildHasher, Hasher};
    let state = foldhash::fast::FixedState::default();
    rows.map(|row| {
        let mut hasher = state.build_hasher();
        fields.iter().for_each(|field| hasher.write_u32(value(field, row)));
        hasher.finish()
    })
    .collect()
}

/// How likely a left row has a second right row, compared with the first, judged by the strongest
/// claims of right rows on left rows. `lefts` are the left rows of the pairs.
pub fn second_of_left(
    fields: &[Field],
    lefts: &[u32],
    rights: &[u32],
    scores: &[f32],
    expected: f64,
) -> f64 {
    let mut order: Vec<usize> = (0..rights.len()).collect();
    order.sort_unstable_by_key(|&at| (rights[at], at));
    let (mut starts, mut rows) = (Vec::new(), Vec::new());
    for (place, &at) in order.iter().enumerate() {
        if rows.last() != Some(&rights[at]) {
            starts.push(place);
            rows.push(rights[at]);
        }
    }
    starts.push(order.len());
    let copies = copies_by(fields, rows.into_iter(), |field, row| field.values.right[row as usize]);
    let claimed: Vec<u32> = order.iter().map(|&at| lefts[at]).collect();
    let scores: Vec<f32> = order.iter().map(|&at| scores[at]).collect();
    second_claims(
        &Candidates { starts: &starts, rights: &claimed, copies: &copies },
        &scores,
        expected,
    )
}

/// How much of each right row is taken by the left rows that claim it.
#[derive(Default)]
pub struct Taken {
    second: f64,
    /// For each claimed right row, the claims as natural logarithms. The other rows are free.
    by_row: std::collections::HashMap<u32, f64, foldhash::fast::FixedState>,
}

impl Taken {
    /// The part of a right row that is left for one more claimant, as bits to add.
    pub fn left_over(&self, right: u32) -> f32 {
        let taken = self.by_row.get(&right).copied().unwrap_or(0.0);
        bits(left(taken, self.second))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "bits are small")]
fn bits(share: f64) -> f32 {
    share.log2() as f32
}

/// The part of a right row that is left over by claims of `taken`.
fn left(taken: f64, second: f64) -> f64 {
    let none = (-taken).exp();
    1.0 / (none + (1.0 - none) / second)
}

/// How likely a right row has a second claim, compared with the first, judged by the strongest
/// claims; `expected` if there are none.
pub fn second_claims(of: &Candidates<'_>, scores: &[f32], expected: f64) -> f64 {
    let mut claims: Vec<(u32, f32, u64)> = Vec::new();
    for (window, &copy) in of.starts.windows(2).zip(of.copies) {
        let range = window[0]..window[1];
        let odds = |score: f32| f64::from(score.clamp(-MOST, MOST)).exp2();
        let all: f64 = 1.0 + scores[range.clone()].iter().map(|&score| odds(score)).sum::<f64>();
        for pair in range.filter(|&pair| odds(scores[pair]) >= CLAIMS * all) {
            claims.push((of.rights[pair], scores[pair], copy));
        }
    }
    if claims.is_empty() {
        return expected;
    }
    claims.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)).then(a.2.cmp(&b.2)));
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    for of_row in claims.chunk_by(|a, b| a.0 == b.0) {
        firsts.push(of_row[0].1);
        for (at, claim) in of_row.iter().enumerate().skip(1) {
            if of_row[..at].iter().all(|other| other.2 != claim.2) {
                seconds.push(claim.1);
            }
        }
    }
    let mut ranked: Vec<f32> = firsts.iter().chain(&seconds).copied().collect();
    ranked.sort_unstable_by(f32::total_cmp);
    let middle = ranked[ranked.len() / 2];
    let strong = |claims: &[f32]| claims.iter().filter(|&&score| score >= middle).count() as f64;
    // A second claim is the weaker of two, so it is strong half as often.
    let (seconds, firsts) = (2.0 * strong(&seconds), strong(&firsts));
    ((seconds + BELIEVED * expected) / (firsts + BELIEVED)).clamp(RAREST, 1.0)
}

/// Lowers the log-odds of pairs by what other left rows take of the right row, if second claims are
/// rare. A left row has at most one match.
pub fn contest(of: &Candidates<'_>, scores: &mut [f32], second: f64, rounds: usize) -> Taken {
    contest_of_many(of, scores, (RAREST, second), rounds)
}

/// Like [`contest`], for left rows that may have several matches: `several` says how likely a
/// second match is, compared with the first.
pub fn contest_of_many(
    of: &Candidates<'_>,
    scores: &mut [f32],
    (several, second): (f64, f64),
    rounds: usize,
) -> Taken {
    let second = second.max(RAREST);
    let mut taken = Taken { second, ..Taken::default() };
    if second >= COMMON {
        return taken;
    }
    // The claims, row by row.
    let (mut pairs, mut starts, mut rows) = (Vec::new(), vec![0], Vec::new());
    for (row, window) in of.starts.windows(2).enumerate() {
        let claim = |&pair: &usize| scores[pair] > LEAST;
        pairs.extend((window[0]..window[1]).filter(claim));
        if pairs.len() > starts[starts.len() - 1] {
            starts.push(pairs.len());
            rows.resize(pairs.len(), row);
        }
    }
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_unstable_by_key(|&at| (of.rights[pairs[at]], of.copies[rows[at]], at));
    let odds: Vec<f64> =
        pairs.iter().map(|&pair| f64::from(scores[pair].min(MOST)).exp2()).collect();
    let mut claims = vec![0.0; pairs.len()];
    let mut lefts = vec![1.0; pairs.len()];
    for round in 0..rounds {
        // The claim of a left row on each candidate, given what it could get elsewhere.
        for window in starts.windows(2) {
            for at in window[0]..window[1] {
                let elsewhere = (window[0]..window[1]).filter(|&other| other != at);
                let elsewhere = elsewhere.map(|other| odds[other] * lefts[other]);
                claims[at] = if several > RAREST {
                    odds[at] * left(elsewhere.map(|odds| (several * odds).ln_1p()).sum(), several)
                } else {
                    odds[at] / (1.0 + elsewhere.sum::<f64>())
                };
            }
        }
        for of_right in order.chunk_by(|&a, &b| of.rights[pairs[a]] == of.rights[pairs[b]]) {
            let by_copies = || of_right.chunk_by(|&a, &b| of.copies[rows[a]] == of.copies[rows[b]]);
            let claimed = |copies: &[usize]| {
                let most = copies.iter().map(|&at| claims[at]).fold(0.0, f64::max);
                (second * most).ln_1p()
            };
            let all: f64 = by_copies().map(claimed).sum();
            for copies in by_copies() {
                let now = left((all - claimed(copies)).max(0.0), second);
                for &at in copies {
                    // Half a step in logarithms, because whole steps may oscillate forever.
                    lefts[at] = if round == 0 { now } else { f64::sqrt(lefts[at] * now) };
                }
            }
            if round + 1 == rounds {
                taken.by_row.insert(of.rights[pairs[of_right[0]]], all);
            }
        }
    }
    for (&pair, &left) in pairs.iter().zip(&lefts) {
        scores[pair] += bits(left);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores after the contest, of pairs `(left, right, score)` in the order of their left rows.
    fn after(pairs: &[(u64, u32, f32)], copies: &[u64], second: f64) -> Vec<f32> {
        let mut starts = vec![0];
        for at in 1..=pairs.len() {
            if at == pairs.len() || pairs[at].0 != pairs[at - 1].0 {
                starts.push(at);
            }
        }
        let rights: Vec<u32> = pairs.iter().map(|pair| pair.1).collect();
        let mut scores: Vec<f32> = pairs.iter().map(|pair| pair.2).collect();
        contest(&Candidates { starts: &starts, rights: &rights, copies }, &mut scores, second, 20);
        scores
    }

    fn learned(claims: impl Iterator<Item = (u32, f32)>) -> f64 {
        let (rights, scores): (Vec<u32>, Vec<f32>) = claims.unzip();
        let starts: Vec<usize> = (0..=rights.len()).collect();
        let copies: Vec<u64> = (0..rights.len() as u64).collect();
        let of = Candidates { starts: &starts, rights: &rights, copies: &copies };
        second_claims(&of, &scores, EXPECTED)
    }

    /// A pseudo-random number from 0 to 1 for each number.
    fn spread(number: u32) -> f32 {
        let mut mixed = number ^ number >> 16;
        mixed = mixed.wrapping_mul(0x7feb_352d);
        mixed = (mixed ^ mixed >> 15).wrapping_mul(0x846c_a68b);
        ((mixed ^ mixed >> 16) >> 8) as f32 / (1 << 24) as f32
    }

    #[test]
    fn equally_good_claims_are_shared() {
        assert!(learned((0..400).map(|left| (left / 2, 5.0 + 20.0 * spread(left)))) > 0.5);
    }

    #[test]
    fn near_misses_show_that_a_right_row_has_one_match() {
        let own = (0..200).map(|right| (right, 15.0 + 10.0 * spread(right)));
        let misses = (0..40).map(|right| (right * 5, 5.0));
        assert!(learned(own.chain(misses)) < 0.05);
    }

    #[test]
    fn a_near_miss_loses_to_the_own_record() {
        let scores = after(&[(0, 0, 20.0), (1, 0, 4.0)], &[0, 1], 0.01);
        // The ways to assign the right row: to neither, to one of the two, to both.
        let (own, miss) = (20_f32.exp2(), 4_f32.exp2());
        let odds = |one: f32, other: f32| (one * (1.0 + 0.01 * other) / (1.0 + other)).log2();
        assert!((scores[0] - odds(own, miss)).abs() < 0.01, "{scores:?}");
        assert!((scores[1] - odds(miss, own)).abs() < 0.01, "{scores:?}");
        assert!(scores[0] > 16.0 && scores[1] < -2.0, "{scores:?}");
    }

    #[test]
    fn who_has_a_record_elsewhere_leaves_the_other_to_its_claimant() {
        // Row 0 matches right row 0 as well as row 1 does, and matches right row 1 better.
        let scores = after(&[(0, 0, 8.0), (0, 1, 14.0), (1, 0, 8.0)], &[0, 1], 0.001);
        assert!(scores[2] > 7.0, "{scores:?}");
        assert!(scores[0] + 5.0 < scores[1], "{scores:?}");
    }

    #[test]
    fn copies_on_the_left_do_not_compete() {
        let scores = after(&[(0, 0, 20.0), (1, 0, 20.0)], &[7, 7], 0.001);
        assert!(scores.iter().all(|&score| score > 19.9), "{scores:?}");
    }

    #[test]
    fn who_may_have_several_gives_none_up() {
        // Row 0 claims both, and row 1 the first.
        let of = Candidates { starts: &[0, 2, 3], rights: &[0, 1, 0], copies: &[0, 1] };
        let left_to_the_other = |several: f64| {
            let mut scores = [8.0, 14.0, 8.0];
            contest_of_many(&of, &mut scores, (several, 0.001), 20);
            scores[2]
        };
        assert!(left_to_the_other(RAREST) > 7.0);
        assert!(left_to_the_other(1.0) < 2.0);
    }

    #[test]
    fn where_second_claims_are_common_nothing_changes() {
        assert_eq!(after(&[(0, 0, 20.0), (1, 0, 4.0)], &[0, 1], 0.9), [20.0, 4.0]);
    }
}
