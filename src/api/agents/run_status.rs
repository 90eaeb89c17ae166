//! The status of a run: `GET /v1/agents/runs/{run_id}/status`.

use std::borrow::Cow;

use http::Method;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::api::{Call, Effect, Invalid, LimitClass, check, lenient::answer};

/// `GET /v1/agents/runs/{run_id}/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStatus {
    /// Part of the path, not of the query.
    #[serde(skip)]
    pub run_id: String,
}

impl Call for RunStatus {
    type Response = RunState;
    const METHOD: Method = Method::GET;
    const CLASS: LimitClass = LimitClass::Sync;
    const EFFECT: Effect = Effect::Read;

    fn path(&self) -> String {
        format!("/v1/agents/runs/{}/status", check::path_part(&self.run_id))
    }

    fn check(&self) -> Result<(), Invalid> {
        check::name_in_path("run_id", &self.run_id)
    }
}

answer! {
    /// The status of a run.
    pub struct RunState {
        pub run_id: String,
        /// `queued`, `completed` or `failed`. Any other status means that the run is still in
        /// progress.
        pub status: String,
    }
}

/// What a run's status means for somebody who waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunPhase {
    Running,
    Completed,
    Failed,
}

/// A run's id without what servers change about it: spaces, escapes, and the case of a UUID.
fn plain(run_id: &str) -> String {
    let text = percent_decode_str(run_id.trim()).decode_utf8_lossy();
    let text = text.trim();
    Uuid::try_parse(text).map_or_else(|_| text.to_owned(), |uuid| uuid.hyphenated().to_string())
}

impl RunState {
    /// Whether the answer is about this run, in that it names no other one.
    pub fn is_of(&self, run_id: &str) -> bool {
        self.run_id.trim().is_empty() || plain(&self.run_id) == plain(run_id)
    }

    /// The status as the API sent it, for people: a value that is no text as JSON, and all other
    /// fields if there is no status.
    pub fn told(&self) -> Cow<'_, str> {
        if !self.status.trim().is_empty() {
            return Cow::Borrowed(&self.status);
        }
        match self.extra.get("status") {
            Some(value) => Cow::Owned(value.to_string()),
            None if self.extra.is_empty() => Cow::Borrowed("without a status"),
            None => {
                let fields = Value::Object(self.extra.clone());
                Cow::Owned(format!("without a status: {fields}"))
            }
        }
    }

    /// What `status` means. The contract names three statuses; synonyms are recognized too, in any
    /// case and with any separator between words. An unknown status counts as running.
    pub fn phase(&self) -> RunPhase {
        self.known_phase().unwrap_or(RunPhase::Running)
    }

    /// Like [`RunState::phase`], but `None` for an unknown status.
    pub fn known_phase(&self) -> Option<RunPhase> {
        let word: String = self
            .status
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        Some(match word.as_str() {
            "completed" | "complete" | "succeeded" | "succeed" | "success" | "successful"
            | "done" | "finished" | "ok" | "ready" => RunPhase::Completed,
            "failed" | "fail" | "failure" | "error" | "errored" | "cancelled" | "canceled"
            | "aborted" | "expired" | "timedout" | "timeout" | "rejected" | "terminated"
            | "killed" | "deleted" => RunPhase::Failed,
            "queued" | "pending" | "running" | "inprogress" | "processing" | "started"
            | "starting" | "created" | "submitted" | "accepted" | "scheduled" | "waiting"
            | "working" | "active" | "enqueued" | "initializing" | "preparing" | "retrying"
            | "new" => RunPhase::Running,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_status_are_understood_in_other_spellings() {
        let phase = |status: &str| {
            let state: RunState =
                serde_json::from_value(serde_json::json!({"status": status})).unwrap();
            state.known_phase()
        };
        for word in ["completed", "Completed", " COMPLETE ", "succeeded", "Done", "SUCCESS"] {
            assert_eq!(phase(word), Some(RunPhase::Completed), "{word}");
        }
        for word in
            ["failed", "Cancelled", "canceled", "error", "expired", "TIMED_OUT", "timed-out"]
        {
            assert_eq!(phase(word), Some(RunPhase::Failed), "{word}");
        }
        for word in ["queued", "IN_PROGRESS", "in progress", "Pending"] {
            assert_eq!(phase(word), Some(RunPhase::Running), "{word}");
        }
        for word in ["warming_up", "", "partially completed", "paused"] {
            assert_eq!(phase(word), None, "{word}");
        }
    }

    #[test]
    fn a_status_that_is_missing_or_odd_is_told_as_it_came() {
        let told = |body: serde_json::Value| {
            serde_json::from_value::<RunState>(body).unwrap().told().into_owned()
        };
        assert_eq!(told(serde_json::json!({"run_id": "r", "status": "partial"})), "partial");
        assert_eq!(told(serde_json::json!({"status": ["completed"]})), r#"["completed"]"#);
        assert_eq!(told(serde_json::json!({"status": {"state": 1}})), r#"{"state":1}"#);
        assert_eq!(told(serde_json::json!({"run_id": "r"})), "without a status");
        let nested = serde_json::json!({"data": {"status": "completed"}});
        assert_eq!(told(nested), r#"without a status: {"data":{"status":"completed"}}"#);
    }

    #[test]
    fn an_answer_is_of_the_run_that_it_names_in_any_spelling() {
        let is_of = |named: serde_json::Value, run_id: &str| {
            let body = serde_json::json!({"run_id": named, "status": "failed"});
            serde_json::from_value::<RunState>(body).unwrap().is_of(run_id)
        };
        let uuid = "7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0a11";
        for (named, run_id) in [
            (uuid.to_uppercase().into(), uuid),
            (format!(" {uuid} ").into(), uuid),
            (4711.into(), "4711"),
            ("batch%2F7".into(), "batch/7"),
            (serde_json::Value::Null, "r-1"),
            ("".into(), "r-1"),
        ] {
            assert!(is_of(named, run_id), "{run_id}");
        }
        for (named, run_id) in [("other", uuid), ("R-1", "r-1"), ("r-10", "r-1")] {
            assert!(!is_of(named.into(), run_id), "{named}");
        }
    }

    #[test]
    fn unknown_fields_are_kept_and_unknown_states_are_running() {
        let state: RunState =
            serde_json::from_str(r#"{"run_id": "x", "status": "warming_up", "eta": 5}"#).unwrap();
        assert_eq!(state.phase(), RunPhase::Running);
        assert_eq!(state.extra["eta"], 5);
    }
}
