//! Candidates of one row that are the same record: their shares add up, and one stands for all.

use super::{
    compare::field::Field,
    learn::{Model, Scorer},
};

/// Candidates with a smaller share of the best one's probability are not looked at.
pub const LEAST: f64 = 0.02;

/// For each candidate, which one stands for its group: the first, the likeliest, for itself.
///
/// `found` are the shares and the right rows, in falling order.
pub fn groups(
    fields: &[Field],
    model: &Model,
    scorer: &Scorer,
    found: &[(f64, u32)],
) -> Vec<usize> {
    let mut leaders: Vec<usize> = (0..found.len()).collect();
    for at in 1..found.len() {
        if found[at].0 < LEAST * found[0].0 {
            break;
        }
        let same = (0..at).filter(|&other| leaders[other] == other).find(|&other| {
            let of = |row: u32| move |field: usize| fields[field].values.right[row as usize];
            let (one, two) = (of(found[other].1), of(found[at].1));
            let equal = (0..fields.len()).all(|field| one(field) == two(field));
            equal || model.pair(fields, scorer, one, two) >= 0.5
        });
        if let Some(leader) = same {
            leaders[at] = leader;
        }
    }
    leaders
}
