//! Several words side by side, one for each pair of strings that is compared at a time.
//!
//! [`Plain`] is an array that the compiler may turn into vector instructions; with one lane it is
//! the scalar kernel. [`Eight`] and [`Four`] are AVX2 registers: the compiler makes only half as
//! wide ones of arrays of 32-bit words (measured: 1.5 times the time for Jaro). [`EightTwice`] and
//! [`FourTwice`] are two of them side by side: each step of a kernel waits for the last, and while
//! one register waits the other computes (measured: 0.8 of the time). AVX-512 registers, as wide
//! as both, take only 0.05 less, and are left out for that.

// The instructions of vector registers are unsafe: a machine may lack them.
#![allow(unsafe_code)]

use super::word::Word;

/// `L` words. Arithmetic wraps, as bit-vector algorithms want it.
pub(crate) trait Vector<const L: usize>: Copy {
    type Word: Word;

    fn load(words: &[Self::Word; L]) -> Self;
    fn words(self) -> [Self::Word; L];
    /// The same word in each lane.
    fn all(word: Self::Word) -> Self;

    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    /// The bits of `self` that `other` does not have.
    fn without(self, other: Self) -> Self;
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    /// All bits set in the lanes in which both are equal.
    fn equals(self, other: Self) -> Self;
    /// All bits set in the lanes in which `self < other`, both below the sign bit: one
    /// instruction, unlike the comparison without signs.
    fn below(self, other: Self) -> Self;

    #[inline(always)]
    fn zero() -> Self {
        Self::all(Self::Word::ZERO)
    }

    #[inline(always)]
    fn ones() -> Self {
        Self::all(Self::Word::ONES)
    }

    #[inline(always)]
    fn not(self) -> Self {
        self.xor(Self::ones())
    }

    /// Shifted by one towards the end of the pattern.
    #[inline(always)]
    fn shifted(self) -> Self {
        self.plus(self)
    }

    /// The lowest set bit of each lane.
    #[inline(always)]
    fn lowest_set(self) -> Self {
        self.and(Self::zero().minus(self))
    }

    /// The lanes of `self` where `mask` has all bits, those of `other` where it has none.
    #[inline(always)]
    fn or_where_not(self, mask: Self, other: Self) -> Self {
        self.and(mask).or(other.without(mask))
    }

    /// The `counts[l]` lowest bits of each lane.
    #[inline(always)]
    fn lowest(counts: &[u32; L]) -> Self {
        Self::load(&counts.map(Self::Word::lowest))
    }

    #[inline(always)]
    fn numbers(counts: &[u32; L]) -> Self {
        Self::load(&counts.map(Self::Word::number))
    }
}

/// An array of words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain<W, const L: usize>([W; L]);

impl<W: Word, const L: usize> Plain<W, L> {
    #[inline(always)]
    fn zip(self, other: Self, both: impl Fn(W, W) -> W) -> Self {
        Self(std::array::from_fn(|l| both(self.0[l], other.0[l])))
    }
}

impl<W: Word, const L: usize> Vector<L> for Plain<W, L> {
    type Word = W;

    #[inline(always)]
    fn load(words: &[W; L]) -> Self {
        Self(*words)
    }
    #[inline(always)]
    fn words(self) -> [W; L] {
        self.0
    }
    #[inline(always)]
    fn all(word: W) -> Self {
        Self([word; L])
    }
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }
    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }
    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        self.zip(other, |a, b| a ^ b)
    }
    #[inline(always)]
    fn without(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.zip(other, W::plus)
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.zip(other, W::minus)
    }
    #[inline(always)]
    fn equals(self, other: Self) -> Self {
        self.zip(other, |a, b| W::all_if(a == b))
    }
    #[inline(always)]
    fn below(self, other: Self) -> Self {
        self.zip(other, W::below)
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) type Eight = Plain<u32, 8>;
#[cfg(not(target_arch = "x86_64"))]
pub(crate) type Four = Plain<u64, 4>;

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Eight, Four};

