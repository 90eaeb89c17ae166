//! A caller that does not use the client: plain requests and S3 reads.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{LazyLock, Once},
};

use lantern_server::{CrmSize, DirectorySource, Limits, LocalServer, ServerConfig};
use object_store::{ObjectStore, ObjectStoreExt, aws::AmazonS3Builder, path::Path};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

static TLS: Once = Once::new();

/// Settings without rate limits, and with fewer people, which are generated faster.
pub fn lifted() -> ServerConfig {
    let people = DirectorySource::Generated { seed: 7, people: 300, companies: 60 };
    let crm = CrmSize { accounts: 40, contacts: 100, leads: 90, users: 7 };
    ServerConfig { limits: Limits::LIFTED, people, crm, ..ServerConfig::default() }
}

pub fn client() -> reqwest::Client {
    TLS.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A server and a client for it.
pub struct Caller {
    pub server: LocalServer,
    pub http: reqwest::Client,
}

impl Caller {
    pub async fn start(config: ServerConfig) -> Self {
        Self { server: LocalServer::start(config).await.unwrap(), http: client() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.server.url()))
            .bearer_auth(self.server.key())
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.unwrap()
    }

    /// A call that must be answered with 200.
    pub async fn ask(&self, path: &str, body: &Value) -> Value {
        let response = self.post(path, body).await;
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path} {body} {answer}");
        answer
    }

    /// A GET that must be answered with 200.
    pub async fn see(&self, path: &str) -> Value {
        let response = self.get(path).await;
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path} {answer}");
        answer
    }

    /// All records of a kind in the CRM.
    pub async fn crm(&self, object: &str) -> Vec<Value> {
        let answer = self.see(&format!("/_local/crm/{object}?limit=100000")).await;
        answer["records"].as_array().unwrap().clone()
    }

    /// Changes a record of the CRM, as one of its users would.
    pub async fn edit(&self, id: &Value, fields: &Value) {
        let path = format!("/_local/crm/records/{}", id.as_str().unwrap());
        let response = self.request(Method::PATCH, &path).json(fields).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }

    /// Creates a record of the CRM.
    pub async fn make(&self, object: &str, fields: &Value) -> Value {
        self.ask(&format!("/_local/crm/{object}"), fields).await
    }

    /// Submits a batch that must be accepted.
    pub async fn submit(&self, kind: &str, body: &Value) -> Value {
        let response = self.post(&format!("/v1/agents/{kind}"), body).await;
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    pub async fn submit_ids(&self, kind: &str, ids: &[&str], max_credits: u64) -> Value {
        self.submit(kind, &json!({"ids": ids, "max_credits": max_credits})).await
    }

    pub async fn status(&self, run: &Value) -> String {
        let run_id = run["run_id"].as_str().unwrap();
        let answer: Value =
            self.get(&format!("/v1/agents/runs/{run_id}/status")).await.json().await.unwrap();
        assert_eq!(answer["run_id"], run["run_id"]);
        answer["status"].as_str().unwrap().to_owned()
    }

    /// Waits for the run and reads its result by S3.
    pub async fn results(&self, run: &Value) -> Csv {
        self.server.idle().await;
        assert_eq!(self.status(run).await, "completed");
        Csv::read(&self.object(run["result_path"].as_str().unwrap()).await)
    }

    pub async fn credit_report(&self, run: &Value) -> Csv {
        self.server.idle().await;
        Csv::read(&self.object(run["credits_csv_path"].as_str().unwrap()).await)
    }

    /// Reads an `s3://bucket/key` with object_store.
    pub async fn object(&self, address: &str) -> Vec<u8> {
        let (store, path) = self.store(address, &[]);
        store.get(&path).await.unwrap().bytes().await.unwrap().to_vec()
    }

    /// An object_store for the location, from the server's storage options with some changed.
    pub fn store(&self, address: &str, changes: &[(&str, &str)]) -> (impl ObjectStore, Path) {
        TLS.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let rest = address.strip_prefix("s3://").unwrap();
        let (bucket, key) = rest.split_once('/').unwrap();
        let mut options: HashMap<String, String> =
            self.server.storage_options().into_iter().collect();
        options.extend(changes.iter().map(|&(name, value)| (name.into(), value.into())));
        let mut builder = AmazonS3Builder::new().with_bucket_name(bucket);
        for (name, value) in options {
            builder = builder.with_config(name.parse().unwrap(), value);
        }
        (builder.build().unwrap(), Path::from(key))
    }

    /// A column of the server's runs.
    pub fn runs(&self) -> Vec<HashMap<String, String>> {
        rows(&self.server.runs().unwrap())
    }
}

/// The rows of a batch as text.
pub fn rows(batch: &arrow::array::RecordBatch) -> Vec<HashMap<String, String>> {
    use arrow::{
        compute::cast,
        datatypes::DataType,
        util::display::{ArrayFormatter, FormatOptions},
    };
    let options = FormatOptions::default();
    (0..batch.num_rows())
        .map(|row| {
            batch
                .schema()
                .fields()
                .iter()
                .zip(batch.columns())
                .map(|(field, column)| {
                    // Times as microseconds, because the database of time zones is not compiled in.
                    let column = match column.data_type() {
                        DataType::Timestamp(..) => cast(column, &DataType::Int64).unwrap(),
                        _ => column.clone(),
                    };
                    let cells = ArrayFormatter::try_new(column.as_ref(), &options).unwrap();
                    (field.name().clone(), cells.value(row).to_string())
                })
                .collect()
        })
        .collect()
}

/// A CSV file, split into cells.
#[derive(Debug)]
pub struct Csv {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Csv {
    pub fn read(bytes: &[u8]) -> Self {
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        Self { header, rows }
    }

    pub fn column(&self, name: &str) -> Vec<&str> {
        let at = self.header.iter().position(|own| own == name).unwrap();
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }
}

/// Six people with known data, and an id that has to be escaped everywhere.
pub fn six_people() -> PathBuf {
    static WRITTEN: LazyLock<PathBuf> = LazyLock::new(|| {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("six-people.csv");
        std::fs::write(&path, PEOPLE).unwrap();
        path
    });
    WRITTEN.clone()
}

const PEOPLE: &str = "\
id,first_name,last_name,title,company_name,company_url,email,phone_number,linkedin,country,city
1,Ada,Byron,Analyst,Engines Ltd,https://www.engines.co.uk,ada@engines.co.uk,+447710000001,ada-byron,United Kingdom,London
2,Grace,Hopper,Admiral,Navy Inc.,https://navy.us,grace@navy.us,,grace-hopper,United States,New York
3,Konrad,Zuse,Owner,Zuse KG,https://zuse.de,,+4915100000003,konrad-zuse,Germany,Berlin
4,Alan,Turing,Reader,\"Machines, \"\"Universal\"\" Ltd\",https://machines.uk,,,,United Kingdom,Manchester
\"x'; DROP TABLE runs; --\",Bobby,Tables,Pupil,School,https://school.example,bobby@school.example,+12125550105,,,
\"=1+1,\"\"q\"\"\",Formula,One,Racer,Cells,,f@cells.example,,,,
";
