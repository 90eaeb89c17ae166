//! Workflows: steps that a record goes through, read from a file.
//!
//! What happens here happens in one transaction; what is pushed elsewhere is written down in it
//! and sent afterwards, again and again until it arrives or is given up as a dead letter.

mod audit;
mod file;
mod push;
mod redact;
mod run;

pub(super) use audit::{replay, runs};
pub(super) use file::{Retry, Workflows};
pub(super) use push::{Pushes, run as push};
pub(super) use run::trigger;

pub(super) use audit::{Ended, write as write_audit};
