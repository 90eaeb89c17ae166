//! Questions in plain language. The configured language model answers them from what the directory
//! knows about the people and companies that a question names. Without a model, the directory's
//! facts are the answer. The answer says which of the two it is.

use serde_json::{Map, Value, json};

use super::{
    Enricher,
    research::{Profile, profile},
};
use crate::{
    caller::Caller,
    directory::Directory,
    language_model::{LanguageModel, Question, confidence},
    refusal::Refusal,
};
use lantern::{
    api::{
        Metering,
        agents::{AgentType, Effort, EntityType},
        enrich::{Ask, Asked, Research, Researched, TokenUsage},
    },
    matching::normalize::{domain_key, is_valid_email},
};

/// Who answered, if no language model is configured.
const ANSWERED_BY: &str = "the local directory, extractive, without a language model";

/// Maximum number of people and companies in one answer.
const MAX_SUBJECTS: usize = 5;

const TASK: &str = "You answer a question for a sales team. You are given the question and what a \
    directory knows of whom it names; say what is not known rather than guess. Answer \
    {\"response\": ..., \"confidence\": 0.0 to 1.0}.";

/// `POST /v1/enrich/ai`. Blocks.
pub(crate) fn ask(enricher: &Enricher, caller: &Caller, call: &Ask) -> Result<Asked, Refusal> {
    let effort = call.effort.unwrap_or(Effort::Low);
    let query = Query {
        text: &call.query,
        effort,
        agent: AgentType::General,
        as_object: call.options.unwrap_or_default().format_json,
        max_credits: call.max_credits,
        service: "ai",
        price: enricher.billing.prices.ai[effort as usize],
    };
    let reply = query.reply(enricher)?;
    let metering = query.paid(enricher, caller, &reply)?;
    Ok(Asked {
        success: Some(true),
        response: reply.response,
        confidence: reply.confidence,
        query: Some(call.query.clone()),
        token_usage: Some(reply.usage),
        metering,
        extra: answered_by(reply.answered_by),
    })
}

/// `POST /v1/enrich/research`. Blocks.
pub(crate) fn research(
    enricher: &Enricher,
    caller: &Caller,
    call: &Research,
) -> Result<Researched, Refusal> {
    // The call has no effort parameter, so the API's default for a single call applies.
    let effort = Effort::Low;
    let agent = call.agent_type.unwrap_or(AgentType::General);
    let query = Query {
        text: &call.query,
        effort,
        agent,
        as_object: call.options.unwrap_or_default().format_json,
        max_credits: None,
        service: "research",
        price: enricher.billing.prices.research_by(effort),
    };
    let reply = query.reply(enricher)?;
    let metering = query.paid(enricher, caller, &reply)?;
    Ok(Researched {
        success: Some(true),
        response: reply.response,
        confidence: reply.confidence,
        query: Some(call.query.clone()),
        token_usage: Some(reply.usage),
        agent_used: Some(agent.name().to_owned()),
        metering,
        extra: answered_by(reply.answered_by),
    })
}

/// A question, and the maximum cost of its answer.
struct Query<'q> {
    text: &'q str,
    effort: Effort,
    agent: AgentType,
    as_object: bool,
    max_credits: Option<u64>,
    service: &'static str,
    price: u32,
}

/// An answer, from the model or the directory.
struct Reply {
    response: Value,
    confidence: Option<f64>,
    usage: TokenUsage,
    answered_by: String,
    /// Whether nothing is known about the question, so that nothing is charged.
    empty: bool,
}

impl Query<'_> {
    fn reply(&self, enricher: &Enricher) -> Result<Reply, Refusal> {
        let known = Known::to(&enricher.directory, self.text, self.effort, self.agent);
        match &enricher.model {
            Some(model) => {
                enricher.billing.affords(self.price.into(), self.max_credits)?;
                self.of_model(model, &known)
            }
            None => Ok(Reply {
                response: known.response(self.as_object),
                confidence: Some(known.confidence),
                usage: no_tokens(),
                answered_by: ANSWERED_BY.to_owned(),
                empty: known.profiles.is_empty(),
            }),
        }
    }

    fn of_model(&self, model: &LanguageModel, known: &Known) -> Result<Reply, Refusal> {
        let form = if self.as_object { "a JSON object" } else { "text" };
        let question = Question {
            task: format!("{TASK} The response is {form}, by {} effort.", self.effort.name()),
            data: json!({
                "question": self.text,
                "subject": self.agent.name(),
                "directory": known.subjects(),
            }),
        };
        let Some(said) = model.ask(vec![question])?.pop() else {
            return Err(Refusal::Internal("the language model did not answer".to_owned()));
        };
        let response = said.object.as_ref().and_then(|object| object.get("response")).cloned();
        let response = match (response, self.as_object) {
            (Some(response @ Value::Object(_)), true) => response,
            (Some(Value::String(text)), false) => text.into(),
            (Some(other), false) => other.to_string().into(),
            // The model did not keep to the form, but its text is an answer nevertheless.
            (None, false) => said.text.into(),
            (_, true) => {
                return Err(Refusal::Internal(
                    "the language model did not answer with a JSON object; nothing was charged"
                        .to_owned(),
                ));
            }
        };
        let sure = said.object.as_ref().and_then(|object| object.get("confidence"));
        Ok(Reply {
            response,
            confidence: confidence(sure),
            usage: said.usage,
            answered_by: model.title(),
            empty: false,
        })
    }

    fn paid(
        &self,
        enricher: &Enricher,
        caller: &Caller,
        reply: &Reply,
    ) -> Result<Metering, Refusal> {
        let price = if reply.empty { 0 } else { u64::from(self.price) };
        let ((), credits) = enricher.billing.charged(caller, self.max_credits, |_, bill| {
            bill.add(self.service, price);
            Ok(())
        })?;
        Ok(enricher.billing.metering(caller, credits, None))
    }
}

fn no_tokens() -> TokenUsage {
    TokenUsage {
        prompt_tokens: Some(0.0),
        completion_tokens: Some(0.0),
        total_tokens: Some(0.0),
        extra: Map::new(),
    }
}

fn answered_by(name: String) -> Map<String, Value> {
    Map::from_iter([("answered_by".to_owned(), Value::from(name))])
}

/// The directory's answer to a question.
struct Known {
    profiles: Vec<Profile>,
    /// Words of the question that no finding contains.
    open: Vec<String>,
    confidence: f64,
}

impl Known {
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
            // The directory has no data about funding or law.
            confidence *= 0.5;
            open.push(agent.name().to_owned());
        }
        Self { profiles, open, confidence: (confidence * 100.0).round() / 100.0 }
    }

    fn subjects(&self) -> Vec<Value> {
        self.profiles
            .iter()
            .map(|one| {
                json!({
                    "id": one.id, "name": one.name, "summary": one.summary,
                    "findings": one.findings, "sources": one.sources,
                })
            })
            .collect()
    }

    fn response(&self, as_object: bool) -> Value {
        if as_object {
            return json!({
                "subjects": self.subjects(), "not_answered": self.open,
                "answered_by": ANSWERED_BY,
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

/// The people and companies that a question names, by id, address, website, or name.
fn subjects(directory: &Directory, query: &str) -> Vec<(EntityType, usize)> {
    let mut found: Vec<(EntityType, usize)> = Vec::new();
    let add = |found: &mut Vec<(EntityType, usize)>, one| {
        if found.len() < MAX_SUBJECTS && !found.contains(&one) {
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
    // The longest names first, since `North Stone Energy` is not `North Stone`.
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
