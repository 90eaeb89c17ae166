//! Layers of the memory: sorted entries, of which only a few bytes are read to find a record.
//!
//! A layer never changes. What was loaded since becomes a new layer, which absorbs layers that are
//! not much larger, so that a question has few layers and each entry is rewritten only a few times.
//! Hashes are evenly distributed, so a layer is divided into buckets of about one page by their
//! value alone and needs no index. Large layers also have [`filters`], so that only buckets that
//! probably contain a record are read.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
};

use super::{
    entries::{Bucket, Entry, Hash, SIZE, read_entries, tidy},
    filters::{self, GROUP},
};
use crate::{
    error::{Error, Result},
    ledger::{
        sql::{Database, Row, Session, Statement, sql},
        store::SqlLedger,
    },
};

/// Runs statements, within a transaction or without one.
pub type Ask<'a> = dyn FnMut(Vec<Statement>) -> Result<Vec<Vec<Row>>> + 'a;

/// Number of entries in a bucket, so that nearly all buckets fit into a page of 4 KiB.
const BUCKET: u64 = 140;
/// Number of bits that hold the number of a bucket in its id.
const BUCKET_BITS: u32 = 24;
/// Number from which the buckets of a layer are its filters.
const FILTERS: u64 = 1 << 23;
/// Number of buckets from which a layer has filters. Fewer buckets are read as quickly.
const FILTERED: u64 = 3 * GROUP;
/// Number of units that are folded in one transaction, which blocks others from the ledger.
const UNITS: u32 = 1_024;
/// A layer absorbs layers that are at most this many times larger.
const LARGER: u64 = 3;
/// Larger layers are not merged: that would block others from the ledger for seconds.
const LARGEST: u64 = 1 << 23;
/// Number of buckets that are read at once, including unneeded ones between two needed ones.
const READ: u64 = 256;
const GAP: u64 = 3;
/// Number of reads that are sent together.
const READS: usize = 32;
/// How often a search is repeated because layers were merged in the meantime.
const TRIES: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layer {
    id: i64,
    records: u64,
    buckets: u64,
}

impl Layer {
    fn bucket(&self, hash: &Hash) -> u64 {
        let high = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        (u64::from(high) * self.buckets) >> 32
    }

    fn place(&self, bucket: u64) -> i64 {
        (self.id << BUCKET_BITS) | i64::try_from(bucket).unwrap_or(0)
    }

    fn is_filtered(&self) -> bool {
        self.buckets >= FILTERED
    }

    /// The group of buckets that share a filter.
    fn group(&self, hash: &Hash) -> u64 {
        self.bucket(hash) / GROUP
    }
}

/// Joins sorted numbers to ranges that are read at once.
fn ranges(numbers: impl Iterator<Item = u64>) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last == number => {}
            Some((first, last)) if number - *last <= GAP && number - *first < READ => {
                *last = number;
            }
            _ => ranges.push((number, number)),
        }
    }
    ranges
}

fn select_layers(question: i64) -> Statement {
    sql!(
        "SELECT id, records, buckets FROM lantern_layers WHERE question = ?1 ORDER BY records",
        question
    )
}

fn layers(rows: Vec<Row>) -> Result<Vec<Layer>> {
    let read = |row: Row| {
        let mut row = row.read();
        Ok(Layer { id: row.next()?, records: row.next()?, buckets: row.next()? })
    };
    rows.into_iter().map(read).collect()
}

/// Finds what is known about records, given by sorted hashes.
///
/// # Errors
/// If the ledger cannot be read or is damaged.
pub fn find(
    ask: &mut Ask<'_>,
    question: i64,
    hashes: &[Hash],
    found: &mut dyn FnMut(Entry),
) -> Result<()> {
    let known =
        |ask: &mut Ask<'_>| layers(ask(vec![select_layers(question)])?.pop().unwrap_or_default());
    for _ in 0..TRIES {
        let before = known(ask)?;
        let mut entries = Vec::new();
        for layer in &before {
            search(ask, layer, hashes, &mut entries)?;
        }
        // A layer that was merged in the meantime may have been partly deleted when it was read.
        let after = if before.is_empty() { Vec::new() } else { known(ask)? };
        if before.iter().all(|layer| after.contains(layer)) {
            entries.into_iter().for_each(found);
            return Ok(());
        }
    }
    Err(Error::ledger("the ledger's memory of records is being rewritten").that_passes(true))
}

