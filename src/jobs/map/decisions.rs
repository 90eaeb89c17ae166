//! Records the answer to a call in doubt that a person has found out: from the API's support, from
//! a log, or from the body that was stored.

use serde_json::Value;

use super::{
    calls_of::CallsOf,
    kind::{Answer, Fields},
    requests::Requests,
    suppressed_rows::SuppressedRows,
    window,
};
use crate::{
    api::{answer::says_failed, metering},
    error::{Advice, Error, Result},
    jobs::Job,
    ledger::{Answered, Decision},
};

impl Job {
    /// Records the answer to a call that is in doubt, failed or given up. `answer` is the body as
    /// the API writes it.
    ///
    /// The cost is taken from the answer. If the answer does not give one, the maximum that the
    /// call may have cost counts.
    ///
    /// # Errors
    /// If the job has batches instead of calls, the answer is not valid for such a call, or as for
    /// [`Job::decide`].
    pub async fn answer(&self, number: u32, answer: Value) -> Result<()> {
        let calls = self.calls().ok_or_else(|| {
            Error::job(
                self.key(),
                format!("job {:?} has batches, which are answered by a run", self.key()),
            )
            .with_batch(number)
            .advise(Advice::AttachRun { batch: number })
        })?;
        if !answer.is_object() {
            return Err(Error::input("the answer is not an object of JSON")
                .advise(Advice::text("give the body of the API's answer")));
        }
        let Sent { request, kept, count } = self.request_of(calls, number).await?;
        let answered = if says_failed(&answer) {
            refused(&answer)
        } else {
            let read: Answer = (calls.kind.read)(&request, answer)?;
            window::answered(calls.kind, window::spread(read, &kept, count))
        };
        self.decide(number, Decision::Answer(answered)).await
    }

    /// What a call asked. Who is suppressed was left out of it.
    async fn request_of(&self, calls: &CallsOf, number: u32) -> Result<Sent> {
        let id = self.id();
        let (unit, records, requests) = self
            .ledger()
            .run(move |store| {
                let (record, _) = store.state(id)?;
                let unit = store.batches(id)?.into_iter().find(|unit| unit.number == number);
                let records = store.batch_ids(id, number)?;
                Ok((unit, records, Requests::read(store, &record)?))
            })
            .await?;
        // That there is no such call is said by the decision.
        let Some(unit) = unit else { return Ok(Sent::default()) };
        let suppressed = SuppressedRows::of(self.ledger(), id).await?.rows_of(&requests);
        let places = requests.places(&records, unit.first, unit.count);
        let kept: Vec<usize> =
            (0..places.len()).filter(|at| !suppressed.contains(&places[*at])).collect();
        let own: Vec<&Fields> = kept.iter().filter_map(|at| requests.get(places[*at])).collect();
        let request = calls.kind.request(&calls.shared, &own);
        Ok(Sent { request, kept, count: places.len() })
    }
}

/// What a call asked, and which of its rows were sent.
#[derive(Default)]
struct Sent {
    request: Fields,
    kept: Vec<usize>,
    count: usize,
}

/// An answer that says that its call failed.
fn refused(answer: &Value) -> Answered {
    let said = answer.get("error").and_then(Value::as_str).unwrap_or("without a reason");
    Answered {
        credits: Some(metering::consumed(answer).map_or(0, |credits| credits.ceil() as u64)),
        failure: Some(format!("the API says that it failed: {said}")),
        ..Answered::default()
    }
}
