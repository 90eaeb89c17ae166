//! Deep research without a model, using only the directory. Every finding is a fact of the
//! directory with its source. The confidence says how much of the request the directory could
//! answer.

use std::collections::BTreeMap;

use serde_json::json;

use crate::directory::{Directory, Table};
use lantern::api::agents::{AgentType, DeepResearchBatch, Effort, EntityType};

/// The columns of a result. `findings` and `sources` are JSON lists of texts.
pub(crate) const COLUMNS: [&str; 8] =
    ["id", "entity_type", "name", "summary", "findings", "sources", "confidence", "agent_type"];

/// The row of the person or company with this id.
pub(crate) fn subject(directory: &Directory, entity: EntityType, id: &str) -> Option<usize> {
    match entity {
        EntityType::Person => directory.people().row(id),
        EntityType::Company => directory.companies().row(id),
    }
}

/// The cells of one result.
pub(crate) fn row(directory: &Directory, batch: &DeepResearchBatch, row: usize) -> [String; 8] {
    let mut notes = Notes::default();
    let (id, name, summary) = match batch.entity_type {
        EntityType::Person => person(directory, batch.effort, row, &mut notes),
        EntityType::Company => company(directory, batch.effort, row, &mut notes),
    };
    let mut confidence = f64::from(notes.known) / f64::from(notes.asked.max(1));
    // The hint and the agent may ask for more than the directory contains, and the result says so.
    let missing = notes.unanswered(&batch.query_hint, batch.agent_type);
    if !missing.is_empty() {
        confidence *= 0.5;
        notes.findings.extend(missing);
    }
    [
        id,
        batch.entity_type.name().to_owned(),
        name,
        summary,
        json!(notes.findings).to_string(),
        json!(notes.sources).to_string(),
        format!("{confidence:.2}"),
        batch.agent_type.name().to_owned(),
    ]
}

/// What the directory contains about one person or company.
pub(crate) struct Profile {
    pub id: String,
    pub name: String,
    pub summary: String,
    pub findings: Vec<String>,
    pub sources: Vec<String>,
    /// Number of facts that were looked for.
    pub asked: u32,
    pub known: u32,
}

pub(crate) fn profile(
    directory: &Directory,
    entity: EntityType,
    row: usize,
    effort: Effort,
) -> Profile {
    let mut notes = Notes::default();
    let (id, name, summary) = match entity {
        EntityType::Person => person(directory, effort, row, &mut notes),
        EntityType::Company => company(directory, effort, row, &mut notes),
    };
    let Notes { findings, sources, asked, known } = notes;
    Profile { id, name, summary, findings, sources, asked, known }
}

/// Findings, their sources, and how much of the request was found.
#[derive(Default)]
struct Notes {
    findings: Vec<String>,
    sources: Vec<String>,
    asked: u32,
    known: u32,
}

impl Notes {
    /// Looks up a fact, and adds it if it is known.
    fn fact(&mut self, label: &str, value: Option<&str>) {
        self.asked += 1;
        if let Some(value) = value {
            self.known += 1;
            self.findings.push(format!("{label}: {value}"));
        }
    }

    /// The parts of the request that no finding answers.
    fn unanswered(&self, hint: &str, agent: AgentType) -> Vec<String> {
        let mut missing = Vec::new();
        if agent != AgentType::General {
            missing.push(format!("The directory holds no {agent} information."));
        }
        let told = self.findings.join(" ").to_lowercase();
        let open: Vec<&str> = hint
            .split(|sign: char| !sign.is_alphanumeric())
            .filter(|word| word.chars().count() > 3 && !told.contains(&word.to_lowercase()))
            .collect();
        if !open.is_empty() {
            missing.push(format!("The directory says nothing about: {}.", open.join(", ")));
        }
        missing
    }
}

fn person(
    directory: &Directory,
    effort: Effort,
    row: usize,
    notes: &mut Notes,
) -> (String, String, String) {
    let people = directory.people();
    let at = |column| people.text(column, row);
    let id = at("id").unwrap_or_default().to_owned();
    let name =
        [at("first_name"), at("last_name")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    notes.sources.push(format!("directory:people/{id}"));
    notes.fact("Title", at("title"));
    notes.fact("Company", at("company_name"));
    notes.fact("Website", at("company_url"));
    notes.fact("LinkedIn", at("linkedin"));
    notes.fact("City", at("city"));
    notes.fact("Country", at("country"));
    let mut summary = if name.is_empty() { format!("Person {id}") } else { name.clone() };
    match (at("title"), at("company_name")) {
        (Some(title), Some(company)) => summary += &format!(" is {title} at {company}"),
        (Some(title), None) => summary += &format!(" is {title}"),
        (None, Some(company)) => summary += &format!(" works at {company}"),
        (None, None) => summary += " is in the directory",
    }
    summary += &place(people, row);
    summary.push('.');
    if effort != Effort::Low
        && let Some(company) = directory.company_of(row)
    {
        company_facts(directory, company, notes);
        if effort == Effort::High {
            let colleagues = directory.people_of(company).count().saturating_sub(1);
            notes.fact("Colleagues in the directory", Some(&colleagues.to_string()));
        }
    }
    (id, name, summary)
}

fn company(
    directory: &Directory,
    effort: Effort,
    row: usize,
    notes: &mut Notes,
) -> (String, String, String) {
    let companies = directory.companies();
    let at = |column| companies.text(column, row);
    let id = at("id").unwrap_or_default().to_owned();
    let name = at("name").unwrap_or_default().to_owned();
    let mut summary = if name.is_empty() { format!("Company {id}") } else { name.clone() };
    match at("industry") {
        Some(industry) => summary += &format!(" works in {}", industry.to_lowercase()),
        None => summary += " is in the directory",
    }
    summary += &place(companies, row);
    if let Some(size) = at("size_range") {
        summary += &format!(" and has {size} employees");
    }
    summary.push('.');
    company_facts(directory, row, notes);
    if effort != Effort::Low {
        let people = directory.people();
        let mut titles: BTreeMap<&str, usize> = BTreeMap::new();
        let mut staff = 0;
        for person in directory.people_of(row) {
            staff += 1;
            if let Some(title) = people.text("title", person) {
                *titles.entry(title).or_default() += 1;
            }
        }
        notes.fact("People in the directory", Some(&staff.to_string()));
        if effort == Effort::High {
            let mut titles: Vec<_> = titles.into_iter().collect();
            titles.sort_by_key(|&(title, count)| (std::cmp::Reverse(count), title));
            let most: Vec<&str> = titles.iter().take(5).map(|&(title, _)| title).collect();
            notes.fact(
                "Most frequent titles",
                Some(most.join(", ").as_str()).filter(|titles| !titles.is_empty()),
            );
        }
    }
    (id, name, summary)
}

fn company_facts(directory: &Directory, row: usize, notes: &mut Notes) {
    let companies = directory.companies();
    let at = |column| companies.text(column, row);
    notes.sources.push(format!("directory:companies/{}", at("id").unwrap_or_default()));
    notes.fact("Domain", at("domain"));
    notes.fact("Industry", at("industry"));
    notes.fact("Employees", at("size_range"));
    notes.fact("Founded", directory.founded(row).map(|year| year.to_string()).as_deref());
    notes.fact("Headquarters", at("city"));
    notes.fact("Region", at("state"));
}

/// ` in Berlin, Germany`, as far as it is known.
fn place(table: &Table, row: usize) -> String {
    let known: Vec<&str> =
        [table.text("city", row), table.text("country", row)].into_iter().flatten().collect();
    if known.is_empty() { String::new() } else { format!(" in {}", known.join(", ")) }
}
