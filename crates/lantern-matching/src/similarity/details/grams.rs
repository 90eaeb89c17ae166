//! q-grams of two strings, counted in one hash table.

/// Characters in a q-gram. Three scalar values of 21 bits are one word, so that a q-gram is its
/// own exact key.
const Q: usize = 3;

/// Maximum length of a text, in bytes, for whose q-grams room is made in advance. Longer texts
/// repeat theirs.
const MANY: usize = 4096;

/// Counts of the q-grams of `a`, of `b`, and of both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) different_a: u64,
    pub(crate) different_b: u64,
    /// Number of different q-grams that both have.
    pub(crate) shared: u64,
    /// The highest count of a q-gram.
    pub(crate) greatest_a: u64,
    /// Sums of squared counts.
    pub(crate) squares_a: u64,
    pub(crate) squares_b: u64,
    /// Sum of the products of both counts.
    pub(crate) products: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// 0 is a free slot: a q-gram has at least one character.
    gram: u64,
    a: u32,
    b: u32,
}

/// Open addressing over a power of two of slots.
#[derive(Debug, Default)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    used: Vec<u32>,
    /// Number of used slots that belong to the first string.
    used_by_a: usize,
    tally: Tally,
}

impl Table {
    /// Number of q-grams of a string.
    pub(crate) fn count(text: &str) -> usize {
        if text.is_empty() { 0 } else { text.chars().count() + Q - 1 }
    }

    /// Reads the first string, which the table compares with any second one.
    pub(crate) fn read(&mut self, text: &str) {
        if text.len() <= MANY {
            self.read_with::<false>(text)
        } else {
            self.read_with::<true>(text)
        }
    }

    fn read_with<const GROWS: bool>(&mut self, text: &str) {
        for slot in self.used.drain(..) {
            self.slots[slot as usize] = Slot::default();
        }
        self.room_for(text.len());
        let mut tally = Tally::default();
        each(text, |gram| {
            let slot = self.slot::<GROWS>(gram);
            let before = u64::from(slot.a);
            slot.a += 1;
            tally.different_a += u64::from(before == 0);
            tally.greatest_a = tally.greatest_a.max(before + 1);
            tally.squares_a += 2 * before + 1;
        });
        self.tally = tally;
        self.used_by_a = self.used.len();
    }

    /// The counts of the first string.
    pub(crate) fn first(&self) -> &Tally {
        &self.tally
    }

    /// Counts a second string; afterwards the table contains only the first one again.
    pub(crate) fn with(&mut self, text: &str) -> Tally {
        if text.len() <= MANY {
            self.with_text::<false>(text)
        } else {
            self.with_text::<true>(text)
        }
    }

    fn with_text<const GROWS: bool>(&mut self, text: &str) -> Tally {
        self.room_for(text.len());
        let mut tally = self.tally;
        each(text, |gram| {
            let slot = self.slot::<GROWS>(gram);
            let before = u64::from(slot.b);
            slot.b += 1;
            tally.different_b += u64::from(before == 0);
            tally.shared += u64::from(before == 0 && slot.a > 0);
            tally.squares_b += 2 * before + 1;
            tally.products += u64::from(slot.a);
        });
        // With linear probing, freeing the newest slots leaves the older ones within reach.
        for slot in self.used.drain(self.used_by_a..) {
            self.slots[slot as usize] = Slot::default();
        }
        for &slot in &self.used {
            self.slots[slot as usize].b = 0;
        }
        tally
    }

    /// Makes room for this many more bytes of text, up to [`MANY`]; beyond that, the table grows
    /// with the q-grams.
    fn room_for(&mut self, bytes: usize) {
        let needed = (2 * (self.used.len() + bytes.min(MANY) + Q)).next_power_of_two();
        if needed > self.slots.len() {
            self.grow(needed);
        }
    }

    #[cold]
    fn grow(&mut self, size: usize) {
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        let used = std::mem::take(&mut self.used);
        for slot in used {
            let slot = old[slot as usize];
            *find(&mut self.slots, &mut self.used, slot.gram) = slot;
        }
    }

    /// The slot of a q-gram, in a table that is at most half full.
    #[inline(always)]
    fn slot<const GROWS: bool>(&mut self, gram: u64) -> &mut Slot {
        if GROWS && 2 * self.used.len() >= self.slots.len() {
            self.grow(2 * self.slots.len());
        }
        find(&mut self.slots, &mut self.used, gram)
    }

    /// Releases memory that an unusually long string needed.
    pub(crate) fn trim(&mut self, most: usize) {
        if self.slots.len() > most {
            *self = Self::default();
        }
    }
}

/// The slot of a q-gram; a new one if it has none.
#[inline(always)]
fn find<'s>(slots: &'s mut [Slot], used: &mut Vec<u32>, gram: u64) -> &'s mut Slot {
    let mask = slots.len() - 1;
    // In Fibonacci hashing, the high bits of the product are mixed best.
    let mut at = (gram.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
    while slots[at].gram != gram {
        if slots[at].gram == 0 {
            slots[at].gram = gram;
            used.push(at as u32);
            break;
        }
        at = (at + 1) & mask;
    }
    &mut slots[at]
}

#[inline(always)]
fn each(text: &str, mut take: impl FnMut(u64)) {
    if text.is_empty() {
        return;
    }
    const BITS: u32 = 21;
    const GRAM: u64 = (1 << (BITS * Q as u32)) - 1;
    let mut gram = 0;
    // Scalar values are counted from 1, so that 0 is the mark outside of the ends.
    for c in text.chars() {
        gram = (gram << BITS | (u64::from(u32::from(c)) + 1)) & GRAM;
        take(gram);
    }
    for _ in 1..Q {
        gram = (gram << BITS) & GRAM;
        take(gram);
    }
}
