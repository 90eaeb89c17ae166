//! The plan of a table of calls, as the ledger stores it.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::kind::{Fields, Kind};
use crate::{
    client::ClientConfig,
    error::{Error, Result},
    jobs::{
        account::earlier,
        identity::{Texts, earlier_identities, identity, sorted_json},
        ids::Ids,
        job_key,
        row_ids::pack_rows,
    },
    ledger::{
        JobRecord, NewCalls, NewJob, Reuse, Store,
        job::REQUESTS_A_CHUNK,
        memory::{HashKey, NewMemory, Question, Recall, WHOLE, Wish},
        packed::{pack_bytes, unpack_bytes},
        suppression::Entry,
    },
    process::loopback::is_loopback,
};

/// The SHA-256 of some bytes, in hexadecimal.
fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The hash of the request, by which the same calls over the same table are recognized.
pub fn digest(
    call: &str,
    account: &str,
    shared: &Map<String, Value>,
    extra: &Map<String, Value>,
    rows: &[Map<String, Value>],
) -> String {
    let written = match (shared.is_empty(), extra.is_empty()) {
        (true, true) => serde_json::to_vec(&(call, account, rows)),
        (false, true) => serde_json::to_vec(&(call, account, rows, shared)),
        (_, false) => serde_json::to_vec(&(call, account, rows, shared, extra)),
    };
    // Serializing a map of JSON values cannot fail.
    hash(&written.unwrap_or_default())
}

/// Finds the job that an earlier version recorded for the same calls. It identified an API by its
/// host alone.
pub struct Earlier {
    account: String,
    key: String,
    digest: String,
    /// Whether the API is on this machine. An earlier version did not distinguish local servers, so
    /// its jobs cannot be assigned to one.
    local: bool,
}

impl Earlier {
    pub fn of(
        kind: &Kind,
        config: &ClientConfig,
        shared: &Fields,
        rows: &[Fields],
        key: Option<&str>,
    ) -> Self {
        let account = earlier(config);
        let digest = digest(kind.name, &account, shared, &Fields::new(), rows);
        let key = key.map_or_else(|| default_key(kind, &digest), str::to_owned);
        Self { account, key, digest, local: is_loopback(&config.base_url) }
    }

    /// # Errors
    /// If the ledger cannot be read.
    pub fn find(&self, store: &dyn Store) -> Result<Option<JobRecord>> {
        if self.local {
            return Ok(None);
        }
        let found = store.find(&self.account, &self.key)?;
        Ok(found.filter(|found| found.digest == self.digest))
    }
}

fn default_key(kind: &Kind, digest: &str) -> String {
    format!("{}-{}", kind.name, &digest[..16])
}

/// The key for the extra fields of a job's calls among what all rows share; no call has a field
/// with this name.
const EXTRA: &str = "extra";

/// What all rows share, as the ledger stores it.
fn parameters(shared: &Fields, extra: &Fields) -> String {
    let mut fields = shared.clone();
    if !extra.is_empty() {
        fields.insert(EXTRA.to_owned(), Value::Object(extra.clone()));
    }
    Value::Object(fields).to_string()
}

/// Decodes what [`parameters`] returned: what all rows share, and the extra fields.
///
/// # Errors
/// If the text is not a JSON object.
pub fn read_parameters(text: &str) -> serde_json::Result<(Fields, Fields)> {
    let mut shared: Fields = serde_json::from_str(text)?;
    let extra = match shared.shift_remove(EXTRA) {
        Some(Value::Object(extra)) => extra,
        _ => Fields::new(),
    };
    Ok((shared, extra))
}

/// What is asked, and within which limits.
pub struct Plan<'a> {
    pub kind: &'static Kind,
    pub shared: &'a Fields,
    pub extra: &'a Fields,
    pub rows: &'a [Fields],
    pub rows_per_call: usize,
    pub max_credits: u64,
    /// Maximum cost of one row.
    pub price: u64,
    pub key: Option<String>,
    pub account: String,
    pub base_url: String,
    pub budget: Option<String>,
    pub suppress: Vec<Entry>,
}

/// The question that calls ask about each record, for the memory of records.
pub fn question(kind: &Kind, account: &str, shared: &Fields, extra: &Fields) -> Question {
    let mut parameters = shared.clone();
    if !extra.is_empty() {
        parameters.insert(EXTRA.to_owned(), Value::Object(extra.clone()));
    }
    Question {
        account: account.to_owned(),
        family: kind.name.to_owned(),
        parameters: sorted_json(&parameters),
    }
}

/// The identity of a row's record.
pub fn record(kind: &Kind, row: &Fields, key: &HashKey) -> String {
    // The rules of a match may compare every character of a candidate.
    let texts = if kind.takes_several() { Texts::Verbatim } else { Texts::Normalized };
    identity(row, texts, key)
}

/// The other records as which an earlier version may know those of a table, each with its position
/// among the distinct ones.
pub fn earlier_records(
    kind: &Kind,
    rows: &[Fields],
    records: &Ids,
    key: &HashKey,
) -> (Vec<usize>, Vec<String>) {
    if kind.takes_several() {
        return (Vec::new(), Vec::new());
    }
    let of_row = rows.iter().zip(&records.of_row);
    let earlier = of_row.flat_map(|(row, at)| {
        let own = earlier_identities(row, key).into_iter();
        own.map(move |record| (*at as usize, record))
    });
    earlier.unzip()
}

