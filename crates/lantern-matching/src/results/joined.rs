//! Joins matches with the columns of both sides.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Float64Array, RecordBatch, UInt64Array},
    datatypes::{DataType, Field, Schema},
};

use super::{
    matches::{Match, Matches},
    table::picked,
};
use crate::{error::Result, tables::Table};

/// The columns of a side that are added to the matches.
#[derive(Clone, Copy, Debug)]
pub enum Columns<'a> {
    All,
    Named(&'a [String]),
}

/// A row for each match: `left`, `right` (rows, counted from 0), `confidence`, then the columns of
/// both sides, named `left_...` and `right_...`.
///
/// # Errors
/// If a column is missing.
pub fn joined(
    matches: &Matches,
    left: Columns<'_>,
    right: Columns<'_>,
    ids: (Option<&str>, Option<&str>),
) -> Result<RecordBatch> {
    let all = &matches.all;
    let rows = |of: fn(&Match) -> u32| {
        UInt64Array::from_iter_values(all.iter().map(|found| u64::from(of(found))))
    };
    let (lefts, rights) = (rows(|found| found.left), rows(|found| found.right));
    let confidence = Float64Array::from_iter_values(all.iter().map(|found| found.confidence));
    let mut fields = vec![
        Field::new("left", DataType::UInt64, false),
        Field::new("right", DataType::UInt64, false),
    ];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(lefts.clone()), Arc::new(rights.clone())];
    let mut add =
        |side: &str, table: &Table, name: &str, as_name: &str, rows: &UInt64Array| -> Result<()> {
            let mut called = format!("{side}_{as_name}");
            while fields.iter().any(|field| *field.name() == called) {
                called.push('_');
            }
            let column = picked(table, name, rows)?;
            fields.push(Field::new(called, column.data_type().clone(), true));
            columns.push(column);
            Ok(())
        };
    let sides = [
        ("left", &matches.left, left, ids.0, &lefts),
        ("right", matches.right_table(), right, ids.1, &rights),
    ];
    for (side, table, _, id, rows) in sides {
        if let Some(id) = id {
            add(side, table, id, "id", rows)?;
        }
    }
    for (side, table, columns, id, rows) in sides {
        let names: Vec<&str> = match columns {
            Columns::All => table.names().into_iter().filter(|name| Some(*name) != id).collect(),
            Columns::Named(names) => names.iter().map(String::as_str).collect(),
        };
        for name in names {
            // A column of ids that is requested is in the table already.
            if !(Some(name) == id && name == "id") {
                add(side, table, name, name, rows)?;
            }
        }
    }
    let place = 2 + usize::from(ids.0.is_some()) + usize::from(ids.1.is_some());
    fields.insert(place, Field::new("confidence", DataType::Float64, false));
    columns.insert(place, Arc::new(confidence));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use arrow::array::{AsArray, StringArray};

    use super::*;
    use crate::{
        options::{Options, Unwatched},
        pipeline::match_by_rules,
    };

    #[test]
    fn both_sides_stand_beside_the_confidence() {
        let table = |ids: &[&str], firms: &[&str]| {
            let text = |of: &[&str]| Arc::new(StringArray::from(of.to_vec())) as ArrayRef;
            let batch = RecordBatch::try_from_iter([("id", text(ids)), ("firm", text(firms))]);
            let batch = batch.unwrap();
            Table::new(batch.schema(), vec![batch], "").unwrap()
        };
        let (left, right) =
            (table(&["l"], &["Acme"]), table(&["r0", "r1"], &["Globex", "ACME Inc"]));
        let options = Options { ids: vec!["id".to_owned()], ..Options::default() };
        let rules = [vec!["firm:eq".parse().unwrap()]];
        let none = BTreeMap::new();
        let found =
            match_by_rules(&left, Some(&right), &rules, &none, &options, &Unwatched).unwrap();
        let firm = ["firm".to_owned()];
        let named = Columns::Named(&firm);
        let batch = joined(&found, Columns::All, named, (Some("id"), Some("id"))).unwrap();
        let schema = batch.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let expected =
            ["left", "right", "left_id", "right_id", "confidence", "left_firm", "right_firm"];
        assert_eq!(names, expected);
        let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().value(0);
        assert_eq!((text("right_id"), text("right_firm")), ("r1", "ACME Inc"));
        let no = ["frm".to_owned()];
        assert!(joined(&found, Columns::Named(&no), named, (None, None)).is_err());
    }
}
