//! Matches on a thread of its own, with a progress bar, until it has finished or a signal arrives.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{
    super::{Session, failure::Result, progress_bar::RowsBar},
    arguments::{KeptMatches, Matching, Tables},
    labels,
};
use lantern::{
    error::Error,
    matching::{
        error,
        options::{Options, Watch},
        pipeline,
        results::Matches,
    },
    process::{runtime::run_blocking, stop::StopOnDrop, threads},
};

/// Shows the progress of the work, and stops it when the command gives up.
struct Attended {
    stopped: Arc<AtomicBool>,
    bar: Option<RowsBar>,
}

impl Watch for Attended {
    fn look(&self, done: u64, of: u64) -> error::Result<()> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(error::Error::interrupted());
        }
        if let Some(bar) = self.bar.as_ref().filter(|bar| bar.is_due(of)) {
            bar.show(done, of);
        }
        Ok(())
    }
}

/// Runs `work` on another thread.
pub async fn attended<T: Send + 'static>(
    session: &mut Session,
    work: impl FnOnce(&dyn Watch) -> Result<T> + Send + 'static,
) -> Result<T> {
    let stop = StopOnDrop::default();
    let stopped = stop.flag();
    let bar = session.output.has_bar().then(RowsBar::hidden);
    let shown = bar.clone();
    let done = run_blocking(move || {
        let watch = Attended { stopped, bar: shown };
        let mut failed = None;
        let done = threads::run(|| {
            Ok::<_, Error>(match work(&watch) {
                Ok(done) => Some(done),
                Err(failure) => {
                    failed = Some(failure);
                    None
                }
            })
        })?;
        match (done, failed) {
            (_, Some(failure)) => Err(failure),
            (Some(done), None) => Ok(done),
            (None, None) => Err(Error::interrupted().into()),
        }
    });
    let done = session.signals.or(done).await;
    drop(stop);
    if let Some(bar) = bar {
        bar.clear();
    }
    done
}

/// Reads the tables and matches them.
pub async fn matched(
    session: &mut Session,
    tables: &Tables,
    matching: &Matching,
    kept: KeptMatches,
) -> Result<Matches> {
    let (tables, matching) = (tables.clone(), matching.clone());
    let weights = matching.weights()?;
    let (matches, unknown) = attended(session, move |watch| {
        let (left, right) = tables.read(matching.delimiter)?;
        let given = labels::read(&tables, &matching, &left, right.as_ref())?;
        let unknown = given.warning();
        let options = Options {
            top: kept.top,
            one_to_one: kept.one_to_one,
            spanning: kept.spanning,
            labels: given.labels,
            ..matching.options(tables.ids())?
        };
        let groups = matching.groups();
        let matches = if groups.is_empty() {
            pipeline::link(&left, right.as_ref(), &options, watch)
        } else {
            pipeline::match_by_rules(&left, right.as_ref(), &groups, &weights, &options, watch)
        };
        Ok((matches.map_err(Error::from)?, unknown))
    })
    .await?;
    if let Some(unknown) = unknown {
        session.output.note(&format!("note: {unknown}"));
    }
    for warning in &matches.warnings {
        session.output.note(&format!("note: {warning}"));
    }
    Ok(matches)
}
