//! Erases everything about a person from this machine.
//!
//! Results are stored in files beside the ledger, in one folder for each job. The files are
//! rewritten without the rows of a person. In plain files with commas, every other byte is
//! unchanged; other files are decoded. What the ledger stores is erased in
//! [`crate::ledger::erasure`].

use std::{
    collections::{BTreeSet, HashSet},
    fs, io,
    path::{Path, PathBuf},
};

use csv::{ByteRecord, ReaderBuilder};
use serde::{Deserialize, Serialize};

pub use super::retention::{Purged, purge, remove_leftovers};
use super::{
    combined_results::Places,
    known_answers::Known,
    result_files::{all_files, is_records, is_table, remove, unusable},
    row_status::RowStatus,
};
use crate::{
    error::{Error, Result},
    ledger::{
        Ledger,
        erasure::{Erased, Person, is_erased},
        memory::Source,
        packed::{pack_bytes, unpack_bytes},
        suppression::{Entry, Identifier},
    },
    process::durable,
    results::with_commas,
};

/// The people to erase, as the caller describes them.
#[derive(Debug, Clone, Default)]
pub struct Forget {
    pub ids: Vec<String>,
    pub emails: Vec<String>,
    /// Whether they are also suppressed from now on, so that they do not come back.
    pub suppress: bool,
}

/// The outcome of an erasure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// The ids of the people: those that were given, and those that were found by an address.
    pub ids: BTreeSet<String>,
    /// Result files that were rewritten, and the rows that went from them.
    pub files: u64,
    pub rows: u64,
    pub ledger: Erased,
    /// Whether they are suppressed now.
    pub suppressed: bool,
    /// Whether the ledger's file was rewritten, so that nothing is left in its free pages. False
    /// for a ledger on a server, and if other processes are using the file.
    pub overwritten: bool,
}

/// Erases people from the results, the ledger and the memory of records on this machine.
///
/// # Errors
/// If nobody is named, or a file or the ledger cannot be read or written. What was erased before
/// stays erased, and the same call erases the rest.
pub fn forget(ledger: &Ledger, whom: &Forget) -> Result<Forgotten> {
    let store = ledger.store();
    let mut person = Person::new(whom.ids.iter().cloned(), &whom.emails);
    let wrong = whom.emails.iter().find(|email| Person::new([], &[(*email).clone()]).is_empty());
    if let Some(wrong) = wrong {
        return Err(Error::input(format!("{wrong:?} is not an e-mail address")));
    }
    if person.is_empty() {
        return Err(Error::input("no person was given").hint("give ids or e-mail addresses"));
    }
    let files = files_of(&store.results_folder())?;
    for file in &files {
        let found = ids_in(file, &person)?;
        person.add_ids(found);
    }
    let person = store.recognize(&person)?;
    let mut done = Forgotten { ids: person.ids.clone(), ..Forgotten::default() };
    // Suppressed first, so that nothing about these people is sent or returned in the meantime.
    if whom.suppress {
        // An id that only mapped calls have may be the number of a row, and the next one's tomorrow. The
        // record of a mapped call has an id of its own, by which it is not asked again.
        let mut ids: BTreeSet<String> = whom.ids.iter().chain(&person.records).cloned().collect();
        for file in &files {
            ids.extend(ids_in(file, &person)?);
        }
        let ids = ids.iter().map(|id| (Identifier::Id, id.clone()));
        let emails = whom.emails.iter().map(|email| (Identifier::Email, email.clone()));
        let entries: Vec<Entry> =
            ids.chain(emails).map(|(kind, text)| Entry { kind, text }).collect();
        store.suppress(&entries)?;
        done.suppressed = true;
    }
    for file in &files {
        // The originals of erased results were removed together with these.
        if !file.exists() {
            continue;
        }
        let rows = erase_from(file, &person)?;
        done.files += u64::from(rows > 0);
        done.rows += rows;
    }
    done.ledger = store.erase(&person)?;
    remove_leftovers(ledger)?;
    done.overwritten = store.scrub()?;
    Ok(done)
}

/// The results, credit reports and records of all jobs.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = all_files(folder)?;
    files.retain(|path| is_table(path) || is_records(path));
    Ok(files)
}

/// The records that a job sends instead of ids, as they are stored beside its results.
#[derive(Serialize, Deserialize)]
struct Records {
    ids: Vec<String>,
    fields: Vec<(String, Vec<Option<String>>)>,
}

