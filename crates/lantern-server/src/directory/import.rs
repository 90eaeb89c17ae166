//! Reads a directory that the user provides: a Parquet, CSV or Arrow IPC file, or record batches.

use std::{path::Path, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, new_null_array},
    compute::concat_batches,
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use super::table::Table;
use lantern::{
    error::{Error, Result},
    tabular::{CsvOptions, FileError, TableFile, text},
};

/// Reads a directory from a file.
pub(super) fn file(path: &Path, schema: &SchemaRef) -> Result<Table> {
    let known = |field: &Field| schema.column_with_name(field.name()).is_some();
    let batches = read_file(path, known)?;
    table(&batches, schema, &path.display().to_string())
}

/// Reads the `known` columns of a file, or all of its columns if there are none.
pub(crate) fn read_file(path: &Path, known: impl Fn(&Field) -> bool) -> Result<Vec<RecordBatch>> {
    let read = || {
        let table = TableFile::open(path, CsvOptions::default())?;
        let fields = table.schema().fields();
        let columns: Vec<usize> = (0..fields.len()).filter(|&at| known(&fields[at])).collect();
        if columns.is_empty() {
            return Ok(vec![RecordBatch::new_empty(Arc::clone(table.schema()))]);
        }
        table.read(&columns)
    };
    read().map_err(|error: FileError| Error::local(error.to_string()))
}

/// Reads a directory from record batches. `source` is the name that errors use for them.
pub(super) fn table(batches: &[RecordBatch], schema: &SchemaRef, source: &str) -> Result<Table> {
    let cannot = |reason: String| Error::local(format!("{source}: {reason}"));
    let first = batches.first().ok_or_else(|| cannot("it contains no table".into()))?;
    let whole = concat_batches(&first.schema(), batches)
        .map_err(|error| cannot(format!("its batches do not form one table ({error})")))?;
    let columns = schema
        .fields()
        .iter()
        .map(|field| match whole.column_by_name(field.name()) {
            Some(column) => typed(column, field).map_err(&cannot),
            None if field.is_nullable() => Ok(new_null_array(field.data_type(), whole.num_rows())),
            None => Err(cannot(format!(
                "it has no column {:?}, which identifies its rows; its columns are {}",
                field.name(),
                names(&whole.schema()),
            ))),
        })
        .collect::<Result<Vec<ArrayRef>>>()?;
    let ids = columns[0].as_string::<i32>();
    let empty = (0..ids.len()).find(|&row| ids.is_null(row) || ids.value(row).trim().is_empty());
    if let Some(row) = empty {
        return Err(cannot(format!(
            "column \"id\" is empty in row {}; give every row one",
            row + 1
        )));
    }
    let batch = RecordBatch::try_new(Arc::clone(schema), columns)
        .map_err(|error| cannot(error.to_string()))?;
    Table::new(batch).map_err(|(id, row)| {
        cannot(format!("column \"id\" contains {id:?} a second time in row {}", row + 1))
    })
}

/// Converts a column to the type of the schema.
fn typed(column: &ArrayRef, field: &Field) -> Result<ArrayRef, String> {
    let (name, kind) = (field.name(), column.data_type());
    let text = |kind: &DataType| {
        matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
            || matches!(kind, DataType::Dictionary(_, value) if matches!(**value, DataType::Utf8 | DataType::LargeUtf8))
    };
    let fits = match field.data_type() {
        DataType::Utf8 => text(kind) || kind.is_integer(),
        _ => text(kind) || kind.is_numeric(),
    };
    if kind == &DataType::Null && field.is_nullable() {
        return Ok(new_null_array(field.data_type(), column.len()));
    }
    if !fits {
        let wanted = match field.data_type() {
            DataType::Utf8 => "text or integers",
            _ => "numbers",
        };
        return Err(format!("column {name:?} is {kind} and must hold {wanted}; cast it first"));
    }
    text::of(column).and_then(|texts| text::to(&texts, field.data_type())).map_err(|error| {
        format!("column {name:?} cannot be read as {}: {error}", field.data_type())
    })
}

