//! Assigns each right row to at most one left row, so that the sum of the confidences is as high as
//! possible.
//!
//! Rows that compete form small groups, each of which is solved exactly (Kuhn and Munkres). In a
//! group that is too large for that, pairs are assigned in order of decreasing confidence.

use std::collections::{BTreeMap, HashMap};

use pathfinding::prelude::{Matrix, kuhn_munkres};

use crate::{disjoint_sets::Sets, found_pairs::Match};

/// Maximum number of rows of a group that is solved exactly.
const LARGEST: usize = 400;

/// The best one-to-one part of the matches, in their order.
pub fn one_to_one(all: Vec<Match>) -> Vec<Match> {
    let mut lefts: HashMap<u32, usize> = HashMap::new();
    let mut rights: HashMap<u32, usize> = HashMap::new();
    let mut count = 0;
    let mut node = |map: &mut HashMap<u32, usize>, row: u32| {
        *map.entry(row).or_insert_with(|| {
            count += 1;
            count - 1
        })
    };
    let nodes: Vec<(usize, usize)> = all
        .iter()
        .map(|found| (node(&mut lefts, found.left), node(&mut rights, found.right)))
        .collect();
    let mut sets = Sets::new(count);
    for &(left, right) in &nodes {
        sets.join(left, right);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, &(left, _)) in nodes.iter().enumerate() {
        groups.entry(sets.find(left)).or_default().push(at);
    }
    let mut kept: Vec<usize> = groups.into_values().flat_map(|group| best(&all, &group)).collect();
    kept.sort_unstable();
    kept.into_iter().map(|at| all[at]).collect()
}

fn best(all: &[Match], group: &[usize]) -> Vec<usize> {
    if group.len() == 1 {
        return group.to_vec();
    }
    let numbered = |rows: &mut Vec<u32>| {
        rows.sort_unstable();
        rows.dedup();
    };
    let mut lefts: Vec<u32> = group.iter().map(|&at| all[at].left).collect();
    let mut rights: Vec<u32> = group.iter().map(|&at| all[at].right).collect();
    numbered(&mut lefts);
    numbered(&mut rights);
    if lefts.len().max(rights.len()) > LARGEST {
        return greedy(all, group);
    }
    let turned = lefts.len() > rights.len();
    let (rows, columns) = if turned { (&rights, &lefts) } else { (&lefts, &rights) };
    let mut weights = Matrix::new(rows.len(), columns.len(), 0_i64);
    let mut edges = HashMap::new();
    for &at in group {
        let (row, column) =
            if turned { (all[at].right, all[at].left) } else { (all[at].left, all[at].right) };
        let (Ok(row), Ok(column)) = (rows.binary_search(&row), columns.binary_search(&column))
        else {
            continue;
        };
        #[expect(clippy::cast_possible_truncation, reason = "a confidence is at most 1")]
        let weight = (all[at].confidence * 1e9) as i64 + 1;
        weights[(row, column)] = weight;
        edges.insert((row, column), at);
    }
    let (_, given) = kuhn_munkres(&weights);
    given.into_iter().enumerate().filter_map(|pair| edges.get(&pair).copied()).collect()
}

fn greedy(all: &[Match], group: &[usize]) -> Vec<usize> {
    let mut order = group.to_vec();
    order.sort_by(|&a, &b| all[b].confidence.total_cmp(&all[a].confidence).then(a.cmp(&b)));
    let (mut lefts, mut rights) =
        (std::collections::HashSet::new(), std::collections::HashSet::new());
    order.retain(|&at| {
        let free = !lefts.contains(&all[at].left) && !rights.contains(&all[at].right);
        if free {
            lefts.insert(all[at].left);
            rights.insert(all[at].right);
        }
        free
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(left: u32, right: u32, confidence: f64) -> Match {
        Match { left, right, confidence, rules: 0, ties: 0 }
    }

    #[test]
    fn the_whole_counts_and_not_the_first_best() {
        // In order of decreasing confidence, left 0 would take right 0 and leave left 1 without a
        // match.
        let all = vec![found(0, 0, 0.9), found(0, 1, 0.85), found(1, 0, 0.8)];
        let kept: Vec<_> = one_to_one(all).iter().map(|found| (found.left, found.right)).collect();
        assert_eq!(kept, [(0, 1), (1, 0)]);
    }

    #[test]
    fn more_left_rows_than_right_ones_leave_some_without() {
        let all = vec![found(0, 5, 0.6), found(1, 5, 0.9), found(2, 5, 0.7)];
        let kept: Vec<_> = one_to_one(all).iter().map(|found| found.left).collect();
        assert_eq!(kept, [1]);
    }
}
