//! Who is sending: a process shows that it lives by holding a lock on a file.
//!
//! The system drops the lock when the process ends, however it ends. So a batch whose sender was
//! killed is known to be in doubt at once, without a heartbeat and without waiting.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use crate::{
    error::{Error, Result},
    process::{
        private,
        sqlite::{close_in_children, keep_in_children},
    },
};

/// This process, as the ledger knows it.
#[derive(Debug)]
pub struct Owner {
    pub id: String,
    path: PathBuf,
    /// Held as long as this process lives, and by none of its children.
    lock: File,
}

impl Owner {
    /// Makes and locks a file in `folder`.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn new(folder: &Path) -> Result<Self> {
        let unusable = |error: std::io::Error| {
            Error::ledger(format!("{} cannot be written: {error}", folder.display()))
                .with_path(folder)
                .caused_by(error)
        };
        private::folder(folder).map_err(unusable)?;
        let id = Uuid::new_v4().to_string();
        let path = folder.join(&id);
        let lock = private::open(&path).map_err(unusable)?;
        lock.lock().map_err(unusable)?;
        close_in_children(&lock);
        Ok(Self { id, path, lock })
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        keep_in_children(&self.lock);
        // A file that stays behind is unlocked, which says the same.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the owner `id` still lives. Where that cannot be seen (a file system without locks, no
/// access, no file handle left) the answer is yes; time will tell then.
pub fn lives(folder: &Path, id: &str) -> bool {
    let path = folder.join(id);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => return error.kind() != std::io::ErrorKind::NotFound,
    };
    match file.try_lock() {
        Ok(()) => {
            let _ = fs::remove_file(&path);
            false
        }
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_lives_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner::new(folder.path()).unwrap();
        let id = owner.id.clone();
        assert!(lives(folder.path(), &id));
        drop(owner);
        assert!(!lives(folder.path(), &id));
    }

    #[cfg(unix)]
    #[test]
    fn an_owner_that_cannot_be_looked_at_is_not_taken_for_dead() {
        let folder = tempfile::tempdir().unwrap();
        // Opening it fails, and not because it is missing.
        std::os::unix::fs::symlink("loop", folder.path().join("loop")).unwrap();
        assert!(lives(folder.path(), "loop"));
    }

    #[cfg(unix)]
    #[test]
    fn a_killed_owner_is_dead_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("killed");
        let mut child = std::process::Command::new("flock")
            .arg("--no-fork")
            .arg(&path)
            .arg("cat")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // `cat` answers only once the lock is held.
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"!").unwrap();
        std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut [0]).unwrap();
        assert!(lives(folder.path(), "killed"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!lives(folder.path(), "killed"));
    }
}
