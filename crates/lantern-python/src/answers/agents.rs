//! Answers to calls about batches.

use pyo3::prelude::*;

use super::macros::answer;
use lantern::{
    api::agents::{BatchAccepted, RunState},
    client::Answered,
};

answer! {
    PyBatchAccepted = "BatchAccepted", value: BatchAccepted,
    {
        run_id: String,
        result_path: String,
        credits_csv_path: Option<String>,
    }
    with credits_remaining
}

answer! {
    PyRunState = "RunState", value: RunState,
    {
        run_id: String,
        status: String,
    }
    with credits_remaining
}
