//! Questions in words, answered without a model: what the directory says of the people and
//! companies that a question names, and nothing else. The answer names itself as that.

use serde_json::{Map, Value, json};

use super::{
    caller::Caller,
    directory::Directory,
    refusal::Refusal,
    research::{Profile, profile},
    shared::Shared,
};
use crate::{
    api::{
        Metering,
        agents::{AgentType, Effort, EntityType},
        enrich::{Ask, Asked, Research, Researched, TokenUsage},
    },
    matching::normalize::{domain_key, is_valid_email},
};

/// What answers.
const ANSWERED_BY: &str = "the local directory, extractive, without a language model";

/// The most subjects that one answer speaks of.
const MOST: usize = 5;

/// `POST /v1/enrich/ai`. Blocks.
pub(super) fn ask(shared: &Shared, caller: &Caller, call: &Ask) -> Result<Asked, Refusal> {
    let effort = call.effort.unwrap_or(Effort::Low);
    let price = shared.prices.ai[effort as usize];
    let said = Said::to(&shared.directory, &call.query, effort, AgentType::General);
    let metering = paid(shared, caller, call.max_credits, "ai", price, &said)?;
    Ok(Asked {
        success: Some(true),
        response: said.response(call.options.unwrap_or_default().format_json),
        confidence: Some(said.confidence),
        query: Some(call.query.clone()),
        token_usage: Some(no_tokens()),
        metering,
        extra: names_itself(),
    })
}

/// `POST /v1/enrich/research`. Blocks.
pub(super) fn research(
    shared: &Shared,
    caller: &Caller,
    call: &Research,
) -> Result<Researched, Refusal> {
    let effort = call.effort.unwrap_or(Effort::Low);
    let agent = call.agent_type.unwrap_or(AgentType::General);
    let price = shared.prices.research_by(effort);
    let said = Said::to(&shared.directory, &call.query, effort, agent);
    let metering = paid(shared, caller, call.max_credits, "research", price, &said)?;
    Ok(Researched {
        success: Some(true),
        response: said.response(call.options.unwrap_or_default().format_json),
        confidence: Some(said.confidence),
        query: Some(call.query.clone()),
        token_usage: Some(no_tokens()),
        agent_used: Some(agent.name().to_owned()),
        metering,
        extra: names_itself(),
    })
}

fn paid(
    shared: &Shared,
    caller: &Caller,
    max_credits: Option<u64>,
    service: &'static str,
    price: u32,
    said: &Said,
) -> Result<Metering, Refusal> {
    let price = if said.profiles.is_empty() { 0 } else { u64::from(price) };
    let ((), credits) = shared.charged(caller, max_credits, |_, bill| {
        bill.add(service, price);
        Ok(())
    })?;
    Ok(shared.metering(caller, credits, None))
}

fn no_tokens() -> TokenUsage {
    TokenUsage {
        prompt_tokens: Some(0.0),
        completion_tokens: Some(0.0),
        total_tokens: Some(0.0),
        extra: Map::new(),
    }
}

fn names_itself() -> Map<String, Value> {
    Map::from_iter([("answered_by".to_owned(), Value::from(ANSWERED_BY))])
}

/// What the directory says to a question.
struct Said {
    profiles: Vec<Profile>,
    /// Words of the question that nothing told speaks of.
    open: Vec<String>,
    confidence: f64,
}

impl Said {
    fn to(directory: &Directory, query: &str, effort: Effort, agent: AgentType) -> Self {
        let profiles: Vec<Profile> = subjects(directory, query)
            .into_iter()
            .map(|(entity, row)| profile(directory, entity, row, effort))
            .collect();
        let told: String = profiles
            .iter()
            .flat_map(|profile| profile.findings.iter().chain([&profile.summary, &profile.id]))
            .map(|text| text.to_lowercase() + " ")
            .collect();
        let mut open: Vec<String> = Vec::new();
        for word in query.split(|sign: char| !sign.is_alphanumeric()) {
            let lower = word.to_lowercase();
            if lower.chars().count() > 3 && !told.contains(&lower) && !open.contains(&lower) {
                open.push(lower);
            }
        }
        let (known, asked) = profiles
            .iter()
            .fold((0, 0), |(known, asked), one| (known + one.known, asked + one.asked));
        let mut confidence = if asked == 0 { 0.0 } else { f64::from(known) / f64::from(asked) };
        if !open.is_empty() {
            confidence *= 0.5;
        }
        if agent != AgentType::General {
            // The directory knows nothing of funding or law.
            confidence *= 0.5;
            open.push(agent.name().to_owned());
        }
        Self { profiles, open, confidence: (confidence * 100.0).round() / 100.0 }
    }

    fn response(&self, as_object: bool) -> Value {
        if as_object {
            let subjects: Vec<Value> = self
                .profiles
                .iter()
                .map(|one| {
                    json!({
                        "id": one.id, "name": one.name, "summary": one.summary,
                        "findings": one.findings, "sources": one.sources,
                    })
                })
                .collect();
            return json!({
                "subjects": subjects, "not_answered": self.open, "answered_by": ANSWERED_BY,
            });
        }
        if self.profiles.is_empty() {
            return "The local directory knows nobody and no company that the question names."
                .into();
        }
        let mut text = String::from("From the local directory: ");
        for one in &self.profiles {
            text += &format!("{} {}. ", one.summary, one.findings.join("; "));
        }
        if !self.open.is_empty() {
            text += &format!("It says nothing about: {}. ", self.open.join(", "));
        }
        text.truncate(text.trim_end().len());
        text.into()
    }
}

/// The people and companies that a question names: by id, address, website, or name.
fn subjects(directory: &Directory, query: &str) -> Vec<(EntityType, usize)> {
    let mut found: Vec<(EntityType, usize)> = Vec::new();
    let add = |found: &mut Vec<(EntityType, usize)>, one| {
        if found.len() < MOST && !found.contains(&one) {
            found.push(one);
        }
    };
    let words: Vec<&str> = query
        .split_whitespace()
        .map(|word| word.trim_matches(|sign: char| !sign.is_alphanumeric()))
        .map(|word| word.strip_suffix("'s").or(word.strip_suffix("’s")).unwrap_or(word))
        .filter(|word| !word.is_empty())
        .collect();
    for word in &words {
        if let Some(row) = directory.people().row(word) {
            add(&mut found, (EntityType::Person, row));
        } else if let Some(row) = directory.companies().row(word) {
            add(&mut found, (EntityType::Company, row));
        } else if word.contains('@') && is_valid_email(word) {
            if let Some(row) = directory.person_by_email(word) {
                add(&mut found, (EntityType::Person, row));
            }
        } else if word.contains('.')
            && domain_key(word).is_some()
            && let Some(row) = directory.company_by_domain(word)
        {
            add(&mut found, (EntityType::Company, row));
        }
    }
    for pair in words.windows(2) {
        for row in directory.people_called(pair[0], pair[1]) {
            add(&mut found, (EntityType::Person, row));
        }
    }
    // The longest names first: `North Stone Energy` is not `North Stone`.
    for length in (1..=6).rev() {
        for names in words.windows(length) {
            let starts_big = names[0].chars().next().is_some_and(char::is_uppercase);
            if starts_big && let [row, ..] = directory.companies_called(&names.join(" "))[..] {
                add(&mut found, (EntityType::Company, row));
            }
        }
    }
    found
}
