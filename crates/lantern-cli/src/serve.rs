//! `lantern serve`

use std::{collections::BTreeMap, io::Write, path::PathBuf, time::Duration};

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    Session,
    failure::{Failure, Result},
    format,
    report::time,
    shell,
};
use lantern::{
    client::{
        config::BASE_URL_VARIABLE,
        key::KEY_VARIABLE,
        rates::{RATE_VARIABLE, Rates},
    },
    ledger::handle::LEDGER_VARIABLE,
    process::durable,
    tabular::suggestion::did_you_mean,
};
use lantern_server::{
    CrmSource, DirectorySource, FaultRule, LocalServer, ModelEndpoint, Prices, ServerConfig,
};

/// Run the API on this machine, without a key and for free, until Ctrl-C
///
/// It prints shell commands that set the variables with which `lantern` and S3 tools use this server.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Further host name by which the server may be called (repeatable); other names are refused
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Port of the API; 0 chooses a free one
    #[arg(long, default_value_t = 8000)]
    port: u16,
    /// Port of the S3 endpoint with the results; by default the port after that of the API
    #[arg(long, value_name = "PORT")]
    s3_port: Option<u16>,
    /// Folder for runs, credits and results; by default a temporary one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Key that calls must carry; by default a random one, which is kept in --data
    #[arg(long, value_name = "KEY", env = "LANTERN_SERVE_KEY", hide_env_values = true)]
    key: Option<SecretString>,
    /// Key of a further tenant (repeatable), which has its own credits, batches and CRM
    #[arg(long = "tenant", value_name = "KEY")]
    tenants: Vec<SecretString>,
    /// CSV, Excel, Parquet or Arrow file of the people who can be looked up
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "size", "companies_count"])]
    people: Option<PathBuf>,
    /// File of the companies to look up
    #[arg(long, value_name = "FILE")]
    companies: Option<PathBuf>,
    /// Without --people: seed from which people are generated
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    /// Without --people: number of people to generate
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    size: usize,
    /// Without --people: number of companies to generate
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    companies_count: usize,
    /// Requests per minute: api (the limits of the real API), off, or such as batches=60,sync=off
    #[arg(long, value_name = "LIMITS", default_value = "api")]
    limits: Rates,
    /// Number of credits at the start
    #[arg(long, value_name = "N", default_value_t = 1_000_000.0)]
    credits: f64,
    /// Credits per item found, such as phone=5,email=1; ai and research by effort: research=5/10/20
    #[arg(long = "price", value_name = "PRICES", value_delimiter = ',', value_parser = price)]
    prices: Vec<Price>,
    /// Fault to inject (repeatable), such as "POST /v1/agents/*: status 503 times 2"
    #[arg(long = "fault", value_name = "RULE")]
    faults: Vec<FaultRule>,
    /// Time that each batch waits before it is processed, such as 250ms or 2s
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0")]
    work_delay: Duration,
    /// TOML or JSON file of workflows
    #[arg(long, value_name = "FILE")]
    workflows: Option<PathBuf>,
    /// File of records in the CRM at the start (repeatable): leads=FILE, or a file with the name of its
    /// kind, such as leads.csv
    #[arg(long, value_name = "FILE", value_parser = crm)]
    crm: Vec<(String, PathBuf)>,
    /// URL to which forms with push_to=webhook are pushed, signed with the server's key
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// OpenAI-compatible endpoint whose model answers AI matching, enrich.ai and enrich.research
    #[arg(long, value_name = "URL")]
    model_url: Option<String>,
    /// With --model-url: name of the model; by default the first that the endpoint lists
    #[arg(long, value_name = "NAME", requires = "model_url")]
    model: Option<String>,
    /// With --model-url: API key of the endpoint
    #[arg(long, value_name = "KEY", env = "LANTERN_MODEL_KEY", hide_env_values = true)]
    model_key: Option<SecretString>,
    /// Write the variables, including the keys, to this file, which only you can read
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

