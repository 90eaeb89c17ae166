//! Works on a batch: its rows in order, until all are done or its credits are used up.

use std::collections::HashSet;

use super::Request;
use crate::{
    billing::{Bill, Charge, Prices},
    directory::{Directory, Found, Subject, host, slug},
    enrich::research,
};
use lantern::api::agents::{BatchKind, ContactBatch, DeepResearchBatch};

/// The credit report of a run that was charged nothing.
pub(super) const NOTHING_CHARGED: &[u8] = b"id,service,credits,status\n";

/// The outcome of a batch.
#[derive(Debug)]
pub(super) struct BatchOutcome {
    pub results: Vec<u8>,
    pub credits: Vec<u8>,
    pub charges: Vec<Charge>,
}

/// Maximum cost of a batch, if everything is found.
pub(super) fn most(request: &Request, prices: &Prices) -> u64 {
    let (phone, email) = (u64::from(prices.phone), u64::from(prices.email));
    let each = match request {
        Request::Research(batch) => u64::from(prices.research_by(batch.effort)),
        Request::Contact(batch) => match batch.kind {
            BatchKind::Phone => phone,
            BatchKind::Email => email,
            BatchKind::PhoneEmail | BatchKind::DeepResearch => phone + email,
        },
    };
    request.max_credits().min(each.saturating_mul(request.len() as u64))
}

/// Works on a batch within `budget` credits.
///
/// A record that cannot be looked up (an empty, malformed or unknown id, too few fields) is skipped
/// and has no row. A duplicate id is looked up and paid once. The first record that costs more than
/// what is left ends the batch: neither it nor the records after it have a row.
pub(super) fn work(
    request: &Request,
    directory: &Directory,
    prices: &Prices,
    budget: u64,
) -> csv::Result<BatchOutcome> {
    match request {
        Request::Contact(batch) => contacts(batch, directory, prices, budget),
        Request::Research(batch) => researched(batch, directory, prices, budget),
    }
}

/// The credit report, and the sums of its columns.
struct Report {
    csv: csv::Writer<Vec<u8>>,
    bill: Bill,
    left: u64,
    seen: HashSet<String>,
}

impl Report {
    fn new(budget: u64) -> csv::Result<Self> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(["id", "service", "credits", "status"])?;
        Ok(Self { csv, bill: Bill::default(), left: budget, seen: HashSet::new() })
    }

    fn line(&mut self, id: &str, service: &str, credits: u64, status: &str) -> csv::Result<()> {
        self.csv.write_record([id, service, &credits.to_string(), status])
    }

    /// Adds a line for an id without a row in the result. The id may be any text from a caller, and
    /// reports are opened in spreadsheets, so a text that would be a formula there is quoted.
    fn unworked(&mut self, id: &str, service: &str, status: &str) -> csv::Result<()> {
        if id.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            return self.line(&format!("'{id}"), service, 0, status);
        }
        self.line(id, service, 0, status)
    }

    fn charge(&mut self, id: &str, service: &'static str, credits: u64) -> csv::Result<()> {
        self.left = self.left.saturating_sub(credits);
        self.bill.add(service, credits);
        self.line(id, service, credits, "found")
    }

    fn done(self, results: csv::Writer<Vec<u8>>) -> csv::Result<BatchOutcome> {
        let bytes = |csv: csv::Writer<Vec<u8>>| {
            csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))
        };
        Ok(BatchOutcome {
            results: bytes(results)?,
            credits: bytes(self.csv)?,
            charges: self.bill.into_charges(),
        })
    }
}

/// The columns of a result, in the order of the reference's examples, which differs between the
/// calls.
fn columns(kind: BatchKind) -> &'static [&'static str] {
    match kind {
        BatchKind::Phone => &[
            "id",
            "first_name",
            "last_name",
            "company_name",
            "company_url",
            "linkedin",
            "phone_number",
            "phone_found",
        ],
        BatchKind::Email => &[
            "id",
            "first_name",
            "last_name",
            "company_name",
            "company_url",
            "linkedin",
            "email",
            "email_found",
        ],
        BatchKind::PhoneEmail => &[
            "company_name",
            "company_url",
            "first_name",
            "id",
            "last_name",
            "linkedin",
            "email",
            "email_found",
            "phone_number",
            "phone_found",
        ],
        BatchKind::DeepResearch => &research::COLUMNS,
    }
}

