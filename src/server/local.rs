//! Starting, asking and stopping a server.

use std::{
    collections::BTreeMap,
    fs::File,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use arrow::array::RecordBatch;
use axum::extract::Request;
use hyper_util::service::TowerToHyperService;
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Handle},
    sync::{Notify, oneshot, watch},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    DEFAULT_KEY, FaultRule, ServerConfig,
    account::Account,
    directory::Directory,
    faults::Faults,
    gate::Key,
    limits::RateLimiter,
    listen,
    objects::{self, KeyPair, Objects},
    routes, runs,
    shared::Shared,
    store::Store,
    worker,
};
use crate::error::{Error, Result};

/// A running server. It stops when it is dropped.
///
/// It runs on threads of its own, so it can be held by code that is not async, and the calls of a
/// blocked caller are still answered. In a forked child it is only an address: the server itself
/// lives on in the parent, and dropping the child's copy stops nothing.
pub struct LocalServer {
    shared: Arc<Shared>,
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
    /// Removed when the server is gone.
    temporary: Option<TempDir>,
}

/// What the serving thread tells once it listens.
struct Started {
    shared: Arc<Shared>,
    api: SocketAddr,
    storage: SocketAddr,
    runtime: Handle,
}

impl LocalServer {
    /// Starts a server and returns once it listens.
    ///
    /// # Errors
    /// A setting that cannot be used, a directory that cannot be read, a port that is taken, a
    /// data folder that cannot be written or belongs to another running server.
    pub async fn start(config: ServerConfig) -> Result<Self> {
        let (tell, told) = oneshot::channel();
        let launched = Launched::new(config, move |started| drop(tell.send(started)))?;
        launched.finish(told.await.ok())
    }

    /// [`LocalServer::start`] for callers that are not async.
    ///
    /// # Errors
    /// As [`LocalServer::start`].
    pub fn start_blocking(config: ServerConfig) -> Result<Self> {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let launched = Launched::new(config, move |started| drop(tell.send(started)))?;
        launched.finish(told.recv().ok())
    }

    /// The base URL of the API.
    pub fn url(&self) -> String {
        format!("http://{}", reachable(self.api))
    }

    /// The API key that calls must carry.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What S3 clients need to read results, in the spelling of object_store, obstore and Polars.
    pub fn storage_options(&self) -> BTreeMap<String, String> {
        let keys = &self.shared.storage_keys;
        [
            ("aws_endpoint_url", format!("http://{}", reachable(self.storage))),
            ("aws_access_key_id", keys.access_key.clone()),
            ("aws_secret_access_key", keys.secret_key.clone()),
            ("aws_region", objects::REGION.to_owned()),
            ("aws_allow_http", "true".to_owned()),
            ("aws_virtual_hosted_style_request", "false".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// The people that can be looked up.
    pub fn people(&self) -> RecordBatch {
        self.shared.directory.people().batch().clone()
    }

    /// The companies that can be looked up.
    pub fn companies(&self) -> RecordBatch {
        self.shared.directory.companies().batch().clone()
    }

    /// One row per run, in the order in which they came: `run_id`, `kind`, `ids` (how many),
    /// `max_credits`, `credits`, `status`, `error`, `idempotency_key`, `received_at`,
    /// `finished_at`. Blocks for a short time.
    ///
    /// # Errors
    /// State that cannot be read.
    pub fn runs(&self) -> Result<RecordBatch> {
        let found = self.shared.store.runs().map_err(|error| Error::local(error.to_string()))?;
        runs::table(&found).map_err(|error| Error::local(format!("no table of runs: {error}")))
    }

    /// The credits that the tenant has used.
    pub fn credits_used(&self) -> f64 {
        self.shared.account.used() as f64
    }

    /// Replaces all fault rules, and counts anew.
    pub fn set_faults(&self, rules: Vec<FaultRule>) {
        self.shared.faults.set(rules);
    }

    /// Adds a fault rule after the others.
    pub fn add_fault(&self, rule: FaultRule) {
        self.shared.faults.add(rule);
    }

    /// Returns when no run is queued any more, or the server has stopped.
    pub async fn idle(&self) {
        let mut queued = self.shared.queued.subscribe();
        let mut ended = self.ended.clone();
        tokio::select! {
            _ = queued.wait_for(|queued| *queued == 0) => {}
            _ = ended.wait_for(|ended| *ended) => {}
        }
    }

    /// Lets running requests and the batch in hand finish, and stops. What is queued stays queued
    /// in the data folder. Stopping twice is stopping once.
    pub async fn stop(&self) {
        self.stop.cancel();
        let mut ended = self.ended.clone();
        // An error means that the thread is gone, which is what is waited for.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// [`LocalServer::stop`] for callers that are not async.
    pub fn stop_blocking(&self) {
        self.stop.cancel();
        self.join();
    }

    /// Returns at the first Ctrl-C or SIGTERM, or when the server has stopped.
    ///
    /// # Errors
    /// Signals that cannot be listened for.
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

    /// [`LocalServer::wait_for_signal`] for callers that are not async.
    ///
    /// # Errors
    /// As [`LocalServer::wait_for_signal`].
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
            // The threads and the folder are the parent's; its thread cannot even be detached here.
            let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
            std::mem::forget(thread);
            if let Some(temporary) = self.temporary.take() {
                let _ = temporary.keep();
            }
            return;
        }
        self.stop.cancel();
        // Whoever drops may be the one that a running request waits for.
        self.abort.cancel();
        self.join();
    }
}

impl std::fmt::Debug for LocalServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalServer").field("url", &self.url()).finish_non_exhaustive()
    }
}

