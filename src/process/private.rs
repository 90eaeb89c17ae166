//! Files and folders that only their owner may read: they hold personal data.

use std::{fs, io, path::Path};

/// Creates a folder, and those above it, with mode 0700; one that exists is left as it is.
///
/// # Errors
/// The folder cannot be created.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Creates an empty file with mode 0600; one that exists is left as it is.
///
/// # Errors
/// The file cannot be created.
pub fn file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}
