//! Batches of records: people who are identified by their names, companies and profiles instead of
//! ids.
//!
//! In the ledger a record has an id like any other: a keyed hash of its identity, which only this
//! ledger can compute. So records are planned, sent, resumed and remembered like ids, and no name
//! or address is stored in the ledger. What is sent is stored beside the result files (`kept`), and
//! `echo` assigns the rows of a result.

mod echo;
mod identity;
mod stored;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, LargeStringArray},
    datatypes::DataType,
};

use self::identity::{
    BAD_LINKEDIN, COMPANY, DOMAIN, EMAIL, FIRST_NAME, LAST_NAME, LINKEDIN, Lacks, NO_COMPANY,
    NO_FIRST_NAME, NO_LAST_NAME, Person,
};
pub use self::{echo::RowAssigner, stored::StoredRecords};
use super::ids::{Ids, lacking};
use crate::{
    api::{
        agents::{BatchKind, RECORD_FIELDS},
        fields::UnknownField,
    },
    error::{Advice, Error, Result, Setting},
    ledger::memory::{Hash, HashKey},
    results::record_id::canonical,
    tabular::column_as_text,
};

/// The column of a table for each field of a record.
pub type Columns = BTreeMap<String, String>;

/// Fields that may contain the caller's own id of a record.
const OWN_ID: [&str; 2] = ["id", "record_id"];

/// The column of a job's table with the position of each row in the input.
pub const ROW: &str = "row";

/// A column that is a field of each record.
#[derive(Debug, Clone)]
pub struct FieldColumn {
    pub field: String,
    pub column: String,
    pub data_type: DataType,
    pub chunks: Vec<ArrayRef>,
}

/// The rows of a table as records.
#[derive(Debug, Clone)]
pub struct Records {
    columns: Columns,
    fields: Vec<(String, LargeStringArray)>,
    rows: usize,
}

/// Checks which fields the records have.
///
/// # Errors
/// If batches of records do not have such a field, or the fields do not identify anybody.
pub fn check_columns(kind: BatchKind, columns: &Columns) -> Result<()> {
    if kind == BatchKind::DeepResearch {
        return Err(Error::setting(
            Setting::Columns,
            "are given, and deep-research takes ids only",
        )
        .advise(Advice::LeaveOut(Setting::Columns)));
    }
    let is_unknown = |field: &&String| !RECORD_FIELDS.contains(&field.as_str());
    if let Some(field) = columns.keys().find(is_unknown) {
        let unknown =
            UnknownField { parent: String::new(), name: field.clone(), known: &RECORD_FIELDS };
        let advice = match unknown.nearest() {
            Some(nearest) => format!("did you mean {nearest:?}?"),
            None => format!("the fields are {}", RECORD_FIELDS.join(", ")),
        };
        let happened = format!("have a field {field:?}, which is no field of a record");
        return Err(Error::setting(Setting::Columns, happened).advise(Advice::text(advice)));
    }
    let has = |names: &[&str]| names.iter().any(|name| columns.contains_key(*name));
    let named = has(FIRST_NAME) && has(LAST_NAME) && (has(COMPANY) || has(DOMAIN));
    let enough = named || has(LINKEDIN) || has(&OWN_ID) || kind != BatchKind::Email && has(EMAIL);
    if enough {
        return Ok(());
    }
    Err(Error::setting(Setting::Columns, format!("do not identify a person: {}", listed(columns)))
        .advise(Advice::text(
            "give first_name, last_name and company_name, or linkedin, a column each",
        )))
}

fn listed(columns: &Columns) -> String {
    let names: Vec<&str> = columns.keys().map(String::as_str).collect();
    if names.is_empty() { "there are none".to_owned() } else { names.join(", ") }
}

