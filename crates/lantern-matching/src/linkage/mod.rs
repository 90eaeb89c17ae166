//! Matching two tables, or a table with itself, without rules: fields, candidates, model, matches.

pub mod candidates;
pub mod compare;
pub mod fields;
pub mod learn;

use std::sync::atomic::{AtomicU64, Ordering};

pub use self::fields::{fields, specs};
use self::{
    candidates::Index,
    compare::field::Field,
    learn::{Model, Pairs},
};
use crate::{
    error::{Error, Result},
    found::{Found, Match},
    options::{Options, THRESHOLD, Watch},
    tables::Table,
};

/// How many rows of the left are learned from.
const LEARNED_FROM: usize = 20_000;
/// How many candidates of a row are compared.
const MOST_CANDIDATES: usize = 8;
/// How many rows are compared at a time.
const BLOCK: usize = 32_768;

/// What linkage gives: pairs, and the fields and the model by which they were found.
pub struct Linked {
    pub found: Found,
    pub fields: Vec<Field>,
    pub model: Model,
}

/// Matches without rules.
///
/// # Errors
/// Columns that are not there or cannot be read, a model of other fields, or the watch says stop.
pub fn link(
    left: &Table,
    right: Option<&Table>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Linked> {
    let fields = fields(left, right, options)?;
    let rows = right.unwrap_or(left).rows;
    watch.look(0, left.rows as u64)?;
    let index = Index::of(&fields, rows, right.is_none());
    let exclusive = right.is_some() && (options.top == Some(1) || options.one_to_one);
    let (model, learned) = model(&fields, &index, left.rows, rows, exclusive, options)?;
    let mut all = Vec::new();
    let compared = AtomicU64::new(0);
    let threshold = options.threshold.unwrap_or(THRESHOLD);
    if let Some(pairs) = learned.filter(|pairs| pairs.starts.len() == left.rows + 1) {
        compared.fetch_add(pairs.len() as u64, Ordering::Relaxed);
        keep(&model, &pairs, threshold, options.top, &mut all);
    } else {
        let numbers: Vec<u32> = (0..left.rows).filter_map(|row| u32::try_from(row).ok()).collect();
        for (block, rows) in numbers.chunks(BLOCK).enumerate() {
            watch.look((block * BLOCK) as u64, left.rows as u64)?;
            let pairs = Pairs::find(&fields, &index, rows, MOST_CANDIDATES, false);
            compared.fetch_add(pairs.len() as u64, Ordering::Relaxed);
            keep(&model, &pairs, threshold, options.top, &mut all);
        }
    }
    watch.look(left.rows as u64, left.rows as u64)?;
    let found = Found { all, compared: compared.into_inner(), recall: None, warnings: Vec::new() };
    drop(index);
    Ok(Linked { found, fields, model })
}

/// The model that was given, or one that is learned; with the pairs that it was learned from.
fn model(
    fields: &[Field],
    index: &Index<'_>,
    left_rows: usize,
    rows: usize,
    exclusive: bool,
    options: &Options,
) -> Result<(Model, Option<Pairs>)> {
    if let Some(model) = &options.model {
        model.check(fields)?;
        return Ok((Model { exclusive, ..model.for_rows(rows) }, None));
    }
    if let Some(&(left, right, _)) = options
        .labels
        .iter()
        .find(|&&(left, right, _)| left as usize >= left_rows || right as usize >= rows)
    {
        return Err(Error::input(format!(
            "there is a label for left row {left} and right row {right}, and there are {left_rows} \
             and {rows} rows, counted from 0; correct the labels"
        )));
    }
    let step = left_rows.div_ceil(LEARNED_FROM).max(1);
    let mut sample: Vec<u32> =
        (0..left_rows).step_by(step).filter_map(|row| u32::try_from(row).ok()).collect();
    let labelled: std::collections::HashMap<(u32, u32), bool> =
        options.labels.iter().map(|&(left, right, is)| ((left, right), is)).collect();
    if step > 1 && !labelled.is_empty() {
        sample.extend(options.labels.iter().map(|&(left, ..)| left));
        sample.sort_unstable();
        sample.dedup();
    }
    let pairs = Pairs::find(fields, index, &sample, MOST_CANDIDATES, true);
    let labels: Vec<(usize, bool)> = if labelled.is_empty() {
        Vec::new()
    } else {
        (0..pairs.len())
            .filter_map(|pair| Some((pair, *labelled.get(&(pairs.left[pair], pairs.right[pair]))?)))
            .collect()
    };
    let mut model = Model::start(fields, rows, exclusive);
    model.learn(fields, &sample, &pairs, &labels);
    Ok((model, Some(pairs)))
}

/// Learns a model alone.
///
/// # Errors
/// Columns that are not there or cannot be read, or the watch says stop.
pub fn learn(
    left: &Table,
    right: Option<&Table>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Model> {
    let fields = fields(left, right, options)?;
    watch.look(0, 1)?;
    let rows = right.unwrap_or(left).rows;
    let index = Index::of(&fields, rows, right.is_none());
    let exclusive = right.is_some() && options.top.is_some();
    let (model, _) = model(&fields, &index, left.rows, rows, exclusive, options)?;
    watch.look(1, 1)?;
    Ok(model)
}

fn keep(model: &Model, pairs: &Pairs, threshold: f64, top: Option<usize>, all: &mut Vec<Match>) {
    let probabilities = model.probabilities(pairs);
    for window in pairs.starts.windows(2) {
        let begin = all.len();
        let of = window[0]..window[1];
        for (pair, &confidence) in of.clone().zip(&probabilities[of]) {
            let confidence = f64::from(confidence);
            if confidence >= threshold {
                all.push(Match {
                    left: pairs.left[pair],
                    right: pairs.right[pair],
                    confidence,
                    rules: 0,
                    ties: 0,
                });
            }
        }
        all[begin..]
            .sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.right.cmp(&b.right)));
        if let Some(top) = top {
            all.truncate(begin + top.min(all.len() - begin));
        }
    }
}
