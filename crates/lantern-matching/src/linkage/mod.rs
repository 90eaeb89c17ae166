//! Matching two tables, or a table with itself, without rules: fields, candidates, model, matches.

pub mod candidates;
mod claims;
pub mod compare;
pub mod fields;
pub mod learn;
pub mod one_row;
mod select;
mod several_matches;
#[cfg(test)]
mod tests;
mod ties;
mod transitive;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

pub use self::fields::{fields, specs};
use self::{
    candidates::{Index, Keys, Limits},
    claims::Candidates,
    compare::field::Field,
    learn::{Model, Pairs, Scorer},
    select::Selection,
};
use crate::{
    calibration::{self, Calibration},
    error::{Error, Result},
    found_pairs::Found,
    labels::{
        self,
        rivals::{self, Candidate, Judged, Rivals},
        unlabelled,
        weights::{Example, JUDGED, Weights, doubt},
    },
    options::{Options, THRESHOLD, Watch},
    tables::Table,
};

/// Number of left rows to learn from.
const LEARNED_FROM: usize = 20_000;
/// Number of candidates of a row that are compared if it has at most one match, and if it may have
/// many.
const ONE: Limits = Limits { least: 8, most: 8 };
const MANY: Limits = Limits { least: 8, most: 40 };
/// Number of unlabelled pairs, of the likely ones and of the others, from which labels are learned
/// with the model's own probabilities.
const BELIEVED: usize = 500;
/// Number of rows that are compared at a time.
const BLOCK: usize = 16_384;

/// The result of linkage: the pairs, and the fields and the model by which they were found.
pub struct Linked {
    pub found: Found,
    pub fields: Vec<Field>,
    pub model: Model,
    /// The keys by which pairs were found; `None` if there was nothing to find.
    pub keys: Option<Arc<Keys>>,
}

/// Matches without rules.
///
/// # Errors
/// If a column is missing or cannot be read, the model was learned on other fields, or `watch`
/// stops.
pub fn link(
    left: &Table,
    right: Option<&Table>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Linked> {
    let exclusive = right.is_some();
    let many = options.top != Some(1) && !options.one_to_one;
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
        return Ok(Linked { found, fields, model, keys: None });
    }
    watch.look(0, left.rows as u64)?;
    let index = Index::of(&fields, rows, right.is_none());
    let limits = if many { MANY } else { ONE };
    let (mut model, learned) = model(&fields, &index, left.rows, rows, exclusive, limits, options)?;
    let unbound = learn_labels(&mut model, &fields, learned.as_ref(), options, many);
    let mut selection = Selection::of(&fields, &model, options.threshold.unwrap_or(THRESHOLD));
    // With labels, `top` counts when they bind: the best candidate may be known not to match.
    let all = options.one_to_one || !options.labels.is_empty();
    selection.top = if all { None } else { options.top };
    selection.known = options.labels.iter().map(|&(left, right, is)| ((left, right), is)).collect();
    selection.one_to_one = options.one_to_one;
    selection.many = many;
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
    let found = Found { unbound, ..selection.finish() };
    let keys = Some(index.keys());
    Ok(Linked { found, fields, model, keys })
}

