//! q-grams: how many pieces of three characters two strings share, at any position.
//!
//! A string is extended by two marks at each end, so that its beginning and end weigh as much as
//! its middle. A string of n > 0 characters then has n + 2 q-grams: "ab" has `··a`, `·ab`, `ab·`,
//! `b··`. [`jaccard`] compares the sets of them, |A ∩ B| / |A ∪ B|; [`cosine`] compares the number
//! of times that each occurs, A·B / (|A| |B|). Two empty strings have the similarity 1, an empty
//! and another string 0. Both take O(m + n) time (Ukkonen, "Approximate string-matching with
//! q-grams and maximal matches", 1992).

/// Set similarity of the q-grams.
pub mod jaccard {
    use super::{Grams, Jaccard, Text, pair};

    crate::similarity::prepared::measure_api! {
        /// The q-gram Jaccard similarity of one string with many.
        QgramJaccard: Grams<Jaccard>, Grams::<Jaccard>::new, pair::<Jaccard>
    }

    pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
        super::pairs::<Jaccard>(left, right, cutoff, out);
    }
}

/// Similarity of the q-grams' counts.
pub mod cosine {
    use super::{Cosine, Grams, Text, pair};

    crate::similarity::prepared::measure_api! {
        /// The q-gram cosine similarity of one string with many.
        QgramCosine: Grams<Cosine>, Grams::<Cosine>::new, pair::<Cosine>
    }

    pub(crate) fn pairs(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
        super::pairs::<Cosine>(left, right, cutoff, out);
    }
}

use std::marker::PhantomData;

use super::{
    details::{
        grams::{Table, Tally},
        text::Text,
        workspace::{self, Workspace},
    },
    prepared::Prepared,
};

/// A formula over the two strings' q-grams.
trait Formula: Send + Sync + 'static {
    /// The highest possible score, once the first string's q-grams are counted and the second is
    /// known to have `others`.
    fn best(first: &Tally, others: usize) -> f64;
    fn score(both: &Tally) -> f64;
}

#[derive(Debug)]
struct Jaccard;

impl Formula for Jaccard {
    fn best(first: &Tally, others: usize) -> f64 {
        others as f64 / first.different_a as f64
    }

    fn score(both: &Tally) -> f64 {
        let union = both.different_a + both.different_b - both.shared;
        both.shared as f64 / union as f64
    }
}

#[derive(Debug)]
struct Cosine;

impl Formula for Cosine {
    /// A·B is at most A's highest count times B's size, and |B| is at least the root of its size.
    fn best(first: &Tally, others: usize) -> f64 {
        // Rounding must not make it lower than the true value.
        first.greatest_a as f64 * (others as f64 / first.squares_a as f64).sqrt() * (1.0 + 1e-12)
    }

    fn score(both: &Tally) -> f64 {
        both.products as f64 / (both.squares_a as f64 * both.squares_b as f64).sqrt()
    }
}

/// The string that is compared with many.
#[derive(Debug)]
struct Grams<F> {
    text: String,
    formula: PhantomData<F>,
}

impl<F: Formula> Grams<F> {
    fn new(pattern: &str) -> Self {
        Self { text: pattern.to_owned(), formula: PhantomData }
    }
}

impl<F: Formula> Prepared for Grams<F> {
    fn score(&self, text: &str, cutoff: f64) -> f64 {
        pair::<F>(&self.text, text, cutoff)
    }

    fn scores(&self, texts: &[Text], cutoff: f64, out: &mut [f64]) {
        workspace::with(|Workspace { grams, .. }| {
            grams.read(&self.text);
            for (text, out) in texts.iter().zip(out) {
                *out = with_first::<F>(grams, &self.text, text, cutoff);
            }
        });
    }
}

fn pair<F: Formula>(a: &str, b: &str, cutoff: f64) -> f64 {
    workspace::with(|Workspace { grams, .. }| {
        grams.read(a);
        with_first::<F>(grams, a, b, cutoff)
    })
}

fn pairs<F: Formula>(left: &[Text], right: &[Text], cutoff: f64, out: &mut [f64]) {
    workspace::with(|Workspace { grams, .. }| {
        for ((a, b), out) in left.iter().zip(right).zip(out) {
            grams.read(a);
            *out = with_first::<F>(grams, a, b, cutoff);
        }
    });
}

/// The score of `a`, whose q-grams are in the table, and `b`.
fn with_first<F: Formula>(grams: &mut Table, a: &str, b: &str, cutoff: f64) -> f64 {
    let score = if a == b {
        1.0
    } else if a.is_empty() || b.is_empty() {
        0.0
    } else if F::best(grams.first(), Table::count(b)) < cutoff {
        return 0.0;
    } else {
        F::score(&grams.with(b))
    };
    if score >= cutoff { score } else { 0.0 }
}
