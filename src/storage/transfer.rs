//! Fetches one file at a time: completely, or with an error.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use object_store::{Error as StoreError, GetResult, ObjectStoreExt};
use tempfile::NamedTempFile;
use tokio::{
    fs,
    io::{AsyncReadExt, AsyncWriteExt},
    time::error::Elapsed,
};

use super::{
    Downloaded, Location, Storage, failure,
    fetch::{Begun, Fetch, Rest},
    stores::Opened,
};
use crate::{
    Error, Result,
    error::ErrorKind,
    process::{durable, runtime::run_blocking},
};

/// How often a file is fetched before an interrupted download is an error.
const ATTEMPTS: u32 = 3;

/// Why a file was not fetched.
enum Broken {
    /// The download was interrupted; another attempt may succeed.
    Transfer(Error),
    /// Another attempt would fail in the same way.
    Final(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

/// Facts about a file that was fetched.
struct Arrived {
    bytes: u64,
    etag: Option<String>,
}

/// Where a file is written to.
enum Sink<'a> {
    Memory(&'a mut BytesMut),
    File(&'a mut fs::File, &'a Path),
}

impl Sink<'_> {
    async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        match self {
            Self::Memory(bytes) => {
                bytes.extend_from_slice(chunk);
                Ok(())
            }
            Self::File(file, to) => file.write_all(chunk).await.map_err(|e| unwritable(to, &e)),
        }
    }
}

impl Storage {
    /// Whether the file exists now.
    ///
    /// # Errors
    /// If the store refuses access or cannot be reached.
    pub async fn exists(&self, url: &str) -> Result<bool> {
        let location = Location::parse(url)?;
        if let Some(path) = location.local() {
            return fs::try_exists(path).await.map_err(|error| unreadable(&location, &error));
        }
        loop {
            match self.stores.open(&location).await? {
                Opened::Url { client, url, signer } => {
                    let options = &self.stores.options;
                    let fetch = Fetch { client, url, signer, location: &location, options };
                    return Ok(fetch.begin(None).await?.is_some());
                }
                Opened::Bucket { bucket, path, fresh } => {
                    let patience = self.stores.options.time_limit();
                    let asked = tokio::time::timeout(patience, bucket.store.head(&path)).await;
                    match in_time(asked, patience) {
                        Ok(_) => return Ok(true),
                        Err(error) if self.stores.renews(&location, Some(&error), fresh) => {}
                        Err(error) => return self.absent(&error, &location).map(|()| false),
                    }
                }
            }
        }
    }

    /// Reads a small file; `None` if it does not exist (yet).
    ///
    /// # Errors
    /// If the store refuses access, cannot be reached, or breaks off repeatedly.
    pub async fn read(&self, url: &str) -> Result<Option<Bytes>> {
        let location = Location::parse(url)?;
        const MOST: u64 = 1 << 30;
        let mut bytes = BytesMut::new();
        let mut attempt = 0;
        loop {
            attempt += 1;
            bytes.clear();
            match self.attempt(&location, Sink::Memory(&mut bytes), MOST).await {
                Ok(arrived) => return Ok(arrived.map(|_| bytes.freeze())),
                Err(broken) => self.pause_or_give_up(broken, attempt).await?,
            }
        }
    }

    /// Fetches a file into a new private file beside `to`, and renames it once it is complete and
    /// on the disk, so that nobody ever sees a part of it. Returns `None` if it does not exist
    /// (yet).
    ///
    /// # Errors
    /// If the store refuses access, cannot be reached, or breaks off repeatedly, or if `to` cannot
    /// be written.
    pub async fn download(&self, url: &str, to: &Path) -> Result<Option<Downloaded>> {
        self.download_from(&Location::parse(url)?, to, u64::MAX).await
    }

