//! Workflows and forms: the steps that a record goes through, and pushes to other systems.
//!
//! The steps of a record are one transaction. Its pushes are recorded in that transaction and sent
//! afterwards, with retries, until they arrive or become dead letters.

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
    /// Reads the file of workflows. Pushes are signed with `key`.
    ///
    /// # Errors
    /// If the file is invalid, or the webhook for forms is not a URL.
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
