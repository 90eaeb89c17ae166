//! Bit-vector kernels over one word, for `L` pairs side by side.
//!
//! Written as plain loops over arrays of `L` words, which the compiler turns into vector
//! instructions of whatever machine the caller is compiled for: eight pairs of up to 32 characters
//! or four of up to 64 in one AVX2 register. With `L = 1` they are the scalar kernels.
//!
//! `rows[j][l]` belongs to character `j` of text `l`. Rows past the end of a text, and bits at and
//! above the length of a pattern, may hold anything.

use super::word::Word;

/// Length of the longest common subsequence (Hyyrö 2004): a zero bit in `s` is a position of the
/// pattern at which the subsequence grows. O(n) steps.
#[inline(always)]
pub(crate) fn lcs<W: Word, const L: usize>(
    rows: &[[W; L]],
    m: &[u32; L],
    n: &[u32; L],
) -> [u32; L] {
    let ends = n.map(W::number);
    let (mut s, mut j) = ([W::ONES; L], W::ZERO);
    for row in rows {
        for l in 0..L {
            let u = s[l] & row[l] & j.below(ends[l]);
            s[l] = s[l].plus(u) | s[l].minus(u);
        }
        j = j.plus(W::ONE);
    }
    std::array::from_fn(|l| (!s[l] & W::lowest(m[l])).ones())
}

/// Levenshtein distance (Myers 1999 in the form of Hyyrö 2003). `vp` and `vn` are the positions at
/// which the distance grows and falls along the pattern, so the last column gives the distance.
#[inline(always)]
pub(crate) fn levenshtein<W: Word, const L: usize>(
    rows: &[[W; L]],
    m: &[u32; L],
    n: &[u32; L],
) -> [u32; L] {
    let (mut vp, mut vn) = ([W::ONES; L], [W::ZERO; L]);
    let ends = n.map(W::number);
    let mut j = W::ZERO;
    for row in rows {
        for l in 0..L {
            let x = row[l] | vn[l];
            let d0 = (((row[l] & vp[l]).plus(vp[l])) ^ vp[l]) | x;
            let hp = (vn[l] | !(d0 | vp[l])).shifted() | W::ONE;
            let hn = (d0 & vp[l]).shifted();
            // A text that has ended stays where it is.
            let on = j.below(ends[l]);
            vp[l] = ((hn | !(d0 | hp)) & on) | (vp[l] & !on);
            vn[l] = (hp & d0 & on) | (vn[l] & !on);
        }
        j = j.plus(W::ONE);
    }
    last_column(&vp, &vn, m, n)
}

/// Optimal string alignment (Hyyrö 2003, section 5): Levenshtein with swaps of neighbours.
#[inline(always)]
pub(crate) fn osa<W: Word, const L: usize>(
    rows: &[[W; L]],
    m: &[u32; L],
    n: &[u32; L],
) -> [u32; L] {
    let (mut vp, mut vn) = ([W::ONES; L], [W::ZERO; L]);
    let (mut d0_before, mut row_before) = ([W::ZERO; L], [W::ZERO; L]);
    let ends = n.map(W::number);
    let mut j = W::ZERO;
    for row in rows {
        for l in 0..L {
            let swap = (!d0_before[l] & row[l]).shifted() & row_before[l];
            let x = row[l] | vn[l] | swap;
            let d0 = (((row[l] & vp[l]).plus(vp[l])) ^ vp[l]) | x;
            let hp = (vn[l] | !(d0 | vp[l])).shifted() | W::ONE;
            let hn = (d0 & vp[l]).shifted();
            let on = j.below(ends[l]);
            vp[l] = ((hn | !(d0 | hp)) & on) | (vp[l] & !on);
            vn[l] = (hp & d0 & on) | (vn[l] & !on);
            d0_before[l] = d0;
            row_before[l] = row[l];
        }
        j = j.plus(W::ONE);
    }
    last_column(&vp, &vn, m, n)
}

#[inline(always)]
fn last_column<W: Word, const L: usize>(
    vp: &[W; L],
    vn: &[W; L],
    m: &[u32; L],
    n: &[u32; L],
) -> [u32; L] {
    std::array::from_fn(|l| {
        let pattern = W::lowest(m[l]);
        (n[l] + (vp[l] & pattern).ones()) - (vn[l] & pattern).ones()
    })
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
pub(crate) fn jaro<W: Word, const L: usize>(
    rows: &[[W; L]],
    m: &[u32; L],
    n: &[u32; L],
) -> [Common; L] {
    let reach: [u32; L] = std::array::from_fn(|l| reach(m[l], n[l]));
    let pattern: [W; L] = std::array::from_fn(|l| W::lowest(m[l]));
    let mut window: [W; L] = std::array::from_fn(|l| W::lowest(reach[l] + 1));
    let (reach, ends) = (reach.map(W::number), n.map(W::number));
    // Taken positions of the pattern; positions of the text that took one, as a bit a row.
    let (mut taken, mut took) = ([W::ZERO; L], [W::ZERO; L]);
    let (mut here, mut j) = (W::ONE, W::ZERO);
    for row in rows {
        for l in 0..L {
            let free = row[l] & window[l] & pattern[l] & !taken[l] & j.below(ends[l]);
            taken[l] = taken[l] | free.lowest_set();
            took[l] = took[l] | (here & !W::all_if(free == W::ZERO));
            // As long as it begins before the pattern, the window grows.
            window[l] = window[l].shifted().minus(j.below(reach[l]));
        }
        (here, j) = (here.shifted(), j.plus(W::ONE));
    }

    let characters: [u32; L] = std::array::from_fn(|l| taken[l].ones());
    let mut moved = [W::ZERO; L];
    let mut here = W::ONE;
    for row in rows {
        for l in 0..L {
            let on = !W::all_if(took[l] & here == W::ZERO);
            let first = taken[l].lowest_set();
            let unlike = W::all_if(row[l] & first == W::ZERO);
            // All ones is minus one.
            moved[l] = moved[l].minus(unlike & on);
            taken[l] = taken[l] ^ (first & on);
        }
        here = here.shifted();
    }
    std::array::from_fn(|l| Common { characters: characters[l], moved: moved[l].small() })
}

/// How far apart two equal characters may stand for Jaro.
#[inline(always)]
pub(crate) fn reach(m: u32, n: u32) -> u32 {
    (m.max(n) / 2).saturating_sub(1)
}