impl Records {
    fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).and_then(|bytes| unpack_bytes(&bytes));
        let bytes = bytes.map_err(|error| unusable(path, error))?;
        serde_json::from_slice(&bytes).map_err(|error| unusable(path, error.into()))
    }

    fn has(&self, row: usize, person: &Person) -> bool {
        self.ids.get(row).is_some_and(|id| person.has_record(id))
            || self.fields.iter().any(|(name, values)| {
                let text = values.get(row).and_then(Option::as_deref);
                text.is_some_and(|text| person.has_email(text) || person.has_id(name, text))
            })
    }
}

/// A CSV file, and the position of its column of ids.
struct Table {
    bytes: Vec<u8>,
    header: ByteRecord,
}

impl Table {
    fn read(path: &Path) -> Result<Self> {
        let came = fs::read(path).map_err(|error| unusable(path, error))?;
        // Results are stored as the API wrote them, also compressed or with other separators. A
        // damaged file is searched as it is.
        let bytes = match with_commas(&came, &path.display().to_string()) {
            Ok(text) if !came.ends_with(text.as_bytes()) => text.into_bytes(),
            _ => came,
        };
        let header = Self::reader(&bytes).byte_headers().cloned().unwrap_or_default();
        Ok(Self { bytes, header })
    }

    fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
        ReaderBuilder::new().flexible(true).from_reader(bytes)
    }

    /// Calls `work` with each row, whether it is about the person, and where it begins.
    fn each(&self, person: &Person, mut work: impl FnMut(&ByteRecord, bool, usize)) {
        let mut reader = Self::reader(&self.bytes);
        let names: Vec<String> = self
            .header
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim_start_matches('\u{feff}').to_owned())
            .collect();
        let mut row = ByteRecord::new();
        // A line that is not valid CSV is not a row.
        while matches!(reader.read_byte_record(&mut row), Ok(true)) {
            let own = row.iter().enumerate().any(|(at, cell)| {
                let text = String::from_utf8_lossy(cell);
                let text = text.trim();
                let name = names.get(at).map_or("", String::as_str);
                // A single column may be a row of cells with an unknown separator.
                person.has_email(text)
                    || person.has_id(name, text)
                    || names.len() == 1 && person.is_named(text)
            });
            let begin = row.position().map_or(0, |position| position.byte());
            let mut begin = usize::try_from(begin).unwrap_or(usize::MAX);
            // The line feed after a row still belongs to that row.
            while self.bytes.get(begin) == Some(&b'\n') {
                begin += 1;
            }
            work(&row, own, begin);
        }
    }
}

/// The ids in one file of a person who is given by an address.
fn ids_in(path: &Path, person: &Person) -> Result<BTreeSet<String>> {
    let mut ids = BTreeSet::new();
    if !is_table(path) {
        let records = Records::read(path)?;
        let rows = (0..records.ids.len()).filter(|row| records.has(*row, person));
        ids.extend(rows.map(|row| records.ids[row].clone()));
        return Ok(ids);
    }
    let table = Table::read(path)?;
    let is_id = |name: &[u8]| {
        let name = String::from_utf8_lossy(name).trim_start_matches('\u{feff}').to_lowercase();
        matches!(name.trim(), "id" | "record_id")
    };
    let column = table.header.iter().position(is_id);
    table.each(person, |row, own, _| {
        if let Some(id) = column.and_then(|at| row.get(at)).filter(|id| own && !id.is_empty()) {
            ids.insert(String::from_utf8_lossy(id).trim().to_owned());
        }
    });
    Ok(ids)
}

/// Removes the rows of a person from a file. Returns how many there were.
fn erase_from(path: &Path, person: &Person) -> Result<u64> {
    if !is_table(path) {
        let mut records = Records::read(path)?;
        let rows: Vec<usize> =
            (0..records.ids.len()).filter(|row| records.has(*row, person)).collect();
        for (_, values) in &mut records.fields {
            for row in &rows {
                if let Some(value) = values.get_mut(*row) {
                    *value = None;
                }
            }
        }
        if !rows.is_empty() {
            let bytes = serde_json::to_vec(&records).map_err(io::Error::from);
            let bytes = bytes.and_then(|bytes| pack_bytes(&bytes));
            rewrite(path, &bytes.map_err(|error| unusable(path, error))?)?;
        }
        return Ok(rows.len() as u64);
    }
    let table = Table::read(path)?;
    let mut rows: Vec<(usize, bool)> = Vec::new();
    table.each(person, |_, own, begin| rows.push((begin, own)));
    let gone = rows.iter().filter(|(_, own)| *own).count() as u64;
    if gone == 0 {
        return Ok(0);
    }
    // The original of a normalized result may lack the ids by which its rows would be found. It is
    // removed first, so that it is not forgotten if the process dies in between.
    remove(&path.with_extension("original.csv"))?;
    let first = rows.first().map_or(table.bytes.len(), |(begin, _)| *begin);
    let mut rest = table.bytes[..first.min(table.bytes.len())].to_vec();
    let ends = rows.iter().skip(1).map(|(begin, _)| *begin).chain([table.bytes.len()]);
    for ((begin, own), end) in rows.iter().zip(ends) {
        if !own {
            rest.extend_from_slice(table.bytes.get(*begin..end).unwrap_or_default());
        }
    }
    rewrite(path, &rest)?;
    Ok(gone)
}

