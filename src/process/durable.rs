//! Replaces files so that a name leads to the old contents or to the complete new ones, even after
//! a power failure.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::{Builder, NamedTempFile};

use super::{paths::folder_of, private};

/// How the names of temporary files begin, and how those of private ones end.
const BEGIN: &str = ".lantern-";
const PRIVATE: &str = ".part";

/// Where a file that the user names is written: a link is kept, and its target replaced.
///
/// # Errors
/// If the path is a folder, or leads through [what others put there](private::check_way).
pub fn destination(path: &Path) -> io::Result<PathBuf> {
    private::check_way(path)?;
    let path = path.canonicalize().or_else(|_| std::path::absolute(path))?;
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(path)
}

/// The [`destination`] of a file that is replaced as a whole.
///
/// # Errors
/// Also if the path leads to a device or a pipe. To open a pipe would wait for its other end.
pub fn replaceable(path: &Path) -> io::Result<PathBuf> {
    let path = destination(path)?;
    if is_special(&path) {
        return Err(io::Error::other("it is not a regular file"));
    }
    Ok(path)
}

/// Whether a path leads to a device or a pipe, which cannot be replaced.
pub fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Writes a file that the user names: completely, or not at all.
///
/// # Errors
/// If the file cannot be written, or is not [`replaceable`].
pub fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    let path = replaceable(path)?;
    let mut file = draft(&path)?;
    file.write_all(contents)?;
    replace(&path, file)
}

/// A new file for the contents that will replace `path`, with the permissions of the file that is
/// there, or of any new file.
///
/// # Errors
/// If it cannot be made in the same folder.
pub fn draft(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(BEGIN);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let known = fs::metadata(path).map(|found| found.permissions().mode() & 0o777);
        // The umask reduces these permissions, as for every new file.
        builder.permissions(fs::Permissions::from_mode(known.unwrap_or(0o666)));
    }
    builder.tempfile_in(folder_of(path))
}

/// Like [`draft`], for personal data and keys: only the owner may read it. What is left of it when
/// its process is killed [is recognized](is_abandoned), and can be removed.
///
/// # Errors
/// As for [`draft`].
pub fn private_draft(path: &Path) -> io::Result<NamedTempFile> {
    let file = Builder::new().prefix(BEGIN).suffix(PRIVATE).tempfile_in(folder_of(path))?;
    // The lock shows that the file is being written. On a file system without locks this cannot be
    // known, and leftovers stay.
    let _ = file.as_file().lock();
    Ok(file)
}

/// Whether a file is a private draft that no process is writing any more.
pub fn is_abandoned(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_draft = name.starts_with(BEGIN) && name.ends_with(PRIVATE);
    is_draft && fs::File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// Gives a complete temporary file the name `path`, in place of the file that has it.
///
/// # Errors
/// If the file cannot be written to the disk or renamed. The temporary file is then removed.
pub fn replace(path: &Path, complete: NamedTempFile) -> io::Result<()> {
    // Flushed before it is renamed: otherwise a power failure could leave an empty file under the
    // name.
    complete.as_file().sync_all()?;
    complete.persist(path).map_err(|error| error.error)?;
    flush_folder(folder_of(path))
}

/// Writes the names in a folder to the disk, because a rename is durable only then.
#[cfg(unix)]
fn flush_folder(folder: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    match fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems flush no folders, and a folder that may be written to need not be
        // readable. The file has its name all the same.
        Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => {
            Ok(())
        }
        flushed => flushed,
    }
}

/// Does nothing: folders are opened and flushed on Unix only.
#[cfg(not(unix))]
fn flush_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_beside(path: &Path, text: &str) -> NamedTempFile {
        let mut file = private_draft(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.csv");
        for text in ["first", "second"] {
            replace(&path, new_beside(&path, text)).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(names(folder.path()), ["result.csv"]);
        }
    }

    #[test]
    fn what_cannot_be_replaced_stays_and_the_temporary_file_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.csv");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), "kept").unwrap();
        assert!(replace(&path, new_beside(&path, "new")).is_err());
        assert_eq!(fs::read_to_string(path.join("inside")).unwrap(), "kept");
        assert_eq!(names(folder.path()), ["result.csv"]);
    }

    #[test]
    fn a_private_draft_is_abandoned_once_nobody_writes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.csv");
        let draft = new_beside(&path, "ada@acme.com");
        let own = draft.path().to_owned();
        assert!(!is_abandoned(&own));
        // As if the process were killed: the file stays, and the system releases the lock.
        let (file, kept) = draft.keep().unwrap();
        drop(file);
        assert_eq!(kept, own);
        assert!(is_abandoned(&own));
        replace(&path, new_beside(&path, "whole")).unwrap();
        assert!(!is_abandoned(&path), "a result is no draft");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_there_keeps_its_link_and_its_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("model.json"), folder.path().join("newest"));
        write(&path, b"first").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        symlink("model.json", &link).unwrap();
        write(&link, b"second").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_replaced() {
        let null = Path::new("/dev/null");
        assert!(destination(null).is_ok() && is_special(null));
        for refused in ["/dev/null", "/dev"] {
            assert!(write(Path::new(refused), b"anything").is_err(), "{refused}");
        }
        assert!(is_special(null), "it was replaced");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_may_not_be_read_takes_a_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.csv");
        let new = new_beside(&path, "new");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o300)).unwrap();
        let replaced = replace(&path, new);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        replaced.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
