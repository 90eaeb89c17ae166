//! An entry of the memory: what is stored about a record, in 27 bytes.

use sha2::{Digest, Sha256};

use super::{EACH, Parts};
use crate::{
    error::{Error, Result},
    results::record_id::{canonical, earlier},
};

/// A record in the memory: 96 bits of a keyed hash, so that collisions among 50,000,000 records are
/// practically excluded.
pub type Hash = [u8; 12];

/// The key of the hashes. Without it nobody can find out whose record a hash belongs to.
#[derive(Debug, Clone)]
pub struct HashKey(pub String);

impl HashKey {
    /// The hash by which a record is known, whatever the spelling of its id.
    pub fn of_id(&self, id: &str) -> Hash {
        self.hash(&canonical(id))
    }

    /// The other hashes by which an earlier version may have recorded it.
    pub fn earlier_of_id(&self, id: &str) -> impl Iterator<Item = Hash> {
        earlier(id).map(move |form| self.hash(&form))
    }

    pub fn hash(&self, record: &str) -> Hash {
        let mut hash = Sha256::new();
        hash.update(self.0.as_bytes());
        hash.update(record.as_bytes());
        let mut short = Hash::default();
        let whole = hash.finalize();
        short.iter_mut().zip(whole.iter()).for_each(|(to, from)| *to = *from);
        short
    }
}

/// The stored value of an unknown price.
const UNKNOWN: u16 = u16::MAX;

/// The stored value of a price; the largest value stands for everything above it.
pub fn written_price(credits: Option<u16>) -> u16 {
    credits.map_or(UNKNOWN, |credits| credits.min(UNKNOWN - 1))
}

/// Decodes what [`written_price`] returned.
pub fn read_price(written: u16) -> Option<u16> {
    (written != UNKNOWN).then_some(written)
}

/// One answer to one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub hash: Hash,
    /// When it was answered, in seconds since 1970.
    pub at: u32,
    /// The job and the unit that hold the answer.
    pub job: u32,
    pub number: u32,
    /// Cost of the record, at most 65,534; `None` if unknown.
    pub credits: Option<u16>,
    /// The [`Parts`] that were answered, and what was found.
    pub flags: Parts,
}

/// Size of an entry in bytes.
pub const SIZE: usize = 27;
/// Size of its hash, which comes first.
const HASH: usize = size_of::<Hash>();

impl Entry {
    pub fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.hash);
        to.extend_from_slice(&self.at.to_le_bytes());
        to.extend_from_slice(&self.job.to_le_bytes());
        to.extend_from_slice(&self.number.to_le_bytes());
        to.extend_from_slice(&written_price(self.credits).to_le_bytes());
        to.push(self.flags);
    }

    fn read(bytes: &[u8; SIZE]) -> Self {
        let word = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let mut hash = Hash::default();
        hash.copy_from_slice(&bytes[..12]);
        Self {
            hash,
            at: word(12),
            job: word(16),
            number: word(20),
            credits: read_price(u16::from_le_bytes([bytes[24], bytes[25]])),
            flags: bytes[26],
        }
    }

    /// The parts that it answers.
    pub fn parts(&self) -> Parts {
        self.flags & EACH.iter().fold(0, |all, part| all | part)
    }
}

/// Decodes entries.
///
/// # Errors
/// If the bytes are damaged.
pub fn read_entries(bytes: &[u8]) -> Result<impl Iterator<Item = Entry>> {
    let (entries, rest) = bytes.as_chunks::<SIZE>();
    if !rest.is_empty() {
        return Err(Error::ledger("the ledger's memory of records is damaged"));
    }
    Ok(entries.iter().map(Entry::read))
}

/// Sorted entries that stay encoded, so that finding one costs a few comparisons.
pub struct Bucket<'a>(&'a [[u8; SIZE]]);

