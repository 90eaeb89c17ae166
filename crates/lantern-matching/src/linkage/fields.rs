//! The fields that two tables, or one, are compared by.

use arrow::array::Array;
use rayon::prelude::*;

use super::compare::{
    chance,
    field::Field,
    role::{Role, roles},
    swapped,
};
use crate::{
    error::{Error, Result},
    options::Options,
    tables::{FieldSpec, Kind, Regions, Table, own_columns, pair_columns},
};

/// What is compared of two tables, or of one, each with its kind.
///
/// # Errors
/// Tables without a field in common, or with too many.
pub fn specs(left: &Table, right: Option<&Table>, options: &Options) -> Result<Vec<FieldSpec>> {
    if let (true, Some(model)) = (options.fields.is_empty(), &options.model) {
        // A model knows its fields, whatever the tables of the day show.
        return Ok(model.specs());
    }
    let ignored: Vec<&str> = options.ids.iter().map(String::as_str).collect();
    let mut specs = match (options.fields.is_empty(), right) {
        (false, _) => options.fields.clone(),
        (true, Some(right)) => pair_columns(left, right, &ignored)?,
        (true, None) => own_columns(left, &ignored)?,
    };
    if specs.len() > 64 {
        return Err(Error::input(format!(
            "{} fields are more than the 64 that can be matched on; name the telling ones with fields=",
            specs.len()
        )));
    }
    for spec in &mut specs {
        let kind = spec.kind.or_else(|| {
            spec.left.iter().find_map(|name| left.kind(name)).or_else(|| {
                right.and_then(|right| spec.right.iter().find_map(|name| right.kind(name)))
            })
        });
        spec.kind = Some(kind.unwrap_or(Kind::Text));
    }
    Ok(specs)
}

/// The fields of two tables, or of one.
///
/// # Errors
/// A column that is not there or cannot be read as text; tables without a field in common.
pub fn fields(left: &Table, right: Option<&Table>, options: &Options) -> Result<Vec<Field>> {
    let (left_country, right_country) = (left.countries(), right.and_then(Table::countries));
    let regions = Regions {
        default_region: options.default_region,
        left: left_country.as_deref(),
        right: right_country.as_deref(),
    };
    let specs = specs(left, right, options)?;
    let kinds: Vec<(Kind, &str)> =
        specs.iter().map(|spec| (spec.kind.unwrap_or(Kind::Text), spec.name.as_str())).collect();
    let roles = roles(&kinds);
    let alone = !roles.iter().any(|role| role.identifies());
    let mut fields: Vec<Field> = specs
        .par_iter()
        .zip(roles)
        .map(|(spec, role)| {
            let left_column = left.joined(&spec.left)?;
            let kind = spec.kind.unwrap_or(Kind::Text);
            let right_column = right.map(|right| right.joined(&spec.right)).transpose()?;
            Field::of(
                spec,
                kind,
                role,
                alone && role != Role::Group,
                &left_column,
                right_column.as_deref(),
                &regions,
            )
        })
        .collect::<Result<_>>()?;
    swapped::link(&mut fields);
    chance::count_entities(&mut fields);
    Ok(fields)
}

/// The fields of two tables, or of one; none where there is nothing to compare.
///
/// # Errors
/// Those of [`fields`], where both tables have values.
pub fn of_tables(left: &Table, right: Option<&Table>, options: &Options) -> Result<Vec<Field>> {
    let automatic = options.fields.is_empty() && options.model.is_none();
    if automatic && (is_empty(left) || right.is_some_and(is_empty)) {
        return Ok(Vec::new());
    }
    fields(left, right, options)
}

/// Whether a table has no value at all.
fn is_empty(table: &Table) -> bool {
    table.batches.iter().all(|batch| {
        batch.columns().iter().all(|column| column.logical_null_count() == batch.num_rows())
    })
}
