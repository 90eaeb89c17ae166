//! Chooses the fields by which two tables, or one, are compared.

use std::collections::HashSet;

use arrow::array::Array;
use rayon::prelude::*;

use super::compare::{
    chance, decoys,
    email::is_of_an_office,
    field::Field,
    personal_numbers,
    role::{Role, roles},
    swapped,
};
use crate::{
    error::{Advice, Error, Result},
    options::Options,
    tables::{
        FieldSpec, Kind, Regions, Table, column_text::as_text, own_columns, pair_columns,
        recognize::Use,
    },
    text,
};

/// The fields of two tables, or of one, each with its kind.
///
/// # Errors
/// If the tables have no field in common, or too many.
pub fn specs(left: &Table, right: Option<&Table>, options: &Options) -> Result<Vec<FieldSpec>> {
    if let (true, Some(model)) = (options.fields.is_empty(), &options.model) {
        // The fields of a model are used, whatever the tables show.
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
            "{} fields are more than the 64 that can be matched on",
            specs.len()
        ))
        .advise(Advice::NameFields));
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
/// If a column is missing or cannot be read as text, or the tables have no field in common.
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
    let known = options.model.as_ref().filter(|_| options.fields.is_empty());
    let roles = match known {
        Some(model) => model.fields.iter().map(|field| field.role).collect(),
        None => {
            let mut kinds = kinds;
            let filled: Vec<Option<Filled>> = specs
                .iter()
                .zip(&kinds)
                .map(|(spec, (kind, _))| match kind {
                    Kind::Company
                    | Kind::Person
                    | Kind::FirstName
                    | Kind::LastName
                    | Kind::Email
                    | Kind::Domain => Filled::of(left, right, spec).map(Some),
                    _ => Ok(None),
                })
                .collect::<Result<_>>()?;
            let most = filled.iter().flatten().map(|of| of.known).fold(0.0, f64::max);
            let distinct = |kind| {
                let of = filled.iter().zip(&kinds).filter(move |(_, (other, _))| *other == kind);
                of.filter_map(|(of, _)| of.as_ref()).map(|of| of.distinct).fold(0.0, f64::max)
            };
            let companies = distinct(Kind::Company);
            for (of, (kind, _)) in filled.iter().zip(&mut kinds) {
                let Some(of) = of else { continue };
                let whole = matches!(kind, Kind::Company | Kind::Person | Kind::Domain);
                // If there are two columns of companies, the one with more distinct values names
                // the row, and the other one the company that it belongs to.
                let owner = *kind == Kind::Company && of.distinct < 0.5 * companies;
                // A column that is empty in most rows cannot say what the rows are.
                if of.known * 4.0 < most || whole && of.repeats || owner {
                    *kind = Kind::Category;
                }
            }
            roles(&kinds, has_personal_addresses(left, &specs)?)
        }
    };
    let alone = !roles.iter().any(|role| role.identifies());
    let read = |spec: &FieldSpec, role: Role| {
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
    };
    let mut fields: Vec<Field> =
        specs.par_iter().zip(roles).map(|(spec, role)| read(spec, role)).collect::<Result<_>>()?;
    if known.is_none() {
        for at in personal_numbers::numbers(&fields) {
            fields[at] = read(&specs[at], Role::Handle(personal_numbers::MOST_DIFFERENT))?;
        }
    }
    if !fields.iter().any(|field| field.kind == Kind::FirstName) {
        // Without first names, relatives cannot be distinguished.
        for field in fields.iter_mut().filter(|field| field.kind == Kind::LastName) {
            for relative in (2..field.decoys.len()).step_by(3) {
                field.decoys[relative] = field.decoys[relative - 1];
            }
        }
    }
    swapped::link(&mut fields);
    chance::count_entities(&mut fields);
    if let [field] = fields.as_mut_slice()
        && chance::names_one(field.kind)
    {
        let again = chance::again(field);
        decoys::thin(&mut field.decoys, &field.values, again);
    }
    Ok(fields)
}

