//! One error for everything that fails in `lantern`.
//!
//! An error has a [kind](ErrorKind), the [facts](Facts) that are known, a description of what
//! happened, an [advice](Advice) and a [source](std::error::Error::source). What happened reads the
//! same for everybody. What to do about it is data, because Rust, Python and the shell have
//! different names for it: see [`Face`]. No code parses the text of such an error, and it is only
//! changed to remove a secret or to prepend a place.

mod advice;
mod convert;
mod face;
mod facts;
mod kind;
pub mod printable;
#[doc(hidden)]
pub mod samples;

use std::{error::Error as StdError, fmt, path::PathBuf, sync::Arc};

pub use self::{
    advice::{Advice, AdviceKind},
    face::{Face, RustFace, known_field, set_face},
    facts::{CallContext, Facts, Setting},
    kind::ErrorKind,
};

pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Arc<dyn StdError + Send + Sync>;

/// An error of `lantern`. Its text says in one sentence what happened, to what, and what to do.
///
/// The text begins in lower case and has no full stop, as is usual in Rust. `Display` is in the
/// words of the process ([`set_face`]), and [`Error::to_text`] in those of any face.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    happened: String,
    facts: Facts,
    advice: Option<Advice>,
    source: Option<Source>,
}

impl Error {
    /// An error of a kind. `happened` says what happened, without advice.
    pub fn new(kind: ErrorKind, happened: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            happened: happened.into(),
            facts: Facts::default(),
            advice: None,
            source: None,
        }))
    }

    pub fn config(happened: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, happened)
    }

    pub fn ledger(happened: impl Into<String>) -> Self {
        Self::new(ErrorKind::Ledger, happened)
    }

    pub fn job(key: impl Into<String>, happened: impl Into<String>) -> Self {
        Self::new(ErrorKind::Job, happened).with_job(key)
    }

    pub fn input(happened: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, happened)
    }

    pub fn results(
        file: impl Into<String>,
        line: Option<u64>,
        happened: impl Into<String>,
    ) -> Self {
        let mut error = Self::new(ErrorKind::Results, happened);
        error.0.facts.file = Some(file.into());
        error.0.facts.line = line;
        error
    }

    pub fn local(happened: impl Into<String>) -> Self {
        Self::new(ErrorKind::Local, happened)
    }

    /// The error for a bug of this crate. Its advice is to report it.
    pub fn internal(happened: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, happened).advise(Advice::ReportBug)
    }

    /// An error about a field of a request that violates the contract.
    pub fn validation(field: impl Into<String>, happened: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Validation, happened);
        error.0.facts.field = Some(field.into());
        error
    }

    /// An error about an invalid argument. Its text begins with the argument's name, as each face
    /// spells it.
    pub fn setting(setting: Setting, happened: impl Into<String>) -> Self {
        let mut error = Self::validation(setting.name(), happened);
        error.0.facts.setting = Some(setting);
        error
    }

    /// The error of a wait that was interrupted (Ctrl-C, a cancelled task).
    pub fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, "interrupted, and the job keeps its state")
            .advise(Advice::ResumeJob { job: None })
    }

    #[must_use]
    pub fn with_call(mut self, call: CallContext) -> Self {
        self.0.facts.call = Some(call);
        self
    }

    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.0.facts.field = Some(field.into());
        self
    }

    /// Seconds until the API takes calls again.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: Option<f64>) -> Self {
        self.0.facts.retry_after = seconds;
        self
    }

    /// Sets the credits that a call needs, and those that are left.
    #[must_use]
    pub fn with_credits(mut self, required: Option<f64>, remaining: Option<f64>) -> Self {
        self.0.facts.required = required;
        self.0.facts.remaining = remaining;
        self
    }

    /// Sets the credits that the call has cost, if its answer says so.
    #[must_use]
    pub fn with_consumed(mut self, consumed: Option<f64>) -> Self {
        self.0.facts.consumed = consumed;
        self
    }

    /// Sets the beginning of an answer that could not be read.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<String>) -> Self {
        self.0.facts.body = Some(body.into());
        self
    }

    #[must_use]
    pub fn with_job(mut self, key: impl Into<String>) -> Self {
        self.0.facts.job = Some(key.into());
        self
    }

    #[must_use]
    pub fn with_batch(mut self, batch: u32) -> Self {
        self.0.facts.batch = Some(batch);
        self
    }

    #[must_use]
    pub fn with_column(mut self, column: impl Into<String>) -> Self {
        self.0.facts.column = Some(column.into());
        self
    }

    /// The row, counted from 0.
    #[must_use]
    pub fn with_row(mut self, row: u64) -> Self {
        self.0.facts.row = Some(row);
        self
    }

    #[must_use]
    pub fn with_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.facts.path = Some(path.into());
        self
    }

    /// Sets whether the failure is temporary, so that trying again may help.
    #[must_use]
    pub fn that_passes(mut self, passing: bool) -> Self {
        self.0.facts.passing = passing;
        self
    }

    /// Sets what to do about it.
    #[must_use]
    pub fn advise(mut self, advice: Advice) -> Self {
        self.0.advice = Some(advice);
        self
    }

    /// Sets what to do about it, in words that read the same on every face.
    #[must_use]
    pub fn hint(self, text: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        self.advise(Advice::text(text))
    }

    /// Sets the error that caused this one, for the chain of sources. Its text must not contain a
    /// secret.
    #[must_use]
    pub fn caused_by(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Removes a secret from the message and the facts, since an answer or a cause may quote what
    /// was sent.
    #[must_use]
    pub fn redacted(mut self, secret: &str) -> Self {
        // Anything shorter would be found in ordinary words.
        if secret.len() < SHORTEST_SECRET {
            return self;
        }
        self.0.happened = self.0.happened.replace(secret, "***");
        let facts = &mut self.0.facts;
        let call = facts.call.as_mut();
        let [request_id, run_id] =
            call.map_or([None, None], |call| [call.request_id.as_mut(), call.run_id.as_mut()]);
        for text in
            [request_id, run_id, facts.field.as_mut(), facts.body.as_mut()].into_iter().flatten()
        {
            *text = text.replace(secret, "***");
        }
        if let Some(Advice::Text(text)) = &mut self.0.advice {
            *text = text.replace(secret, "***").into();
        }
        self.0.source = self.0.source.and_then(|source| match source.downcast_ref::<Self>() {
            Some(own) => Some(Arc::new(own.clone().redacted(secret)) as Source),
            None => Some(source).filter(|source| !quotes(source.as_ref(), secret)),
        });
        self
    }

    /// Prepends a place to the message: `people.csv: ...`.
    #[must_use]
    pub fn within(mut self, place: impl fmt::Display) -> Self {
        self.0.happened = format!("{place}: {}", self.0.happened);
        self
    }

    /// Changes the kind, for callers who know more about what the error means.
    #[must_use]
    pub fn into_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether it is of this kind.
    pub fn is(&self, kind: ErrorKind) -> bool {
        self.0.kind == kind
    }

    pub fn facts(&self) -> &Facts {
        &self.0.facts
    }

    /// What to do about it, if there is advice.
    pub fn advice(&self) -> Option<&Advice> {
        self.0.advice.as_ref()
    }

    /// What happened, without the call and without advice.
    pub fn happened(&self) -> &str {
        &self.0.happened
    }

    /// Facts about the call, if the error belongs to one.
    pub fn call(&self) -> Option<&CallContext> {
        self.0.facts.call.as_ref()
    }

    /// The [`Error`] that caused this one, if there is one.
    pub fn cause(&self) -> Option<&Self> {
        self.source()?.downcast_ref()
    }

    /// The whole sentence for one face.
    pub fn to_text(&self, face: &dyn Face) -> String {
        let mut text = self.without_advice(face);
        if let Some(advice) = &self.0.advice {
            text.push_str("; ");
            text.push_str(&printable::clean(&face.advice(advice)));
        }
        text
    }

    /// What happened and to what, without advice. It is for messages that are stored, because
    /// another face may read them later.
    pub fn without_advice(&self, face: &dyn Face) -> String {
        let mut text = String::new();
        if let Some(call) = &self.0.facts.call {
            text = format!("{call}: ");
        }
        if let Some(setting) = self.0.facts.setting {
            text.push_str(&face.setting(setting));
            text.push(' ');
        }
        text.push_str(&self.0.happened);
        printable::clean(&text)
    }
}

