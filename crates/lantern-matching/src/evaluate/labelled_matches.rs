//! Matches that are known to be true or false, with the confidence that they would have without
//! that knowledge.

use std::collections::HashMap;

use super::truth::Truth;
use crate::results::Matches;

/// The confidence of each known match. A pair with a label has the confidence that it would have
/// without that label, if it would have one.
pub fn judged(matches: &Matches, truth: &Truth) -> Vec<(f64, bool)> {
    let bound: HashMap<(u32, u32), Option<f64>> = matches
        .selection
        .labels
        .iter()
        .enumerate()
        .map(|(at, &(left, right, _))| ((left, right), matches.selection.unbound.get(at).copied()))
        .collect();
    let mut judged: Vec<(f64, bool)> = matches
        .all
        .iter()
        .filter(|found| truth.complete || !bound.contains_key(&(found.left, found.right)))
        .filter_map(|found| Some((found.confidence, truth.is(found.left, found.right)?)))
        .collect();
    if !truth.complete {
        // Without its label, another pair of the row would have been matched instead.
        let mut best: HashMap<u32, f64> = HashMap::new();
        if matches.selection.top.is_some() || matches.selection.one_to_one {
            for found in &matches.all {
                if !bound.contains_key(&(found.left, found.right)) {
                    let best = best.entry(found.left).or_default();
                    *best = best.max(found.confidence);
                }
            }
        }
        for (&(left, right), confidence) in &bound {
            if let (Some(confidence), Some(is)) = (*confidence, truth.is(left, right))
                && confidence >= matches.threshold
                && best.get(&left).is_none_or(|&best| confidence > best)
            {
                judged.push((confidence, is));
            }
        }
    }
    judged.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    judged
}
