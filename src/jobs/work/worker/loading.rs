//! How a worker loads the results of runs that have ended.

use std::{cmp::Reverse, time::Instant};

use futures_util::FutureExt;

use super::{
    super::super::load::Fetch,
    Fetched, Worker,
    sending::{SEND_AGAIN, Sending},
};

impl Worker<'_> {
    pub(super) fn start_loads(&mut self) {
        let now = Instant::now();
        let room = self.job.options().reads_at_once.saturating_sub(self.loads.len());
        let mut batches = Vec::new();
        while batches.len() < room
            && let Some(Reverse((due, number))) = self.to_load.peek().copied()
            && due <= now
        {
            self.to_load.pop();
            batches.extend(self.completed.get(&number).cloned());
        }
        if batches.is_empty() {
            return;
        }
        // One query to the ledger serves all of them.
        let asked = self.job.asked(batches.iter().map(|batch| batch.number).collect());
        for batch in batches {
            let (job, number, asked) = (self.job, batch.number, asked.clone());
            self.under_way.insert(number);
            self.loads.push(async move { (number, job.load_batch(batch, asked).await) }.boxed());
        }
    }

    pub(super) fn loaded(&mut self, (number, loaded): Fetched) {
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
                self.note(error);
                let due = self.job.clocks(|clocks| clocks.get(&number).map(|clock| clock.due));
                let soonest = Instant::now() + SEND_AGAIN.0;
                let due = due.map_or(soonest, |due| due.max(soonest));
                self.to_load.push(Reverse((due, number)));
            }
        }
    }
}
