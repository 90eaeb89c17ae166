//! A table in a file: CSV, Excel, Parquet or Arrow IPC, recognized by the beginning of the file.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

use arrow::{
    array::RecordBatch,
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
    ipc::reader::{FileReader, StreamReader},
};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};

use super::{
    csv::{self, BATCH_ROWS, CsvOptions, Layout},
    encoding,
    error::FileError,
    excel,
};

/// How many bytes are read to recognize a format.
const BEGINNING: u64 = 64;

/// An open file that holds a table.
#[derive(Debug)]
pub struct TableFile {
    /// The name that errors use for the file.
    name: String,
    file: File,
    format: Format,
    schema: SchemaRef,
}

#[derive(Debug, Clone)]
enum Format {
    Parquet,
    ArrowFile,
    ArrowStream,
    /// A workbook, and its contents once they are read.
    Excel(Option<RecordBatch>),
    Csv(Layout),
}

impl TableFile {
    /// Opens a file and reads the names of its columns; `-` is standard input.
    ///
    /// # Errors
    /// If the file cannot be read, or contains no table.
    pub fn open(path: &Path, options: CsvOptions) -> Result<Self, FileError> {
        let (name, mut file) = open(path)?;
        let unreadable = |error: &dyn std::fmt::Display| FileError::unreadable(&name, error);
        let mut magic = Vec::new();
        (&mut file).take(BEGINNING).read_to_end(&mut magic).map_err(|error| unreadable(&error))?;
        file.rewind().map_err(|error| unreadable(&error))?;
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        let kind = |magic: &[u8]| {
            format(magic, &end.to_lowercase(), options)
                .map_err(|reason| FileError::not_a_table(&name, reason))
        };
        let mut format = kind(&magic)?;
        if let Format::Csv(layout) = &mut format {
            file = encoding::as_utf8(&name, file)?;
            let mut sample = Vec::new();
            (&mut file)
                .take(csv::SAMPLE as u64)
                .read_to_end(&mut sample)
                .map_err(|error| unreadable(&error))?;
            // In its own encoding it was not recognized.
            kind(&sample[..sample.len().min(BEGINNING as usize)])?;
            *layout = csv::layout(&sample, options);
            file.seek(SeekFrom::Start(layout.start)).map_err(|error| unreadable(&error))?;
        }
        let again = file.try_clone().map_err(|error| unreadable(&error))?;
        let schema = match &mut format {
            Format::Parquet => ParquetRecordBatchReaderBuilder::try_new(again)
                .map(|builder| Arc::clone(builder.schema()))
                .map_err(|error| unreadable(&error))?,
            Format::ArrowFile => FileReader::try_new_buffered(again, None)
                .map(|reader| reader.schema())
                .map_err(|error| unreadable(&error))?,
            Format::ArrowStream => StreamReader::try_new_buffered(again, None)
                .map(|reader| reader.schema())
                .map_err(|error| unreadable(&error))?,
            Format::Excel(read) => read.insert(excel::read(&name, again)?).schema(),
            Format::Csv(layout) => {
                let names = csv::header(&name, again, layout.options)?;
                let text = |name: String| Field::new(name, DataType::Utf8, true);
                Arc::new(Schema::new(names.into_iter().map(text).collect::<Vec<_>>()))
            }
        };
        Ok(Self { name, file, format, schema })
    }

    /// The name that errors use for the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All columns of the file.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The position of the column `wanted`.
    ///
    /// # Errors
    /// If there is no such column, or more than one.
    pub fn position(&self, wanted: &str) -> Result<usize, FileError> {
        let names: Vec<&str> =
            self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut found = (0..names.len()).filter(|at| names[*at] == wanted);
        match (found.next(), found.next()) {
            (Some(at), None) => Ok(at),
            (Some(_), Some(_)) => {
                Err(FileError::SameName { file: self.name.clone(), column: wanted.to_owned() })
            }
            (None, _) => {
                if let (Format::Csv(layout), [only]) = (&self.format, &names[..])
                    && let Some(found) = csv::other_delimiter(only)
                {
                    return Err(FileError::Delimiter {
                        file: self.name.clone(),
                        used: layout.options.delimiter.into(),
                        found,
                    });
                }
                Err(FileError::no_column(&self.name, wanted, &names))
            }
        }
    }

