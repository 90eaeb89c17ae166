//! Bloom filters of a layer, so that a record that is not in it is not looked for there.
//!
//! A large memory has several large layers, and a record is usually in one of them at most. Without
//! filters, a question about 100,000 records reads nearly every page of every layer. A filter takes
//! 11 bits for each record, and fits into a page of 4 KiB.

use super::entries::{Entry, Hash};

/// Number of buckets that share a filter.
pub const GROUP: u64 = 20;
/// Size of a filter in bytes.
const SIZE: usize = 4_000;
/// Number of bits of a filter.
const BITS: u64 = SIZE as u64 * 8;
/// Number of bits that are set for each record. With 140 records a bucket, one of 200 records that
/// are not there is looked for in vain.
const EACH: u64 = 6;

/// The bits of a record. The first bytes of a hash say in which bucket it is, so they are not used.
fn bits(hash: &Hash) -> impl Iterator<Item = (usize, u8)> + use<> {
    let word = |at: usize| {
        u64::from(u32::from_be_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]))
    };
    let (first, step) = (word(4), word(8) | 1);
    (0..EACH).map(move |number| {
        let bit = (first + number * step) % BITS;
        ((bit / 8) as usize, 1 << (bit % 8))
    })
}

/// Makes the filter of some entries.
pub fn filter<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Vec<u8> {
    let mut filter = vec![0; SIZE];
    for entry in entries {
        for (byte, bit) in bits(&entry.hash) {
            filter[byte] |= bit;
        }
    }
    filter
}

/// Whether a filter was made of entries that may include a record. If it has another size, it was
/// not made by this version, and every record may be included.
pub fn may_have(filter: &[u8], hash: &Hash) -> bool {
    filter.len() != SIZE || bits(hash).all(|(byte, bit)| filter[byte] & bit != 0)
}

#[cfg(test)]
mod tests {
    use super::{super::HashKey, *};

    #[test]
    fn a_filter_lets_through_its_own_records_and_few_others() {
        let key = HashKey("k".into());
        let entry = |number: u32| Entry {
            hash: key.hash(&number.to_string()),
            at: 0,
            job: 1,
            number,
            credits: None,
            flags: 1,
        };
        let own: Vec<Entry> = (0..2_800).map(entry).collect();
        let filter = filter(&own);
        assert!(own.iter().all(|entry| may_have(&filter, &entry.hash)));
        let others = (10_000..20_000).filter(|number| may_have(&filter, &entry(*number).hash));
        let others = others.count();
        assert!(others < 150, "{others} of 10,000 others");
        assert!(may_have(&filter[1..], &entry(10_000).hash), "an unknown filter excludes nobody");
    }
}
