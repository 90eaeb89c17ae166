//! Builds one record for each cluster: for each column the value that a strategy picks, and the row
//! from which it comes.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    str::FromStr,
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, LargeStringArray, RecordBatch, UInt64Array, make_comparator},
    compute::{SortOptions, concat, concat_batches, take},
    datatypes::{DataType, Field, Schema},
};

use crate::{
    error::{Error, Result},
    tables::{Table, column_text::as_text},
    text,
};

/// Which of a cluster's values survives. Nulls and empty texts survive only if there is no other
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The most frequent value; the first of several.
    MostFrequent,
    /// The longest text; the first of several.
    Longest,
    /// The value of the first row.
    First,
    /// The value of the last row.
    Last,
    /// The value of the row with the fewest nulls.
    MostComplete,
    /// The lowest value.
    Min,
    /// The highest value.
    Max,
    /// The value of the row with the highest value in another column, such as the newest row.
    Newest(String),
}

impl FromStr for Strategy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "most_frequent" => Self::MostFrequent,
            "longest" => Self::Longest,
            "first" => Self::First,
            "last" => Self::Last,
            "most_complete" => Self::MostComplete,
            "min" => Self::Min,
            "max" => Self::Max,
            _ => match text.strip_prefix("newest:") {
                Some(column) if !column.is_empty() => Self::Newest(column.to_owned()),
                _ => {
                    return Err(Error::input(format!("there is no strategy '{text}'")).hint(
                        "use one of most_frequent, longest, first, last, most_complete, min, max, \
                         newest:COLUMN",
                    ));
                }
            },
        })
    }
}

/// The rows from which the values of golden records come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickedRows {
    /// Number of rows of each cluster.
    pub sizes: Vec<u64>,
    /// For each column of the table and each cluster, the row whose value survives.
    pub rows: Vec<Vec<u64>>,
}

/// Picks a row for each column of each cluster.
///
/// # Errors
/// If a strategy is given for a column that does not exist.
pub fn picked(
    table: &Table,
    clusters: &[u64],
    default: &Strategy,
    by_column: &BTreeMap<String, Strategy>,
) -> Result<PickedRows> {
    let whole = concat_batches(&table.schema, &table.batches)?;
    pick(table, &whole, clusters, default, by_column)
}

fn pick(
    table: &Table,
    whole: &RecordBatch,
    clusters: &[u64],
    default: &Strategy,
    by_column: &BTreeMap<String, Strategy>,
) -> Result<PickedRows> {
    for name in by_column.keys() {
        table.column(name)?;
    }
    let count = clusters.iter().max().map_or(0, |most| usize::try_from(*most).unwrap_or(0) + 1);
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (row, &cluster) in clusters.iter().enumerate() {
        members[usize::try_from(cluster).unwrap_or(0)].push(row);
    }
    let complete: Vec<usize> = (0..whole.num_rows())
        .map(|row| whole.columns().iter().filter(|column| column.is_valid(row)).count())
        .collect();
    let rows = whole
        .schema()
        .fields()
        .iter()
        .zip(whole.columns())
        .map(|(field, column)| {
            let strategy = by_column.get(field.name()).unwrap_or(default);
            let picker = Picker::new(table, field.name(), column, strategy, &complete)?;
            Ok(members.iter().map(|rows| picker.pick(rows) as u64).collect())
        })
        .collect::<Result<_>>()?;
    Ok(PickedRows { sizes: members.iter().map(|rows| rows.len() as u64).collect(), rows })
}

