//! Workflows and forms: steps that a record goes through, and what is pushed elsewhere afterwards.
//!
//! The steps of a record are one transaction. What is to be pushed is written down in it and sent
//! afterwards, with retries, until it arrives or becomes a dead letter.

mod audit;
mod definitions;
pub(crate) mod forms;
mod redaction;
mod replay;
mod run;
mod webhooks;

use std::{path::Path, sync::Arc};

use definitions::Definitions;
pub(crate) use replay::replay;
pub(crate) use run::trigger;
use webhooks::Webhooks;
pub(crate) use webhooks::run as push;

use crate::crm::Crm;
use lantern::error::Result;

/// The workflows of one tenant.
pub(crate) struct Workflows {
    pub crm: Arc<Crm>,
    definitions: Definitions,
    webhooks: Webhooks,
}

impl Workflows {
    /// Reads the file of workflows; pushes are signed with `key`.
    ///
    /// # Errors
    /// If the file is invalid, or the webhook of forms is not a URL.
    pub fn new(
        crm: Arc<Crm>,
        file: Option<&Path>,
        key: &str,
        webhook: Option<&str>,
    ) -> Result<Self> {
        Ok(Self {
            crm,
            definitions: Definitions::read(file)?,
            webhooks: Webhooks::new(key, webhook)?,
        })
    }
}
