//! One store for each bucket, and one client for all other servers. They are made on first use and
//! kept.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use http::HeaderValue;
use object_store::{
    ClientConfigKey, ClientOptions, Error as StoreError,
    aws::{
        AmazonS3, AmazonS3Builder, AmazonS3ConfigKey, AwsAuthorizer, AwsCredentialProvider,
        resolve_bucket_region,
    },
    client::{HttpClient, HttpConnector, HttpRequest},
    path::Path,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::{
    connection::{Connector, Region, is_region},
    failure,
    location::Location,
    options::StorageOptions,
    profile,
};
use crate::{Error, Result, process::loopback::is_loopback};

/// The stores of one process.
#[derive(Default)]
struct Kept {
    /// The process that made the stores. Their connections belong to it, and a forked child makes
    /// its own.
    process: u32,
    buckets: HashMap<String, Bucket>,
    /// Clients by whether they use plain http.
    clients: HashMap<bool, HttpClient>,
    /// Regions that S3 has named, by bucket.
    regions: HashMap<String, String>,
}

/// A bucket, with what is needed to read from it.
#[derive(Clone)]
pub struct Bucket {
    pub store: Arc<AmazonS3>,
    client: HttpClient,
    /// The URL below which its keys are found.
    base: Url,
    signer: Option<Signer>,
    asked: Option<String>,
    named: Region,
}

/// Signs requests for keys that object_store does not consider valid paths.
#[derive(Clone)]
pub struct Signer {
    credentials: AwsCredentialProvider,
    region: String,
    payer: bool,
}

impl Signer {
    /// Adds a signature to a request.
    ///
    /// # Errors
    /// If there are no credentials.
    pub async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()> {
        let credential = self.credentials.get_credential().await?;
        AwsAuthorizer::new(&credential, "s3", &self.region)
            .with_request_payer(self.payer)
            .try_authorize(request, None)
    }
}

/// How a file is fetched.
pub enum Opened {
    /// From a bucket. `fresh` says whether the bucket was opened just now.
    Bucket { bucket: Bucket, path: Path, fresh: bool },
    /// From a URL, which may have to be signed.
    Url { client: HttpClient, url: Url, signer: Option<Signer> },
}

/// Characters that S3 accepts unescaped in a path.
const KEY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

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

    /// How the file at a location is fetched.
    pub async fn open(&self, location: &Location) -> Result<Opened> {
        match location {
            Location::Local(path) => {
                Err(Error::config(format!("{} is a local file", path.display())))
            }
            Location::Http(url) => {
                let client = self.client(url)?;
                let mut url = url.clone();
                url.set_fragment(None);
                Ok(Opened::Url { client, url, signer: None })
            }
            Location::S3 { bucket, key } => {
                let (bucket, fresh) = self.bucket(bucket, location).await?;
                // object_store normalizes paths, so it is used only if the normalized path is
                // exactly the key.
                if let Some(path) = Path::parse(key).ok().filter(|path| path.as_ref() == key) {
                    return Ok(Opened::Bucket { bucket, path, fresh });
                }
                if key.split('/').any(|step| matches!(step, "." | "..")) {
                    return Err(Error::config(format!(
                        "{location} cannot be fetched: a URL cannot contain the steps . and .."
                    )));
                }
                let mut url = bucket.base.clone();
                let folder = url.path().trim_end_matches('/').to_owned();
                url.set_path(&format!("{folder}/{}", utf8_percent_encode(key, KEY)));
                Ok(Opened::Url { client: bucket.client, url, signer: bucket.signer })
            }
        }
    }

    /// The bucket of that name, and whether it was opened just now.
    pub async fn bucket(&self, name: &str, location: &Location) -> Result<(Bucket, bool)> {
        if let Some(bucket) = self.kept(|kept| kept.buckets.get(name).cloned()) {
            return Ok((bucket, false));
        }
        crate::process::runtime::install_crypto();
        let bucket = self.s3(name, location).await?;
        // If two threads open it at the same time, both use the store that was stored first.
        let bucket =
            self.kept(|kept| kept.buckets.entry(name.to_owned()).or_insert(bucket).clone());
        Ok((bucket, true))
    }

    fn client(&self, url: &Url) -> Result<HttpClient> {
        let plain = url.scheme() == "http";
        if let Some(client) = self.kept(|kept| kept.clients.get(&plain).cloned()) {
            return Ok(client);
        }
        crate::process::runtime::install_crypto();
        let client = Connector::default()
            .connect(&self.client_options(plain))
            .map_err(|error| failure::setting(&error, &self.options))?;
        Ok(self.kept(|kept| kept.clients.entry(plain).or_insert(client).clone()))
    }

    fn client_options(&self, plain: bool) -> ClientOptions {
        let mut client = ClientOptions::new();
        for (key, value) in defaults() {
            client = client.with_config(key, value);
        }
        for (key, value) in self.options.store() {
            if let AmazonS3ConfigKey::Client(key) = key {
                client = client.with_config(key, value);
            }
        }
        // `Location` allows plain http for this machine only.
        if plain { client.with_config(ClientConfigKey::AllowHttp, "true") } else { client }
    }

    /// Whether a refused file should be requested once more: because S3 has named the bucket's
    /// region, or because the credentials were cached for long and will be read again.
    pub fn renews(&self, location: &Location, error: Option<&StoreError>, fresh: bool) -> bool {
        let Location::S3 { bucket: name, .. } = location else { return false };
        self.kept(|kept| {
            let Some(bucket) = kept.buckets.get(name) else { return false };
            let named = bucket.named.get().or_else(|| error.and_then(failure::region_of));
            if named.is_some() && named != bucket.asked {
                kept.regions.extend(named.map(|region| (name.clone(), region)));
                kept.buckets.remove(name);
                return true;
            }
            if error.is_none_or(failure::is_refusal) {
                kept.buckets.remove(name);
                return !fresh;
            }
            false
        })
    }

    fn kept<T>(&self, f: impl FnOnce(&mut Kept) -> T) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.process != std::process::id() {
            let regions = std::mem::take(&mut kept.regions);
            *kept = Kept { process: std::process::id(), regions, ..Kept::default() };
        }
        f(&mut kept)
    }

    async fn s3(&self, bucket: &str, location: &Location) -> Result<Bucket> {
        let mut builder = AmazonS3Builder::from_env();
        for (key, value) in defaults() {
            builder = builder.with_config(AmazonS3ConfigKey::Client(key), value);
        }
        for (key, value) in self.options.store() {
            builder = builder.with_config(key, value);
        }
        builder = self.with_profile(builder)?.with_bucket_name(bucket);
        check_signed(&builder)?;
        let setting = |builder: &AmazonS3Builder, key| builder.get_config_value(&key);
        let endpoint = setting(&builder, AmazonS3ConfigKey::S3Endpoint)
            .or_else(|| setting(&builder, AmazonS3ConfigKey::Endpoint));
        let endpoint = match endpoint.as_deref().map(Url::parse) {
            None => None,
            Some(Ok(url)) => {
                // Plain http is allowed for this machine's own address, because nobody can listen
                // in on it.
                if is_loopback(&url) {
                    builder = builder.with_allow_http(true);
                }
                Some(url)
            }
            Some(Err(error)) => {
                return Err(Error::config(format!("the S3 endpoint is not a URL: {error}")));
            }
        };
        if let Some(region) = self.kept(|kept| kept.regions.get(bucket).cloned()) {
            builder = builder.with_region(region);
        } else if endpoint.is_none() && setting(&builder, AmazonS3ConfigKey::Region).is_none() {
            // A bucket answers in its own region only, and the path of a result does not contain
            // the region.
            let client = ClientOptions::new();
            let region = resolve_bucket_region(bucket, &client)
                .await
                .map_err(|error| failure::translate(&error, location, &self.options))?;
            if !is_region(&region) {
                return Err(Error::config(format!(
                    "S3 names {region:?} as a region, which is not a valid name"
                ))
                .hint(
                    "set the bucket's region, as AWS_REGION or as the storage option aws_region",
                ));
            }
            builder = builder.with_region(region);
        }
        let flag = |key| setting(&builder, key).is_some_and(|value| value == "true");
        let asked = setting(&builder, AmazonS3ConfigKey::Region);
        let region = asked.clone().unwrap_or_else(|| "us-east-1".to_owned());
        let hosted = flag(AmazonS3ConfigKey::VirtualHostedStyleRequest);
        let (unsigned, payer) =
            (flag(AmazonS3ConfigKey::SkipSignature), flag(AmazonS3ConfigKey::RequestPayer));
        let plain = endpoint.as_ref().is_some_and(|url| {
            url.scheme() == "http"
                && (is_loopback(url) || flag(AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp)))
        });
        let base = base(endpoint, bucket, &region, hosted)?;
        let connector = Connector::default();
        let unusable = |error| failure::setting(&error, &self.options);
        let client = connector.connect(&self.client_options(plain)).map_err(unusable)?;
        let store = builder
            .with_retry(self.options.retries())
            .with_http_connector(connector.clone())
            .build()
            .map_err(unusable)?;
        let credentials = store.credentials().clone();
        let signer = (!unsigned).then_some(Signer { credentials, region, payer });
        let named = connector.region;
        Ok(Bucket { store: Arc::new(store), client, base, signer, asked, named })
    }

    /// Adds the settings of a profile for whatever is not set yet. A profile that is named in the
    /// options takes precedence over keys in the environment, as in the AWS tools.
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
}

