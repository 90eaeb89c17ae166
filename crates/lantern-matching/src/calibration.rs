//! Converts scores to confidences: the share of the rows with such a score that are real matches.

use serde::{Deserialize, Serialize};

/// Scores beyond this are not distinguished, in bits.
pub const BOUND: f64 = 60.0;
/// Prior standard deviations of the shift of scores, in bits, and of their scale.
const SHIFT: f64 = 8.0;
const SCALE: f64 = 0.25;

/// Maximum confidence of a pair that may be two relatives, lower than that of a sure match.
pub const RELATED: f64 = 8.0 / 9.0;

/// Lowers the confidence of a pair that may be two relatives. The order of pairs is kept, and what
/// was above 0.5 stays above it.
pub fn of_relatives(confidence: f64) -> f64 {
    if confidence > 0.5 { 0.5 + (confidence - 0.5) * (2.0 * RELATED - 1.0) } else { confidence }
}

/// The inverse of [`of_relatives`].
pub fn without_relatives(confidence: f64) -> f64 {
    if confidence > 0.5 {
        (0.5 + (confidence - 0.5) / (2.0 * RELATED - 1.0)).min(1.0)
    } else {
        confidence
    }
}

/// The conversion of the bits of a score to the log-odds of a match.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub shift: f64,
    pub scale: f64,
    /// Probability that a pair with a certain score is wrong; 0 before labels show it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub doubt: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(doubt: &f64) -> bool {
    *doubt == 0.0
}

impl Default for Calibration {
    fn default() -> Self {
        Self { shift: 0.0, scale: 1.0, doubt: 0.0 }
    }
}

impl Calibration {
    /// The probability of a match whose score is `bits`.
    pub fn confidence(self, bits: f64) -> f64 {
        self.doubted(self.plain(bits))
    }

    /// The probability, without the doubt that labels add.
    pub fn plain(self, bits: f64) -> f64 {
        if bits <= -BOUND {
            return 0.0;
        }
        let odds = self.shift + self.scale * bits.clamp(-BOUND, BOUND);
        1.0 / (1.0 + (-odds).exp2())
    }

    /// Lowers a probability by the doubt: by all of it for certain pairs, and by little for others.
    pub fn doubted(self, probability: f64) -> f64 {
        probability * (1.0 - self.doubt * probability)
    }

    /// The inverse of [`Self::doubted`].
    pub fn undoubted(self, doubted: f64) -> f64 {
        if self.doubt == 0.0 {
            return doubted;
        }
        let root = (1.0 - 4.0 * self.doubt * doubted).max(0.0).sqrt();
        ((1.0 - root) / (2.0 * self.doubt)).clamp(0.0, 1.0)
    }

    /// Fits the scores of rows, a share of which matches, against those of decoys, none of which
    /// match. A score is the log-odds, in bits, that learning gives the row.
    ///
    /// The density of real scores at `s` is `p f0 (1 + 2^(shift + scale s))`, where `f0` is the
    /// density of decoys and `p` the share of rows without a match (local false discovery rate,
    /// Efron 2004). If a score is three times as frequent among real rows as `p f0`, two of three
    /// such rows match. With few rows, the fit stays near the scores.
    pub fn fit(real: &[f64], decoys: &[f64]) -> Self {
        if real.is_empty() || decoys.is_empty() {
            return Self::default();
        }
        let bins = histogram(real, decoys);
        let ratio = real.len() as f64 / decoys.len() as f64;
        let unmatched: Vec<f64> =
            (0..=12).map(|step| 0.02_f64.powf(f64::from(step) / 12.0)).collect();
        // Decoys can show that scores are too high, but not that they are too low.
        let scales = [0.4, 0.6, 0.8, 1.0];
        let mut best = (f64::NEG_INFINITY, Self::default());
        let mut consider = |shift: f64, scale: f64| {
            let held = -(shift / SHIFT).powi(2) / 2.0 - ((scale - 1.0) / SCALE).powi(2) / 2.0;
            for share in &unmatched {
                let mut likelihood = held;
                for &(score, real, decoys) in &bins {
                    let odds = ratio * share * (1.0 + (shift + scale * score).exp2());
                    likelihood += real * (odds / (1.0 + odds)).ln() - decoys * odds.ln_1p();
                }
                if likelihood > best.0 {
                    best = (likelihood, Self { shift, scale, doubt: 0.0 });
                }
            }
        };
        for shift in -24..=0 {
            for scale in scales {
                consider(f64::from(shift), scale);
            }
        }
        best.1
    }
}

