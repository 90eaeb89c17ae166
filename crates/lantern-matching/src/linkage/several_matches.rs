//! The confidences of the candidates of a row that may have several matches.

/// The candidates of a row that may have several matches.
///
/// Every choice of some of them counts with the product of their odds, and with `several` for each
/// match after the first. For two candidates with odds of 9, no match counts 1, one match 9 + 9,
/// and both 81 · `several`.
pub(super) struct SeveralMatches {
    /// For each candidate the logarithm of 1 + `several` · odds, so that products are sums.
    pub(super) taken: Vec<f64>,
    odds: Vec<f64>,
    /// Corrects for `taken`, in which the first match counts with `several`, too.
    any: f64,
}

impl SeveralMatches {
    pub(super) fn of(odds: impl Iterator<Item = f64>, several: f64) -> Self {
        let odds: Vec<f64> = odds.collect();
        let taken: Vec<f64> = odds.iter().map(|odds| (several * odds).ln_1p()).collect();
        let any = 1.0 - (1.0 - several) * (-taken.iter().sum::<f64>()).exp();
        Self { taken, odds, any: any.max(f64::EPSILON) }
    }

    /// The confidence of a candidate. `group` is the sum of `taken` over the candidates that are
    /// copies of the same record: if one of them matches, all do. The more usual several matches
    /// are, the more each candidate counts by itself.
    pub(super) fn confidence(&self, at: usize, group: f64, several: f64) -> f64 {
        let odds = several * self.odds[at];
        let own = odds / (1.0 + odds) / self.any;
        let one = (1.0 - (-group).exp()) / self.any;
        (several * own + (1.0 - several) * one).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_of_a_row_share_one_match_or_have_one_each() {
        let confidence = |several: f64, odds: &[f64]| {
            let apart = SeveralMatches::of(odds.iter().copied(), several);
            apart.confidence(0, apart.taken[0], several)
        };
        let odds = [9.0, 9.0, 9.0];
        assert!((confidence(1e-6, &odds) - 9.0 / 28.0).abs() < 1e-3);
        assert!((confidence(1.0, &odds) - 0.9).abs() < 1e-9);
        assert!((0.4..0.9).contains(&confidence(0.3, &odds)));
        for several in [1e-4, 0.1, 0.5, 1.0] {
            assert!((confidence(several, &[9.0]) - 0.9).abs() < 1e-9);
        }
        // If one copy matches, all do.
        let copies = SeveralMatches::of([9.0; 3].into_iter(), 1e-6);
        assert!((copies.confidence(1, copies.taken.iter().sum(), 1e-6) - 27.0 / 28.0).abs() < 1e-3);
    }
}