/// Leaves out the hashes that are certainly not in a layer.
fn possible<'a>(ask: &mut Ask<'_>, layer: &Layer, hashes: &'a [Hash]) -> Result<Cow<'a, [Hash]>> {
    if !layer.is_filtered() {
        return Ok(Cow::Borrowed(hashes));
    }
    let first_filter = layer.place(FILTERS);
    let ranges = ranges(hashes.iter().map(|hash| FILTERS + layer.group(hash)));
    let mut possible = Vec::new();
    let mut rest = hashes;
    for part in ranges.chunks(READS) {
        let reads = part.iter().map(|(first, last)| {
            sql!(
                "SELECT place, entries FROM lantern_buckets WHERE place BETWEEN ?1 AND ?2 \
                 ORDER BY place",
                layer.place(*first),
                layer.place(*last)
            )
        });
        for row in ask(reads.collect())?.into_iter().flatten() {
            let mut row = row.read();
            let place: i64 = row.next()?;
            let filter: Vec<u8> = row.next()?;
            let group = u64::try_from(place - first_filter).unwrap_or(0);
            // Layers of earlier versions lack filters, so hashes without a filter are kept.
            let before = rest.partition_point(|hash| layer.group(hash) < group);
            let (unfiltered, from) = rest.split_at(before);
            possible.extend_from_slice(unfiltered);
            let (own, after) =
                from.split_at(from.partition_point(|hash| layer.group(hash) == group));
            possible.extend(own.iter().filter(|hash| filters::may_have(&filter, hash)));
            rest = after;
        }
    }
    possible.extend_from_slice(rest);
    Ok(Cow::Owned(possible))
}

/// Finds hashes in one layer.
fn search(
    ask: &mut Ask<'_>,
    layer: &Layer,
    hashes: &[Hash],
    entries: &mut Vec<Entry>,
) -> Result<()> {
    let hashes = possible(ask, layer, hashes)?;
    let ranges = ranges(hashes.iter().map(|hash| layer.bucket(hash)));
    let mut wanted = hashes.iter().peekable();
    for part in ranges.chunks(READS) {
        let reads = part.iter().map(|(first, last)| {
            sql!(
                "SELECT entries FROM lantern_buckets WHERE place BETWEEN ?1 AND ?2 ORDER BY place",
                layer.place(*first),
                layer.place(*last)
            )
        });
        for row in ask(reads.collect())?.into_iter().flatten() {
            let bytes: Vec<u8> = row.read().next()?;
            let bucket = Bucket::read(&bytes)?;
            let Some((first, last)) = bucket.ends() else { continue };
            // The entries, the buckets and the hashes are all sorted.
            while wanted.next_if(|hash| hash[..] < *first).is_some() {}
            while let Some(hash) = wanted.next_if(|hash| hash[..] <= *last) {
                entries.extend(bucket.of(*hash));
            }
        }
    }
    Ok(())
}

/// The statements that store a layer, once it has an id.
fn put(layer: &Layer, entries: &[Entry]) -> Vec<Statement> {
    let mut writes = Vec::new();
    for bucket in entries.chunk_by(|a, b| layer.bucket(&a.hash) == layer.bucket(&b.hash)) {
        let mut bytes = Vec::with_capacity(bucket.len() * SIZE);
        bucket.iter().for_each(|entry| entry.write(&mut bytes));
        let place = layer.place(bucket.first().map_or(0, |entry| layer.bucket(&entry.hash)));
        writes.push(sql!(
            "INSERT INTO lantern_buckets (place, entries) VALUES (?1, ?2)",
            place,
            bytes
        ));
    }
    if layer.is_filtered() {
        for group in entries.chunk_by(|a, b| layer.group(&a.hash) == layer.group(&b.hash)) {
            let number = group.first().map_or(0, |entry| layer.group(&entry.hash));
            writes.push(sql!(
                "INSERT INTO lantern_buckets (place, entries) VALUES (?1, ?2)",
                layer.place(FILTERS + number),
                filters::filter(group)
            ));
        }
    }
    writes
}

