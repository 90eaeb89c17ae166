//! Passes tracing events to Python's `logging`.
//!
//! Threads of the runtime must not wait for the interpreter lock. So an event is only queued where
//! it occurs, and passed to `logging` by the next call of `lantern` that holds the lock.

use std::{
    collections::VecDeque,
    fmt::{self, Write as _},
    sync::{Mutex, PoisonError},
};

use pyo3::{exceptions::PyException, prelude::*, types::PyDict};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// Maximum number of queued events; beyond it the oldest are dropped.
const MOST: usize = 10_000;

struct Record {
    level: Level,
    target: &'static str,
    message: String,
}

static RECORDS: Mutex<VecDeque<Record>> = Mutex::new(VecDeque::new());

/// Queues the events of `lantern` for Python.
pub struct ForPython;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ForPython {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let meta = event.metadata();
        if !meta.target().starts_with("lantern") || *meta.level() > Level::DEBUG {
            return;
        }
        let mut text = Text::default();
        event.record(&mut text);
        let mut message = text.message;
        message.push_str(&text.fields);
        if let Some(span) = context.event_span(event) {
            let _ = write!(message, " [{}", span.name());
            if let Some(fields) = span.extensions().get::<SpanFields>() {
                message.push_str(&fields.0);
            }
            message.push(']');
        }
        let record = Record { level: *meta.level(), target: meta.target(), message };
        // Tries only for a limited time: in a forked child, a thread that no longer exists may hold
        // the lock.
        for _ in 0..10_000 {
            if let Ok(mut records) = RECORDS.try_lock() {
                if records.len() == MOST {
                    records.pop_front();
                }
                records.push_back(record);
                return;
            }
            std::hint::spin_loop();
        }
    }

    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        id: &tracing::span::Id,
        context: Context<'_, S>,
    ) {
        if let Some(span) = context.span(id) {
            let mut text = Text::default();
            attributes.record(&mut text);
            span.extensions_mut().insert(SpanFields(text.fields));
        }
    }
}

struct SpanFields(String);

#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.fields, " {}={value:?}", field.name())
        };
    }
}

/// Passes queued events to `logging`, to loggers named `lantern.client`, `lantern.jobs` and so on.
///
/// # Errors
/// If Ctrl-C was pressed while Python was logging. Every other failure is ignored, because logging
/// must not make a call fail.
pub fn hand_over(py: Python<'_>) -> PyResult<()> {
    let records = match RECORDS.try_lock() {
        Ok(mut records) if !records.is_empty() => std::mem::take(&mut *records),
        Ok(_) => return Ok(()),
        Err(std::sync::TryLockError::Poisoned(poisoned)) => {
            std::mem::take(&mut *PoisonError::into_inner(poisoned))
        }
        Err(std::sync::TryLockError::WouldBlock) => return Ok(()),
    };
    match log(py, records) {
        Err(error) if error.is_instance_of::<PyException>(py) => {
            error.write_unraisable(py, None);
            Ok(())
        }
        done => done,
    }
}

fn log(py: Python<'_>, records: VecDeque<Record>) -> PyResult<()> {
    let logging = py.import("logging")?;
    let loggers = PyDict::new(py);
    for record in records {
        let name = record.target.replace("::", ".");
        let logger = match loggers.get_item(&name)? {
            Some(logger) => logger,
            None => {
                let logger = logging.call_method1("getLogger", (&name,))?;
                loggers.set_item(&name, &logger)?;
                logger
            }
        };
        let level = match record.level {
            Level::ERROR => 40,
            Level::WARN => 30,
            Level::INFO => 20,
            _ => 10,
        };
        if logger.call_method1("isEnabledFor", (level,))?.is_truthy()? {
            logger.call_method1("log", (level, "%s", record.message))?;
        }
    }
    Ok(())
}
