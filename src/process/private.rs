//! Files and folders that only their owner may read or change, because they hold personal data and
//! paid answers.
//!
//! Another user who can write to the folder could put a link in place of a file that is about to be
//! created, or create the file first. So links are not followed, nothing is truncated, and such
//! folders are refused, and what belongs to another user.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::paths::folder_of;

/// The user who can change every file.
#[cfg(unix)]
const ROOT: u32 = 0;

/// Creates a folder, and those above it, with mode 0700. One that exists is left as it is.
///
/// # Errors
/// If the folder cannot be created, is a link, or belongs to or can be written by other users.
pub fn folder(path: &Path) -> io::Result<()> {
    create(path)?;
    check_folder(path)
}

fn create(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens a file for reading and writing, or creates it with mode 0600. Its contents are kept.
///
/// # Errors
/// If the file cannot be opened, is a link or no regular file, or belongs to or can be written by
/// other users.
pub fn open(path: &Path) -> io::Result<File> {
    let mut options = private_options();
    options.create(true).truncate(false);
    let file = options.open(path).map_err(|error| match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => is_link(),
        _ => error,
    })?;
    check_file(path, &file.metadata()?)?;
    Ok(file)
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // `O_NONBLOCK`, because opening a pipe would otherwise wait for its other end.
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    options
}

/// Resolves the links in a file's path, creates missing folders, and creates the file with mode
/// 0600. A link of the user's own is followed, because nobody else can have made it.
///
/// # Errors
/// If a folder or the file cannot be created or opened, or belongs to or can be written by other
/// users, or if the path leads through [what others put there](check_way).
pub fn place(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
    check_way(path)?;
    let folder = folder_of(path);
    create(folder)?;
    let folder = fs::canonicalize(folder)?;
    check_folder(&folder)?;
    let named = folder.join(name);
    let place = match fs::symlink_metadata(&named) {
        Ok(found) if found.is_symlink() => {
            let place = fs::canonicalize(&named)?;
            check_folder(folder_of(&place))?;
            place
        }
        _ => named,
    };
    // An existing file is not opened: closing it again would release the locks that SQLite holds on
    // it elsewhere in this process.
    match private_options().create_new(true).open(&place) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            check_file(&place, &fs::symlink_metadata(&place)?)?;
        }
        Err(error) => return Err(error),
    }
    Ok(place)
}

/// Checks the way to a file that the user names. In a folder that others can write, such as `/tmp`,
/// a link or a pipe of another user would lead elsewhere.
///
/// # Errors
/// If the path leads through such a link, or to such a pipe.
#[cfg(unix)]
pub fn check_way(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    for step in std::path::absolute(path)?.ancestors() {
        let Ok(found) = fs::symlink_metadata(step) else { continue };
        let is_plain = found.is_file() || found.is_dir();
        if !is_plain && is_foreign(found.uid(), own_user()) && is_open_to_others(step) {
            return Err(io::Error::other(format!(
                "{} was put there by another user (uid {}), and is no regular file; see where it \
                 leads, and remove it",
                step.display(),
                found.uid()
            )));
        }
    }
    Ok(())
}

/// Does nothing: the owners of files are known on Unix only.
#[cfg(not(unix))]
pub fn check_way(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn is_link() -> io::Error {
    io::Error::other("it is a symbolic link, which is not followed")
}

fn check_folder(path: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    if found.is_symlink() {
        return Err(is_link());
    }
    if !found.is_dir() {
        return Err(io::Error::other("it is not a folder"));
    }
    #[cfg(unix)]
    if let Some(mode) = writable_by_others(&found) {
        return Err(io::Error::other(format!(
            "other users can write to the folder {} (mode {mode:o}); name a folder of your own, or \
             change its mode to 700",
            path.display()
        )));
    }
    check_owner(path, &found)
}

fn check_file(path: &Path, found: &fs::Metadata) -> io::Result<()> {
    if found.is_symlink() {
        return Err(is_link());
    }
    if !found.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    #[cfg(unix)]
    if let Some(mode) = writable_by_others(found) {
        return Err(io::Error::other(format!(
            "other users can change it (mode {mode:o}); see who made it, and change its mode to 600"
        )));
    }
    check_owner(path, found)
}

/// Refuses what belongs to another user, who can change it at any time, whatever its mode is now.
///
/// Root works in folders of users, with `sudo` and in containers, so for root only that counts which
/// anybody can have made.
#[cfg(unix)]
fn check_owner(path: &Path, found: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let (owner, own) = (found.uid(), own_user());
    if !is_foreign(owner, own) || (own == ROOT && !is_open_to_others(path)) {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{} belongs to another user (uid {owner}); name a place of your own, or change its owner",
        path.display()
    )))
}

/// Does nothing: the owners of files are known on Unix only.
#[cfg(not(unix))]
fn check_owner(_path: &Path, _found: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Whether a file of `owner` is that of another user. Root's are not, because root can change every
/// file.
#[cfg(unix)]
fn is_foreign(owner: u32, own: u32) -> bool {
    owner != own && owner != ROOT
}

/// Whether others can write to the folder in which a file lies, as to `/tmp`.
#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    fs::metadata(folder_of(path)).is_ok_and(|folder| writable_by_others(&folder).is_some())
}

/// The user as whom this process opens files.
#[cfg(unix)]
// The standard library has no function for the user of this process.
#[allow(unsafe_code)]
fn own_user() -> u32 {
    // SAFETY: it has no argument, and always succeeds.
    unsafe { libc::geteuid() }
}

