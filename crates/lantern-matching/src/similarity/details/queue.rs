//! Pairs waiting for the lanes of a vector register to fill up.

// The kernels with AVX2 may only be called on machines that have it.
#![allow(unsafe_code)]

use std::marker::PhantomData;

use super::{
    kernel::Kernel,
    rows::{self, Instructions, Width},
    text::{ROOM, Text, copy},
    vector::{EightTwice, FourTwice, Plain, Vector},
};

/// `L` pairs of strings that have at most as many codes as `W` has bits.
///
/// `V` is what computes where the machine has AVX2.
#[derive(Debug)]
// So that no register is loaded across two lines of the cache.
#[repr(C, align(64))]
pub(crate) struct Lanes<W: Width, V, const L: usize> {
    patterns: [W::Codes; L],
    texts: [W::Codes; L],
    rows: [[W; L]; 64],
    m: [u32; L],
    n: [u32; L],
    used: usize,
    instructions: Instructions,
    vector: PhantomData<V>,
}

impl<W: Width, V: Vector<L, Word = W>, const L: usize> Lanes<W, V, L> {
    pub(crate) fn new(instructions: Instructions) -> Self {
        Self {
            patterns: [W::EMPTY; L],
            texts: [W::EMPTY; L],
            m: [0; L],
            n: [0; L],
            used: 0,
            rows: [[W::ZERO; L]; 64],
            instructions,
            vector: PhantomData,
        }
    }

    /// Writes a pair into the next lane, the longer string as the pattern: there are as many steps
    /// as the text has characters. Until [`Self::take`] the lane stays free.
    #[inline(always)]
    pub(crate) fn stage(&mut self, a: &[u8], b: &[u8]) {
        let (pattern, text) = if a.len() < b.len() { (b, a) } else { (a, b) };
        let lane = self.lane(pattern.len(), text.len());
        copy(self.patterns[lane].as_mut(), pattern);
        copy(self.texts[lane].as_mut(), text);
    }

    /// Writes a pair of strings as [`Self::stage`] does its codes, if they are ASCII.
    #[inline(always)]
    fn stage_ascii(&mut self, a: Text<'_>, b: Text<'_>) -> bool {
        let (pattern, text) = if a.len() < b.len() { (b, a) } else { (a, b) };
        let lane = self.lane(pattern.len(), text.len());
        W::copy(pattern, &mut self.patterns[lane]) & W::copy(text, &mut self.texts[lane])
    }

    /// Writes a pair of codes as [`Self::stage`] does, from longer arrays.
    #[inline(always)]
    fn stage_rooms(&mut self, a: (&[u8; ROOM], usize), b: (&[u8; ROOM], usize)) {
        let (pattern, text) = if a.1 < b.1 { (b, a) } else { (a, b) };
        let lane = self.lane(pattern.1, text.1);
        W::copy_room(pattern.0, &mut self.patterns[lane]);
        W::copy_room(text.0, &mut self.texts[lane]);
    }

    #[inline(always)]
    fn lane(&mut self, m: usize, n: usize) -> usize {
        let lane = self.used;
        (self.m[lane], self.n[lane]) = (m as u32, n as u32);
        lane
    }

    /// Takes the lane that was written last, and gives back its number.
    #[inline(always)]
    pub(crate) fn take(&mut self) -> usize {
        self.used += 1;
        self.used - 1
    }

