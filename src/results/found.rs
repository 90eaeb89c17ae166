//! Whether something was found for a row.

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};

use super::{
    columns::{EMAIL, PHONE},
    table,
};

/// For each part of an answer, the column of its values and the column that says whether there is
/// one.
pub const ANSWERS: [[&str; 2]; 2] = [EMAIL, PHONE];

/// Whether a part of the answer was found, for each row. Where the file does not say so in a word
/// that is understood, it was found if its value is there. `None` if the results have no such part.
pub fn found(rows: &RecordBatch, [value, flag]: [&str; 2]) -> Option<BooleanArray> {
    let flags = rows.column_by_name(flag)?.as_boolean_opt()?;
    let values = rows.column_by_name(value).and_then(|values| values.as_string_opt::<i32>());
    let Some(values) = values.filter(|_| flags.null_count() > 0) else {
        return Some(flags.clone());
    };
    let found = flags
        .iter()
        .zip(values)
        .map(|(flag, value)| Some(flag.unwrap_or_else(|| value.is_some_and(table::is_there))));
    Some(found.collect())
}

/// The parts of the answers that the results have, as by [`found`].
pub fn flags(rows: &RecordBatch) -> Vec<BooleanArray> {
    ANSWERS.into_iter().filter_map(|pair| found(rows, pair)).collect()
}

/// How many parts of the answer were found for a row.
pub fn count(flags: &[BooleanArray], row: usize) -> usize {
    flags.iter().filter(|flags| !flags.is_null(row) && flags.value(row)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::agents::BatchKind, results::parse_result};

    fn emails(csv: &str) -> Vec<Option<bool>> {
        let rows = parse_result(csv.as_bytes(), "x.csv", Some(BatchKind::Email)).unwrap();
        found(&rows, EMAIL).unwrap().iter().collect()
    }

    #[test]
    fn a_value_without_a_flag_is_found() {
        assert_eq!(
            emails("id,email\n1,a@b.de\n2,\n3,NULL\n"),
            [Some(true), Some(false), Some(false)]
        );
        assert_eq!(
            emails("id,email,email_found\n1,a@b.de,maybe\n2,,maybe\n3,c@d.de,\n"),
            [Some(true), Some(false), Some(true)]
        );
    }

    #[test]
    fn a_flag_decides_where_there_is_one() {
        assert_eq!(emails("id,email,email_found\n1,a@b.de,N\n2,,y\n"), [Some(false), Some(true)]);
    }

    #[test]
    fn what_was_not_asked_for_has_no_flag() {
        let csv = b"id,email,phone_number\n1,a@b.de,+45\n";
        let rows = parse_result(csv, "x.csv", Some(BatchKind::Phone)).unwrap();
        assert!(found(&rows, EMAIL).is_none());
        let phones = found(&rows, PHONE).unwrap();
        assert_eq!((count(&[phones], 0), rows.num_rows()), (1, 1));
    }
}
