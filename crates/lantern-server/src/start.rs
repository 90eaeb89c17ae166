//! How a server comes up: its thread and runtime, its ports, its folder, and what all parts share.

use std::{fs::File, net::SocketAddr, path::Path, sync::Arc, thread::JoinHandle};

use axum::extract::Request;
use futures_util::future::join_all;
use http::header;
use hyper_util::service::TowerToHyperService;
use s3s::service::S3Service;
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
    gate::{Key, bearer},
    limits::RateLimiter,
    listen,
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
use lantern::error::{Error, Result};

/// What the serving thread tells once it listens.
pub(super) struct Started {
    /// Each tenant's part, the first's first.
    pub tenants: Vec<Arc<Shared>>,
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
        let mut keys: Vec<&str> = config.tenants.iter().map(String::as_str).collect();
        keys.push(&key);
        keys.sort_unstable();
        if keys.iter().any(|key| key.trim().is_empty())
            || keys.windows(2).any(|two| two[0] == two[1])
        {
            return Err(Error::config(
                "a tenant's key is empty, or two tenants have the same; give each a key of its own",
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
            let api = bind(config, config.port, key).await?;
            let storage = bind(config, config.s3_port, key).await?;
            let lock = lock(data)?;
            Ok((api, storage, lock, tenants(config, key, data)?))
        };
        let ((api, api_at), (storage, storage_at), lock, tenants) = match opened.await {
            Ok(opened) => opened,
            Err(error) => return tell(Err(error)),
        };
        tell(Ok(Started {
            tenants: tenants.iter().map(|tenant| Arc::clone(&tenant.shared)).collect(),
            api: api_at,
            storage: storage_at,
            runtime: Handle::current(),
        }));

        let tenants: Arc<[Tenant]> = tenants.into();
        let callers = Arc::clone(&tenants);
        let answer_call = move |connection: listen::Connection, request: http::Request<_>| {
            let mut request: Request<_> = request;
            request.extensions_mut().insert(connection);
            let tenant = Tenant::of_key(&callers, request.headers());
            hyper::service::Service::call(&tenant.router, request)
        };
        let readers = Arc::clone(&tenants);
        let answer_object = move |connection, request: http::Request<_>| {
            let tenant = Tenant::of_access_key(&readers, &request);
            let faults = Arc::clone(&tenant.shared.faults);
            objects::answer(tenant.objects.clone(), faults, connection, request)
        };
        let background = tenants.iter().map(|tenant| {
            let (shared, stop) = (&tenant.shared, &stop);
            async move {
                tokio::join!(
                    worker::run(Arc::clone(shared), stop.clone()),
                    chores::run(Arc::clone(shared), stop.clone()),
                    workflows::push(Arc::clone(shared), stop.clone()),
                )
            }
        });
        tokio::join!(
            listen::serve(api, answer_call, stop.clone(), abort.clone()),
            listen::serve(storage, answer_object, stop.clone(), abort.clone()),
            join_all(background),
        );
        // Unlocked by hand: a forked child may still hold a copy of the open file.
        let _ = lock.unlock();
    });
}

/// One tenant's part of the server.
struct Tenant {
    shared: Arc<Shared>,
    router: TowerToHyperService<axum::Router>,
    objects: S3Service,
}

impl Tenant {
    /// The one whose key a call carries; the first tells everybody else that the key is wrong.
    fn of_key<'t>(tenants: &'t [Self], headers: &http::HeaderMap) -> &'t Self {
        let own = || {
            let key = bearer(headers.get(header::AUTHORIZATION)?)?;
            let (_, others) = tenants.split_first()?;
            others.iter().find(|tenant| tenant.shared.key.is(key))
        };
        own().unwrap_or(&tenants[0])
    }

    /// The one whose access key an S3 request names.
    fn of_access_key<'t, B>(tenants: &'t [Self], request: &http::Request<B>) -> &'t Self {
        let signed = request.headers().get(header::AUTHORIZATION);
        let signed = signed.and_then(|value| value.to_str().ok()).or(request.uri().query());
        let named = |tenant: &&Self| {
            signed.is_some_and(|signed| signed.contains(&tenant.shared.storage_keys.access_key))
        };
        tenants.iter().find(named).unwrap_or(&tenants[0])
    }
}

/// The ids of a tenant's records begin as far apart as this.
const IDS_APART: u64 = 62_u64.pow(5);

/// Every tenant, each with a folder of its own.
fn tenants(config: &ServerConfig, key: &str, data: &Path) -> Result<Vec<Tenant>> {
    let directory = Arc::new(Directory::build(&config.people, config.companies.as_ref())?);
    let faults = Arc::new(Faults::new(config.faults.clone()));
    let keys = std::iter::once(key).chain(config.tenants.iter().map(String::as_str));
    (0_u32..)
        .zip(keys)
        .map(|(number, key)| {
            let tenant_id = config.tenant_id.saturating_add(number.into());
            let data = match number {
                0 => data.to_owned(),
                _ => data.join("tenants").join(tenant_id.to_string()),
            };
            let first_id = u64::from(number) * IDS_APART;
            let own = Own { key, data: &data, tenant_id, first_id };
            let shared = open(config, &own, Arc::clone(&directory), Arc::clone(&faults))?;
            let shared = Arc::new(shared);
            let objects = shared.objects.service(&shared.storage_keys)?;
            let router = TowerToHyperService::new(routes::routes(&shared));
            Ok(Tenant { shared, router, objects })
        })
        .collect()
}

/// What a tenant has that no other has.
struct Own<'t> {
    key: &'t str,
    data: &'t Path,
    tenant_id: i64,
    /// The number after which the ids of its records begin.
    first_id: u64,
}

/// Reads what the folder holds and makes what all parts share.
fn open(
    config: &ServerConfig,
    own: &Own<'_>,
    directory: Arc<Directory>,
    faults: Arc<Faults>,
) -> Result<Shared> {
    let Own { key, data, tenant_id, first_id } = *own;
    let unusable = |error: &dyn std::fmt::Display| {
        Error::local(format!("the data folder {} cannot be used: {error}", data.display()))
    };
    let store = Store::open(&data.join("state.sqlite")).map_err(|error| unusable(&error))?;
    let objects =
        Objects::open(&data.join("objects"), tenant_id).map_err(|error| unusable(&error))?;
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
    let size = config.crm;
    let crm = Crm::new(size, seed(&config.people), first_id, &config.crm_records, crm_used)?;
    Ok(Shared {
        key: Key::new(key),
        limiter: RateLimiter::new(config.limits),
        prices: config.prices,
        tenant_id,
        work_delay: config.work_delay,
        poll_every: config.poll_every,
        account: Account::new(config.credits, used, reserved),
        directory,
        crm,
        workflows: Workflows::read(config.workflows.as_deref())?,
        pushes: Pushes::new(key, config.webhook.as_deref())?,
        model: config.model.as_ref().map(LanguageModel::new).transpose()?,
        tokens,
        calls: Calls::default(),
        faults,
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
async fn bind(config: &ServerConfig, port: u16, key: &str) -> Result<(TcpListener, SocketAddr)> {
    let host = config.host.trim().trim_start_matches('[').trim_end_matches(']');
    let places: Vec<SocketAddr> = tokio::net::lookup_host((host, port))
        .await
        .map_err(|error| Error::config(format!("host {host:?} is no place to listen: {error}")))?
        .collect();
    let open = places.iter().any(|place| !place.ip().to_canonical().is_loopback());
    let well_known = key == DEFAULT_KEY || config.tenants.iter().any(|key| key == DEFAULT_KEY);
    if open && well_known {
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
