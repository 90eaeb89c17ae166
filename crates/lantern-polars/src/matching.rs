//! Matches frames with each other, or with themselves, on this machine.

use std::collections::BTreeMap;

use lantern::{
    error::{Advice, Error, Result},
    matching::{
        options::{Options, Unwatched},
        pipeline,
        results::{
            cluster::clusters,
            explain::Explanation,
            golden::{self, Strategy},
            matches::Matches as Found,
            table,
        },
        rules::FieldRule,
        tables::Table,
    },
    process::threads,
    tabular::no_column,
};
use polars::prelude::{Column, DataFrame, IdxCa, IdxSize, NamedFrom, Series};

use crate::{error::no_frame, frame::Frame, from_arrow::IntoPolars, to_arrow::to_arrow};

/// Options for matching frames. By default, a model is learned from the frames.
#[derive(Debug, Clone)]
pub struct MatchOptions {
    /// Groups of rules: rows match if all rules of one group match. `None` learns a model from the
    /// frames.
    pub rules: Option<Vec<Vec<FieldRule>>>,
    /// How much a matching rule on a field adds to the confidence, 0 to 1 (default: by its kind).
    /// Only with rules.
    pub weights: BTreeMap<String, f64>,
    /// Column that identifies the rows of the left or only frame. It is not compared.
    pub left_id: Option<String>,
    /// Column that identifies the rows of the right frame. It is not compared.
    pub right_id: Option<String>,
    /// All other options. By default, each left row keeps only its most certain match (`top`).
    pub options: Options,
}

impl Default for MatchOptions {
    fn default() -> Self {
        Self {
            rules: None,
            weights: BTreeMap::new(),
            left_id: None,
            right_id: None,
            options: Options { top: Some(1), ..Options::default() },
        }
    }
}

impl MatchOptions {
    /// Match by rules that must all match, such as `company:eq` and `city:fuzzy0.9`.
    ///
    /// # Errors
    /// If a rule is invalid.
    pub fn by_rules<R: AsRef<str>>(rules: impl IntoIterator<Item = R>) -> Result<Self> {
        Self { rules: Some(Vec::new()), ..Self::default() }.or_rules(rules)
    }

    /// Add an alternative group of rules: rows also match if all of these rules match.
    ///
    /// # Errors
    /// If a rule is invalid.
    pub fn or_rules<R: AsRef<str>>(mut self, rules: impl IntoIterator<Item = R>) -> Result<Self> {
        let parsed = |rule: R| {
            let rule = rule.as_ref().parse::<FieldRule>();
            rule.map_err(|error| Error::validation("rules", error.to_string()))
        };
        let group = rules.into_iter().map(parsed).collect::<Result<Vec<_>>>()?;
        self.rules.get_or_insert_default().push(group);
        Ok(self)
    }
}

/// Match the rows of two frames. This blocks until it is done, and uses all cores.
///
/// # Errors
/// If a column is missing or has an unsupported type, a rule is invalid, a threshold is outside 0 to 1,
/// or a model was learned on other fields.
pub fn match_frames(
    left: impl Into<Frame>,
    right: impl Into<Frame>,
    how: &MatchOptions,
) -> Result<Matches> {
    let (left, right) = (left.into().collect()?, right.into().collect()?);
    check_id(&left, how.left_id.as_deref())?;
    check_id(&right, how.right_id.as_deref())?;
    let tables = (table_of(&left, "left")?, table_of(&right, "right")?);
    let found = find(&tables.0, Some(&tables.1), how)?;
    let (left_id, right_id) = (how.left_id.clone(), how.right_id.clone());
    Ok(Matches { found, left, right, left_id, right_id })
}

