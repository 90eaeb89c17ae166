//! What the memory knows about the ids of a table.

use super::{
    EACH, PHONE, Parts, Reuse, UNCERTAIN, Wish,
    asked::{AskedUnit, select_asked},
    entries::{Entry, Hash, HashKey},
    found, layers,
};
use crate::{
    error::{Error, Result},
    ledger::{
        UnitState,
        packed::{pack, pack_bytes, unpack, unpack_bytes},
        sql::{Database, Row, Statement, sql},
        store::SqlLedger,
    },
    process::clock::now,
};

/// Number of ids that are stored together.
const CHUNK: usize = 65_536;

/// The unit that holds an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// The job; 0 if there is no answer.
    pub job: u32,
    pub number: u32,
}

/// Ids of a job that were known when it was planned in a given round, with what was known about
/// each.
pub type ReusedIds = (u32, Vec<(String, Recalled)>);

/// What is known about one record, and what is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recalled {
    /// The wanted parts for which there is no answer that the job accepts.
    pub missing: Parts,
    /// Whether another job is asking for some of the missing parts.
    pub in_flight: bool,
    /// The known parts, and which of them were found.
    pub flags: Parts,
    /// What the known parts cost when they were bought; `None` if that is unknown for one of them.
    pub credits: Option<u32>,
    /// When they were answered, in seconds since 1970; the later of two times.
    pub at: u32,
    /// The unit with the e-mail address or the whole answer, and the unit with the phone number.
    pub sources: [Source; 2],
}

impl Recalled {
    /// Whether nothing was found, and a row of the result that could not be assigned may have the
    /// answer.
    pub fn is_uncertain(&self) -> bool {
        self.flags & UNCERTAIN != 0 && !self.is_found()
    }

    /// Whether anything wanted was found.
    pub fn is_found(&self) -> bool {
        EACH.iter().any(|part| self.flags & found(*part) != 0)
    }
}

/// A unit of another job that asks for records which this job waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    pub job: i64,
    pub number: u32,
    pub state: UnitState,
}

impl Waiting {
    /// Whether nothing changes before a person has decided about the unit.
    pub fn needs_decision(&self) -> bool {
        matches!(self.state, UnitState::InDoubt | UnitState::Failed)
    }
}

/// What the memory knows about ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recall {
    /// Everything that was asked up to this point and is relevant is included. What is asked later
    /// is checked again before a unit is sent.
    pub as_of: i64,
    /// What is known about each id.
    pub of: Vec<Recalled>,
    /// The units of other jobs that are waited for.
    pub waits: Vec<Waiting>,
}

/// The newest answer to a part.
#[derive(Debug, Clone, Copy)]
struct Newest {
    at: u32,
    source: Source,
    credits: Option<u16>,
    flags: Parts,
}

/// What was found out about one record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    /// The parts that others are asking for now.
    pub in_flight: Parts,
    /// The newest answers: first for the e-mail address or the whole, then for the phone number.
    newest: [Option<Newest>; 2],
}

const fn slot(part: Parts) -> usize {
    if part == PHONE { 1 } else { 0 }
}

impl Found {
    pub fn note(&mut self, entry: &Entry) {
        let source = Source { job: entry.job, number: entry.number };
        let Entry { at, credits, flags, .. } = *entry;
        for part in EACH.into_iter().filter(|part| flags & part != 0) {
            let newest = &mut self.newest[slot(part)];
            if newest.is_none_or(|newest| (newest.at, newest.source) < (at, source)) {
                *newest = Some(Newest { at, source, credits, flags });
            }
        }
    }

    fn taken(&self, part: Parts, reuse: &Reuse, now: i64) -> Option<Newest> {
        let newest = self.newest[slot(part)].filter(|newest| newest.flags & part != 0)?;
        let age = now.saturating_sub(i64::from(newest.at).saturating_mul(1_000_000)).max(0);
        reuse.takes(age, newest.flags & found(part) != 0).then_some(newest)
    }

    /// The wanted parts for which an acceptable answer is known.
    pub fn known(&self, wanted: Parts, reuse: &Reuse, now: i64) -> Parts {
        let known = |part: &Parts| wanted & part != 0 && self.taken(*part, reuse, now).is_some();
        EACH.into_iter().filter(known).sum()
    }

