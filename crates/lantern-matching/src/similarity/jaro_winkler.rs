//! Jaro-Winkler: Jaro, raised for strings that begin alike. The measure of names.
//!
//! From a Jaro similarity `s` of more than 0.7 on, `s + 0.1 p (1 - s)` with `p` common characters
//! at the beginning, at most four (Winkler 1990). As fast as [`super::jaro`]. Equal to rapidfuzz's
//! `JaroWinkler.normalized_similarity`; some libraries give the bonus below 0.7 as well.

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
        // A factor and not a branch: among names it would go either way.
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
