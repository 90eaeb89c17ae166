//! Bit-vector kernels over one word, for `L` pairs side by side.
//!
//! `rows[j]` has, for character `j` of each text, the positions of the pattern with the same
//! character. Rows past the end of a text, and bits at and above the length of a pattern, may hold
//! anything.

use super::{vector::Vector, word::Word};

/// Length of the longest common subsequence (Hyyrö 2004): a zero bit in `s` is a position of the
/// pattern at which the subsequence grows. O(n) steps.
#[inline(always)]
pub(crate) fn lcs<V: Vector<L>, const L: usize>(
    rows: &[[V::Word; L]],
    m: &[u32; L],
    n: &[u32; L],
) -> [u32; L] {
    let ends = V::numbers(n);
    let (mut s, mut j) = (V::ones(), V::zero());
    for row in rows {
        let u = s.and(V::load(row)).and(j.below(ends));
        s = s.plus(u).or(s.minus(u));
        j = j.plus(V::all(V::Word::ONE));
    }
    V::lowest(m).without(s).words().map(V::Word::ones)
}

/// Edit distance: Levenshtein (Myers 1999 in the form of Hyyrö 2003), or with `SWAPS` of
/// neighbours optimal string alignment (Hyyrö 2003, section 5). `vp` and `vn` are the positions at
/// which the distance grows and falls along the pattern, so the last column gives the distance.
#[inline(always)]
pub(crate) fn distance<V: Vector<L>, const L: usize, const SWAPS: bool>(
    rows: &[[V::Word; L]],
    m: &[u32; L],
    n: &[u32; L],
) -> [u32; L] {
    let (ends, one) = (V::numbers(n), V::all(V::Word::ONE));
    let (mut vp, mut vn, mut j) = (V::ones(), V::zero(), V::zero());
    let (mut d0_before, mut row_before) = (V::zero(), V::zero());
    for row in rows {
        let row = V::load(row);
        let mut x = row.or(vn);
        if SWAPS {
            x = x.or(row.without(d0_before).shifted().and(row_before));
        }
        let d0 = row.and(vp).plus(vp).xor(vp).or(x);
        let hp = vn.or(d0.or(vp).not()).shifted().or(one);
        let hn = d0.and(vp).shifted();
        // A text that has ended stays where it is.
        let on = j.below(ends);
        vp = hn.or(d0.or(hp).not()).or_where_not(on, vp);
        vn = hp.and(d0).or_where_not(on, vn);
        j = j.plus(one);
        if SWAPS {
            (d0_before, row_before) = (d0, row);
        }
    }
    let pattern = V::lowest(m);
    let grows = vp.and(pattern).words();
    let falls = vn.and(pattern).words();
    std::array::from_fn(|l| n[l] + grows[l].ones() - falls[l].ones())
}

/// What Jaro counts: characters in common, and those of them that stand in another order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Common {
    pub(crate) characters: u32,
    /// Out of order; two of them are one transposition.
    pub(crate) moved: u32,
}

/// Jaro's matching: each character of the text takes the first free equal one of the pattern
/// within reach. O(n) steps, twice.
#[inline(always)]
pub(crate) fn jaro<V: Vector<L>, const L: usize>(
    rows: &[[V::Word; L]],
    m: &[u32; L],
    n: &[u32; L],
) -> [Common; L] {
    let reach: [u32; L] = std::array::from_fn(|l| reach(m[l], n[l]));
    let mut window = V::lowest(&reach.map(|reach| reach + 1));
    let (reach, ends) = (V::numbers(&reach), V::numbers(n));
    let (zero, one) = (V::zero(), V::all(V::Word::ONE));
    // Positions of the pattern that are not taken; positions of the text that took none, as a bit
    // a row.
    let (mut free, mut alone) = (V::lowest(m), V::ones());
    let (mut here, mut j) = (one, zero);
    for row in rows {
        let equal = V::load(row).and(window).and(free).and(j.below(ends));
        free = free.xor(equal.lowest_set());
        alone = alone.without(here.without(equal.equals(zero)));
        // As long as it begins before the pattern, the window grows.
        window = window.shifted().minus(j.below(reach));
        (here, j) = (here.shifted(), j.plus(one));
    }

    let mut taken = V::lowest(m).without(free);
    let characters = taken.words().map(V::Word::ones);
    let (mut moved, mut here) = (zero, one);
    for row in rows {
        let first = taken.lowest_set();
        let on = alone.and(here).equals(zero);
        // All ones is minus one.
        moved = moved.minus(V::load(row).and(first).equals(zero).and(on));
        taken = taken.xor(first.and(on));
        here = here.shifted();
    }
    let moved = moved.words();
    std::array::from_fn(|l| Common { characters: characters[l], moved: moved[l].small() })
}

/// How far apart two equal characters may stand for Jaro.
#[inline(always)]
pub(crate) fn reach(m: u32, n: u32) -> u32 {
    (m.max(n) / 2).saturating_sub(1)
}
