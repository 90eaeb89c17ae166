//! Intervals of shares (E. B. Wilson, "Probable inference, the law of succession, and statistical
//! inference", 1927), which are also right for few cases and for shares near 0 and 1.

use serde::Serialize;

/// The quantile of the normal distribution of a 95 % interval.
const Z: f64 = 1.959_963_985;

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Interval {
    /// The share `part` of `all`, which need not be whole numbers; `None` if `all` is 0.
    pub fn of(part: f64, all: f64) -> Option<Self> {
        if all <= 0.0 {
            return None;
        }
        let share = (part / all).clamp(0.0, 1.0);
        let z2 = Z * Z;
        let middle = (share + z2 / (2.0 * all)) / (1.0 + z2 / all);
        let half =
            Z / (1.0 + z2 / all) * (share * (1.0 - share) / all + z2 / (4.0 * all * all)).sqrt();
        Some(Self {
            value: share,
            low: (middle - half).clamp(0.0, share),
            high: (middle + half).clamp(share, 1.0),
        })
    }

    /// F1 from the share `j` of hits among hits, false matches and misses: `2 j / (1 + j)`.
    pub fn f1(hits: f64, wrong: f64, missed: f64) -> Option<Self> {
        let Self { value, low, high } = Self::of(hits, hits + wrong + missed)?;
        let f1 = |share: f64| 2.0 * share / (1.0 + share);
        Some(Self { value: f1(value), low: f1(low), high: f1(high) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_literature() {
        // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20.
        for (part, all, low, high) in
            [(81.0, 263.0, 0.2553, 0.3662), (15.0, 148.0, 0.0624, 0.1605), (0.0, 20.0, 0.0, 0.1611)]
        {
            let of = Interval::of(part, all).unwrap();
            assert!((of.low - low).abs() < 1e-4 && (of.high - high).abs() < 1e-4, "{of:?}");
        }
        assert_eq!(Interval::of(0.0, 0.0), None);
        assert_eq!(Interval::of(5.0, 5.0).unwrap().high, 1.0);
    }

    #[test]
    fn f1_is_the_harmonic_mean_of_precision_and_recall() {
        let f1 = Interval::f1(8.0, 2.0, 4.0).unwrap();
        let (precision, recall) = (8.0 / 10.0, 8.0 / 12.0);
        assert!((f1.value - 2.0 * precision * recall / (precision + recall)).abs() < 1e-12);
        assert!(f1.low < f1.value && f1.value < f1.high);
    }
}
