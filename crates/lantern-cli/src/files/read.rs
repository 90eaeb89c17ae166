//! Reading one column of a file, by what the file begins with.

use std::{
    fmt::Display,
    fs::File,
    io::{self, Read, Seek},
    path::Path,
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch, StringBuilder},
    datatypes::{DataType, SchemaRef},
    error::ArrowError,
    ipc::reader::{FileReader, StreamReader},
};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};

use super::super::failure::{Failure, Result};

/// Rows that are held together.
const CHUNK: usize = 65_536;

/// A column as it was read.
#[derive(Debug)]
pub struct Column {
    pub data_type: DataType,
    pub chunks: Vec<ArrayRef>,
}

/// Reads the column `name` of a Parquet, Arrow IPC (file or stream) or CSV file; `-` is standard
/// input. A column of a CSV file is text, so that `007` stays `007`.
pub fn read_column(path: &Path, name: &str, delimiter: u8) -> Result<Column> {
    let source = Source::open(path)?;
    let mut file = source.file.try_clone().map_err(|error| source.unreadable(&error))?;
    let mut magic = [0; 6];
    let read = fill(&mut file, &mut magic).map_err(|error| source.unreadable(&error))?;
    file.rewind().map_err(|error| source.unreadable(&error))?;
    let named = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_lowercase();
    match (&magic[..read], named.as_str()) {
        ([], _) => Err(source.wrong("it is empty; a table has at least a line of column names")),
        ([b'P', b'A', b'R', b'1', ..], _) => parquet(&source, file, name),
        (b"ARROW1", _) => arrow_file(&source, file, name),
        ([0xff, 0xff, 0xff, 0xff, ..], _) => arrow_stream(&source, file, name),
        ([0x1f, 0x8b, ..], _) => Err(source.wrong("it is compressed (gzip); unpack it first")),
        ([0x28, 0xb5, 0x2f, 0xfd, ..], _) => {
            Err(source.wrong("it is compressed (zstd); unpack it first"))
        }
        ([b'P', b'K', 3, 4, ..], _) => {
            Err(source.wrong("it is a zip or Excel file; save it as CSV first"))
        }
        (_, "parquet" | "arrow" | "arrows" | "ipc" | "feather") => Err(source.wrong(format!(
            "it does not begin like a .{named} file; it may be cut off or of another format"
        ))),
        _ => csv(&source, file, name, delimiter),
    }
}

/// An open file and what errors call it.
struct Source {
    name: String,
    file: File,
}

impl Source {
    fn open(path: &Path) -> Result<Self> {
        let from_stdin = path == Path::new("-");
        let name =
            if from_stdin { "standard input".to_owned() } else { path.display().to_string() };
        let unreadable =
            |error: io::Error| Failure::input(format!("{name} cannot be read: {error}"));
        // Formats are told apart by going back to the beginning, which a pipe cannot.
        let file = if from_stdin {
            spooled(io::stdin().lock()).map_err(unreadable)?
        } else {
            let file = File::open(path).map_err(unreadable)?;
            let kind = file.metadata().map_err(unreadable)?.file_type();
            if kind.is_dir() {
                return Err(Failure::input(format!("{name} is a folder; name a file")));
            }
            if kind.is_file() { file } else { spooled(file).map_err(unreadable)? }
        };
        Ok(Self { name, file })
    }

    fn unreadable(&self, reason: &dyn Display) -> Failure {
        Failure::input(format!("{} cannot be read: {reason}", self.name))
    }

    fn wrong(&self, reason: impl Display) -> Failure {
        Failure::input(format!("{} is no table: {reason}", self.name))
    }

    /// The position of a column.
    fn find(&self, names: &[&str], wanted: &str) -> Result<usize> {
        let mut found = (0..names.len()).filter(|at| names[*at] == wanted);
        match (found.next(), found.next()) {
            (Some(at), None) => Ok(at),
            (Some(_), Some(_)) => Err(self.column(
                wanted,
                format!("has more than one column {wanted:?}; give each a name of its own"),
            )),
            (None, _) => {
                let list = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                let like = |name: &&str| {
                    strsim::jaro_winkler(&name.to_lowercase(), &wanted.to_lowercase())
                };
                let nearest = names.iter().copied().max_by(|a, b| like(a).total_cmp(&like(b)));
                let hint = match nearest.filter(|name| like(name) > 0.8) {
                    Some(name) => format!("did you mean --id {}?", super::super::shell::word(name)),
                    None => "choose one with --id".to_owned(),
                };
                Err(self.column(wanted, format!("has no column {wanted:?}, only {list}; {hint}")))
            }
        }
    }

    fn column(&self, name: &str, reason: String) -> Failure {
        Failure::input(format!("{} {reason}", self.name)).with("column", name)
    }
}

/// As many bytes as the file has, up to the length of `buffer`.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read(&mut buffer[read..])? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