/// Minimum length of a text that is taken for a secret.
const SHORTEST_SECRET: usize = 8;

/// Whether an error or one of its sources contains a text.
fn quotes(error: &(dyn StdError + 'static), text: &str) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.to_string().contains(text) || format!("{error:?}").contains(text) {
            return true;
        }
        next = error.source();
    }
    false
}

/// Writes the whole sentence in the words of the process; see [`set_face`].
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(face::of_process()))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = self.0.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_out_of_the_text_and_of_its_causes() {
        let secret = "key-1234567";
        let own = Error::new(ErrorKind::Server, format!("it said Bearer {secret}"));
        let foreign = std::io::Error::other(format!("sent {secret}"));
        let error = Error::new(ErrorKind::OutcomeUnknown, format!("it said {secret}"))
            .hint(format!("send {secret} again"))
            .caused_by(own.caused_by(foreign))
            .redacted(secret);
        assert!(!format!("{error:?}").contains(secret), "{error:?}");
        assert!(error.to_string().contains("it said ***"), "{error}");
        assert!(error.cause().is_some_and(|cause| cause.source().is_none()));
    }

    #[test]
    fn what_happened_is_told_without_advice_where_another_face_may_read_it() {
        let error = samples::error(ErrorKind::OutcomeUnknown);
        let kept = error.without_advice(&RustFace);
        assert!(kept.contains("may have arrived") && !kept.contains("Job::"), "{kept}");
        assert!(error.to_string().starts_with(&kept));
    }
}
