//! How a worker loads the results of runs that have ended.

use std::{cmp::Reverse, sync::Arc, time::Instant};

use futures_util::FutureExt;

use super::{
    super::super::load::Fetch,
    Asking, Fetched, Loaded, Worker,
    sending::{SEND_AGAIN, Sending},
};
use crate::ledger::RequestedIds;

impl Worker<'_> {
    pub(super) fn start_loads(&mut self) {
        if !self.may_load() {
            return;
        }
        let now = Instant::now();
        let room = self.job.options().reads_at_once.saturating_sub(self.fetches.len());
        let sent_here = self.loads_own_next();
        let mut batches = Vec::new();
        while batches.len() < room
            && let Some(Reverse((due, number))) = self.to_load.peek().copied()
            && due <= now
            && self.loads_own_next() == sent_here
        {
            self.to_load.pop();
            if let Some(batch) = self.completed.get(&number)
                && self.under_way.insert(number)
            {
                batches.push(batch.clone());
            }
        }
        if batches.is_empty() {
            return;
        }
        let job = self.job;
        if let Some(price) = job.inner.ledger.known(job.inner.id).map(|known| known.price)
            && sent_here
        {
            let taken = job.sent_ids(|sent| sent.take(batches));
            self.asked((taken.batches, Ok(Arc::new(RequestedIds { price, ids: taken.ids }))));
            batches = taken.others;
            if batches.is_empty() {
                return;
            }
        }
        let asking = async move {
            let asked = job.asked(batches.iter().map(|batch| batch.number).collect()).await;
            (batches, asked)
        };
        self.asking.push(asking.boxed());
    }

    /// Whether it is known, without a look at the ledger, what the batch asked for that is loaded
    /// next.
    pub(super) fn loads_own_next(&self) -> bool {
        let next = self.to_load.peek().and_then(|Reverse((_, number))| self.completed.get(number));
        next.is_some_and(|batch| self.job.sent_ids(|sent| sent.knows(batch)))
    }

    /// Starts to fetch results, once it is known what their batches asked for.
    pub(super) fn asked(&mut self, (batches, asked): Asking) {
        for batch in batches {
            match asked.clone() {
                Ok(asked) => {
                    let job = self.job;
                    let fetch = async move {
                        let fetched = job.fetch_batch(&batch, asked).await;
                        (batch, fetched)
                    };
                    self.fetches.push(fetch.boxed());
                }
                Err(error) => self.loaded((batch.number, Err(error))),
            }
        }
    }

    /// Starts to record what was fetched. Meanwhile, another result is fetched.
    pub(super) fn fetched(&mut self, (batch, fetched): Fetched) {
        let (job, number) = (self.job, batch.number);
        self.loads.push(async move { (number, job.load_batch(batch, fetched).await) }.boxed());
    }

    pub(super) fn loaded(&mut self, (number, loaded): Loaded) {
        self.under_way.remove(&number);
        match loaded {
            Ok(Fetch::Done { cut }) => {
                self.completed.remove(&number);
                // A loaded batch releases the credits that it did not use, and the ids that it did
                // not reach.
                let opens = match self.sending {
                    Sending::Nothing => true,
                    Sending::AllSent => cut,
                    _ => false,
                };
                if opens {
                    self.sending = Sending::Open;
                }
            }
            Ok(Fetch::Later(due)) => self.to_load.push(Reverse((due, number))),
            Err(error) => {
                let batch = self.completed.get(&number).cloned();
                self.note_of_run(batch.as_ref(), error);
                let due = self.job.clocks(|clocks| clocks.get(&number).map(|clock| clock.due));
                let soonest = Instant::now() + SEND_AGAIN.0;
                let due = due.map_or(soonest, |due| due.max(soonest));
                self.to_load.push(Reverse((due, number)));
            }
        }
    }
}
