//! How a server comes up: its thread and runtime, its ports, its folder, and what all parts share.

use std::{fs::File, net::SocketAddr, path::Path, sync::Arc, thread::JoinHandle};

use axum::extract::Request;
use hyper_util::service::TowerToHyperService;
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    runtime::{Builder, Handle},
    sync::{Notify, watch},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    DEFAULT_KEY, DirectorySource, ServerConfig,
    account::Account,
    chores,
    crm::{self, Crm},
    directory::Directory,
    faults::Faults,
    gate::Key,
    limits::RateLimiter,
    listen,
    matching::Learned,
    model::LanguageModel,
    oauth::Tokens,
    objects::{self, KeyPair, Objects},
    pages::Calls,
    routes,
    shared::Shared,
    store::Store,
    worker,
    workflows::{self, Pushes, Workflows},
};
use crate::error::{Error, Result};

/// What the serving thread tells once it listens.
pub(super) struct Started {
    pub shared: Arc<Shared>,
    pub api: SocketAddr,
    pub storage: SocketAddr,
    pub runtime: Handle,
}

/// A serving thread that has not told yet whether it listens.
pub(super) struct Launched {
    pub key: String,
    /// Stops the thread if nobody waits for it any more.
    pub stop: DropGuard,
    pub abort: CancellationToken,
    pub ended: watch::Receiver<bool>,
    pub thread: JoinHandle<()>,
    pub temporary: Option<TempDir>,
}

impl Launched {
    pub fn new(
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
            worker::run(Arc::clone(&shared), stop.clone()),
            chores::run(Arc::clone(&shared), stop.clone()),
            workflows::push(shared, stop.clone()),
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
    let crm_used = crm::is_filled(store.database()).map_err(|error| unusable(&error))?;
    let tokens = Tokens::open(store.database(), &config.oauth_clients, key)
        .map_err(|error| unusable(&error))?;
    let directory = Directory::build(&config.people, config.companies.as_ref())?;
    Ok(Shared {
        key: Key::new(key),
        limiter: RateLimiter::new(config.limits),
        prices: config.prices,
        tenant_id: config.tenant_id,
        work_delay: config.work_delay,
        poll_every: config.poll_every,
        account: Account::new(config.credits, used, reserved),
        directory,
        crm: Crm::new(config.crm, seed(&config.people), &config.crm_records, crm_used)?,
        workflows: Workflows::read(config.workflows.as_deref())?,
        pushes: Pushes::new(key, config.webhook.as_deref())?,
        model: config.model.as_ref().map(LanguageModel::new).transpose()?,
        learned: Learned::default(),
        tokens,
        calls: Calls::default(),
        faults: Arc::new(Faults::new(config.faults.clone())),
        store,
        objects,
        storage_keys,
        submitted: Notify::new(),
        queued: watch::Sender::new(queued),
    })
}

/// What the CRM is made from, beside the directory.
fn seed(people: &DirectorySource) -> u64 {
    match people {
        DirectorySource::Generated { seed, .. } => *seed,
        DirectorySource::Path(_) | DirectorySource::Table(_) => 7,
    }
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
