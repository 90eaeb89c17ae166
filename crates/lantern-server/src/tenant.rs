//! A tenant, with its own key, credits, batches, results and CRM in its own folder.

use std::{path::Path, sync::Arc};

use http::header;
use hyper_util::service::TowerToHyperService;
use s3s::service::S3Service;

use crate::{
    DirectorySource, ServerConfig,
    batches::{self, Batches, files::Files},
    billing::{Account, Billing, charges},
    crm::{self, Crm, CrmSources, InitialRecords},
    database,
    directory::Directory,
    enrich::Enricher,
    faults::Faults,
    http::{
        Instance, Parts,
        access::{Access, Key, bearer},
        host_names::HostNames,
        oauth_tokens::Tokens,
        rate_limits::RateLimiter,
        routes,
        s3::{self, KeyPair},
    },
    language_model::LanguageModel,
    matching::Matcher,
    pages::CallCounts,
    secrets,
    workflows::Workflows,
};
use lantern::{
    error::{Error, Result},
    process::private,
};

/// The part of the server that belongs to one tenant.
pub(crate) struct Tenant {
    pub parts: Parts,
    /// The key that calls must carry.
    pub key: String,
    pub storage_keys: KeyPair,
    pub router: TowerToHyperService<axum::Router>,
    pub objects: S3Service,
}

impl Tenant {
    /// The tenant for the key of a call. The first tenant gets all calls with other keys, and
    /// refuses them.
    pub fn of_key<'t>(tenants: &'t [Self], headers: &http::HeaderMap) -> &'t Self {
        let own = || {
            let key = bearer(headers.get(header::AUTHORIZATION)?)?;
            let (_, others) = tenants.split_first()?;
            others.iter().find(|tenant| tenant.parts.access.key.is(key))
        };
        own().unwrap_or(&tenants[0])
    }

    /// The tenant for the access key of an S3 request.
    pub fn of_access_key<'t, B>(tenants: &'t [Self], request: &http::Request<B>) -> &'t Self {
        let signed = request.headers().get(header::AUTHORIZATION);
        let signed = signed.and_then(|value| value.to_str().ok()).or(request.uri().query());
        let named = |tenant: &&Self| {
            signed.is_some_and(|signed| signed.contains(&tenant.storage_keys.access_key))
        };
        tenants.iter().find(named).unwrap_or(&tenants[0])
    }
}

/// Distance between the first record ids of two tenants.
const IDS_APART: u64 = 62_u64.pow(5);

/// Opens every tenant, each in its own folder.
pub(crate) fn open_all(config: &ServerConfig, data: &Path) -> Result<Vec<Tenant>> {
    let directory = Arc::new(Directory::build(&config.people, config.companies.as_ref())?);
    let others = config.tenants.iter().map(|key| Some(key.as_str()));
    let keys = std::iter::once(config.key.as_deref()).chain(others);
    (0_u32..)
        .zip(keys)
        .map(|(number, key)| {
            let tenant_id = config.tenant_id.saturating_add(number.into());
            let data = match number {
                0 => data.to_owned(),
                _ => {
                    let tenants = data.join("tenants");
                    let folder = tenants.join(tenant_id.to_string());
                    for folder in [&tenants, &folder] {
                        private::folder(folder).map_err(|error| {
                            let folder = folder.display();
                            Error::local(format!("the folder {folder} cannot be used: {error}"))
                        })?;
                    }
                    folder
                }
            };
            let first_id = u64::from(number) * IDS_APART;
            let own = Own { key, data: &data, tenant_id, first_id };
            open(config, &own, Arc::clone(&directory))
        })
        .collect()
}

/// Settings that differ between tenants.
struct Own<'t> {
    /// The key that was given.
    key: Option<&'t str>,
    data: &'t Path,
    tenant_id: i64,
    /// The number after which the ids of its records begin.
    first_id: u64,
}

/// Reads the contents of the folder, and assembles the parts of the tenant.
fn open(config: &ServerConfig, own: &Own<'_>, directory: Arc<Directory>) -> Result<Tenant> {
    let Own { key, data, tenant_id, first_id } = *own;
    let unusable = |error: &dyn std::fmt::Display| {
        Error::local(format!("the data folder {} cannot be used: {error}", data.display()))
    };
    let database = database::open(&data.join("state.sqlite")).map_err(|error| unusable(&error))?;
    let files = Files::open(&data.join("objects")).map_err(|error| unusable(&error))?;
    let setting = |name, make: fn() -> String| {
        database::setting(&database, name, make).map_err(|error| unusable(&error))
    };
    // A random key is kept with the folder, so that clients that have it can continue.
    let key = match key {
        Some(key) => key.to_owned(),
        None => setting("api_key", secrets::secret)?,
    };
    let storage_keys = KeyPair {
        access_key: setting("access_key", secrets::access_key)?,
        secret_key: setting("secret_key", secrets::secret)?,
    };
    let objects = s3::service(files.root(), &storage_keys)?;
    let (queued, reserved) = batches::left_over(&database).map_err(|error| unusable(&error))?;
    let used = charges::total(&database).map_err(|error| unusable(&error))?;
    let filled = crm::is_filled(&database).map_err(|error| unusable(&error))?;
    let tokens =
        Tokens::open(&database, &config.oauth_clients, &key).map_err(|error| unusable(&error))?;

    let account = Account::new(config.credits, used, reserved);
    let billing = Arc::new(Billing::new(tenant_id, config.prices, account, &database));
    // A data folder that already has a CRM keeps it.
    let none = CrmSources::new();
    let records = if filled { &none } else { &config.crm_records };
    let beginning = InitialRecords::new(config.crm, seed(&config.people), first_id, records)?;
    let crm = Arc::new(Crm::new(
        &database,
        Arc::clone(&directory),
        Arc::clone(&billing),
        beginning,
        filled,
    ));
    let model = config.model.as_ref().map(LanguageModel::new).transpose()?.map(Arc::new);
    let parts = Parts {
        instance: Arc::new(Instance(setting("instance", secrets::instance)?)),
        host_names: Arc::new(HostNames::new(&config.host, &config.names)),
        access: Arc::new(Access { key: Key::new(&key), tokens }),
        rate_limiter: Arc::new(RateLimiter::new(config.limits)),
        faults: Arc::new(Faults::new(config.faults.clone())),
        calls: Arc::new(CallCounts::default()),
        batches: Arc::new(Batches::new(
            Arc::clone(&billing),
            Arc::clone(&directory),
            &database,
            files,
            config.work_delay,
            queued,
        )),
        enricher: Arc::new(Enricher {
            billing: Arc::clone(&billing),
            directory: Arc::clone(&directory),
            model: model.clone(),
        }),
        matcher: Arc::new(Matcher { crm: Arc::clone(&crm), model }),
        workflows: Arc::new(Workflows::new(
            Arc::clone(&crm),
            config.workflows.as_deref(),
            &key,
            config.webhook.as_deref(),
        )?),
        billing,
        directory,
        crm,
    };
    let router = TowerToHyperService::new(routes(&parts));
    Ok(Tenant { parts, key, storage_keys, router, objects })
}

/// The seed of the CRM, which is that of the directory if it has one.
fn seed(people: &DirectorySource) -> u64 {
    match people {
        DirectorySource::Generated { seed, .. } => *seed,
        DirectorySource::Path(_) | DirectorySource::Table(_) => 7,
    }
}