/// Group the rows of a frame that describe the same person or company. This blocks until it is
/// done, and uses all cores.
///
/// ```
/// use lantern::matching::results::golden::Strategy;
/// use lantern_polars::{MatchOptions, dedupe};
/// use polars::prelude::*;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let contacts = df!(
///     "email" => ["ada@acme.com", "bob@globex.com", "ADA@acme.com "],
///     "phone" => [None, Some("+1 514 555 0100"), Some("+1 514 555 0199")],
/// )?;
/// let duplicates = dedupe(&contacts, &MatchOptions::by_rules(["email:eq"])?)?;
///
/// assert_eq!(duplicates.frame()?.column("cluster")?.u64()?.to_vec(), [Some(0), Some(1), Some(0)]);
/// let golden = duplicates.golden(&Strategy::MostComplete, &[])?; // one row for each cluster
/// assert_eq!(golden.column("phone")?.str()?.get(0), Some("+1 514 555 0199"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As for [`match_frames`].
pub fn dedupe(frame: impl Into<Frame>, how: &MatchOptions) -> Result<Duplicates> {
    let frame = frame.into().collect()?;
    check_id(&frame, how.left_id.as_deref())?;
    let own = table_of(&frame, "")?;
    let options = Options { top: None, one_to_one: false, spanning: true, ..how.options.clone() };
    let how = MatchOptions { options, right_id: None, ..how.clone() };
    let found = find(&own, None, &how)?;
    let clusters = threads::run(|| Ok::<_, Error>(clusters(&found)))?;
    let id = how.left_id;
    let pairs =
        Matches { found, right: frame.clone(), left: frame, left_id: id.clone(), right_id: id };
    Ok(Duplicates { pairs, clusters })
}

fn table_of(frame: &DataFrame, side: &'static str) -> Result<Table> {
    let (schema, batches) = to_arrow(frame)?;
    Ok(Table::new(schema, batches, side)?)
}

fn check_id(frame: &DataFrame, id: Option<&str>) -> Result<()> {
    match id {
        Some(id) if frame.get_column_index(id).is_none() => {
            let names = frame.get_column_names();
            Err(no_column(
                "the frame",
                id,
                &names.into_iter().map(|name| name.as_str()).collect::<Vec<_>>(),
            ))
        }
        _ => Ok(()),
    }
}

fn find(left: &Table, right: Option<&Table>, how: &MatchOptions) -> Result<Found> {
    let mut options = how.options.clone();
    options.ids.extend(how.left_id.iter().chain(&how.right_id).cloned());
    if options.one_to_one {
        // The assignment itself leaves one match for each row.
        options.top = None;
    }
    match &how.rules {
        Some(rules) => threads::run(|| {
            pipeline::match_by_rules(left, right, rules, &how.weights, &options, &Unwatched)
        }),
        None if how.weights.is_empty() => {
            threads::run(|| pipeline::link(left, right, &options, &Unwatched))
        }
        None => Err(Error::input("weights are given, but no rules")
            .advise(Advice::text("leave the weights out; without rules they are learned"))),
    }
}

/// The pairs of rows that match.
#[derive(Clone)]
pub struct Matches {
    found: Found,
    left: DataFrame,
    right: DataFrame,
    left_id: Option<String>,
    right_id: Option<String>,
}

impl Matches {
    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.found.all.len()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.found.all.is_empty()
    }

    /// The result of matching, with its thresholds, its warnings and the learned model.
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// One row per pair: `left` and `right` (rows, counted from 0), `left_id` and `right_id` if
    /// columns of ids were given, `confidence` (0 to 1), and `rules`, the rules that match.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn frame(&self) -> Result<DataFrame> {
        let mut frame = table::matches(&self.found, None, None)?.into_polars()?;
        let mut at = 2;
        let left = self.found.all.iter().map(|found| found.left.into());
        let right = self.found.all.iter().map(|found| found.right.into());
        let ids = [
            ("left_id", &self.left, &self.left_id, rows(left)),
            ("right_id", &self.right, &self.right_id, rows(right)),
        ];
        for (name, own, id, rows) in ids {
            if let Some(id) = id {
                frame.insert_column(at, taken(own, id, &rows, name)?).map_err(no_frame)?;
                at += 1;
            }
        }
        Ok(frame)
    }

    /// The rows of the left frame without a match.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn unmatched_left(&self) -> Result<DataFrame> {
        self.left.take(&rows(self.found.unmatched_left().into_iter())).map_err(no_frame)
    }

    /// The rows of the right frame without a match.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn unmatched_right(&self) -> Result<DataFrame> {
        self.right.take(&rows(self.found.unmatched_right().into_iter())).map_err(no_frame)
    }

    /// Why a pair matches: how much each field adds, and a sentence.
    ///
    /// # Errors
    /// If there is no pair number `at`, counted from 0.
    pub fn explain(&self, at: usize) -> Result<Explanation> {
        Ok(self.found.explain(at)?)
    }
}