/// Lets a model learn from labels. Returns the confidence of each labelled pair without its own
/// label. A model that has already learned from labels stays unchanged.
///
/// `pairs` are those that the model was learned from, and `many` says whether all matches of a row
/// are wanted.
fn learn_labels(
    model: &mut Model,
    fields: &[Field],
    pairs: Option<&Pairs>,
    options: &Options,
    many: bool,
) -> Vec<f64> {
    let labels = &options.labels;
    if labels.is_empty() {
        return Vec::new();
    }
    let scorer = Scorer::of(model);
    let by_model = |model: &Model| -> Vec<f64> {
        let scorer = Scorer::of(model);
        labels
            .iter()
            .map(|&(left, right, _)| {
                let of_left = |at: usize| fields[at].values.left[left as usize];
                let of_right = |at: usize| fields[at].values.right[right as usize];
                model.pair(fields, &scorer, of_left, of_right)
            })
            .collect()
    };
    if model.labelled.is_some() {
        return by_model(model);
    }
    let examples: Vec<Example> = labels
        .iter()
        .map(|&(left, right, is)| model.example(fields, &scorer, (left, right), is))
        .collect();
    let (levels, prior) = (model.levels(), f64::from(model.prior()));
    let calibration = model.calibration;
    // In one table, pairs do not compete, and labels of other pairs hardly change a sure one.
    // There, the model's own probabilities did as much harm as good when they were added to the
    // labels.
    let beliefs = match pairs {
        Some(pairs) if model.exclusive => beliefs(model, fields, pairs, options, many),
        _ => Vec::new(),
    };
    let believed: Vec<(Example, f64)> = beliefs
        .iter()
        .filter_map(|&Belief { pair, alone, .. }| {
            let (cells, bits) = pairs?.of_pair(pair, fields.len());
            Some((model.example_of(&scorer, cells, bits, false), alone))
        })
        .collect();
    let mut unbound = if examples.len() >= JUDGED {
        Weights::judge(&levels, prior, calibration, &examples, &believed)
    } else {
        by_model(model)
    };
    model.labelled = Some(Weights::learn(&levels, prior, calibration, &examples, &believed));
    model.calibration = Calibration::default();
    let mut among_rivals = false;
    if let (true, Some(pairs)) = (model.exclusive, pairs)
        && let Some((rivals, of_rivals)) =
            learn_rivals(model, fields, labels, pairs, &unbound, &beliefs)
        && let Some(weights) = &mut model.labelled
    {
        weights.rivals = Some(rivals);
        unbound = of_rivals;
        among_rivals = true;
    }
    if let Some(pairs) = pairs {
        let compared = compared(labels, pairs);
        // If there are too few labels to weigh rivals, candidates compete as they do without
        // labels.
        let competing = model.exclusive && !among_rivals;
        let among = competing.then(|| among(model, fields, pairs, options, many));
        for (&(left, right, _), unbound) in labels.iter().zip(&mut unbound) {
            if !compared.contains(&(left, right)) {
                // A pair that is not compared is never in the result.
                *unbound = 0.0;
            } else if let Some(&most) = among.as_ref().and_then(|all| all.get(&(left, right))) {
                *unbound = f64::min(*unbound, most);
            }
        }
    }
    model.calibration.doubt = doubt(&unbound, among_rivals);
    unbound.into_iter().map(|probability| model.calibration.doubted(probability)).collect()
}

/// A compared pair without a label, and its probability under the model: by itself, and among the
/// other candidates of its rows.
#[derive(Clone, Copy)]
struct Belief {
    pair: usize,
    alone: f64,
    among: f64,
}

/// The labelled pairs that were compared.
fn compared(labels: &[labels::Label], pairs: &Pairs) -> HashSet<(u32, u32)> {
    let known: HashSet<(u32, u32)> = labels.iter().map(|&(left, right, _)| (left, right)).collect();
    let all = pairs.left.iter().zip(&pairs.right).map(|(&left, &right)| (left, right));
    all.filter(|pair| known.contains(pair)).collect()
}

/// The confidence of each compared pair among the other candidates of its rows.
fn among(
    model: &Model,
    fields: &[Field],
    pairs: &Pairs,
    options: &Options,
    many: bool,
) -> HashMap<(u32, u32), f64> {
    let mut selection = Selection::of(fields, model, 0.0);
    selection.many = many;
    selection.one_to_one = options.one_to_one;
    // Labels decide about relatives, so the probabilities beside them are those of the fields
    // alone.
    selection.doubts_relatives = false;
    selection.add(pairs);
    let all = selection.selected().into_iter();
    all.map(|found| ((found.left, found.right), found.confidence)).collect()
}

/// The probabilities under a model without labels, for some of the pairs that it was learned from.
fn beliefs(
    model: &Model,
    fields: &[Field],
    pairs: &Pairs,
    options: &Options,
    many: bool,
) -> Vec<Belief> {
    let known: HashSet<(u32, u32)> =
        options.labels.iter().map(|&(left, right, _)| (left, right)).collect();
    let among = among(model, fields, pairs, options, many);
    let scores = model.scores(pairs);
    let open: Vec<Belief> = (0..pairs.len())
        .filter_map(|pair| {
            let rows = (pairs.left[pair], pairs.right[pair]);
            let among = *among.get(&rows).filter(|_| !known.contains(&rows))?;
            let alone = model.calibration.confidence(f64::from(scores[pair]));
            Some(Belief { pair, alone, among })
        })
        .collect();
    let shares: Vec<f64> = open.iter().map(|belief| belief.among).collect();
    unlabelled::spread(&shares, BELIEVED).into_iter().map(|at| open[at]).collect()
}

