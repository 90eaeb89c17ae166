//! `lantern status`

use std::collections::BTreeMap;

use clap::Args;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    Session,
    face::ShellFace,
    failure::{Failure, Result},
    format::{self, Column},
    jobs,
};
use lantern::{
    api::{
        LimitClass,
        agents::{RunPhase, RunStatus},
    },
    client::{CallOptions, Client},
    error::{Advice, Error, ErrorKind},
    jobs::{
        Ledger, Progress, RUN_FAILED,
        account::Place,
        table::{UnitsOf, batch_error},
    },
    ledger::{BatchRecord, BatchState, Ended, Finished, JobRecord, rules::Sums},
};

/// Show the progress of a job, batch by batch, without sending anything for it
#[derive(Debug, Args)]
pub struct Status {
    /// Key of the job, as `lantern jobs` lists it
    key: String,
    /// Show only what the ledger knows, and do not ask the API
    #[arg(long)]
    offline: bool,
}

impl Status {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let ledger = session.connection.ledger()?;
        let place = session.connection.place()?;
        let job = find(&ledger, &place, self.key).await?;
        let mut state = State::read(&ledger, &job).await?;
        if !self.offline && state.in_flight().next().is_some() {
            let client = session.connection.client(&ledger)?;
            session.signals.or(look(&client, &ledger, &job, &state)).await?;
            state = State::read(&ledger, &job).await?;
        }
        session.output.print(|| state.to_text(&job), || state.to_json(&job))
    }
}

/// Finds the job with this key.
pub async fn find(ledger: &Ledger, place: &Place, key: String) -> Result<JobRecord> {
    let jobs = ledger.run(|store| store.jobs(None)).await?;
    let own = jobs.into_iter().map(|(job, _)| job);
    let mut own = own.filter(|job| job.key == key && place.has(&job.account));
    let refused =
        |happened: String, advice: Advice| Failure::from(Error::job(&key, happened).advise(advice));
    match (own.next(), own.next()) {
        (Some(job), None) => Ok(job),
        (Some(_), Some(_)) => Err(refused(
            format!("two tenants of {place} have a job {key:?}"),
            Advice::text("`lantern results` shows the one of your API key"),
        )),
        (None, _) => Err(refused(
            format!("the ledger {} has no job {key:?} for {place}", ledger.place()),
            Advice::ListJobs,
        )),
    }
}