fn remove(layer: &Layer) -> [Statement; 2] {
    [
        sql!("DELETE FROM lantern_layers WHERE id = ?1", layer.id),
        // The buckets and the filters.
        sql!(
            "DELETE FROM lantern_buckets WHERE place BETWEEN ?1 AND ?2",
            layer.place(0),
            layer.place((1 << BUCKET_BITS) - 1)
        ),
    ]
}

/// Makes the filter of a group of buckets again, without the records that are erased.
fn filter_again(
    session: &mut dyn Session,
    layer: &Layer,
    group: u64,
    erased: &HashSet<Hash>,
) -> Result<Statement> {
    let all = sql!(
        "SELECT entries FROM lantern_buckets WHERE place BETWEEN ?1 AND ?2",
        layer.place(group * GROUP),
        layer.place(group * GROUP + GROUP - 1)
    );
    let mut kept = Vec::new();
    for row in session.run(vec![all])?.into_iter().flatten() {
        let bytes: Vec<u8> = row.read().next()?;
        kept.extend(read_entries(&bytes)?.filter(|entry| !erased.contains(&entry.hash)));
    }
    Ok(sql!(
        "UPDATE lantern_buckets SET entries = ?2 WHERE place = ?1",
        layer.place(FILTERS + group),
        filters::filter(&kept)
    ))
}

const FOLDABLE: &str = "FROM lantern_asked a JOIN lantern_units u ON u.job = a.job \
                        AND u.number = a.number WHERE a.question = ?1 AND u.state = 'loaded' \
                        AND a.answers IS NOT NULL";

impl<D: Database> SqlLedger<D> {
    /// Folds the answers of loaded units into layers.
    ///
    /// # Errors
    /// If the ledger cannot be written.
    pub(in crate::ledger) fn fold(&self, question: i64) -> Result<()> {
        let mut units = 0;
        loop {
            let folded = self.fold_some(question)?;
            units += folded;
            if folded < UNITS {
                break;
            }
        }
        // Disk space that a few units took is soon used again.
        if units >= UNITS / 16 {
            self.database.give_back();
        }
        Ok(())
    }

    /// Folds some units and returns how many. If it is the maximum, there may be more.
    fn fold_some(&self, question: i64) -> Result<u32> {
        let any = sql!(format!("SELECT a.id {FOLDABLE} LIMIT 1"), question);
        if self.database.read(vec![any])?.into_iter().flatten().next().is_none() {
            return Ok(0);
        }
        let lock = self.database.for_update();
        let mut folded = 0;
        self.database.transact(&mut |session| {
            let mut found = session.run(vec![
                sql!(format!("SELECT folded FROM lantern_questions WHERE id = ?1{lock}"), question),
                sql!(
                    format!(
                        "SELECT a.id, a.job, a.number, a.parts, a.answered_at, a.hashes, \
                         a.answers, u.state {FOLDABLE} ORDER BY a.id LIMIT ?2"
                    ),
                    question,
                    UNITS
                ),
                select_layers(question),
            ])?;
            let known = layers(found.pop().unwrap_or_default())?;
            let asked = found.pop().unwrap_or_default();
            folded = u32::try_from(asked.len()).unwrap_or(UNITS);
            let (mut entries, mut writes, mut last) = (Vec::new(), Vec::new(), 0);
            for row in asked {
                let asked = super::asked::AskedUnit::read(row)?;
                entries.extend(asked.entries()?);
                last = asked.id.max(last);
                writes.push(sql!("DELETE FROM lantern_asked WHERE id = ?1", asked.id));
                writes.push(sql!(
                    "UPDATE lantern_units SET remembered = 1 WHERE job = ?1 AND number = ?2",
                    asked.job,
                    asked.number
                ));
            }
            writes.push(sql!(
                "UPDATE lantern_questions SET folded = ?2 WHERE id = ?1 AND folded < ?2",
                question,
                last
            ));
            for layer in known {
                let own = entries.len() as u64;
                if layer.records > own.saturating_mul(LARGER) || layer.records + own > LARGEST {
                    continue;
                }
                let all = sql!(
                    "SELECT entries FROM lantern_buckets WHERE place BETWEEN ?1 AND ?2",
                    layer.place(0),
                    layer.place(layer.buckets)
                );
                for row in session.run(vec![all])?.into_iter().flatten() {
                    let bytes: Vec<u8> = row.read().next()?;
                    entries.extend(read_entries(&bytes)?);
                }
                writes.extend(remove(&layer));
            }
            tidy(&mut entries);
            if !entries.is_empty() {
                writes.extend(self.put_layer(session, question, &entries)?);
            }
            session.commit(writes)?;
            Ok(())
        })?;
        Ok(folded)
    }

