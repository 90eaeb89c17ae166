//! Plans a job: which batches it sends, under which key, and for how many credits.

use std::borrow::Cow;

use arrow::datatypes::DataType;
use sha2::{Digest, Sha256};

pub use super::request::{BatchCall, Request};
use super::{
    ids::Ids,
    job_key,
    records::{Records, check_columns},
    row_ids::pack_rows,
};
use crate::{
    api::agents::{BatchKind, EntityType, MAX_BATCH},
    error::{Advice, Error, Result, Setting},
    ledger::{
        NewJob, Reuse,
        budgets::MOST_CREDITS,
        memory::{NewMemory, Parts, Recall, Recalled, kind_of, parts},
        suppression::Entry,
    },
    results::record_id::canonical,
};

/// The columns of a job's table that say what became of each row.
const OWN_COLUMNS: [&str; 3] = ["status", "error", "reused"];

/// How to submit a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub request: Request,
    /// Maximum cost of the whole job in credits. With 0, only known answers are taken and nothing
    /// is sent.
    pub max_credits: u64,
    /// The job's key; by default a hash of the request and the set of ids.
    pub key: Option<String>,
    /// Number of ids per batch, 1 to 1000.
    pub batch_size: usize,
    /// Maximum cost of one record; by default [`Request::usual_price`].
    pub price: Option<u64>,
    /// Which known answers are accepted.
    pub reuse: Reuse,
    /// Number of ids to ask for, chosen at random; `None` asks for all.
    pub sample: Option<usize>,
    /// Entries that are suppressed in this job, in addition to the ledger's list. The lists of all
    /// submissions of the job apply.
    pub suppress: Vec<Entry>,
    /// The budget above the job. Without one, an existing job keeps its budget.
    pub budget: Option<String>,
}

impl Submission {
    pub fn new(request: Request, max_credits: u64) -> Self {
        Self {
            request,
            max_credits,
            key: None,
            batch_size: MAX_BATCH,
            price: None,
            reuse: Reuse::ALWAYS,
            sample: None,
            suppress: Vec::new(),
            budget: None,
        }
    }

    /// This submission, for records instead of ids.
    ///
    /// # Errors
    /// If the kind does not accept records, a field is unknown, or the fields do not identify
    /// anybody.
    pub(super) fn for_records(&self, records: &Records) -> Result<Self> {
        let mut own = self.clone();
        check_columns(own.request.kind, records.columns())?;
        own.request.columns = Some(records.columns().clone());
        Ok(own)
    }

    /// Plans a job about whose ids nothing is known: see [`Submission::plan_known`].
    ///
    /// # Errors
    /// If the budget pays for nothing, or the batch size or the key is invalid.
    pub fn plan(&self, column: &str, ids: &Ids, account: &str, base_url: &str) -> Result<NewJob> {
        let mut job = self.outline(column, ids, account, base_url)?;
        let mut ids = ids.clone();
        let missing = parts(self.request.kind);
        let of = vec![Recalled { missing, ..Recalled::default() }; ids.unique.len()];
        self.plan_known(&mut job, &mut ids, &Recall { of, ..Recall::default() })?;
        Ok(job)
    }

    /// Reduces a table to the ids of the sample, if only a sample is asked for.
    ///
    /// # Errors
    /// As for [`Submission::plan`], or if the sample is empty.
    pub fn take_sample(&self, column: &str, ids: &mut Ids, account: &str) -> Result<()> {
        let Some(size) = self.sample else { return Ok(()) };
        if size == 0 {
            return Err(Error::setting(Setting::Sample, "is 0")
                .advise(Advice::text("give the number of ids to ask for, at least 1")));
        }
        if size < ids.unique.len() {
            let whole = self.outline(column, ids, account, "")?;
            ids.sample(size, &whole.digest);
        }
        Ok(())
    }

