//! One store for each bucket or server, made when it is first needed and kept.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use object_store::{
    ClientConfigKey, ClientOptions, ObjectStore,
    aws::{AmazonS3Builder, AmazonS3ConfigKey, resolve_bucket_region},
    http::HttpBuilder,
    path::Path,
};
use url::Url;

use super::{failure, location::Location, options::StorageOptions, profile};
use crate::{Error, Result, process::loopback::is_loopback};

/// The stores of one process.
#[derive(Default)]
struct Kept {
    /// A store's connections belong to the process that made them; after a fork they are made anew.
    process: u32,
    stores: HashMap<String, Arc<dyn ObjectStore>>,
}

pub struct Stores {
    pub options: StorageOptions,
    kept: Mutex<Kept>,
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stores").field(&self.options).finish()
    }
}

impl Stores {
    pub fn new(options: StorageOptions) -> Self {
        Self { options, kept: Mutex::default() }
    }

    /// The store that holds the location, and the name of the file in it.
    pub async fn open(&self, location: &Location) -> Result<(Arc<dyn ObjectStore>, Path)> {
        let path = match location {
            Location::S3 { key, .. } => Path::parse(key).map_err(|error| error.to_string()),
            Location::Http(url) => Path::from_url_path(url.path()).map_err(|e| e.to_string()),
            Location::Local(path) => Err(format!("{} is a local file", path.display())),
        };
        let path = path.map_err(|why| {
            Error::config(format!("{location} cannot be named to a store: {why}"))
        })?;
        // A signed URL is good for one file only.
        let keep = !matches!(location, Location::Http(url) if url.query().is_some());
        let origin = location.origin();
        if keep && let Some(store) = self.kept(|stores| stores.get(&origin).cloned()) {
            return Ok((store, path));
        }
        crate::process::runtime::install_crypto();
        let store: Arc<dyn ObjectStore> = match location {
            Location::S3 { bucket, .. } => self.s3(bucket, location).await?,
            Location::Http(url) => self.http(url, location)?,
            Location::Local(_) => return Err(Error::config("a local file needs no store")),
        };
        if keep {
            // Whoever was first made the store that everyone uses.
            let store = self.kept(|stores| stores.entry(origin).or_insert(store).clone());
            return Ok((store, path));
        }
        Ok((store, path))
    }

    fn kept<T>(&self, f: impl FnOnce(&mut HashMap<String, Arc<dyn ObjectStore>>) -> T) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.process != std::process::id() {
            *kept = Kept { process: std::process::id(), stores: HashMap::new() };
        }
        f(&mut kept.stores)
    }

    async fn s3(&self, bucket: &str, location: &Location) -> Result<Arc<dyn ObjectStore>> {
        let mut builder = AmazonS3Builder::from_env();
        for (key, value) in defaults() {
            builder = builder.with_config(AmazonS3ConfigKey::Client(key), value);
        }
        for (key, value) in self.options.store() {
            builder = builder.with_config(key, value);
        }
        builder = self.with_profile(builder)?.with_bucket_name(bucket);
        let setting = |builder: &AmazonS3Builder, key| builder.get_config_value(&key);
        let endpoint = setting(&builder, AmazonS3ConfigKey::S3Endpoint)
            .or_else(|| setting(&builder, AmazonS3ConfigKey::Endpoint));
        match endpoint.as_deref().map(Url::parse) {
            // Nobody listens in on this machine's own address.
            Some(Ok(url)) if is_loopback(&url) => builder = builder.with_allow_http(true),
            Some(Err(error)) => {
                return Err(Error::config(format!("the S3 endpoint is not a URL: {error}")));
            }
            Some(Ok(_)) => {}
            None if setting(&builder, AmazonS3ConfigKey::Region).is_none() => {
                // A bucket answers in its own region only, and a result's path does not name it.
                let client = ClientOptions::new();
                let region = resolve_bucket_region(bucket, &client)
                    .await
                    .map_err(|error| failure::translate(&error, location, &self.options))?;
                builder = builder.with_region(region);
            }
            None => {}
        }
        builder
            .with_retry(self.options.retries())
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
            .map_err(|error| failure::setting(&error, &self.options))
    }

    /// Adds what a profile says to what is not set yet. A profile that is asked for by name in the
    /// options comes before keys in the environment, as in the AWS tools.
    fn with_profile(&self, mut builder: AmazonS3Builder) -> Result<AmazonS3Builder> {
        let set = |builder: &AmazonS3Builder, key: &_| builder.get_config_value(key).is_some();
        let own = |key: &AmazonS3ConfigKey| self.options.store().any(|(own, _)| own == *key);
        let unsigned = builder
            .get_config_value(&AmazonS3ConfigKey::SkipSignature)
            .is_some_and(|value| value == "true");
        let asked = self.options.profile();
        let given = own(&AmazonS3ConfigKey::AccessKeyId)
            || asked.is_none()
                && (set(&builder, &AmazonS3ConfigKey::AccessKeyId)
                    || set(&builder, &AmazonS3ConfigKey::WebIdentityTokenFile));
        if given || unsigned {
            return Ok(builder);
        }
        let named = std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
        let profile = profile::read(&profile::Files::from_env(), asked.or(named.as_deref()))?;
        if !profile.has_keys && asked.is_some() {
            return Err(Error::config(format!(
                "the AWS profile {:?} holds no keys",
                asked.unwrap_or_default()
            )));
        }
        for (key, value) in profile.settings {
            let of_keys = matches!(
                key,
                AmazonS3ConfigKey::AccessKeyId
                    | AmazonS3ConfigKey::SecretAccessKey
                    | AmazonS3ConfigKey::Token
            );
            if of_keys || !set(&builder, &key) {
                builder = builder.with_config(key, value);
            }
        }
        Ok(builder)
    }

    fn http(&self, url: &Url, location: &Location) -> Result<Arc<dyn ObjectStore>> {
        let mut base = url.clone();
        base.set_path("/");
        base.set_fragment(None);
        let mut builder = HttpBuilder::new().with_url(base).with_retry(self.options.retries());
        for (key, value) in defaults() {
            builder = builder.with_config(key, value);
        }
        for (key, value) in self.options.store() {
            if let AmazonS3ConfigKey::Client(key) = key {
                builder = builder.with_config(key, value);
            }
        }
        // `Location` has let plain http through for this machine alone.
        if matches!(location, Location::Http(url) if url.scheme() == "http") {
            builder = builder.with_config(ClientConfigKey::AllowHttp, "true");
        }
        builder
            .build()
            .map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
            .map_err(|error| failure::setting(&error, &self.options))
    }
}

/// A large result on a slow line may take minutes; a line on which nothing comes has failed.
fn defaults() -> [(ClientConfigKey, &'static str); 3] {
    [
        (ClientConfigKey::Timeout, "15 minutes"),
        (ClientConfigKey::ReadTimeout, "30 seconds"),
        (ClientConfigKey::UserAgent, concat!("lantern/", env!("CARGO_PKG_VERSION"))),
    ]
}
