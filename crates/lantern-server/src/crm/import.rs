//! Records that the user provides for a new CRM: tables or files, one for each kind.

use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch},
    datatypes::{DataType, Float64Type},
};
use rusqlite::Transaction;
use serde_json::{Value, json};

use super::search::fields::snake;
use super::{
    Object, ids, pool_rows,
    record::{self, Record},
};
use crate::directory::read_file;
use lantern::{
    error::{Error, Result},
    tabular::{is_plain, text},
};

/// The source of the records of one kind.
#[derive(Debug, Clone)]
pub enum CrmSource {
    /// A Parquet, CSV or Arrow IPC file.
    Path(PathBuf),
    Table(Vec<RecordBatch>),
}

/// The records with which a CRM begins, by kind: `accounts`, `contacts`, `leads`, `opportunities`,
/// `users`, `tasks`, `notes`, and `pools` (with `pool` and `user_id`, in the order of turns).
///
/// Columns are found by the names of fields, as `crm()` returns them or as Salesforce spells them
/// (`first_name` or `FirstName`). Missing ones are null, and others are ignored. Without a column
/// `id`, ids are generated; if it is given, it must contain Salesforce ids of the kind.
pub type CrmSources = BTreeMap<String, CrmSource>;

/// Records from sources, read and checked.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    records: Vec<(Object, Vec<Record>)>,
    /// Users by pool.
    pools: BTreeMap<String, Vec<String>>,
}

impl Imported {
    /// # Errors
    /// If a kind is unknown, a file cannot be read, or ids are invalid or repeated.
    pub fn read(sources: &CrmSources) -> Result<Self> {
        let mut imported = Self::default();
        for (kind, source) in sources {
            let object = Object::named(kind);
            if object.is_none() && kind != "pools" {
                let error = Error::config(format!("the CRM has no {kind:?}"));
                return Err(error.hint(
                    "it has accounts, contacts, leads, opportunities, users, tasks, notes and \
                     pools",
                ));
            }
            if let Some(object) = object.filter(|object| imported.has(*object)) {
                return Err(Error::config(format!("the CRM's {} are given twice", object.table()))
                    .hint("leave one of them out"));
            }
            let (batches, name) = match source {
                CrmSource::Path(path) => (read_file(path, |_| true)?, path.display().to_string()),
                CrmSource::Table(batches) => (batches.clone(), format!("the table of {kind}")),
            };
            let Some(object) = object else {
                imported.pools = pools(&batches, &name)?;
                continue;
            };
            imported.records.push((object, records(object, &batches, &name)?));
        }
        Ok(imported)
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.pools.is_empty()
    }

    pub fn has(&self, object: Object) -> bool {
        self.records.iter().any(|(own, _)| *own == object)
    }

    pub fn has_pools(&self) -> bool {
        !self.pools.is_empty()
    }

    /// Writes the records. Those without an id get a new one.
    pub fn write(&self, transaction: &Transaction<'_>, at: i64) -> rusqlite::Result<()> {
        for (object, records) in &self.records {
            let own = records.iter().filter_map(|record| ids::number(record::text(record, "id")?));
            ids::begin_after(transaction, *object, own.max().unwrap_or(0))?;
            for record in records {
                match record::text(record, "id") {
                    Some(id) => record::insert_as(transaction, *object, id, record, at)?,
                    None => drop(record::insert(transaction, *object, record, at)?),
                }
            }
        }
        Ok(())
    }

    /// Writes the pools, after the users. Users that do not exist are left out.
    pub fn write_pools(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        for (pool, users) in &self.pools {
            let mut there = Vec::new();
            for user in users {
                if record::read(transaction, Object::User, user)?.is_some() {
                    there.push(user.clone());
                }
            }
            pool_rows::put(transaction, pool, &there)?;
        }
        Ok(())
    }
}

/// The columns of a batch, by the names of fields.
fn columns<'b>(
    batch: &'b RecordBatch,
    fields: &[&str],
    source: &str,
) -> Result<Vec<(String, &'b ArrayRef)>> {
    let mut found: Vec<(String, &ArrayRef)> = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let name = snake(field.name().trim_start_matches('\u{feff}'));
        if !fields.contains(&name.as_str()) {
            continue;
        }
        if found.iter().any(|(own, _)| *own == name) {
            return Err(Error::local(format!("{source}: two columns are the field {name:?}"))
                .hint("leave one of them out"));
        }
        found.push((name, column));
    }
    if found.is_empty() && batch.num_columns() > 0 {
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        return Err(Error::local(format!(
            "{source}: none of its columns ({}) is a field",
            names.join(", ")
        ))
        .hint(format!("the fields are {}", fields.join(", "))));
    }
    Ok(found)
}

fn records(object: Object, batches: &[RecordBatch], source: &str) -> Result<Vec<Record>> {
    let fields: Vec<&str> = std::iter::once("id").chain(object.fields().iter().copied()).collect();
    let mut records = Vec::new();
    let mut seen = HashSet::new();
    for batch in batches {
        let first = records.len();
        records.resize(first + batch.num_rows(), Record::new());
        for (name, column) in columns(batch, &fields, source)? {
            let values = values(&name, column, source)?;
            for (row, value) in values.into_iter().enumerate().filter(|(_, value)| !value.is_null())
            {
                let at = first + row;
                let value = if name == "id" || name.ends_with("_id") {
                    let of = (name == "id").then_some(object);
                    let id = id(&name, &value, of)
                        .map_err(|why| Error::local(format!("{source}: row {at}: {why}")))?;
                    if name == "id" && !seen.insert(id.clone()) {
                        return Err(Error::local(format!(
                            "{source}: row {at}: the id {id} occurs twice"
                        )));
                    }
                    id.into()
                } else {
                    value
                };
                records[at].insert(name.clone(), value);
            }
        }
    }
    Ok(records)
}

