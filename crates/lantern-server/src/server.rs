//! A running server: its addresses, its data, and how it is stopped.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use arrow::array::RecordBatch;
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::{
    runtime::Handle,
    sync::{oneshot, watch},
};
use tokio_util::sync::CancellationToken;

use crate::{
    FaultRule, ServerConfig,
    http::{Parts, s3},
    startup::{Started, StartingServer},
    tenant::Tenant,
};
use lantern::error::{Error, Result};

/// A running server. It stops when it is dropped.
///
/// It runs on threads of its own, so code that is not async can hold it, and it still answers the
/// calls of a blocked caller. In a forked child it is only an address: the server itself continues
/// in the parent, and dropping the child's copy stops nothing.
pub struct LocalServer {
    /// The tenants, at least one.
    tenants: Arc<[Tenant]>,
    key: String,
    api: SocketAddr,
    storage: SocketAddr,
    /// The process whose threads serve.
    process: u32,
    stop: CancellationToken,
    abort: CancellationToken,
    ended: watch::Receiver<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
    runtime: Handle,
    /// The temporary data folder, which is removed together with the server.
    temporary: Option<TempDir>,
    data: PathBuf,
}

impl LocalServer {
    /// Starts a server, and returns once it accepts connections.
    ///
    /// # Errors
    /// If a setting is invalid, a directory cannot be read, a port is in use, or the data folder
    /// cannot be written or belongs to another running server.
    pub async fn start(config: ServerConfig) -> Result<Self> {
        let (tell, told) = oneshot::channel();
        let launched = StartingServer::new(config, move |started| drop(tell.send(started)))?;
        Self::of(launched, told.await.ok())
    }

    /// Like [`LocalServer::start`], for callers that are not async.
    ///
    /// # Errors
    /// As for [`LocalServer::start`].
    pub fn start_blocking(config: ServerConfig) -> Result<Self> {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let launched = StartingServer::new(config, move |started| drop(tell.send(started)))?;
        Self::of(launched, told.recv().ok())
    }

    fn of(launched: StartingServer, started: Option<Result<Started>>) -> Result<Self> {
        let started = started
            .unwrap_or_else(|| Err(Error::local("the server ended while it was starting")))?;
        Ok(Self {
            tenants: started.tenants,
            key: started.key,
            api: started.api,
            storage: started.storage,
            process: std::process::id(),
            stop: launched.stop.disarm(),
            abort: launched.abort,
            ended: launched.ended,
            thread: Mutex::new(Some(launched.thread)),
            runtime: started.runtime,
            temporary: launched.temporary,
            data: launched.data,
        })
    }

    /// The parts of the first tenant.
    fn parts(&self) -> &Parts {
        &self.tenants[0].parts
    }

    /// The base URL of the API.
    pub fn url(&self) -> String {
        format!("http://{}", reachable(self.api))
    }

    /// The data folder, which is a temporary one if none was given.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The API key that calls must carry: the one that was given, or else a random one.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Settings by which S3 clients read results, with the names that object_store, obstore and
    /// Polars use.
    pub fn storage_options(&self) -> BTreeMap<String, String> {
        self.storage_options_of(&self.tenants[0])
    }

    /// Like [`LocalServer::storage_options`], for the tenant with this key.
    pub fn storage_options_by(&self, key: &str) -> Option<BTreeMap<String, String>> {
        let tenant = self.tenants.iter().find(|tenant| tenant.parts.access.key.is(key))?;
        Some(self.storage_options_of(tenant))
    }