    /// Reads the columns at some positions, which must be ascending. There is at least one batch,
    /// which may be empty.
    ///
    /// # Errors
    /// If the file is damaged.
    pub fn read(&self, columns: &[usize]) -> Result<Vec<RecordBatch>, FileError> {
        let unreadable = |error: &dyn std::fmt::Display| FileError::unreadable(&self.name, error);
        let mut file = self.file.try_clone().map_err(|error| unreadable(&error))?;
        file.rewind().map_err(|error| unreadable(&error))?;
        let projected = || self.schema.project(columns).map(Arc::new);
        let batches = match &self.format {
            Format::Excel(read) => read.iter().map(|batch| batch.project(columns)).collect(),
            Format::Parquet => parquet(file, columns),
            Format::ArrowFile => FileReader::try_new_buffered(file, Some(columns.to_vec()))
                .and_then(|reader| reader.collect::<Result<Vec<_>, _>>()),
            Format::ArrowStream => StreamReader::try_new_buffered(file, Some(columns.to_vec()))
                .and_then(|reader| reader.collect::<Result<Vec<_>, _>>()),
            Format::Csv(layout) => {
                let schema = projected().map_err(|error| unreadable(&error))?;
                file.seek(SeekFrom::Start(layout.start)).map_err(|error| unreadable(&error))?;
                return csv::read(&self.name, file, *layout, columns, &schema);
            }
        };
        let mut batches = batches.map_err(|error| unreadable(&error))?;
        if batches.is_empty() {
            batches.push(RecordBatch::new_empty(projected().map_err(|error| unreadable(&error))?));
        }
        Ok(batches)
    }
}

/// The format of a file, by its first bytes and its extension, or why it has none.
fn format(magic: &[u8], end: &str, options: CsvOptions) -> Result<Format, String> {
    match (magic, end) {
        ([], _) => Err("it is empty; a table has at least a line of column names".to_owned()),
        ([b'P', b'A', b'R', b'1', ..], _) => Ok(Format::Parquet),
        ([b'A', b'R', b'R', b'O', b'W', b'1', ..], _) => Ok(Format::ArrowFile),
        ([0xff, 0xff, 0xff, 0xff, ..], _) => Ok(Format::ArrowStream),
        ([0x1f, 0x8b, ..], _) => Err("it is compressed (gzip); unpack it first".to_owned()),
        ([0x28, 0xb5, 0x2f, 0xfd, ..], _) => {
            Err("it is compressed (zstd); unpack it first".to_owned())
        }
        ([b'P', b'K', 3, 4, ..], _) => Ok(Format::Excel(None)),
        ([0xd0, 0xcf, 0x11, 0xe0, ..], _) => Err(
            "it is an old Excel file (.xls) or one with a password; save it as .xlsx without one"
                .to_owned(),
        ),
        (_, "parquet" | "arrow" | "arrows" | "ipc" | "feather" | "xlsx") => Err(format!(
            "it does not begin like a .{end} file; it may be cut off or of another format"
        )),
        _ => match other_text(magic) {
            Some(what) => Err(format!("it is {what}; convert it to CSV, Parquet or Arrow first")),
            None => Ok(Format::Csv(Layout { options, start: 0, before: 0 })),
        },
    }
}

/// The format of a text that is not a table, by its beginning.
fn other_text(magic: &[u8]) -> Option<&'static str> {
    let text = magic.strip_prefix(b"\xef\xbb\xbf").unwrap_or(magic).trim_ascii_start();
    match text {
        [b'{' | b'[', ..] => Some("JSON"),
        [b'<', ..] => Some("XML or HTML"),
        [b'-', b'-', b'-', b'\n' | b'\r' | b' ', ..] | [b'-', b' ', ..] => Some("YAML"),
        [b'%', b'P', b'D', b'F', ..] => Some("a PDF file"),
        _ if text.to_ascii_uppercase().starts_with(b"BEGIN:") => Some("a vCard or calendar file"),
        _ => None,
    }
}

/// Opens a file that can be read repeatedly, and returns the name that errors use for it.
fn open(path: &Path) -> Result<(String, File), FileError> {
    let from_stdin = path == Path::new("-");
    let name = if from_stdin { "standard input".to_owned() } else { path.display().to_string() };
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => FileError::unreadable(&name, &"No such file"),
        io::ErrorKind::PermissionDenied => FileError::unreadable(&name, &"Permission denied"),
        _ => FileError::unreadable(&name, &error),
    };
    // The file is read from its beginning more than once, which a pipe does not allow.
    let file = if from_stdin {
        spooled(io::stdin().lock()).map_err(unreadable)?
    } else {
        let file = File::open(path).map_err(unreadable)?;
        let kind = file.metadata().map_err(unreadable)?.file_type();
        if kind.is_dir() {
            return Err(FileError::not_a_table(&name, "it is a folder; name a file"));
        }
        if kind.is_file() { file } else { spooled(file).map_err(unreadable)? }
    };
    Ok((name, file))
}

