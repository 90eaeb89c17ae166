//! Writes a table, either completely or not at all.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringArray},
    csv::WriterBuilder,
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
    ipc::writer::{FileWriter, StreamWriter},
};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};
use tempfile::NamedTempFile;

use super::super::failure::{Failure, Result};
use lantern::process::durable;

/// Where a table is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Standard output, as CSV.
    Stdout,
    File {
        path: PathBuf,
        format: Format,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Parquet,
    Arrow,
    ArrowStream,
}

impl Target {
    /// Parses `-`, or a path whose extension names the format.
    pub fn parse(text: &OsStr) -> Result<Self> {
        Self::parse_of("--out", text)
    }

    /// Parses the value of an option; errors name the option.
    pub fn parse_of(option: &str, text: &OsStr) -> Result<Self> {
        if text == "-" {
            return Ok(Self::Stdout);
        }
        let path = PathBuf::from(text);
        let end = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_lowercase();
        let format = match end.as_str() {
            "csv" => Format::Csv,
            "parquet" | "pq" => Format::Parquet,
            "arrow" | "ipc" | "feather" => Format::Arrow,
            "arrows" => Format::ArrowStream,
            _ => {
                return Err(Failure::input(format!(
                    "{option} {} has no known extension; end it in .csv, .parquet, .arrow or .feather, \
                     or use - for CSV on standard output",
                    path.display()
                )));
            }
        };
        Ok(Self::File { path, format })
    }

    /// Checks that the file can be written, before anything is paid for.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Stdout => Ok(()),
            Self::File { path, .. } => {
                Draft::begin(path).map(drop).map_err(|error| unwritable(path, &error))
            }
        }
    }

    pub fn write(&self, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<()> {
        match self {
            Self::Stdout => {
                let mut out = BufWriter::new(io::stdout().lock());
                match csv(&mut out, schema, batches).and_then(|()| Ok(out.flush()?)) {
                    // The reader closed the pipe because it has read enough.
                    Err(error) if is_broken_pipe(&error) => Ok(()),
                    Err(error) => Err(unwritable(Path::new("standard output"), &error)),
                    Ok(()) => Ok(()),
                }
            }
            Self::File { path, format } => {
                let written = Draft::begin(path).map_err(ArrowError::from).and_then(|mut draft| {
                    let mut out = BufWriter::new(draft.file());
                    match format {
                        Format::Csv => csv(&mut out, schema, batches),
                        Format::Parquet => parquet(&mut out, schema, batches),
                        Format::Arrow => arrow_file(&mut out, schema, batches),
                        Format::ArrowStream => arrow_stream(&mut out, schema, batches),
                    }?;
                    out.flush()?;
                    drop(out);
                    Ok(draft.finish()?)
                });
                written.map_err(|error| unwritable(path, &error))
            }
        }
    }
}

/// Writes bytes to a file, either completely or not at all.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> io::Result<()> {
        let mut draft = Draft::begin(path)?;
        draft.file().write_all(bytes)?;
        draft.finish()
    };
    write().map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::unwritable(&path.display().to_string(), error)
}

/// A file that gets its name once it is complete.
enum Draft {
    Temporary {
        file: NamedTempFile,
        path: PathBuf,
    },
    /// A device or a pipe, which is written directly.
    Special(File),
}

impl Draft {
    fn begin(path: &Path) -> io::Result<Self> {
        let path = durable::destination(path)?;
        if durable::is_special(&path) {
            return Ok(Self::Special(File::options().write(true).open(&path)?));
        }
        Ok(Self::Temporary { file: durable::draft(&path)?, path })
    }

    fn file(&mut self) -> &mut File {
        match self {
            Self::Temporary { file, .. } => file.as_file_mut(),
            Self::Special(file) => file,
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Temporary { file, path } => durable::replace(&path, file),
            Self::Special(mut file) => file.flush(),
        }
    }
}

fn csv(
    out: &mut impl Write,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<(), ArrowError> {
    let mut writer = WriterBuilder::new().with_header(true).build(out);
    // Writing a first empty batch writes the header, even if there are no rows.
    writer.write(&flat(&RecordBatch::new_empty(schema.clone()))?)?;
    batches.iter().try_for_each(|batch| writer.write(&flat(batch)?))
}

/// Joins lists of texts into one text each, because a cell of CSV cannot hold a list.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let Some(lists) = column.as_list_opt::<i32>() else {
            fields.push(Arc::clone(field));
            columns.push(Arc::clone(column));
            continue;
        };
        let joined = |list: Option<ArrayRef>| -> Result<Option<String>, ArrowError> {
            let Some(list) = list else { return Ok(None) };
            let texts = lantern::tabular::text::of(&list)?;
            Ok(Some(texts.iter().flatten().collect::<Vec<_>>().join("; ")))
        };
        let texts: StringArray = lists.iter().map(joined).collect::<Result<_, _>>()?;
        fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, true)));
        columns.push(Arc::new(texts) as ArrayRef);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}

fn parquet(
    out: &mut (impl Write + Send),
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<(), ArrowError> {
    let level = ZstdLevel::try_new(1)?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.close()?;
    Ok(())
}

fn arrow_file(
    out: &mut impl Write,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<(), ArrowError> {
    let mut writer = FileWriter::try_new(out, schema)?;
    batches.iter().try_for_each(|batch| writer.write(batch))?;
    writer.finish()
}

fn arrow_stream(
    out: &mut impl Write,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<(), ArrowError> {
    let mut writer = StreamWriter::try_new(out, schema)?;
    batches.iter().try_for_each(|batch| writer.write(batch))?;
    writer.finish()
}

fn is_broken_pipe(error: &ArrowError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if kind == Some(io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = error.source();
    }
    matches!(error, ArrowError::IoError(_, cause) if cause.kind() == io::ErrorKind::BrokenPipe)
}