/// A serving thread that has not told yet whether it listens.
struct Launched {
    key: String,
    /// Stops the thread if nobody waits for it any more.
    stop: DropGuard,
    abort: CancellationToken,
    ended: watch::Receiver<bool>,
    thread: JoinHandle<()>,
    temporary: Option<TempDir>,
}

impl Launched {
    fn new(
        config: ServerConfig,
        tell: impl FnOnce(Result<Started>) + Send + 'static,
    ) -> Result<Self> {
        let key = config.key.clone().unwrap_or_else(|| DEFAULT_KEY.to_owned());
        if key.trim().is_empty() {
            return Err(Error::config(
                "the server's key is empty; give one, or none for the default",
            ));
        }
        if !(config.credits.is_finite() && config.credits >= 0.0) {
            return Err(Error::config(format!(
                "credits is {}; give a number of at least 0",
                config.credits
            )));
        }
        let (temporary, data) = match &config.data {
            Some(data) => (None, data.clone()),
            None => {
                let folder =
                    tempfile::Builder::new().prefix("lantern-").tempdir().map_err(|error| {
                        Error::local(format!("no temporary folder can be made: {error}"))
                    })?;
                let path = folder.path().to_owned();
                (Some(folder), path)
            }
        };
        let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
        let (end, ended) = watch::channel(false);
        let tokens = (stop.clone(), abort.clone());
        let own_key = key.clone();
        let thread = std::thread::Builder::new()
            .name("lantern-server".to_owned())
            .spawn(move || {
                serve(&config, &own_key, &data, tokens, tell);
                // Nobody may be listening any more.
                let _ = end.send(true);
            })
            .map_err(|error| Error::local(format!("no thread can be started: {error}")))?;
        Ok(Self { key, stop: stop.drop_guard(), abort, ended, thread, temporary })
    }

    fn finish(self, started: Option<Result<Started>>) -> Result<LocalServer> {
        let started = started
            .unwrap_or_else(|| Err(Error::local("the server broke off while it was starting")))?;
        Ok(LocalServer {
            shared: started.shared,
            key: self.key,
            api: started.api,
            storage: started.storage,
            process: std::process::id(),
            stop: self.stop.disarm(),
            abort: self.abort,
            ended: self.ended,
            thread: Mutex::new(Some(self.thread)),
            runtime: started.runtime,
            temporary: self.temporary,
        })
    }
}

