//! Reads result files from disk into Arrow: many in parallel, into a few large chunks, and with
//! little more memory than the table itself needs.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    num::NonZero,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use arrow::record_batch::RecordBatch;

use super::{
    assemble,
    decode::Source,
    parts::{self, Part},
    reader::{Block, Open, Reader},
};
use crate::{Error, Result, api::agents::BatchKind};

/// A file to read, with what is already known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultFile {
    pub path: PathBuf,
    /// The name that errors use for the file: where it came from, if it was fetched.
    pub name: String,
    /// Length that the store reported, if known. A file that was cut off exactly at a line break
    /// looks complete; only its length shows it.
    pub bytes: Option<u64>,
    /// Number of rows that the file had when it was read before.
    pub rows: Option<u64>,
}

impl From<PathBuf> for ResultFile {
    fn from(path: PathBuf) -> Self {
        Self { name: path.display().to_string(), path, bytes: None, rows: None }
    }
}

/// Bytes of text that become one chunk of the table, approximately.
const CHUNK: u64 = 32 << 20;

/// Reads result files into one table, in chunks that all have the same schema.
///
/// Without `kind`, the kind is inferred from the headers: files of person batches of different
/// kinds give one table with the columns of all. Rows keep the order of `paths` and of each file.
/// There is at least one chunk, even without rows.
///
/// # Errors
/// If a file is missing, is damaged, or is not a result of the kind. The error names the file and
/// the line.
pub fn read_results(paths: &[PathBuf], kind: Option<BatchKind>) -> Result<Vec<RecordBatch>> {
    let files: Vec<ResultFile> = paths.iter().cloned().map(ResultFile::from).collect();
    read_files(&files, kind)
}

/// Like [`read_results`], for files about which more is known than their path.
pub fn read_files(files: &[ResultFile], kind: Option<BatchKind>) -> Result<Vec<RecordBatch>> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let (groups, target) = groups(files, threads)?;
    if threads > 1 {
        let divided = divided(&groups, target);
        if divided.len() > groups.len() {
            // If the files cannot be read in parts, for whatever reason, they are read whole, and
            // then the first error is the right one.
            match in_parallel(threads, &divided, |group| read_group(group, kind)) {
                Ok(readers) => return assemble::table(readers, kind),
                Err(error) => tracing::debug!(%error, "large files are read whole"),
            }
        }
    }
    let readers = in_parallel(threads, &groups, |group| read_group(group, kind))?;
    assemble::table(readers, kind)
}

/// The groups with each large file divided into parts, which are groups of their own.
fn divided<'a>(groups: &[Group<'a>], target: u64) -> Vec<Group<'a>> {
    let mut divided = Vec::with_capacity(groups.len());
    for group in groups {
        let parts = match group.files {
            // If the number of its rows is known, they are counted in one place. A file that cannot
            // be read is an error of the reader.
            [file] if file.rows.is_none() => {
                parts::of(&file.path, group.bytes, target).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        if parts.is_empty() {
            divided.push(group.clone());
        }
        divided.extend(parts.into_iter().map(|part| Group {
            files: group.files,
            bytes: part.bytes.end - part.bytes.start,
            part: Some(part),
        }));
    }
    divided
}

/// Divides the files into groups of about equal size, a few for each thread, so that no thread
/// waits long for the last group. Returns that size, too.
fn groups(files: &[ResultFile], threads: usize) -> Result<(Vec<Group<'_>>, u64)> {
    let mut sizes = Vec::with_capacity(files.len());
    for file in files {
        let about = std::fs::metadata(&file.path).map_err(|error| unreadable(file, &error))?;
        if about.is_dir() {
            return Err(Error::results(&file.name, None, format!("{} is a folder", file.name))
                .hint(format!("name the files in it, as in {}/*.csv", file.name)));
        }
        if !about.is_file() {
            // A pipe or a device may never end.
            return Err(Error::results(&file.name, None, format!("{} is not a file", file.name)));
        }
        if let Some(expected) = file.bytes.filter(|expected| *expected != about.len()) {
            return Err(Error::results(
                &file.name,
                None,
                format!("{} was cut off: it holds {} bytes of {expected}", file.name, about.len()),
            )
            .hint("fetch it again"));
        }
        sizes.push(about.len());
    }
    let total: u64 = sizes.iter().sum();
    let target = (total / (threads as u64 * 4)).clamp(1 << 20, CHUNK);
    let mut groups = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, size) in sizes.iter().enumerate() {
        bytes += size;
        if bytes >= target || at + 1 == files.len() {
            groups.push(Group { files: &files[start..=at], bytes, part: None });
            (start, bytes) = (at + 1, 0);
        }
    }
    Ok((groups, target))
}

/// What one thread reads at once.
#[derive(Clone)]
struct Group<'a> {
    files: &'a [ResultFile],
    bytes: u64,
    /// The part of the only file that is read.
    part: Option<Part>,
}

fn read_group(group: &Group<'_>, kind: Option<BatchKind>) -> Result<Reader> {
    let mut reader = Reader::new(kind);
    let mut buffer = Vec::new();
    for file in group.files {
        match &group.part {
            None => read_file(file, &mut reader, &mut buffer, group.bytes)?,
            Some(part) => read_part(file, part, &mut reader, &mut buffer)?,
        }
    }
    reader.end();
    Ok(reader)
}

fn read_file(
    file: &ResultFile,
    reader: &mut Reader,
    buffer: &mut Vec<u8>,
    group: u64,
) -> Result<()> {
    let source = File::open(&file.path).and_then(Source::of);
    let mut source = source.map_err(|error| unreadable(file, &error))?;
    let mut open = reader.open(&file.name);
    read_rows(file, &mut source, (&mut *reader, &mut open, buffer), (group, true))?;
    reader.close(open, file.rows)
}

