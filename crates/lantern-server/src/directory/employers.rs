//! Derives the companies of a directory from its table of people.

use std::{collections::HashSet, sync::Arc};

use arrow::{
    array::{RecordBatch, StringBuilder, new_null_array},
    error::ArrowError,
};

use super::{person_lookup::host, schema, table::Table};

/// One company for each distinct `company_id`, or else website, or else name. What the table of
/// people does not contain is null. Companies without an id are numbered from `C000001`.
pub(super) fn companies(people: &Table) -> Result<RecordBatch, ArrowError> {
    let (mut id, mut name, mut domain) =
        (StringBuilder::new(), StringBuilder::new(), StringBuilder::new());
    let mut seen = HashSet::new();
    let mut ids = HashSet::new();
    for row in 0..people.len() {
        let at = |column| people.text(column, row);
        let Some(key) = at("company_id").or(at("company_url")).or(at("company_name")) else {
            continue;
        };
        if !seen.insert(key) {
            continue;
        }
        let mut number = seen.len();
        let mut own = at("company_id").map_or_else(|| format!("C{number:06}"), str::to_owned);
        while !ids.insert(own.clone()) {
            number += 1;
            own = format!("C{number:06}");
        }
        id.append_value(own);
        name.append_option(at("company_name"));
        domain.append_option(at("company_url").map(host));
    }
    let rows = seen.len();
    let schema = schema::companies();
    let mut columns = vec![
        Arc::new(id.finish()) as Arc<dyn arrow::array::Array>,
        Arc::new(name.finish()),
        Arc::new(domain.finish()),
    ];
    columns.extend(
        schema.fields().iter().skip(3).map(|field| new_null_array(field.data_type(), rows)),
    );
    RecordBatch::try_new(schema, columns)
}