    /// Removes records from all layers. Returns how many entries were removed.
    ///
    /// # Errors
    /// If the ledger cannot be written.
    pub(in crate::ledger) fn erase_layers(&self, hashes: &HashSet<Hash>) -> Result<u64> {
        if hashes.is_empty() {
            return Ok(0);
        }
        let lock = self.database.for_update();
        let questions =
            self.database.read(vec![sql!("SELECT id FROM lantern_questions ORDER BY id")])?;
        let mut erased = 0;
        for row in questions.into_iter().flatten() {
            let question: i64 = row.read().next()?;
            let mut own = 0;
            self.database.transact(&mut |session| {
                own = 0;
                let mut found = session.run(vec![
                    sql!(format!("SELECT id FROM lantern_questions WHERE id = ?1{lock}"), question),
                    select_layers(question),
                ])?;
                let mut writes = Vec::new();
                for layer in layers(found.pop().unwrap_or_default())? {
                    let mut groups = BTreeSet::new();
                    let buckets: BTreeSet<u64> =
                        hashes.iter().map(|hash| layer.bucket(hash)).collect();
                    for bucket in buckets {
                        let place = layer.place(bucket);
                        let read = "SELECT entries FROM lantern_buckets WHERE place = ?1";
                        for row in session.run(vec![sql!(read, place)])?.into_iter().flatten() {
                            let bytes: Vec<u8> = row.read().next()?;
                            let mut rest = Vec::with_capacity(bytes.len());
                            for entry in read_entries(&bytes)? {
                                if !hashes.contains(&entry.hash) {
                                    entry.write(&mut rest);
                                }
                            }
                            let gone = (bytes.len() - rest.len()) / SIZE;
                            if gone > 0 {
                                own += gone as u64;
                                groups.insert(bucket / GROUP);
                                writes.push(sql!(
                                    "UPDATE lantern_buckets SET entries = ?2 WHERE place = ?1",
                                    place,
                                    rest
                                ));
                            }
                        }
                    }
                    if layer.is_filtered() {
                        for group in groups {
                            writes.push(filter_again(session, &layer, group, hashes)?);
                        }
                    }
                }
                session.commit(writes)?;
                Ok(())
            })?;
            erased += own;
        }
        Ok(erased)
    }

