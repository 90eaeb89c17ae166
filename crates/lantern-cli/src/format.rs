//! Formats numbers, times and tables for people.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use indicatif::HumanCount;

/// `1,234,567`
pub fn count(number: u64) -> String {
    HumanCount(number).to_string()
}

/// `1,234` or `1,234.5`
pub fn amount(number: f64) -> String {
    let tenths = (number.abs() * 10.0).round();
    let (whole, rest) = ((tenths / 10.0).trunc() as u64, (tenths % 10.0) as u64);
    let sign = if number < 0.0 && tenths > 0.0 { "-" } else { "" };
    let rest = if rest > 0 { format!(".{rest}") } else { String::new() };
    format!("{sign}{}{rest}", count(whole))
}

/// `69.1 %`; empty if the whole is 0.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    format!("{:.1} %", part as f64 / whole as f64 * 100.0)
}

/// `420 ms`, `2.4 s`, `3 min 20 s`, `2 h 5 min`
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", count(seconds / 3600), seconds % 3600 / 60),
    }
}

/// A time of the ledger, in microseconds since 1970.
pub fn moment(microseconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(microseconds)
}

/// `2026-11-24 09:07`, UTC.
pub fn minute(microseconds: i64) -> String {
    moment(microseconds).map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// `2026-11-24T09:07:00.123456Z`
pub fn timestamp(microseconds: i64) -> Option<String> {
    moment(microseconds).map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// One column of a table.
pub enum Column {
    Left(&'static str),
    /// Aligned to the right, for numbers.
    Right(&'static str),
}

/// Lines of cells under a heading, aligned, without borders. A line break within a cell is escaped, so
/// that no value looks like another row.
pub fn table(columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let cell = |column: &Column, text: &str| {
        let cell = Cell::new(text.replace('\n', "\\n"));
        match column {
            Column::Left(_) => cell,
            Column::Right(_) => cell.set_alignment(CellAlignment::Right),
        }
    };
    if columns.iter().any(|column| !column.name().is_empty()) {
        table.set_header(columns.iter().map(|column| cell(column, column.name())));
    }
    for row in rows {
        table.add_row(columns.iter().zip(&row).map(|(column, text)| cell(column, text)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

impl Column {
    const fn name(&self) -> &'static str {
        match self {
            Self::Left(name) | Self::Right(name) => name,
        }
    }
}

/// Names and values, one pair per line.
pub fn pairs(rows: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]);
    table(&[Column::Left(""), Column::Left("")], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(amount(1234.0), "1,234");
        assert_eq!(amount(1234.56), "1,234.6");
        assert_eq!(amount(-0.04), "0");
        assert_eq!(share(2, 3), "66.7 %");
        assert_eq!(share(0, 0), "");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let said = |milliseconds| duration(Duration::from_millis(milliseconds));
        assert_eq!(said(420), "420 ms");
        assert_eq!(said(2_440), "2.4 s");
        assert_eq!(said(200_000), "3 min 20 s");
        assert_eq!(said(7_500_000), "2 h 5 min");
    }

    #[test]
    fn columns_are_aligned_and_lines_end_where_their_text_does() {
        let columns = [Column::Left("NAME"), Column::Right("COUNT")];
        let rows = [vec!["a".to_owned(), "1,000".to_owned()], vec!["long".into(), "7".into()]];
        assert_eq!(table(&columns, rows), "NAME  COUNT\na     1,000\nlong      7");
        assert_eq!(pairs([("rows", "5".into())]), "rows  5");
    }
}