    fn recall(&self, wanted: Parts, reuse: &Reuse, now: i64) -> Recalled {
        let mut recalled = Recalled { credits: Some(0), ..Recalled::default() };
        for part in EACH.into_iter().filter(|part| wanted & part != 0) {
            let Some(newest) = self.taken(part, reuse, now) else {
                recalled.missing |= part;
                continue;
            };
            if !recalled.sources.contains(&newest.source) {
                let sum = recalled.credits.zip(newest.credits);
                recalled.credits = sum.map(|(sum, more)| sum + u32::from(more));
            }
            recalled.sources[slot(part)] = newest.source;
            recalled.flags |= newest.flags & (part | found(part) | UNCERTAIN);
            recalled.at = recalled.at.max(newest.at);
        }
        recalled.in_flight = self.in_flight & recalled.missing != 0;
        recalled
    }
}

/// The positions of a record among ids, which may spell it in several ways.
fn places(sorted: &[(Hash, u32)], hash: Hash) -> impl Iterator<Item = usize> {
    let first = sorted.partition_point(|(own, _)| *own < hash);
    let same = sorted[first..].iter().take_while(move |(own, _)| *own == hash);
    same.map(|(_, at)| *at as usize)
}

impl<D: Database> SqlLedger<D> {
    /// The id of a question and the key of its hashes; `None` if it was never asked.
    fn question(&self, wish: &Wish) -> Result<Option<(i64, HashKey)>> {
        let question = &wish.question;
        let found = self.database.read(vec![sql!(
            "SELECT id, (SELECT key FROM lantern_hash_key) FROM lantern_questions \
             WHERE account = ?1 AND family = ?2 AND parameters = ?3",
            question.account.as_str(),
            question.family.as_str(),
            question.parameters.as_str()
        )])?;
        let Some(row) = found.into_iter().flatten().next() else { return Ok(None) };
        let mut row = row.read();
        Ok(Some((row.next()?, HashKey(row.next()?))))
    }

    /// What is known about ids, ignoring what the job `except` itself asks. Answers of loaded units
    /// are folded into layers first.
    ///
    /// # Errors
    /// If the ledger cannot be used.
    pub(in crate::ledger) fn recall_all(
        &self,
        wish: &Wish,
        ids: &[String],
        except: Option<i64>,
    ) -> Result<Recall> {
        let new = Recalled { missing: wish.parts, ..Recalled::default() };
        let nothing = |as_of| Recall { as_of, of: vec![new; ids.len()], waits: Vec::new() };
        let Some((question, key)) = self.question(wish)? else { return Ok(nothing(0)) };
        if wish.reuse.is_never() {
            return Ok(nothing(0));
        }
        self.fold(question)?;
        let at = now();
        let except = except.unwrap_or(-1);
        // Open questions are read before the layers, so that an entry that moves in the meantime is
        // seen twice and not missed.
        let mut read = self.database.read(vec![
            select_asked(&question.to_string(), except, 0),
            sql!("SELECT folded FROM lantern_questions WHERE id = ?1", question),
        ])?;
        let folded = read.pop().unwrap_or_default().into_iter().next();
        let folded: i64 = folded.map_or(Ok(0), |row| row.read().next())?;
        let asked = read.pop().unwrap_or_default();
        let asked = asked.into_iter().map(AskedUnit::read).collect::<Result<Vec<_>>>()?;
        let newest = asked.iter().map(|asked| asked.id).max().unwrap_or(0).max(folded);
        let oldest = asked.iter().filter(|asked| asked.in_flight()).map(|asked| asked.id - 1).min();
        let mut sorted: Vec<(Hash, u32)> = Vec::with_capacity(ids.len());
        for (at, id) in (0..).zip(ids) {
            sorted.push((key.of_id(id), at));
            sorted.extend(key.earlier_of_id(id).map(|hash| (hash, at)));
        }
        sorted.sort_unstable();
        let mut hashes: Vec<Hash> = sorted.iter().map(|(hash, _)| *hash).collect();
        hashes.dedup();
        let mut about = vec![Found::default(); ids.len()];
        let mut waits = Vec::new();
        for asked in &asked {
            if asked.in_flight() {
                let mut waited = false;
                for at in asked.hashes().flat_map(|hash| places(&sorted, hash)) {
                    about[at].in_flight |= asked.parts;
                    waited = true;
                }
                if waited {
                    let AskedUnit { job, number, state, .. } = *asked;
                    waits.push(Waiting { job, number, state });
                }
            } else {
                for entry in asked.entries()? {
                    places(&sorted, entry.hash).for_each(|at| about[at].note(&entry));
                }
            }
        }
        let mut next = 0;
        let mut ask = |statements| self.database.read(statements);
        let mut last: Hash = Hash::default();
        layers::find(&mut ask, question, &hashes, &mut |entry| {
            // The entries of a layer are sorted, so a smaller hash begins the next layer.
            if entry.hash < last {
                next = 0;
            }
            last = entry.hash;
            while sorted.get(next).is_some_and(|(hash, _)| *hash < entry.hash) {
                next += 1;
            }
            let same = sorted[next..].iter().take_while(|(hash, _)| *hash == entry.hash);
            same.for_each(|(_, at)| about[*at as usize].note(&entry));
        })?;
        let of = about.iter().map(|found| found.recall(wish.parts, &wish.reuse, at)).collect();
        Ok(Recall { as_of: oldest.unwrap_or(newest), of, waits })
    }
}

