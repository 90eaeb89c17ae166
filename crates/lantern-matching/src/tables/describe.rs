//! Describes how matching interprets the columns of one or two tables, in words that a user can
//! check.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, ListBuilder, RecordBatch, StringArray, StringBuilder};

use super::{
    kind::Kind,
    pairing::{Pairing, pair},
    recognize::{Column, Use},
    table::Table,
};
use crate::error::Result;

/// The description of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// `left` or `right`; `left` if there is one table.
    pub side: &'static str,
    pub column: String,
    pub kind: Kind,
    /// The reason for the kind.
    pub because: String,
    /// The share of rows without a value, 0 to 1. Placeholders are not values.
    pub nulls: f64,
    /// The field by which it is compared.
    pub field: Option<String>,
    /// The columns of the other side that it is compared with.
    pub compared_with: Vec<String>,
    /// Why it is not compared; `None` if it is.
    pub why_not: Option<String>,
    /// How to have it compared.
    pub change: String,
}

/// Describes every column of two tables, or of one, without those that are `ignored`.
pub fn describe(left: &Table, right: Option<&Table>, ignored: &[&str]) -> Vec<Description> {
    let pairing = pair(left, right, ignored);
    let mut found: Vec<Description> =
        pairing.left.iter().map(|column| of(&pairing, "left", column, right.is_none())).collect();
    if right.is_some() {
        found.extend(pairing.right.iter().map(|column| of(&pairing, "right", column, false)));
    }
    found
}

fn of(pairing: &Pairing, side: &'static str, column: &Column, alone: bool) -> Description {
    let on_left = side == "left";
    let of_side = |field: &super::FieldSpec| {
        if on_left {
            (field.left.clone(), field.right.clone())
        } else {
            (field.right.clone(), field.left.clone())
        }
    };
    let field = pairing.fields.iter().find(|field| of_side(field).0.contains(&column.name));
    let derived = pairing.derived.iter().find(|(field, _)| of_side(field).0.contains(&column.name));
    let kind = field.and_then(|field| field.kind).unwrap_or(column.kind);
    let why_not = match (field, derived, column.used) {
        (Some(_), ..) => None,
        (None, Some((_, derived)), _) => {
            Some(format!("it is made of {}, and counts with it", derived.of.join(" and ")))
        }
        (None, None, Use::Compared) => {
            Some("no column of the other table seems to hold the same".to_owned())
        }
        (None, None, used) => used.why_not().map(str::to_owned),
    };
    let name = &column.name;
    let change = if field.is_some() {
        format!(
            "to compare it as another kind, or not at all, name the fields to compare and their kinds (here {kind})"
        )
    } else if alone {
        format!("to compare it, name it among the fields, as a {kind}")
    } else {
        format!(
            "to compare it, name it with a column of the other table among the fields, as a {kind}"
        )
    };
    let mut because = column.because.join("; ");
    if kind != column.kind {
        because = format!("{because}; compared as {kind}, as the column of the other table is");
    }
    Description {
        side,
        column: name.clone(),
        kind,
        because,
        nulls: column.sample.nulls,
        field: field.map(|field| field.name.clone()),
        compared_with: field.map(|field| of_side(field).1).unwrap_or_default(),
        why_not,
        change,
    }
}

/// The descriptions as a table with a row for each column.
///
/// # Errors
/// If the table cannot be made.
pub fn table(described: &[Description]) -> Result<RecordBatch> {
    let text = |of: &dyn Fn(&Description) -> Option<&str>| -> ArrayRef {
        Arc::new(described.iter().map(of).collect::<StringArray>())
    };
    let mut compared_with = ListBuilder::new(StringBuilder::new());
    for column in described {
        column.compared_with.iter().for_each(|name| compared_with.values().append_value(name));
        compared_with.append(true);
    }
    let nulls = Float64Array::from_iter_values(described.iter().map(|of| of.nulls));
    let columns: [(&str, ArrayRef); 9] = [
        ("side", text(&|of| Some(of.side))),
        ("column", text(&|of| Some(&of.column))),
        ("kind", text(&|of| Some(of.kind.name()))),
        ("because", text(&|of| Some(&of.because))),
        ("nulls", Arc::new(nulls)),
        ("field", text(&|of| of.field.as_deref())),
        ("compared_with", Arc::new(compared_with.finish())),
        ("why_not", text(&|of| of.why_not.as_deref())),
        ("change", text(&|of| Some(&of.change))),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}