impl<'a> Bucket<'a> {
    /// Takes the bytes that [`Entry::write`] made, without decoding them.
    ///
    /// # Errors
    /// If the bytes are damaged.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let (entries, rest) = bytes.as_chunks::<SIZE>();
        if !rest.is_empty() {
            return Err(Error::ledger("the ledger's memory of records is damaged"));
        }
        Ok(Self(entries))
    }

    /// The first and the last hash; `None` if there are no entries.
    pub fn ends(&self) -> Option<(&'a [u8], &'a [u8])> {
        let (first, last) = (self.0.first()?, self.0.last()?);
        Some((&first[..HASH], &last[..HASH]))
    }

    /// The entries of one record.
    pub fn of(&self, hash: Hash) -> impl Iterator<Item = Entry> + use<'a> {
        let first = self.0.partition_point(|entry| entry[..HASH] < hash[..]);
        let rest = self.0.get(first..).unwrap_or_default();
        rest.iter().take_while(move |entry| entry[..HASH] == hash[..]).map(Entry::read)
    }
}

/// Sorts entries and removes those that a newer one replaces.
pub fn tidy(entries: &mut Vec<Entry>) {
    // By hash, the newest first.
    entries.sort_unstable_by(|a, b| a.hash.cmp(&b.hash).then_with(|| b.cmp(a)));
    let (mut hash, mut covered) = (None, 0);
    entries.retain(|entry| {
        if hash != Some(entry.hash) {
            (hash, covered) = (Some(entry.hash), 0);
        }
        let adds = entry.parts() & !covered != 0;
        covered |= entry.parts();
        adds
    });
}

#[cfg(test)]
mod tests {
    use super::{
        super::{EMAIL, PHONE, found},
        *,
    };

    #[test]
    fn entries_come_back_as_they_were() {
        let entry = Entry {
            hash: HashKey("k".into()).hash("P0000001"),
            at: 4_000_000_000,
            job: 7,
            number: 70_000,
            credits: Some(6),
            flags: EMAIL | PHONE | found(PHONE),
        };
        let mut bytes = Vec::new();
        entry.write(&mut bytes);
        assert_eq!(bytes.len(), SIZE);
        assert_eq!(read_entries(&bytes).unwrap().collect::<Vec<_>>(), [entry]);
        for (credits, kept) in [(None, None), (Some(0), Some(0)), (Some(65_535), Some(65_534))] {
            assert_eq!(read_price(written_price(credits)), kept);
        }
        assert!(read_entries(&bytes[1..]).is_err());
    }

    #[test]
    fn a_record_has_one_hash_in_every_case_of_its_uuid() {
        let key = HashKey("k".into());
        let lower = "8c6f2a10-0b1d-4e5f-9abc-def012345678";
        let upper = lower.to_uppercase();
        assert_eq!(key.of_id(&upper), key.hash(lower));
        assert_eq!(key.earlier_of_id(lower).collect::<Vec<_>>(), [key.hash(&upper)]);
        assert_ne!(key.of_id("P7"), key.of_id("p7"));
        assert_eq!(key.earlier_of_id("P7").count(), 0);
    }

    #[test]
    fn the_entries_of_a_record_are_found_among_others() {
        let entry = |hash: u8, at| Entry {
            hash: [hash; 12],
            at,
            job: 1,
            number: 1,
            credits: None,
            flags: EMAIL,
        };
        let all = [entry(2, 1), entry(4, 1), entry(4, 2), entry(9, 1)];
        let mut bytes = Vec::new();
        all.iter().for_each(|entry| entry.write(&mut bytes));
        let bucket = Bucket::read(&bytes).unwrap();
        assert_eq!(bucket.ends(), Some((&[2_u8; 12][..], &[9_u8; 12][..])));
        for hash in 0..=10_u8 {
            let own: Vec<_> = all.iter().filter(|entry| entry.hash[0] == hash).copied().collect();
            assert_eq!(bucket.of([hash; 12]).collect::<Vec<_>>(), own, "{hash}");
        }
        assert!(Bucket::read(&[]).unwrap().ends().is_none());
        assert!(Bucket::read(&bytes[1..]).is_err());
    }

    #[test]
    fn only_what_a_newer_answer_covers_goes() {
        let entry =
            |at, flags| Entry { hash: [1; 12], at, job: 1, number: 1, credits: None, flags };
        let mut entries = vec![entry(1, EMAIL), entry(2, PHONE), entry(3, EMAIL), entry(0, PHONE)];
        tidy(&mut entries);
        assert_eq!(entries, [entry(3, EMAIL), entry(2, PHONE)]);
        let mut entries = vec![entry(1, EMAIL), entry(2, EMAIL | PHONE), entry(1, PHONE)];
        tidy(&mut entries);
        assert_eq!(entries, [entry(2, EMAIL | PHONE)]);
    }
}
