//! The first sheet of an Excel workbook (.xlsx) as a table of texts.
//!
//! Cells are read one by one, so that a stray cell far away costs no more than any other: a sheet
//! can have seventeen billion cells.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::BufReader,
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder},
    datatypes::{DataType, Field, Schema},
};
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};

use super::error::FileError;

/// Largest whole number that a cell holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads the first visible sheet. Its first row that is not empty names the columns. Numbers
/// without a fraction are written as integers, dates as `2026-11-27`, and cells with errors are
/// null.
pub(super) fn read(name: &str, file: File) -> Result<RecordBatch, FileError> {
    let unreadable = |error: &dyn std::fmt::Display| FileError::unreadable(name, error);
    let no_workbook = |_| {
        FileError::not_a_table(
            name,
            "it is a zip file and no Excel workbook (.xlsx); unpack it, or save it as CSV first",
        )
    };
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(no_workbook)?;
    let sheet = workbook
        .sheets_metadata()
        .iter()
        .find(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .ok_or_else(|| FileError::not_a_table(name, "it has no visible sheet"))?;
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(|error| unreadable(&error))?;
    let mut rows: BTreeMap<u32, Vec<(u32, String)>> = BTreeMap::new();
    while let Some(cell) = cells.next_cell().map_err(|error| unreadable(&error))? {
        if let Some(text) = text(cell.get_value()) {
            let (row, column) = cell.get_position();
            rows.entry(row).or_default().push((column, text));
        }
    }
    let Some((head, names)) = rows.pop_first() else {
        return Err(FileError::not_a_table(
            name,
            "its first sheet is empty; a table has at least a row of column names",
        ));
    };
    let names: BTreeMap<u32, String> = names.into_iter().collect();
    let used: BTreeSet<u32> =
        names.keys().copied().chain(rows.values().flatten().map(|&(column, _)| column)).collect();
    let places: BTreeMap<u32, usize> = used.iter().copied().zip(0..).collect();
    let mut columns: Vec<StringBuilder> = used.iter().map(|_| StringBuilder::new()).collect();
    let mut count = 0;
    for (row, mut cells) in rows {
        // Empty rows count, so that a row has the number that the spreadsheet shows.
        let missing = (row - head - 1) as usize - count;
        columns.iter_mut().for_each(|column| column.append_nulls(missing));
        cells.sort_by_key(|&(column, _)| column);
        cells.dedup_by_key(|&mut (column, _)| column);
        let mut cells = cells.into_iter().peekable();
        for (at, column) in columns.iter_mut().enumerate() {
            let here = cells.next_if(|&(number, _)| places.get(&number) == Some(&at));
            column.append_option(here.map(|(_, text)| text));
        }
        count += missing + 1;
    }
    let fields: Vec<Field> = used
        .iter()
        .map(|column| {
            // A column without a name gets the name that the spreadsheet shows.
            let name =
                names.get(column).map_or_else(|| letters(*column), |name| name.trim().to_owned());
            Field::new(name, DataType::Utf8, true)
        })
        .collect();
    let columns =
        columns.into_iter().map(|mut column| Arc::new(column.finish()) as ArrayRef).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(count));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
        .map_err(|error| unreadable(&error))
}

/// A cell as text; `None` if it is empty.
fn text(cell: &DataRef<'_>) -> Option<String> {
    let text = match cell {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => return number_text(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(is) => is.to_string(),
        DataRef::DateTime(moment) if moment.is_duration() => return number_text(moment.as_f64()),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) == (0, 0, 0) {
                date
            } else {
                format!("{date}T{hour:02}:{minute:02}:{second:02}")
            }
        }
        DataRef::Error(_) | DataRef::Empty => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

fn number_text(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    Some(if number.fract() == 0.0 && number.abs() < EXACT {
        format!("{number:.0}")
    } else {
        number.to_string()
    })
}

/// The name of a column in a spreadsheet: A to Z, AA and so on.
fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use arrow::array::AsArray;
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

    use super::*;

    fn written(fill: impl Fn(&mut Worksheet)) -> Vec<u8> {
        let mut workbook = Workbook::new();
        fill(workbook.add_worksheet());
        workbook.save_to_buffer().unwrap()
    }

    fn read_bytes(bytes: &[u8]) -> Result<RecordBatch, FileError> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        read("people.xlsx", file)
    }

    fn column(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
        let column = batch.column_by_name(name).unwrap().as_string::<i32>();
        column.iter().map(|text| text.map(str::to_owned)).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| (!text.is_empty()).then(|| (*text).to_owned())).collect()
    }

    #[test]
    fn cells_of_all_kinds_are_read_as_text() {
        let batch = read_bytes(&written(|sheet| {
            for (at, name) in ["id", " decision ", "seen"].into_iter().enumerate() {
                sheet.write_string(0, at as u16, name).unwrap();
            }
            sheet.write_number(1, 0, 7).unwrap();
            sheet.write_string(2, 0, "007").unwrap();
            sheet.write_number(4, 0, 0.25).unwrap();
            sheet.write_boolean(1, 1, true).unwrap();
            sheet.write_string(2, 1, "  ").unwrap();
            let date = Format::new().set_num_format("yyyy-mm-dd");
            let day = ExcelDateTime::from_ymd(2026, 11, 27).unwrap();
            sheet.write_datetime_with_format(1, 2, &day, &date).unwrap();
            sheet.write_string(2, 4, "a remark").unwrap();
        }))
        .unwrap();
        assert_eq!(column(&batch, "id"), some(&["7", "007", "", "0.25"]));
        assert_eq!(column(&batch, "decision"), some(&["true", "", "", ""]));
        assert_eq!(column(&batch, "seen"), some(&["2026-11-27", "", "", ""]));
        assert_eq!(column(&batch, "E"), some(&["", "a remark", "", ""]));
    }

    #[test]
    fn a_stray_cell_far_away_costs_little() {
        let batch = read_bytes(&written(|sheet| {
            sheet.write_string(0, 0, "id").unwrap();
            sheet.write_string(100_000, 16_383, "?").unwrap();
        }))
        .unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (100_000, 2));
        assert_eq!(batch.schema().field(1).name(), "XFD");
    }

    #[test]
    fn what_is_no_workbook_is_refused_and_damaged_ones_do_no_harm() {
        let whole = written(|sheet| {
            sheet.write_string(0, 0, "id").unwrap();
            sheet.write_number(1, 0, 7).unwrap();
        });
        assert!(
            read_bytes(b"PK\x03\x04....").unwrap_err().to_string().contains("no Excel workbook")
        );
        assert!(read_bytes(&written(|_| ())).unwrap_err().to_string().contains("empty"));
        for cut in (0..whole.len()).step_by(97) {
            assert!(read_bytes(&whole[..cut]).is_err(), "{cut}");
        }
        for at in (0..whole.len()).step_by(13) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            // A damaged file may be read or refused, but must not panic.
            let _ = read_bytes(&damaged);
        }
    }

    #[test]
    fn columns_have_the_letters_of_a_spreadsheet() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(column), name);
        }
    }
}
