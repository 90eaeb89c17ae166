//! Jaro: the characters that two strings share within half the longer string's length, with a
//! penalty for those in another order.
//!
//! `(c/m + c/n + (c - t)/c) / 3` with `c` common characters and `t` half of those in another order
//! (Jaro 1989). Strings of up to 64 characters are matched by a bit-vector in O(n) steps; longer
//! strings by a list of positions for each character, in O(m + n). Equal to rapidfuzz's
//! `Jaro.normalized_similarity`.

use super::details::{
    kernel,
    lanes::Common,
    measure::{Lengths, Measure},
};

/// The formula.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mean;

impl Measure for Mean {
    type Kernel = kernel::Jaro;

    #[inline(always)]
    fn best(self, of: Lengths) -> f64 {
        let shorter = of.a.min(of.b) as u32;
        self.score(of, Common { characters: shorter, moved: 0 })
    }

    fn limit(self, _: Lengths, _: f64) -> usize {
        0
    }

    #[inline(always)]
    fn score(self, of: Lengths, common: Common) -> f64 {
        let characters = f64::from(common.characters);
        let in_order = f64::from(common.characters - common.moved / 2);
        (characters / of.a as f64 + characters / of.b as f64 + in_order / characters.max(1.0)) / 3.0
    }
}

super::prepared::measure_api! {
    /// The Jaro similarity of one string with many.
    Jaro, Mean, Mean
}