/// The rows of a frame in clusters, each of which is one person or company.
#[derive(Clone)]
pub struct Duplicates {
    pairs: Matches,
    clusters: Vec<u64>,
}

impl Duplicates {
    /// The cluster of each row, counted from 0 in the order of first appearance.
    pub fn clusters(&self) -> &[u64] {
        &self.clusters
    }

    /// The pairs that made the clusters.
    pub fn pairs(&self) -> &Matches {
        &self.pairs
    }

    /// One row per row: `row` (counted from 0), `id` if a column of ids was given, `cluster`, and
    /// `rows`, the size of the cluster.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn frame(&self) -> Result<DataFrame> {
        let mut frame = table::clusters(&self.clusters, None)?.into_polars()?;
        if let Some(id) = &self.pairs.left_id {
            let all = rows(0..self.clusters.len() as u64);
            let ids = taken(&self.pairs.left, id, &all, "id")?;
            frame.insert_column(1, ids).map_err(no_frame)?;
        }
        Ok(frame)
    }

    /// One record per cluster: `cluster`, `rows` (its size), the columns of the frame, and for each
    /// of them `<column>_row`, the row that its value comes from. `by_column` sets strategies for
    /// single columns.
    ///
    /// # Errors
    /// If a column is missing, or two columns get the same name.
    pub fn golden(&self, strategy: &Strategy, by_column: &[(&str, Strategy)]) -> Result<DataFrame> {
        let (found, frame) = (&self.pairs.found, &self.pairs.left);
        let by_column: BTreeMap<String, Strategy> = by_column
            .iter()
            .map(|(name, strategy)| ((*name).to_owned(), strategy.clone()))
            .collect();
        let made =
            threads::run(|| golden::picked(&found.left, &self.clusters, strategy, &by_column))?;
        let sizes = made.sizes;
        let mut columns = vec![
            Column::from(Series::new(
                "cluster".into(),
                (0..sizes.len() as u64).collect::<Vec<_>>(),
            )),
            Column::from(Series::new("rows".into(), sizes)),
        ];
        for (column, picked) in frame.columns().iter().zip(&made.rows) {
            let picked = rows(picked.iter().copied());
            columns.push(column.take(&picked).map_err(no_frame)?);
        }
        for (column, picked) in frame.columns().iter().zip(made.rows) {
            columns.push(Series::new(format!("{}_row", column.name()).into(), picked).into());
        }
        DataFrame::new_infer_height(columns).map_err(no_frame)
    }
}

/// Rows as Polars numbers them. A frame cannot have more rows than that.
fn rows(rows: impl Iterator<Item = u64>) -> IdxCa {
    let numbers = rows.map(|row| IdxSize::try_from(row).unwrap_or(IdxSize::MAX));
    IdxCa::from_vec("".into(), numbers.collect())
}

/// A column's values in some rows, under another name.
fn taken(frame: &DataFrame, column: &str, rows: &IdxCa, name: &str) -> Result<Column> {
    let column = frame.column(column).map_err(no_frame)?;
    Ok(column.take(rows).map_err(no_frame)?.with_name(name.into()))
}
