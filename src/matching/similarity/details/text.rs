//! A string together with what lies behind it in its column.

use std::ops::Deref;

/// Codes that are read at once: as many as the widest lane holds.
pub(crate) const ROOM: usize = 64;

/// A string, and the bytes of its buffer from its beginning on, where there are enough of them.
/// Copying a fixed number of bytes has no branch that depends on the length, and in a column of
/// names every length is a surprise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    text: &'a str,
    room: Option<&'a [u8; ROOM]>,
}

impl<'a> Text<'a> {
    /// A string whose first byte is the first of `from`, which may go on behind it.
    #[inline(always)]
    pub(crate) fn within(text: &'a str, from: Option<&'a [u8]>) -> Self {
        let room = from.and_then(|from| from.first_chunk()).filter(|_| text.len() <= ROOM);
        Self { text, room }
    }

    #[inline(always)]
    pub(crate) fn as_str(self) -> &'a str {
        self.text
    }

    /// Copies the string to the beginning of `to`, which holds it; what lies behind it may be
    /// anything afterwards. Tells whether it is ASCII.
    #[inline(always)]
    pub(crate) fn copy_to<const N: usize>(self, to: &mut [u8; N]) -> bool {
        let length = self.text.len();
        let Some(first) = self.room.and_then(|room| room.first_chunk::<N>()) else {
            return copy(to, self.text.as_bytes());
        };
        *to = *first;
        let high = &HIGH_BITS[length.min(ROOM)];
        let words = to.as_chunks::<8>().0.iter().zip(high.as_chunks::<8>().0);
        let high = words.fold(0, |all, (word, high)| {
            all | (u64::from_ne_bytes(*word) & u64::from_ne_bytes(*high))
        });
        high == 0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    #[inline(always)]
    fn from(text: &'a str) -> Self {
        Self { text, room: None }
    }
}

impl Deref for Text<'_> {
    type Target = str;

    #[inline(always)]
    fn deref(&self) -> &str {
        self.text
    }
}

/// For each length, the bits that tell ASCII from the rest.
static HIGH_BITS: [[u8; ROOM]; ROOM + 1] = {
    let mut bits = [[0; ROOM]; ROOM + 1];
    let mut length = 0;
    while length <= ROOM {
        let mut i = 0;
        while i < length {
            bits[length][i] = 0x80;
            i += 1;
        }
        length += 1;
    }
    bits
};

/// Copies up to [`ROOM`] bytes to the beginning of `to`; what lies behind them may be anything
/// afterwards. Two moves of a fixed size that overlap are quicker than a call of `memcpy`. Tells
/// whether the bytes are ASCII.
#[inline(always)]
pub(crate) fn copy(to: &mut [u8], from: &[u8]) -> bool {
    #[inline(always)]
    fn ends<const N: usize>(to: &mut [u8], from: &[u8]) -> Option<bool> {
        let (first, last) = (from.first_chunk::<N>()?, from.last_chunk::<N>()?);
        to[..N].copy_from_slice(first);
        to[from.len() - N..from.len()].copy_from_slice(last);
        let both = first.iter().zip(last).fold(0, |all, (first, last)| all | first | last);
        Some(both < 0x80)
    }
    let done = match from.len() {
        32.. => ends::<32>(to, from),
        16.. => ends::<16>(to, from),
        8.. => ends::<8>(to, from),
        4.. => ends::<4>(to, from),
        2.. => ends::<2>(to, from),
        _ => ends::<1>(to, from),
    };
    done.unwrap_or(true)
}
