//! Creates and changes records, as a user of the CRM would.

use serde_json::{Map, Value};

use super::{
    Crm, Object, ids,
    record::{self, Record},
};
use crate::{billing::Stop, caller::Caller, refusal::Refusal};
use lantern::error::Error;

/// The kind of records with this name.
///
/// # Errors
/// If the CRM has no such kind.
pub(crate) fn object(name: &str) -> Result<Object, Refusal> {
    Object::named(name).ok_or_else(|| {
        Refusal::NotFound(format!(
            "the CRM has no {name:?}; it has accounts, contacts, leads, opportunities, users, \
             tasks and notes"
        ))
    })
}

/// The kind and the full form of an id.
///
/// # Errors
/// If it is not an id of the CRM.
pub(crate) fn id(text: &str) -> Result<(Object, String), Refusal> {
    ids::normal(text)
        .and_then(|id| Some((ids::object_of(&id)?, id)))
        .ok_or_else(|| Refusal::NotFound(format!("{text:?} is not an id of the CRM")))
}

/// Checks that the kind has these fields, and that they can have these values.
fn check(object: Object, record: &Record) -> Result<(), Refusal> {
    for (field, value) in record {
        if !object.fields().contains(&field.as_str()) {
            let fields = object.fields().join(", ");
            return Err(Refusal::field(
                field,
                "value_error",
                format!("{} has no such field; it has {fields}", object.name()),
            ));
        }
        if !record::fits(field, value) {
            return Err(Refusal::field(field, "type_error", "the field has another type"));
        }
    }
    Ok(())
}

impl Crm {
    /// Creates a record and returns it. Blocks.
    pub fn create(
        &self,
        caller: &Caller,
        object: Object,
        fields: &Record,
    ) -> Result<Record, Refusal> {
        check(object, fields)?;
        self.ready()?;
        let (made, _) = self.billing.charged(caller, None, |transaction, _| {
            let at = record::modstamp(transaction)?;
            let id = record::insert(transaction, object, fields, at)?;
            Ok(record::read(transaction, object, &id)?.unwrap_or_default())
        })?;
        Ok(made)
    }

    /// Changes a record and returns it. Blocks.
    pub fn change(
        &self,
        caller: &Caller,
        (object, id): (Object, &str),
        fields: &Record,
    ) -> Result<Record, Refusal> {
        check(object, fields)?;
        self.ready()?;
        let (changed, _) = self.billing.charged(caller, None, |transaction, _| {
            let before = record::read(transaction, object, id)?.ok_or_else(|| {
                Stop::from(Refusal::NotFound(format!("there is no record {id} in the CRM")))
            })?;
            let at = record::modstamp(transaction)?;
            record::update(transaction, object, &before, fields, at)?;
            Ok(record::read(transaction, object, id)?.unwrap_or_default())
        })?;
        Ok(changed)
    }

    /// Like [`Crm::create`], for the owner of the server.
    pub fn add(&self, name: &str, fields: &Map<String, Value>) -> Result<Record, Error> {
        object(name)
            .and_then(|object| self.create(&Caller::own(), object, fields))
            .map_err(as_error)
    }

    /// Like [`Crm::change`], for the owner of the server.
    pub fn set(&self, record: &str, fields: &Map<String, Value>) -> Result<Record, Error> {
        id(record)
            .and_then(|(object, id)| self.change(&Caller::own(), (object, &id), fields))
            .map_err(as_error)
    }
}

fn as_error(refusal: Refusal) -> Error {
    let field = match &refusal {
        Refusal::Invalid(detail) => detail.loc.last().and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    match field {
        Some(field) => Error::input(format!("{field}: {}", refusal.message())).with_column(field),
        None => Error::input(refusal.message()),
    }
}
