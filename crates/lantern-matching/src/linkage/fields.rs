//! The fields that two tables, or one, are compared by.

use rayon::prelude::*;

use super::compare::{field::Field, role};
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
    let mut fields: Vec<Field> = specs(left, right, options)?
        .par_iter()
        .map(|spec| {
            let left_column = left.joined(&spec.left)?;
            let kind = spec.kind.unwrap_or(Kind::Text);
            let right_column = right.map(|right| right.joined(&spec.right)).transpose()?;
            Field::of(&spec.name, kind, &left_column, right_column.as_deref(), &regions)
        })
        .collect::<Result<_>>()?;
    role::assign_roles(&mut fields);
    Ok(fields)
}