/// A price that is set by an option.
#[derive(Debug, Clone)]
struct Price {
    service: &'static str,
    /// Credits by effort, for services whose price depends on it.
    credits: [u32; 3],
}

fn price(pair: &str) -> Result<Price, String> {
    let example = "write for example phone=5, or research=5/10/20";
    let (name, value) =
        pair.split_once('=').ok_or_else(|| format!("{pair:?} is not a price; {example}"))?;
    let numbers: Option<Vec<u32>> =
        value.split('/').map(|number| number.trim().parse().ok()).collect();
    let numbers = numbers.unwrap_or_default();
    let services = ["phone", "email", "company", "person", "ai", "research"];
    let service =
        services.into_iter().find(|service| *service == name.trim()).ok_or_else(|| {
            let meant = did_you_mean(name.trim(), services);
            format!("{name:?} has no price{meant}; {} have", services.join(", "))
        })?;
    let by_effort = matches!(service, "ai" | "research");
    let credits = match numbers[..] {
        [one] if !by_effort => [one; 3],
        [low, medium, high] if by_effort => [low, medium, high],
        _ if by_effort => {
            return Err(format!("{name} is {value:?}; give low/medium/high, as 5/10/20"));
        }
        _ => return Err(format!("{name} is {value:?}; give whole credits, as {name}=5")),
    };
    Ok(Price { service, credits })
}

/// Parses `leads=FILE`, or a file that is named after its kind.
fn crm(text: &str) -> Result<(String, PathBuf), String> {
    if let Some((kind, path)) = text.split_once('=') {
        return Ok((kind.trim().to_lowercase(), path.into()));
    }
    let path = PathBuf::from(text);
    let kind = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Ok((kind.to_lowercase(), path))
}

impl Price {
    fn set(&self, prices: &mut Prices) {
        match self.service {
            "phone" => prices.phone = self.credits[0],
            "email" => prices.email = self.credits[0],
            "company" => prices.company = self.credits[0],
            "person" => prices.person = self.credits[0],
            "ai" => prices.ai = self.credits,
            _ => prices.research = self.credits,
        }
    }
}

impl Serve {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let server = session.signals.or(LocalServer::start(self.config())).await?;
        let environment = environment(&server, &self.limits);
        if let Some(path) = &self.env_file {
            write_private(path, &exports(&environment))
                .map_err(|error| Failure::unwritable(&path.display().to_string(), error))?;
        }
        let shown = if self.own_key() { without_secrets(environment) } else { environment };
        session.output.print(
            || self.announcement(&server, &shown),
            || json!({"url": server.url(), "environment": shown}),
        )?;
        tokio::select! {
            () = session.signals.next() => {}
            ended = server.wait_for_signal() => ended?,
        }
        session.output.note("stopping; again stops at once");
        tokio::select! {
            () = server.stop() => {}
            // Dropping the server stops what it is still doing.
            () = session.signals.next() => {}
        }
        Ok(())
    }

    /// Whether the keys are the user's own, and therefore not printed.
    fn own_key(&self) -> bool {
        self.key.is_some()
    }

    fn config(&self) -> ServerConfig {
        let mut prices = Prices::default();
        self.prices.iter().for_each(|price| price.set(&mut prices));
        ServerConfig {
            host: self.host.clone(),
            names: self.names.clone(),
            port: self.port,
            s3_port: self.s3_port.unwrap_or(if self.port == 0 {
                0
            } else {
                self.port.checked_add(1).unwrap_or(0)
            }),
            data: self.data.clone(),
            key: self.key.as_ref().map(|key| key.expose_secret().to_owned()),
            people: match &self.people {
                Some(path) => DirectorySource::Path(path.clone()),
                None => DirectorySource::Generated {
                    seed: self.seed,
                    people: self.size,
                    companies: self.companies_count,
                },
            },
            companies: self.companies.clone().map(DirectorySource::Path),
            limits: (&self.limits).into(),
            prices,
            credits: self.credits,
            faults: self.faults.clone(),
            work_delay: self.work_delay,
            workflows: self.workflows.clone(),
            webhook: self.webhook.clone(),
            tenants: self.tenants.iter().map(|key| key.expose_secret().to_owned()).collect(),
            crm_records: self
                .crm
                .iter()
                .map(|(kind, path)| (kind.clone(), CrmSource::Path(path.clone())))
                .collect(),
            model: self.model_url.clone().map(|url| ModelEndpoint {
                url,
                model: self.model.clone(),
                key: self.model_key.clone(),
            }),
            ..ServerConfig::default()
        }
    }

    /// The output: comments for people, and assignments for a shell.
    fn announcement(&self, server: &LocalServer, shown: &BTreeMap<String, String>) -> String {
        let own_key = self.own_key();
        let data = match &self.data {
            Some(path) => path.display().to_string(),
            None => "in a temporary folder, gone when the server stops".to_owned(),
        };
        let facts = format::pairs([
            ("API", server.url()),
            ("key", if own_key { "the one that you gave" } else { server.key() }.to_owned()),
            ("results", shown.get("AWS_ENDPOINT_URL").cloned().unwrap_or_default()),
            (
                "directory",
                format!(
                    "{} people, {} companies",
                    format::count(server.people().num_rows() as u64),
                    format::count(server.companies().num_rows() as u64)
                ),
            ),
            ("data", data),
        ]);
        let mut text = String::from("# The Lantern API on this machine; Ctrl-C stops it.\n");
        facts.lines().for_each(|line| text += &format!("#   {line}\n"));
        text += &exports(shown);
        match &self.env_file {
            Some(path) => {
                text += &format!("# All of them: . {}", shell::word(&path.display().to_string()))
            }
            None if own_key => text += "# Keys are not shown; --env-file FILE writes them.",
            None => text += "# --env-file FILE writes them to a file, to be read by: . FILE",
        }
        text
    }
}

