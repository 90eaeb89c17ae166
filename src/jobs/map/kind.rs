//! A call that can be made for each row of a table: its request, its price and its answer.

use std::{future::Future, pin::Pin};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::request_fields::set_field;
use crate::{
    Client,
    api::{Call, Effect, Invalid, LimitClass, Metered, fields},
    client::CallOptions,
    error::{Error, Result},
};

/// The type of a column of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Text,
    Number,
    Integer,
    Flag,
    /// A list or an object, as JSON.
    Json,
}

/// The answer to a call.
pub(super) struct Answer {
    /// One answer for each row that was sent.
    pub rows: Vec<RowAnswer>,
    /// The cost of the call, if the answer gives it.
    pub credits: Option<f64>,
    /// The answer as it was received, if a part of it belongs to no row.
    pub body: Option<String>,
}

/// The answer to one row.
pub(super) struct RowAnswer {
    /// The answer as JSON.
    pub json: String,
    /// Why it failed, if an answer with a success status says so.
    pub failure: Option<String>,
}

/// The answer of a row that was not sent.
pub(super) const NOTHING: &str = "{}";

/// The field of a row's answer that says why no part of a paid answer could be assigned to the row.
pub(super) const UNASSIGNED: &str = "unassigned";

impl RowAnswer {
    /// The answer of a row if the call's answer does not say which part belongs to it.
    pub fn unassigned(row: u64, why: &str) -> Self {
        let json = serde_json::json!({"candidate_index": row, UNASSIGNED: why}).to_string();
        Self { json, failure: Some(why.to_owned()) }
    }

    /// The answer of a row that was not sent.
    pub fn nothing() -> Self {
        Self { json: NOTHING.to_owned(), failure: None }
    }

    pub fn new(answer: &impl Serialize) -> Result<Self> {
        let answer = serde_json::to_value(answer).map_err(|error| {
            Error::input(format!("the answer cannot be recorded: {error}")).caused_by(error)
        })?;
        Ok(Self { failure: failure(&answer), json: answer.to_string() })
    }
}

/// Why a call failed, according to its own answer: some calls answer 200 with `"status": "failed"`.
fn failure(answer: &Value) -> Option<String> {
    if answer.get("status")?.as_str()? != "failed" {
        return None;
    }
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let last_action = || answer.get("actions")?.as_array()?.last()?.as_str();
    let why = text("error").or_else(|| text("message")).or_else(last_action);
    Some(match why {
        Some(why) => format!("the API answered that it failed: {why}"),
        None => "the API answered that it failed".to_owned(),
    })
}

pub(super) type Sent = Pin<Box<dyn Future<Output = Result<Answer>> + Send>>;

/// The fields of a request.
pub(super) type Fields = Map<String, Value>;

/// How several rows share a call.
#[derive(Clone, Copy)]
pub(super) struct Several {
    /// Default number of rows per call.
    pub rows_per_call: usize,
    /// Maximum cost of one row, by what all rows share.
    pub price: fn(&Fields) -> u64,
    /// Builds the request for some rows from them and from what they share.
    pub request: fn(&Fields, &[&Fields]) -> Fields,
}

