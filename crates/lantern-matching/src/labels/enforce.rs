//! Labels bind: a pair that is known to match is in the result, and a pair that is known not to
//! match is not.

use std::collections::{BTreeSet, HashMap};

use super::{Label, contradiction::Contradiction};
use crate::{
    error::{Error, Result},
    found_pairs::Match,
};

/// Checks labels, and orders each pair like a match of one table: the later row first.
///
/// # Errors
/// If a row does not exist, a row is paired with itself, or labels contradict each other: a pair
/// has both decisions, or in one table `a` is `b`, `b` is `c`, and `a` is not `c`.
pub fn check(labels: &[Label], left_rows: usize, right_rows: Option<usize>) -> Result<Vec<Label>> {
    let itself = right_rows.is_none();
    let right_rows = right_rows.unwrap_or(left_rows);
    for (at, &(left, right, _)) in labels.iter().enumerate() {
        if left as usize >= left_rows || right as usize >= right_rows {
            return Err(Error::input(format!(
                "label {at} is for left row {left} and right row {right}, and there are {left_rows} and \
                 {right_rows} rows, counted from 0"
            ))
            .hint("correct the labels, or name rows by ids, as texts, which stay when rows move"));
        }
        if itself && left == right {
            return Err(Error::input(format!("label {at} pairs row {left} with itself"))
                .hint("a label names two rows"));
        }
    }
    let rows = itself.then_some(left_rows);
    if let Some(found) = Contradiction::find(labels, rows) {
        return Err(found.error(labels, rows, &|at| format!("label {at}")));
    }
    let ordered = |&(left, right, is): &Label| {
        if itself { (left.max(right), left.min(right), is) } else { (left, right, is) }
    };
    let mut known: Vec<Label> = labels.iter().map(ordered).collect();
    known.sort_unstable();
    known.dedup();
    Ok(known)
}

/// Applies checked labels to matches that are ordered by left row and decreasing confidence. Known
/// matches are kept before `top` counts; with `one_to_one`, both of their rows are taken.
pub fn bind(all: &mut Vec<Match>, labels: &[Label], top: Option<usize>, one_to_one: bool) {
    if labels.is_empty() {
        return;
    }
    let known: HashMap<(u32, u32), bool> =
        labels.iter().map(|&(left, right, is)| ((left, right), is)).collect();
    let rules: HashMap<(u32, u32), u64> = all
        .iter()
        .filter(|found| known.contains_key(&(found.left, found.right)))
        .map(|found| ((found.left, found.right), found.rules))
        .collect();
    all.retain(|found| !known.contains_key(&(found.left, found.right)));
    let sure: Vec<(u32, u32)> =
        labels.iter().filter(|&&(.., is)| is).map(|&(left, right, _)| (left, right)).collect();
    if one_to_one {
        let lefts: BTreeSet<u32> = sure.iter().map(|&(left, _)| left).collect();
        let rights: BTreeSet<u32> = sure.iter().map(|&(_, right)| right).collect();
        all.retain(|found| !lefts.contains(&found.left) && !rights.contains(&found.right));
    }
    if let Some(top) = top {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        sure.iter().for_each(|&(left, _)| *counts.entry(left).or_default() += 1);
        all.retain(|found| {
            let count = counts.entry(found.left).or_default();
            *count += 1;
            *count <= top
        });
    }
    all.extend(sure.into_iter().map(|(left, right)| Match {
        left,
        right,
        confidence: 1.0,
        rules: rules.get(&(left, right)).copied().unwrap_or(0),
        ties: 0,
    }));
    all.sort_by(|a, b| {
        let surer = b.confidence.total_cmp(&a.confidence);
        a.left.cmp(&b.left).then(surer).then(a.right.cmp(&b.right))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(left: u32, right: u32, confidence: f64) -> Match {
        Match { left, right, confidence, rules: 1, ties: 0 }
    }

    fn pairs(all: &[Match]) -> Vec<(u32, u32)> {
        all.iter().map(|found| (found.left, found.right)).collect()
    }

    #[test]
    fn known_matches_come_first_and_known_others_go() {
        let mut all = vec![found(0, 1, 0.9), found(1, 1, 0.8), found(1, 2, 0.7)];
        bind(&mut all, &[(0, 1, false), (1, 5, true), (1, 6, true)], Some(1), false);
        assert_eq!(pairs(&all), [(1, 5), (1, 6)]);
        let mut all = vec![found(0, 1, 0.9), found(1, 2, 0.7)];
        bind(&mut all, &[(2, 1, true)], None, true);
        assert_eq!(pairs(&all), [(1, 2), (2, 1)]);
        assert_eq!(all[1].confidence, 1.0);
    }

    #[test]
    fn labels_of_one_table_are_ordered_and_each_pair_is_one() {
        let labels = check(&[(1, 3, true), (3, 1, true), (0, 1, false)], 4, None).unwrap();
        assert_eq!(labels, [(1, 0, false), (3, 1, true)]);
    }

    #[test]
    fn labels_that_contradict_each_other_are_refused() {
        let labels = [(0, 1, true), (2, 1, true), (2, 0, false)];
        let error = check(&labels, 3, None).unwrap_err().to_string();
        assert!(error.contains("rows 0 and 2 differ"), "{error}");
        // In two tables, several left rows may match one right row.
        assert!(check(&labels, 3, Some(3)).is_ok());
        assert!(check(&[(1, 1, true)], 3, None).is_err());
        assert!(check(&[(1, 3, true)], 3, Some(3)).is_err());
    }
}
