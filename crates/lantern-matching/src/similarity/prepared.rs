//! Comparison of one pattern with many texts: the traits and types that all measures share.

use super::details::{
    codes::Pattern,
    measure::{self, Measure},
    text::Text,
};

/// A pattern that is compared with many texts.
pub(crate) trait Prepared: Send + Sync {
    /// The score of the pattern and `text`.
    fn score(&self, text: &str, cutoff: f64) -> f64;
    /// The scores of the pattern and each of `texts`; `out` has the same length.
    fn scores(&self, texts: &[Text], cutoff: f64, out: &mut [f64]);
}

/// The pattern of a measure that is a formula over one count.
#[derive(Debug)]
pub(crate) struct Counted<M> {
    measure: M,
    pattern: Pattern,
}

impl<M: Measure> Counted<M> {
    pub(crate) fn new(measure: M, pattern: &str) -> Self {
        Self { measure, pattern: Pattern::new(pattern) }
    }
}

impl<M: Measure> Prepared for Counted<M> {
    fn score(&self, text: &str, cutoff: f64) -> f64 {
        let mut out = [0.0];
        self.scores(&[text.into()], cutoff, &mut out);
        out[0]
    }

    fn scores(&self, texts: &[Text], cutoff: f64, out: &mut [f64]) {
        measure::pattern_pairs(self.measure, &self.pattern, texts, cutoff, out);
    }
}

/// How a measure scores pairs, row by row, of slices of equal length.
pub(crate) type Pairs = fn(&[Text], &[Text], f64, &mut [f64]);

/// The score of one pair.
pub(crate) fn one(pairs: Pairs, a: &str, b: &str, cutoff: f64) -> f64 {
    let mut out = [0.0];
    pairs(&[a.into()], &[b.into()], cutoff, &mut out);
    out[0]
}

/// A pattern that needs no preparation, or whose preparation costs little compared with comparing
/// it.
#[derive(Debug)]
pub(crate) struct Whole {
    pattern: String,
    pairs: Pairs,
}

impl Whole {
    pub(crate) fn new(pattern: &str, pairs: Pairs) -> Self {
        Self { pattern: pattern.to_owned(), pairs }
    }
}

impl Prepared for Whole {
    fn score(&self, text: &str, cutoff: f64) -> f64 {
        one(self.pairs, &self.pattern, text, cutoff)
    }

    fn scores(&self, texts: &[Text], cutoff: f64, out: &mut [f64]) {
        let patterns = vec![Text::from(self.pattern.as_str()); texts.len()];
        (self.pairs)(&patterns, texts, cutoff, out);
    }
}

/// The public items of a measure's module: a function for one pair, and a type for one pattern and
/// many texts.
macro_rules! measure_api {
    ($(#[$about:meta])* $name:ident: $inner:ty, $new:expr, $pair:expr) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $name($inner);

        impl $name {
            /// Prepares `pattern`.
            pub fn new(pattern: &str) -> Self {
                Self($new(pattern))
            }

            /// The similarity of the pattern and `text`, 0 to 1; 0 if it is below `score_cutoff`,
            /// which saves work.
            pub fn similarity(&self, text: &str, score_cutoff: Option<f64>) -> f64 {
                $crate::similarity::prepared::Prepared::score(
                    &self.0,
                    text,
                    score_cutoff.unwrap_or(0.0),
                )
            }
        }

        pub(crate) fn prepare(
            pattern: &str,
        ) -> Box<dyn $crate::similarity::prepared::Prepared> {
            Box::new($new(pattern))
        }

        /// The similarity of two strings, 0 to 1; 0 if it is below `score_cutoff`, which saves
        /// work.
        pub fn similarity(a: &str, b: &str, score_cutoff: Option<f64>) -> f64 {
            $pair(a, b, score_cutoff.unwrap_or(0.0))
        }
    };
    ($(#[$about:meta])* $name:ident, $measure:ident, $formula:expr) => {
        /// The formula behind this module's functions.
        pub(crate) const FORMULA: $measure = $formula;

        $crate::similarity::prepared::measure_api! {
            $(#[$about])*
            $name: $crate::similarity::prepared::Counted<$measure>,
            |pattern| $crate::similarity::prepared::Counted::new(FORMULA, pattern),
            |a, b, cutoff| $crate::similarity::details::measure::pair(FORMULA, a, b, cutoff)
        }
    };
    ($(#[$about:meta])* $name:ident, $pairs:path) => {
        $crate::similarity::prepared::measure_api! {
            $(#[$about])*
            $name: $crate::similarity::prepared::Whole,
            |pattern| $crate::similarity::prepared::Whole::new(pattern, $pairs),
            |a, b, cutoff| $crate::similarity::prepared::one($pairs, a, b, cutoff)
        }
    };
}
pub(crate) use measure_api;
