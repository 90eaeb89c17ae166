//! Rows: for each character of a text, the positions of the pattern that hold the same character.
//!
//! A pattern of up to 32 (64) codes lies in one (two) vector registers, so a row is one compare and
//! one mask move, with no table to build and to clear. Elsewhere a table over the codes is filled
//! for the pattern and emptied again.

// Codes are loaded into vector registers through pointers.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
};

use super::{
    text::{ROOM, Text},
    word::Word,
};

/// Which instructions a row may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instructions {
    /// AVX2 with the bit manipulation sets that came with it.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Whatever the crate was compiled for.
    Portable,
}

impl Instructions {
    /// What this machine has.
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("bmi2")
            && std::arch::is_x86_feature_detected!("lzcnt")
            && std::arch::is_x86_feature_detected!("popcnt")
        {
            return Self::Avx2;
        }
        Self::Portable
    }
}

/// A word together with the register of codes that it describes.
pub(crate) trait Width: Word {
    /// As many codes as the word has bits.
    type Codes: Copy + AsRef<[u8]> + AsMut<[u8]>;
    const EMPTY: Self::Codes;

    /// Copies a text that fits. Returns whether it is ASCII.
    fn copy(text: Text<'_>, to: &mut Self::Codes) -> bool;

    /// Copies as many codes as fit.
    fn copy_room(room: &[u8; ROOM], to: &mut Self::Codes);

    /// Writes rows of the texts: `rows[j][l]` for character `j` of text `l`, whether or not the text
    /// has as many. There are at most as many rows as the word has bits.
    ///
    /// # Safety
    /// The machine must have AVX2.
    #[cfg(target_arch = "x86_64")]
    unsafe fn fill_avx2<const L: usize>(
        patterns: &[Self::Codes; L],
        texts: &[Self::Codes; L],
        rows: &mut [[Self; L]],
    );

    /// Writes the rows of one text of any length, one after the other.
    ///
    /// # Safety
    /// The machine must have AVX2.
    #[cfg(target_arch = "x86_64")]
    unsafe fn fill_one_avx2(pattern: &Self::Codes, text: &[u8], rows: &mut [Self]);
}

impl Width for u32 {
    #[inline(always)]
    fn copy(text: Text<'_>, to: &mut [u8; 32]) -> bool {
        text.copy_to(to)
    }

    #[inline(always)]
    fn copy_room(room: &[u8; ROOM], to: &mut [u8; 32]) {
        to.copy_from_slice(&room[..32]);
    }

    type Codes = [u8; 32];
    const EMPTY: Self::Codes = [0; 32];

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn fill_avx2<const L: usize>(
        patterns: &[[u8; 32]; L],
        texts: &[[u8; 32]; L],
        rows: &mut [[u32; L]],
    ) {
        // Loops alone: what a closure computes would not be inlined to where AVX2 is. The patterns
        // stay in registers, as far as there are enough.
        let mut held = [load(&patterns[0]); L];
        for l in 1..L {
            held[l] = load(&patterns[l]);
        }
        for (j, row) in rows.iter_mut().enumerate().take(32) {
            for l in 0..L {
                row[l] = equal(held[l], texts[l][j]);
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn fill_one_avx2(pattern: &[u8; 32], text: &[u8], rows: &mut [u32]) {
        let pattern = load(pattern);
        for (row, &code) in rows.iter_mut().zip(text) {
            *row = equal(pattern, code);
        }
    }
}

impl Width for u64 {
    #[inline(always)]
    fn copy(text: Text<'_>, to: &mut [u8; 64]) -> bool {
        text.copy_to(to)
    }

    #[inline(always)]
    fn copy_room(room: &[u8; ROOM], to: &mut [u8; 64]) {
        to.copy_from_slice(&room[..64]);
    }

    type Codes = [u8; 64];
    const EMPTY: Self::Codes = [0; 64];

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn fill_avx2<const L: usize>(
        patterns: &[[u8; 64]; L],
        texts: &[[u8; 64]; L],
        rows: &mut [[u64; L]],
    ) {
        for (j, row) in rows.iter_mut().enumerate().take(64) {
            for l in 0..L {
                let [low, high] = halves(&patterns[l]);
                let (low, high) = (equal(low, texts[l][j]), equal(high, texts[l][j]));
                row[l] = u64::from(low) | (u64::from(high) << 32);
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn fill_one_avx2(pattern: &[u8; 64], text: &[u8], rows: &mut [u64]) {
        let pattern = halves(pattern);
        for (row, &code) in rows.iter_mut().zip(text) {
            let (low, high) = (equal(pattern[0], code), equal(pattern[1], code));
            *row = u64::from(low) | (u64::from(high) << 32);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn load(codes: &[u8; 32]) -> __m256i {
    // SAFETY: the codes are 32 bytes, and the load need not be aligned.
    unsafe { _mm256_loadu_si256(codes.as_ptr().cast()) }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn halves(codes: &[u8; 64]) -> [__m256i; 2] {
    // SAFETY: the codes are 64 bytes, and the loads need not be aligned.
    unsafe {
        [
            _mm256_loadu_si256(codes.as_ptr().cast()),
            _mm256_loadu_si256(codes.as_ptr().add(32).cast()),
        ]
    }
}

/// A bit for each code that is equal.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn equal(codes: __m256i, code: u8) -> u32 {
    // SAFETY: only functions for machines with AVX2 come here, into which this is inlined.
    unsafe { _mm256_movemask_epi8(_mm256_cmpeq_epi8(codes, _mm256_set1_epi8(code as i8))) as u32 }
}

/// Writes lane `lane` of the rows of `text` by a table, which is all zero before and after.
pub(crate) fn fill_by_table<W: Word, const L: usize>(
    pattern: &[u8],
    text: &[u8],
    rows: &mut [[W; L]],
    lane: usize,
    table: &mut [W; 256],
) {
    let mut bit = W::ONE;
    for &code in pattern {
        table[usize::from(code)] = table[usize::from(code)] | bit;
        bit = bit.shifted();
    }
    for (row, &code) in rows.iter_mut().zip(text) {
        row[lane] = table[usize::from(code)];
    }
    for &code in pattern {
        table[usize::from(code)] = W::ZERO;
    }
}