    fn put_layer(
        &self,
        session: &mut dyn Session,
        question: i64,
        entries: &[Entry],
    ) -> Result<Vec<Statement>> {
        let records = entries.len() as u64;
        let buckets = records.div_ceil(BUCKET).min(FILTERS - 1);
        let rows = session.run(vec![sql!(
            "INSERT INTO lantern_layers (question, records, buckets) VALUES (?1, ?2, ?3) \
             RETURNING id",
            question,
            records,
            buckets
        )])?;
        let row = rows.into_iter().flatten().next();
        let id =
            row.map_or_else(|| Err(Error::ledger("a layer has no id")), |row| row.read().next())?;
        Ok(put(&Layer { id, records, buckets }, entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{memory::HashKey, sqlite::SqliteLedger};

    fn entry(number: u32) -> Entry {
        let hash = HashKey("k".into()).hash(&number.to_string());
        Entry { hash, at: 0, job: 1, number, credits: Some(1), flags: 1 }
    }

    fn sorted(numbers: std::ops::Range<u32>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = numbers.map(entry).collect();
        tidy(&mut entries);
        entries
    }

    /// The numbers of the records that are known of these, and how many rows were read for them.
    fn known(ledger: &SqliteLedger, hashes: &[Hash]) -> (Vec<u32>, usize) {
        let (mut numbers, mut rows) = (Vec::new(), 0);
        let mut ask = |statements| -> Result<Vec<Vec<Row>>> {
            let answers = ledger.database.read(statements)?;
            rows += answers.iter().map(Vec::len).sum::<usize>();
            Ok(answers)
        };
        find(&mut ask, 1, hashes, &mut |entry| numbers.push(entry.number)).unwrap();
        numbers.sort_unstable();
        (numbers, rows)
    }

    #[test]
    fn filters_save_reading_and_lose_no_record() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(&folder.path().join("ledger.sqlite")).unwrap();
        let add = |entries: &[Entry]| {
            ledger
                .database
                .transact(&mut |session| {
                    let writes = ledger.put_layer(session, 1, entries)?;
                    session.commit(writes)?;
                    Ok(())
                })
                .unwrap();
        };
        let question = "INSERT INTO lantern_questions (id, account, family, parameters) \
                        VALUES (1, 'a', 'contact', '{}')";
        ledger.database.read(vec![sql!(question)]).unwrap();
        // One layer with filters, and one that is too small for them.
        add(&sorted(0..30_000));
        add(&sorted(30_000..30_100));
        let hashes_of = |numbers: std::ops::Range<u32>| -> Vec<Hash> {
            sorted(numbers).iter().map(|entry| entry.hash).collect()
        };
        let all = hashes_of(0..60_000);
        assert_eq!(known(&ledger, &all).0, (0..30_100).collect::<Vec<_>>());
        let strangers = hashes_of(100_000..101_000);
        let (none, filtered) = known(&ledger, &strangers);
        assert!(none.is_empty());
        // Erasing keeps all others, and the filters know the erased records no more.
        let erased: HashSet<Hash> = hashes_of(0..500).into_iter().collect();
        assert_eq!(ledger.erase_layers(&erased).unwrap(), 500);
        assert_eq!(known(&ledger, &all).0, (500..30_100).collect::<Vec<_>>());
        let gone: Vec<Hash> = hashes_of(0..500);
        let layer = layers(ledger.database.read(vec![select_layers(1)]).unwrap().pop().unwrap());
        let layer = layer.unwrap().into_iter().find(Layer::is_filtered).unwrap();
        let mut read = |statements| ledger.database.read(statements);
        assert!(possible(&mut read, &layer, &gone).unwrap().len() < 25);
        // A layer of an earlier version has no filters.
        let without =
            format!("DELETE FROM lantern_buckets WHERE place >= {}", layer.place(FILTERS));
        let without = format!("{without} AND place < {}", (layer.id + 1) << BUCKET_BITS);
        ledger.database.read(vec![sql!(without)]).unwrap();
        assert_eq!(known(&ledger, &all).0, (500..30_100).collect::<Vec<_>>());
        let (none, unfiltered) = known(&ledger, &strangers);
        assert!(none.is_empty());
        assert!(2 * filtered < unfiltered, "{filtered} rows instead of {unfiltered}");
        // Nothing of a removed layer is left.
        ledger.database.read(remove(&layer).into()).unwrap();
        assert_eq!(known(&ledger, &all).0, (30_000..30_100).collect::<Vec<_>>());
    }
}
