//! Duplicates as clusters: pairs joined from the surest on, unless the clusters that they would
//! join are unlike.

use super::{
    matches::{Matches, Method},
    sets::Sets,
};
use crate::linkage::learn::Scorer;

/// The most pairs of two clusters that are looked at before they are joined.
const LOOKED_AT: u32 = 32;

/// The cluster of each row, numbered by first appearance.
///
/// Two clusters of more than two rows are joined only if their rows match on average by half the
/// threshold: a chain `a`-`b`-`c` does not make `a` and `c` one.
pub fn clusters(matches: &Matches) -> Vec<u64> {
    let rows = matches.left.rows;
    let mut sets = Sets::new(rows);
    let mut members: Vec<Vec<u32>> =
        (0..rows).map(|row| vec![u32::try_from(row).unwrap_or(u32::MAX)]).collect();
    let mut order: Vec<usize> = (0..matches.all.len()).collect();
    order.sort_by(|&a, &b| {
        matches.all[b].confidence.total_cmp(&matches.all[a].confidence).then(a.cmp(&b))
    });
    let scorer = match &matches.method {
        Method::Learned { fields, model } => Some((fields, model, Scorer::of(model))),
        Method::Rules(_) => None,
    };
    for at in order {
        let found = matches.all[at];
        let (one, other) = (sets.find(found.left as usize), sets.find(found.right as usize));
        if one == other {
            continue;
        }
        if let Some((fields, model, weights)) = &scorer
            && members[one].len() + members[other].len() > 2
        {
            let mut sum = 0.0;
            let mut count = 0_u32;
            'pairs: for &a in &members[one] {
                for &b in &members[other] {
                    let of = |row: u32| move |field: usize| fields[field].values.left[row as usize];
                    sum += model.pair(fields, weights, of(a), of(b));
                    count += 1;
                    if count == LOOKED_AT {
                        break 'pairs;
                    }
                }
            }
            if sum / f64::from(count) < matches.threshold / 2.0 {
                continue;
            }
        }
        let (low, high) = (one.min(other), one.max(other));
        sets.join(low, high);
        let moved = std::mem::take(&mut members[high]);
        members[low].extend(moved);
    }
    let mut numbers = vec![u64::MAX; rows];
    let mut next = 0;
    (0..rows)
        .map(|row| {
            let leader = sets.find(row);
            if numbers[leader] == u64::MAX {
                numbers[leader] = next;
                next += 1;
            }
            numbers[leader]
        })
        .collect()
}