fn contacts(
    batch: &ContactBatch,
    directory: &Directory,
    prices: &Prices,
    budget: u64,
) -> csv::Result<BatchOutcome> {
    let kind = batch.kind;
    let with_phone = kind != BatchKind::Email;
    let with_email = kind != BatchKind::Phone;
    let mut results = csv::Writer::from_writer(Vec::new());
    let columns = columns(kind);
    results.write_record(columns)?;

    let mut report = Report::new(budget)?;
    let mut stopped = false;
    for subject in subjects(batch) {
        let id = subject.id.as_deref().unwrap_or_default();
        if stopped {
            report.unworked(id, kind.name(), "stopped")?;
            continue;
        }
        let found = directory.find(&subject);
        let row = match found {
            Found::Row(row) => Some(row),
            Found::Nobody => None,
            Found::Skipped => {
                report.unworked(id, kind.name(), "skipped")?;
                continue;
            }
        };
        let known = |column| row.and_then(|row| directory.people().text(column, row));
        let id = subject.id.as_deref().or(known("id")).unwrap_or_default();
        if !id.is_empty() && !report.seen.insert(id.to_owned()) {
            report.unworked(id, kind.name(), "skipped")?;
            continue;
        }
        let phone = known("phone_number").filter(|_| with_phone);
        let email = known("email").filter(|_| with_email);
        let phone_price = phone.map_or(0, |_| u64::from(prices.phone));
        let email_price = email.map_or(0, |_| u64::from(prices.email));
        if phone_price + email_price > report.left {
            report.unworked(id, kind.name(), "stopped")?;
            stopped = true;
            continue;
        }
        let either = |column, own: &Option<String>| match row {
            Some(_) => known(column).map(str::to_owned),
            None => own.clone(),
        };
        let (first, last) =
            (either("first_name", &subject.first_name), either("last_name", &subject.last_name));
        let (company, linkedin) =
            (either("company_name", &subject.company), either("linkedin", &subject.linkedin));
        let word = |found: bool| if found { "true" } else { "false" };
        let cell = |column: &&'static str| match *column {
            "id" => id,
            "first_name" => first.as_deref().unwrap_or_default(),
            "last_name" => last.as_deref().unwrap_or_default(),
            "company_name" => company.as_deref().unwrap_or_default(),
            // Always a bare domain and a slug, however the directory or the caller writes them.
            "company_url" => known("company_url").map_or("", host),
            "linkedin" => linkedin.as_deref().map_or("", slug),
            "email" => email.unwrap_or_default(),
            "email_found" => word(email.is_some()),
            "phone_number" => phone.unwrap_or_default(),
            _ => word(phone.is_some()),
        };
        results.write_record(columns.iter().map(cell))?;
        if email.is_some() {
            report.charge(id, "email", email_price)?;
        }
        if phone.is_some() {
            report.charge(id, "phone", phone_price)?;
        }
        if email.is_none() && phone.is_none() {
            report.line(id, kind.name(), 0, "not_found")?;
        }
    }
    report.done(results)
}

fn subjects(batch: &ContactBatch) -> impl Iterator<Item = Subject> + '_ {
    let ids = batch.ids.iter().flatten().map(|id| Subject {
        id: Some(id.clone()).filter(|id| !id.trim().is_empty()),
        ..Subject::default()
    });
    ids.chain(batch.records.iter().flatten().map(Subject::of))
}

fn researched(
    batch: &DeepResearchBatch,
    directory: &Directory,
    prices: &Prices,
    budget: u64,
) -> csv::Result<BatchOutcome> {
    let kind = BatchKind::DeepResearch.name();
    let price = u64::from(prices.research_by(batch.effort));
    let mut results = csv::Writer::from_writer(Vec::new());
    results.write_record(columns(BatchKind::DeepResearch))?;
    let mut report = Report::new(budget)?;
    let mut stopped = false;
    for id in batch.ids.iter().map(String::as_str) {
        let Some(row) = research::subject(directory, batch.entity_type, id).filter(|_| !stopped)
        else {
            report.unworked(id, kind, if stopped { "stopped" } else { "skipped" })?;
            continue;
        };
        if !report.seen.insert(id.to_owned()) {
            report.unworked(id, kind, "skipped")?;
            continue;
        }
        if price > report.left {
            stopped = true;
            report.unworked(id, kind, "stopped")?;
            continue;
        }
        results.write_record(research::row(directory, batch, row))?;
        report.charge(id, kind, price)?;
    }
    report.done(results)
}
