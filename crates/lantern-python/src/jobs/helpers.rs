//! Helpers on top of `client.map`, for calls with known columns and prices.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use serde_json::Value;

use super::map::{MapArguments, MapOptions};
use crate::{
    connection::shared::Shared, conversion::arguments::Object,
    matching::arguments::table as table_of,
};
use lantern::{jobs::map::MapRequest, tabular::is_plain};

/// The columns that `client.submit_forms` uses by default.
const FORM: [&str; 5] = ["name", "email", "company", "phone", "title"];

/// `client.convert_leads`.
///
/// # Errors
/// If `leads` is not a table, or an argument is invalid.
pub fn convert_leads(
    shared: &Shared,
    leads: &Bound<'_, PyAny>,
    id: &str,
    match_policy: Option<Object>,
    merge_policy: Option<Object>,
    set_owner_round_robin_pool: Option<String>,
    options: MapOptions<'_>,
) -> PyResult<MapRequest> {
    let arguments = [
        ("match_policy", value(match_policy)),
        ("merge_policy", value(merge_policy)),
        ("set_owner_round_robin_pool", set_owner_round_robin_pool.into()),
    ];
    let columns = BTreeMap::from([("lead_sf_id".to_owned(), id.to_owned())]);
    MapArguments::helper("salesforce.convert", arguments, options).read(shared, leads, &columns)
}

/// `client.assign`.
///
/// # Errors
/// If `records` is not a table, or an argument is invalid.
pub fn assign(
    shared: &Shared,
    records: &Bound<'_, PyAny>,
    object: &str,
    pool: &str,
    id: &str,
    exclude_inactive: bool,
    reset_rules: Option<Object>,
    options: MapOptions<'_>,
) -> PyResult<MapRequest> {
    // An assignment costs 1, and reset rules cost 1 more.
    let price = 1 + u64::from(reset_rules.is_some());
    let arguments = [
        ("object", object.into()),
        ("pool", pool.into()),
        ("exclude_inactive", exclude_inactive.into()),
        ("reset_rules", value(reset_rules)),
    ];
    let columns = BTreeMap::from([("sf_id".to_owned(), id.to_owned())]);
    let given = MapArguments::helper("routing.assign", arguments, options);
    MapArguments { credits_per_call: Some(price), ..given }.read(shared, records, &columns)
}

/// `client.trigger`.
///
/// # Errors
/// If `records` is not a table, or an argument is invalid.
pub fn trigger(
    shared: &Shared,
    records: &Bound<'_, PyAny>,
    workflow_id: &str,
    columns: Option<BTreeMap<String, String>>,
    source_system: Option<String>,
    enrichment_preferences: Option<Object>,
    options: MapOptions<'_>,
) -> PyResult<MapRequest> {
    let arguments = [
        ("workflow_id", workflow_id.into()),
        ("source_system", source_system.into()),
        ("enrichment_preferences", value(enrichment_preferences)),
    ];
    let columns = match columns {
        None => all_columns(records, "record_data")?,
        Some(columns) => columns
            .into_iter()
            .map(|(field, column)| (format!("record_data.{field}"), column))
            .collect(),
    };
    MapArguments::helper("workflows.trigger", arguments, options).read(shared, records, &columns)
}

/// `client.submit_forms`.
///
/// # Errors
/// If `forms` is not a table, or an argument is invalid.
pub fn submit_forms(
    shared: &Shared,
    forms: &Bound<'_, PyAny>,
    columns: Option<BTreeMap<String, String>>,
    additional_fields: Option<Object>,
    form_source: Option<String>,
    enrichment_preferences: Option<Object>,
    output_preferences: Option<Object>,
    options: MapOptions<'_>,
) -> PyResult<MapRequest> {
    let arguments = [
        ("additional_fields", value(additional_fields)),
        ("form_source", form_source.into()),
        ("enrichment_preferences", value(enrichment_preferences)),
        ("output_preferences", value(output_preferences)),
    ];
    let columns = match columns {
        None => known_columns(forms, &FORM)?,
        Some(columns) => columns,
    };
    MapArguments::helper("forms.submit", arguments, options).read(shared, forms, &columns)
}

/// An optional dictionary as a JSON value.
fn value(given: Option<Object>) -> Value {
    given.map_or(Value::Null, |given| Value::Object(given.0))
}

/// Maps every column that can be written as text to the field of the same name in `within`.
///
/// # Errors
/// If the argument is not a table.
fn all_columns(table: &Bound<'_, PyAny>, within: &str) -> PyResult<BTreeMap<String, String>> {
    let table = table_of(table, "given")?;
    let fields = table.schema.fields().iter().filter(|field| is_plain(field.data_type()));
    Ok(fields.map(|field| (format!("{within}.{}", field.name()), field.name().clone())).collect())
}

/// The fields for which the table has a column of the same name.
///
/// # Errors
/// If the argument is not a table.
fn known_columns(table: &Bound<'_, PyAny>, fields: &[&str]) -> PyResult<BTreeMap<String, String>> {
    let table = table_of(table, "given")?;
    let known = fields.iter().filter(|field| table.has(field));
    Ok(known.map(|field| ((*field).to_owned(), (*field).to_owned())).collect())
}
