//! Records of the CRM, read and written by the names of their fields.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{OptionalExtension, Row, Transaction, params_from_iter, types::Value as Cell};
use serde_json::{Map, Value, json};

use super::{Object, ids};

/// Fields and values of a record, including `id`, `created_at` and `modified_at`.
pub(crate) type Record = Map<String, Value>;

/// The text of a field; `None` if it is null or empty.
pub(crate) fn text<'r>(record: &'r Record, field: &str) -> Option<&'r str> {
    record.get(field)?.as_str().filter(|text| !text.trim().is_empty())
}

/// A time, as records and answers write it.
pub(crate) fn iso(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The current time, but later than any previous modstamp, so that transactions have an order.
pub(crate) fn modstamp(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    let now = Utc::now().timestamp_micros();
    let last: Option<i64> = transaction
        .prepare_cached("SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'modstamp'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let stamp = last.map_or(now, |last| now.max(last + 1));
    transaction
        .prepare_cached("INSERT OR REPLACE INTO settings VALUES ('modstamp', ?)")?
        .execute([stamp.to_string()])?;
    Ok(stamp)
}

fn columns(object: Object) -> String {
    format!("id, {}, created_at, modified_at", object.fields().join(", "))
}

fn record(object: Object, row: &Row<'_>) -> rusqlite::Result<Record> {
    let mut record = Record::new();
    record.insert("id".into(), row.get::<_, String>(0)?.into());
    for (at, field) in object.fields().iter().enumerate() {
        let value = match row.get::<_, Cell>(at + 1)? {
            Cell::Null | Cell::Blob(_) => Value::Null,
            Cell::Integer(number) if *field == "active" => Value::Bool(number != 0),
            Cell::Integer(number) => number.into(),
            Cell::Real(number) => json!(number),
            Cell::Text(text) => text.into(),
        };
        record.insert((*field).to_owned(), value);
    }
    let last = object.fields().len();
    record.insert("created_at".into(), iso(row.get(last + 1)?).into());
    record.insert("modified_at".into(), iso(row.get(last + 2)?).into());
    Ok(record)
}

/// The record with an id.
pub(crate) fn read(
    transaction: &rusqlite::Connection,
    object: Object,
    id: &str,
) -> rusqlite::Result<Option<Record>> {
    let sql = format!("SELECT {} FROM {} WHERE id = ?", columns(object), object.table());
    transaction.prepare_cached(&sql)?.query_row([id], |row| record(object, row)).optional()
}

/// Records of a kind in the order of their ids.
pub(crate) fn list(
    connection: &rusqlite::Connection,
    object: Object,
    after: &str,
    limit: usize,
) -> rusqlite::Result<Vec<Record>> {
    let sql = format!(
        "SELECT {} FROM {} WHERE id > ? ORDER BY id LIMIT ?",
        columns(object),
        object.table()
    );
    connection
        .prepare_cached(&sql)?
        .query_map(
            params_from_iter([
                Cell::Text(after.to_owned()),
                Cell::Integer(i64::try_from(limit).unwrap_or(i64::MAX)),
            ]),
            |row| record(object, row),
        )?
        .collect()
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(yes) => Cell::Integer(i64::from(*yes)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Cell::Integer(whole),
            None => number.as_f64().map_or(Cell::Null, Cell::Real),
        },
        Value::String(text) => Cell::Text(text.clone()),
        other => Cell::Text(other.to_string()),
    }
}

/// Whether a field can have a value. All fields are text, except for an amount and a flag.
pub(crate) fn fits(field: &str, value: &Value) -> bool {
    match (field, value) {
        (_, Value::Null) => field != "active" && field != "status",
        ("amount", value) => value.is_number(),
        ("active", value) => value.is_boolean(),
        (_, value) => value.is_string(),
    }
}

/// Creates a record. Fields that the kind does not have are left out.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    object: Object,
    record: &Record,
    at: i64,
) -> rusqlite::Result<String> {
    let id = ids::next(transaction, object)?;
    insert_as(transaction, object, &id, record, at)?;
    Ok(id)
}

/// Creates a record with a given id.
pub(super) fn insert_as(
    transaction: &Transaction<'_>,
    object: Object,
    id: &str,
    record: &Record,
    at: i64,
) -> rusqlite::Result<()> {
    let mut names = vec!["id"];
    let mut cells = vec![Cell::Text(id.to_owned())];
    for field in object.fields() {
        if let Some(value) = record.get(*field).filter(|value| !value.is_null()) {
            names.push(field);
            cells.push(cell(value));
        }
    }
    names.extend(["created_at", "modified_at"]);
    cells.extend([Cell::Integer(at), Cell::Integer(at)]);
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        object.table(),
        names.join(", "),
        vec!["?"; names.len()].join(", ")
    );
    transaction.prepare_cached(&sql)?.execute(params_from_iter(cells)).map(drop)
}

/// Changes a record. Returns what changed: field to `{"from": ..., "to": ...}`.
///
/// If nothing differs, nothing is written and the modstamp stays the same.
pub(crate) fn update(
    transaction: &Transaction<'_>,
    object: Object,
    before: &Record,
    changes: &Record,
    at: i64,
) -> rusqlite::Result<Map<String, Value>> {
    let mut diff = Map::new();
    let mut names = Vec::new();
    let mut cells = Vec::new();
    for field in object.fields() {
        let Some(new) = changes.get(*field) else { continue };
        let old = before.get(*field).unwrap_or(&Value::Null);
        if old != new {
            diff.insert((*field).to_owned(), json!({"from": old, "to": new}));
            names.push(format!("{field} = ?"));
            cells.push(cell(new));
        }
    }
    if diff.is_empty() {
        return Ok(diff);
    }
    let id = before.get("id").and_then(Value::as_str).unwrap_or_default();
    names.push("modified_at = ?".to_owned());
    cells.extend([Cell::Integer(at), Cell::Text(id.to_owned())]);
    let sql = format!("UPDATE {} SET {} WHERE id = ?", object.table(), names.join(", "));
    transaction.prepare_cached(&sql)?.execute(params_from_iter(cells))?;
    if let Some(change) = diff.get("owner_id") {
        transaction
            .prepare_cached(
                "INSERT INTO owner_history (at, object_id, owner_id, prev_owner) \
                 VALUES (?, ?, ?, ?)",
            )?
            .execute(rusqlite::params![at, id, change["to"].as_str(), change["from"].as_str()])?;
    }
    Ok(diff)
}
