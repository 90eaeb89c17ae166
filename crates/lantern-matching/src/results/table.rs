//! Matches and clusters as Arrow tables.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, Float64Array, ListBuilder, RecordBatch, StringBuilder, UInt64Array,
        new_null_array,
    },
    compute::{concat, concat_batches, take},
    datatypes::{DataType, Field, Schema},
};

use super::{
    golden::Names,
    matches::{Match, Matches, Method},
};
use crate::{error::Result, tables::Table};

/// A row for each match: `left` and `right` (rows, counted from 0), `left_id` and `right_id` if
/// columns of ids are named, `confidence`, and `rules`, the rules under which it matches.
///
/// # Errors
/// If a column of ids is missing.
pub fn matches(
    matches: &Matches,
    left_id: Option<&str>,
    right_id: Option<&str>,
) -> Result<RecordBatch> {
    let all = &matches.all;
    let rows = |of: fn(&Match) -> u32| {
        UInt64Array::from_iter_values(all.iter().map(|found| u64::from(of(found))))
    };
    let (left, right) = (rows(|found| found.left), rows(|found| found.right));
    let mut fields = vec![
        Field::new("left", DataType::UInt64, false),
        Field::new("right", DataType::UInt64, false),
    ];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(left.clone()), Arc::new(right.clone())];
    for (name, id, table, rows) in [
        ("left_id", left_id, &matches.left, &left),
        ("right_id", right_id, matches.right_table(), &right),
    ] {
        if let Some(id) = id {
            let column = picked(table, id, rows)?;
            fields.push(Field::new(name, column.data_type().clone(), true));
            columns.push(column);
        }
    }
    fields.push(Field::new("confidence", DataType::Float64, false));
    columns
        .push(Arc::new(Float64Array::from_iter_values(all.iter().map(|found| found.confidence))));
    let rules = rules(matches);
    fields.push(Field::new("rules", rules.data_type().clone(), true));
    columns.push(rules);
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// A row for each row of the table: `row` (counted from 0), `id` if a column of ids is named,
/// `cluster`, and `rows`, the size of the cluster.
///
/// # Errors
/// If the column of ids is missing.
pub fn clusters(clusters: &[u64], ids: Option<(&Table, &str)>) -> Result<RecordBatch> {
    let numbers = UInt64Array::from_iter_values(0..clusters.len() as u64);
    let mut sizes = std::collections::HashMap::<u64, u64>::new();
    for cluster in clusters {
        *sizes.entry(*cluster).or_default() += 1;
    }
    let size = clusters.iter().map(|cluster| sizes.get(cluster).copied().unwrap_or(1));
    let size = UInt64Array::from_iter_values(size);
    let mut fields = vec![Field::new("row", DataType::UInt64, false)];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(numbers.clone())];
    if let Some((table, id)) = ids {
        let column = picked(table, id, &numbers)?;
        fields.push(Field::new("id", column.data_type().clone(), true));
        columns.push(column);
    }
    fields.push(Field::new("cluster", DataType::UInt64, false));
    columns.push(Arc::new(UInt64Array::from(clusters.to_vec())));
    fields.push(Field::new("rows", DataType::UInt64, false));
    columns.push(Arc::new(size));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// Some rows of a table: `row` (counted from 0), and the columns of the table.
///
/// # Errors
/// If the table cannot be made.
pub fn rows_of(table: &Table, rows: &[u64]) -> Result<RecordBatch> {
    let whole = concat_batches(&table.schema, &table.batches)?;
    let rows = UInt64Array::from(rows.to_vec());
    let row = Names::of(&table.schema).free("row");
    let mut fields = vec![Field::new(row, DataType::UInt64, false)];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(rows.clone())];
    for (field, column) in whole.schema().fields().iter().zip(whole.columns()) {
        fields.push(field.as_ref().clone());
        columns.push(take(column, &rows, None)?);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// The rules under which each pair matches; null if a model was learned.
fn rules(matches: &Matches) -> ArrayRef {
    let Method::Rules(set) = &matches.method else {
        let item = Arc::new(Field::new("item", DataType::Utf8, true));
        return new_null_array(&DataType::List(item), matches.all.len());
    };
    let texts: Vec<Vec<String>> = set
        .groups
        .iter()
        .map(|group| group.iter().map(|rule| rule.rule.to_string()).collect())
        .collect();
    let mut rules = ListBuilder::new(StringBuilder::new());
    for found in &matches.all {
        let mut held: Vec<&str> = Vec::new();
        for (number, texts) in texts.iter().enumerate() {
            if found.rules & 1 << number != 0 {
                for text in texts {
                    if !held.contains(&text.as_str()) {
                        held.push(text);
                    }
                }
            }
        }
        held.iter().for_each(|text| rules.values().append_value(text));
        rules.append(true);
    }
    Arc::new(rules.finish())
}

pub(crate) fn picked(table: &Table, name: &str, rows: &UInt64Array) -> Result<ArrayRef> {
    let chunks = table.column(name)?;
    let chunks: Vec<&dyn Array> = chunks.iter().map(AsRef::as_ref).collect();
    if chunks.is_empty() {
        let kind = table.schema.field_with_name(name)?.data_type().clone();
        return Ok(new_null_array(&kind, rows.len()));
    }
    Ok(take(&concat(&chunks)?, rows, None)?)
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

    fn table(side: &'static str, ids: &[&str], emails: &[&str]) -> Table {
        let text = |texts: &[&str]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
        let batch =
            RecordBatch::try_from_iter([("id", text(ids)), ("email", text(emails))]).unwrap();
        Table::new(batch.schema(), vec![batch], side).unwrap()
    }

    #[test]
    fn a_match_has_its_rows_ids_and_rules() {
        let left = table("left", &["l0", "l1"], &["ada@acme.com", "bob@acme.com"]);
        let right = table("right", &["r0"], &["BOB@acme.com"]);
        let rules = [vec!["email:eq".parse().unwrap()]];
        let options = Options { ids: vec!["id".to_owned()], ..Options::default() };
        let found =
            match_by_rules(&left, Some(&right), &rules, &BTreeMap::new(), &options, &Unwatched)
                .unwrap();
        let batch = matches(&found, Some("id"), Some("id")).unwrap();
        let names: Vec<_> = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
        assert_eq!(names, ["left", "right", "left_id", "right_id", "confidence", "rules"]);
        assert_eq!(batch.num_rows(), 1);
        let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().value(0);
        assert_eq!((text("left_id"), text("right_id")), ("l1", "r0"));
        let rules = batch.column_by_name("rules").unwrap().as_list::<i32>().value(0);
        assert_eq!(rules.as_string::<i32>().value(0), "email:eq");
        assert_eq!(matches(&found, None, None).unwrap().num_columns(), 4);
        assert!(matches(&found, Some("no"), None).is_err());
    }

    #[test]
    fn a_cluster_tells_its_size_in_each_of_its_rows() {
        let own = table("", &["a", "b", "c"], &["x", "y", "z"]);
        let batch = clusters(&[0, 1, 0], Some((&own, "id"))).unwrap();
        let numbers = |name: &str| {
            let column = batch.column_by_name(name).unwrap();
            column.as_primitive::<arrow::datatypes::UInt64Type>().values().to_vec()
        };
        assert_eq!(numbers("rows"), [2, 1, 2]);
        assert_eq!(numbers("cluster"), [0, 1, 0]);
        assert_eq!(batch.column_by_name("id").unwrap().as_string::<i32>().value(1), "b");
        assert_eq!(clusters(&[], None).unwrap().num_rows(), 0);
    }
}