/// Replaces a file, either completely or not at all.
fn rewrite(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = durable::private_draft(path)?;
        io::Write::write_all(&mut file, bytes)?;
        durable::replace(path, file)
    };
    write().map_err(|error| unusable(path, error))
}

/// Answers of a job that were deleted.
pub(super) struct Gone<'a> {
    /// Units of other jobs whose answers were deleted.
    pub units: &'a HashSet<Source>,
    /// Ids of the job's own units whose answers were deleted.
    pub asked: &'a HashSet<String>,
}

impl Gone<'_> {
    /// Marks ids whose answers were deleted.
    pub fn mark(
        &self,
        ids: &[String],
        known: &Known,
        places: &Places,
        nowhere: usize,
        statuses: &mut [RowStatus],
    ) {
        for (at, (id, status)) in (0_u32..).zip(ids.iter().zip(statuses)) {
            if is_erased(id) {
                *status = RowStatus::Erased;
                continue;
            }
            let lost = known.of(at).is_some_and(|recalled| {
                recalled.sources.iter().any(|source| self.units.contains(source))
            });
            let is_here = places.of_id(at as usize).any(|(chunk, _)| chunk < nowhere);
            let had = matches!(status, RowStatus::Found | RowStatus::NotFound | RowStatus::Missing);
            if had && !is_here && (lost || self.asked.contains(id)) {
                *status = RowStatus::Erased;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn only_the_rows_of_a_person_go_and_all_else_stays_as_it_is() {
        let text = "\u{feff}id,email,\"a \"\"note\"\"\"\r\nP1,ada@acme.com,\"two\r\nlines\"\r\n\
                    P2,\"Bob <bob@acme.com>\",x\r\nP1,,again\r\n";
        let (_folder, path) = file(text);
        let person = Person::new([], &["ADA@acme.com".to_owned()]);
        assert_eq!(ids_in(&path, &person).unwrap(), BTreeSet::from(["P1".to_owned()]));
        let person = Person::new(["P1".to_owned()], &["ada@acme.com".to_owned()]);
        assert_eq!(erase_from(&path, &person).unwrap(), 2);
        let rest = fs::read_to_string(&path).unwrap();
        assert_eq!(rest, "\u{feff}id,email,\"a \"\"note\"\"\"\r\nP2,\"Bob <bob@acme.com>\",x\r\n");
        assert_eq!(erase_from(&path, &person).unwrap(), 0);
    }

    #[test]
    fn a_number_that_is_no_id_is_not_taken_for_one() {
        let (_folder, path) = file("id,credits\n1,5\n5,1\n");
        assert_eq!(erase_from(&path, &Person::new(["1".to_owned()], &[])).unwrap(), 1);
        assert_eq!(fs::read_to_string(&path).unwrap(), "id,credits\n5,1\n");
    }

    #[test]
    fn records_that_were_sent_lose_their_fields() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records-0.zst");
        let records = Records {
            ids: vec!["r-1".into(), "r-2".into()],
            fields: vec![(
                "email".into(),
                vec![Some("ada@acme.com".into()), Some("b@c.de".into())],
            )],
        };
        fs::write(&path, pack_bytes(&serde_json::to_vec(&records).unwrap()).unwrap()).unwrap();
        let person = Person::new([], &["ada@acme.com".to_owned()]);
        assert_eq!(ids_in(&path, &person).unwrap(), BTreeSet::from(["r-1".to_owned()]));
        assert_eq!(erase_from(&path, &person).unwrap(), 1);
        let rest = Records::read(&path).unwrap();
        assert_eq!(rest.fields[0].1, [None, Some("b@c.de".to_owned())]);
    }
}
