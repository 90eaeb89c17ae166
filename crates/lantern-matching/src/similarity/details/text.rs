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

/// A string of at most [`ROOM`] bytes as Latin-1, one byte a character.
#[derive(Debug)]
pub(crate) struct Latin1 {
    bytes: [u8; 2 * ROOM],
    text: [u8; 2 * ROOM],
    length: usize,
}

impl Default for Latin1 {
    fn default() -> Self {
        Self { bytes: [0; 2 * ROOM], text: [0; 2 * ROOM], length: 0 }
    }
}

impl Latin1 {
    /// Reads a string. Returns whether it is short enough and contains only such characters.
    #[inline(always)]
    pub(crate) fn read(&mut self, text: Text<'_>) -> bool {
        let Self { bytes, text: from, length } = self;
        let Some(room) = bytes.first_chunk_mut::<ROOM>() else { return false };
        if text.len() > ROOM {
            return false;
        }
        if text.copy_to(room) {
            *length = text.len();
            return true;
        }
        let (mut leads, mut wide) = (0, 0);
        for (i, part) in room.as_chunks::<8>().0.iter().enumerate() {
            let part = u64::from_le_bytes(*part);
            let lead = part & (part << 1);
            // Beyond U+00FF, a lead byte has one of these bits.
            let beyond = lead & ((part & (EACH * 0x3C)) + EACH * 0x7F);
            leads |= gather(lead) << (8 * i);
            wide |= gather(beyond) << (8 * i);
        }
        let inside = inside(text.len());
        if wide & inside != 0 {
            return false;
        }
        // Few characters of a name take two bytes: at each, all behind it moves up by one. The
        // bytes from which and to which it moves are behind the text, where anything may be.
        from[..ROOM].copy_from_slice(room);
        let (mut leads, mut moved) = (leads & inside, 0);
        while leads != 0 {
            let at = leads.trailing_zeros() as usize;
            let to = at - moved;
            bytes[to] = from[at] << 6 | from[at + 1] & 0x3F;
            bytes[to + 1..][..ROOM - 1].copy_from_slice(&from[at + 2..][..ROOM - 1]);
            leads &= leads - 1;
            moved += 1;
        }
        *length = text.len() - moved;
        true
    }

    /// The characters and as much behind them.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> &[u8; 2 * ROOM] {
        &self.bytes
    }

    /// The characters, and their number; behind them may be anything.
    #[inline(always)]
    pub(crate) fn room(&self) -> (&[u8; ROOM], usize) {
        // The array is longer.
        const EMPTY: &[u8; ROOM] = &[0; ROOM];
        (self.bytes.first_chunk().unwrap_or(EMPTY), self.length)
    }
}

/// One in each byte.
pub(crate) const EACH: u64 = 0x0101_0101_0101_0101;

/// Makes one byte of the highest bits of eight.
#[inline(always)]
pub(crate) fn gather(word: u64) -> u64 {
    ((word >> 7) & EACH).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// A bit for each of so many bytes, at most [`ROOM`].
#[inline(always)]
pub(crate) fn inside(length: usize) -> u64 {
    if length >= ROOM { u64::MAX } else { (1 << length) - 1 }
}

/// For each length, the bits that are set in characters beyond ASCII.
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
