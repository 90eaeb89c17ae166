//! Pairs waiting for the lanes of a vector register to fill up.
#![allow(unsafe_code)]

use super::{
    kernel::Kernel,
    rows::{self, Instructions, Width},
};

/// `L` pairs of strings that have at most as many codes as `W` has bits.
#[derive(Debug)]
pub(crate) struct Lanes<W: Width, const L: usize> {
    patterns: [W::Codes; L],
    texts: [W::Codes; L],
    m: [u32; L],
    n: [u32; L],
    used: usize,
    rows: [[W; L]; 64],
    instructions: Instructions,
}

impl<W: Width, const L: usize> Lanes<W, L> {
    pub(crate) fn new(instructions: Instructions) -> Self {
        Self {
            patterns: [W::EMPTY; L],
            texts: [W::EMPTY; L],
            m: [0; L],
            n: [0; L],
            used: 0,
            rows: [[W::ZERO; L]; 64],
            instructions,
        }
    }

    /// Puts a pair into the next lane, the longer string as the pattern: there are as many steps
    /// as the text has characters. Gives back the lane.
    #[inline(always)]
    pub(crate) fn put(&mut self, a: &[u8], b: &[u8]) -> usize {
        let (pattern, text) = if a.len() < b.len() { (b, a) } else { (a, b) };
        let lane = self.used;
        copy(self.patterns[lane].as_mut(), pattern);
        copy(self.texts[lane].as_mut(), text);
        self.m[lane] = pattern.len() as u32;
        self.n[lane] = text.len() as u32;
        self.used += 1;
        lane
    }

    /// Counts for all lanes that are in use, and empties them.
    #[inline(always)]
    pub(crate) fn run<K: Kernel>(&mut self) -> [K::Count; L] {
        match self.instructions {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Instructions::detect` found these instructions on this machine.
            Instructions::Avx2 => unsafe { self.run_avx2::<K>() },
            Instructions::Portable => {
                let mut table = [W::ZERO; 256];
                self.run_with::<K>(|pattern, text, rows, lane| {
                    rows::fill_by_table(pattern, text, rows, lane, &mut table);
                })
            }
        }
    }

    /// # Safety
    /// The machine must have these instructions.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    unsafe fn run_avx2<K: Kernel>(&mut self) -> [K::Count; L] {
        let longest = self.lengths();
        for lane in 0..self.used {
            let n = self.n[lane] as usize;
            // SAFETY: this function's own condition.
            unsafe {
                W::fill_avx2(
                    &self.patterns[lane],
                    &self.texts[lane].as_ref()[..n],
                    &mut self.rows,
                    lane,
                );
            }
            self.clear_rows(lane, n, longest);
        }
        self.used = 0;
        K::lanes(&self.rows[..longest], &self.m, &self.n)
    }

    #[inline(always)]
    fn run_with<K: Kernel>(
        &mut self,
        mut fill: impl FnMut(&[u8], &[u8], &mut [[W; L]], usize),
    ) -> [K::Count; L] {
        let longest = self.lengths();
        for lane in 0..self.used {
            let (m, n) = (self.m[lane] as usize, self.n[lane] as usize);
            fill(
                &self.patterns[lane].as_ref()[..m],
                &self.texts[lane].as_ref()[..n],
                &mut self.rows,
                lane,
            );
            self.clear_rows(lane, n, longest);
        }
        self.used = 0;
        K::lanes(&self.rows[..longest], &self.m, &self.n)
    }

    /// The length of the longest text. Lanes without a pair count as empty.
    #[inline(always)]
    fn lengths(&mut self) -> usize {
        for lane in self.used..L {
            (self.m[lane], self.n[lane]) = (0, 0);
        }
        self.n.iter().fold(0, |longest, &n| longest.max(n)) as usize
    }

    #[inline(always)]
    fn clear_rows(&mut self, lane: usize, from: usize, to: usize) {
        for row in &mut self.rows[from..to] {
            row[lane] = W::ZERO;
        }
    }
}

/// Copies a few codes to the beginning of `to`; what lies behind them may be anything afterwards.
/// Two moves of a fixed size that overlap are quicker than a call of `memcpy`.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    #[inline(always)]
    fn ends<const N: usize>(to: &mut [u8], from: &[u8]) -> bool {
        let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else {
            return false;
        };
        to[..N].copy_from_slice(first);
        to[from.len() - N..from.len()].copy_from_slice(last);
        true
    }
    let copied = ends::<32>(to, from)
        || ends::<16>(to, from)
        || ends::<8>(to, from)
        || ends::<4>(to, from)
        || ends::<2>(to, from);
    if !copied && let Some(&only) = from.first() {
        to[0] = only;
    }
}

/// Pairs with something to remember about each, counted as soon as enough have come.
#[derive(Debug)]
pub(crate) struct Queue<X> {
    short: Lanes<u32, 8>,
    short_of: [X; 8],
    long: Lanes<u64, 4>,
    long_of: [X; 4],
}

impl<X: Copy + Default> Queue<X> {
    /// As many codes as a string in the queue may have.
    pub(crate) const MOST: usize = 64;

    pub(crate) fn new() -> Self {
        let instructions = Instructions::detect();
        Self {
            short: Lanes::new(instructions),
            short_of: [X::default(); 8],
            long: Lanes::new(instructions),
            long_of: [X::default(); 4],
        }
    }

    /// Takes a pair; `done` is called for the pairs that are counted now.
    #[inline(always)]
    pub(crate) fn put<K: Kernel>(
        &mut self,
        a: &[u8],
        b: &[u8],
        about: X,
        mut done: impl FnMut(X, K::Count),
    ) {
        if a.len() <= 32 && b.len() <= 32 {
            let lane = self.short.put(a, b);
            self.short_of[lane] = about;
            if lane == 7 {
                let counts = self.short.run::<K>();
                self.short_of.iter().zip(counts).for_each(|(&about, count)| done(about, count));
            }
        } else {
            let lane = self.long.put(a, b);
            self.long_of[lane] = about;
            if lane == 3 {
                let counts = self.long.run::<K>();
                self.long_of.iter().zip(counts).for_each(|(&about, count)| done(about, count));
            }
        }
    }

    /// Counts the pairs that still wait.
    pub(crate) fn finish<K: Kernel>(&mut self, mut done: impl FnMut(X, K::Count)) {
        let (short, long) = (self.short.used, self.long.used);
        if short > 0 {
            let counts = self.short.run::<K>();
            let counted = self.short_of.iter().zip(counts).take(short);
            counted.for_each(|(&about, count)| done(about, count));
        }
        if long > 0 {
            let counts = self.long.run::<K>();
            let counted = self.long_of.iter().zip(counts).take(long);
            counted.for_each(|(&about, count)| done(about, count));
        }
    }
}
