//! What is sent of each record, in memory and in files beside the job's results, so that another
//! process on this machine can send the rest. Like the results, the files contain personal data,
//! and the same rules apply to them.

use std::{
    collections::HashMap,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use arrow::{
    array::{Array, AsArray, LargeStringArray, UInt64Array},
    compute::take,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{OWN_ID, identity::Person};
use crate::{
    error::{Error, Result},
    ledger::packed::{pack_bytes, unpack_bytes},
    process::{durable, private},
    results::record_id::canonical,
};

/// Number of records in one file.
const CHUNK: usize = 65_536;

/// The records of a job, by the form in which the ids of the ledger are known.
#[derive(Debug, Default)]
pub struct StoredRecords {
    fields: Vec<(String, LargeStringArray)>,
    rows: HashMap<String, u32>,
}

/// A part of the records, as a file stores it.
#[derive(Serialize, Deserialize)]
struct Chunk {
    ids: Vec<String>,
    fields: Vec<Column>,
}

/// A field's name and its values, one per record.
type Column = (String, Vec<Option<String>>);

fn file_name(number: usize) -> String {
    format!("records-{number}.zst")
}

impl StoredRecords {
    /// Collects the first row of each record of a table.
    ///
    /// # Errors
    /// If a field cannot be collected, because a record would be sent without it.
    pub(super) fn of(
        ids: &[String],
        first_rows: &[u64],
        fields: &[(String, LargeStringArray)],
    ) -> Result<Self> {
        let places = UInt64Array::from(first_rows.to_vec());
        let first = |(name, values): &(String, LargeStringArray)| {
            let taken = take(values, &places, None)?;
            Ok::<_, Error>((name.clone(), taken.as_string::<i64>().clone()))
        };
        Ok(Self {
            fields: fields.iter().map(first).collect::<Result<_>>()?,
            rows: (0_u32..).zip(ids).map(|(row, id)| (known(id), row)).collect(),
        })
    }

    fn value(&self, row: u32, field: &str) -> Option<&str> {
        let (_, values) = self.fields.iter().find(|(own, _)| own == field)?;
        let row = row as usize;
        let text = (!values.is_null(row)).then(|| values.value(row).trim())?;
        Some(text).filter(|text| !text.is_empty())
    }

    /// The person that a record is about.
    pub(super) fn person(&self, id: &str) -> Option<Person> {
        let row = *self.rows.get(&*canonical(id))?;
        Some(Person::read(|field| self.value(row, field)))
    }

    /// The records of a batch, in the form in which they are sent.
    ///
    /// # Errors
    /// If one of them is not known on this machine.
    pub fn records(&self, ids: &[String]) -> Result<Vec<Map<String, Value>>> {
        ids.iter()
            .map(|id| {
                let row = self.rows.get(&*canonical(id)).copied().ok_or_else(|| {
                    Error::ledger("a record of the batch is not among those that are kept here")
                        .hint("submit the same table again")
                })?;
                let mut record = Map::new();
                // If the API echoes ids, it echoes this one.
                record.insert("id".to_owned(), Value::from(id.as_str()));
                for (field, _) in &self.fields {
                    if OWN_ID.contains(&field.as_str()) {
                        continue;
                    }
                    if let Some(text) = self.value(row, field) {
                        record.insert(field.clone(), Value::from(text));
                    }
                }
                Ok(record)
            })
            .collect()
    }

    /// Writes the records into files in a folder that only this user may read.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let unwritable = |error: io::Error| {
            Error::ledger(format!("the records cannot be written to {}: {error}", folder.display()))
                .with_path(folder)
                .caused_by(error)
        };
        private::folder(folder).map_err(unwritable)?;
        let mut ids: Vec<(&str, u32)> =
            self.rows.iter().map(|(id, row)| (id.as_str(), *row)).collect();
        ids.sort_unstable_by_key(|(_, row)| *row);
        for (number, part) in ids.chunks(CHUNK).enumerate() {
            let values = |field: &str| -> Vec<Option<String>> {
                part.iter().map(|(_, row)| self.value(*row, field).map(str::to_owned)).collect()
            };
            let chunk = Chunk {
                ids: part.iter().map(|(id, _)| (*id).to_owned()).collect(),
                fields: self.fields.iter().map(|(name, _)| (name.clone(), values(name))).collect(),
            };
            let bytes = serde_json::to_vec(&chunk).map_err(io::Error::from);
            let bytes = bytes.and_then(|bytes| pack_bytes(&bytes)).map_err(unwritable)?;
            // Renamed when complete, so that a reader never sees a part of the file.
            let place = folder.join(file_name(number));
            let mut file = durable::private_draft(&place).map_err(unwritable)?;
            file.write_all(&bytes).map_err(unwritable)?;
            durable::replace(&place, file).map_err(unwritable)?;
        }
        Ok(())
    }

    /// Reads what [`StoredRecords::write`] wrote; `None` if there is nothing.
    ///
    /// # Errors
    /// If a file cannot be read, or is damaged.
    pub fn open(folder: &Path) -> Result<Option<Self>> {
        let mut kept: Option<(Vec<String>, Vec<Column>)> = None;
        for number in 0.. {
            let place = folder.join(file_name(number));
            let bytes = match fs::read(&place) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(error) => return Err(unreadable(&place, error)),
            };
            let chunk = unpack_bytes(&bytes)
                .and_then(|json| Ok(serde_json::from_slice::<Chunk>(&json)?))
                .map_err(|error| unreadable(&place, error))?;
            let sound = chunk.fields.iter().all(|(_, values)| values.len() == chunk.ids.len());
            let (ids, fields) = kept.get_or_insert_default();
            let known = fields.iter().map(|(name, _)| name).eq(chunk.fields.iter().map(|f| &f.0));
            if !sound || !(fields.is_empty() || known) {
                return Err(unreadable(&place, io::ErrorKind::InvalidData.into()));
            }
            ids.extend(chunk.ids);
            match fields.is_empty() {
                true => *fields = chunk.fields,
                false => {
                    for ((_, values), (_, more)) in fields.iter_mut().zip(chunk.fields) {
                        values.extend(more);
                    }
                }
            }
        }
        Ok(kept.map(|(ids, fields)| Self {
            fields: fields
                .into_iter()
                .map(|(name, values)| (name, values.into_iter().collect()))
                .collect(),
            rows: (0..).zip(ids).map(|(row, id)| (known(&id), row)).collect(),
        }))
    }
}

