//! Chooses a threshold that reaches a precision, by labels and by calibrated confidences.

use super::{labelled_matches::judged, truth::Truth};
use crate::{
    calibration::Calibration,
    error::{Error, Result},
    interval::Interval,
    results::{Matches, Method, chosen_threshold::Chosen},
};

/// Weight of calibrated confidences, in labels.
pub const WORTH: f64 = 150.0;
/// Minimum probability that no match is wrong for the interval to end at 1.
const POSSIBLE: f64 = 0.025;
/// The share of the uncertainty of single pairs that applies to the mean of many: at first all of
/// it, and less if that leaves no threshold.
const PARTS_OF_DOUBT: [f64; 3] = [1.0, 0.6, 0.0];
/// Maximum width of an interval, if the confidences alone do not make it wider.
const WIDEST: f64 = 0.06;

/// What is known about the confidences of matches.
#[derive(Clone, Copy, Debug)]
pub struct KnownConfidences {
    /// Their weight, in labels.
    pub worth: f64,
    pub calibration: Calibration,
}

/// The lowest threshold at which the precision is at least `target`.
///
/// `confidences` are those of all matches; `judged` those of labelled pairs, each without the help
/// of its own label, and whether they match. The precision above a threshold is the mean of both,
/// in which the confidences have the weight of some labels. They are assumed to reach the target
/// and not to exceed it, so the interval is around the target if there are few labels. It ends at 1
/// if no label shows a wrong match and it is possible that there is none. If wrong labels make the
/// interval wide, a higher threshold is chosen.
///
/// # Errors
/// If the target is outside 0 to 1, or no threshold reaches it.
pub fn at_precision(
    target: f64,
    confidences: &[f64],
    judged: &[(f64, bool)],
    trust: KnownConfidences,
) -> Result<Chosen> {
    if !(target > 0.0 && target < 1.0) {
        return Err(Error::input(format!("the precision {target} is not between 0 and 1")));
    }
    let KnownConfidences { calibration, .. } = trust;
    let mut missed = Missed::default();
    for part in PARTS_OF_DOUBT {
        let doubt = Calibration { doubt: part * calibration.doubt, ..calibration };
        let believed = |confidence: f64| doubt.doubted(calibration.undoubted(confidence));
        match lowest(target, confidences, judged, trust.worth, &believed) {
            Ok(chosen) => return Ok(chosen),
            Err(other) => missed = missed.least(other),
        }
    }
    Err(missed.error(target))
}

/// How far a precision is missed at every threshold.
#[derive(Clone, Copy, Debug, Default)]
struct Missed {
    /// The highest precision that any threshold has.
    most: f64,
    /// The number of further labels of the surest matches that would reach the precision, if all of
    /// them match; `None` if there are not that many matches.
    labels: Option<u64>,
}

impl Missed {
    /// The lesser miss of both.
    fn least(self, other: Self) -> Self {
        let labels = match (self.labels, other.labels) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { most: self.most.max(other.most), labels }
    }

    fn error(self, target: f64) -> Error {
        let Self { most, labels } = self;
        let error = Error::input(format!(
            "no threshold reaches a precision of {target}; the most that is expected is {most:.3}"
        ));
        match labels {
            Some(labels) => error.hint(format!(
                "decide about {labels} more of the surest matches (the precision is reached if all of them \
                 are true), or lower the precision"
            )),
            None => error.hint("lower the precision"),
        }
    }
}

/// The lowest threshold that reaches the target, or by how much all thresholds miss it. `believed` is
/// the probability that a confidence is taken for.
fn lowest(
    target: f64,
    confidences: &[f64],
    judged: &[(f64, bool)],
    worth: f64,
    believed: &dyn Fn(f64) -> f64,
) -> std::result::Result<Chosen, Missed> {
    let mut sorted: Vec<f64> = confidences.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut known: Vec<(f64, bool)> = judged.to_vec();
    known.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut sum, mut labels, mut hits, mut next) = (0.0, 0_u64, 0_u64, 0);
    let alone = Interval::of(worth * target, worth);
    let widest = alone.map(|of| 1.0 - of.low).filter(|&width| width <= WIDEST).map(|_| WIDEST);
    let (mut best, mut wide) = (None, None);
    let mut missed = Missed::default();
    let mut at = 0;
    while at < sorted.len() {
        let threshold = sorted[at];
        while at < sorted.len() && sorted[at] >= threshold {
            sum += believed(sorted[at]);
            at += 1;
        }
        while next < known.len() && known[next].0 >= threshold {
            labels += 1;
            hits += u64::from(known[next].1);
            next += 1;
        }
        let mean = sum / at as f64;
        let of = |mean: f64| Interval::of(hits as f64 + worth * mean, labels as f64 + worth);
        let (Some(precision), Some(least), Some(best_case)) =
            (of(mean), of(mean.min(target)), of(1.0))
        else {
            continue;
        };
        let lacking = target * (labels as f64 + worth) - (hits as f64 + worth * mean);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded up")]
        let more = (lacking.max(0.0) / (1.0 - target)).ceil() as u64;
        let enough = (more <= at as u64).then_some(more);
        missed = missed.least(Missed { most: precision.value, labels: enough });
        if precision.value >= target {
            let none_wrong = hits == labels && worth > 0.0 && mean.powf(worth) >= POSSIBLE;
            let high = if none_wrong { 1.0 } else { best_case.high };
            let chosen = |low, high| {
                let precision = Interval { low, high, ..precision };
                Some(Chosen { threshold, precision, labels })
            };
            let beyond = widest.map_or(0.0, |widest| high - least.low - widest);
            if beyond <= 0.0 {
                best = chosen(least.low, high);
            } else {
                // At higher thresholds fewer labels are wrong, and the precision is known better. If
                // none is, both ends come closer, but not into the interval of what is believed.
                let (low, high) = (least.low + beyond / 2.0, high - beyond / 2.0);
                wide = chosen(low.min(precision.low), high.max(precision.high));
            }
        }
    }
    best.or(wide).ok_or(missed)
}