    /// Like [`Storage::download`], but a file of more than `most` bytes is an error.
    pub async fn download_from(
        &self,
        location: &Location,
        to: &Path,
        most: u64,
    ) -> Result<Option<Downloaded>> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let (file, part) = part(to).await?;
            let mut file = fs::File::from_std(file);
            match self.attempt(location, Sink::File(&mut file, to), most).await {
                Ok(None) => return Ok(None),
                Ok(Some(Arrived { bytes, etag })) => {
                    file.flush().await.map_err(|error| unwritable(to, &error))?;
                    drop(file);
                    keep(part, to.to_owned()).await?;
                    let url = location.to_string();
                    return Ok(Some(Downloaded { url, path: to.to_owned(), bytes, etag }));
                }
                Err(broken) => self.pause_or_give_up(broken, attempt).await?,
            }
        }
    }

    /// Fetches many files, `concurrency` at a time, and returns the results in the same order. A
    /// file that fails does not keep the others from being fetched.
    pub async fn download_all(
        &self,
        files: Vec<(String, PathBuf)>,
        concurrency: usize,
    ) -> Vec<Result<Option<Downloaded>>> {
        stream::iter(files)
            .map(|(url, to)| async move { self.download(&url, &to).await })
            .buffered(concurrency.max(1))
            .collect()
            .await
    }

    /// Like [`Storage::download_all`], into a folder that is deleted soon: what need not survive a
    /// power failure is not flushed to the disk, which takes longer than small files take to arrive.
    pub(super) async fn copy_all(
        &self,
        files: Vec<(String, PathBuf)>,
        concurrency: usize,
    ) -> Vec<Result<Option<Downloaded>>> {
        stream::iter(files)
            .map(|(url, to)| async move { self.copy_of(&url, to).await })
            .buffered(concurrency.max(1))
            .collect()
            .await
    }

    async fn copy_of(&self, url: &str, to: PathBuf) -> Result<Option<Downloaded>> {
        let location = Location::parse(url)?;
        let failed = |error: io::Error| unwritable(&to, &error);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut file = fs::File::create(&to).await.map_err(failed)?;
            match self.attempt(&location, Sink::File(&mut file, &to), u64::MAX).await {
                Ok(None) => return Ok(None),
                Ok(Some(Arrived { bytes, etag })) => {
                    file.flush().await.map_err(failed)?;
                    let url = location.to_string();
                    return Ok(Some(Downloaded { url, path: to, bytes, etag }));
                }
                Err(broken) => self.pause_or_give_up(broken, attempt).await?,
            }
        }
    }

    async fn attempt(
        &self,
        location: &Location,
        mut sink: Sink<'_>,
        most: u64,
    ) -> Result<Option<Arrived>, Broken> {
        if let Some(path) = location.local() {
            return Ok(copy(location, path, &mut sink, most).await?);
        }
        let mut renewed = false;
        loop {
            match self.stores.open(location).await? {
                Opened::Url { client, url, signer } => {
                    let options = &self.stores.options;
                    let fetch = Fetch { client, url, signer, location, options };
                    match self.fetch(&fetch, &mut sink, most).await {
                        Err(Broken::Final(error))
                            if !renewed
                                && error.is(ErrorKind::Config)
                                && self.stores.renews(location, None, false) =>
                        {
                            renewed = true;
                        }
                        done => return done,
                    }
                }
                Opened::Bucket { bucket, path, fresh } => {
                    let patience = self.stores.options.time_limit();
                    let asked = tokio::time::timeout(patience, bucket.store.get(&path)).await;
                    match in_time(asked, patience) {
                        Ok(found) => return self.take(found, location, &mut sink, most).await,
                        Err(error)
                            if !renewed && self.stores.renews(location, Some(&error), fresh) =>
                        {
                            renewed = true;
                        }
                        Err(error) => {
                            self.absent(&error, location)?;
                            return Ok(None);
                        }
                    }
                }
            }
        }
    }

    /// Reads a file from a bucket.
    async fn take(
        &self,
        found: GetResult,
        location: &Location,
        sink: &mut Sink<'_>,
        most: u64,
    ) -> Result<Option<Arrived>, Broken> {
        let GetResult { payload, meta, .. } = found;
        let object_store::GetResultPayload::Stream(mut body) = payload else {
            return Err(Error::config(format!("{location} is not a file of a store")).into());
        };
        let mut bytes = 0;
        check_size(location, meta.size, most)?;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| {
                let cause = failure::cause(&error, location, &self.stores.options);
                Broken::Transfer(cut(location, bytes, Some(meta.size), Some(&cause)))
            })?;
            sink.write(&chunk).await?;
            bytes += chunk.len() as u64;
            check_size(location, bytes, most)?;
        }
        if bytes != meta.size {
            return Err(Broken::Transfer(cut(location, bytes, Some(meta.size), None)));
        }
        Ok(Some(Arrived { bytes, etag: meta.e_tag }))
    }

    /// Reads a file from a URL. If the connection breaks, the rest of the same file is requested,
    /// provided that the server gave an ETag.
    async fn fetch(
        &self,
        fetch: &Fetch<'_>,
        sink: &mut Sink<'_>,
        most: u64,
    ) -> Result<Option<Arrived>, Broken> {
        let location = fetch.location;
        let Some(mut begun) = fetch.begin(None).await? else { return Ok(None) };
        let (size, etag) = (begun.size, begun.etag.clone());
        check_size(location, size.unwrap_or(0), most)?;
        let mut bytes = 0;
        let mut breaks = 0;
        loop {
            let mut body = begun.body();
            let broken = loop {
                match body.next().await {
                    None if size.is_none_or(|size| size == bytes) => {
                        return Ok(Some(Arrived { bytes, etag }));
                    }
                    None => break cut(location, bytes, size, None),
                    Some(Err(why)) => break cut(location, bytes, size, Some(&why)),
                    Some(Ok(chunk)) => {
                        sink.write(&chunk).await?;
                        bytes += chunk.len() as u64;
                        check_size(location, bytes, most)?;
                        if let Some(size) = size.filter(|size| bytes > *size) {
                            return Err(Broken::Transfer(overlong(location, size)));
                        }
                    }
                }
            };
            // A weak ETag does not guarantee that the bytes are the same.
            let same = etag.as_deref().filter(|etag| !etag.starts_with("W/"));
            let (Some(etag), Some(size)) = (same, size) else {
                return Err(Broken::Transfer(broken));
            };
            breaks += 1;
            if breaks > ATTEMPTS || bytes == 0 {
                return Err(Broken::Transfer(broken));
            }
            let rest = Rest { from: bytes, size, etag };
            begun = match fetch.begin(Some(&rest)).await? {
                Some(next) if is_rest(&next, &rest) => next,
                // It is another file by now, or another part of it.
                _ => return Err(Broken::Transfer(broken)),
            };
        }
    }

    /// Returns `Ok` if the file does not exist, and an error for every other failure of the store.
    fn absent(&self, error: &StoreError, location: &Location) -> Result<()> {
        match error {
            StoreError::NotFound { .. } if failure::lacks_bucket(error) => {
                Err(failure::no_bucket(location))
            }
            StoreError::NotFound { .. } => Ok(()),
            _ => Err(failure::translate(error, location, &self.stores.options)),
        }
    }

    async fn pause_or_give_up(&self, broken: Broken, attempt: u32) -> Result<()> {
        match broken {
            Broken::Transfer(error) if attempt < ATTEMPTS => {
                tracing::warn!(attempt, %error, "a file was cut off; it is fetched again");
                let full = self.pause * 2_u32.pow(attempt - 1);
                tokio::time::sleep(full.mul_f64(0.5 + 0.5 * rand::random::<f64>())).await;
                Ok(())
            }
            Broken::Transfer(error) | Broken::Final(error) => Err(error),
        }
    }
}