/// The mode, if users other than the owner may write.
///
/// A group with the same number as its user counts as that user alone: many systems give each user
/// such a group and make new files writable by it.
#[cfg(unix)]
fn writable_by_others(found: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let mode = found.mode() & 0o7777;
    let own_group = found.uid() == found.gid();
    let by_group = mode & 0o020 != 0 && !own_group;
    (mode & 0o002 != 0 || by_group).then_some(mode)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn said<T>(result: io::Result<T>) -> String {
        result.err().expect("it was accepted").to_string()
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_not_followed_and_its_target_stays() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("precious");
        fs::write(&target, "precious").unwrap();
        let planted = home.path().join("lock");
        for target in [target.clone(), home.path().join("missing"), "lock".into()] {
            let _ = fs::remove_file(&planted);
            symlink(&target, &planted).unwrap();
            assert!(said(open(&planted)).contains("symbolic link"), "{target:?}");
        }
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
        assert!(!home.path().join("missing").exists());
    }

    #[test]
    fn what_a_file_holds_stays_and_a_new_one_is_private() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("lock");
        drop(open(&path).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "kept").unwrap();
        drop(open(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
    }

    #[test]
    fn what_others_can_write_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("made-before");
        fs::write(&file, "").unwrap();
        for mode in [0o666, 0o602, 0o777] {
            set_mode(&file, mode);
            assert!(said(open(&file)).contains("other users can change it"), "{mode:o}");
            assert!(said(place(&file)).contains("other users can change it"), "{mode:o}");
        }
        for mode in [0o777, 0o1777, 0o703] {
            set_mode(home.path(), mode);
            let inside = home.path().join("new.sqlite");
            assert!(said(folder(home.path())).contains("other users can write"), "{mode:o}");
            assert!(said(place(&inside)).contains("other users can write"), "{mode:o}");
            assert!(!inside.exists());
        }
        set_mode(home.path(), 0o700);
        set_mode(&file, 0o600);
        assert!(folder(home.path()).is_ok() && place(&file).is_ok());
    }

    #[test]
    fn a_folder_that_is_a_link_or_a_file_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let linked = home.path().join("results");
        symlink(elsewhere.path(), &linked).unwrap();
        assert!(said(folder(&linked)).contains("symbolic link"));
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(folder(&file).is_err());
        let pipe = home.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(said(open(&pipe)).contains("regular file"));
    }

    #[test]
    fn a_link_in_a_private_folder_is_the_users_own_and_leads_to_one_place() {
        let home = tempfile::tempdir().unwrap();
        let real = home.path().join("real");
        fs::create_dir(&real).unwrap();
        set_mode(&real, 0o700);
        symlink(&real, home.path().join("linked")).unwrap();
        let there = fs::canonicalize(&real).unwrap().join("ledger.sqlite");
        assert_eq!(place(&home.path().join("linked/ledger.sqlite")).unwrap(), there);
        symlink("real/ledger.sqlite", home.path().join("ledger")).unwrap();
        assert_eq!(place(&home.path().join("ledger")).unwrap(), there);
        // A link out of the folder does not lead where others can write.
        set_mode(&real, 0o777);
        assert!(said(place(&home.path().join("ledger"))).contains("other users can write"));
    }

    #[test]
    fn what_another_user_made_is_refused() {
        let (ada, mallory) = (1000, 1001);
        assert!(is_foreign(mallory, ada) && is_foreign(mallory, ROOT));
        assert!(!is_foreign(ada, ada) && !is_foreign(ROOT, ada));
        let home = tempfile::tempdir().unwrap();
        let made = |path: &str| {
            let path = home.path().join(path);
            fs::create_dir_all(&path).unwrap();
            path
        };
        let give = |path: &Path| std::os::unix::fs::lchown(path, Some(mallory), None);
        // Only root can give a file to another user.
        let planted = made("tmp/lantern");
        if own_user() != ROOT || give(&planted).is_err() {
            eprintln!("not tried with real files: only root can give them to another user");
            return;
        }
        set_mode(&home.path().join("tmp"), 0o1777);
        let inside = planted.join("ledger.sqlite");
        assert!(said(folder(&planted)).contains("belongs to another user (uid 1001)"));
        assert!(said(place(&inside)).contains("belongs to another user (uid 1001)"));
        assert!(!inside.exists());
        // In a folder of a user, root is at work with `sudo`, or in a container.
        let theirs = made("home/mallory");
        give(&theirs).unwrap();
        assert!(place(&theirs.join("ledger.sqlite")).is_ok());
    }

    #[test]
    fn a_link_that_another_user_put_into_a_shared_folder_leads_nowhere() {
        let shared = tempfile::tempdir().unwrap();
        let precious = tempfile::tempdir().unwrap();
        set_mode(shared.path(), 0o1777);
        let planted = shared.path().join("results");
        symlink(precious.path(), &planted).unwrap();
        assert!(check_way(&planted.join("out.parquet")).is_ok(), "it is the user's own");
        if std::os::unix::fs::lchown(&planted, Some(1001), None).is_ok() {
            assert!(said(check_way(&planted)).contains("another user (uid 1001)"));
            assert!(said(check_way(&planted.join("out.parquet"))).contains("another user"));
            assert!(said(place(&planted.join("a.sqlite"))).contains("another user"));
            set_mode(shared.path(), 0o755);
            assert!(check_way(&planted).is_ok());
        }
    }
}
