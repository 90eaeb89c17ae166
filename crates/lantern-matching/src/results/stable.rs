//! Compares clusters with those of an earlier run: numbers that stay, and what changed.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use arrow::{
    array::{
        Array, ArrayRef, LargeStringArray, ListBuilder, RecordBatch, StringArray, UInt64Array,
        UInt64Builder,
    },
    datatypes::{DataType, Field, Schema},
};

use crate::{
    error::{Error, Result},
    labels::ids,
    tables::Table,
};

/// What happened to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It has the same rows, among those that are in both tables.
    Kept,
    /// It gained rows that were in no cluster before.
    Grown,
    /// Some of its rows are gone.
    Shrunk,
    /// It was merged from several clusters.
    Merged,
    /// It is a part of a cluster that was split.
    Split,
    /// None of its rows existed before.
    New,
    /// None of its rows exists any more.
    Gone,
}

impl Change {
    pub fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }
}

/// A cluster of today, or one of yesterday that no longer exists.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterHistory {
    /// The number that it keeps: that of the cluster of yesterday with which it shares the most
    /// rows, or a new one above all numbers of yesterday.
    pub stable: u64,
    /// Its number today; `None` if it no longer exists.
    pub cluster: Option<u64>,
    pub rows: u64,
    /// The clusters of yesterday that contained its rows.
    pub before: Vec<u64>,
    pub change: Change,
}

/// The id of a row, if it has one, and its cluster.
pub type Row<'a> = (Option<&'a str>, u64);

/// Compares today's clusters with yesterday's, row by row through the ids of rows. A row without an id
/// was in no cluster before. New clusters get numbers above all of yesterday, and from `unused` on.
pub fn since(today: &[Row<'_>], yesterday: &[Row<'_>], unused: u64) -> Vec<ClusterHistory> {
    let old: HashMap<&str, u64> =
        yesterday.iter().filter_map(|&(id, of)| Some((id?, of))).collect();
    let present: HashSet<&str> = today.iter().filter_map(|&(id, _)| id).collect();
    let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
    let mut fresh: HashMap<u64, u64> = HashMap::new();
    let mut shared: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for (id, cluster) in today {
        *sizes.entry(*cluster).or_default() += 1;
        match id.and_then(|id| old.get(id)) {
            Some(&before) => *shared.entry((*cluster, before)).or_default() += 1,
            None => *fresh.entry(*cluster).or_default() += 1,
        }
    }
    let mut left: HashMap<u64, u64> = HashMap::new();
    let mut parts: HashMap<u64, u64> = HashMap::new();
    let mut olds: Vec<u64> = yesterday.iter().map(|&(_, of)| of).collect();
    olds.sort_unstable();
    olds.dedup();
    for (id, &before) in &old {
        if !present.contains(id) {
            *left.entry(before).or_default() += 1;
        }
    }
    shared.keys().for_each(|&(_, before)| *parts.entry(before).or_default() += 1);
    // The cluster with the most shared rows keeps a number; of several, the first.
    let mut claims: Vec<(u64, u64, u64)> =
        shared.iter().map(|(&(cluster, before), &count)| (count, cluster, before)).collect();
    claims.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut numbers: HashMap<u64, u64> = HashMap::new();
    let mut taken: HashSet<u64> = HashSet::new();
    for (_, cluster, before) in claims {
        if !numbers.contains_key(&cluster) && taken.insert(before) {
            numbers.insert(cluster, before);
        }
    }
    let mut next = olds.last().map_or(0, |most| most.saturating_add(1)).max(unused);
    let mut became: Vec<ClusterHistory> = sizes
        .iter()
        .map(|(&cluster, &rows)| {
            let before: Vec<u64> = shared
                .range((cluster, 0)..=(cluster, u64::MAX))
                .map(|(&(_, old), _)| old)
                .collect();
            let stable = numbers.get(&cluster).copied().unwrap_or_else(|| {
                let number = next;
                next = next.saturating_add(1);
                number
            });
            let change = match &before[..] {
                [] => Change::New,
                [one] if parts.get(one).copied().unwrap_or(0) > 1 => Change::Split,
                [_] if fresh.contains_key(&cluster) => Change::Grown,
                [one] if left.contains_key(one) => Change::Shrunk,
                [_] => Change::Kept,
                _ => Change::Merged,
            };
            ClusterHistory { stable, cluster: Some(cluster), rows, before, change }
        })
        .collect();
    became.extend(olds.into_iter().filter(|old| !parts.contains_key(old)).map(|old| {
        ClusterHistory {
            stable: old,
            cluster: None,
            rows: 0,
            before: vec![old],
            change: Change::Gone,
        }
    }));
    became
}

