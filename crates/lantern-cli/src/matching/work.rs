//! Matches on a thread of its own, with a progress bar, until it has finished or a signal arrives.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    super::{Session, failure::Result},
    arguments::{Kept, Matching, Tables},
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

/// How long matching takes before a progress bar is shown.
const SOON: std::time::Duration = std::time::Duration::from_secs(1);

/// Shows the progress of the work, and stops it when the command gives up.
struct Attended {
    stopped: Arc<AtomicBool>,
    bar: Option<ProgressBar>,
    begun: std::time::Instant,
}

impl Watch for Attended {
    fn look(&self, done: u64, of: u64) -> error::Result<()> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(error::Error::interrupted());
        }
        if let Some(bar) = self.bar.as_ref().filter(|_| of > 1 && self.begun.elapsed() > SOON) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.set_length(of);
            bar.set_position(done);
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
    let bar = session.output.has_bar().then(|| {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let style =
            ProgressStyle::with_template("matching {wide_bar} {human_pos}/{human_len} rows");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar
    });
    let shown = bar.clone();
    let done = run_blocking(move || {
        let watch = Attended { stopped, bar: shown, begun: std::time::Instant::now() };
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
        bar.finish_and_clear();
    }
    done
}

/// Reads the tables and matches them.
pub async fn matched(
    session: &mut Session,
    tables: &Tables,
    matching: &Matching,
    kept: Kept,
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
