//! Rows: for each character of a text, the positions of the pattern that hold the same character.
//!
//! A pattern of up to 32 (64) codes lies in one (two) vector registers, so a row is one compare and
//! one mask move, with no table to build and to clear. Elsewhere a table over the codes is filled
//! for the pattern and emptied again.
#![allow(unsafe_code)]

use super::word::Word;

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

    /// Writes lane `lane` of the rows of `text`; `rows` is at least as long as `text`.
    ///
    /// # Safety
    /// The machine must have AVX2.
    #[cfg(target_arch = "x86_64")]
    unsafe fn fill_avx2<const L: usize>(
        pattern: &Self::Codes,
        text: &[u8],
        rows: &mut [[Self; L]],
        lane: usize,
    );
}

impl Width for u32 {
    type Codes = [u8; 32];
    const EMPTY: Self::Codes = [0; 32];

    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn fill_avx2<const L: usize>(
        pattern: &[u8; 32],
        text: &[u8],
        rows: &mut [[u32; L]],
        lane: usize,
    ) {
        use std::arch::x86_64::{
            __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
        };
        // SAFETY: the pattern is 32 bytes long, and an unaligned load is allowed.
        let pattern = unsafe { _mm256_loadu_si256(pattern.as_ptr().cast::<__m256i>()) };
        for (row, &code) in rows.iter_mut().zip(text) {
            let equal = _mm256_cmpeq_epi8(pattern, _mm256_set1_epi8(code as i8));
            row[lane] = _mm256_movemask_epi8(equal) as u32;
        }
    }
}

impl Width for u64 {
    type Codes = [u8; 64];
    const EMPTY: Self::Codes = [0; 64];

    #[cfg(target_arch = "x86_64")]
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn fill_avx2<const L: usize>(
        pattern: &[u8; 64],
        text: &[u8],
        rows: &mut [[u64; L]],
        lane: usize,
    ) {
        use std::arch::x86_64::{
            __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
        };
        // SAFETY: the pattern is 64 bytes long, and unaligned loads are allowed.
        let (low, high) = unsafe {
            (
                _mm256_loadu_si256(pattern.as_ptr().cast::<__m256i>()),
                _mm256_loadu_si256(pattern.as_ptr().add(32).cast::<__m256i>()),
            )
        };
        for (row, &code) in rows.iter_mut().zip(text) {
            let code = _mm256_set1_epi8(code as i8);
            let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, code)) as u32;
            let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, code)) as u32;
            row[lane] = u64::from(low) | (u64::from(high) << 32);
        }
    }
}

/// The same rows by a table, which is all zero before and after.
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
