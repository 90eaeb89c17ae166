//! Time limits and maximum numbers of connections.

use std::time::Duration;

/// Time limits and maximum numbers of connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// From the beginning of a connection to the end of its first request's head (default 15 s).
    pub first_head: Duration,
    /// From an answer to the end of the next request's head (default 100 s). Clients close idle
    /// connections after at most 90 s, so that no request is sent on a connection that is being
    /// closed here.
    pub idle: Duration,
    /// Number of connections from which the longest idle one is closed for each new one (default
    /// 4096, or fewer if the process may open few files).
    pub connections: usize,
    /// Number of connections from which a new one is closed immediately (default 5120, or fewer).
    pub most: usize,
    /// How long a connection must have been idle to be closed for another one (default 5 s),
    /// because the request of a newer connection may be on its way.
    pub droppable_after: Duration,
    /// The same for a connection that has not sent a request yet (default 1 s).
    pub silent_after: Duration,
}

/// Number of files reserved for everything but connections: databases, results, and the process
/// around the server.
const OTHER_FILES: u64 = 64;

/// Number of connections that each of the two ports accepts even if few files may be open.
const LEAST: u64 = 8;

impl Bounds {
    /// Bounds for the number of files that this process may open.
    pub fn of_this_process() -> Self {
        let usual = Self::default();
        #[cfg(unix)]
        if let Ok((files, _)) = rlimit::Resource::NOFILE.get() {
            return usual.with_files(files);
        }
        usual
    }

    fn with_files(self, files: u64) -> Self {
        let each = (files.saturating_sub(OTHER_FILES) / 2).max(LEAST);
        let most = usize::try_from(each).unwrap_or(usize::MAX).min(self.most);
        Self { most, connections: self.connections.min(most - most / 5), ..self }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            first_head: Duration::from_secs(15),
            idle: Duration::from_secs(100),
            connections: 4096,
            most: 5120,
            droppable_after: Duration::from_secs(5),
            silent_after: Duration::from_secs(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_left_for_other_things_than_connections() {
        for (files, most) in [(128, 32), (1024, 480), (1_048_576, 5120), (64, 8), (0, 8)] {
            let bounds = Bounds::default().with_files(files);
            assert_eq!(bounds.most, most, "{files}");
            assert!(0 < bounds.connections && bounds.connections < bounds.most, "{bounds:?}");
        }
    }
}