    /// Fills in which ids are sent and which are known, for [`crate::ledger::Store::create`]. The
    /// ids are put into the order of the plan: first those to send, so that a budget reaches the
    /// first rows first, then those that another job is asking for now, then the known ones.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn plan_known(&self, job: &mut NewJob, ids: &mut Ids, recall: &Recall) -> Result<()> {
        let own = self.request.kind;
        let mut asked: Vec<((bool, Parts), Vec<u32>)> = Vec::new();
        let mut known = Vec::new();
        for (at, recalled) in (0_u32..).zip(&recall.of) {
            if recalled.missing == 0 {
                known.push(at);
                continue;
            }
            let group = (recalled.in_flight, recalled.missing);
            match asked.iter_mut().find(|(other, _)| *other == group) {
                Some((_, ids)) => ids.push(at),
                None => asked.push((group, vec![at])),
            }
        }
        // Batches that ask for everything come first.
        asked.sort_by_key(|((in_flight, missing), _)| (*in_flight, std::cmp::Reverse(*missing)));
        let order: Vec<u32> =
            asked.iter().flat_map(|(_, ids)| ids).chain(&known).copied().collect();
        let partly = asked
            .iter()
            .flat_map(|(_, ids)| ids)
            .filter(|at| recall.of[**at as usize].flags != 0)
            .map(|at| (ids.unique[*at as usize].clone(), recall.of[*at as usize]))
            .collect();
        ids.permute(&order);
        let (mut batches, mut kinds) = (Vec::new(), Vec::new());
        let mut first = 0;
        for ((_, missing), group) in &asked {
            let kind = Some(kind_of(own, *missing)).filter(|kind| *kind != own);
            for batch in ids.unique[first..first + group.len()].chunks(self.batch_size) {
                batches.push(batch.to_vec());
                kinds.push(kind);
            }
            first += group.len();
        }
        let reused = ids.unique[first..].iter().cloned();
        let reused = reused.zip(known.iter().map(|at| recall.of[*at as usize])).collect();
        job.batches = batches;
        job.row_ids = pack_rows(ids)?;
        let wish = self.request.wish(&job.account, self.reuse);
        job.memory = Some(NewMemory { wish, as_of: recall.as_of, kinds, reused, partly });
        Ok(())
    }

    /// The key and the hash under which an earlier version, which compared ids letter for letter, may
    /// have recorded this job; `None` if they are the same as now.
    pub(super) fn earlier(&self, ids: &Ids) -> Option<(String, String)> {
        if ids.unique.iter().all(|id| matches!(canonical(id), Cow::Borrowed(_))) {
            return None;
        }
        let digest = digest(self.request.kind, &self.request.hashed(), ids.unique.iter());
        let key = self.key.clone().unwrap_or_else(|| default_key(self.request.kind, &digest));
        Some((key, digest))
    }

    /// The job before its ids are planned: its key and its request. `account` is that of the
    /// client's key, and `base_url` the one that it is submitted to.
    ///
    /// # Errors
    /// As for [`Submission::plan`].
    pub fn outline(
        &self,
        column: &str,
        ids: &Ids,
        account: &str,
        base_url: &str,
    ) -> Result<NewJob> {
        let refused = |setting, happened: String, advice: String| {
            Err(Error::setting(setting, happened).advise(Advice::text(advice)))
        };
        if self.request.columns.is_none() && OWN_COLUMNS.contains(&column) {
            let happened = format!(
                "column {column:?} cannot be the ids, because the table of results has a column of this \
                 name"
            );
            return Err(Error::input(happened)
                .with_column(column)
                .hint("rename it, for example to id"));
        }
        if !(1..=MAX_BATCH).contains(&self.batch_size) {
            let advice = format!("give 1 to {MAX_BATCH}");
            return refused(Setting::BatchSize, format!("is {}", self.batch_size), advice);
        }
        let price = self.price.unwrap_or(self.request.usual_price());
        if price == 0 {
            let advice = "give the most that one id can cost, at least 1".to_owned();
            return refused(Setting::CreditsPerId, "is 0".to_owned(), advice);
        }
        for (setting, credits) in
            [(Setting::CreditsPerId, price), (Setting::MaxCredits, self.max_credits)]
        {
            if credits > MOST_CREDITS {
                let advice = format!("give at most {MOST_CREDITS}");
                return refused(setting, format!("is {credits}"), advice);
            }
        }
        // A budget of 0 asks for known answers only. Any other budget is meant to be spent.
        if self.max_credits > 0 && self.max_credits < price {
            let happened = format!(
                "is {} and one {} record can cost {price}, so nothing could be sent",
                self.max_credits, self.request.kind
            );
            return Err(Error::setting(Setting::MaxCredits, happened)
                .advise(Advice::RaiseBudgetOrLowerPrice));
        }
        if self.request.kind != BatchKind::DeepResearch
            && self.request.entity_type != EntityType::Person
        {
            let happened = format!("is company, and {} is for persons only", self.request.kind);
            let advice = "use deep-research for companies".to_owned();
            return refused(Setting::EntityType, happened, advice);
        }
        if let Some((setting, value)) = self.request.unused() {
            let happened = format!("is {value:?}, and {} does not use it", self.request.kind);
            let advice = "leave it out, or use deep-research".to_owned();
            return refused(setting, happened, advice);
        }
        self.request.check_extra()?;
        let parameters = self.request.parameters();
        let known = ids.unique.iter().map(|id| canonical(id));
        let digest = digest(self.request.kind, &self.request.hashed(), known);
        let key = match &self.key {
            None => default_key(self.request.kind, &digest),
            Some(key) => {
                job_key::check(key)?;
                key.clone()
            }
        };
        Ok(NewJob {
            account: account.to_owned(),
            key,
            kind: self.request.kind.name().to_owned(),
            parameters,
            digest,
            id_column: column.to_owned(),
            id_type: id_type(&ids.data_type).to_string(),
            rows: ids.of_row.len() as u64,
            batches: Vec::new(),
            row_ids: Vec::new(),
            max_credits: self.max_credits,
            price,
            base_url: base_url.to_owned(),
            calls: None,
            memory: None,
            suppress: self.suppress.clone(),
            budget: self.budget.clone(),
        })
    }
}

