//! Compares confidences with the shares of matches that are true.

use serde::Serialize;

use crate::interval::Interval;

const BINS: usize = 10;

/// Matches with nearly the same confidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bin {
    pub from: f64,
    pub to: f64,
    pub matches: u64,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of these matches that is true.
    pub share: Interval,
}

/// The comparison of confidences with shares.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibrated {
    pub bins: Vec<Bin>,
    /// The mean difference between confidence and share (expected calibration error); `None` if
    /// there are no matches.
    pub error: Option<f64>,
}

/// Compares confidence with truth in ten bins of equal width. Empty bins are omitted.
///
/// `judged` are all known matches, as [`judged`](super::judged) gives them.
pub fn calibration(judged: &[(f64, bool)]) -> Calibrated {
    let mut sums = [(0_u64, 0.0, 0_u64); BINS];
    for &(confidence, is) in judged {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1")]
        let bin = ((confidence * BINS as f64) as usize).min(BINS - 1);
        sums[bin].0 += 1;
        sums[bin].1 += confidence;
        sums[bin].2 += u64::from(is);
    }
    let mut error = 0.0;
    let mut bins = Vec::new();
    for (bin, &(matches, confidence, hits)) in sums.iter().enumerate() {
        let count = matches as f64;
        let Some(share) = Interval::of(hits as f64, count) else { continue };
        error += (confidence - hits as f64).abs();
        bins.push(Bin {
            from: bin as f64 / BINS as f64,
            to: (bin + 1) as f64 / BINS as f64,
            matches,
            confidence: confidence / count,
            share,
        });
    }
    let error = (!judged.is_empty()).then(|| error / judged.len() as f64);
    Calibrated { bins, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidences_that_are_shares_have_no_error() {
        let judged: Vec<(f64, bool)> = (0..100).map(|at| (0.85, at < 85)).collect();
        let found = calibration(&judged);
        assert!(found.error.unwrap() < 1e-9);
        assert_eq!((found.bins.len(), found.bins[0].from, found.bins[0].matches), (1, 0.8, 100));
        let judged: Vec<(f64, bool)> = (0..100).map(|at| (1.0, at < 60)).collect();
        assert!((calibration(&judged).error.unwrap() - 0.4).abs() < 1e-9);
        assert_eq!(calibration(&[]).error, None);
    }
}
