//! Records made and changed by hand, as a user of the CRM would.

use serde_json::{Map, Value};

use super::{
    Object, ids,
    record::{self, Record},
};
use crate::{
    caller::{Caller, Stop},
    refusal::Refusal,
    shared::Shared,
};
use lantern::error::Error;

/// The kind of records of a name.
///
/// # Errors
/// The CRM has no such kind.
pub(crate) fn object(name: &str) -> Result<Object, Refusal> {
    Object::named(name).ok_or_else(|| {
        Refusal::NotFound(format!(
            "the CRM has no {name:?}; it has accounts, contacts, leads, opportunities, users, \
             tasks and notes"
        ))
    })
}

/// The kind and the whole of an id.
///
/// # Errors
/// It is no id of the CRM.
pub(crate) fn id(text: &str) -> Result<(Object, String), Refusal> {
    ids::normal(text)
        .and_then(|id| Some((ids::object_of(&id)?, id)))
        .ok_or_else(|| Refusal::NotFound(format!("{text:?} is no id of the CRM")))
}

/// Fields that the kind has, with values that they can hold.
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
            return Err(Refusal::field(field, "type_error", "the field holds another type"));
        }
    }
    Ok(())
}

impl Shared {
    /// Makes a record and answers it. Blocks.
    pub fn crm_create(
        &self,
        caller: &Caller,
        object: Object,
        fields: &Record,
    ) -> Result<Record, Refusal> {
        check(object, fields)?;
        self.crm_ready()?;
        let (made, _) = self.charged(caller, None, |transaction, _| {
            let at = record::modstamp(transaction)?;
            let id = record::insert(transaction, object, fields, at)?;
            Ok(record::read(transaction, object, &id)?.unwrap_or_default())
        })?;
        Ok(made)
    }

    /// Changes a record and answers it. Blocks.
    pub fn crm_change(
        &self,
        caller: &Caller,
        (object, id): (Object, &str),
        fields: &Record,
    ) -> Result<Record, Refusal> {
        check(object, fields)?;
        self.crm_ready()?;
        let (changed, _) = self.charged(caller, None, |transaction, _| {
            let before = record::read(transaction, object, id)?.ok_or_else(|| {
                Stop::from(Refusal::NotFound(format!("there is no record {id} in the CRM")))
            })?;
            let at = record::modstamp(transaction)?;
            record::update(transaction, object, &before, fields, at)?;
            Ok(record::read(transaction, object, id)?.unwrap_or_default())
        })?;
        Ok(changed)
    }

    /// [`Shared::crm_create`] for whoever holds the server.
    pub fn crm_add(&self, name: &str, fields: &Map<String, Value>) -> Result<Record, Error> {
        object(name)
            .and_then(|object| self.crm_create(&Caller::own(), object, fields))
            .map_err(said)
    }

    /// [`Shared::crm_change`] for whoever holds the server.
    pub fn crm_set(&self, record: &str, fields: &Map<String, Value>) -> Result<Record, Error> {
        id(record)
            .and_then(|(object, id)| self.crm_change(&Caller::own(), (object, &id), fields))
            .map_err(said)
    }
}

fn said(refusal: Refusal) -> Error {
    let field = match &refusal {
        Refusal::Invalid(detail) => detail.loc.last().and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let message = match &field {
        Some(field) => format!("{field}: {}", refusal.message()),
        None => refusal.message(),
    };
    Error::Input { message, column: field, row: None }
}
