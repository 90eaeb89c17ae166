//! Answers to calls about credits.

use pyo3::prelude::*;

use super::macros::answer;
use lantern::{
    api::credits::{Remaining, Usage},
    client::Answered,
};

answer! {
    PyUsage = "Usage", value: Usage,
    {
        credits_used: f64 = value.credits_used,
        tenant_id: Option<i64> = value.tenant_id,
        start_date: Option<String>,
        end_date: Option<String>,
    }
    with credits_remaining
}

answer! {
    PyRemaining = "Remaining", value: Remaining,
    {
        remaining_credits: f64 = value.remaining_credits,
        total_credits: Option<f64> = value.total_credits,
        tenant_id: Option<i64> = value.tenant_id,
    }
    with credits_remaining
}
