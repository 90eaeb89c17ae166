//! Layers of the memory: sorted entries, of which only a few bytes are read to find a record.
//!
//! A layer never changes. What was loaded since becomes a new layer, which absorbs layers that are
//! not much larger, so that a question has few layers and each entry is rewritten only a few times.
//! Hashes are evenly distributed, so a layer is divided into buckets of about one page by their
//! value alone and needs no index.

use std::collections::{BTreeSet, HashSet};

use super::entries::{Bucket, Entry, Hash, SIZE, read_entries, tidy};
use crate::{
    error::{Error, Result},
    ledger::{
        sql::{Database, Row, Statement, sql},
        store::SqlLedger,
    },
};

/// Runs statements, within a transaction or without one.
pub type Ask<'a> = dyn FnMut(Vec<Statement>) -> Result<Vec<Vec<Row>>> + 'a;

/// Number of entries in a bucket, so that nearly all buckets fit into a page of 4 KiB.
const BUCKET: u64 = 140;
/// Number of bits that hold the number of a bucket in its id.
const BUCKET_BITS: u32 = 24;
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

/// Finds hashes in one layer.
fn search(
    ask: &mut Ask<'_>,
    layer: &Layer,
    hashes: &[Hash],
    entries: &mut Vec<Entry>,
) -> Result<()> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for hash in hashes {
        let bucket = layer.bucket(hash);
        match ranges.last_mut() {
            Some((_, last)) if *last == bucket => {}
            Some((first, last)) if bucket - *last <= GAP && bucket - *first < READ => {
                *last = bucket;
            }
            _ => ranges.push((bucket, bucket)),
        }
    }
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
    writes
}

fn remove(layer: &Layer) -> [Statement; 2] {
    [
        sql!("DELETE FROM lantern_layers WHERE id = ?1", layer.id),
        sql!(
            "DELETE FROM lantern_buckets WHERE place BETWEEN ?1 AND ?2",
            layer.place(0),
            layer.place(layer.buckets)
        ),
    ]
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
                let asked = super::asked::Asked::read(row)?;
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
                    let places: BTreeSet<i64> =
                        hashes.iter().map(|hash| layer.place(layer.bucket(hash))).collect();
                    for place in places {
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
                                writes.push(sql!(
                                    "UPDATE lantern_buckets SET entries = ?2 WHERE place = ?1",
                                    place,
                                    rest
                                ));
                            }
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
        session: &mut dyn crate::ledger::sql::Session,
        question: i64,
        entries: &[Entry],
    ) -> Result<Vec<Statement>> {
        let records = entries.len() as u64;
        let buckets = records.div_ceil(BUCKET).min(1 << BUCKET_BITS);
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