/// A call that can be made for each row.
pub struct Kind {
    /// The name: `enrich.company` and so on.
    pub name: &'static str,
    pub class: LimitClass,
    pub effect: Effect,
    /// Default maximum cost of one row.
    pub(super) price: u64,
    /// How rows share a call, if the call takes several.
    pub(super) several: Option<Several>,
    /// Whether the API accepts a maximum cost for each call.
    pub bounded: bool,
    /// The columns of an answer: name, JSON pointer in the answer, type.
    pub columns: &'static [(&'static str, &'static str, Type)],
    /// The fields by which an answer says that something was found. `None` for a call that changes
    /// something: it is made for every row, and is never answered from memory.
    pub(super) found: Option<&'static [&'static str]>,
    pub(super) check: fn(&Map<String, Value>) -> Result<()>,
    /// Checks only the names of a request's fields.
    pub(super) names: fn(&Value) -> Result<(), Invalid>,
    pub(super) send: fn(Client, Map<String, Value>, CallOptions) -> Sent,
    /// Reads an answer to a request that this process did not send.
    pub(super) read: fn(&Fields, Value) -> Result<Answer>,
    /// Adds fields that this version does not know to a request. Fails for fields that it does
    /// know.
    pub(super) add: fn(&mut Value, &Fields) -> Result<(), Invalid>,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Kind {
    /// Whether a call takes several rows, which then share some fields.
    pub fn takes_several(&self) -> bool {
        self.several.is_some()
    }

    /// Whether its answers are remembered, which is not the case for a call that changes something.
    pub fn is_remembered(&self) -> bool {
        self.found.is_some()
    }

    /// Whether an answer, as JSON, says that something was found.
    pub(super) fn is_found(&self, answer: &str) -> bool {
        let Ok(answer) = serde_json::from_str::<Value>(answer) else { return false };
        let places = self.found.unwrap_or_default();
        places.iter().any(|place| answer.pointer(place).is_some_and(says_something))
    }

    /// Maximum cost of one row, which may depend on what all rows share.
    pub(super) fn price(&self, shared: &Map<String, Value>) -> u64 {
        self.several.map_or(self.price, |several| (several.price)(shared))
    }

    /// The request of a call for some rows.
    pub(super) fn request(
        &self,
        shared: &Map<String, Value>,
        rows: &[&Map<String, Value>],
    ) -> Map<String, Value> {
        match self.several {
            Some(several) => (several.request)(shared, rows),
            None => rows.first().map(|row| (*row).clone()).unwrap_or_default(),
        }
    }

    /// Checks the name of a field, whatever its values are, because a column may be empty.
    ///
    /// # Errors
    /// If the call has no such field.
    pub fn check_field(&self, field: &str) -> Result<()> {
        // Candidates may have any fields.
        if self.takes_several() {
            return Ok(());
        }
        let mut request = Map::new();
        set_field(&mut request, field, Value::Null);
        Ok((self.names)(&Value::Object(request))?)
    }

    /// Checks fields that are sent in addition to those of a row.
    ///
    /// # Errors
    /// If this version knows one of them; it then belongs in the arguments or the columns.
    pub(super) fn check_extra(
        &self,
        shared: &Fields,
        row: Option<&Fields>,
        extra: &Fields,
    ) -> Result<()> {
        let rows: Vec<&Fields> = row.into_iter().collect();
        let mut request = Value::Object(self.request(shared, &rows));
        Ok((self.add)(&mut request, extra)?)
    }

    /// Checks a row.
    ///
    /// # Errors
    /// If a field is missing or of another type.
    pub fn check(&self, shared: &Map<String, Value>, row: &Map<String, Value>) -> Result<()> {
        if self.takes_several() {
            return (self.check)(&self.request(shared, &[row]));
        }
        (self.check)(row)
    }
}

/// Whether a value is more than an empty one.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.values().any(says_something),
    }
}

/// A call that is built from the fields of a row.
pub(super) trait FromRow: Call + Sized {
    fn from_row(request: &Map<String, Value>) -> Result<Self>;
}

pub(super) fn parsed<C: DeserializeOwned>(request: &Map<String, Value>) -> Result<C> {
    Ok(fields::read("", &Value::Object(request.clone()))?)
}

pub(super) fn check<C: FromRow>(request: &Map<String, Value>) -> Result<()> {
    Ok(C::from_row(request)?.check()?)
}

fn send<C>(client: Client, request: Map<String, Value>, options: CallOptions) -> Sent
where
    C: FromRow + 'static,
    C::Response: Serialize + Metered,
{
    Box::pin(async move {
        let call = C::from_row(&request)?;
        drop(request);
        answered::<C>(&client.call_with(&call, options).await?.value)
    })
}

fn read<C>(_: &Fields, body: Value) -> Result<Answer>
where
    C: FromRow,
    C::Response: Serialize + Metered,
{
    let answer = serde_json::from_value(body)
        .map_err(|error| Error::input(format!("the answer cannot be read: {error}")))?;
    answered::<C>(&answer)
}

fn answered<C>(answer: &C::Response) -> Result<Answer>
where
    C: Call,
    C::Response: Serialize + Metered,
{
    let credits = answer.metering().credits_consumed;
    Ok(Answer { rows: vec![RowAnswer::new(answer)?], credits, body: None })
}

pub(super) const fn kind<C>(
    name: &'static str,
    price: u64,
    bounded: bool,
    found: Option<&'static [&'static str]>,
    columns: &'static [(&'static str, &'static str, Type)],
) -> Kind
where
    C: FromRow + 'static,
    C::Response: Serialize + Metered,
{
    Kind {
        name,
        class: C::CLASS,
        effect: C::EFFECT,
        price,
        several: None,
        bounded,
        columns,
        found,
        check: check::<C>,
        names: fields::check::<C>,
        send: send::<C>,
        read: read::<C>,
        add: fields::add::<C>,
    }
}