/// A Salesforce id in its form of 18 characters.
fn id(field: &str, value: &Value, object: Option<Object>) -> Result<String, String> {
    let text = value.as_str().unwrap_or_default();
    let id = ids::normal(text).ok_or_else(|| {
        format!(
            "{field} is {text:?}, which is no Salesforce id of 15 or 18 characters; leave the \
             column out if there are none"
        )
    })?;
    match object {
        Some(object) if !id.starts_with(object.prefix()) => Err(format!(
            "{field} is {id}, which is not of the kind {}: such ids begin with {}",
            object.name(),
            object.prefix()
        )),
        _ => Ok(id),
    }
}

fn values(name: &str, column: &ArrayRef, source: &str) -> Result<Vec<Value>> {
    let wanted = match name {
        "amount" => DataType::Float64,
        "active" => DataType::Boolean,
        _ => DataType::Utf8,
    };
    if wanted == DataType::Utf8 && !is_plain(column.data_type()) {
        return Err(Error::local(format!(
            "{source}: column {name:?} is of type {}",
            column.data_type()
        ))
        .hint("cast it to text first"));
    }
    let cast = text::of(column).and_then(|texts| text::to(&texts, &wanted)).map_err(|error| {
        Error::local(format!("{source}: column {name:?} cannot be read as {wanted}: {error}"))
    })?;
    let empty = |text: &str| text.trim().is_empty();
    Ok(match wanted {
        DataType::Float64 => {
            cast.as_primitive::<Float64Type>().iter().map(|number| json!(number)).collect()
        }
        DataType::Boolean => cast.as_boolean().iter().map(|yes| json!(yes)).collect(),
        _ => cast
            .as_string::<i32>()
            .iter()
            .map(|text| json!(text.filter(|text| !empty(text))))
            .collect(),
    })
}

fn pools(batches: &[RecordBatch], source: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let mut pools: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for batch in batches {
        let columns = columns(batch, &["pool", "user_id"], source)?;
        let of = |wanted: &str| {
            let column = columns.iter().find(|(name, _)| name == wanted).ok_or_else(|| {
                Error::local(format!("{source}: it has no column {wanted:?}"))
                    .hint("pools have pool and user_id")
            })?;
            values(wanted, column.1, source)
        };
        for (row, (pool, user)) in of("pool")?.into_iter().zip(of("user_id")?).enumerate() {
            let at = |why: String| Error::local(format!("{source}: row {row}: {why}"));
            let pool = pool.as_str().ok_or_else(|| at("pool is empty".to_owned()))?;
            let user = id("user_id", &user, Some(Object::User)).map_err(at)?;
            let users = pools.entry(pool.to_owned()).or_default();
            if !users.contains(&user) {
                users.push(user);
            }
        }
    }
    Ok(pools)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, StringArray};

    use super::*;

    fn table(columns: &[(&str, &[&str])]) -> Vec<RecordBatch> {
        let columns = columns.iter().map(|(name, values)| {
            let values = values.iter().map(|text| (!text.is_empty()).then_some(*text));
            (*name, Arc::new(values.collect::<StringArray>()) as ArrayRef, true)
        });
        vec![RecordBatch::try_from_iter_with_nullable(columns).unwrap()]
    }

    #[test]
    fn columns_are_found_as_salesforce_spells_them() {
        let lead = ids::id(Object::Lead, 5);
        let batches = table(&[
            ("Id", &[&lead[..15], ""]),
            ("FirstName", &["Ada", "Bob"]),
            ("Company", &["Acme", " "]),
            ("Whatever__c", &["x", "y"]),
        ]);
        let read = records(Object::Lead, &batches, "t").unwrap();
        assert_eq!(read[0]["id"], lead, "15 characters become 18");
        assert_eq!((&read[0]["first_name"], &read[0]["company"]), (&json!("Ada"), &json!("Acme")));
        assert_eq!(read[1], Record::from_iter([("first_name".to_owned(), json!("Bob"))]));
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_row() {
        let lead = ids::id(Object::Lead, 5);
        let says = |columns: &[(&str, &[&str])], wanted: &str| {
            let error = records(Object::Account, &table(columns), "a.csv").unwrap_err().to_string();
            assert!(error.contains("a.csv") && error.contains(wanted), "{error}");
        };
        says(&[("id", &["1"])], "row 0: id is \"1\", which is no Salesforce id");
        says(&[("id", &[&lead])], "such ids begin with 001");
        says(&[("owner_id", &["me"]), ("name", &["A"])], "owner_id is \"me\"");
        says(&[("colour", &["red"])], "none of its columns (colour) is a field");
        says(&[("name", &["A"]), ("Name", &["B"])], "two columns are the field \"name\"");
        let account = ids::id(Object::Account, 1);
        says(&[("id", &[&account, &account.to_lowercase()])], "occurs twice");
    }

    #[test]
    fn flags_are_flags() {
        let batches = table(&[("name", &["A", "B"]), ("active", &["false", ""])]);
        let read = records(Object::User, &batches, "t").unwrap();
        assert_eq!((read[0].get("active"), read[1].get("active")), (Some(&json!(false)), None));
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
        let batch = RecordBatch::try_from_iter([("active", flags)]).unwrap();
        assert_eq!(records(Object::User, &[batch], "t").unwrap()[0]["active"], true);
    }
}