    /// Counts for all lanes that are in use, and empties them.
    #[inline(always)]
    pub(crate) fn run<K: Kernel>(&mut self) -> [K::Count; L] {
        match self.instructions {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Instructions::detect` found these instructions on this machine.
            Instructions::Avx2 => unsafe { self.run_avx2::<K>() },
            Instructions::Portable => self.run_portable::<K>(),
        }
    }

    // Apart, so that it takes no registers from those who never come here.
    #[inline(never)]
    fn run_portable<K: Kernel>(&mut self) -> [K::Count; L] {
        let rows = self.longest();
        let mut table = [W::ZERO; 256];
        for lane in 0..self.used {
            let pattern = &self.patterns[lane].as_ref()[..self.m[lane] as usize];
            let text = &self.texts[lane].as_ref()[..self.n[lane] as usize];
            rows::fill_by_table(pattern, text, &mut self.rows, lane, &mut table);
        }
        self.used = 0;
        K::lanes::<Plain<W, L>, L>(&self.rows[..rows], &self.m, &self.n)
    }

    /// # Safety
    /// The machine must have these instructions.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    unsafe fn run_avx2<K: Kernel>(&mut self) -> [K::Count; L] {
        // All lanes get as many rows: the kernels leave out those past the end of a text, and a
        // loop as long as each text would be a branch that nothing foretells.
        let rows = self.longest();
        // SAFETY: this function's own condition.
        unsafe { W::fill_avx2(&self.patterns, &self.texts, &mut self.rows[..rows]) };
        self.used = 0;
        K::lanes::<V, L>(&self.rows[..rows], &self.m, &self.n)
    }

    /// Counts for the first lane alone, and empties all.
    fn run_first<K: Kernel>(&mut self, one: &mut Lanes<W, Plain<W, 1>, 1>) -> K::Count {
        (one.patterns, one.texts) = ([self.patterns[0]], [self.texts[0]]);
        (one.m, one.n) = ([self.m[0]], [self.n[0]]);
        (one.used, self.used) = (1, 0);
        let [count] = one.run::<K>();
        count
    }

    /// The length of the longest text. Lanes without a pair count as empty.
    #[inline(always)]
    fn longest(&mut self) -> usize {
        for lane in self.used..L {
            (self.m[lane], self.n[lane]) = (0, 0);
        }
        self.n.iter().fold(0, |longest, &n| longest.max(n)) as usize
    }
}

/// How many pairs of up to 32 characters, and of up to 64, are counted at a time.
pub(crate) const SHORT: usize = 16;
pub(crate) const LONG: usize = 8;

/// The lanes of a thread.
#[derive(Debug)]
pub(crate) struct Registers {
    short: Lanes<u32, EightTwice, SHORT>,
    long: Lanes<u64, FourTwice, LONG>,
    one_short: Lanes<u32, Plain<u32, 1>, 1>,
    one_long: Lanes<u64, Plain<u64, 1>, 1>,
}

impl Default for Registers {
    fn default() -> Self {
        let instructions = Instructions::detect();
        Self {
            short: Lanes::new(instructions),
            long: Lanes::new(instructions),
            one_short: Lanes::new(instructions),
            one_long: Lanes::new(instructions),
        }
    }
}

/// Pairs with something to remember about each, counted as soon as enough have come.
#[derive(Debug)]
pub(crate) struct Queue<'r, X> {
    registers: &'r mut Registers,
    short_of: [X; SHORT],
    long_of: [X; LONG],
    /// Where the staged pair is.
    is_long: bool,
}

/// As many codes as a string in the queue may have.
pub(crate) const MOST: usize = 64;

impl<'r, X: Copy + Default> Queue<'r, X> {
    pub(crate) fn new(registers: &'r mut Registers) -> Self {
        (registers.short.used, registers.long.used) = (0, 0);
        Self {
            registers,
            short_of: [X::default(); SHORT],
            long_of: [X::default(); LONG],
            is_long: false,
        }
    }

    /// Whether a pair fits into the queue, and is ASCII: then it is next, once [`Self::take`] is
    /// called.
    #[inline(always)]
    pub(crate) fn stage_ascii(&mut self, a: Text<'_>, b: Text<'_>) -> bool {
        let longer = a.len().max(b.len());
        if longer > MOST {
            return false;
        }
        self.is_long = longer > 32;
        if self.is_long {
            self.registers.long.stage_ascii(a, b)
        } else {
            self.registers.short.stage_ascii(a, b)
        }
    }

    /// Makes a pair of at most [`MOST`] codes each the next.
    #[inline(always)]
    pub(crate) fn stage(&mut self, a: &[u8], b: &[u8]) {
        self.is_long = a.len().max(b.len()) > 32;
        if self.is_long {
            self.registers.long.stage(a, b)
        } else {
            self.registers.short.stage(a, b)
        }
    }

    /// Makes a pair of codes the next, from longer arrays.
    #[inline(always)]
    pub(crate) fn stage_rooms(&mut self, a: (&[u8; ROOM], usize), b: (&[u8; ROOM], usize)) {
        self.is_long = a.1.max(b.1) > 32;
        if self.is_long {
            self.registers.long.stage_rooms(a, b)
        } else {
            self.registers.short.stage_rooms(a, b)
        }
    }

    /// Takes the pair that was staged; `done` is called with the pairs that are counted now.
    #[inline(always)]
    pub(crate) fn take<K: Kernel>(&mut self, about: X, done: impl FnOnce(&[X], &[K::Count])) {
        if self.is_long {
            let lane = self.registers.long.take();
            self.long_of[lane] = about;
            if lane == LONG - 1 {
                done(&self.long_of, &self.registers.long.run::<K>());
            }
        } else {
            let lane = self.registers.short.take();
            self.short_of[lane] = about;
            if lane == SHORT - 1 {
                done(&self.short_of, &self.registers.short.run::<K>());
            }
        }
    }

    /// Counts the pairs that still wait.
    pub(crate) fn finish<K: Kernel>(self, mut done: impl FnMut(&[X], &[K::Count])) {
        let Registers { short, long, one_short, one_long } = self.registers;
        match short.used {
            0 => {}
            1 => done(&self.short_of[..1], &[short.run_first::<K>(one_short)]),
            used => done(&self.short_of[..used], &short.run::<K>()[..used]),
        }
        match long.used {
            0 => {}
            1 => done(&self.long_of[..1], &[long.run_first::<K>(one_long)]),
            used => done(&self.long_of[..used], &long.run::<K>()[..used]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::similarity::details::kernel::{Jaro, Lcs, Levenshtein, Osa};

    const PAIRS: [(&str, &str); 6] = [
        ("abcdef", "abdcfe"),
        ("", "x"),
        ("a name of thirty-two characters.", "another of thirty-two characters"),
        ("aaaaaaa", "aa"),
        ("kitten", "sitting"),
        ("dixon", "dicksonx"),
    ];

    fn counts<K: Kernel, W: Width, V: Vector<L, Word = W>, const L: usize>(
        instructions: Instructions,
    ) -> Vec<K::Count> {
        let mut lanes = Lanes::<W, V, L>::new(instructions);
        let mut counts = vec![];
        // Twice, so that the lanes hold something of an earlier pair.
        for pairs in PAIRS.iter().chain(&PAIRS).collect::<Vec<_>>().chunks(L) {
            for (a, b) in pairs {
                lanes.stage(a.as_bytes(), b.as_bytes());
                lanes.take();
            }
            counts.extend(lanes.run::<K>().into_iter().take(pairs.len()));
        }
        counts
    }

    fn same_everywhere<K: Kernel<Count: PartialEq + std::fmt::Debug>>() {
        let expected = counts::<K, u64, Plain<u64, 1>, 1>(Instructions::Portable);
        for instructions in [Instructions::Portable, Instructions::detect()] {
            let short = counts::<K, u32, EightTwice, SHORT>(instructions);
            assert_eq!(short, expected, "{instructions:?}");
            let long = counts::<K, u64, FourTwice, LONG>(instructions);
            assert_eq!(long, expected, "{instructions:?}");
            let few = counts::<K, u32, Plain<u32, 3>, 3>(instructions);
            assert_eq!(few, expected, "{instructions:?}");
            assert_eq!(counts::<K, u32, Plain<u32, 1>, 1>(instructions), expected);
        }
    }

    #[test]
    fn all_instructions_count_the_same() {
        same_everywhere::<Lcs>();
        same_everywhere::<Levenshtein>();
        same_everywhere::<Osa>();
        same_everywhere::<Jaro>();
        let distances = counts::<Levenshtein, u32, EightTwice, SHORT>(Instructions::Portable);
        assert_eq!(distances[4], 3);
    }
}
