//! Reads decisions from a table: which columns contain the pairs and what was decided.

use arrow::array::{Array, LargeStringArray};

use super::{
    Label,
    contradiction::Contradiction,
    decision::Decision,
    ids::{self, Ids},
};
use crate::{
    error::{Error, Result},
    tables::Table,
};

/// Columns that may contain the decision, in order of preference.
const DECISIONS: [&str; 6] = ["decision", "match", "is_match", "matches", "same", "label"];

/// Labels that were read from a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadLabels {
    pub labels: Vec<Label>,
    /// Number of pairs with an id that no row has.
    pub unknown: usize,
    /// A description of the first of these pairs.
    pub first_unknown: Option<String>,
    /// Whether a column says of each pair whether it matches.
    pub decided: bool,
}

impl ReadLabels {
    /// A warning about pairs that name no rows.
    pub fn warning(&self) -> Option<String> {
        let first = self.first_unknown.as_deref().unwrap_or_default();
        match self.unknown {
            0 => None,
            1 => Some(format!(
                "1 label names an id that the tables do not have ({first}); it is left out."
            )),
            many => Some(format!(
                "{many} labels name ids that the tables do not have (the first: {first}); they are left out."
            )),
        }
    }

    /// The known pairs of an evaluation, and a warning about those that name no rows.
    ///
    /// # Errors
    /// If no pair names rows of the tables.
    pub fn known(self) -> Result<(Vec<Label>, Option<String>)> {
        let warning = self.warning();
        match warning {
            Some(warning) if self.labels.is_empty() => Err(Error::input(format!(
                "the known pairs name no rows of these tables: {warning}"
            ))
            .hint("compare its ids with those of the tables")),
            warning => Ok((self.labels, warning)),
        }
    }
}

/// The tables that labels are about, with the columns that identify their rows.
pub struct LabelledTables<'a> {
    pub left: &'a Table,
    /// `None` if a table is matched with itself.
    pub right: Option<&'a Table>,
    pub left_id: Option<&'a str>,
    pub right_id: Option<&'a str>,
}

/// How errors name the rows of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Rows of a table in memory, counted from 0.
    OfTable,
    /// Rows of a file whose first row is the header, as a spreadsheet counts them.
    OfFile,
}

impl Rows {
    fn name(self, row: usize) -> String {
        match self {
            Self::OfTable => format!("row {row} of the labels"),
            Self::OfFile => format!("row {} of the file", row + 2),
        }
    }
}

/// A column whose name equals the wanted one except for case, spaces and punctuation.
fn column<'a>(labels: &'a Table, wanted: &str) -> Option<&'a str> {
    let plain = |name: &str| name.trim().to_lowercase().replace([' ', '-'], "_");
    let names = labels.names();
    names
        .iter()
        .find(|name| **name == wanted)
        .or_else(|| names.iter().find(|name| plain(name) == plain(wanted)))
        .copied()
}

/// Whether a table says of its pairs whether they match.
pub fn has_decisions(labels: &Table) -> bool {
    DECISIONS.iter().any(|name| column(labels, name).is_some())
}