/// Refuses what cannot stand in a signed request: object_store takes for granted that it can.
fn check_signed(builder: &AmazonS3Builder) -> Result<()> {
    for (key, name) in [
        (AmazonS3ConfigKey::AccessKeyId, "access key id"),
        (AmazonS3ConfigKey::Token, "session token"),
        (AmazonS3ConfigKey::Region, "region"),
        (AmazonS3ConfigKey::DefaultRegion, "default region"),
    ] {
        let value = builder.get_config_value(&key).unwrap_or_default();
        // It is not quoted: it may be a secret.
        if HeaderValue::from_str(&value).is_err() || !value.is_ascii() {
            return Err(Error::config(format!(
                "the AWS {name} has a character that no request may have (a line break?)"
            ))
            .hint("copy it again, without what stands around it"));
        }
    }
    Ok(())
}

/// Where the keys of a bucket lie.
fn base(endpoint: Option<Url>, bucket: &str, region: &str, hosted: bool) -> Result<Url> {
    let text = match endpoint {
        Some(url) if hosted => url.to_string(),
        Some(url) => format!("{}/{bucket}", url.as_str().trim_end_matches('/')),
        None => format!("https://s3.{region}.amazonaws.com/{bucket}"),
    };
    Url::parse(&text).map_err(|error| {
        Error::config(format!("the URL of the bucket {bucket:?} cannot be built: {error}"))
    })
}

/// A large result may take minutes on a slow connection; a connection on which nothing arrives has
/// failed.
fn defaults() -> [(ClientConfigKey, &'static str); 3] {
    [
        (ClientConfigKey::Timeout, "15 minutes"),
        (ClientConfigKey::ReadTimeout, "30 seconds"),
        (ClientConfigKey::UserAgent, concat!("lantern/", env!("CARGO_PKG_VERSION"))),
    ]
}
