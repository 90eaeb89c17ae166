//! Finds identifiers that both tables have: social security numbers, customer numbers, record ids.

use std::collections::HashMap;

use arrow::array::{Array, LargeStringArray};
use foldhash::fast::FixedState;

use super::{
    column_text::as_text,
    recognize::{Column, Use},
    table::Table,
};
use crate::text;

/// Number of left values that are searched for on the right.
const LOOKED_AT: usize = 1_000;
/// Minimum number of them that the right must have, and their minimum share.
const FEWEST: usize = 5;
const SHARED: f64 = 0.1;
/// Minimum range of the numbers of a column, as a multiple of its rows. A column with a smaller
/// range counts rows, and does so in every table.
const SPARSE: u64 = 10;

/// Marks columns in which each row has a value of its own as compared, if both tables have some of
/// these values.
pub fn compare_shared(left: &Table, right: &Table, lefts: &mut [Column], rights: &mut [Column]) {
    for one in lefts.iter_mut().filter(|column| column.used == Use::Identifier) {
        let Some(own) = texts(left, &one.name).filter(|texts| !count_rows(texts)) else { continue };
        for other in rights.iter_mut().filter(|column| column.used == Use::Identifier) {
            let shared = other.kind == one.kind
                && texts(right, &other.name)
                    .is_some_and(|texts| !count_rows(&texts) && are_shared(&own, &texts));
            if !shared {
                continue;
            }
            for column in [&mut *one, &mut *other] {
                column.used = Use::Compared;
                column.because.push("the other table has some of its values".to_owned());
            }
            break;
        }
    }
}

fn texts(table: &Table, name: &str) -> Option<Vec<LargeStringArray>> {
    let chunks = table.column(name).ok()?;
    chunks.iter().map(|chunk| text::of(&as_text(name, chunk).ok()?).ok()).collect()
}

fn values(texts: &[LargeStringArray]) -> impl Iterator<Item = &str> {
    texts.iter().flat_map(|chunk| chunk.iter().flatten().map(str::trim))
}

/// Whether a column counts its rows, in any order and behind letters or not: `A0001`, `A0002`.
fn count_rows(texts: &[LargeStringArray]) -> bool {
    let (mut least, mut most, mut count, mut letters) = (u64::MAX, 0_u64, 0_u64, None);
    for text in values(texts) {
        let text = text.strip_suffix(".0").unwrap_or(text);
        let before = text.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let Ok(number) = text[before.len()..].parse::<u64>() else { return false };
        if *letters.get_or_insert(before) != before {
            return false;
        }
        (least, most, count) = (least.min(number), most.max(number), count + 1);
    }
    most.saturating_sub(least) < SPARSE * count
}

fn are_shared(own: &[LargeStringArray], others: &[LargeStringArray]) -> bool {
    let rows: usize = own.iter().map(Array::len).sum();
    let step = rows.div_ceil(LOOKED_AT).max(1);
    let mut looked_for: HashMap<&str, bool, FixedState> =
        values(own).step_by(step).map(|text| (text, false)).collect();
    for text in values(others) {
        if let Some(found) = looked_for.get_mut(text) {
            *found = true;
        }
    }
    let found = looked_for.values().filter(|found| **found).count();
    found >= FEWEST && found as f64 >= SHARED * looked_for.len() as f64
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;
    use crate::tables::{Kind, pairing::pair};

    fn table(name: &str, ids: &[String], side: &'static str) -> Table {
        let people: Vec<String> = (0..ids.len()).map(|at| format!("Ada Byron {at}")).collect();
        let columns: [(&str, ArrayRef); 2] = [
            ("name", Arc::new(StringArray::from(people))),
            (name, Arc::new(StringArray::from(ids.to_vec()))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        Table::new(batch.schema(), vec![batch], side).unwrap()
    }

    fn compared(left: &[String], right: &[String]) -> Option<Kind> {
        let (left, right) = (table("tax id", left, "left"), table("tax id", right, "right"));
        let found = pair(&left, Some(&right), &[]).fields;
        found.into_iter().find(|field| field.name == "tax id").and_then(|field| field.kind)
    }

    #[test]
    fn numbers_that_both_tables_have_are_compared_and_those_that_count_rows_are_not() {
        let sparse = |from: usize, to: usize| -> Vec<String> {
            (from..to).map(|at| format!("{}", 1_000_003 + at * 7_919 % 900_001)).collect()
        };
        assert_eq!(compared(&sparse(0, 200), &sparse(100, 300)), Some(Kind::Code));
        assert_eq!(compared(&sparse(0, 200), &sparse(200, 400)), None);
        let rows = |count: usize| -> Vec<String> {
            (0..count).map(|at| format!("{}", 1 + at * 7 % count)).collect()
        };
        assert_eq!(compared(&rows(200), &rows(300)), None);
    }
}
