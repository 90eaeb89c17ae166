//! The ids of batches that this process sent, kept until their results are loaded. So the ledger,
//! which may be on a server, need not be asked for them.

use std::collections::HashMap;

use crate::ledger::BatchRecord;

/// Maximum number of ids that are kept. Those of further batches are read from the ledger.
const MOST: usize = 100_000;

/// The ids by the number of the batch, with the idempotency key of its sending.
#[derive(Debug, Default)]
pub(super) struct SentIds {
    batches: HashMap<u32, (String, Vec<String>)>,
    count: usize,
}

impl SentIds {
    /// Keeps the ids of a sending, if there is room.
    pub fn keep(&mut self, number: u32, sending: &str, ids: Vec<String>) {
        self.forget(number);
        if self.count + ids.len() <= MOST {
            self.count += ids.len();
            self.batches.insert(number, (sending.to_owned(), ids));
        }
    }

    /// Whether the ids of a batch are kept. A batch that was sent again may ask for fewer.
    pub fn knows(&self, batch: &BatchRecord) -> bool {
        let sent = self.batches.get(&batch.number);
        sent.is_some_and(|(sending, _)| *sending == batch.idempotency_key)
    }

    /// Removes the ids of a batch and returns them.
    pub fn take(&mut self, number: u32) -> Vec<String> {
        let Some((_, ids)) = self.batches.remove(&number) else { return Vec::new() };
        self.count -= ids.len();
        ids
    }

    pub fn forget(&mut self, number: u32) {
        drop(self.take(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(number: u32, sending: &str) -> BatchRecord {
        BatchRecord::planned(number, 0, 2, 0, sending.to_owned())
    }

    #[test]
    fn ids_are_kept_for_one_sending_and_until_they_are_taken() {
        let mut sent = SentIds::default();
        sent.keep(1, "first", vec!["a".to_owned(), "b".to_owned()]);
        assert!(sent.knows(&batch(1, "first")));
        assert!(!sent.knows(&batch(1, "second")), "it was sent again by another process");
        assert!(!sent.knows(&batch(2, "first")));
        assert_eq!(sent.take(1), ["a", "b"]);
        assert!(!sent.knows(&batch(1, "first")));
        assert_eq!(sent.count, 0);
    }

    #[test]
    fn no_more_ids_are_kept_than_there_is_room_for() {
        let mut sent = SentIds::default();
        let many = || vec![String::new(); MOST - 1];
        sent.keep(1, "first", many());
        sent.keep(2, "second", vec![String::new(); 2]);
        assert!(sent.knows(&batch(1, "first")) && !sent.knows(&batch(2, "second")));
        sent.keep(1, "third", many());
        assert!(sent.knows(&batch(1, "third")), "its earlier ids have made room");
    }
}