impl Records {
    /// Reads columns of one table as fields of records.
    ///
    /// # Errors
    /// If a column cannot be written as text, or the columns have different lengths.
    pub fn read(columns: Vec<FieldColumn>) -> Result<Self> {
        let mut mapping = Columns::new();
        let (mut fields, mut rows) = (Vec::with_capacity(columns.len()), None);
        for FieldColumn { field, column, data_type, chunks } in columns {
            let texts = column_as_text(&column, &data_type, &chunks)?;
            let texts: LargeStringArray = texts.into_iter().collect();
            if *rows.get_or_insert(texts.len()) != texts.len() {
                return Err(Error::input(format!(
                    "column {column:?} has {} rows and another one has {}",
                    texts.len(),
                    rows.unwrap_or(0)
                ))
                .with_column(&column));
            }
            mapping.insert(field.clone(), column);
            fields.push((field, texts));
        }
        Ok(Self { columns: mapping, fields, rows: rows.unwrap_or(0) })
    }

    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Assigns to each row the id of its record in a ledger, and collects what is sent of each
    /// record.
    ///
    /// # Errors
    /// If there are too many records, or a field cannot be collected.
    pub(super) fn identify(&self, key: &HashKey, kind: BatchKind) -> Result<(Ids, StoredRecords)> {
        let mut unique = Vec::new();
        let mut of_row = Vec::with_capacity(self.rows);
        let mut known: HashMap<String, u32> = HashMap::new();
        let mut first_rows = Vec::new();
        for row in 0..self.rows {
            let field = |name: &str| {
                let (_, values) = self.fields.iter().find(|(own, _)| own == name)?;
                (!values.is_null(row)).then(|| values.value(row))
            };
            let given = |name: &&str| field(name).map(str::trim).filter(|id| !id.is_empty());
            let id = match OWN_ID.iter().find_map(given) {
                Some(id) => id.to_owned(),
                None => match Person::read(field).identity(kind) {
                    Ok(identity) => record_id(key, &identity),
                    Err(lacks) => {
                        of_row.push(lacking(lacks));
                        continue;
                    }
                },
            };
            let next = super::ids::position(unique.len())?;
            let record = canonical(&id).into_owned();
            let place = *known.entry(record).or_insert_with(|| {
                unique.push(id);
                first_rows.push(row as u64);
                next
            });
            of_row.push(place);
        }
        let kept = StoredRecords::of(&unique, &first_rows, &self.fields)?;
        let ids = Ids {
            unique,
            of_row,
            capitals: Vec::new(),
            data_type: DataType::UInt64,
            keeps_rows: true,
        };
        Ok((ids, kept))
    }
}

/// The id of a record in a ledger. Without the ledger's key it does not reveal whose it is.
fn record_id(key: &HashKey, identity: &str) -> String {
    format!("r-{}", hex::encode(key.hash(&format!("record\u{1f}1\u{1f}{identity}"))))
}

