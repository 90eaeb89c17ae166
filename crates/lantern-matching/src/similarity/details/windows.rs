//! All places of a text at which a short piece may lie, several at a time.
//!
//! Lane `l` of a step is the place `l` characters further on, so that one load takes the rows of
//! all lanes. Rows of zero before the beginning and behind the end make the shorter places there
//! like all others.

// The kernels with AVX2 may only be called on machines that have it.
#![allow(unsafe_code)]

use super::{
    rows::{self, Instructions, Width},
    vector::{Eight, Four, Plain, Vector},
    word::Word,
};

/// As many characters as a piece may have.
pub(crate) const MOST: usize = 64;
/// Places for which rows are held.
const BLOCK: usize = 4096;

/// The best ratio so far, `2 common / characters`, as the fraction that it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit {
    common: usize,
    characters: usize,
    /// Ratios below this are not looked for.
    least: f64,
}

impl Fit {
    pub(crate) fn at_least(cutoff: f64) -> Self {
        // The formula's rounding must not lose a score that equals the cut-off.
        Self { common: 0, characters: 1, least: cutoff - 1e-9 }
    }

    #[inline(always)]
    pub(crate) fn would_improve(&self, common: usize, characters: usize) -> bool {
        common * self.characters > self.common * characters
            && 2.0 * common as f64 >= self.least * characters as f64
    }

    #[inline(always)]
    pub(crate) fn improve(&mut self, common: usize, characters: usize) {
        if common * self.characters > self.common * characters {
            (self.common, self.characters) = (common, characters);
        }
    }

    pub(crate) fn score(&self) -> f64 {
        1.0 - (self.characters - 2 * self.common) as f64 / self.characters as f64
    }
}

/// Rows of the text, used again from pair to pair.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    short: Vec<u32>,
    long: Vec<u64>,
}

impl Rows {
    fn capacity(&self) -> usize {
        self.short.capacity().max(self.long.capacity())
    }

    /// Gives memory back that an uncommonly long string took.
    pub(crate) fn trim(&mut self, most: usize) {
        if self.capacity() > most {
            *self = Self::default();
        }
    }
}

/// Improves `fit` by all places of `text` for `piece`, of 1 to [`MOST`] codes.
pub(crate) fn best(piece: &[u8], text: &[u8], fit: &mut Fit, rows: &mut Rows) {
    best_by(Instructions::detect(), piece, text, fit, rows);
}

fn best_by(instructions: Instructions, piece: &[u8], text: &[u8], fit: &mut Fit, rows: &mut Rows) {
    if piece.len() <= 32 {
        dispatch::<u32, Eight, 8>(instructions, piece, text, fit, &mut rows.short);
    } else {
        dispatch::<u64, Four, 4>(instructions, piece, text, fit, &mut rows.long);
    }
}

fn dispatch<W: Width, V: Vector<L, Word = W>, const L: usize>(
    instructions: Instructions,
    piece: &[u8],
    text: &[u8],
    fit: &mut Fit,
    rows: &mut Vec<W>,
) {
    match instructions {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: these instructions were found on this machine.
        Instructions::Avx2 => unsafe { best_avx2::<W, V, L>(piece, text, fit, rows) },
        Instructions::Portable => {
            let mut table = [W::ZERO; 256];
            blocks::<Plain<W, L>, L>(piece, text, fit, rows, |piece, text, rows| {
                let (rows, _) = rows.as_chunks_mut::<1>();
                rows::fill_by_table(piece, text, rows, 0, &mut table);
            });
        }
    }
}

/// # Safety
/// The machine must have these instructions.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
unsafe fn best_avx2<W: Width, V: Vector<L, Word = W>, const L: usize>(
    piece: &[u8],
    text: &[u8],
    fit: &mut Fit,
    rows: &mut Vec<W>,
) {
    let mut codes = W::EMPTY;
    codes.as_mut()[..piece.len()].copy_from_slice(piece);
    blocks::<V, L>(piece, text, fit, rows, |_, text, rows| {
        // SAFETY: this function's own condition.
        unsafe { W::fill_one_avx2(&codes, text, rows) };
    });
}

/// Goes through the places block by block: place `p` begins `m - 1 - p` characters before the text.
#[inline(always)]
fn blocks<V: Vector<L>, const L: usize>(
    piece: &[u8],
    text: &[u8],
    fit: &mut Fit,
    rows: &mut Vec<V::Word>,
    mut fill: impl FnMut(&[u8], &[u8], &mut [V::Word]),
) {
    let (m, n) = (piece.len(), text.len());
    let places = m + n - 1;
    for block in (0..places).step_by(BLOCK) {
        let end = (block + BLOCK).min(places);
        // The text from the block's first place to the end of its last one.
        let from = block.saturating_sub(m - 1);
        let to = end.min(n);
        let before = (m - 1).saturating_sub(block);
        rows.clear();
        rows.resize(end - block + m + L, V::Word::ZERO);
        fill(piece, &text[from..to], &mut rows[before..]);

        // Whole places first: they are best most often, and then few of the others can be.
        let whole = (m - 1).clamp(block, end)..n.clamp(block, end);
        let parts = [whole.clone(), block..whole.start, whole.end..end];
        for (part, places) in parts.into_iter().enumerate() {
            let mut place = places.start;
            while place < places.end {
                let most = if part == 0 {
                    m
                } else {
                    let last = (place + L - 1).min(places.end - 1);
                    inside(place, m, n).max(inside(last, m, n))
                };
                if fit.would_improve(most, m + most) {
                    let common = fits::<V, L>(&rows[place - block..], m);
                    for (lane, &common) in common.iter().enumerate() {
                        let place = place + lane;
                        if place < places.end {
                            fit.improve(common as usize, m + inside(place, m, n));
                        }
                    }
                }
                place += L;
            }
        }
    }
}

/// How many characters of the text are at a place.
#[inline(always)]
fn inside(place: usize, m: usize, n: usize) -> usize {
    (place + 1).min(n) - (place + 1).saturating_sub(m)
}

/// The common subsequences at `L` places.
#[inline(always)]
fn fits<V: Vector<L>, const L: usize>(rows: &[V::Word], m: usize) -> [u32; L] {
    let mut s = V::ones();
    for rows in rows.array_windows::<L>().take(m) {
        let u = s.and(V::load(rows));
        s = s.plus(u).or(s.minus(u));
    }
    V::all(V::Word::lowest(m as u32)).without(s).words().map(V::Word::ones)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_instructions_find_the_same_place() {
        let text = b"it was the best of times, it was the worst of times, it was the age of wisdom";
        // Longer than a block of places.
        let long = text.repeat(100);
        let pieces = [&b"worst times"[..], b"t", b"it was an age of foolishness, and of wisdom"];
        for text in [&text[..], &long] {
            for piece in pieces {
                let ratio = |instructions| {
                    let (mut fit, mut rows) = (Fit::at_least(0.0), Rows::default());
                    best_by(instructions, piece, text, &mut fit, &mut rows);
                    fit.score()
                };
                assert!(ratio(Instructions::Portable) > 0.5);
                assert_eq!(ratio(Instructions::Portable), ratio(Instructions::detect()));
            }
        }
    }
}