/// Two vectors as one of twice the lanes.
macro_rules! twice {
    ($(#[$about:meta])* $name:ident: [$word:ty; $lanes:literal], $half:ident of $half_lanes:literal) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name($half, $half);

        impl $name {
            #[inline(always)]
            fn both(self, other: Self, of: impl Fn($half, $half) -> $half) -> Self {
                Self(of(self.0, other.0), of(self.1, other.1))
            }
        }

        impl Vector<$lanes> for $name {
            type Word = $word;

            #[inline(always)]
            fn load(words: &[$word; $lanes]) -> Self {
                let half = |from| std::array::from_fn(|l| words[from + l]);
                Self($half::load(&half(0)), $half::load(&half($half_lanes)))
            }
            #[inline(always)]
            fn words(self) -> [$word; $lanes] {
                let (low, high) = (self.0.words(), self.1.words());
                std::array::from_fn(|l| {
                    if l < $half_lanes { low[l] } else { high[l - $half_lanes] }
                })
            }
            #[inline(always)]
            fn all(word: $word) -> Self {
                Self($half::all(word), $half::all(word))
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self.both(other, $half::and)
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self.both(other, $half::or)
            }
            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                self.both(other, $half::xor)
            }
            #[inline(always)]
            fn without(self, other: Self) -> Self {
                self.both(other, $half::without)
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.both(other, $half::plus)
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self.both(other, $half::minus)
            }
            #[inline(always)]
            fn equals(self, other: Self) -> Self {
                self.both(other, $half::equals)
            }
            #[inline(always)]
            fn below(self, other: Self) -> Self {
                self.both(other, $half::below)
            }
        }
    };
}

twice! {
    /// Sixteen pairs of up to 32 characters.
    EightTwice: [u32; 16], Eight of 8
}
twice! {
    /// Eight pairs of up to 64 characters.
    FourTwice: [u64; 8], Four of 4
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! Only [`super::super::queue`] computes with these, in functions for machines with AVX2, into
    //! which everything here is inlined. Each `unsafe` below is the call of an instruction that
    //! such a machine has.

    use std::{arch::x86_64::*, mem::transmute};

    use super::Vector;

    macro_rules! register {
        (
            $(#[$about:meta])* $name:ident: [$word:ty; $lanes:literal],
            $set:ident as $signed:ty, $plus:ident, $minus:ident, $equals:ident, $above:ident
        ) => {
            $(#[$about])*
            #[derive(Debug, Clone, Copy)]
            pub(crate) struct $name(__m256i);

            impl Vector<$lanes> for $name {
                type Word = $word;

                #[inline(always)]
                fn load(words: &[$word; $lanes]) -> Self {
                    // SAFETY: both are 32 bytes, of which any are valid.
                    Self(unsafe { transmute::<[$word; $lanes], __m256i>(*words) })
                }
                #[inline(always)]
                fn words(self) -> [$word; $lanes] {
                    // SAFETY: both are 32 bytes, of which any are valid.
                    unsafe { transmute::<__m256i, [$word; $lanes]>(self.0) }
                }
                #[inline(always)]
                fn all(word: $word) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { $set(word as $signed) })
                }
                #[inline(always)]
                fn and(self, other: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { _mm256_and_si256(self.0, other.0) })
                }
                #[inline(always)]
                fn or(self, other: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { _mm256_or_si256(self.0, other.0) })
                }
                #[inline(always)]
                fn xor(self, other: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { _mm256_xor_si256(self.0, other.0) })
                }
                #[inline(always)]
                fn without(self, other: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { _mm256_andnot_si256(other.0, self.0) })
                }
                #[inline(always)]
                fn plus(self, other: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { $plus(self.0, other.0) })
                }
                #[inline(always)]
                fn minus(self, other: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { $minus(self.0, other.0) })
                }
                #[inline(always)]
                fn equals(self, other: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { $equals(self.0, other.0) })
                }
                #[inline(always)]
                fn below(self, other: Self) -> Self {
                    // SAFETY: see the module.
                    Self(unsafe { $above(other.0, self.0) })
                }
            }
        };
    }

    register! {
        /// Eight pairs of up to 32 characters.
        Eight: [u32; 8],
        _mm256_set1_epi32 as i32, _mm256_add_epi32, _mm256_sub_epi32, _mm256_cmpeq_epi32, _mm256_cmpgt_epi32
    }
    register! {
        /// Four pairs of up to 64 characters.
        Four: [u64; 4],
        _mm256_set1_epi64x as i64, _mm256_add_epi64, _mm256_sub_epi64, _mm256_cmpeq_epi64, _mm256_cmpgt_epi64
    }
}