/// Learns from labels how much rivals lower a confidence. Returns this and the confidence of each
/// labelled pair among its rivals.
fn learn_rivals(
    model: &Model,
    fields: &[Field],
    labels: &[labels::Label],
    pairs: &Pairs,
    unbound: &[f64],
    beliefs: &[Belief],
) -> Option<(Rivals, Vec<f64>)> {
    let scores = model.scores(pairs);
    let candidate = |at: usize| Candidate {
        left: pairs.left[at],
        right: pairs.right[at],
        odds: odds(f64::from(scores[at])),
    };
    let believed: Vec<(Candidate, f64)> =
        beliefs.iter().map(|of| (candidate(of.pair), of.among)).collect();
    let counted = compared(labels, pairs);
    let scorer = Scorer::of(model);
    let judged: Vec<Judged> = labels
        .iter()
        .zip(unbound)
        .map(|(&(left, right, matches), &unbound)| Judged {
            pair: Candidate {
                left,
                right,
                odds: odds(f64::from(model.score_of(fields, &scorer, left, right))),
            },
            unbound: (unbound.clamp(1e-9, 1.0 - 1e-9) / (1.0 - unbound.clamp(1e-9, 1.0 - 1e-9)))
                .ln(),
            counted: counted.contains(&(left, right)),
            matches,
        })
        .collect();
    Rivals::learn(&rivals::Field::of((0..pairs.len()).map(candidate)), &judged, &believed)
}

/// Bits as natural log-odds.
fn odds(bits: f64) -> f64 {
    bits.clamp(-calibration::BOUND, calibration::BOUND) * std::f64::consts::LN_2
}

/// The model of the options, or else one that is learned, with the pairs that it was learned from.
fn model(
    fields: &[Field],
    index: &Index<'_>,
    left_rows: usize,
    rows: usize,
    exclusive: bool,
    limits: Limits,
    options: &Options,
) -> Result<(Model, Option<Pairs>)> {
    if let Some(model) = &options.model {
        model.check(fields)?;
        return Ok((Model { exclusive, ..model.for_rows(rows) }, None));
    }
    let step = left_rows.div_ceil(LEARNED_FROM).max(1);
    let mut sample: Vec<u32> =
        (0..left_rows).step_by(step).filter_map(|row| u32::try_from(row).ok()).collect();
    let itself = index.deduplicates();
    let labelled: HashMap<(u32, u32), bool> = options
        .labels
        .iter()
        .map(|&(left, right, is)| {
            // In one table, a pair is the later row and the earlier one, in whichever order it was
            // given.
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
    let decoys = Pairs::of_decoys(fields, index, left_rows, ONE);
    let mut scores = model.scores(&pairs);
    let mut of_decoys = model.scores(&decoys);
    if model.exclusive {
        // Other rows contest the claims of decoys as they contest those of rows without a match.
        let copies = claims::copies(fields, sample.iter().copied());
        let of = Candidates { starts: &pairs.starts, rights: &pairs.right, copies: &copies };
        if limits.most > ONE.most {
            model.several = claims::second_of_left(
                fields,
                &pairs.left,
                &pairs.right,
                &scores,
                claims::EXPECTED,
            );
        }
        let taken = claims::contest(&of, &mut scores, model.second, claims::ROUNDS);
        for (score, &right) in of_decoys.iter_mut().zip(&decoys.right) {
            *score += taken.left_over(right);
        }
    }
    let real = select::row_scores(&model, &pairs.starts, &scores);
    let of_decoys = select::row_scores(&model, &decoys.starts, &of_decoys);
    model.calibration = Calibration::fit(&real, &of_decoys);
    Ok((model, Some(pairs)))
}

/// Learns a model without matching.
///
/// # Errors
/// If a column is missing or cannot be read, the tables have no values, or `watch` stops.
pub fn learn(
    left: &Table,
    right: Option<&Table>,
    options: &Options,
    watch: &dyn Watch,
) -> Result<Model> {
    let labels = labels::check(&options.labels, left.rows, right.map(|right| right.rows))?;
    let options = &Options { labels, ..options.clone() };
    let fields = fields::of_tables(left, right, options)?;
    watch.look(0, 1)?;
    let rows = right.unwrap_or(left).rows;
    if fields.is_empty() || left.rows == 0 || rows == 0 {
        return Err(Error::input(
            "a model is learned from tables with values, and these have none; give rows to learn from",
        ));
    }
    let index = Index::of(&fields, rows, right.is_none());
    let exclusive = right.is_some();
    let limits = if options.top == Some(1) || options.one_to_one { ONE } else { MANY };
    let (mut model, pairs) = model(&fields, &index, left.rows, rows, exclusive, limits, options)?;
    let many = limits.most > ONE.most;
    learn_labels(&mut model, &fields, pairs.as_ref(), options, many);
    watch.look(1, 1)?;
    Ok(model)
}