/// Scores in bins of half a bit: the score, the number of rows and the number of decoys.
fn histogram(real: &[f64], decoys: &[f64]) -> Vec<(f64, f64, f64)> {
    let count = (4.0 * BOUND) as usize + 1;
    let mut bins: Vec<(f64, f64, f64)> =
        (0..count).map(|bin| (bin as f64 / 2.0 - BOUND, 0.0, 0.0)).collect();
    let at = |score: f64| ((score.clamp(-BOUND, BOUND) + BOUND) * 2.0).round() as usize;
    real.iter().for_each(|&score| bins[at(score)].1 += 1.0);
    decoys.iter().for_each(|&score| bins[at(score)].2 += 1.0);
    bins.retain(|bin| bin.1 + bin.2 > 0.0);
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(middle: f64, count: usize) -> Vec<f64> {
        (0..count).map(|at| middle + 8.0 * (at as f64 / count as f64 - 0.5)).collect()
    }

    #[test]
    fn rows_that_score_as_decoys_do_are_no_matches() {
        let fitted = Calibration::fit(&spread(6.0, 1_000), &spread(6.0, 1_000));
        assert!(fitted.confidence(8.0) < 0.1, "{fitted:?}");
    }

    #[test]
    fn what_decoys_never_reach_is_sure() {
        let real = [spread(-10.0, 500), spread(12.0, 500)].concat();
        let fitted = Calibration::fit(&real, &spread(-10.0, 1_000));
        assert!(fitted.confidence(9.0) > 0.95, "{fitted:?}");
        assert!(fitted.confidence(-8.0) < 0.05, "{fitted:?}");
    }

    #[test]
    fn decoys_never_make_a_score_surer() {
        for (low, high) in [(-40.0, 2.0), (-20.0, 5.0), (-5.0, 8.0)] {
            let real = [spread(low, 500), spread(high, 500)].concat();
            let fitted = Calibration::fit(&real, &spread(low, 1_000));
            for score in [3.0, 10.0, 20.0] {
                let plain = Calibration::default().confidence(score);
                assert!(fitted.confidence(score) <= plain, "{fitted:?} {score}");
            }
        }
    }

    #[test]
    fn doubt_takes_most_from_what_is_sure_and_can_be_taken_back() {
        let calibration = Calibration { doubt: 0.03, ..Calibration::default() };
        assert!((calibration.confidence(60.0) - 0.97).abs() < 1e-9);
        assert!(calibration.confidence(0.0) > 0.49);
        for probability in [0.0, 0.2, 0.5, 0.9, 1.0] {
            let back = calibration.undoubted(calibration.doubted(probability));
            assert!((back - probability).abs() < 1e-9, "{probability} {back}");
        }
    }

    #[test]
    fn what_may_be_a_relative_is_never_sure_and_keeps_its_order() {
        for confidence in [0.0, 0.3, 0.5, 0.6, 0.9, 0.99, 1.0] {
            let related = of_relatives(confidence);
            assert!(related <= RELATED && related <= confidence);
            assert_eq!(related >= 0.5, confidence >= 0.5);
            assert!((without_relatives(related) - confidence).abs() < 1e-9);
        }
        assert!(of_relatives(0.9) < of_relatives(0.99));
    }

    #[test]
    fn confidence_rises_with_the_score() {
        let fitted = Calibration::fit(&spread(3.0, 100), &spread(0.0, 100));
        assert!(
            (-30..30).all(|score| fitted.confidence(f64::from(score))
                <= fitted.confidence(f64::from(score + 1)))
        );
    }
}