/// Stores ids of a job that were answered before, beginning with chunk `first`.
pub(in crate::ledger) fn put_reused(
    job: i64,
    first: u64,
    round: u32,
    reused: &[(String, Recalled)],
) -> Result<Vec<Statement>> {
    let mut writes = Vec::new();
    for (chunk, part) in (first..).zip(reused.chunks(CHUNK)) {
        let ids: Vec<String> = part.iter().map(|(id, _)| id.clone()).collect();
        writes.push(sql!(
            "INSERT INTO lantern_reused (job, chunk, round, ids, sources) VALUES (?1, ?2, ?3, ?4, ?5)",
            job,
            chunk,
            round,
            pack(&ids)?,
            pack_reused(part.iter().map(|(_, recalled)| recalled))?
        ));
    }
    Ok(writes)
}

/// The stored value of an unknown price.
const UNKNOWN: u32 = u32::MAX;

/// Encodes what was known about ids.
pub(in crate::ledger) fn pack_reused<'a>(
    of: impl Iterator<Item = &'a Recalled> + Clone,
) -> Result<Vec<u8>> {
    // Column by column, which compresses better: most columns hardly change from one id to the
    // next.
    let mut bytes: Vec<u8> = of.clone().map(|recalled| recalled.flags).collect();
    bytes.extend(of.clone().map(|recalled| recalled.missing));
    let mut words = |pick: fn(&Recalled) -> u32| {
        bytes.extend(of.clone().flat_map(|recalled| pick(recalled).to_le_bytes()));
    };
    words(|recalled| recalled.credits.unwrap_or(UNKNOWN));
    words(|recalled| recalled.at);
    words(|recalled| recalled.sources[0].job);
    words(|recalled| recalled.sources[0].number);
    words(|recalled| recalled.sources[1].job);
    words(|recalled| recalled.sources[1].number);
    pack_bytes(&bytes)
        .map_err(|error| Error::ledger(format!("known answers cannot be written down: {error}")))
}

/// Size in bytes of a [`Recalled`] as [`pack_reused`] encodes it.
const WRITTEN: usize = 2 + 6 * 4;