/// Polls the runs in flight, as far as the rate limit allows now.
async fn look(client: &Client, ledger: &Ledger, job: &JobRecord, state: &State) -> Result<()> {
    let mut calls = Vec::new();
    for (number, run_id) in state.in_flight() {
        if client.try_slot(LimitClass::Sync).await?.is_some() {
            break;
        }
        let call = RunStatus { run_id: run_id.to_owned() };
        calls.push(async move {
            let options =
                CallOptions { slot_taken: true, no_throttle_retry: true, ..CallOptions::default() };
            (number, run_id, client.call_with(&call, options).await)
        });
    }
    let mut ended = Vec::new();
    let mut failed = None;
    for (number, run_id, answer) in join_all(calls).await {
        let mut end = |end| ended.push(Finished { number, run_id: run_id.to_owned(), end });
        let state = answer.map(|answered| answered.value);
        if state.as_ref().is_ok_and(|state| !state.is_of(run_id)) {
            continue;
        }
        match state.map(|state| state.phase()) {
            Ok(RunPhase::Running) => {}
            Ok(RunPhase::Completed) => end(Ended::Completed),
            Ok(RunPhase::Failed) => {
                end(Ended::failed(RUN_FAILED));
            }
            Err(error) if error.is(ErrorKind::RateLimit) => {}
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    let id = job.id;
    ledger.run(move |store| store.finish(id, &ended)).await?;
    failed.map_or(Ok(()), |error| Err(error.into()))
}

/// What the ledger knows about a job.
struct State {
    sums: Sums,
    batches: Vec<BatchRecord>,
    /// Paid answers that could not be read, by batch.
    unread: BTreeMap<u32, Vec<u8>>,
}

impl State {
    async fn read(ledger: &Ledger, job: &JobRecord) -> Result<Self> {
        let id = job.id;
        let (sums, batches, unread) = ledger
            .run(move |store| {
                store.find_doubt(id)?;
                Ok((store.sums(id)?, store.batches(id)?, store.bodies(id)?))
            })
            .await?;
        Ok(Self { sums, batches, unread })
    }

    fn in_flight(&self) -> impl Iterator<Item = (u32, &str)> {
        let accepted = self.batches.iter().filter(|batch| batch.state == BatchState::Accepted);
        accepted.filter_map(|batch| Some((batch.number, batch.run_id.as_deref()?)))
    }

    fn to_text(&self, job: &JobRecord) -> String {
        let columns = [
            Column::Right("BATCH"),
            Column::Left("STATE"),
            Column::Right("IDS"),
            Column::Right("ANSWERED"),
            Column::Right("CREDITS"),
            Column::Right("LIMIT"),
            Column::Left("SENT (UTC)"),
            Column::Left("RUN"),
            Column::Left("NOTE"),
        ];
        // A job of calls has no column of ids.
        let of = UnitsOf { job: &job.key, calls: job.id_type.is_empty() };
        let known = |number: Option<u64>| number.map(format::count).unwrap_or_default();
        let rows = self.batches.iter().map(|batch| {
            vec![
                batch.number.to_string(),
                batch.state.name().replace('_', " "),
                format::count(batch.count.into()),
                known(batch.returned.map(u64::from)),
                known(batch.credits),
                known(Some(batch.max_credits).filter(|most| *most > 0)),
                batch.sent_at.map(format::minute).unwrap_or_default(),
                batch.run_id.clone().unwrap_or_default(),
                batch_error(batch, of, &ShellFace).unwrap_or_default(),
            ]
        });
        let progress = Progress::new(job, self.sums);
        format!("{}\n\n{}", summary(job, &progress), format::table(&columns, rows))
    }

    fn to_json(&self, job: &JobRecord) -> Value {
        let mut value = jobs::to_json(job, self.sums);
        let batches = self.batches.iter().map(|batch| {
            let mut value = json!(batch);
            for (name, at) in [
                ("sent_at", batch.sent_at),
                ("accepted_at", batch.accepted_at),
                ("finished_at", batch.finished_at),
                ("loaded_at", batch.loaded_at),
            ] {
                value[name] = at.and_then(format::timestamp).into();
            }
            if let Some(answer) = self.unread.get(&batch.number) {
                value["unread_answer"] = String::from_utf8_lossy(answer).into();
            }
            value
        });
        value["batches_detail"] = batches.collect();
        value
    }
}

fn summary(job: &JobRecord, progress: &Progress) -> String {
    let sums = &progress.sums;
    let mut batches =
        format!("{} of {} loaded", format::count(sums.loaded), format::count(sums.batches));
    for (number, words) in [
        (sums.in_flight, "in flight"),
        (sums.in_doubt, "in doubt"),
        (sums.failed, "failed"),
        (sums.skipped, "skipped"),
    ] {
        if number > 0 {
            batches += &format!(", {} {words}", format::count(number));
        }
    }
    format::pairs([
        ("job", format!("{} ({})", job.key, job.kind)),
        ("state", progress.state.name().replace('_', " ")),
        ("rows", format::count(job.rows)),
        (
            "answered",
            format!(
                "{} of {} ids, {} of them known before",
                format::count(progress.answered()),
                format::count(job.ids),
                format::count(sums.reused)
            ),
        ),
        ("batches", batches),
        ("credits", format!("{} of {}", format::count(sums.spent), format::count(job.max_credits))),
        ("submitted", format!("{} UTC", format::minute(job.created_at))),
    ])
}