    fn storage_options_of(&self, tenant: &Tenant) -> BTreeMap<String, String> {
        let keys = &tenant.storage_keys;
        [
            ("aws_endpoint_url", format!("http://{}", reachable(self.storage))),
            ("aws_access_key_id", keys.access_key.clone()),
            ("aws_secret_access_key", keys.secret_key.clone()),
            ("aws_region", s3::REGION.to_owned()),
            ("aws_allow_http", "true".to_owned()),
            ("aws_virtual_hosted_style_request", "false".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// The people that can be looked up.
    pub fn people(&self) -> RecordBatch {
        self.parts().directory.people().batch().clone()
    }

    /// The companies that can be looked up.
    pub fn companies(&self) -> RecordBatch {
        self.parts().directory.companies().batch().clone()
    }

    /// One row per run, in the order in which they were received: `run_id`, `kind`, `entity_type`,
    /// `ids` (their number), `max_credits`, `credits`, `status`, `error`, `idempotency_key`,
    /// `result_path`, `credits_csv_path`, `received_at`, `finished_at`. Blocks for a short time.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn runs(&self) -> Result<RecordBatch> {
        let batches = &self.parts().batches;
        let found = batches.runs().map_err(|error| Error::local(error.to_string()))?;
        batches.table(&found).map_err(|error| Error::local(format!("no table of runs: {error}")))
    }

    /// All records of one kind in the CRM (`accounts`, `contacts`, `leads`, `opportunities`,
    /// `users`, `tasks` or `notes`): `id`, the fields, `created_at` and `modified_at`. Blocks for a
    /// short time.
    ///
    /// # Errors
    /// If the kind is unknown, or the state cannot be read.
    pub fn crm(&self, objects: &str) -> Result<RecordBatch> {
        self.parts().crm.table(objects)
    }

    /// Creates a record in the CRM, as one of its users would, and returns it with its id. Blocks
    /// for a short time.
    ///
    /// # Errors
    /// If the kind is unknown, or does not have one of the fields.
    pub fn crm_add(
        &self,
        objects: &str,
        fields: &Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        self.parts().crm.add(objects, fields)
    }

    /// Changes a record in the CRM, as one of its users would, and returns it. The poll will notice
    /// the change. Blocks for a short time.
    ///
    /// # Errors
    /// If there is no such record, or its kind does not have one of the fields.
    pub fn crm_set(&self, id: &str, fields: &Map<String, Value>) -> Result<Map<String, Value>> {
        self.parts().crm.set(id, fields)
    }

    /// The credits that the tenant has used.
    pub fn credits_used(&self) -> f64 {
        self.parts().billing.account.used() as f64
    }

    /// Replaces the fault rules of every tenant. Matching requests are counted anew, by tenant.
    pub fn set_faults(&self, rules: Vec<FaultRule>) {
        for tenant in &*self.tenants {
            tenant.parts.faults.set(rules.clone());
        }
    }

    /// Adds a fault rule after the existing ones, for every tenant.
    pub fn add_fault(&self, rule: FaultRule) {
        for tenant in &*self.tenants {
            tenant.parts.faults.add(rule.clone());
        }
    }

    /// Waits until no run is queued any more, or the server has stopped.
    pub async fn idle(&self) {
        let mut queued = self.parts().batches.queued();
        let mut ended = self.ended.clone();
        tokio::select! {
            _ = queued.wait_for(|queued| *queued == 0) => {}
            _ = ended.wait_for(|ended| *ended) => {}
        }
    }

    /// Lets requests in progress and the current batch finish, and stops. Queued batches are kept
    /// in the data folder. Stopping again has no effect.
    pub async fn stop(&self) {
        self.stop.cancel();
        let mut ended = self.ended.clone();
        // An error means that the thread has ended, which is what this waits for.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Like [`LocalServer::stop`], for callers that are not async.
    pub fn stop_blocking(&self) {
        self.stop.cancel();
        self.join();
    }

    /// Waits for the first Ctrl-C or SIGTERM, or until the server has stopped.
    ///
    /// # Errors
    /// If signals cannot be handled.
    pub async fn wait_for_signal(&self) -> Result<()> {
        let deaf = |error| Error::local(format!("signals cannot be listened for: {error}"));
        let mut ended = self.ended.clone();
        if *ended.borrow() {
            return Ok(());
        }
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
            let mut interrupt = signal(SignalKind::interrupt()).map_err(deaf)?;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = ended.wait_for(|ended| *ended) => {}
            }
        }
        #[cfg(not(unix))]
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.map_err(deaf)?,
            _ = ended.wait_for(|ended| *ended) => {}
        }
        Ok(())
    }

    /// Like [`LocalServer::wait_for_signal`], for callers that are not async.
    ///
    /// # Errors
    /// As for [`LocalServer::wait_for_signal`].
    pub fn wait_for_signal_blocking(&self) -> Result<()> {
        self.runtime.block_on(self.wait_for_signal())
    }

    fn join(&self) {
        if self.process != std::process::id() {
            return;
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // The threads and the folder belong to the parent; a child cannot even detach the
            // thread.
            let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
            std::mem::forget(thread);
            if let Some(temporary) = self.temporary.take() {
                let _ = temporary.keep();
            }
            return;
        }
        self.stop.cancel();
        // Requests in progress are aborted, because one of them may be waiting for the thread that
        // drops this.
        self.abort.cancel();
        self.join();
    }
}

impl std::fmt::Debug for LocalServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalServer").field("url", &self.url()).finish_non_exhaustive()
    }
}

/// The address at which this machine can reach a listener.
fn reachable(at: SocketAddr) -> SocketAddr {
    let ip = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, at.port())
}