/// The serving thread: starts, tells, and serves until it is stopped.
fn serve(
    config: &ServerConfig,
    key: &str,
    data: &Path,
    (stop, abort): (CancellationToken, CancellationToken),
    tell: impl FnOnce(Result<Started>),
) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("lantern-server")
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return tell(Err(Error::local(format!("no runtime can be made: {error}")))),
    };
    runtime.block_on(async {
        let opened = async {
            let api = bind(&config.host, config.port, key).await?;
            let storage = bind(&config.host, config.s3_port, key).await?;
            let lock = lock(data)?;
            let shared = Arc::new(open(config, key, data)?);
            let service = shared.objects.service(&shared.storage_keys)?;
            Ok((api, storage, lock, shared, service))
        };
        let ((api, api_at), (storage, storage_at), lock, shared, service) = match opened.await {
            Ok(opened) => opened,
            Err(error) => return tell(Err(error)),
        };
        tell(Ok(Started {
            shared: Arc::clone(&shared),
            api: api_at,
            storage: storage_at,
            runtime: Handle::current(),
        }));

        let router = TowerToHyperService::new(routes::routes(&shared));
        let answer_call = move |connection: listen::Connection, request: http::Request<_>| {
            let mut request: Request<_> = request;
            request.extensions_mut().insert(connection);
            hyper::service::Service::call(&router, request)
        };
        let faults = Arc::clone(&shared.faults);
        let answer_object = move |connection, request| {
            objects::answer(service.clone(), Arc::clone(&faults), connection, request)
        };
        tokio::join!(
            listen::serve(api, answer_call, stop.clone(), abort.clone()),
            listen::serve(storage, answer_object, stop.clone(), abort.clone()),
            worker::run(shared, stop.clone()),
        );
        // Unlocked by hand: a forked child may still hold a copy of the open file.
        let _ = lock.unlock();
    });
}

/// Reads what the folder holds and makes what all parts share.
fn open(config: &ServerConfig, key: &str, data: &Path) -> Result<Shared> {
    let unusable = |error: &dyn std::fmt::Display| {
        Error::local(format!("the data folder {} cannot be used: {error}", data.display()))
    };
    let store = Store::open(&data.join("state.sqlite")).map_err(|error| unusable(&error))?;
    let objects =
        Objects::open(&data.join("objects"), config.tenant_id).map_err(|error| unusable(&error))?;
    let setting =
        |name, make: fn() -> String| store.setting(name, make).map_err(|error| unusable(&error));
    let storage_keys = KeyPair {
        access_key: setting("access_key", objects::new_access_key)?,
        secret_key: setting("secret_key", objects::new_secret_key)?,
    };
    let (queued, reserved, used) = store.totals().map_err(|error| unusable(&error))?;
    let directory = Directory::build(&config.people, config.companies.as_ref())?;
    Ok(Shared {
        key: Key::new(key),
        limiter: RateLimiter::new(config.limits),
        prices: config.prices,
        tenant_id: config.tenant_id,
        work_delay: config.work_delay,
        account: Account::new(config.credits, used, reserved),
        directory,
        faults: Arc::new(Faults::new(config.faults.clone())),
        store,
        objects,
        storage_keys,
        submitted: Notify::new(),
        queued: watch::Sender::new(queued),
    })
}

/// Makes this server the only one of its folder.
fn lock(data: &Path) -> Result<File> {
    let unusable = |error: std::io::Error| {
        Error::local(format!("the data folder {} cannot be used: {error}", data.display()))
    };
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    // Results are data of people.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(data).map_err(unusable)?;
    let file = File::create(data.join("lock")).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::local(format!(
            "another server is running on the data folder {}; stop it, or name another folder",
            data.display()
        ))),
        Err(std::fs::TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// Listens at a place that the key is fit for.
async fn bind(host: &str, port: u16, key: &str) -> Result<(TcpListener, SocketAddr)> {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']');
    let places: Vec<SocketAddr> = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| Error::config(format!("host {host:?} is no place to listen: {error}")))?
        .collect();
    let open = places.iter().any(|place| !place.ip().to_canonical().is_loopback());
    if open && key == DEFAULT_KEY {
        return Err(Error::config(format!(
            "host {host:?} can be reached from other machines and the key is the default one, \
             which everybody knows; give the server a key of its own, or listen on 127.0.0.1"
        )));
    }
    let cannot = |error: std::io::Error| {
        Error::local(if error.kind() == std::io::ErrorKind::AddrInUse {
            format!("port {port} of {host} is taken; choose another, or 0 for any free one")
        } else {
            format!("the server cannot listen on port {port} of {host}: {error}")
        })
    };
    let listener = TcpListener::bind(places.as_slice()).await.map_err(cannot)?;
    let at = listener.local_addr().map_err(cannot)?;
    Ok((listener, at))
}

/// The address at which this machine reaches a listener.
fn reachable(at: SocketAddr) -> SocketAddr {
    let ip = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, at.port())
}