/// The form in which an id is known, whatever its spelling.
fn known(id: &str) -> String {
    canonical(id).into_owned()
}

fn unreadable(place: &Path, error: io::Error) -> Error {
    let place: PathBuf = place.to_owned();
    Error::ledger(format!("the records in {} cannot be read: {error}", place.display()))
        .with_path(place)
        .caused_by(error)
        .hint("submit the same table again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_as_they_were() {
        let ids: Vec<String> = (0..CHUNK + 3).map(|number| format!("r-{number}")).collect();
        let names: LargeStringArray =
            ids.iter().map(|id| (id.len() % 2 == 0).then_some(id.as_str())).collect();
        let rows: Vec<u64> = (0..ids.len() as u64).collect();
        let kept = StoredRecords::of(&ids, &rows, &[("first_name".to_owned(), names)]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("job");
        assert!(StoredRecords::open(&place).unwrap().is_none());
        kept.write(&place).unwrap();
        let back = StoredRecords::open(&place).unwrap().unwrap();
        assert_eq!(back.records(&ids).unwrap(), kept.records(&ids).unwrap());
        assert!(back.records(&["r-x".to_owned()]).is_err());
        fs::write(place.join("records-1.zst"), b"no").unwrap();
        assert!(StoredRecords::open(&place).is_err());
    }
}