/// The column of the numbers that clusters keep, and that of the first number that no cluster ever had:
/// otherwise the number of a cluster that is gone would come back for another one.
const STABLE: &str = "stable";
const UNUSED: &str = "stable_next";

/// The comparison with the clusters of an earlier run.
pub struct ComparedClusters {
    pub became: Vec<ClusterHistory>,
    /// The first number that no cluster has had.
    unused: u64,
}

impl ComparedClusters {
    /// Compares clusters with a table of yesterday's: `cluster` or `stable`, and `id`, or `row` where no
    /// column of ids is named; `stable_next`, where it is there, is the first number of a new cluster.
    ///
    /// # Errors
    /// If a column is missing, or a cluster is no number.
    pub fn of(clusters: &[u64], own: &Table, id: Option<&str>, yesterday: &Table) -> Result<Self> {
        let rows: LargeStringArray = match id {
            Some(id) => ids::texts(own, id)?,
            None => (0..clusters.len()).map(|row| Some(row.to_string())).collect(),
        };
        let today: Vec<Row<'_>> =
            clusters.iter().enumerate().map(|(row, &of)| (ids::id(&rows, row), of)).collect();
        let name = if yesterday.has(STABLE) { STABLE } else { "cluster" };
        let key = match id {
            None => "row",
            Some(id) if !yesterday.has("id") && yesterday.has(id) => id,
            Some(_) => "id",
        };
        let (keys, numbers) = (ids::texts(yesterday, key)?, ids::texts(yesterday, name)?);
        let mut before: Vec<Row<'_>> = Vec::with_capacity(keys.len());
        for row in 0..keys.len() {
            before.push((ids::id(&keys, row), number(&numbers, row, name)?));
        }
        let mut unused = 0;
        if name == STABLE && yesterday.has(UNUSED) {
            let numbers = ids::texts(yesterday, UNUSED)?;
            for row in 0..numbers.len() {
                unused = unused.max(number(&numbers, row, UNUSED)?);
            }
        }
        let became = since(&today, &before, unused);
        let used = became.iter().map(|one| one.stable.saturating_add(1)).max().unwrap_or(0);
        Ok(Self { became, unused: used.max(unused) })
    }

    /// Number of clusters by the way in which they changed.
    pub fn changes(&self) -> BTreeMap<&'static str, u64> {
        let mut changes = BTreeMap::new();
        self.became.iter().for_each(|one| *changes.entry(one.change.name()).or_default() += 1);
        changes
    }

    /// The number that the cluster of each row keeps.
    pub fn stable(&self, clusters: &[u64]) -> Vec<u64> {
        let kept: HashMap<u64, u64> =
            self.became.iter().filter_map(|one| Some((one.cluster?, one.stable))).collect();
        clusters.iter().map(|cluster| kept.get(cluster).copied().unwrap_or(*cluster)).collect()
    }

    /// The table of rows and clusters, with `stable`, the number that each row's cluster keeps, and
    /// `stable_next`, the number of the next new cluster.
    ///
    /// # Errors
    /// If the table cannot be made.
    pub fn rows(&self, rows: &RecordBatch, clusters: &[u64]) -> Result<RecordBatch> {
        let mut fields: Vec<Arc<Field>> = rows.schema().fields().iter().cloned().collect();
        let mut columns = rows.columns().to_vec();
        let unused = vec![self.unused; clusters.len()];
        for (name, numbers) in [(STABLE, self.stable(clusters)), (UNUSED, unused)] {
            fields.push(Arc::new(Field::new(name, DataType::UInt64, false)));
            columns.push(Arc::new(UInt64Array::from(numbers)));
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }

    /// A row for each cluster: `stable`, `cluster`, `rows`, `before` and `change`.
    ///
    /// # Errors
    /// If the table cannot be made.
    pub fn table(&self) -> Result<RecordBatch> {
        let all = &self.became;
        let mut lists = ListBuilder::new(UInt64Builder::new());
        for one in all {
            lists.values().append_slice(&one.before);
            lists.append(true);
        }
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("stable", Arc::new(UInt64Array::from_iter_values(all.iter().map(|one| one.stable)))),
            ("cluster", Arc::new(all.iter().map(|one| one.cluster).collect::<UInt64Array>())),
            ("rows", Arc::new(UInt64Array::from_iter_values(all.iter().map(|one| one.rows)))),
            ("before", Arc::new(lists.finish())),
            (
                "change",
                Arc::new(StringArray::from_iter_values(all.iter().map(|one| one.change.name()))),
            ),
        ];
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, column)| Field::new(*name, column.data_type().clone(), *name == "cluster"))
            .collect();
        let columns = columns.into_iter().map(|(_, column)| column).collect();
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }
}

