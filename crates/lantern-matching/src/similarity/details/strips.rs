//! Bit-vector kernels over patterns of any length (Hyyrö 2003, 2004), in linear memory.
//!
//! The pattern is cut into *strips* of [`WORDS`] words. A strip is run along the text, reading what
//! the strip above left at each character of the text, the *carry*, and leaving its own. So only
//! one strip's table exists at a time, and the memory is one byte for each character of the text.
//!
//! A limit makes a band of it: cells that no alignment within the limit goes through are left out
//! (Ukkonen 1985). Every value that is computed is still that of a real alignment, so a result
//! within the limit is exact, and any other is told as beyond it. Without a tight limit, long
//! strings are tried with growing ones, which costs near-equal strings little more than their
//! length and others a fraction.

use super::{codes::Code, windows::Rows};

/// Words in a strip: enough to hide the latency of one word's chain behind the others'.
const WORDS: usize = 4;
const STRIP: usize = WORDS * 64;
/// From this length on, growing limits are tried.
const LONG: usize = 8 * 64;

/// Memory that is used again from pair to pair.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// For each code, its positions in the current strip; all zero between strips.
    rows: Vec<[u64; WORDS]>,
    /// For each character of the text, what the strips so far left at it.
    carry: Vec<u8>,
    /// Rows of a text for a short piece (partial ratio).
    pub(crate) windows: Rows,
    /// For each code, its first free position (Jaro); all `u32::MAX` between pairs.
    pub(super) first: Vec<u32>,
    /// For each position, the next one with the same code (Jaro).
    pub(super) next: Vec<u32>,
    /// Matched positions and codes (Jaro).
    pub(super) taken: Vec<u32>,
}

impl Scratch {
    /// Gives memory back that an uncommonly long string took.
    pub(crate) fn trim(&mut self, most: usize) {
        if self.carry.capacity() > most || self.rows.len() > most || self.next.capacity() > most {
            *self = Self::default();
        }
        self.windows.trim(most);
    }
}

/// A recurrence along the text for `N` words of the pattern.
trait Step {
    /// The carry above the first strip.
    const TOP: u8;
    /// How much the value grows from one position of the pattern to the next, where nothing of the
    /// text was read.
    const DOWN: i64;

    /// Runs over the text; `last` is the strip's last position within its last word.
    fn run<C: Code, const N: usize>(rows: &[[u64; WORDS]], last: u32, text: &[C], carry: &mut [u8]);

    /// How much the value grows at a character of the text, by its carry.
    fn growth(carry: u8) -> i64;

    /// Whether a value at a strip's end can lead to a result within the limit, with so many
    /// positions of the pattern and characters of the text to go.
    fn viable(value: i64, pattern: usize, text: usize, limit: usize) -> bool;
}

/// The length of the longest common subsequence, or something less than `least` where it is.
pub(crate) fn lcs<C: Code>(
    pattern: &[C],
    text: &[C],
    codes: usize,
    least: usize,
    scratch: &mut Scratch,
) -> usize {
    let (m, n) = (pattern.len(), text.len());
    let most = m.min(n);
    if most < least || most == 0 {
        return 0;
    }
    if m.min(n) <= STRIP {
        // Both ways round are the same.
        let (pattern, text) = if m <= n { (pattern, text) } else { (text, pattern) };
        return lcs_of_one_strip(pattern, text, codes, scratch);
    }
    let mut missing = if m.max(n) < LONG { most } else { 64 };
    loop {
        let limit = most.saturating_sub(missing).max(least);
        let band = (m - limit, n - limit);
        if let Some(length) = run::<LcsStep, C>(pattern, text, codes, limit, band, scratch)
            && (length as usize >= limit || limit == least)
        {
            return length as usize;
        }
        if limit == least {
            return 0;
        }
        missing *= 4;
    }
}

/// A single strip needs no carry, and its last column contains the result.
fn lcs_of_one_strip<C: Code>(
    pattern: &[C],
    text: &[C],
    codes: usize,
    scratch: &mut Scratch,
) -> usize {
    fn run<C: Code, const N: usize>(rows: &[[u64; WORDS]], text: &[C]) -> u32 {
        let mut s = [u64::MAX; N];
        for code in text {
            let row = &rows[code.index()];
            let mut carry = false;
            for w in 0..N {
                let u = s[w] & row[w];
                let (sum, over) = s[w].carrying_add(u, carry);
                (s[w], carry) = (sum | (s[w] - u), over);
            }
        }
        s.into_iter().map(u64::count_zeros).sum()
    }
    let rows = &mut scratch.rows;
    if rows.len() < codes {
        rows.resize(codes, [0; WORDS]);
    }
    fill(rows, pattern);
    let length = match pattern.len().div_ceil(64) {
        1 => run::<C, 1>(rows, text),
        2 => run::<C, 2>(rows, text),
        3 => run::<C, 3>(rows, text),
        _ => run::<C, 4>(rows, text),
    };
    empty(rows, pattern);
    length as usize
}