fn spooled(mut from: impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut from, &mut file)?;
    file.rewind()?;
    Ok(file)
}

fn collect(
    data_type: DataType,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<Column, ArrowError> {
    let column = |batch: Result<RecordBatch, _>| batch.map(|batch| Arc::clone(batch.column(0)));
    Ok(Column { data_type, chunks: batches.map(column).collect::<Result<_, ArrowError>>()? })
}

fn locate(source: &Source, schema: &SchemaRef, name: &str) -> Result<(usize, DataType)> {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let at = source.find(&names, name)?;
    Ok((at, schema.field(at).data_type().clone()))
}

fn parquet(source: &Source, file: File, name: &str) -> Result<Column> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| source.unreadable(&error))?;
    let (at, data_type) = locate(source, builder.schema(), name)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), [at]);
    let reader = builder.with_projection(mask).with_batch_size(CHUNK).build();
    let reader = reader.map_err(|error| source.unreadable(&error))?;
    collect(data_type, reader).map_err(|error| source.unreadable(&error))
}

fn arrow_file(source: &Source, file: File, name: &str) -> Result<Column> {
    let again = file.try_clone().map_err(|error| source.unreadable(&error))?;
    let whole = FileReader::try_new_buffered(file, None);
    let schema = whole.map_err(|error| source.unreadable(&error))?.schema();
    let (at, data_type) = locate(source, &schema, name)?;
    FileReader::try_new_buffered(again, Some(vec![at]))
        .and_then(|reader| collect(data_type, reader))
        .map_err(|error| source.unreadable(&error))
}

fn arrow_stream(source: &Source, file: File, name: &str) -> Result<Column> {
    let mut again = file.try_clone().map_err(|error| source.unreadable(&error))?;
    let whole = StreamReader::try_new_buffered(file, None);
    let schema = whole.map_err(|error| source.unreadable(&error))?.schema();
    let (at, data_type) = locate(source, &schema, name)?;
    again.rewind().map_err(|error| source.unreadable(&error))?;
    StreamReader::try_new_buffered(again, Some(vec![at]))
        .and_then(|reader| collect(data_type, reader))
        .map_err(|error| source.unreadable(&error))
}

/// Counts the quotes that pass.
struct Quotes<R> {
    inner: R,
    odd: bool,
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.odd ^= memchr::memchr_iter(b'"', &buffer[..read]).count() % 2 == 1;
        Ok(read)
    }
}

fn csv(source: &Source, file: File, name: &str, delimiter: u8) -> Result<Column> {
    let quotes = Quotes { inner: file, odd: false };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(quotes);
    let header = reader.byte_headers().map_err(|error| source.bad_csv(&error))?;
    let names: Vec<String> = header
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim_start_matches('\u{feff}').to_owned())
        .collect();
    if names.len() == 1 && names[0] != name {
        let split = [(';', "';'"), ('\t', "'\\t'"), ('|', "'|'")];
        if let Some((_, other)) = split.iter().find(|(other, _)| names[0].contains(*other)) {
            return Err(source.wrong(format!(
                "its columns are not separated by '{}'; try --delimiter {other}",
                char::from(delimiter)
            )));
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let at = source.find(&names, name)?;
    let mut ids = StringBuilder::new();
    let mut chunks: Vec<ArrayRef> = Vec::new();
    let mut row = csv::ByteRecord::new();
    let (mut rows, mut begun, mut is_long) = (0_usize, 1, false);
    while reader.read_byte_record(&mut row).map_err(|error| source.bad_csv(&error))? {
        begun = row.position().map_or(begun, csv::Position::line);
        is_long = memchr::memchr(b'\n', row.as_slice()).is_some();
        match std::str::from_utf8(&row[at]) {
            Ok("") => ids.append_null(),
            Ok(id) if !id.contains(['\n', '\r']) => ids.append_value(id),
            Ok(_) => {
                return Err(source.wrong(format!(
                    "the id in line {begun} holds a line break; a quote may be missing"
                )));
            }
            Err(_) => {
                return Err(source
                    .wrong(format!("the id in line {begun} is no UTF-8; save the file as UTF-8")));
            }
        }
        rows += 1;
        if rows.is_multiple_of(CHUNK) {
            chunks.push(Arc::new(ids.finish()));
        }
    }
    // A quote that is opened and never closed swallows all lines behind it.
    if reader.get_ref().odd && is_long {
        return Err(source.wrong(format!("a quote in line {begun} is never closed")));
    }
    chunks.push(Arc::new(ids.finish()));
    Ok(Column { data_type: DataType::Utf8, chunks })
}

impl Source {
    fn bad_csv(&self, error: &csv::Error) -> Failure {
        match error.kind() {
            csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
                let line = pos.as_ref().map_or(0, csv::Position::line);
                self.wrong(format!("line {line} has {len} cells and its first line {expected_len}"))
            }
            _ => self.unreadable(error),
        }
    }
}
