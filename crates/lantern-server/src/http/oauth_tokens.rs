//! OAuth2 bearer tokens by client credentials. Tokens are stored as hashes.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::Utc;
use rusqlite::params;

use crate::secrets::{hash, secret as new_token};
use lantern::process::sqlite::{Database, DatabaseError};

/// The client of a server without configured clients. Its secret is the server's key.
pub(crate) const DEFAULT_CLIENT: &str = "lantern-local";

/// Lifetime of a token, in seconds.
pub(crate) const LIFETIME: i64 = 3600;

pub(crate) struct Tokens {
    /// The hash of each client's secret, by client id.
    clients: HashMap<String, String>,
    /// The time in seconds at which each token expires, by the token's hash.
    live: Mutex<HashMap<String, i64>>,
    database: Database,
}

impl Tokens {
    pub fn open(
        database: &Database,
        clients: &[(String, String)],
        key: &str,
    ) -> Result<Self, DatabaseError> {
        let now = Utc::now().timestamp();
        let live = database.with(|connection| {
            connection.execute("DELETE FROM tokens WHERE expires_at <= ?", [now])?;
            connection
                .prepare("SELECT hash, expires_at FROM tokens")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })?;
        let mut clients: HashMap<String, String> =
            clients.iter().map(|(id, secret)| (id.clone(), hash(secret))).collect();
        if clients.is_empty() {
            clients.insert(DEFAULT_CLIENT.to_owned(), hash(key));
        }
        Ok(Self { clients, live: Mutex::new(live), database: database.clone() })
    }

    /// Whether a bearer token is valid.
    pub fn holds(&self, token: &str) -> bool {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.get(&hash(token)).is_some_and(|ends| *ends > Utc::now().timestamp())
    }

    /// A new token for a client with the right secret. Blocks.
    pub fn issue(&self, client: &str, secret: &str) -> Result<Option<String>, DatabaseError> {
        if self.clients.get(client) != Some(&hash(secret)) {
            return Ok(None);
        }
        let token = new_token();
        let now = Utc::now().timestamp();
        let (hash, ends) = (hash(&token), now + LIFETIME);
        self.database.with(|connection| {
            connection.execute("DELETE FROM tokens WHERE expires_at <= ?", [now])?;
            connection.execute("INSERT INTO tokens VALUES (?, ?, ?)", params![hash, client, ends])
        })?;
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|_, ends| *ends > now);
        live.insert(hash, ends);
        Ok(Some(token))
    }
}
