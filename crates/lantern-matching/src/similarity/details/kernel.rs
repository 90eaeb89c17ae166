//! The four things that are counted about a pair of strings: each with a kernel over one word for
//! several pairs at once, and one for strings of any length.

use super::{
    affix,
    codes::Code,
    lanes::{self, Common},
    strips::{self, Scratch},
    vector::Vector,
};

/// One way to count.
pub(crate) trait Kernel: Copy + Send + Sync + 'static {
    type Count: Copy + Default;

    /// `L` pairs whose strings have at most as many characters as a word has bits.
    fn lanes<V: Vector<L>, const L: usize>(
        rows: &[[V::Word; L]],
        m: &[u32; L],
        n: &[u32; L],
    ) -> [Self::Count; L];

    /// A pair of any length. A count that would fall short of `limit` (for [`Lcs`]) or exceed it
    /// (for the distances) may be given as any other that does. All codes are below `codes`.
    fn long<C: Code>(
        pattern: &[C],
        text: &[C],
        codes: usize,
        limit: usize,
        scratch: &mut Scratch,
    ) -> Self::Count;
}

/// The longest common subsequence; the limit is the least length of interest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lcs;

/// The Levenshtein distance; the limit is the greatest distance of interest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Levenshtein;

/// The optimal string alignment distance; the limit is the greatest distance of interest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Osa;

/// Jaro's common characters; without a limit, as it takes linear time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Jaro;

impl Kernel for Lcs {
    type Count = usize;

    #[inline(always)]
    fn lanes<V: Vector<L>, const L: usize>(
        rows: &[[V::Word; L]],
        m: &[u32; L],
        n: &[u32; L],
    ) -> [usize; L] {
        lanes::lcs::<V, L>(rows, m, n).map(|length| length as usize)
    }

    fn long<C: Code>(
        pattern: &[C],
        text: &[C],
        codes: usize,
        limit: usize,
        scratch: &mut Scratch,
    ) -> usize {
        let (pattern, text, affix) = affix::stripped(pattern, text);
        affix + strips::lcs(pattern, text, codes, limit.saturating_sub(affix), scratch)
    }
}

impl Kernel for Levenshtein {
    type Count = usize;

    #[inline(always)]
    fn lanes<V: Vector<L>, const L: usize>(
        rows: &[[V::Word; L]],
        m: &[u32; L],
        n: &[u32; L],
    ) -> [usize; L] {
        lanes::distance::<V, L, false>(rows, m, n).map(|distance| distance as usize)
    }

    fn long<C: Code>(
        pattern: &[C],
        text: &[C],
        codes: usize,
        limit: usize,
        scratch: &mut Scratch,
    ) -> usize {
        let (pattern, text, _) = affix::stripped(pattern, text);
        strips::levenshtein(pattern, text, codes, limit, scratch)
    }
}

impl Kernel for Osa {
    type Count = usize;

    #[inline(always)]
    fn lanes<V: Vector<L>, const L: usize>(
        rows: &[[V::Word; L]],
        m: &[u32; L],
        n: &[u32; L],
    ) -> [usize; L] {
        lanes::distance::<V, L, true>(rows, m, n).map(|distance| distance as usize)
    }

    fn long<C: Code>(
        pattern: &[C],
        text: &[C],
        codes: usize,
        limit: usize,
        scratch: &mut Scratch,
    ) -> usize {
        let (pattern, text, _) = affix::stripped(pattern, text);
        strips::osa(pattern, text, codes, limit, scratch)
    }
}

impl Kernel for Jaro {
    type Count = Common;

    #[inline(always)]
    fn lanes<V: Vector<L>, const L: usize>(
        rows: &[[V::Word; L]],
        m: &[u32; L],
        n: &[u32; L],
    ) -> [Common; L] {
        lanes::jaro::<V, L>(rows, m, n)
    }

    /// Linear: the free positions of each character form a list, and both the text and the window
    /// only move forward, so that no position is looked at twice.
    fn long<C: Code>(
        pattern: &[C],
        text: &[C],
        codes: usize,
        _: usize,
        scratch: &mut Scratch,
    ) -> Common {
        const NONE: u32 = u32::MAX;
        let (m, n) = (pattern.len() as u32, text.len() as u32);
        let reach = lanes::reach(m, n);
        let Scratch { first, next, taken, .. } = scratch;
        if first.len() < codes {
            first.resize(codes, NONE);
        }
        next.clear();
        next.resize(pattern.len(), NONE);
        for (i, code) in pattern.iter().enumerate().rev() {
            next[i] = std::mem::replace(&mut first[code.index()], i as u32);
        }
        // `taken` holds, for each position of the pattern, whether it was matched, and in its
        // second half the matched codes of the text in their order.
        taken.clear();
        taken.resize(pattern.len(), NONE);
        for (j, code) in text.iter().enumerate() {
            let j = j as u32;
            let mut i = first[code.index()];
            while i != NONE && i.saturating_add(reach) < j {
                i = next[i as usize];
            }
            if i != NONE && i <= j.saturating_add(reach) {
                taken[i as usize] = 0;
                taken.push(code.index() as u32);
                i = next[i as usize];
            }
            first[code.index()] = i;
        }
        for code in pattern {
            first[code.index()] = NONE;
        }
        let (positions, in_text) = taken.split_at(pattern.len());
        let in_pattern = pattern.iter().zip(positions).filter(|(_, taken)| **taken == 0);
        let moved = in_pattern
            .zip(in_text)
            .filter(|((code, _), in_text)| code.index() as u32 != **in_text)
            .count();
        Common { characters: in_text.len() as u32, moved: moved as u32 }
    }
}