fn names(schema: &Schema) -> String {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Write, path::PathBuf};

    use arrow::{
        array::{DictionaryArray, Float64Array, Int64Array, LargeStringArray, StringViewArray},
        datatypes::Int32Type,
        ipc::writer::{FileWriter, StreamWriter},
    };
    use parquet::arrow::ArrowWriter;

    use super::{super::schema, *};

    fn sample() -> RecordBatch {
        let columns: [(&str, ArrayRef); 4] = [
            ("email", Arc::new(LargeStringArray::from(vec![Some("a@x.de"), None]))),
            ("score", Arc::new(Float64Array::from(vec![1.0, 2.0]))),
            ("id", Arc::new(Int64Array::from(vec![10, 11]))),
            ("city", Arc::new(StringViewArray::from(vec![Some("Köln"), Some("")]))),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(n, c)| (n, c, true))).unwrap()
    }

    fn saved(name: &str, write: impl FnOnce(File)) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        write(File::create(&path).unwrap());
        (folder, path)
    }

    fn check(table: &Table) {
        assert_eq!(table.len(), 2);
        assert_eq!(table.row("11"), Some(1));
        assert_eq!(table.text("email", 0), Some("a@x.de"));
        assert_eq!(table.text("email", 1), None);
        assert_eq!(table.text("city", 0), Some("Köln"));
        assert_eq!(table.text("city", 1), None);
        assert_eq!(table.text("phone_number", 0), None);
    }

    #[test]
    fn every_format_is_read_by_column_name() {
        let batch = sample();
        check(&table(std::slice::from_ref(&batch), &schema::people(), "t").unwrap());
        let files = [
            saved("p.parquet", |file| {
                let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
                writer.write(&batch).unwrap();
                writer.close().unwrap();
            }),
            saved("p.arrow", |file| {
                let mut writer = FileWriter::try_new(file, &batch.schema()).unwrap();
                writer.write(&batch).unwrap();
                writer.finish().unwrap();
            }),
            saved("p.arrows", |file| {
                let mut writer = StreamWriter::try_new(file, &batch.schema()).unwrap();
                writer.write(&batch).unwrap();
                writer.finish().unwrap();
            }),
            saved("p.csv", |mut file| {
                let text = "\u{feff}email,score,id,city\r\na@x.de,1,10,Köln\r\n,2,11,\r\n";
                file.write_all(text.as_bytes()).unwrap();
            }),
        ];
        for (_folder, path) in &files {
            check(&super::file(path, &schema::people()).unwrap());
        }
    }

    #[test]
    fn numbers_in_a_csv_keep_their_zeros_and_signs() {
        let (_folder, path) = saved("p.csv", |mut file| {
            file.write_all(b"id,phone_number\n007,+49151\n").unwrap();
        });
        let table = super::file(&path, &schema::people()).unwrap();
        assert_eq!(table.row("007"), Some(0));
        assert_eq!(table.text("phone_number", 0), Some("+49151"));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_name_and_column() {
        let says = |content: &[u8], wanted: &[&str]| {
            let (_folder, path) = saved("bad.csv", |mut file| file.write_all(content).unwrap());
            let Err(error) = super::file(&path, &schema::companies()) else {
                panic!("{wanted:?}");
            };
            let error = error.to_string();
            assert!(error.contains("bad.csv"), "{error}");
            assert!(wanted.iter().all(|part| error.contains(part)), "{error} lacks {wanted:?}");
        };
        says(b"name,domain\nA,a.de\n", &["no column \"id\"", "name, domain"]);
        says(b"key\n1\n", &["no column \"id\"", "key"]);
        says(b"id,name\n1,A\n,B\n", &["column \"id\" is empty in row 2"]);
        says(b"id,name\n1,A\n2,B\n1,C\n", &["contains \"1\" a second time in row 3"]);
        says(b"id,founded\n1,long ago\n", &["column \"founded\"", "long ago"]);
        says(b"id,name\n1\n", &["line 2 has 1 cells"]);
        says(b"", &["it is empty"]);
        says(b"PAR1 but not really", &["cannot be read"]);
        let missing = super::file(Path::new("/nowhere/people.csv"), &schema::people()).err();
        assert!(missing.unwrap().to_string().contains("/nowhere/people.csv cannot be read"));
    }

    #[test]
    fn a_column_of_the_wrong_type_is_named() {
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
        let batch = RecordBatch::try_from_iter([("id", floats)]).unwrap();
        let error = table(&[batch], &schema::people(), "the table of people").err().unwrap();
        assert_eq!(
            error.to_string(),
            "the table of people: column \"id\" is Float64 and must hold text or integers; \
             cast it first"
        );
        let error = table(&[], &schema::people(), "the table of people").err().unwrap();
        assert!(error.to_string().contains("contains no table"));
    }

    #[test]
    fn dictionaries_and_empty_tables_are_taken() {
        let ids: DictionaryArray<Int32Type> = ["a", "b"].into_iter().collect();
        let batch = RecordBatch::try_from_iter([("id", Arc::new(ids) as ArrayRef)]).unwrap();
        let taken = table(std::slice::from_ref(&batch), &schema::people(), "t").unwrap();
        assert_eq!(taken.row("b"), Some(1));
        assert_eq!(table(&[batch.slice(0, 0)], &schema::people(), "t").unwrap().len(), 0);
    }
}
