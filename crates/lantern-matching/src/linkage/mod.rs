//! Matching two tables, or a table with itself, without rules: fields, candidates, model, matches.

pub mod calibrate;
pub mod candidates;
mod claims;
pub mod compare;
pub mod fields;
pub mod learn;
mod select;
#[cfg(test)]
mod tests;
mod ties;

pub use self::fields::{fields, specs};
use self::{
    calibrate::Calibration,
    candidates::{Index, Limits},
    compare::field::Field,
    learn::{Model, Pairs},
    select::Selection,
};
use crate::{
    error::{Error, Result},
    found::Found,
    options::{Options, THRESHOLD, Watch},
    tables::Table,
};

/// How many rows of the left are learned from.
const LEARNED_FROM: usize = 20_000;
/// How many candidates of a row are compared where it has one match at most, and where it may have
/// many.
const ONE: Limits = Limits { least: 8, most: 8 };
const MANY: Limits = Limits { least: 8, most: 40 };
/// How many rows are compared at a time.
const BLOCK: usize = 16_384;

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
    let exclusive = right.is_some() && (options.top == Some(1) || options.one_to_one);
    let rows = right.unwrap_or(left).rows;
    let fields = fields::of_tables(left, right, options)?;
    if fields.is_empty() || left.rows == 0 || rows == 0 {
        let model = match &options.model {
            Some(model) => model.clone(),
            None => Model::start(&fields, rows, exclusive),
        };
        let mut found = Found::default();
        if left.rows > 0 && rows > 0 {
            found.warnings.push("No column of the tables has values to compare.".to_owned());
        }
        return Ok(Linked { found, fields, model });
    }
    watch.look(0, left.rows as u64)?;
    let index = Index::of(&fields, rows, right.is_none());
    let limits = if exclusive { ONE } else { MANY };
    let (model, learned) = model(&fields, &index, left.rows, rows, exclusive, options)?;
    let mut selection = Selection::of(&fields, &model, options.threshold.unwrap_or(THRESHOLD));
    selection.top = if options.one_to_one { None } else { options.top };
    if let Some(pairs) = learned.filter(|pairs| pairs.starts.len() == left.rows + 1) {
        selection.add(&pairs);
    } else {
        let numbers: Vec<u32> = (0..left.rows).filter_map(|row| u32::try_from(row).ok()).collect();
        for (block, rows) in numbers.chunks(BLOCK).enumerate() {
            watch.look((block * BLOCK) as u64, left.rows as u64)?;
            selection.add(&Pairs::find(&fields, &index, rows, limits));
        }
    }
    watch.look(left.rows as u64, left.rows as u64)?;
    let found = selection.finish(&options.labels, right.is_none());
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
    let limits = if exclusive { ONE } else { MANY };
    let step = left_rows.div_ceil(LEARNED_FROM).max(1);
    let mut sample: Vec<u32> =
        (0..left_rows).step_by(step).filter_map(|row| u32::try_from(row).ok()).collect();
    let itself = index.deduplicates();
    let labelled: std::collections::HashMap<(u32, u32), bool> = options
        .labels
        .iter()
        .map(|&(left, right, is)| {
            // Of one table, a pair is the later row and the earlier one, however it was given.
            let pair = if itself { (left.max(right), left.min(right)) } else { (left, right) };
            (pair, is)
        })
        .collect();
    if step > 1 && !labelled.is_empty() {
        sample.extend(labelled.keys().map(|&(left, _)| left));
        sample.sort_unstable();
        sample.dedup();
    }
    let pairs = Pairs::find(fields, index, &sample, limits);
    let labels: Vec<(usize, bool)> = if labelled.is_empty() {
        Vec::new()
    } else {
        (0..pairs.len())
            .filter_map(|pair| Some((pair, *labelled.get(&(pairs.left[pair], pairs.right[pair]))?)))
            .collect()
    };
    let mut model = Model::start(fields, rows, exclusive);
    model.learn(fields, &sample, &pairs, &labels);
    let decoys = Pairs::of_decoys(fields, index, left_rows, limits);
    let real = select::row_scores(&model, &pairs);
    model.calibration = Calibration::fit(&real, &select::row_scores(&model, &decoys));
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
    let fields = fields::of_tables(left, right, options)?;
    watch.look(0, 1)?;
    let rows = right.unwrap_or(left).rows;
    if fields.is_empty() || left.rows == 0 || rows == 0 {
        return Err(Error::input(
            "a model is learned from tables with values, and these have none; give rows to learn from",
        ));
    }
    let index = Index::of(&fields, rows, right.is_none());
    let exclusive = right.is_some() && options.top.is_some();
    let (model, _) = model(&fields, &index, left.rows, rows, exclusive, options)?;
    watch.look(1, 1)?;
    Ok(model)
}