/// The Levenshtein distance, or something greater than `most` where it is.
pub(crate) fn levenshtein<C: Code>(
    pattern: &[C],
    text: &[C],
    codes: usize,
    most: usize,
    scratch: &mut Scratch,
) -> usize {
    distance::<LevenshteinStep<false>, C>(pattern, text, codes, most, scratch)
}

/// The optimal string alignment distance, or something greater than `most` where it is.
pub(crate) fn osa<C: Code>(
    pattern: &[C],
    text: &[C],
    codes: usize,
    most: usize,
    scratch: &mut Scratch,
) -> usize {
    distance::<LevenshteinStep<true>, C>(pattern, text, codes, most, scratch)
}

fn distance<S: Step, C: Code>(
    pattern: &[C],
    text: &[C],
    codes: usize,
    most: usize,
    scratch: &mut Scratch,
) -> usize {
    let (m, n) = (pattern.len(), text.len());
    let (longer, apart) = (m.max(n), m.abs_diff(n));
    let most = most.min(longer);
    if apart > most || m == 0 || n == 0 {
        return longer;
    }
    let mut limit = if longer < LONG { most } else { (apart + 64).min(most) };
    loop {
        let spare = (limit - apart) / 2;
        let band = if m > n { (spare + apart, spare) } else { (spare, spare + apart) };
        if let Some(distance) = run::<S, C>(pattern, text, codes, limit, band, scratch)
            && (distance as usize <= limit)
        {
            return distance as usize;
        }
        if limit == most {
            return longer.max(most + 1);
        }
        limit = limit.saturating_mul(4).min(most);
    }
}

/// The value in the last cell, if a result within the limit is possible. At most `band.0` positions
/// of the pattern and `band.1` positions of the text may be skipped.
fn run<S: Step, C: Code>(
    pattern: &[C],
    text: &[C],
    codes: usize,
    limit: usize,
    band: (usize, usize),
    scratch: &mut Scratch,
) -> Option<i64> {
    let (m, n) = (pattern.len(), text.len());
    let Scratch { rows, carry, .. } = scratch;
    if rows.len() < codes {
        rows.resize(codes, [0; WORDS]);
    }
    carry.clear();
    carry.resize(n, S::TOP);

    // The value above the current strip, at the character of the text where the strip begins.
    let (mut above, mut start) = (0_i64, 0_usize);
    let mut result = 0;
    for (top, strip) in (0..m).step_by(STRIP).zip(pattern.chunks(STRIP)) {
        let begin = top.saturating_sub(band.0).min(n);
        let end = (top + strip.len()).saturating_add(band.1).min(n);
        above += carry[start..begin].iter().map(|&carry| S::growth(carry)).sum::<i64>();
        start = begin;

        fill(rows, strip);
        let last = (strip.len() as u32 - 1) % 64;
        let (text, carry) = (&text[begin..end], &mut carry[begin..end]);
        match strip.len().div_ceil(64) {
            1 => S::run::<C, 1>(rows, last, text, carry),
            2 => S::run::<C, 2>(rows, last, text, carry),
            3 => S::run::<C, 3>(rows, last, text, carry),
            _ => S::run::<C, 4>(rows, last, text, carry),
        }
        empty(rows, strip);

        above += S::DOWN * strip.len() as i64;
        let to_go = m - top - strip.len();
        let mut value = above;
        let mut viable = S::viable(value, to_go, n - begin, limit);
        for (done, &carry) in carry.iter().enumerate() {
            value += S::growth(carry);
            viable |= S::viable(value, to_go, n - begin - done - 1, limit);
        }
        if !viable {
            return None;
        }
        result = value;
    }
    Some(result)
}

