//! Decisions in a table: which columns hold the pairs and what was decided.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, LargeStringArray};

use super::Label;
use crate::{
    error::{Error, Result},
    tables::{Table, values::as_text},
    text,
};

/// Columns that may hold the decision, the first that is there.
const DECISIONS: [&str; 6] = ["decision", "match", "is_match", "matches", "same", "label"];
const YES: [&str; 8] = ["true", "t", "yes", "y", "1", "match", "same", "1.0"];
const NO: [&str; 10] =
    ["false", "f", "no", "n", "0", "no match", "different", "no_match", "0.0", "distinct"];
const UNSURE: [&str; 5] = ["", "unsure", "skip", "?", "maybe"];

/// Labels that were read from a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    pub labels: Vec<Label>,
    /// How many pairs name an id that no row has.
    pub unknown: usize,
}

/// The tables that labels are about, with the columns that identify their rows.
pub struct About<'a> {
    pub left: &'a Table,
    /// None where one table is matched with itself.
    pub right: Option<&'a Table>,
    pub left_id: Option<&'a str>,
    pub right_id: Option<&'a str>,
}

/// Whether a table says of its pairs whether they match.
pub fn has_decisions(labels: &Table) -> bool {
    DECISIONS.iter().any(|name| labels.has(name))
}

/// Reads labels from a table with two columns of ids or of rows and one of decisions, in any order.
///
/// Ids stand in `left_id` and `right_id`, or in columns that are called as those of the tables are;
/// rows, counted from 0, in `left` and `right`. The decision is `decision`, `match`, `is_match`,
/// `matches`, `same` or `label`: yes or no, true or false, 1 or 0, match or different; pairs without
/// a decision are left out. Ids may be in either order. Without a column of decisions every pair is
/// what `undecided` says.
///
/// # Errors
/// If a column is missing or a decision cannot be read, or `undecided` is none and there are no
/// decisions.
pub fn read(labels: &Table, about: &About<'_>, undecided: Option<bool>) -> Result<Given> {
    let decisions = match DECISIONS.iter().find(|name| labels.has(name)) {
        Some(name) => Some((*name, whole(labels, name)?)),
        None if undecided.is_some() => None,
        None => {
            return Err(Error::input(format!(
                "the labels have no column 'decision' that says whether a pair matches; their columns are {}",
                labels.names().join(", ")
            )));
        }
    };
    let decided = |row: usize| -> Result<Option<bool>> {
        let Some((name, texts)) = &decisions else { return Ok(undecided) };
        if texts.is_null(row) {
            return Ok(None);
        }
        let word = texts.value(row).trim().to_lowercase();
        match word.as_str() {
            word if YES.contains(&word) => Ok(Some(true)),
            word if NO.contains(&word) => Ok(Some(false)),
            word if UNSURE.contains(&word) => Ok(None),
            _ => Err(Error::input(format!(
                "'{}' in row {row} of column '{name}' is no decision; write yes or no, or nothing where \
                 it is not known",
                texts.value(row)
            ))
            .with_column(*name)),
        }
    };
    let mut given = Given::default();
    match columns(labels, about)? {
        Columns::Rows(left, right) => {
            let number = |texts: &LargeStringArray, row: usize, name: &str| -> Result<u32> {
                let text = if texts.is_null(row) { "" } else { texts.value(row).trim() };
                text.strip_suffix(".0").unwrap_or(text).parse().map_err(|_| {
                    Error::input(format!(
                        "'{text}' in row {row} of column '{name}' of the labels is no number of a row; \
                         name the columns of ids if these are ids"
                    ))
                    .with_column(name)
                })
            };
            for row in 0..labels.rows {
                if let Some(is) = decided(row)? {
                    let pair = (number(&left, row, "left")?, number(&right, row, "right")?);
                    given.labels.push((pair.0, pair.1, is));
                }
            }
        }
        Columns::Ids(left, right) => {
            let lefts = rows_of(about.left, about.left_id)?;
            let rights = match about.right {
                Some(right) => Some(rows_of(right, about.right_id)?),
                None => None,
            };
            let rights = rights.as_ref().unwrap_or(&lefts);
            for row in 0..labels.rows {
                let Some(is) = decided(row)? else { continue };
                let id = |texts: &LargeStringArray| {
                    if texts.is_null(row) {
                        String::new()
                    } else {
                        texts.value(row).trim().to_owned()
                    }
                };
                let (one, other) = (id(&left), id(&right));
                let pair = find(&lefts, &one)
                    .zip(find(rights, &other))
                    .or_else(|| find(&lefts, &other).zip(find(rights, &one)));
                let Some((lefts, rights)) = pair else {
                    given.unknown += 1;
                    continue;
                };
                for &left in lefts {
                    given.labels.extend(
                        rights
                            .iter()
                            .filter(|&&right| about.right.is_some() || left != right)
                            .map(|&right| (left, right, is)),
                    );
                }
            }
        }
    }
    Ok(given)
}

enum Columns {
    Ids(LargeStringArray, LargeStringArray),
    Rows(LargeStringArray, LargeStringArray),
}

