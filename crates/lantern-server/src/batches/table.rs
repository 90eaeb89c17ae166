//! Runs as a table.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray},
    datatypes::{Field, Schema},
    error::ArrowError,
};
use chrono::{DateTime, Utc};

use super::{
    Run,
    files::{Files, Named},
};

/// One row per run, in the order in which they were received.
pub(super) fn table(runs: &[Run], files: &Files) -> Result<RecordBatch, ArrowError> {
    let places: Vec<_> = runs
        .iter()
        .map(|run| {
            Some(files.addresses(&Named {
                run_id: run.run_id.parse().ok()?,
                kind: run.kind.parse().ok()?,
                entity_type: run.entity_type.parse().ok()?,
                day: run.received_at.date_naive(),
            }))
        })
        .collect();
    let result_paths: StringArray =
        places.iter().map(|place| place.as_ref().map(|(result, _)| result)).collect();
    let credits_paths: StringArray =
        places.iter().map(|place| place.as_ref().map(|(_, credits)| credits)).collect();
    let text = |get: fn(&Run) -> Option<&str>| -> ArrayRef {
        Arc::new(runs.iter().map(get).collect::<StringArray>())
    };
    let number = |get: fn(&Run) -> i64| -> ArrayRef {
        Arc::new(runs.iter().map(get).collect::<Int64Array>())
    };
    let time = |get: fn(&Run) -> Option<DateTime<Utc>>| -> ArrayRef {
        let micros = runs.iter().map(|run| get(run).map(|time| time.timestamp_micros()));
        Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
    };
    let columns = [
        ("run_id", false, text(|run| Some(&run.run_id))),
        ("kind", false, text(|run| Some(&run.kind))),
        ("entity_type", false, text(|run| Some(&run.entity_type))),
        ("ids", false, number(|run| run.ids)),
        ("max_credits", false, number(|run| run.max_credits)),
        ("credits", false, number(|run| run.credits)),
        ("status", false, text(|run| Some(&run.status))),
        ("error", true, text(|run| run.error.as_deref())),
        ("idempotency_key", true, text(|run| run.idempotency_key.as_deref())),
        ("result_path", true, Arc::new(result_paths) as ArrayRef),
        ("credits_csv_path", true, Arc::new(credits_paths)),
        ("received_at", false, time(|run| Some(run.received_at))),
        ("finished_at", true, time(|run| run.finished_at)),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, nullable, column)| Field::new(*name, column.data_type().clone(), *nullable))
        .collect();
    let columns = columns.into_iter().map(|(_, _, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
