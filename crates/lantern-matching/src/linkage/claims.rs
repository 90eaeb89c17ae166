//! Left rows that claim one right row: whether several may have it is learned from the claims.
//!
//! Several leads may be of one account, and a publication is in the other list once. In the first
//! case a second claim is as strong as any match, in the other it is a near miss of a row whose own
//! record is elsewhere. So second claims are ranked among all: of real ones at least a quarter is
//! above the middle, where near misses seldom are. What is below beyond what that quarter makes
//! likely is wrong, and loses confidence by its share.

use super::compare::field::Field;
use crate::{found::Match, options::THRESHOLD};

/// The share of the weaker of two equally good claims in each band of ranks, and where it ends: the
/// density of the lesser of two random numbers is `2 (1 - u)`.
const BANDS: [(f64, f64); 3] = [(0.1, 0.19), (0.5, 0.56), (1.0, 0.25)];
/// How many real second claims are believed in before any is seen.
const BELIEVED: f64 = 3.0;

/// Lowers the confidence of second claims as far as the claims show that a right row has one match.
pub fn settle(fields: &[Field], all: &mut [Match]) {
    // Pairs that are no matches by default claim nothing.
    let mut order: Vec<usize> =
        (0..all.len()).filter(|&at| all[at].confidence >= THRESHOLD).collect();
    order.sort_unstable_by(|&a, &b| {
        let (one, other) = (&all[a], &all[b]);
        let by_row = one.right.cmp(&other.right);
        by_row.then(other.confidence.total_cmp(&one.confidence)).then(a.cmp(&b))
    });
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    for claims in order.chunk_by(|&a, &b| all[a].right == all[b].right) {
        firsts.push(all[claims[0]].confidence);
        // Equal rows are copies, and one if the other is.
        let other =
            claims[1..].iter().filter(|&&at| !equal(fields, all[claims[0]].left, all[at].left));
        seconds.extend(other.copied());
    }
    if seconds.is_empty() {
        return;
    }
    // A first claim is the best of several: among first ones alone, real second claims look weak.
    let mut ranked: Vec<f64> = firsts;
    ranked.extend(seconds.iter().map(|&at| all[at].confidence));
    ranked.sort_unstable_by(f64::total_cmp);
    // Of equal confidences all have the highest rank, for none is weaker than another.
    let rank = |confidence: f64| {
        ranked.partition_point(|&claim| claim <= confidence) as f64 / ranked.len() as f64
    };
    let band =
        |rank: f64| BANDS.iter().position(|&(end, _)| rank <= end).unwrap_or(BANDS.len() - 1);
    let bands: Vec<usize> = seconds.iter().map(|&at| band(rank(all[at].confidence))).collect();
    let mut counts = [0.0; BANDS.len()];
    bands.iter().for_each(|&band| counts[band] += 1.0);
    let last = BANDS.len() - 1;
    let real = counts[last] / BANDS[last].1;
    for (&at, &band) in seconds.iter().zip(&bands).filter(|&(_, &band)| band < last) {
        let expected = real * BANDS[band].1 + BELIEVED;
        all[at].confidence *= (expected / (counts[band] + BELIEVED)).min(1.0);
    }
}

fn equal(fields: &[Field], one: u32, other: u32) -> bool {
    fields.iter().all(|field| field.values.left[one as usize] == field.values.left[other as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(pairs: impl Iterator<Item = (u32, f64)>) -> Vec<Match> {
        (0..)
            .zip(pairs)
            .map(|(left, (right, confidence))| Match { left, right, confidence, rules: 0, ties: 0 })
            .collect()
    }

    /// A number in 0 to 1 that each number has for itself.
    fn spread(number: u32) -> f64 {
        let mut mixed = number ^ number >> 16;
        mixed = mixed.wrapping_mul(0x7feb_352d);
        mixed = (mixed ^ mixed >> 15).wrapping_mul(0x846c_a68b);
        f64::from((mixed ^ mixed >> 16) >> 8) / f64::from(1 << 24)
    }

    #[test]
    fn equally_good_claims_are_shared() {
        let before = claims((0..400).map(|left| (left / 2, 0.8 + 0.2 * spread(left))));
        let mut after = before.clone();
        settle_of(&mut after);
        let lost = before.iter().zip(&after).filter(|(a, b)| b.confidence < 0.9 * a.confidence);
        assert!(lost.count() < 20);
    }

    #[test]
    fn near_misses_lose_to_the_own_record() {
        let own = (0..200).map(|right| (right, 0.9 + 0.1 * spread(right)));
        let misses = (0..40).map(|right| (right * 5, 0.8));
        let mut after = claims(own.chain(misses));
        settle_of(&mut after);
        assert!(after[..200].iter().all(|claim| claim.confidence >= 0.9));
        assert!(after[200..].iter().all(|claim| claim.confidence < 0.2));
    }

    /// Each left row has values of its own.
    fn settle_of(all: &mut [Match]) {
        use std::sync::Arc;

        use arrow::array::{ArrayRef, StringArray};

        use crate::{
            linkage::compare::role::Role,
            tables::{FieldSpec, Kind, Regions},
        };
        let column: ArrayRef =
            Arc::new((0..all.len()).map(|row| Some(row.to_string())).collect::<StringArray>());
        let spec = FieldSpec::new("x", Some(Kind::Text), "x", "x");
        let field =
            Field::of(&spec, Kind::Text, Role::Other, false, &[column], None, &Regions::default());
        settle(&[field.unwrap()], all);
    }
}