/// A row for each cluster: `cluster`, `rows` (its number of rows), the columns, and with
/// `provenance` for each column `<column>_row`, the row from which its value comes.
///
/// # Errors
/// If a strategy is given for a column that does not exist.
pub fn golden(
    table: &Table,
    clusters: &[u64],
    default: &Strategy,
    by_column: &BTreeMap<String, Strategy>,
    provenance: bool,
) -> Result<RecordBatch> {
    let whole = concat_batches(&table.schema, &table.batches)?;
    let PickedRows { sizes, rows } = pick(table, &whole, clusters, default, by_column)?;
    let mut names = Names::of(&table.schema);
    let mut fields = vec![
        Field::new(names.free("cluster"), DataType::UInt64, false),
        Field::new(names.free("rows"), DataType::UInt64, false),
    ];
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(UInt64Array::from_iter_values(0..sizes.len() as u64)),
        Arc::new(UInt64Array::from(sizes)),
    ];
    let mut origins: Vec<(String, ArrayRef)> = Vec::new();
    for ((field, column), rows) in whole.schema().fields().iter().zip(whole.columns()).zip(rows) {
        let rows = UInt64Array::from(rows);
        columns.push(take(column, &rows, None)?);
        fields.push(field.as_ref().clone());
        origins.push((names.free(&format!("{}_row", field.name())), Arc::new(rows)));
    }
    if provenance {
        for (name, rows) in origins {
            fields.push(Field::new(name, DataType::UInt64, false));
            columns.push(rows);
        }
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// Names of columns that are added to those of a table.
///
/// A table may have a column `cluster` or `row` already. It keeps its name, and the added column is
/// called `cluster_`.
pub struct Names(HashSet<String>);

impl Names {
    pub fn of(schema: &Schema) -> Self {
        Self(schema.fields().iter().map(|field| field.name().clone()).collect())
    }

    /// `wanted`, followed by as many underscores as make it new.
    pub fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        while !self.0.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

struct Picker<'a> {
    strategy: &'a Strategy,
    known: Vec<bool>,
    texts: Option<LargeStringArray>,
    /// A rank in ascending order for `min`, `max` and `newest`; equal values have equal ranks.
    ranks: Vec<usize>,
    complete: &'a [usize],
}

impl<'a> Picker<'a> {
    fn new(
        table: &Table,
        name: &str,
        column: &ArrayRef,
        strategy: &'a Strategy,
        complete: &'a [usize],
    ) -> Result<Self> {
        let texts = as_text(name, column).and_then(|text| Ok(text::of(&text)?)).ok();
        let known = (0..column.len())
            .map(|row| {
                column.is_valid(row)
                    && texts.as_ref().is_none_or(|texts| !texts.value(row).trim().is_empty())
            })
            .collect();
        let ranked = match strategy {
            Strategy::Min | Strategy::Max | Strategy::MostFrequent => Some(column.clone()),
            Strategy::Newest(by) => {
                let chunks = table.column(by)?;
                let chunks: Vec<&dyn Array> = chunks.iter().map(AsRef::as_ref).collect();
                Some(if chunks.is_empty() { column.clone() } else { concat(&chunks)? })
            }
            _ => None,
        };
        let mut ranks = Vec::new();
        if let Some(ranked) = ranked {
            ranks = self::ranks(&ranked)?;
        }
        Ok(Self { strategy, known, texts, ranks, complete })
    }

    fn pick(&self, rows: &[usize]) -> usize {
        let known: Vec<usize> = rows.iter().copied().filter(|&row| self.known[row]).collect();
        let (Some(&first), Some(&last)) = (known.first(), known.last()) else {
            return rows.first().copied().unwrap_or(0);
        };
        let text = |row: usize| self.texts.as_ref().map_or("", |texts| texts.value(row));
        // The first of equal values: `max_by` keeps the last, so rows are visited in reverse order.
        let best = |rank: &dyn Fn(usize) -> usize| {
            known.iter().copied().rev().max_by_key(|&row| rank(row)).unwrap_or(first)
        };
        match self.strategy {
            Strategy::First => first,
            Strategy::Last => last,
            Strategy::Longest => best(&|row| text(row).chars().count()),
            Strategy::MostComplete => best(&|row| self.complete[row]),
            Strategy::Max | Strategy::Newest(_) => best(&|row| self.ranks[row]),
            Strategy::Min => best(&|row| usize::MAX - self.ranks[row]),
            Strategy::MostFrequent => {
                let mut counts: HashMap<usize, usize> = HashMap::new();
                for &row in &known {
                    *counts.entry(self.ranks[row]).or_default() += 1;
                }
                best(&|row| counts.get(&self.ranks[row]).copied().unwrap_or(0))
            }
        }
    }
}

/// The rank of each row of a column, nulls first; equal values have equal ranks.
fn ranks(column: &ArrayRef) -> Result<Vec<usize>> {
    let options = SortOptions { descending: false, nulls_first: true };
    let compare = make_comparator(column, column, options)?;
    let mut order: Vec<usize> = (0..column.len()).collect();
    order.sort_by(|&a, &b| compare(a, b));
    let mut ranks = vec![0; column.len()];
    for pair in order.windows(2) {
        let apart = compare(pair[0], pair[1]).is_ne();
        ranks[pair[1]] = ranks[pair[0]] + usize::from(apart);
    }
    Ok(ranks)
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::{Decimal128Array, Int32Array, ListArray, StringArray, TimestampSecondArray},
        datatypes::Int32Type,
    };

    use super::*;

    fn golden_of(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let table = Table::new(batch.schema(), vec![batch], "").unwrap();
        golden(&table, &[0, 0, 0], &Strategy::MostFrequent, &BTreeMap::new(), true).unwrap()
    }

    #[test]
    fn the_most_frequent_value_is_found_in_columns_of_every_type() {
        let list = [Some([Some(1)]), Some([Some(2)]), Some([Some(2)])];
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("decimal", Arc::new(Decimal128Array::from(vec![1, 2, 2]))),
            ("time", Arc::new(TimestampSecondArray::from(vec![1, 2, 2]))),
            ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(list))),
            ("text", Arc::new(StringArray::from(vec!["a", "b", "b"]))),
            ("number", Arc::new(Int32Array::from(vec![1, 2, 2]))),
        ];
        let made = golden_of(columns.clone());
        for (name, column) in columns {
            assert_eq!(made.column_by_name(name).unwrap(), &column.slice(1, 1), "{name}");
        }
    }

    #[test]
    fn columns_keep_their_names_and_added_ones_give_way() {
        let column: ArrayRef = Arc::new(Int32Array::from(vec![1, 2, 3]));
        let given = ["cluster", "rows", "x", "x_row"];
        let made = golden_of(given.iter().map(|&name| (name, column.clone())).collect());
        let schema = made.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let added = ["cluster_row", "rows_row", "x_row_", "x_row_row"];
        assert_eq!(names, [&["cluster_", "rows_"], &given[..], &added].concat());
    }
}
