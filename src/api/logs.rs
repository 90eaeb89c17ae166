//! Logs: `GET /v1/logs/routing`, its statistics, and its retention.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::Method;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{
    Call, Effect, Invalid, LimitClass,
    lenient::{Field, Lenient, answer},
    metering::number,
    string_enum::string_enum,
    triggers::SalesforceObject,
};

/// The maximum number of entries in one answer.
pub const MAX_ENTRIES: u32 = 10_000;

/// The columns of the CSV, in this order.
pub const COLUMNS: [&str; 12] = [
    "timestamp",
    "object",
    "object_id",
    "action",
    "pool",
    "assigned_to",
    "prev_owner",
    "sequence",
    "reason",
    "request_id",
    "idempotency_key",
    "diff",
];

string_enum! {
    /// What happened to a record.
    LogAction, "action" {
        Assign = "assign", Convert = "convert", Merge = "merge", Enrich = "enrich",
    }
}

string_enum! {
    /// The format of the answer.
    LogFormat, "format" { Json = "json", Csv = "csv" }
}

/// Reads entries of the routing log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct RoutingLogs {
    /// Start of the period, UTC.
    pub from: DateTime<Utc>,
    /// End of the period, UTC.
    pub to: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<SalesforceObject>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<LogAction>,
    /// `json` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(default = "json"))]
    pub format: Option<LogFormat>,
    /// True by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(default = true))]
    pub include_diff: Option<bool>,
    /// 1000 by default, at most 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 10_000, default = 1000))]
    pub limit: Option<u32>,
}

fn span(from: DateTime<Utc>, to: DateTime<Utc>) -> Result<(), Invalid> {
    if from > to {
        return Err(Invalid::new("from", format!("from {from} is after to {to}")).hint("swap them"));
    }
    Ok(())
}

impl Call for RoutingLogs {
    /// Room for 10,000 entries, each with the values that it changed.
    const LARGEST_ANSWER: usize = 256 << 20;
    type Response = LogEntries;
    const METHOD: Method = Method::GET;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::Read;

    fn path(&self) -> String {
        "/v1/logs/routing".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        span(self.from, self.to)?;
        match self.limit {
            Some(limit) if !(1..=MAX_ENTRIES).contains(&limit) => {
                Err(Invalid::new("limit", format!("limit is {limit}"))
                    .hint(format!("give 1 to {MAX_ENTRIES}")))
            }
            _ => Ok(()),
        }
    }
}

answer! {
    /// One entry of the log: something that happened to a record.
    #[derive(Default)]
    pub struct LogEntry {
        /// ISO 8601.
        #[serde(default)]
        pub timestamp: Option<String>,
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<SalesforceObject>))]
        pub object: Option<String>,
        #[serde(default)]
        pub object_id: Option<String>,
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<LogAction>))]
        pub action: Option<String>,
        #[serde(default)]
        pub pool: Option<String>,
        #[serde(default)]
        pub assigned_to: Option<String>,
        #[serde(default)]
        pub prev_owner: Option<String>,
        #[serde(default, with = "number")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
        pub sequence: Option<f64>,
        #[serde(default)]
        pub reason: Option<String>,
        #[serde(default)]
        pub request_id: Option<String>,
        #[serde(default)]
        pub idempotency_key: Option<String>,
        /// What changed: field to `{"from": ..., "to": ...}`.
        #[serde(default)]
        pub diff: Option<Value>,
    }
}

/// Entries of the log, the oldest first.
///
/// They are read from an object with `entries`, from a bare list, or from the text of a CSV file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogEntries {
    pub success: Option<bool>,
    pub entries: Vec<LogEntry>,
}

impl<'de> Deserialize<'de> for LogEntries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        match Value::deserialize(deserializer)? {
            Value::String(text) => from_csv(&text).map_err(D::Error::custom),
            Value::Array(list) => Ok(Self {
                success: None,
                entries: list.into_iter().filter_map(LogEntry::read).collect(),
            }),
            Value::Object(mut fields) => {
                let name = ["entries", "logs", "data", "results"]
                    .into_iter()
                    .find(|name| matches!(fields.get(*name), Some(Value::Array(_) | Value::Null)))
                    .ok_or_else(|| D::Error::custom("entries is missing"))?;
                Ok(Self {
                    success: Field::take(&mut fields, "success"),
                    entries: Field::take(&mut fields, name),
                })
            }
            other => Err(D::Error::custom(format!("{other} is not a log"))),
        }
    }
}

/// Reads the CSV form. Columns are found by name; an empty cell is null.
fn from_csv(text: &str) -> Result<LogEntries, String> {
    let broken = |error: csv::Error| format!("the CSV cannot be read: {error}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(broken)?.clone();
    if !header.iter().any(|name| name == "timestamp") {
        return Err("the CSV has no column timestamp".to_owned());
    }
    let mut entries = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let mut entry = Map::new();
        for (name, cell) in header.iter().zip(&record) {
            let value = match name {
                _ if cell.is_empty() => Value::Null,
                "diff" => serde_json::from_str(cell).unwrap_or_else(|_| cell.into()),
                // Servers put an apostrophe before a cell that a spreadsheet would take for a
                // formula.
                _ => cell
                    .strip_prefix('\'')
                    .filter(|rest| rest.starts_with(FORMULA))
                    .unwrap_or(cell)
                    .into(),
            };
            entry.insert(name.to_owned(), value);
        }
        entries.push(LogEntry::of(entry));
    }
    Ok(LogEntries { success: None, entries })
}

