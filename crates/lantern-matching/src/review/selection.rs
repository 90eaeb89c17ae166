//! Chooses the pairs from whose decisions the model learns most.
//!
//! Pairs are drawn at random: more often the less certain they are, and less often the more pairs
//! agree in the same way, because a hundred pairs of one kind teach little more than one. So the
//! answers also say something about the pairs that were not drawn.

use std::{
    collections::{HashMap, HashSet},
    hash::BuildHasher,
};

use foldhash::fast::FixedState;

use crate::{
    found_pairs::Match,
    results::{Explanation, Matches, Method, pair::Explainer},
};

/// Maximum number of left rows whose pairs are considered.
const LOOKED_AT: usize = 20_000;
/// The weight of pairs that seem certain.
const CERTAIN: f64 = 1e-3;

/// A pair to be decided.
#[derive(Clone, Debug)]
pub struct PairToReview {
    pub left: u32,
    pub right: u32,
    pub confidence: f64,
    pub explanation: Explanation,
}

/// The `count` most useful pairs, the least certain first, without pairs that a label decides
/// already. The same matches give the same pairs.
///
/// With a learned model, they are chosen from all pairs that were compared; with rules, from the
/// matches.
///
/// # Errors
/// If a pair cannot be explained.
pub fn choose(matches: &Matches, count: usize) -> crate::error::Result<Vec<PairToReview>> {
    let known: HashSet<(u32, u32)> =
        matches.selection.labels.iter().map(|&(left, right, _)| (left, right)).collect();
    let explainer = Explainer::of(matches);
    let mut pool: Vec<(Match, u64)> = Vec::new();
    match &matches.method {
        Method::Learned { .. } => {
            let step = matches.left.rows.div_ceil(LOOKED_AT).max(1);
            let lefts: Vec<u32> = (0..matches.left.rows)
                .step_by(step)
                .filter_map(|row| u32::try_from(row).ok())
                .collect();
            pool = explainer.all_candidates(&lefts);
        }
        Method::Rules(_) => pool.extend(matches.all.iter().map(|&found| (found, found.rules))),
    }
    pool.retain(|(found, _)| !known.contains(&(found.left, found.right)));
    let mut kinds: HashMap<u64, f64, FixedState> = HashMap::default();
    pool.iter().for_each(|&(_, kind)| *kinds.entry(kind).or_default() += 1.0);
    let mut drawn: Vec<(f64, Match)> = pool
        .into_iter()
        .map(|(found, kind)| {
            let p = found.confidence;
            let weight = (p * (1.0 - p) + CERTAIN) / kinds[&kind].sqrt();
            // Efraimidis and Spirakis, 2006: the highest u^(1/weight) are a weighted draw without
            // replacement. The rows themselves are the source of randomness.
            let hash = FixedState::default().hash_one((found.left, found.right));
            let u = ((hash >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
            (u.ln() / weight, found)
        })
        .collect();
    drawn.sort_by(|a, b| b.0.total_cmp(&a.0));
    drawn.truncate(count);
    drawn.sort_by(|(_, a), (_, b)| {
        let doubt = |found: &Match| (found.confidence - 0.5).abs();
        doubt(a).total_cmp(&doubt(b)).then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    drawn
        .into_iter()
        .map(|(_, found)| {
            Ok(PairToReview {
                left: found.left,
                right: found.right,
                confidence: found.confidence,
                explanation: explainer.compared(&found)?,
            })
        })
        .collect()
}