fn spooled(mut from: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut from, &mut file)?;
    file.rewind()?;
    Ok(file)
}

fn parquet(file: File, columns: &[usize]) -> Result<Vec<RecordBatch>, ArrowError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied());
    builder.with_projection(mask).with_batch_size(BATCH_ROWS).build()?.collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn opened(content: &[u8]) -> Result<TableFile, FileError> {
        let mut file = tempfile::NamedTempFile::with_suffix(".csv").unwrap();
        file.write_all(content).unwrap();
        TableFile::open(file.path(), CsvOptions::default())
    }

    #[test]
    fn a_column_is_found_or_the_nearest_is_named() {
        let table = opened(b"\xef\xbb\xbfPerson_ID,name\n007,Ada\n").unwrap();
        assert_eq!(table.position("name").unwrap(), 1);
        let error = crate::Error::from(table.position("person_id").unwrap_err()).to_string();
        assert!(error.ends_with("only Person_ID, name; did you mean \"Person_ID\"?"), "{error}");
        let error = opened(b"id,id\n1,2\n").unwrap().position("id").unwrap_err();
        assert!(error.to_string().contains("more than one column \"id\""), "{error}");
    }

    #[test]
    fn texts_in_another_format_are_named_and_not_quoted() {
        for (content, what) in [
            ("[{\"id\": \"1\", \"name\": \"Ada\"}]", "JSON"),
            ("\u{feff}\n  {\"id\": 1, \"name\": \"Ada\"}\n{\"id\": 2}\n", "JSON"),
            ("<?xml version=\"1.0\"?><p name=\"Ada\"/>", "XML"),
            ("---\n- name: Ada\n", "YAML"),
            ("- name: Ada, Countess\n", "YAML"),
            ("BEGIN:VCARD\nFN:Ada\n", "vCard"),
        ] {
            let said = opened(content.as_bytes()).unwrap_err().to_string();
            assert!(said.contains(what) && !said.contains("Ada"), "{said}");
        }
    }

    #[test]
    fn only_the_columns_that_are_asked_for_are_read() {
        let table = opened(b"id,name,city\n007,Ada,\n008,,Bonn\n").unwrap();
        let batches = table.read(&[0, 2]).unwrap();
        assert_eq!(batches.len(), 1);
        assert_eq!(batches[0].schema().fields().len(), 2);
        let cities = lantern_matching::text::of(batches[0].column(1)).unwrap();
        assert_eq!(cities.iter().collect::<Vec<_>>(), [None, Some("Bonn")]);
    }

    #[test]
    fn a_table_as_spreadsheets_write_it_is_read() {
        let utf16: Vec<u8> = "\u{feff}id\tNäme\r\n007\t1,5\r\n\tÆ\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for content in [
            &utf16[..],
            b"id;N\xe4me\r\n007;1,5\r\n;\xc6\r\n",
            "\u{feff}sep=;\r\nid;Näme\r\n007;1,5\r\n;Æ\r\n".as_bytes(),
        ] {
            let table = opened(content).unwrap();
            let batches = table.read(&[0, 1]).unwrap();
            assert_eq!((table.position("id").unwrap(), table.position("Näme").unwrap()), (0, 1));
            let column = |at: usize| -> Vec<Option<String>> {
                let texts = lantern_matching::text::of(batches[0].column(at)).unwrap();
                texts.iter().map(|text| text.map(str::to_owned)).collect()
            };
            assert_eq!(column(0), [Some("007".to_owned()), None]);
            assert_eq!(column(1), [Some("1,5".to_owned()), Some("Æ".to_owned())]);
        }
        let short = opened(b"sep=;\nid;name\n1;2\n3\n").unwrap().read(&[0]).unwrap_err();
        assert!(short.to_string().contains("line 4 has 1 cells"), "{short}");
        let json: Vec<u8> = "\u{feff}[{}]".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(opened(&json).unwrap_err().to_string().contains("JSON"));
    }

    #[test]
    fn a_file_without_rows_is_an_empty_table() {
        let batches = opened(b"id,name\n").unwrap().read(&[1]).unwrap();
        assert_eq!((batches[0].num_rows(), batches[0].num_columns()), (0, 1));
    }
}