fn columns(labels: &Table, about: &About<'_>) -> Result<Columns> {
    let ids = |one: &str, other: &str| -> Result<Columns> {
        Ok(Columns::Ids(whole(labels, one)?, whole(labels, other)?))
    };
    let right_id = if about.right.is_some() { about.right_id } else { about.left_id };
    let named = about.left_id.zip(right_id);
    if named.is_some() && labels.has("left_id") && labels.has("right_id") {
        return ids("left_id", "right_id");
    }
    if let Some((one, other)) = named
        && one != other
        && labels.has(one)
        && labels.has(other)
    {
        return ids(one, other);
    }
    if labels.has("left") && labels.has("right") {
        return Ok(Columns::Rows(whole(labels, "left")?, whole(labels, "right")?));
    }
    let needed = if named.is_some() {
        "name its pairs in the columns left_id and right_id"
    } else if labels.has("left_id") && labels.has("right_id") {
        "name the columns of the tables that hold these ids"
    } else {
        "name its pairs in the columns left and right (rows, counted from 0), or left_id and right_id"
    };
    Err(Error::input(format!(
        "the labels do not say which rows they are about; {needed} (their columns: {})",
        labels.names().join(", ")
    )))
}

/// A column as text, in one piece.
fn whole(table: &Table, name: &str) -> Result<LargeStringArray> {
    let chunks: Vec<ArrayRef> =
        table.column(name)?.iter().map(|chunk| as_text(name, chunk)).collect::<Result<_>>()?;
    let texts: Vec<LargeStringArray> =
        chunks.iter().map(|chunk| text::of(chunk)).collect::<Result<_, _>>()?;
    Ok(texts.iter().flat_map(LargeStringArray::iter).collect())
}

/// A column as text.
///
/// # Errors
/// If it is missing or cannot be read.
pub fn texts_of(table: &Table, name: &str) -> Result<Vec<Option<String>>> {
    Ok(whole(table, name)?.iter().map(|text| text.map(str::to_owned)).collect())
}

/// The rows of each id.
fn rows_of(table: &Table, id: Option<&str>) -> Result<HashMap<String, Vec<u32>>> {
    let mut rows: HashMap<String, Vec<u32>> = HashMap::new();
    let Some(id) = id else { return Ok(rows) };
    for (row, text) in (0..).zip(whole(table, id)?.iter()) {
        if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
            rows.entry(text.to_owned()).or_default().push(row);
        }
    }
    Ok(rows)
}

/// The rows of an id; also of one that got an apostrophe so that no spreadsheet takes it for a formula.
fn find<'a>(rows: &'a HashMap<String, Vec<u32>>, id: &str) -> Option<&'a Vec<u32>> {
    rows.get(id).or_else(|| rows.get(id.strip_prefix('\'')?))
}

/// The row of one id.
///
/// # Errors
/// If no row has it, or more than one.
pub fn row_of(table: &Table, id: &str, wanted: &str) -> Result<u32> {
    let rows = rows_of(table, Some(id))?;
    match rows.get(wanted.trim()).map(Vec::as_slice) {
        Some([row]) => Ok(*row),
        Some(several) => Err(Error::input(format!(
            "{} rows have the id '{wanted}' in column '{id}'; give the number of a row",
            several.len()
        ))
        .with_column(id)),
        None => {
            Err(Error::input(format!("no row has the id '{wanted}' in column '{id}'"))
                .with_column(id))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Int64Array, RecordBatch, StringArray};

    use super::*;

    fn table(columns: Vec<(&str, ArrayRef)>) -> Table {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        Table::new(batch.schema(), vec![batch], "").unwrap()
    }

    fn texts(of: &[&str]) -> ArrayRef {
        Arc::new(StringArray::from(of.to_vec()))
    }

    #[test]
    fn ids_are_found_in_either_order_and_unknown_ones_are_counted() {
        let left = table(vec![("lead", texts(&["a", "b"]))]);
        let right = table(vec![("account", texts(&["x", "y"]))]);
        let about = About {
            left: &left,
            right: Some(&right),
            left_id: Some("lead"),
            right_id: Some("account"),
        };
        let labels = table(vec![
            ("decision", texts(&["Yes", "no", "", "yes"])),
            ("account", texts(&["y", "b", "x", "gone"])),
            ("lead", texts(&["a", "x", "a", "a"])),
        ]);
        let given = read(&labels, &about, None).unwrap();
        assert_eq!(given.labels, [(0, 1, true), (1, 0, false)]);
        assert_eq!(given.unknown, 1);
    }

    #[test]
    fn rows_and_flags_are_read_and_every_pair_of_a_truth_matches() {
        let one = table(vec![("id", texts(&["a", "b", "c"]))]);
        let about = About { left: &one, right: None, left_id: None, right_id: None };
        let rows = |of: &[i64]| Arc::new(Int64Array::from(of.to_vec())) as ArrayRef;
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None]));
        let labels =
            table(vec![("left", rows(&[0, 1])), ("right", rows(&[2, 0])), ("match", flags)]);
        assert_eq!(read(&labels, &about, None).unwrap().labels, [(0, 2, true)]);
        let truth = table(vec![("left", rows(&[0])), ("right", rows(&[1]))]);
        assert_eq!(read(&truth, &about, Some(true)).unwrap().labels, [(0, 1, true)]);
        assert!(read(&truth, &about, None).unwrap_err().to_string().contains("decision"));
    }

    #[test]
    fn what_is_no_decision_is_refused_with_its_row() {
        let one = table(vec![("id", texts(&["a", "b"]))]);
        let about = About { left: &one, right: None, left_id: Some("id"), right_id: None };
        let labels = table(vec![
            ("left_id", texts(&["a"])),
            ("right_id", texts(&["b"])),
            ("decision", texts(&["perhaps not"])),
        ]);
        let error = read(&labels, &about, None).unwrap_err().to_string();
        assert!(error.contains("'perhaps not' in row 0"), "{error}");
    }
}
