//! Joins duplicates into clusters, in order of decreasing confidence, unless the clusters to be
//! joined are too different.

use std::collections::{HashMap, HashSet};

use super::matches::{Matches, Method};
use crate::{disjoint_sets::Sets, linkage::learn::Scorer};

/// Maximum number of pairs of two clusters that are checked before they are joined.
const LOOKED_AT: usize = 32;

/// The cluster of each row. Clusters are numbered in order of first appearance.
///
/// Two clusters of more than two rows are joined only if their rows match on average by 0.4 of the
/// threshold: a chain `a`-`b`-`c` does not make `a` and `c` one. Rules with `exact` and `eq` alone
/// say that values are the same, which chains.
///
/// Labels bind: rows that a label calls the same are in one cluster, however different they are,
/// and rows that it calls different are in two, even if other pairs would join them.
pub fn clusters(matches: &Matches) -> Vec<u64> {
    let rows = matches.left.rows;
    let mut sets = Sets::new(rows);
    let mut members: Vec<Vec<u32>> =
        (0..rows).map(|row| vec![u32::try_from(row).unwrap_or(u32::MAX)]).collect();
    let mut order: Vec<usize> = (0..matches.all.len()).collect();
    order.sort_by(|&a, &b| {
        matches.all[b].confidence.total_cmp(&matches.all[a].confidence).then(a.cmp(&b))
    });
    let pair: Option<Box<dyn Fn(u32, u32) -> f64>> = match &matches.method {
        Method::Learned { fields, model, .. } => {
            let scorer = Scorer::of(model);
            Some(Box::new(move |a, b| {
                let of = |row: u32| move |field: usize| fields[field].values.left[row as usize];
                model.likeness(fields, &scorer, of(a), of(b))
            }))
        }
        Method::Rules(rules) if rules.compares_likeness() => {
            Some(Box::new(|a, b| f64::from(u8::from(rules.hold(a as usize, b as usize)))))
        }
        Method::Rules(_) => None,
    };
    let least = match &matches.method {
        Method::Learned { .. } => matches.threshold * 0.4,
        Method::Rules(_) => 0.5,
    };
    let labels = &matches.selection.labels;
    let merged = labels.iter().filter(|&&(.., is)| is).map(|&(left, right, _)| (left, right));
    // For each cluster, the clusters with which it must not be joined, by their representatives.
    let mut apart: HashMap<usize, HashSet<usize>> = HashMap::new();
    let found = order.iter().map(|&at| (matches.all[at].left, matches.all[at].right));
    let forced = merged.clone().count();
    let mut split = labels.iter().filter(|&&(.., is)| !is);
    for (at, (left, right)) in merged.chain(found).enumerate() {
        if at == forced {
            for &(left, right, _) in split.by_ref() {
                let (one, other) = (sets.find(left as usize), sets.find(right as usize));
                apart.entry(one).or_default().insert(other);
                apart.entry(other).or_default().insert(one);
            }
        }
        let (one, other) = (sets.find(left as usize), sets.find(right as usize));
        if one == other || apart.get(&one).is_some_and(|others| others.contains(&other)) {
            continue;
        }
        if at >= forced
            && let Some(pair) = &pair
            && members[one].len() + members[other].len() > 2
            && mean(&members[one], &members[other], pair) < least
        {
            continue;
        }
        let (low, high) = (one.min(other), one.max(other));
        sets.join(low, high);
        let moved = std::mem::take(&mut members[high]);
        members[low].extend(moved);
        for other in apart.remove(&high).unwrap_or_default() {
            if let Some(others) = apart.get_mut(&other) {
                others.remove(&high);
                others.insert(low);
            }
            apart.entry(low).or_default().insert(other);
        }
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

/// The average match of the rows of two clusters, by some pairs that are spread over both.
fn mean(one: &[u32], other: &[u32], pair: &dyn Fn(u32, u32) -> f64) -> f64 {
    let all = one.len() * other.len();
    let count = all.min(LOOKED_AT);
    let sum: f64 = (0..count)
        .map(|at| {
            let at = at * all / count;
            pair(one[at / other.len()], other[at % other.len()])
        })
        .sum();
    sum / count as f64
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;
    use crate::{
        options::{Options, Unwatched},
        pipeline::match_by_rules,
        tables::Table,
    };

    fn clusters_of(texts: Vec<String>, rule: &str) -> Vec<u64> {
        let column: ArrayRef = Arc::new(StringArray::from(texts));
        let batch = RecordBatch::try_from_iter([("text", column)]).unwrap();
        let table = Table::new(batch.schema(), vec![batch], "").unwrap();
        let groups = [vec![rule.parse().unwrap()]];
        let options = Options { spanning: true, ..Options::default() };
        let found =
            match_by_rules(&table, None, &groups, &BTreeMap::new(), &options, &Unwatched).unwrap();
        clusters(&found)
    }

    #[test]
    fn texts_that_change_letter_by_letter_do_not_chain() {
        let texts =
            (0..21).map(|at| format!("{}{}", "a".repeat(at), "b".repeat(20 - at))).collect();
        let clusters = clusters_of(texts, "text:fuzzy0.9");
        let largest = (0..21).map(|at| clusters.iter().filter(|&&of| of == at).count()).max();
        assert!(largest.unwrap() <= 6, "{clusters:?}");
        assert_ne!(clusters[0], clusters[20]);
    }

    fn labelled(labels: Vec<(u32, u32, bool)>) -> Vec<u64> {
        let texts = ["a@x.com", "a@x.com", "a@x.com", "b@x.com", "c@x.com"];
        let column: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        let batch = RecordBatch::try_from_iter([("email", column)]).unwrap();
        let table = Table::new(batch.schema(), vec![batch], "").unwrap();
        let groups = [vec!["email:eq".parse().unwrap()]];
        let options = Options { spanning: true, labels, ..Options::default() };
        let weights = BTreeMap::new();
        let found = match_by_rules(&table, None, &groups, &weights, &options, &Unwatched).unwrap();
        clusters(&found)
    }

    #[test]
    fn rows_that_a_label_calls_different_have_two_clusters() {
        let of = labelled(vec![(0, 1, false)]);
        assert_ne!(of[0], of[1], "{of:?}");
        assert!(of[2] == of[0] || of[2] == of[1], "{of:?}");
        assert_eq!(labelled(vec![]), [0, 0, 0, 1, 2]);
    }

    #[test]
    fn rows_that_a_label_calls_the_same_have_one_cluster() {
        assert_eq!(labelled(vec![(0, 3, true), (4, 3, true)]), [0, 0, 0, 0, 0]);
        let of = labelled(vec![(0, 3, true), (3, 1, false)]);
        assert!(of[0] == of[3] && of[1] != of[3], "{of:?}");
    }

    #[test]
    fn copies_are_one_cluster_whatever_the_rule() {
        let texts = (0..100).map(|at| format!("the same {}", at % 2)).collect();
        let clusters = clusters_of(texts, "text:fuzzy0.95");
        assert_eq!(clusters.iter().max(), Some(&1));
    }
}
