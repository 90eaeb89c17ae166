//! Compares two clusterings of the same rows.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use serde::Serialize;

/// Measures of clusters against the true entities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ClusterMeasures {
    /// The share of the pairs of rows in one cluster that are one entity; 1 if there are no pairs.
    pub pairwise_precision: f64,
    /// The share of the pairs of rows of one entity that are in one cluster; 1 if there are no
    /// pairs.
    pub pairwise_recall: f64,
    /// Means over all rows (Bagga and Baldwin, 1998) of the share of a row's cluster that is its
    /// entity, and of the share of its entity that is in its cluster.
    pub b_cubed_precision: f64,
    pub b_cubed_recall: f64,
    /// Number of clusters that are exactly one entity, and numbers of clusters and entities.
    pub exact: u64,
    pub clusters: u64,
    pub entities: u64,
}

impl ClusterMeasures {
    pub fn pairwise_f1(&self) -> f64 {
        harmonic(self.pairwise_precision, self.pairwise_recall)
    }

    pub fn b_cubed_f1(&self) -> f64 {
        harmonic(self.b_cubed_precision, self.b_cubed_recall)
    }
}

fn harmonic(a: f64, b: f64) -> f64 {
    if a + b > 0.0 { 2.0 * a * b / (a + b) } else { 0.0 }
}

/// Compares the cluster of each row with its entity.
pub fn measure(clusters: &[u64], entities: &[u32]) -> ClusterMeasures {
    let mut of_cluster: HashMap<u64, u64, FixedState> = HashMap::default();
    let mut of_entity: HashMap<u32, u64, FixedState> = HashMap::default();
    let mut of_both: HashMap<(u64, u32), u64, FixedState> = HashMap::default();
    for (&cluster, &entity) in clusters.iter().zip(entities) {
        *of_cluster.entry(cluster).or_default() += 1;
        *of_entity.entry(entity).or_default() += 1;
        *of_both.entry((cluster, entity)).or_default() += 1;
    }
    let pairs = |sizes: &mut dyn Iterator<Item = u64>| -> f64 {
        sizes.map(|size| (size * (size - 1) / 2) as f64).sum()
    };
    let both = pairs(&mut of_both.values().copied());
    let (together, same) =
        (pairs(&mut of_cluster.values().copied()), pairs(&mut of_entity.values().copied()));
    let share = |part: f64, all: f64| if all > 0.0 { part / all } else { 1.0 };
    let rows = clusters.len().max(1) as f64;
    let (mut precision, mut recall, mut exact) = (0.0, 0.0, 0);
    for (&(cluster, entity), &count) in &of_both {
        let (in_cluster, in_entity) = (of_cluster[&cluster], of_entity[&entity]);
        let square = (count * count) as f64;
        precision += square / in_cluster as f64;
        recall += square / in_entity as f64;
        exact += u64::from(count == in_cluster && count == in_entity);
    }
    ClusterMeasures {
        pairwise_precision: share(both, together),
        pairwise_recall: share(both, same),
        b_cubed_precision: precision / rows,
        b_cubed_recall: recall / rows,
        exact,
        clusters: of_cluster.len() as u64,
        entities: of_entity.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_those_of_the_definition() {
        // Clusters {0 1 2} {3 4}, entities {0 1} {2 3 4}.
        let of = measure(&[0, 0, 0, 1, 1], &[7, 7, 8, 8, 8]);
        assert_eq!((of.clusters, of.entities, of.exact), (2, 2, 0));
        assert!((of.pairwise_precision - 2.0 / 4.0).abs() < 1e-12);
        assert!((of.pairwise_recall - 2.0 / 4.0).abs() < 1e-12);
        let precision = (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0 + 1.0 + 1.0) / 5.0;
        assert!((of.b_cubed_precision - precision).abs() < 1e-12);
        let recall = (1.0 + 1.0 + 1.0 / 3.0 + 2.0 / 3.0 + 2.0 / 3.0) / 5.0;
        assert!((of.b_cubed_recall - recall).abs() < 1e-12);
    }

    #[test]
    fn the_truth_itself_is_perfect() {
        let of = measure(&[0, 1, 1, 2], &[5, 6, 6, 9]);
        assert_eq!((of.pairwise_f1(), of.b_cubed_f1(), of.exact), (1.0, 1.0, 3));
        let alone = measure(&[0, 1], &[0, 1]);
        assert_eq!(alone.pairwise_f1(), 1.0);
    }
}