/// Whether an id was made by [`record_id`].
fn is_record_id(id: &str) -> bool {
    let hash = id.strip_prefix("r-").filter(|hash| hash.len() == 2 * size_of::<Hash>());
    hash.is_some_and(|hash| hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

/// Why a record was not sent.
pub(super) fn reason(lacks: Lacks, columns: &Columns) -> String {
    let of = |names: &[&str]| {
        let mapped = names.iter().find_map(|name| Some((*name, columns.get(*name)?)));
        match mapped {
            Some((field, column)) if field != column => format!("{field} (column {column:?})"),
            Some((field, _)) => field.to_owned(),
            None => names[0].to_owned(),
        }
    };
    let companies: Vec<&str> = COMPANY.iter().chain(DOMAIN).copied().collect();
    let mapped = |names: &[&str]| names.iter().any(|name| columns.contains_key(*name));
    let by_name = mapped(FIRST_NAME) && mapped(LAST_NAME) && mapped(&companies);
    // If no names are mapped, the error names the fields that are mapped: the profile or the address.
    let missing: Vec<String> = if by_name || !(mapped(LINKEDIN) || mapped(EMAIL)) {
        [(NO_FIRST_NAME, FIRST_NAME), (NO_LAST_NAME, LAST_NAME), (NO_COMPANY, &companies[..])]
            .into_iter()
            .filter(|(bit, _)| lacks & bit != 0)
            .map(|(_, names)| of(names))
            .collect()
    } else {
        let other = [LINKEDIN, EMAIL].into_iter().filter(|names| mapped(names));
        let bad = |names: &&[&str]| *names == LINKEDIN && lacks & BAD_LINKEDIN != 0;
        other.filter(|names| !bad(names)).map(of).collect()
    };
    let mut what = match missing.as_slice() {
        [] => String::new(),
        [only] => format!("{only} is missing"),
        more => format!("{} are missing", more.join(", ")),
    };
    if lacks & BAD_LINKEDIN != 0 {
        if !what.is_empty() {
            what += ", and ";
        }
        what += &format!("{} is not the profile of a person", of(LINKEDIN));
    }
    format!("{what}, so the row was not sent")
}

/// The records of a job, if they are known on this machine.
pub(super) type KnownRecords = Option<Arc<StoredRecords>>;

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;
    use serde_json::{Value, json};

    use super::*;

    fn column(field: &str, values: &[Option<&str>]) -> FieldColumn {
        FieldColumn {
            field: field.to_owned(),
            column: field.to_uppercase(),
            data_type: DataType::Utf8,
            chunks: vec![Arc::new(StringArray::from(values.to_vec()))],
        }
    }

    fn table() -> Records {
        Records::read(vec![
            column("first_name", &[Some("Ada"), Some("ADA "), Some("Bob"), None]),
            column("last_name", &[Some("Byron"), Some("Byron"), Some("Noone"), None]),
            column("company_name", &[Some("Acme"), Some("acme Inc."), None, Some("Zeta")]),
        ])
        .unwrap()
    }

    #[test]
    fn rows_of_one_person_are_sent_once_and_incomplete_ones_not_at_all() {
        let key = HashKey("key".to_owned());
        let (ids, kept) = table().identify(&key, BatchKind::Email).unwrap();
        assert_eq!(ids.unique.len(), 1);
        assert_eq!(ids.of_row, [0, 0, lacking(NO_COMPANY), lacking(3)]);
        let sent = kept.records(&ids.unique).unwrap();
        assert_eq!(
            Value::Object(sent[0].clone()),
            json!({"id": ids.unique[0], "first_name": "Ada", "last_name": "Byron",
                   "company_name": "Acme"})
        );
        let (other, _) = table().identify(&HashKey("other".to_owned()), BatchKind::Email).unwrap();
        assert_ne!(other.unique, ids.unique, "another ledger has other hashes");
    }

    #[test]
    fn a_reason_names_field_and_column() {
        let columns = table().columns().clone();
        assert_eq!(
            reason(NO_COMPANY, &columns),
            "company_name (column \"COMPANY_NAME\") is missing, so the row was not sent"
        );
        let both = reason(NO_FIRST_NAME | NO_LAST_NAME | BAD_LINKEDIN, &columns);
        assert!(both.contains("(column \"LAST_NAME\") are missing, and linkedin is not"), "{both}");
        let profiles: Columns = [("linkedin".to_owned(), "Profile".to_owned())].into();
        assert!(reason(7, &profiles).starts_with("linkedin (column \"Profile\") is missing"));
        let bad = reason(7 | BAD_LINKEDIN, &profiles);
        assert!(bad.starts_with("linkedin (column \"Profile\") is not the profile"), "{bad}");
    }

    #[test]
    fn columns_are_checked_before_anything_is_read() {
        let columns = |fields: &[&str]| -> Columns {
            fields.iter().map(|field| ((*field).to_owned(), "c".to_owned())).collect()
        };
        let check = |kind, fields: &[&str]| check_columns(kind, &columns(fields));
        assert!(check(BatchKind::Email, &["first_name", "last_name", "company"]).is_ok());
        assert!(check(BatchKind::Email, &["linkedin"]).is_ok());
        assert!(check(BatchKind::Phone, &["email"]).is_ok());
        assert!(check(BatchKind::Email, &["email"]).is_err());
        assert!(check(BatchKind::Email, &["first_name", "last_name"]).is_err());
        assert!(check(BatchKind::Email, &[]).is_err());
        assert!(check(BatchKind::DeepResearch, &["linkedin"]).is_err());
        let error = check(BatchKind::Email, &["linkedin", "frist_name"]).unwrap_err();
        let said = "columns have a field \"frist_name\", which is no field of a record";
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.to_string().contains("did you mean \"first_name\"?"), "{error}");
        assert_eq!(error.facts().field.as_deref(), Some("columns"));
    }
}
