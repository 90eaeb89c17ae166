//! The ids of batches that this process sent, kept until their results are loaded. So the ledger,
//! which may be on a server, need not be asked for them.

use std::collections::{BTreeMap, HashMap};

use crate::ledger::BatchRecord;

/// Maximum number of ids that are kept. Those of further batches are read from the ledger.
const MOST: usize = 100_000;

/// The ids by the number of the batch, with the idempotency key of its sending.
#[derive(Debug, Default)]
pub(super) struct SentIds {
    batches: HashMap<u32, (String, Vec<String>)>,
    count: usize,
}

/// What [`SentIds::take`] found.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The batches whose ids were kept.
    pub batches: Vec<BatchRecord>,
    /// Their ids.
    pub ids: BTreeMap<u32, Vec<String>>,
    /// The other batches: the ledger has to be asked for their ids.
    pub others: Vec<BatchRecord>,
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

    /// Removes the ids of some batches and returns them, with the batches whose ids are not kept (any
    /// more), for instance because another thread that waits for the job has taken them.
    pub fn take(&mut self, batches: Vec<BatchRecord>) -> Taken {
        let mut taken = Taken::default();
        for batch in batches {
            let ids = if self.knows(&batch) { self.remove(batch.number) } else { None };
            match ids {
                Some(ids) => {
                    taken.ids.insert(batch.number, ids);
                    taken.batches.push(batch);
                }
                None => taken.others.push(batch),
            }
        }
        taken
    }

    pub fn forget(&mut self, number: u32) {
        drop(self.remove(number));
    }

    fn remove(&mut self, number: u32) -> Option<Vec<String>> {
        let (_, ids) = self.batches.remove(&number)?;
        self.count -= ids.len();
        Some(ids)
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
        let taken = sent.take(vec![batch(1, "first")]);
        assert_eq!(taken.ids[&1], ["a", "b"]);
        assert!(!sent.knows(&batch(1, "first")));
        assert_eq!(sent.count, 0);
    }

    #[test]
    fn a_batch_whose_ids_were_taken_or_sent_again_is_one_to_ask_the_ledger_for() {
        let mut sent = SentIds::default();
        sent.keep(1, "first", vec!["a".to_owned()]);
        sent.keep(2, "second", vec!["b".to_owned()]);
        let listed = ["first", "first", "other"];
        let listed = [1, 1, 2].into_iter().zip(listed).map(|(at, sending)| batch(at, sending));
        let taken = sent.take(listed.collect());
        let numbers = |of: &[BatchRecord]| of.iter().map(|batch| batch.number).collect::<Vec<_>>();
        assert_eq!((numbers(&taken.batches), numbers(&taken.others)), (vec![1], vec![1, 2]));
        assert_eq!(taken.ids.keys().collect::<Vec<_>>(), [&1], "no batch has an empty list of ids");
        assert!(sent.knows(&batch(2, "second")), "the ids of its own sending stay");
        let again = sent.take(vec![batch(1, "first")]);
        assert!(again.ids.is_empty() && numbers(&again.others) == [1]);
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
