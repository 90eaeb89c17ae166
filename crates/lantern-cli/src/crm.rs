//! `lantern crm`

use clap::{Args, Subcommand};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Session,
    failure::{Failure, Result},
    format::{self, Column},
};
use lantern::api::{Call, Effect, Invalid, LimitClass};

/// Read and change the CRM of a local server
#[derive(Debug, Args)]
pub struct Crm {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List records of one kind
    List {
        /// Kind of record: accounts, contacts, leads, opportunities, users, tasks or notes
        objects: String,
        /// Maximum number of records
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u32,
        /// Id after which to start
        #[arg(long, value_name = "ID")]
        after: Option<String>,
    },
    /// Show one record
    Show {
        /// Salesforce id of the record
        id: String,
    },
    /// Create a record
    Add {
        /// Kind of record: accounts, contacts, leads, opportunities, users, tasks or notes
        objects: String,
        /// Fields of the record, such as email=ada@acme.com
        #[arg(value_name = "FIELD=VALUE", required = true, value_parser = pair)]
        fields: Vec<(String, Value)>,
    },
    /// Change a record; the server notices the change at its next poll
    Set {
        /// Salesforce id of the record
        id: String,
        /// Fields to change, such as title=Analyst; title= empties the field
        #[arg(value_name = "FIELD=VALUE", required = true, value_parser = pair)]
        fields: Vec<(String, Value)>,
    },
}

/// Parses `email=ada@acme.com`. The value of `active` is true or false, and that of `amount` a
/// number.
fn pair(text: &str) -> Result<(String, Value), String> {
    let (field, value) =
        text.split_once('=').ok_or_else(|| format!("{text:?} is not FIELD=VALUE"))?;
    let value = match (field, value) {
        (_, "") => Value::Null,
        ("active", "true") => true.into(),
        ("active", "false") => false.into(),
        ("active", _) => return Err("active is true or false".to_owned()),
        ("amount", number) => number
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Value::from)
            .ok_or_else(|| format!("amount is {number:?}; give a number"))?,
        (_, text) => text.into(),
    };
    Ok((field.to_owned(), value))
}

/// Defines a call that only the local server has.
macro_rules! local {
    ($name:ident { $($field:ident: $type:ty),* }, $method:ident, $path:expr, $response:ty, $effect:ident) => {
        #[derive(Serialize, Deserialize)]
        struct $name {
            #[serde(skip)]
            part: String,
            $(#[serde(flatten)] $field: $type,)*
        }

        impl Call for $name {
            type Response = $response;
            const METHOD: Method = Method::$method;
            const CLASS: LimitClass = LimitClass::Sync;
            const EFFECT: Effect = Effect::$effect;

            fn path(&self) -> String {
                // Ids and kinds consist of letters and digits, so anything else cannot exist.
                let part: String =
                    self.part.chars().filter(char::is_ascii_alphanumeric).collect();
                format!($path, part)
            }

            fn check(&self) -> Result<(), Invalid> {
                Ok(())
            }
        }
    };
}

local!(List { query: Map<String, Value> }, GET, "/_local/crm/{}", Records, Read);
local!(Show {}, GET, "/_local/crm/records/{}", Map<String, Value>, Read);
local!(Add { fields: Map<String, Value> }, POST, "/_local/crm/{}", Map<String, Value>, SpendsCredits);
local!(Set { fields: Map<String, Value> }, PATCH, "/_local/crm/records/{}", Map<String, Value>, Idempotent);

#[derive(Deserialize)]
struct Records {
    records: Vec<Map<String, Value>>,
}

impl Crm {
    pub async fn run(self, session: &mut Session) -> Result<()> {
        let client = session.connection.client(&session.connection.ledger()?)?;
        let object = |fields: Vec<(String, Value)>| fields.into_iter().collect();
        let record = match self.command {
            Command::List { objects, limit, after } => {
                let mut query = Map::from_iter([("limit".to_owned(), Value::from(limit))]);
                if let Some(after) = after {
                    query.insert("after".to_owned(), after.into());
                }
                let call = List { part: objects, query };
                let records = session.signals.or(client.call(&call)).await?.value.records;
                return session.output.print(
                    || listed(&records),
                    || records.iter().cloned().map(Value::from).collect(),
                );
            }
            Command::Show { id } => session.signals.or(client.call(&Show { part: id })).await?,
            Command::Add { objects, fields } => {
                let call = Add { part: objects, fields: object(fields) };
                session.signals.or(client.call(&call)).await?
            }
            Command::Set { id, fields } => {
                let call = Set { part: id, fields: object(fields) };
                session.signals.or(client.call(&call)).await?
            }
        }
        .value;
        if record.is_empty() {
            return Err(Failure::input(
                "the server did not answer with a record; only a local server can",
            ));
        }
        session.output.print(|| shown(&record), || Value::Object(record.clone()))
    }
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        // A record takes one line, whatever its values contain.
        Some(Value::String(text)) => text.replace(char::is_control, " "),
        Some(other) => other.to_string(),
    }
}

fn shown(record: &Map<String, Value>) -> String {
    let rows = record.iter().map(|(field, value)| vec![field.clone(), plain(Some(value))]);
    format::table(&[Column::Left(""), Column::Left("")], rows)
}

/// Fields that identify a record in a list.
const AT_A_GLANCE: [(&str, &str); 9] = [
    ("id", "ID"),
    ("first_name", "FIRST NAME"),
    ("last_name", "LAST NAME"),
    ("name", "NAME"),
    ("email", "EMAIL"),
    ("company", "COMPANY"),
    ("domain", "DOMAIN"),
    ("subject", "SUBJECT"),
    ("status", "STATUS"),
];

fn listed(records: &[Map<String, Value>]) -> String {
    let Some(first) = records.first() else { return "no records".to_owned() };
    let fields: Vec<_> =
        AT_A_GLANCE.into_iter().filter(|(field, _)| first.contains_key(*field)).collect();
    let columns: Vec<Column> = fields.iter().map(|(_, name)| Column::Left(name)).collect();
    let rows = records
        .iter()
        .map(|record| fields.iter().map(|(field, _)| plain(record.get(*field))).collect());
    format::table(&columns, rows)
}