/// Decodes the ids of a chunk and where they were answered.
pub(in crate::ledger) fn unpack_reused(
    ids: &[u8],
    sources: &[u8],
) -> Result<Vec<(String, Recalled)>> {
    let ids = unpack(ids)?;
    let damaged = || Error::ledger("the ledger's list of known answers is damaged");
    let bytes = unpack_bytes(sources).map_err(|_| damaged())?;
    let count = ids.len();
    if bytes.len() != count * WRITTEN {
        return Err(damaged());
    }
    let (flags, rest) = bytes.split_at(count);
    let (missing, rest) = rest.split_at(count);
    let (words, _) = rest.as_chunks::<4>();
    let word = |column: usize, at: usize| u32::from_le_bytes(words[column * count + at]);
    let source =
        |column: usize, at: usize| Source { job: word(column, at), number: word(column + 1, at) };
    let read = |(at, id): (usize, String)| {
        let recalled = Recalled {
            missing: missing[at],
            in_flight: false,
            flags: flags[at],
            credits: Some(word(0, at)).filter(|credits| *credits != UNKNOWN),
            at: word(1, at),
            sources: [source(2, at), source(4, at)],
        };
        (id, recalled)
    };
    Ok(ids.into_iter().enumerate().map(read).collect())
}

/// Decodes chunks of reused ids.
pub(in crate::ledger) fn reused_chunks(rows: Vec<Row>) -> Result<Vec<ReusedIds>> {
    let read = |row: Row| {
        let mut row = row.read();
        let round = row.next()?;
        let (ids, sources): (Vec<u8>, Vec<u8>) = (row.next()?, row.next()?);
        Ok((round, unpack_reused(&ids, &sources)?))
    };
    rows.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::EMAIL, *};

    fn entry(at: u32, number: u32, flags: Parts) -> Entry {
        Entry { hash: [0; 12], at, job: 1, number, credits: Some(3), flags }
    }

    #[test]
    fn a_pair_is_answered_from_its_halves_and_asks_for_the_missing_one() {
        let both = EMAIL | PHONE;
        let mut found_of = Found::default();
        found_of.note(&entry(10, 1, EMAIL | found(EMAIL)));
        let recalled = found_of.recall(both, &Reuse::ALWAYS, 0);
        assert_eq!((recalled.missing, recalled.credits), (PHONE, Some(3)));
        found_of.note(&entry(11, 2, PHONE));
        let recalled = found_of.recall(both, &Reuse::ALWAYS, 0);
        assert_eq!((recalled.missing, recalled.credits, recalled.at), (0, Some(6), 11));
        assert_eq!(recalled.sources.map(|source| source.number), [1, 2]);
        assert!(recalled.is_found());
        // A pair of parts that was bought together is counted once.
        found_of.note(&entry(12, 3, both));
        assert_eq!(found_of.recall(both, &Reuse::ALWAYS, 0).credits, Some(3));
        let unknown = Entry { credits: None, ..entry(13, 4, PHONE) };
        found_of.note(&unknown);
        assert_eq!(found_of.recall(both, &Reuse::ALWAYS, 0).credits, None, "3 of it at least");
    }

    #[test]
    fn an_answer_that_no_row_is_certainly_of_stays_known() {
        let mut found_of = Found::default();
        found_of.note(&entry(10, 1, EMAIL | UNCERTAIN));
        let recalled = found_of.recall(EMAIL, &Reuse::ALWAYS, 0);
        assert_eq!((recalled.missing, recalled.is_uncertain()), (0, true));
        // A later answer replaces it.
        found_of.note(&entry(11, 2, EMAIL | found(EMAIL)));
        let recalled = found_of.recall(EMAIL, &Reuse::ALWAYS, 0);
        assert_eq!((recalled.is_found(), recalled.is_uncertain()), (true, false));
    }

    #[test]
    fn what_is_known_and_taken_is_written_and_read_again() {
        let recalled = Recalled {
            flags: EMAIL | PHONE,
            credits: Some(70_000),
            at: 5,
            sources: [Source { job: 1, number: 2 }, Source { job: 3, number: 4 }],
            ..Recalled::default()
        };
        let unknown = Recalled { credits: None, ..recalled };
        let reused: Vec<_> =
            [recalled, unknown, recalled].map(|known| ("P1".to_owned(), known)).into();
        let mut written = put_reused(1, 0, 0, &reused).unwrap();
        let values = written.remove(0).values;
        let bytes = |at: usize| match &values[at] {
            crate::ledger::sql::Value::Bytes(bytes) => bytes.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(unpack_reused(&bytes(3), &bytes(4)).unwrap(), reused);
        assert!(unpack_reused(&bytes(3), &bytes(3)).is_err());
    }
}
