//! Writes a job's table into a Parquet file.

use std::{
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::properties::WriterProperties,
};
use tempfile::{NamedTempFile, TempPath};

use super::job::Job;
use crate::{
    error::{Error, Result},
    process::{durable, runtime::run_blocking},
};

/// Number of rows in one group of the file, all of which are in memory while they are encoded.
const GROUP: usize = 262_144;

impl Job {
    /// Writes the rows of [`Job::table`] into a Parquet file, part by part, and returns how many
    /// there are. An existing file is replaced once the new one is complete.
    ///
    /// # Errors
    /// If a result file is missing or damaged, or the file cannot be written.
    pub async fn write(&self, path: &Path) -> Result<u64> {
        let mut tables = self.tables().await?;
        let (schema, place) = (tables.schema(), path.to_owned());
        let mut file = run_blocking(move || Unfinished::begin(place, schema)).await?;
        let mut rows = 0;
        while let Some(part) = tables.next().await? {
            rows += part.num_rows() as u64;
            file = run_blocking(move || {
                file.writer.write(&part).map_err(|error| unwritable(&file.path, error.into()))?;
                Ok::<_, Error>(file)
            })
            .await?;
        }
        run_blocking(move || file.finish()).await?;
        Ok(rows)
    }
}

/// A new file that replaces another one once it is complete.
struct Unfinished {
    writer: ArrowWriter<BufWriter<File>>,
    /// The temporary file, which is removed if it is not completed.
    temporary: TempPath,
    path: PathBuf,
}

impl Unfinished {
    fn begin(path: PathBuf, schema: arrow::datatypes::SchemaRef) -> Result<Self> {
        // Resolved now, so that a later change of the working directory has no effect.
        let path = durable::replaceable(&path).map_err(|error| unwritable(&path, error))?;
        let draft = durable::draft(&path).map_err(|error| unwritable(&path, error))?;
        let (file, temporary) = draft.into_parts();
        let writer = ZstdLevel::try_new(1).and_then(|level| {
            let properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(level))
                .set_max_row_group_row_count(Some(GROUP))
                .build();
            ArrowWriter::try_new(BufWriter::new(file), schema, Some(properties))
        });
        let writer = writer.map_err(|error| unwritable(&path, error.into()))?;
        Ok(Self { writer, temporary, path })
    }

    fn finish(self) -> Result<()> {
        let failed = |error: io::Error| unwritable(&self.path, error);
        let buffer =
            self.writer.into_inner().map_err(|error: ParquetError| failed(error.into()))?;
        let file = buffer.into_inner().map_err(|error| failed(error.into_error()))?;
        durable::replace(&self.path, NamedTempFile::from_parts(file, self.temporary))
            .map_err(failed)
    }
}

fn unwritable(path: &Path, error: io::Error) -> Error {
    Error::input(format!("{} cannot be written: {error}", path.display()))
        .with_path(path)
        .hint("name a file in a folder that exists and can be written")
        .caused_by(error)
}
