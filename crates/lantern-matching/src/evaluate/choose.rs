//! A threshold that reaches a precision, chosen by labels and by calibrated confidences.

use serde::Serialize;

use super::{curve::judged, interval::Interval, truth::Truth};
use crate::{
    error::{Error, Result},
    results::{Matches, Method},
};

/// How many labels calibrated confidences are worth.
pub const WORTH: f64 = 100.0;

/// A threshold, and the precision that is expected from it on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Chosen {
    pub threshold: f64,
    pub precision: Interval,
    /// How many labels are at or above it.
    pub labels: u64,
}

/// The lowest threshold from which on the precision is at least `target`.
///
/// `confidences` are those of all matches; `judged` those of labelled pairs, each without the help of
/// its own label, and whether they match. The precision above a threshold is the mean of both, in
/// which the confidences count as much as `worth` labels.
///
/// # Errors
/// If the target is not within 0 to 1, or no threshold reaches it.
pub fn at_precision(
    target: f64,
    confidences: &[f64],
    judged: &[(f64, bool)],
    worth: f64,
) -> Result<Chosen> {
    if !(target > 0.0 && target < 1.0) {
        return Err(Error::input(format!("the precision {target} is not between 0 and 1")));
    }
    let mut sorted: Vec<f64> = confidences.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut known: Vec<(f64, bool)> = judged.to_vec();
    known.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut sum, mut labels, mut hits, mut next) = (0.0, 0.0, 0.0, 0);
    let mut best = None;
    let mut most: f64 = 0.0;
    let mut at = 0;
    while at < sorted.len() {
        let threshold = sorted[at];
        while at < sorted.len() && sorted[at] >= threshold {
            sum += sorted[at];
            at += 1;
        }
        while next < known.len() && known[next].0 >= threshold {
            labels += 1.0;
            hits += f64::from(u8::from(known[next].1));
            next += 1;
        }
        let worth = worth.min(at as f64);
        let mean = sum / at as f64;
        let Some(precision) = Interval::of(hits + worth * mean, labels + worth) else { continue };
        most = most.max(precision.value);
        if precision.value >= target {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let labels = labels as u64;
            best = Some(Chosen { threshold, precision, labels });
        }
    }
    best.ok_or_else(|| {
        Error::input(format!(
            "no threshold reaches a precision of {target}; the most that is expected is {most:.3}"
        ))
    })
}

/// Keeps the matches from the lowest threshold on that reaches a precision. The confidences of rules
/// are no probabilities, so that labels alone choose theirs.
///
/// # Errors
/// If nothing reaches it, or there are rules and no labels.
pub fn choose(matches: &mut Matches, target: f64) -> Result<()> {
    let labels = &matches.asked.labels;
    let worth = match &matches.method {
        Method::Learned { .. } => WORTH,
        Method::Rules(_) if labels.is_empty() => {
            return Err(Error::input(
                "the confidences of rules are not probabilities, so that labels are needed to reach a \
                 precision; give labels, or leave the rules out",
            ));
        }
        Method::Rules(_) => 0.0,
    };
    let bound: std::collections::HashSet<(u32, u32)> =
        labels.iter().map(|&(left, right, _)| (left, right)).collect();
    let is_bound = |left, right| bound.contains(&(left, right));
    let confidences: Vec<f64> = matches
        .all
        .iter()
        .filter(|found| !is_bound(found.left, found.right))
        .map(|found| found.confidence)
        .collect();
    let judged = if labels.is_empty() {
        Vec::new()
    } else {
        judged(matches, &Truth::of(matches, labels, false)?)
    };
    let chosen = at_precision(target, &confidences, &judged, worth)?;
    matches
        .all
        .retain(|found| found.confidence >= chosen.threshold || is_bound(found.left, found.right));
    matches.threshold = chosen.threshold;
    matches.chosen = Some(chosen);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread() -> Vec<f64> {
        (0..1_000).map(|at| f64::from(at) / 1_000.0).collect()
    }

    #[test]
    fn without_labels_the_confidences_choose() {
        let chosen = at_precision(0.9, &spread(), &[], WORTH).unwrap();
        // The mean of the confidences from 0.8 on is 0.9.
        assert!((chosen.threshold - 0.8).abs() < 0.01, "{chosen:?}");
        assert!(chosen.precision.low < 0.9 && chosen.precision.high > 0.9);
    }

    #[test]
    fn labels_that_say_otherwise_raise_the_threshold() {
        let plain = at_precision(0.9, &spread(), &[], WORTH).unwrap();
        let wrong: Vec<(f64, bool)> =
            (0..200).map(|at| (0.8 + f64::from(at) / 1_000.0, at > 80)).collect();
        let chosen = at_precision(0.9, &spread(), &wrong, WORTH).unwrap();
        assert!(chosen.threshold > plain.threshold + 0.03, "{chosen:?}");
    }

    #[test]
    fn a_precision_that_nothing_reaches_is_said() {
        let error = at_precision(0.99, &[0.6, 0.5], &[], WORTH).unwrap_err().to_string();
        assert!(error.contains("0.600"), "{error}");
        assert!(at_precision(1.5, &[0.6], &[], WORTH).is_err());
    }
}
