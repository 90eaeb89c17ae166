//! The machine words that hold one bit for each character of a pattern.

use std::ops::{BitAnd, BitOr, BitXor, Not};

/// An unsigned word. Arithmetic wraps, as bit-vector algorithms want it.
pub(crate) trait Word:
    Copy
    + Eq
    + Default
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
{
    const ZERO: Self;
    const ONE: Self;
    const ONES: Self;

    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    /// Shifted by one towards the end of the pattern.
    fn shifted(self) -> Self;
    /// The `count` lowest bits set; `count` may be the width of the word.
    fn lowest(count: u32) -> Self;
    fn ones(self) -> u32;
    fn from_bit(bit: bool) -> Self;
    /// The lower 32 bits, as a count.
    fn small(self) -> u32;

    /// A small number.
    fn number(count: u32) -> Self;
    /// All bits set where `self < other`, both below the sign bit: one instruction, unlike the
    /// comparison without signs.
    fn below(self, other: Self) -> Self;

    /// All bits set where `bit` holds, none where it does not.
    #[inline(always)]
    fn all_if(bit: bool) -> Self {
        Self::ZERO.minus(Self::from_bit(bit))
    }
}

macro_rules! word {
    ($($type:ty, $signed:ty;)*) => {$(
        impl Word for $type {
            const ZERO: Self = 0;
            const ONE: Self = 1;
            const ONES: Self = <$type>::MAX;

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            #[inline(always)]
            fn shifted(self) -> Self {
                self << 1
            }
            #[inline(always)]
            fn lowest(count: u32) -> Self {
                if count >= <$type>::BITS { <$type>::MAX } else { (1 << count) - 1 }
            }
            #[inline(always)]
            fn ones(self) -> u32 {
                self.count_ones()
            }
            #[inline(always)]
            fn number(count: u32) -> Self {
                count as $type
            }
            #[inline(always)]
            fn below(self, other: Self) -> Self {
                Self::all_if((self as $signed) < (other as $signed))
            }
            #[inline(always)]
            fn from_bit(bit: bool) -> Self {
                bit as $type
            }
            #[inline(always)]
            fn small(self) -> u32 {
                self as u32
            }
        }
    )*};
}

word!(u32, i32; u64, i64;);