/// The number of a cluster in a row of a column.
fn number(texts: &LargeStringArray, row: usize, name: &str) -> Result<u64> {
    let text = ids::id(texts, row).unwrap_or_default();
    text.parse().map_err(|_| {
        Error::input(format!("'{text}' in row {row} of column '{name}' is no number of a cluster"))
            .with_column(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows<'a>(of: &[(&'a str, u64)]) -> Vec<Row<'a>> {
        of.iter().map(|&(id, cluster)| (Some(id).filter(|id| !id.is_empty()), cluster)).collect()
    }

    fn became(today: &[(&str, u64)], yesterday: &[(&str, u64)]) -> Vec<(u64, Option<u64>, Change)> {
        let all = since(&rows(today), &rows(yesterday), 0);
        all.into_iter().map(|one| (one.stable, one.cluster, one.change)).collect()
    }

    #[test]
    fn clusters_keep_their_numbers_whatever_the_order_of_rows() {
        let yesterday = [("a", 0), ("b", 0), ("c", 1), ("d", 2)];
        let today = [("d", 0), ("c", 1), ("b", 2), ("a", 2)];
        let kept = Change::Kept;
        let expected = [(2, Some(0), kept), (1, Some(1), kept), (0, Some(2), kept)];
        assert_eq!(became(&today, &yesterday), expected);
    }

    #[test]
    fn merges_splits_and_new_clusters_are_told() {
        let yesterday = [("a", 0), ("b", 0), ("c", 1), ("d", 2), ("e", 2), ("f", 2), ("g", 3)];
        let today =
            [("a", 0), ("b", 0), ("c", 0), ("d", 1), ("e", 1), ("f", 2), ("x", 3), ("y", 3)];
        assert_eq!(
            became(&today, &yesterday),
            [
                (0, Some(0), Change::Merged),
                (2, Some(1), Change::Split),
                (4, Some(2), Change::Split),
                (5, Some(3), Change::New),
                (3, None, Change::Gone),
            ]
        );
    }

    #[test]
    fn rows_that_come_and_go_change_a_cluster() {
        let yesterday = [("a", 7), ("b", 7), ("c", 9), ("d", 9)];
        let today = [("a", 0), ("b", 0), ("z", 0), ("c", 1)];
        assert_eq!(
            became(&today, &yesterday),
            [(7, Some(0), Change::Grown), (9, Some(1), Change::Shrunk)]
        );
    }

    #[test]
    fn the_number_of_a_cluster_that_is_gone_never_comes_back() {
        let table = |ids: &[&str]| {
            let ids: ArrayRef = Arc::new(StringArray::from(ids.to_vec()));
            let batch = RecordBatch::try_from_iter([("id", ids)]).unwrap();
            Table::new(batch.schema(), vec![batch], "").unwrap()
        };
        // A day's table of clusters, compared with that of the day before.
        let day = |ids: &[&str], before: Option<&Table>| {
            let (own, clusters) = (table(ids), (0..ids.len() as u64).collect::<Vec<_>>());
            let rows = super::super::table::clusters(&clusters, Some((&own, "id"))).unwrap();
            let rows = match before {
                Some(before) => {
                    let since = ComparedClusters::of(&clusters, &own, Some("id"), before).unwrap();
                    since.rows(&rows, &clusters).unwrap()
                }
                None => rows,
            };
            Table::new(rows.schema(), vec![rows], "").unwrap()
        };
        let monday = day(&["a", "b", "c"], None);
        let tuesday = day(&["a", "b"], Some(&monday));
        let wednesday = day(&["a", "b", "d"], Some(&tuesday));
        let stable = ids::texts(&wednesday, STABLE).unwrap();
        assert_eq!(stable.iter().flatten().collect::<Vec<_>>(), ["0", "1", "3"]);
        let thursday = day(&["e"], Some(&wednesday));
        assert_eq!(ids::texts(&thursday, STABLE).unwrap().value(0), "4");
        assert_eq!(ids::texts(&thursday, UNUSED).unwrap().value(0), "5");
    }

    #[test]
    fn rows_without_an_id_are_new_each_time() {
        let yesterday = [("a", 0), ("", 1), ("", 2)];
        let today = [("", 0), ("a", 1), ("", 2)];
        assert_eq!(
            became(&today, &yesterday),
            [
                (3, Some(0), Change::New),
                (0, Some(1), Change::Kept),
                (4, Some(2), Change::New),
                (1, None, Change::Gone),
                (2, None, Change::Gone),
            ]
        );
    }
}