/// Reads labels from a table with two columns of ids or of rows and one of decisions, in any order
/// and among other columns.
///
/// Ids are in `left_id` and `right_id`, or in columns with the names of the tables' id columns;
/// rows, counted from 0, are in `left` and `right`. The decision is in `decision`, `match`,
/// `is_match`, `matches`, `same` or `label`, as [`Decision`] reads it; pairs without a decision are
/// skipped. Ids may be in either order. Without a column of decisions, every pair has the decision
/// `undecided`.
///
/// # Errors
/// If a column is missing, a decision is not clear, labels contradict each other, or there are no
/// decisions and `undecided` is `None`.
pub fn read(
    labels: &Table,
    about: &LabelledTables<'_>,
    undecided: Option<bool>,
    rows: Rows,
) -> Result<ReadLabels> {
    let decisions = match DECISIONS.iter().find_map(|name| column(labels, name)) {
        Some(name) => Some((name, ids::texts(labels, name)?)),
        None if undecided.is_some() => None,
        None => {
            return Err(Error::input(format!(
                "the labels have no column 'decision' that says whether a pair matches; their columns are {}",
                labels.names().join(", ")
            )));
        }
    };
    let pairs = columns(labels, about)?;
    let decided = |row: usize| -> Result<Option<bool>> {
        let Some((name, texts)) = &decisions else { return Ok(undecided) };
        if texts.is_null(row) {
            return Ok(None);
        }
        match Decision::of(texts.value(row)) {
            Some(Decision::Same) => Ok(Some(true)),
            Some(Decision::Different) => Ok(Some(false)),
            Some(Decision::Open) => Ok(None),
            None => Err(Error::input(format!(
                "'{}' in {} (column '{name}', {}) is no clear decision",
                texts.value(row),
                rows.name(row),
                pairs.said(row)
            ))
            .with_column(*name)
            .hint("write yes or no, or nothing where it is not known")),
        }
    };
    let mut given = ReadLabels { decided: decisions.is_some(), ..ReadLabels::default() };
    // The row of each label.
    let mut of: Vec<usize> = Vec::new();
    match &pairs {
        Pairs::Rows(left, right) => {
            let number = |texts: &LargeStringArray, row: usize, name: &str| -> Result<u32> {
                let text = ids::id(texts, row).unwrap_or_default();
                text.parse().map_err(|_| {
                    Error::input(format!(
                        "'{text}' in {} (column '{name}') is no number of a row",
                        rows.name(row)
                    ))
                    .with_column(name)
                    .hint("name the columns of ids if these are ids")
                })
            };
            for row in 0..labels.rows {
                if let Some(is) = decided(row)? {
                    let pair = (number(left, row, "left")?, number(right, row, "right")?);
                    given.labels.push((pair.0, pair.1, is));
                    of.push(row);
                }
            }
        }
        Pairs::Ids(left, right) => {
            let known =
                |table: &Table, id: Option<&str>| id.map(|id| Ids::of(table, id)).transpose();
            let lefts = known(about.left, about.left_id)?;
            let rights = match about.right {
                Some(right) => known(right, about.right_id)?,
                None => None,
            };
            let itself = about.right.is_none();
            let rights = if itself { lefts.as_ref() } else { rights.as_ref() };
            for row in 0..labels.rows {
                let Some(is) = decided(row)? else { continue };
                let found = match (ids::id(left, row), ids::id(right, row), &lefts, rights) {
                    (Some(one), Some(other), Some(lefts), Some(rights)) => {
                        let pair = |one: &str, other: &str| {
                            let (mut one, mut other) =
                                (lefts.rows(one).peekable(), rights.rows(other).peekable());
                            (one.peek().is_some() && other.peek().is_some()).then_some((one, other))
                        };
                        pair(one, other).or_else(|| pair(other, one))
                    }
                    _ => None,
                };
                let Some((lefts, rights)) = found else {
                    given.unknown += 1;
                    if given.first_unknown.is_none() {
                        given.first_unknown =
                            Some(format!("{} in {}", pairs.said(row), rows.name(row)));
                    }
                    continue;
                };
                for left in lefts {
                    for right in rights.clone().filter(|&right| !itself || left != right) {
                        given.labels.push((left, right, is));
                        of.push(row);
                    }
                }
            }
        }
    }
    let table_rows = about.right.is_none().then_some(about.left.rows);
    let is_there = |&(left, right, _): &Label| {
        (left as usize) < about.left.rows
            && (right as usize) < about.right.unwrap_or(about.left).rows
    };
    // Rows that do not exist are refused when labels are checked.
    if given.labels.iter().all(is_there)
        && let Some(found) = Contradiction::find(&given.labels, table_rows)
    {
        let name = |at: usize| format!("{} ({})", rows.name(of[at]), pairs.said(of[at]));
        return Err(found.error(&given.labels, table_rows, &name));
    }
    Ok(given)
}

/// The two columns with the rows of the labels.
enum Pairs {
    Ids(LargeStringArray, LargeStringArray),
    Rows(LargeStringArray, LargeStringArray),
}

impl Pairs {
    /// A description of the pair in a row of the labels.
    fn said(&self, row: usize) -> String {
        let (what, left, right) = match self {
            Self::Ids(left, right) => ("ids", left, right),
            Self::Rows(left, right) => ("rows", left, right),
        };
        let text = |texts| ids::id(texts, row).map_or("nothing".to_owned(), |id| format!("'{id}'"));
        format!("{what} {} and {}", text(left), text(right))
    }
}