/// Keeps the matches from the lowest threshold that reaches a precision. The confidences of rules
/// are not probabilities, so their threshold is chosen by labels only.
///
/// # Errors
/// If no threshold reaches it, or there are rules and no labels.
pub fn choose(matches: &mut Matches, target: f64) -> Result<()> {
    let labels = &matches.selection.labels;
    let trust = match &matches.method {
        Method::Learned { model, .. } => {
            KnownConfidences { worth: WORTH, calibration: model.calibration }
        }
        Method::Rules(_) if labels.is_empty() => {
            return Err(Error::input(
                "the confidences of rules are not probabilities, so that labels are needed to reach a \
                 precision; give labels, or leave the rules out",
            ));
        }
        Method::Rules(_) => KnownConfidences { worth: 0.0, calibration: Calibration::default() },
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
    let chosen = at_precision(target, &confidences, &judged, trust)?;
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

    const TRUST: KnownConfidences = KnownConfidences {
        worth: WORTH,
        calibration: Calibration { shift: 0.0, scale: 1.0, doubt: 0.0 },
    };

    fn spread() -> Vec<f64> {
        (0..1_000).map(|at| f64::from(at) / 1_000.0).collect()
    }

    #[test]
    fn without_labels_the_confidences_choose() {
        let chosen = at_precision(0.9, &spread(), &[], TRUST).unwrap();
        // The mean of the confidences from 0.8 is 0.9.
        assert!((chosen.threshold - 0.8).abs() < 0.01, "{chosen:?}");
        assert!(chosen.precision.low < 0.9 && chosen.precision.high > 0.9);
    }

    #[test]
    fn labels_that_say_otherwise_raise_the_threshold() {
        let plain = at_precision(0.9, &spread(), &[], TRUST).unwrap();
        let wrong: Vec<(f64, bool)> =
            (0..200).map(|at| (0.8 + f64::from(at) / 1_000.0, at > 80)).collect();
        let chosen = at_precision(0.9, &spread(), &wrong, TRUST).unwrap();
        assert!(chosen.threshold > plain.threshold + 0.03, "{chosen:?}");
    }

    #[test]
    fn wrong_labels_do_not_make_the_interval_wide_where_a_higher_threshold_helps() {
        // Labels show that some of the least certain pairs are wrong.
        let confidences: Vec<f64> =
            (0..1_000).map(|at| if at < 500 { 0.985 } else { 0.999 }).collect();
        let labels: Vec<(f64, bool)> =
            (0..20).map(|at| (if at < 10 { 0.985 } else { 0.999 }, at > 1)).collect();
        let chosen = at_precision(0.98, &confidences, &labels, TRUST).unwrap();
        assert_eq!((chosen.threshold, chosen.labels), (0.999, 10), "{chosen:?}");
        assert!(chosen.precision.high - chosen.precision.low <= WIDEST);
        // If there is little other than labels, the interval keeps its width.
        let chosen = at_precision(0.7, &confidences, &labels, TRUST).unwrap();
        assert_eq!(chosen.threshold, 0.985);
    }

    #[test]
    fn a_precision_that_nothing_reaches_is_said() {
        let error = at_precision(0.99, &[0.6, 0.5], &[], TRUST).unwrap_err().to_string();
        assert!(error.contains("0.600"), "{error}");
        assert!(error.contains("lower the precision"), "{error}");
        // Of many matches that are nearly as good, some more labels show it.
        let nearly = [0.975; 500];
        let error = at_precision(0.98, &nearly, &[], TRUST).unwrap_err().to_string();
        assert!(error.contains("decide about 38 more"), "{error}");
        let shown = at_precision(0.98, &nearly, &[(0.99, true); 38], TRUST).unwrap();
        assert_eq!(shown.labels, 38);
        assert!(at_precision(1.5, &[0.6], &[], TRUST).is_err());
    }

    #[test]
    fn the_interval_ends_at_1_until_a_label_shows_a_wrong_match() {
        let sure = [0.995; 500];
        let chosen = at_precision(0.98, &sure, &[(0.995, true); 20], TRUST).unwrap();
        assert_eq!(chosen.precision.high, 1.0);
        assert!(chosen.precision.high - chosen.precision.low <= 0.06, "{chosen:?}");
        let mut labels = [(0.995, true); 200];
        labels[0].1 = false;
        let chosen = at_precision(0.98, &sure, &labels, TRUST).unwrap();
        assert!(chosen.precision.high < 1.0 && chosen.precision.low > 0.95, "{chosen:?}");
        // Few labels of which one is wrong leave an interval that is useful.
        let chosen = at_precision(0.98, &sure, &labels[..12], TRUST).unwrap();
        let Interval { low, value, high } = chosen.precision;
        assert!(high < 1.0 && high - low <= WIDEST + 1e-12, "{chosen:?}");
        assert!(low < 0.98 && value > 0.98 && high > value, "{chosen:?}");
    }
}