/// The distinct records of a table. Calls that are not remembered have a record for each row.
///
/// # Errors
/// If there are too many records.
pub fn records(kind: &Kind, rows: &[Fields], key: &HashKey) -> Result<Ids> {
    if kind.is_remembered() {
        return Ids::of_texts(rows.iter().map(|row| record(kind, row, key)));
    }
    Ids::of_texts((0..rows.len()).map(|row| row.to_string()))
}

/// The request of each record, in order: that of the first row with this record.
fn requests(rows: &[Fields], records: &Ids) -> Vec<Fields> {
    let mut of: Vec<Option<&Fields>> = vec![None; records.unique.len()];
    for (row, record) in rows.iter().zip(&records.of_row) {
        if let Some(of) = of.get_mut(*record as usize) {
            of.get_or_insert(row);
        }
    }
    of.into_iter().flatten().cloned().collect()
}

impl Plan<'_> {
    pub fn question(&self) -> Question {
        question(self.kind, &self.account, self.shared, self.extra)
    }

    /// The question, and which known answers are accepted.
    pub fn wish(&self, reuse: Reuse) -> Wish {
        Wish { question: self.question(), parts: WHOLE, reuse }
    }

    /// Fills in which records are sent and which are known, for [`Store::create`]. Records to send
    /// come first, in the order of the rows, so that a budget reaches the first rows first. They
    /// are followed by records that another job is asking for now, and then by the known ones.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn with_memory(
        &self,
        job: &mut NewJob,
        records: &mut Ids,
        reuse: Reuse,
        recall: &Recall,
    ) -> Result<()> {
        let (mut asked, mut in_flight, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for (at, recalled) in (0_u32..).zip(&recall.of) {
            match (recalled.missing, recalled.in_flight) {
                (0, _) => known.push(at),
                (_, true) => in_flight.push(at),
                (_, false) => asked.push(at),
            }
        }
        let order: Vec<u32> = asked.iter().chain(&in_flight).chain(&known).copied().collect();
        records.permute(&order);
        let (own, others) = records.unique.split_at(asked.len());
        let (others, reused) = others.split_at(in_flight.len());
        let per_call = self.rows_per_call.max(1);
        job.batches =
            own.chunks(per_call).chain(others.chunks(per_call)).map(<[_]>::to_vec).collect();
        job.row_ids = pack_rows(records)?;
        if let Some(calls) = &mut job.calls {
            let requests = requests(self.rows, records);
            calls.requests = requests.chunks(REQUESTS_A_CHUNK).map(pack).collect::<Result<_>>()?;
        }
        let reused = reused.iter().cloned();
        job.memory = Some(NewMemory {
            wish: self.wish(reuse),
            as_of: recall.as_of,
            kinds: vec![None; job.batches.len()],
            reused: reused.zip(known.iter().map(|at| recall.of[*at as usize])).collect(),
            partly: Vec::new(),
        });
        Ok(())
    }

    /// The job to record, if nothing about it is known.
    ///
    /// # Errors
    /// If the key is empty or too long, or if there is not enough memory.
    pub fn job(&self) -> Result<NewJob> {
        self.key.as_deref().map(job_key::check).transpose()?;
        let digest = digest(self.kind.name, &self.account, self.shared, self.extra, self.rows);
        let key = self.key.clone().unwrap_or_else(|| default_key(self.kind, &digest));
        let requests = self.rows.chunks(REQUESTS_A_CHUNK).map(pack).collect::<Result<_>>()?;
        Ok(NewJob {
            account: self.account.clone(),
            key,
            kind: self.kind.name.to_owned(),
            parameters: parameters(self.shared, self.extra),
            digest,
            id_column: String::new(),
            id_type: String::new(),
            rows: self.rows.len() as u64,
            batches: Vec::new(),
            row_ids: Vec::new(),
            max_credits: self.max_credits,
            price: self.price,
            base_url: self.base_url.clone(),
            calls: Some(NewCalls {
                rows_per_call: u32::try_from(self.rows_per_call).unwrap_or(u32::MAX),
                requests,
            }),
            memory: None,
            budget: self.budget.clone(),
            suppress: self.suppress.clone(),
        })
    }
}

fn pack(rows: &[Fields]) -> Result<Vec<u8>> {
    serde_json::to_vec(rows)
        .map_err(std::io::Error::from)
        .and_then(|json| pack_bytes(&json))
        .map_err(|error| {
            Error::ledger(format!("the requests cannot be recorded: {error}")).caused_by(error)
        })
}

/// Decodes the requests that [`Plan::job`] encoded.
///
/// # Errors
/// If they are damaged.
pub fn unpack(chunks: Vec<Vec<u8>>) -> Result<Vec<Fields>> {
    let mut rows = Vec::new();
    for chunk in chunks {
        let read: Vec<Fields> = unpack_bytes(&chunk)
            .and_then(|json| Ok(serde_json::from_slice(&json)?))
            .map_err(|error| {
                Error::ledger(format!("the ledger's list of requests is damaged: {error}"))
                    .hint("restore the ledger from a backup")
                    .caused_by(error)
            })?;
        rows.extend(read);
    }
    Ok(rows)
}