/// For each length of the text's beginning, by how much it makes the longest common subsequence
/// with the whole pattern longer: one byte, 0 or 1, for each character.
pub(crate) fn lcs_growth<'s, C: Code>(
    pattern: &[C],
    text: impl ExactSizeIterator<Item = C> + Clone,
    codes: usize,
    scratch: &'s mut Scratch,
) -> &'s [u8] {
    let Scratch { rows, carry, .. } = scratch;
    if rows.len() < codes {
        rows.resize(codes, [0; WORDS]);
    }
    carry.clear();
    carry.resize(text.len(), LcsStep::TOP);
    for strip in pattern.chunks(STRIP) {
        fill(rows, strip);
        lcs_strip::<C, WORDS>(rows, text.clone(), carry);
        empty(rows, strip);
    }
    carry
}

fn fill<C: Code>(rows: &mut [[u64; WORDS]], strip: &[C]) {
    for (i, code) in strip.iter().enumerate() {
        rows[code.index()][i / 64] |= 1 << (i % 64);
    }
}

fn empty<C: Code>(rows: &mut [[u64; WORDS]], strip: &[C]) {
    for code in strip {
        rows[code.index()] = [0; WORDS];
    }
}

/// The carry is one where the subsequence grows. Positions past the end of the pattern match
/// nothing and let the carry through.
struct LcsStep;

impl Step for LcsStep {
    const TOP: u8 = 0;
    const DOWN: i64 = 0;

    fn run<C: Code, const N: usize>(rows: &[[u64; WORDS]], _: u32, text: &[C], carry: &mut [u8]) {
        lcs_strip::<C, N>(rows, text.iter().copied(), carry);
    }

    #[inline(always)]
    fn growth(carry: u8) -> i64 {
        i64::from(carry)
    }

    #[inline(always)]
    fn viable(value: i64, pattern: usize, text: usize, limit: usize) -> bool {
        value as usize + pattern.min(text) >= limit
    }
}

#[inline(always)]
fn lcs_strip<C: Code, const N: usize>(
    rows: &[[u64; WORDS]],
    text: impl Iterator<Item = C>,
    carry: &mut [u8],
) {
    let mut s = [u64::MAX; N];
    for (code, carry) in text.zip(carry) {
        let row = &rows[code.index()];
        let mut bit = *carry != 0;
        for w in 0..N {
            let u = s[w] & row[w];
            let (sum, over) = s[w].carrying_add(u, bit);
            (s[w], bit) = (sum | (s[w] - u), over);
        }
        *carry = u8::from(bit);
    }
}

/// In the carry, bit 0 is set if the distance grows at this character, bit 1 if it falls, and bit 2
/// if a swap of neighbours may begin (`SWAPS` only).
struct LevenshteinStep<const SWAPS: bool>;

impl<const SWAPS: bool> Step for LevenshteinStep<SWAPS> {
    const TOP: u8 = 1;
    const DOWN: i64 = 1;

    fn run<C: Code, const N: usize>(
        rows: &[[u64; WORDS]],
        last: u32,
        text: &[C],
        carry: &mut [u8],
    ) {
        let (mut vp, mut vn) = ([u64::MAX; N], [0_u64; N]);
        let (mut d0_before, mut row_before) = ([0_u64; N], [0_u64; N]);
        for (code, carry) in text.iter().zip(carry) {
            let row = &rows[code.index()];
            let mut grows = u64::from(*carry & 1);
            let mut falls = u64::from(*carry >> 1 & 1);
            let mut swap = u64::from(*carry >> 2);
            for w in 0..N {
                let x = row[w] | falls;
                let mut d0 = ((x & vp[w]).wrapping_add(vp[w]) ^ vp[w]) | x | vn[w];
                let shift = if w == N - 1 { last } else { 63 };
                if SWAPS {
                    let begins = !d0_before[w] & row[w];
                    d0 |= (begins << 1 | swap) & row_before[w];
                    swap = begins >> shift & 1;
                    d0_before[w] = d0;
                    row_before[w] = row[w];
                }
                let hp = vn[w] | !(d0 | vp[w]);
                let hn = d0 & vp[w];
                let (up, down) = (hp << 1 | grows, hn << 1 | falls);
                grows = hp >> shift & 1;
                falls = hn >> shift & 1;
                vp[w] = down | !(d0 | up);
                vn[w] = up & d0;
            }
            *carry = (grows | falls << 1 | swap << 2) as u8;
        }
    }

    #[inline(always)]
    fn growth(carry: u8) -> i64 {
        i64::from(carry & 1) - i64::from(carry >> 1 & 1)
    }

    #[inline(always)]
    fn viable(value: i64, pattern: usize, text: usize, limit: usize) -> bool {
        value as usize + pattern.abs_diff(text) <= limit
    }
}
