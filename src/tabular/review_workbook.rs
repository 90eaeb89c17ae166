//! A workbook in which a person decides about pairs: with a frozen heading, a column of decisions
//! with a drop-down list, and texts that stay texts, whatever they begin with.

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{DataType, Float64Type},
};
use lantern_matching::text;
use rust_xlsxwriter::{Color, DataValidation, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::error::{Error, Result};

/// The column for the decisions, and the values of its list; other words are read as well.
const DECISION: &str = "decision";
const CHOICES: [&str; 3] = ["yes", "no", "unsure"];
/// Maximum length of a cell's text, in UTF-16 units; a longer text is cut.
const LONGEST: usize = 32_767;
/// Number of digits from which a whole number is written as text, because a cell displays no more
/// digits.
const MOST_DIGITS: usize = 11;
/// Widths of columns, in characters.
const NARROW: f64 = 9.0;
const WIDE: f64 = 45.0;
/// Number of rows by which a column's width is measured.
const MEASURED: usize = 200;
/// Maximum number of rows of a sheet, without the heading.
const MOST_ROWS: usize = 1_048_575;

/// The workbook for a table of pairs.
pub(super) fn bytes(batch: &RecordBatch) -> Result<Vec<u8>> {
    if batch.num_rows() > MOST_ROWS {
        return Err(Error::input(format!(
            "{} pairs do not fit into an Excel sheet, which has {MOST_ROWS} rows below its heading",
            batch.num_rows()
        )));
    }
    let failed = |error: XlsxError| {
        Error::input(format!("the pairs cannot be written as an Excel workbook: {error}"))
            .caused_by(error)
    };
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet(), batch)?.map_err(failed)?;
    workbook.save_to_buffer().map_err(failed)
}

/// Fills a sheet; the inner result is the error of the workbook.
#[expect(clippy::cast_possible_truncation, reason = "rows are counted above, and columns are few")]
fn fill(sheet: &mut Worksheet, batch: &RecordBatch) -> Result<Result<(), XlsxError>> {
    let rows = batch.num_rows() as u32;
    let (schema, heading) = (batch.schema(), Format::new().set_bold());
    let open =
        Format::new().set_background_color(Color::RGB(0x00FF_F4CC)).set_align(FormatAlign::Center);
    let mut write = || -> Result<(), XlsxError> {
        sheet.set_name("pairs")?;
        sheet.set_freeze_panes(1, 0)?;
        for (at, (field, column)) in schema.fields().iter().zip(batch.columns()).enumerate() {
            let at = at as u16;
            sheet.write_string_with_format(0, at, cell(field.name()), &heading)?;
            let mut widest = field.name().chars().count();
            if field.name() == DECISION {
                for row in 1..=rows {
                    sheet.write_blank(row, at, &open)?;
                }
                if rows > 0 {
                    // The list is an aid only: other values are accepted here.
                    let list = DataValidation::new()
                        .allow_list_strings(&CHOICES)?
                        .show_error_message(false);
                    sheet.add_data_validation(1, at, rows, at, &list)?;
                }
            } else if let Some(numbers) = column.as_primitive_opt::<Float64Type>() {
                for (row, number) in (1..).zip(numbers) {
                    if let Some(number) = number.filter(|number| number.is_finite()) {
                        sheet.write_number(row, at, number)?;
                    }
                }
            } else {
                let is_number = column.data_type().is_integer();
                let Ok(texts) = text::of(column) else { continue };
                for (row, text) in (1..).zip(texts.iter()) {
                    let Some(text) = text else { continue };
                    if (row as usize) <= MEASURED {
                        widest = widest.max(text.chars().count());
                    }
                    match text.parse::<f64>() {
                        Ok(number) if is_number && text.len() <= MOST_DIGITS => {
                            sheet.write_number(row, at, number)?
                        }
                        _ => sheet.write_string(row, at, cell(text))?,
                    };
                }
            }
            sheet.set_column_width(at, (widest as f64 + 2.0).clamp(NARROW, WIDE))?;
        }
        let last = schema.fields().len().saturating_sub(1) as u16;
        sheet.autofilter(0, 0, rows, last)?;
        Ok(())
    };
    for column in batch.columns() {
        // Lists and bytes are left empty, as in the other formats.
        if !matches!(column.data_type(), DataType::Float64) {
            text::of(column)?;
        }
    }
    Ok(write())
}

/// A text cut at the maximum length of a cell, between two characters.
fn cell(text: &str) -> String {
    let mut units = 0;
    for (at, letter) in text.char_indices() {
        units += letter.len_utf16();
        if units >= LONGEST {
            return format!("{}…", &text[..at]);
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Seek, Write},
        sync::Arc,
    };

    use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};

    use super::*;
    use crate::tabular::excel;

    #[test]
    fn what_is_written_is_read_again() {
        let long = "ä".repeat(40_000);
        let odd = ["=1+1", "007", " _x0041_ ", "<b>&\"'\u{200f}שלום 😀\u{1}", &long];
        let texts: ArrayRef = Arc::new(StringArray::from(odd.to_vec()));
        let whole: ArrayRef = Arc::new(Int64Array::from(vec![
            Some(7),
            None,
            Some(1_234_567_890_123_456_789),
            Some(-3),
            Some(0),
        ]));
        let decision: ArrayRef = Arc::new(StringArray::from(vec![None::<&str>; 5]));
        let confidence: ArrayRef = Arc::new(Float64Array::from(vec![0.5; 5]));
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("left_id", whole, true),
            ("decision", decision, true),
            ("confidence", confidence, true),
            ("left_name", texts, true),
        ])
        .unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes(&batch).unwrap()).unwrap();
        file.rewind().unwrap();
        let read = excel::read("review.xlsx", file).unwrap();
        assert_eq!(read.num_rows(), 5);
        let column = |name: &str| -> Vec<Option<String>> {
            let column = read.column_by_name(name).unwrap().as_string::<i32>();
            column.iter().map(|text| text.map(str::to_owned)).collect()
        };
        let ids = column("left_id");
        let ids: Vec<Option<&str>> = ids.iter().map(Option::as_deref).collect();
        assert_eq!(ids, [Some("7"), None, Some("1234567890123456789"), Some("-3"), Some("0")]);
        assert!(column("decision").iter().all(Option::is_none));
        assert_eq!(column("confidence")[0].as_deref(), Some("0.5"));
        let names = column("left_name");
        assert_eq!(
            names[..4],
            odd[..4].iter().map(|text| Some((*text).to_owned())).collect::<Vec<_>>()
        );
        let last = names[4].as_deref().unwrap();
        assert!(last.ends_with('…') && last.chars().count() == LONGEST, "{}", last.chars().count());
    }
}
