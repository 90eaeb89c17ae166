//! Starts a server: its thread and runtime, its ports and its folder.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use axum::extract::Request;
use futures_util::future::join_all;
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Handle},
    sync::watch,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    ServerConfig, batches,
    http::{connection_limits::Bounds, connections, s3},
    maintenance,
    tenant::{self, Tenant},
    workflows,
};
use lantern::{
    error::{Error, Result},
    process::private,
};

/// What the serving thread reports once it accepts connections.
pub(crate) struct Started {
    /// The first tenant's key.
    pub key: String,
    /// The parts of all tenants, beginning with the first.
    pub tenants: Arc<[Tenant]>,
    pub api: SocketAddr,
    pub storage: SocketAddr,
    pub runtime: Handle,
}

/// A serving thread that has not reported yet.
pub(crate) struct StartingServer {
    /// Stops the thread if nobody waits for it any more.
    pub stop: DropGuard,
    pub abort: CancellationToken,
    pub ended: watch::Receiver<bool>,
    pub thread: JoinHandle<()>,
    pub temporary: Option<TempDir>,
    /// The data folder, temporary or not.
    pub data: PathBuf,
}

impl StartingServer {
    pub fn new(
        config: ServerConfig,
        tell: impl FnOnce(Result<Started>) + Send + 'static,
    ) -> Result<Self> {
        if config.key.as_ref().is_some_and(|key| key.trim().is_empty()) {
            return Err(Error::config("the server's key is empty")
                .hint("give one, or none for a random one"));
        }
        let given = config.tenants.iter().chain(&config.key);
        let mut keys: Vec<&str> = given.map(String::as_str).collect();
        keys.sort_unstable();
        if keys.iter().any(|key| key.trim().is_empty())
            || keys.windows(2).any(|two| two[0] == two[1])
        {
            return Err(Error::config("a tenant's key is empty, or two tenants have the same")
                .hint("give each a key of its own"));
        }
        if !(config.credits.is_finite() && config.credits >= 0.0) {
            return Err(Error::config(format!("credits is {}", config.credits))
                .hint("give a number of at least 0"));
        }
        let (temporary, data) = match &config.data {
            Some(data) => (None, data.clone()),
            None => {
                let folder =
                    tempfile::Builder::new().prefix("lantern-").tempdir().map_err(|error| {
                        Error::local(format!("no temporary folder can be created: {error}"))
                    })?;
                let path = folder.path().to_owned();
                (Some(folder), path)
            }
        };
        let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
        let (end, ended) = watch::channel(false);
        let tokens = (stop.clone(), abort.clone());
        let folder = data.clone();
        let thread = std::thread::Builder::new()
            .name("lantern-server".to_owned())
            .spawn(move || {
                serve(&config, &data, tokens, tell);
                // Nobody may be waiting for the end any more.
                let _ = end.send(true);
            })
            .map_err(|error| Error::local(format!("no thread can be started: {error}")))?;
        Ok(Self { stop: stop.drop_guard(), abort, ended, thread, temporary, data: folder })
    }
}

/// The serving thread: starts, reports, and serves until it is stopped.
fn serve(
    config: &ServerConfig,
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
        Err(error) => {
            return tell(Err(Error::local(format!("no runtime can be created: {error}"))));
        }
    };
    runtime.block_on(async {
        let opened = async {
            let api = bind(config, config.port).await?;
            let storage = bind(config, config.s3_port).await?;
            let (lock, data) = lock(data)?;
            Ok((api, storage, lock, tenant::open_all(config, &data)?))
        };
        let ((api, api_at), (storage, storage_at), lock, tenants) = match opened.await {
            Ok(opened) => opened,
            Err(error) => return tell(Err(error)),
        };
        let tenants: Arc<[Tenant]> = tenants.into();
        tell(Ok(Started {
            key: tenants[0].key.clone(),
            tenants: Arc::clone(&tenants),
            api: api_at,
            storage: storage_at,
            runtime: Handle::current(),
        }));

        let callers = Arc::clone(&tenants);
        let answer_call = move |connection: connections::Connection, request: http::Request<_>| {
            let mut request: Request<_> = request;
            request.extensions_mut().insert(connection);
            let tenant = Tenant::of_key(&callers, request.headers());
            hyper::service::Service::call(&tenant.router, request)
        };
        let readers = Arc::clone(&tenants);
        let answer_object = move |connection, request: http::Request<_>| {
            let tenant = Tenant::of_access_key(&readers, &request);
            let faults = Arc::clone(&tenant.parts.faults);
            s3::answer(tenant.objects.clone(), faults, s3::DEADLINE, connection, request)
        };
        let bounds = Bounds::of_this_process();
        let background = tenants.iter().map(|tenant| {
            let (parts, stop) = (&tenant.parts, &stop);
            async move {
                tokio::join!(
                    batches::work(Arc::clone(&parts.batches), stop.clone()),
                    maintenance::run(Arc::clone(&parts.crm), config.poll_every, stop.clone()),
                    workflows::push(Arc::clone(&parts.workflows), stop.clone()),
                )
            }
        });
        tokio::join!(
            connections::serve(api, answer_call, bounds, stop.clone(), abort.clone()),
            connections::serve(storage, answer_object, bounds, stop.clone(), abort.clone()),
            join_all(background),
        );
        // Unlocked explicitly, because a forked child may still have a copy of the open file.
        let _ = lock.unlock();
    });
}

/// Makes this server the only one on its folder. Returns the lock and the folder.
fn lock(data: &Path) -> Result<(File, PathBuf)> {
    let unusable = |error: std::io::Error| {
        Error::local(format!("the data folder {} cannot be used: {error}", data.display()))
    };
    // Results contain personal data: nobody else may read them, or redirect them by a link.
    let lock = private::place(&data.join("lock")).map_err(unusable)?;
    let file = private::open(&lock).map_err(unusable)?;
    let folder = lock.parent().unwrap_or(data).to_owned();
    match file.try_lock() {
        Ok(()) => Ok((file, folder)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::local(format!(
            "another server is running on the data folder {}",
            data.display()
        ))
        .hint("stop it, or name another folder")),
        Err(std::fs::TryLockError::Error(error)) => Err(unusable(error)),
    }
}

async fn bind(config: &ServerConfig, port: u16) -> Result<(TcpListener, SocketAddr)> {
    let host = config.host.trim().trim_start_matches('[').trim_end_matches(']');
    let places: Vec<SocketAddr> = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| {
            Error::config(format!("host {host:?} is not an address to listen on: {error}"))
        })?
        .collect();
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