/// The answer of a bucket, or the error if it took longer than all attempts may.
fn in_time<T>(
    asked: Result<object_store::Result<T>, Elapsed>,
    patience: Duration,
) -> object_store::Result<T> {
    asked.unwrap_or_else(|_| {
        let source = failure::silent(patience).into();
        Err(StoreError::Generic { store: "S3", source })
    })
}

/// Whether an answer is the rest that was asked for. Its length may be left open, as some servers do.
fn is_rest(answer: &Begun, rest: &Rest<'_>) -> bool {
    answer.from == Some(rest.from)
        && answer.size.is_none_or(|size| size == rest.size)
        && answer.etag.as_deref() == Some(rest.etag)
}

/// Copies a file of this machine. Pipes and devices, which may never end, are no files.
async fn copy(
    location: &Location,
    path: &Path,
    sink: &mut Sink<'_>,
    most: u64,
) -> Result<Option<Arrived>> {
    let failed = |error: io::Error| unreadable(location, &error);
    let mut options = fs::OpenOptions::new();
    options.read(true);
    // Opening a pipe would otherwise wait for a writer.
    #[cfg(unix)]
    options.custom_flags(libc::O_NONBLOCK);
    let mut file = match options.open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let about = file.metadata().await.map_err(failed)?;
    if !about.is_file() {
        let place = location.to_string();
        return Err(Error::results(&place, None, format!("{place} is not a file")));
    }
    check_size(location, about.len(), most)?;
    let mut buffer = vec![0; 256 << 10];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer).await.map_err(failed)? {
            0 => return Ok(Some(Arrived { bytes, etag: None })),
            length => {
                sink.write(&buffer[..length]).await?;
                bytes += length as u64;
                check_size(location, bytes, most)?;
            }
        }
    }
}