/// The fields of two tables, or of one; `None` if there is nothing to compare.
///
/// # Errors
/// As [`fields`], if both tables have values.
pub fn of_tables(left: &Table, right: Option<&Table>, options: &Options) -> Result<Vec<Field>> {
    let automatic = options.fields.is_empty() && options.model.is_none();
    if automatic && (is_empty(left) || right.is_some_and(is_empty)) {
        return Ok(Vec::new());
    }
    match fields(left, right, options) {
        // Blank texts and placeholders are not values either.
        Err(_) if automatic && (is_blank(left) || right.is_some_and(is_blank)) => Ok(Vec::new()),
        found => found,
    }
}

/// Whether all values of a table are missing or placeholders.
fn is_blank(table: &Table) -> bool {
    let has_none = |used: Use| matches!(used, Use::Empty | Use::Unreadable);
    table.recognized().iter().all(|column| has_none(column.used))
}

/// Whether a table has no value at all.
fn is_empty(table: &Table) -> bool {
    table.batches.iter().all(|batch| {
        batch.columns().iter().all(|column| column.logical_null_count() == batch.num_rows())
    })
}

/// Number of addresses that are checked.
const LOOKED_AT: usize = 500;

/// Whether the e-mail addresses of a table are mostly those of people.
fn has_personal_addresses(table: &Table, specs: &[FieldSpec]) -> Result<bool> {
    let Some(spec) = specs.iter().find(|spec| spec.kind == Some(Kind::Email)) else {
        return Ok(false);
    };
    let (mut all, mut shared, mut of_names) = (0, 0, 0);
    for chunk in table.joined(&spec.left)? {
        let head = chunk.slice(0, chunk.len().min(LOOKED_AT));
        let texts = text::of(&as_text(&spec.name, &head)?)?;
        for address in texts.iter().flatten() {
            let local = address.trim().split('@').next().unwrap_or("").to_lowercase();
            all += 1;
            shared += usize::from(is_of_an_office(&local));
            let parts =
                local.split(['.', '_']).filter(|part| part.chars().all(char::is_alphabetic));
            of_names += usize::from(parts.count() > 1);
        }
    }
    // An organisation's address stands beside its location, or beside its name and phone. Addresses
    // of people consist of names.
    let any = |kinds: &[Kind]| {
        specs.iter().any(|spec| spec.kind.is_some_and(|kind| kinds.contains(&kind)))
    };
    let located = any(&[Kind::Street, Kind::City, Kind::Postal])
        || any(&[Kind::Phone]) && any(&[Kind::Company, Kind::Text]);
    Ok(all > 0 && shared * 3 < all && (!located || of_names * 3 > all))
}

/// Minimum number of rows from which on a column whose values repeat twenty times on average does
/// not hold names.
const REPEATING: usize = 400;

/// How complete a field is, on the side where it is less complete.
struct Filled {
    /// The share of the rows in which it is known.
    known: f64,
    /// Whether a few values repeat many times, like venues or categories, even if they look like
    /// companies.
    repeats: bool,
    /// Number of distinct values per known value.
    distinct: f64,
}

impl Filled {
    fn of(left: &Table, right: Option<&Table>, spec: &FieldSpec) -> Result<Self> {
        let mut filled = Self { known: 1.0, repeats: false, distinct: 1.0 };
        for (table, names) in [(Some(left), &spec.left), (right, &spec.right)] {
            let Some(table) = table else { continue };
            let (mut rows, mut known, mut distinct) = (0, 0_u32, HashSet::new());
            for chunk in table.joined(names)? {
                let head = chunk.slice(0, chunk.len().min(10 * REPEATING - rows));
                rows += head.len();
                let texts = text::of(&as_text(&spec.name, &head)?)?;
                for value in texts.iter().flatten().filter(|value| !value.trim().is_empty()) {
                    known += 1;
                    distinct.insert(value.to_owned());
                }
            }
            filled.known = filled.known.min(f64::from(known) / rows.max(1) as f64);
            let few = distinct.len() * 20 < known as usize;
            if known > 0 {
                filled.distinct = filled.distinct.min(distinct.len() as f64 / f64::from(known));
            }
            filled.repeats |= known as usize >= REPEATING && few;
        }
        Ok(filled)
    }
}