/// Reads a part of a file.
///
/// # Errors
/// Also if the file cannot be read in these parts.
fn read_part(
    file: &ResultFile,
    part: &Part,
    reader: &mut Reader,
    buffer: &mut Vec<u8>,
) -> Result<()> {
    let failed = |error: io::Error| unreadable(file, &error);
    let indivisible = || Error::results(&file.name, None, "it cannot be read in parts");
    let mut source = File::open(&file.path).map_err(failed)?;
    let mut open = reader.open(&file.name);
    let size = part.bytes.end - part.bytes.start;
    if part.bytes.start > 0 {
        buffer.clear();
        source.by_ref().take(part.header).read_to_end(buffer).map_err(failed)?;
        let used = reader.feed(&mut open, buffer, false, size)?;
        if used < buffer.len() || !open.is_at_first_row() {
            return Err(indivisible());
        }
        source.seek(SeekFrom::Start(part.bytes.start)).map_err(failed)?;
    }
    let mut source = source.take(size);
    let rows = (&mut *reader, &mut open, buffer);
    let rest = read_rows(file, &mut source, rows, (size, part.last))?;
    if rest > 0 && !part.last || open.is_latin() {
        return Err(indivisible());
    }
    reader.close(open, None)
}

/// Reads the rows of a source, which is the end of the file if it is the `last`. Returns how many
/// bytes are left that are no complete row. `expected` is the size of all that the reader will get.
fn read_rows(
    file: &ResultFile,
    source: &mut impl Read,
    (reader, open, buffer): (&mut Reader, &mut Open<'_>, &mut Vec<u8>),
    (expected, last): (u64, bool),
) -> Result<usize> {
    let mut block = Block::default();
    buffer.clear();
    loop {
        // One byte more than a block shows whether the source continues.
        let room = (block.size() + 1).saturating_sub(buffer.len()) as u64;
        let read = source.by_ref().take(room).read_to_end(buffer);
        let read = read.map_err(|error| unreadable(file, &error))? as u64;
        let ended = read < room;
        let used = reader.feed(open, buffer, ended && last, expected)?;
        if ended {
            return Ok(buffer.len().saturating_sub(used));
        }
        buffer.drain(..used);
        block.used(used, &file.name)?;
    }
}

fn unreadable(file: &ResultFile, error: &io::Error) -> Error {
    let name = &file.name;
    let failed = |message: String| Error::results(name, None, message);
    match error.kind() {
        io::ErrorKind::NotFound => {
            failed(format!("there is no file {name}")).hint("check the path")
        }
        io::ErrorKind::PermissionDenied => {
            failed(format!("{name} cannot be read")).hint("check its permissions")
        }
        _ => failed(format!("{name} cannot be read: {error}")),
    }
}

/// Processes the tasks on that many threads and returns the results in the order of the tasks. The
/// threads end with the call, because a pool that outlives it would not survive a fork.
fn in_parallel<T: Sync, R: Send>(
    threads: usize,
    tasks: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    if threads < 2 || tasks.len() < 2 {
        return tasks.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let done = Mutex::new(Vec::with_capacity(tasks.len()));
    let worker = || {
        while !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(task) = tasks.get(at) else { break };
            let result = work(task);
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.min(tasks.len()) {
            scope.spawn(worker);
        }
        worker();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Tasks are handed out in order, so the first failure in this order belongs to the first bad
    // file.
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;

    use super::*;

    /// The ids of a file with these rows, which is large enough for several parts.
    fn read(row: impl Fn(usize) -> String) -> Result<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.csv");
        let rows: String = (0..40_000).map(row).collect();
        std::fs::write(&path, format!("id,notes,email_found\n{rows}")).unwrap();
        let chunks = read_results(&[path], None)?;
        let ids = chunks.iter().map(|chunk| chunk.column_by_name("id").unwrap());
        Ok(ids.flat_map(|ids| ids.as_string::<i32>().iter().map(|id| id.unwrap().into())).collect())
    }

    fn expected() -> Vec<String> {
        (0..40_000).map(|number| format!("P{number}")).collect()
    }

    #[test]
    fn a_large_file_is_read_in_parts_in_its_order() {
        let long = "x".repeat(1_000);
        assert_eq!(read(|number| format!("P{number},{long},true\n")).unwrap(), expected());
    }

    #[test]
    fn a_large_file_whose_cells_hold_line_breaks_is_read_whole() {
        let half = "x".repeat(500);
        let row = |number| format!("P{number},\"{half}\nP0,true\n{half}\",true\n");
        assert_eq!(read(row).unwrap(), expected());
    }

    #[test]
    fn an_error_in_a_large_file_names_its_line() {
        let long = "x".repeat(1_000);
        let row = |number| match number {
            30_000 => format!("P{number},{long},true,more\n"),
            _ => format!("P{number},{long},true\n"),
        };
        let error = read(row).unwrap_err().to_string();
        assert!(error.contains("line 30002"), "{error}");
    }

    #[test]
    fn a_large_file_that_mixes_encodings_is_refused_as_a_whole() {
        let long = "x".repeat(1_000);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.csv");
        let mut bytes = "id,notes,email_found\nP0,M\u{fc}ller,true\n".to_owned().into_bytes();
        bytes.extend(format!("P1,{long},true\n").into_bytes().repeat(40_000));
        bytes.extend(b"P2,M\xfcller,true\n");
        std::fs::write(&path, bytes).unwrap();
        let error = read_results(&[path], None).unwrap_err().to_string();
        assert!(error.contains("line 40003"), "{error}");
    }
}
