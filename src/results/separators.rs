//! Finds the separators and line ends of a text, 64 bytes at a time.
//!
//! Cells are short, so a search that starts anew for each cell would spend most of its time on
//! starting. Here each block is scanned once and the positions of its separators are kept as bits.

/// The positions of the separators and line feeds in one block of a text.
pub struct Separators {
    /// Start of the block: a multiple of 64, or `usize::MAX` before the first.
    block: usize,
    /// Bit `n` is set if byte `block + n` is a separator.
    bits: u64,
    /// The byte between two cells.
    separator: u8,
}

impl Separators {
    pub fn new(separator: u8) -> Self {
        Self { block: usize::MAX, bits: 0, separator }
    }

    /// The position of the first separator or line feed at or after `at`.
    #[inline]
    pub fn next(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let block = at & !63;
        if block != self.block {
            self.block = block;
            self.bits = separators(bytes, block, self.separator);
        }
        let mut bits = self.bits & (u64::MAX << (at & 63));
        while bits == 0 {
            self.block += 64;
            if self.block >= bytes.len() {
                self.bits = 0;
                return None;
            }
            self.bits = separators(bytes, self.block, self.separator);
            bits = self.bits;
        }
        Some(self.block + bits.trailing_zeros() as usize)
    }
}

#[inline]
fn separators(bytes: &[u8], block: usize, separator: u8) -> u64 {
    let rest = bytes.get(block..).unwrap_or_default();
    match rest.first_chunk::<64>() {
        Some(whole) => bits(whole, separator),
        None => {
            let mut padded = [0; 64];
            padded[..rest.len()].copy_from_slice(rest);
            bits(&padded, separator)
        }
    }
}

/// Written so that the compiler compares many bytes with one instruction.
#[inline]
fn bits(block: &[u8; 64], separator: u8) -> u64 {
    let hits = block.map(|byte| u8::from(byte == separator) | u8::from(byte == b'\n'));
    let mut bits = 0;
    for (n, eight) in hits.as_chunks::<8>().0.iter().enumerate() {
        // Moves the lowest bit of each of the eight bytes into the topmost byte.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * n);
    }
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_separator_is_found_from_everywhere(
            bytes in proptest::collection::vec(
                prop_oneof![Just(b','), Just(b'\n'), any::<u8>(), Just(b'a'), Just(b'-')],
                0..300,
            ),
            jumps in proptest::collection::vec(0_usize..300, 0..20),
        ) {
            let mut separators = Separators::new(b',');
            for at in (0..bytes.len()).chain(jumps) {
                let at = at.min(bytes.len());
                let expected = memchr::memchr2(b',', b'\n', &bytes[at..]).map(|found| at + found);
                prop_assert_eq!(separators.next(&bytes, at), expected);
            }
        }
    }
}
