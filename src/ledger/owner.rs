//! Shows which processes are alive: each holds a lock on a file of its own.
//!
//! The system releases the lock when the process ends, in whatever way. So it is known immediately
//! that a batch is in doubt because its sender was killed, without a heartbeat and without waiting.

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

/// This process, as the ledger identifies it.
#[derive(Debug)]
pub struct Owner {
    pub id: String,
    path: PathBuf,
    /// Locked for as long as this process lives, and not by its children.
    lock: File,
}

impl Owner {
    /// Creates and locks a file in `folder`.
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
        // If it cannot be removed, it is at least unlocked, which has the same meaning.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the owner `id` is alive. If that cannot be determined (a file system without locks, no
/// access, no file handle left), it counts as alive, and the time limit of its sending decides.
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
        // Opening it fails, but not because it is missing.
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