/// Refuses a file that is larger than a result can be.
fn check_size(location: &Location, bytes: u64, most: u64) -> Result<()> {
    if bytes <= most {
        return Ok(());
    }
    let mib = most.div_ceil(1 << 20);
    Err(Error::results(
        location.to_string(),
        None,
        format!("{location} is larger than {mib} MiB, and a result of that many ids is not"),
    )
    .hint("check that it is the right file"))
}

/// A new file beside `to` that only its owner may read.
async fn part(to: &Path) -> Result<(std::fs::File, NamedTempFile)> {
    let to = to.to_owned();
    run_blocking(move || new_part(&to).map_err(|error| unwritable(&to, &error))).await
}

fn new_part(to: &Path) -> io::Result<(std::fs::File, NamedTempFile)> {
    let part = durable::private_draft(to)?;
    Ok((part.as_file().try_clone()?, part))
}

/// Gives a file that was written completely its name.
async fn keep(part: NamedTempFile, to: PathBuf) -> Result<()> {
    run_blocking(move || durable::replace(&to, part).map_err(|error| unwritable(&to, &error))).await
}

fn cut(location: &Location, bytes: u64, size: Option<u64>, cause: Option<&str>) -> Error {
    let of = size.map_or(String::new(), |size| format!(" of {size}"));
    let why = cause.map_or(String::new(), |cause| format!(" ({cause})"));
    Error::results(
        location.to_string(),
        None,
        format!("{location} was cut off after {bytes}{of} bytes{why}"),
    )
    .hint("fetch it again later")
}

fn overlong(location: &Location, size: u64) -> Error {
    Error::results(
        location.to_string(),
        None,
        format!("{location} has more bytes than the {size} that its server tells"),
    )
    .hint("fetch it again later")
}

fn unreadable(location: &Location, error: &io::Error) -> Error {
    Error::results(location.to_string(), None, format!("{location} cannot be read: {error}"))
}

fn unwritable(to: &Path, error: &io::Error) -> Error {
    Error::results(
        to.display().to_string(),
        None,
        format!("{} cannot be written: {error}", to.display()),
    )
    .hint("free space or choose another folder")
}