fn columns(labels: &Table, about: &LabelledTables<'_>) -> Result<Pairs> {
    let pair = |one: &str, other: &str| {
        Some((column(labels, one)?, column(labels, other)?)).filter(|(one, other)| one != other)
    };
    let texts = |(one, other): (&str, &str)| -> Result<_> {
        Ok((ids::texts(labels, one)?, ids::texts(labels, other)?))
    };
    let right_id = if about.right.is_some() { about.right_id } else { about.left_id };
    let named = about.left_id.zip(right_id);
    let of_ids = named.and_then(|(one, other)| {
        pair("left_id", "right_id").or_else(|| pair(one, other).filter(|_| one != other))
    });
    if let Some(of_ids) = of_ids {
        let (left, right) = texts(of_ids)?;
        return Ok(Pairs::Ids(left, right));
    }
    if let Some(of_rows) = pair("left", "right") {
        let (left, right) = texts(of_rows)?;
        return Ok(Pairs::Rows(left, right));
    }
    let needed = if named.is_some() {
        "name its pairs in the columns left_id and right_id"
    } else if pair("left_id", "right_id").is_some() {
        "name the columns of the tables that hold these ids"
    } else {
        "name its pairs in the columns left and right (rows, counted from 0), or left_id and right_id"
    };
    Err(Error::input(format!(
        "the labels do not say which rows they are about (their columns: {})",
        labels.names().join(", ")
    ))
    .hint(needed))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};

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
        let about = LabelledTables {
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
        let given = read(&labels, &about, None, Rows::OfTable).unwrap();
        assert_eq!(given.labels, [(0, 1, true), (1, 0, false)]);
        assert_eq!(given.unknown, 1);
    }

    #[test]
    fn rows_and_flags_are_read_and_every_pair_of_a_truth_matches() {
        let one = table(vec![("id", texts(&["a", "b", "c"]))]);
        let about = LabelledTables { left: &one, right: None, left_id: None, right_id: None };
        let rows = |of: &[i64]| Arc::new(Int64Array::from(of.to_vec())) as ArrayRef;
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None]));
        let labels =
            table(vec![("left", rows(&[0, 1])), ("right", rows(&[2, 0])), ("match", flags)]);
        assert_eq!(read(&labels, &about, None, Rows::OfTable).unwrap().labels, [(0, 2, true)]);
        let truth = table(vec![("left", rows(&[0])), ("right", rows(&[1]))]);
        assert_eq!(read(&truth, &about, Some(true), Rows::OfTable).unwrap().labels, [(0, 1, true)]);
        assert!(read(&labels, &about, None, Rows::OfTable).unwrap().decided);
        assert!(!read(&truth, &about, Some(true), Rows::OfTable).unwrap().decided);
        assert!(
            read(&truth, &about, None, Rows::OfTable).unwrap_err().to_string().contains("decision")
        );
    }

    #[test]
    fn what_is_no_decision_is_refused_with_its_row() {
        let one = table(vec![("id", texts(&["a", "b"]))]);
        let about = LabelledTables { left: &one, right: None, left_id: Some("id"), right_id: None };
        let labels = table(vec![
            ("left_id", texts(&["a"])),
            ("right_id", texts(&["b"])),
            ("decision", texts(&["perhaps not"])),
        ]);
        let error = read(&labels, &about, None, Rows::OfTable).unwrap_err().to_string();
        assert!(error.contains("'perhaps not' in row 0"), "{error}");
        assert!(error.contains("ids 'a' and 'b'"), "{error}");
        let error = read(&labels, &about, None, Rows::OfFile).unwrap_err().to_string();
        assert!(error.contains("in row 2 of the file"), "{error}");
    }

    #[test]
    fn columns_may_be_called_and_ordered_otherwise() {
        let one = table(vec![("id", texts(&["7", "8", "9"]))]);
        let about = LabelledTables { left: &one, right: None, left_id: Some("id"), right_id: None };
        let floats: ArrayRef = Arc::new(arrow::array::Float64Array::from(vec![7.0, 8.0]));
        let labels = table(vec![
            ("Comment", texts(&["same phone", ""])),
            ("Right ID", texts(&["8", "9"])),
            ("DECISION ", texts(&["Ja", "x"])),
            ("left_id", floats),
        ]);
        let given = read(&labels, &about, None, Rows::OfTable).unwrap();
        assert_eq!(given.labels, [(0, 1, true), (1, 2, true)]);
    }

    #[test]
    fn contradictions_name_the_rows_that_make_them() {
        let one = table(vec![("id", texts(&["a", "b", "c"]))]);
        let about = LabelledTables { left: &one, right: None, left_id: Some("id"), right_id: None };
        let labels = table(vec![
            ("left_id", texts(&["a", "zz", "b", "b"])),
            ("right_id", texts(&["b", "a", "a", "c"])),
            ("decision", texts(&["yes", "yes", "no", ""])),
        ]);
        let error = read(&labels, &about, None, Rows::OfFile).unwrap_err().to_string();
        assert!(error.contains("row 2 of the file (ids 'a' and 'b') says"), "{error}");
        assert!(error.contains("row 4 of the file (ids 'b' and 'a') that"), "{error}");
    }

    #[test]
    fn ids_that_no_row_has_are_said() {
        let one = table(vec![("id", texts(&["a", "b"]))]);
        let about = LabelledTables { left: &one, right: None, left_id: Some("id"), right_id: None };
        let labels = table(vec![
            ("left_id", texts(&["a", "gone", "gone"])),
            ("right_id", texts(&["b", "a", "lost"])),
            ("decision", texts(&["yes", "no", "no"])),
        ]);
        let given = read(&labels, &about, None, Rows::OfTable).unwrap();
        assert_eq!((given.labels.len(), given.unknown), (1, 2));
        let warning = given.warning().unwrap();
        assert!(warning.starts_with("2 labels name ids"), "{warning}");
        assert!(warning.contains("ids 'gone' and 'a' in row 1"), "{warning}");
        let (known, said) = given.clone().known().unwrap();
        assert_eq!((known.len(), said), (1, Some(warning)));
        let error = ReadLabels { labels: Vec::new(), ..given }.known().unwrap_err().to_string();
        assert!(error.contains("name no rows of these tables: 2 labels"), "{error}");
        assert_eq!(ReadLabels::default().known().unwrap(), (Vec::new(), None));
    }
}
