//! Jaro-Winkler: Jaro, increased for strings with the same beginning. The usual measure for names.
//!
//! If the Jaro similarity `s` is above 0.7: `s + 0.1 p (1 - s)` with `p` common characters at the
//! beginning, at most four (Winkler 1990). As fast as [`super::jaro`]. Equal to rapidfuzz's
//! `JaroWinkler.normalized_similarity`; some libraries also give the bonus below 0.7.

use super::{
    details::{
        kernel,
        lanes::Common,
        measure::{Lengths, Measure},
    },
    jaro::Mean,
};

/// The formula.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raised;

impl Raised {
    #[inline(always)]
    fn raise(self, of: Lengths, jaro: f64) -> f64 {
        // A factor instead of a branch, because among names the branch could not be predicted.
        let raised = f64::from(u8::from(jaro > 0.7));
        jaro + raised * of.prefix as f64 * 0.1 * (1.0 - jaro)
    }
}

impl Measure for Raised {
    type Kernel = kernel::Jaro;
    const PREFIX: bool = true;

    #[inline(always)]
    fn best(self, of: Lengths) -> f64 {
        self.raise(of, Mean.best(of))
    }

    fn limit(self, _: Lengths, _: f64) -> usize {
        0
    }

    #[inline(always)]
    fn score(self, of: Lengths, common: Common) -> f64 {
        self.raise(of, Mean.score(of, common))
    }
}

super::prepared::measure_api! {
    /// The Jaro-Winkler similarity of one string with many.
    JaroWinkler, Raised, Raised
}