/// The variables by which `lantern` and S3 tools use the server.
fn environment(server: &LocalServer, limits: &Rates) -> BTreeMap<String, String> {
    let storage = server.storage_options().into_iter();
    let mut variables: BTreeMap<_, _> =
        storage.map(|(name, value)| (name.to_uppercase(), value)).collect();
    variables.insert(BASE_URL_VARIABLE.to_owned(), server.url());
    variables.insert(KEY_VARIABLE.to_owned(), server.key().to_owned());
    // A ledger of its own, so that jobs of this server are not mixed with those of the real API.
    let ledger = std::path::absolute(server.data()).unwrap_or_else(|_| server.data().to_owned());
    let ledger = ledger.join("ledger.sqlite");
    variables.insert(LEDGER_VARIABLE.to_owned(), ledger.to_string_lossy().into_owned());
    // Otherwise a client would learn the limit only from its first answer, and wait up to a minute
    // for that.
    if *limits != Rates::Api {
        variables.insert(RATE_VARIABLE.to_owned(), limits.to_string());
    }
    variables
}

/// The variables that may be printed if the key is the user's own.
fn without_secrets(mut variables: BTreeMap<String, String>) -> BTreeMap<String, String> {
    for secret in [KEY_VARIABLE, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        variables.remove(secret);
    }
    variables
}

fn exports(variables: &BTreeMap<String, String>) -> String {
    shell::exports(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Writes a file with mode 0600 that gets its name once it is complete.
fn write_private(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    let mut file = durable::private_draft(path)?;
    file.write_all(text.as_bytes())?;
    durable::replace(path, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_set_by_name() {
        let mut prices = Prices::default();
        for text in ["phone=7", "research=1/2/3"] {
            price(text).unwrap().set(&mut prices);
        }
        assert_eq!((prices.phone, prices.email, prices.research), (7, 1, [1, 2, 3]));
        for (text, said) in [
            ("phone", "phone=5"),
            ("fax=1", "\"fax\" has no price"),
            ("emial=1", "did you mean \"email\"?"),
            ("phone=-1", "whole credits"),
            ("ai=1", "low/medium/high"),
        ] {
            let error = price(text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
