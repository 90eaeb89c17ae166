//! Reads result files from disk into Arrow: many in parallel, into a few large chunks, and with
//! little more memory than the table itself needs.

use std::{
    fs::File,
    io::{self, Read},
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
    reader::{Block, Reader},
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
    let groups = groups(files, threads)?;
    let readers = in_parallel(threads, &groups, |files| read_group(files, kind))?;
    assemble::table(readers, kind)
}

/// Divides the files into groups of about equal size, a few for each thread, so that no thread
/// waits long for the last group.
fn groups(files: &[ResultFile], threads: usize) -> Result<Vec<Group<'_>>> {
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
            groups.push(Group { files: &files[start..=at], bytes });
            (start, bytes) = (at + 1, 0);
        }
    }
    Ok(groups)
}

struct Group<'a> {
    files: &'a [ResultFile],
    bytes: u64,
}

fn read_group(group: &Group<'_>, kind: Option<BatchKind>) -> Result<Reader> {
    let mut reader = Reader::new(kind);
    let mut buffer = Vec::new();
    for file in group.files {
        read_file(file, &mut reader, &mut buffer, group.bytes)?;
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
    let failed = |error: io::Error| unreadable(file, &error);
    let mut source = File::open(&file.path).and_then(Source::of).map_err(failed)?;
    let mut open = reader.open(&file.name);
    let mut block = Block::default();
    buffer.clear();
    loop {
        // One byte more than a block shows whether the file continues.
        let room = (block.size() + 1).saturating_sub(buffer.len()) as u64;
        let read = source.by_ref().take(room).read_to_end(buffer).map_err(failed)? as u64;
        let complete = read < room;
        let used = reader.feed(&mut open, buffer, complete, group)?;
        if complete {
            break;
        }
        buffer.drain(..used);
        block.used(used, &file.name)?;
    }
    reader.close(open, file.rows)
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