/// The type in which ids are returned: integers as they were, and every kind of string as Utf8.
pub fn id_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, value) => id_type(value),
        kind if kind.is_integer() || matches!(kind, DataType::Decimal128(_, 0)) => kind.clone(),
        _ => DataType::Utf8,
    }
}

fn default_key(kind: BatchKind, digest: &str) -> String {
    format!("{kind}-{}", &digest[..16])
}

/// Hashes the request and the set of ids, whatever their order.
fn digest<T: AsRef<str> + Ord>(
    kind: BatchKind,
    parameters: &str,
    ids: impl Iterator<Item = T>,
) -> String {
    let mut sorted: Vec<T> = ids.collect();
    sorted.sort_unstable();
    let mut hash = Sha256::new();
    let request = [kind.name(), parameters].into_iter();
    for part in request.chain(sorted.iter().map(AsRef::as_ref)) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Array, ArrayRef, StringArray};
    use serde_json::Value;

    use super::*;

    fn plan(ids: &[&str], submission: &Submission) -> Result<NewJob> {
        let column: ArrayRef = Arc::new(StringArray::from(ids.to_vec()));
        let ids = Ids::read("id", column.data_type(), std::slice::from_ref(&column)).unwrap();
        submission.plan("id", &ids, "https://api.example.com#1", "https://api.example.com")
    }

    fn submission(max_credits: u64) -> Submission {
        Submission::new(Request::new(BatchKind::PhoneEmail), max_credits)
    }

    #[test]
    fn the_key_does_not_depend_on_order_duplicates_or_budget() {
        let one = plan(&["a", "b", "c"], &submission(100)).unwrap();
        let two = plan(&["c", "a", "b", "a"], &submission(999)).unwrap();
        assert_eq!(one.key, two.key);
        assert!(one.key.starts_with("phone-email-"));
        assert_ne!(one.key, plan(&["a", "b"], &submission(100)).unwrap().key);
        let mut email = submission(100);
        email.request.kind = BatchKind::Email;
        assert_ne!(one.digest, plan(&["a", "b", "c"], &email).unwrap().digest);
        assert_ne!(plan(&["ab", "c"], &submission(100)).unwrap().digest, one.digest);
    }

    #[test]
    fn the_key_does_not_depend_on_the_case_of_a_uuid() {
        let lower = "8c6f2a10-0b1d-4e5f-9abc-def012345678";
        let upper = lower.to_uppercase();
        let one = plan(&["a", lower], &submission(100)).unwrap();
        let two = plan(&[&upper, "a"], &submission(100)).unwrap();
        assert_eq!((&one.key, &one.digest), (&two.key, &two.digest));
        assert_eq!(two.batches, [vec![upper.as_str(), "a"]], "it is sent as it is spelled");
        assert_ne!(one.key, plan(&["A", lower], &submission(100)).unwrap().key);
        // An earlier version had another key for the ids in capitals.
        let ids = |ids: &[&str]| Ids::of_texts(ids.iter().map(|id| (*id).to_owned())).unwrap();
        assert_eq!(submission(100).earlier(&ids(&["a", lower])), None);
        let (key, digest) = submission(100).earlier(&ids(&["a", &upper])).unwrap();
        assert!(key.starts_with("phone-email-") && key != one.key && digest != one.digest);
        let named = Submission { key: Some("weekly".to_owned()), ..submission(100) };
        assert_eq!(named.earlier(&ids(&[&upper])).unwrap().0, "weekly");
    }

    #[test]
    fn ids_are_split_into_batches_in_their_order() {
        let mut small = submission(100);
        small.batch_size = 2;
        assert_eq!(
            plan(&["c", "a", "c", "b"], &small).unwrap().batches,
            [vec!["c", "a"], vec!["b"]]
        );
    }

    #[test]
    fn ids_in_a_column_that_the_result_has_itself_are_refused() {
        let ids = Ids::of_texts(["a".to_owned()].into_iter()).unwrap();
        let outline = |column| submission(100).outline(column, &ids, "a", "https://a.example");
        for column in OWN_COLUMNS {
            let error = outline(column).unwrap_err();
            assert_eq!(error.facts().column.as_deref(), Some(column), "{error}");
        }
        assert!(outline("email").is_ok() && outline("Status").is_ok());
    }

    #[test]
    fn a_budget_that_pays_for_nothing_is_refused() {
        assert!(plan(&["a"], &submission(0)).is_ok(), "it asks for known answers only");
        let error = plan(&["a"], &submission(5)).unwrap_err().to_string();
        assert!(error.contains("one phone-email record can cost 6"), "{error}");
        let error = plan(&["a"], &submission(u64::MAX)).unwrap_err().to_string();
        assert!(error.contains("max_credits is 18446744073709551615; give at most"), "{error}");
        let mut cheap = submission(5);
        cheap.price = Some(2);
        assert!(plan(&["a"], &cheap).is_ok());
    }

    #[test]
    fn extra_fields_make_another_job_and_known_ones_are_refused() {
        let mut extra = submission(100);
        extra.request.extra.insert("priority".into(), "high".into());
        let (with, without) = (plan(&["a"], &extra), plan(&["a"], &submission(100)));
        assert_ne!(with.unwrap().key, without.unwrap().key);
        for name in ["ids", "records", "max_credits", "entity_type"] {
            let mut known = submission(100);
            known.request.extra.insert(name.into(), Value::Null);
            let error = plan(&["a"], &known).unwrap_err();
            assert_eq!(error.facts().field.as_deref(), Some(name), "{error}");
        }
    }
}
