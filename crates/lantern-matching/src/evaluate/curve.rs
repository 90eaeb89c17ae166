//! Precision, recall and F1 by threshold.

use std::collections::HashMap;

use serde::Serialize;

use super::{interval::Interval, truth::Truth};
use crate::results::Matches;

/// What holds from one threshold on. Shares are none where nothing is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    pub threshold: f64,
    /// Matches whose truth is known.
    pub matches: u64,
    pub hits: u64,
    pub precision: Option<Interval>,
    pub recall: Option<Interval>,
    pub f1: Option<Interval>,
}

/// The points of a curve, by rising threshold.
#[derive(Clone, Debug)]
pub struct Curve {
    pub points: Vec<Point>,
    /// At the threshold of the matches.
    pub at: Point,
}

/// The confidence of each known match. A pair that a label binds has the confidence that it would
/// have had without that label, where there is one.
pub fn judged(matches: &Matches, truth: &Truth) -> Vec<(f64, bool)> {
    let bound: HashMap<(u32, u32), Option<f64>> = matches
        .asked
        .labels
        .iter()
        .enumerate()
        .map(|(at, &(left, right, _))| ((left, right), matches.asked.unbound.get(at).copied()))
        .collect();
    let mut judged: Vec<(f64, bool)> = matches
        .all
        .iter()
        .filter(|found| truth.complete || !bound.contains_key(&(found.left, found.right)))
        .filter_map(|found| Some((found.confidence, truth.is(found.left, found.right)?)))
        .collect();
    if !truth.complete {
        // A pair that another of its row would have come before would not have been given.
        let mut best: HashMap<u32, f64> = HashMap::new();
        if matches.asked.top.is_some() || matches.asked.one_to_one {
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

/// Counts from each of the thresholds 0, 0.01 to 1 on that is not below that of the matches. Below it
/// nothing is known of the matches.
pub fn curve(matches: &Matches, truth: &Truth) -> Curve {
    let judged = judged(matches, truth);
    // Of the true pairs among the judged ones, how many have at least this place.
    let mut hits = vec![0_u64; judged.len() + 1];
    for at in (0..judged.len()).rev() {
        hits[at] = hits[at + 1] + u64::from(judged[at].1);
    }
    let at = |threshold: f64| {
        let begin = judged.partition_point(|&(confidence, _)| confidence < threshold);
        point(threshold, (judged.len() - begin) as u64, hits[begin], truth.true_pairs())
    };
    let points = (0..=100)
        .map(|step| f64::from(step) / 100.0)
        .filter(|&threshold| threshold >= matches.threshold)
        .map(&at)
        .collect();
    Curve { points, at: at(matches.threshold) }
}

fn point(threshold: f64, matches: u64, hits: u64, true_pairs: f64) -> Point {
    let (found, of) = (hits as f64, matches as f64);
    Point {
        threshold,
        matches,
        hits,
        precision: Interval::of(found, of),
        recall: Interval::of(found, true_pairs),
        f1: Interval::f1(found, of - found, (true_pairs - found).max(0.0)),
    }
}