/// Characters that make a spreadsheet take a cell for a formula.
pub const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// `GET /v1/logs/routing/stats`: counts of log entries, with the same filters. Only the local
/// server has this call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct LogStats {
    /// Start of the period, UTC.
    pub from: DateTime<Utc>,
    /// End of the period, UTC.
    pub to: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<SalesforceObject>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<LogAction>,
}

impl Call for LogStats {
    type Response = LogCounts;
    const METHOD: Method = Method::GET;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::Read;

    fn path(&self) -> String {
        "/v1/logs/routing/stats".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        span(self.from, self.to)
    }
}

answer! {
    /// Numbers of log entries.
    #[derive(Default)]
    pub struct LogCounts {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub total: u64,
        #[serde(default)]
        pub by_action: BTreeMap<String, u64>,
        #[serde(default)]
        pub by_object: BTreeMap<String, u64>,
        #[serde(default)]
        pub by_pool: BTreeMap<String, u64>,
        /// Number of entries by day (UTC), such as `2026-11-24`.
        #[serde(default)]
        pub by_day: BTreeMap<String, u64>,
    }
}

/// `GET /v1/logs/retention`: how long entries are kept. Only the local server has this call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetRetention {}

impl Call for GetRetention {
    type Response = Retention;
    const METHOD: Method = Method::GET;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::Read;

    fn path(&self) -> String {
        "/v1/logs/retention".to_owned()
    }

    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

/// The maximum number of days that entries can be kept: a century.
pub const MAX_DAYS: u32 = 36_525;

/// `PUT /v1/logs/retention`: sets how long entries are kept and deletes older ones. Only the local
/// server has this call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetRetention {
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 36_525))]
    pub days: u32,
}

impl Call for SetRetention {
    type Response = Retention;
    const METHOD: Method = Method::PUT;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::Idempotent;

    fn path(&self) -> String {
        "/v1/logs/retention".to_owned()
    }

    fn unanswered(&self) -> Option<Retention> {
        Some(Retention { success: Some(true), days: Some(self.days), ..Retention::default() })
    }

    fn check(&self) -> Result<(), Invalid> {
        if (1..=MAX_DAYS).contains(&self.days) {
            return Ok(());
        }
        Err(Invalid::new("days", format!("days is {}", self.days))
            .hint(format!("give 1 to {MAX_DAYS}")))
    }
}

answer! {
    /// How long entries are kept.
    #[derive(Default)]
    pub struct Retention {
        #[serde(default)]
        pub success: Option<bool>,
        #[serde(default)]
        pub days: Option<u32>,
        /// Number of entries that were deleted because they were older.
        #[serde(default)]
        pub deleted: Option<u64>,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_list_and_csv_are_read_alike() {
        let entry = json!({
            "timestamp": "2026-11-24T00:00:00Z", "object": "Lead", "object_id": "00Q1",
            "action": "assign", "pool": "=emea", "sequence": 3, "diff": {"owner": {"to": "x"}},
        });
        let csv = "timestamp,object,object_id,action,pool,assigned_to,prev_owner,sequence,reason,\
                   request_id,idempotency_key,diff\n\
                   2026-11-24T00:00:00Z,Lead,00Q1,assign,'=emea,,,3,,,,\"{\"\"owner\"\":{\"\"to\"\":\"\"x\"\"}}\"\n";
        let bodies =
            [json!({"entries": [entry]}), json!({"logs": [entry]}), json!([entry]), json!(csv)];
        for body in bodies {
            let read: LogEntries = serde_json::from_value(body.clone()).unwrap();
            let first = &read.entries[0];
            assert_eq!(first.pool.as_deref(), Some("=emea"), "{body}");
            assert_eq!((first.sequence, &first.assigned_to), (Some(3.0), &None), "{body}");
            assert_eq!(first.diff, Some(json!({"owner": {"to": "x"}})), "{body}");
        }
    }

    #[test]
    fn a_span_and_a_limit_are_checked() {
        let at = |hour: i64| DateTime::from_timestamp(hour * 3600, 0).unwrap();
        let mut call = RoutingLogs {
            from: at(2),
            to: at(1),
            pool: None,
            object: None,
            action: None,
            format: None,
            include_diff: None,
            limit: None,
        };
        assert_eq!(call.check().unwrap_err().field, "from");
        call.to = at(3);
        for (limit, fits) in [(0, false), (1, true), (10_000, true), (10_001, false)] {
            call.limit = Some(limit);
            assert_eq!(call.check().is_ok(), fits, "{limit}");
        }
    }
}
