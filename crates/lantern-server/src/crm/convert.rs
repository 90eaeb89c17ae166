//! Converts a lead to a contact and an account, in one transaction.

use rusqlite::{Transaction, params};
use serde_json::{Map, Value, json};

use super::{
    Crm, Object,
    pools::{Turn, existing, take_turn},
    record::{self, Record, modstamp, text},
    routing_log as log,
    search::{by_rules, cannot_match},
    trigger,
};
use crate::{billing::Stop, caller::Caller, refusal::Refusal};
use lantern::{
    api::{
        Metering,
        logs::LogAction,
        rules::FieldRule,
        salesforce::{Convert, ConvertStatus, Converted, MatchBy, OnAccountMatch, OnContactMatch},
    },
    matching::normalize::{email_domain, is_free_email},
};

/// The outcome of a conversion.
#[derive(Default)]
struct Outcome {
    status: Option<ConvertStatus>,
    account_id: Option<String>,
    contact_id: Option<String>,
    owner_id: Option<String>,
    actions: Vec<String>,
    error: Option<String>,
}

/// `POST /v1/salesforce/convert`. Blocks.
///
/// A lead that is already converted is answered with `duplicate` and not changed. A lead whose
/// contact or account may not be created is answered with `failed` and an `error`, and not changed.
/// Taking an owner from a pool costs 1 credit; everything else is free.
pub(crate) fn convert(crm: &Crm, caller: &Caller, call: &Convert) -> Result<Converted, Refusal> {
    crm.ready()?;
    let (mut answer, credits) = crm.billing.charged(caller, None, |transaction, bill| {
        let (answer, turn) = within(transaction, caller, call)?;
        if turn {
            bill.add("routing", 1);
        }
        Ok(answer)
    })?;
    answer.metering = crm.billing.metering(caller, credits, Some(false));
    Ok(answer)
}

/// Converts a lead as a part of a larger transaction. Returns whether a pool's turn was taken.
pub(crate) fn within(
    transaction: &Transaction<'_>,
    caller: &Caller,
    call: &Convert,
) -> Result<(Converted, bool), Stop> {
    let (id, lead) = existing(transaction, Object::Lead, "lead_sf_id", &call.lead_sf_id)?;
    let run = match already(&lead) {
        Some(outcome) => Run { outcome, owner_turn: false },
        None => Conversion { transaction, caller, call, id: &id, lead: &lead }.run()?,
    };
    let outcome = run.outcome;
    let mut extra = Map::new();
    if let Some(error) = outcome.error {
        extra.insert("error".to_owned(), error.into());
    }
    let answer = Converted {
        success: Some(true),
        status: outcome.status.map(|status| status.name().to_owned()),
        account_id: outcome.account_id,
        contact_id: outcome.contact_id,
        owner_id: outcome.owner_id,
        actions: outcome.actions,
        metering: Metering::default(),
        extra,
    };
    Ok((answer, run.owner_turn))
}

fn already(lead: &Record) -> Option<Outcome> {
    let own = |field| text(lead, field).map(str::to_owned);
    let contact_id = own("converted_contact_id")?;
    Some(Outcome {
        status: Some(ConvertStatus::Duplicate),
        account_id: own("converted_account_id"),
        contact_id: Some(contact_id),
        owner_id: own("owner_id"),
        ..Outcome::default()
    })
}

struct Conversion<'a> {
    transaction: &'a Transaction<'a>,
    caller: &'a Caller,
    call: &'a Convert,
    id: &'a str,
    lead: &'a Record,
}

struct Run {
    outcome: Outcome,
    owner_turn: bool,
}

impl Conversion<'_> {
    fn run(&self) -> Result<Run, Stop> {
        let at = modstamp(self.transaction)?;
        let policy = self.call.match_policy.clone().unwrap_or_default();
        let merge = self.call.merge_policy.unwrap_or_default();
        let by_contact = policy.contact.unwrap_or_default();
        let by_account = policy.account.unwrap_or_default();
        let contact = self.find(Object::Contact, &by_contact, "email:eq")?;
        let account = self.find(Object::Account, &by_account, "domain:eq")?;
        let failed = |what: &str| {
            Ok(Run {
                outcome: Outcome {
                    status: Some(ConvertStatus::Failed),
                    error: Some(format!(
                        "no {what} matches the lead, and match_policy.{what} says that none is \
                         created"
                    )),
                    ..Outcome::default()
                },
                owner_turn: false,
            })
        };
        if contact.is_none() && !by_contact.create_if_no_match {
            return failed("contact");
        }
        // A contact that the lead is merged into may already have an account.
        let merged = contact.as_ref().filter(|_| {
            merge.on_contact_match.unwrap_or(OnContactMatch::MergeLeadIntoContact)
                == OnContactMatch::MergeLeadIntoContact
        });
        let attach = merge.on_account_match.unwrap_or(OnAccountMatch::AttachToAccount)
            == OnAccountMatch::AttachToAccount;
        let of_contact = merged.and_then(|contact| text(contact, "account_id")).map(str::to_owned);
        let matched = account.as_ref().and_then(|account| text(account, "id")).map(str::to_owned);
        if account.is_none() && of_contact.is_none() && !by_account.create_if_no_match {
            return failed("account");
        }

        let mut actions = Vec::new();
        let turn = match &self.call.set_owner_round_robin_pool {
            Some(pool) => Some(take_turn(self.transaction, pool, true, None)?),
            None => None,
        };
        let own_owner = text(self.lead, "owner_id").map(str::to_owned);
        let owner = turn.as_ref().map(|turn| turn.user.clone()).or(own_owner);
        let account_id = match (matched, of_contact) {
            (Some(id), _) if attach => {
                actions.push(format!("attached_to_account:{id}"));
                id
            }
            (None, Some(id)) if attach => {
                actions.push(format!("attached_to_account:{id}"));
                id
            }
            _ => {
                let id = self.new_account(owner.as_deref(), at)?;
                actions.push(format!("created_account:{id}"));
                id
            }
        };
        let contact_id = match merged {
            Some(contact) => self.merge(contact, &account_id, turn.as_ref(), at, &mut actions)?,
            None => {
                let id = self.new_contact(&account_id, owner.as_deref(), at)?;
                actions.push(format!("created_contact:{id}"));
                id
            }
        };
        self.move_activities(&contact_id, at, &mut actions)?;
        let owner_id = match merged {
            // The contact keeps its owner, unless a pool decides.
            Some(contact) if turn.is_none() => text(contact, "owner_id").map(str::to_owned),
            _ => owner,
        };
        self.close(&account_id, &contact_id, owner_id.as_deref(), turn.as_ref(), at)?;
        actions.push("converted_lead".to_owned());
        Ok(Run {
            owner_turn: turn.is_some(),
            outcome: Outcome {
                status: Some(ConvertStatus::Converted),
                account_id: Some(account_id),
                contact_id: Some(contact_id),
                owner_id,
                actions,
                error: None,
            },
        })
    }

    /// The existing record for the lead, by the policy's rules or by the usual one.
    fn find(&self, object: Object, by: &MatchBy, usual: &str) -> Result<Option<Record>, Stop> {
        let rules = if by.by.is_empty() {
            usual.parse::<FieldRule>().into_iter().collect()
        } else {
            by.by.clone()
        };
        let records = record::list(self.transaction, object, "", usize::MAX)?;
        let candidate = self.as_candidate();
        by_rules::best(object, &records, &candidate, &rules)
            .map_err(|error| Stop::Refused(cannot_match(error)))
    }

    /// The lead, with the domain of its e-mail address if it has no other.
    fn as_candidate(&self) -> Record {
        let mut candidate = self.lead.clone();
        if text(&candidate, "domain").is_none()
            && let Some(email) = text(self.lead, "email").filter(|email| !is_free_email(email))
            && let Some(domain) = email_domain(email)
        {
            candidate.insert("domain".to_owned(), domain.into_owned().into());
        }
        candidate
    }

    fn new_account(&self, owner: Option<&str>, at: i64) -> Result<String, Stop> {
        let lead = self.as_candidate();
        let mut account = Record::new();
        for (field, from) in
            [("name", "company"), ("domain", "domain"), ("country", "country"), ("city", "city")]
        {
            account.insert(field.to_owned(), lead.get(from).cloned().unwrap_or_default());
        }
        account.insert("owner_id".to_owned(), json!(owner));
        let id = record::insert(self.transaction, Object::Account, &account, at)?;
        trigger::own_change(self.transaction, &id, at)?;
        Ok(id)
    }

    fn new_contact(&self, account_id: &str, owner: Option<&str>, at: i64) -> Result<String, Stop> {
        let mut contact = self.lead.clone();
        contact.insert("account_id".to_owned(), account_id.into());
        contact.insert("owner_id".to_owned(), json!(owner));
        let id = record::insert(self.transaction, Object::Contact, &contact, at)?;
        trigger::own_change(self.transaction, &id, at)?;
        Ok(id)
    }

    /// Fills empty fields of the contact from the lead.
    fn merge(
        &self,
        contact: &Record,
        account_id: &str,
        turn: Option<&Turn>,
        at: i64,
        actions: &mut Vec<String>,
    ) -> Result<String, Stop> {
        let mut changes = Record::new();
        for field in Object::Contact.fields() {
            if *field != "owner_id"
                && text(contact, field).is_none()
                && let Some(value) = text(self.lead, field)
            {
                changes.insert((*field).to_owned(), value.into());
            }
        }
        if text(contact, "account_id").is_none() {
            changes.insert("account_id".to_owned(), account_id.into());
        }
        if let Some(turn) = turn {
            changes.insert("owner_id".to_owned(), turn.user.clone().into());
        }
        let id = text(contact, "id").unwrap_or_default().to_owned();
        let diff = record::update(self.transaction, Object::Contact, contact, &changes, at)?;
        if !diff.is_empty() {
            trigger::own_change(self.transaction, &id, at)?;
        }
        log::write(
            self.transaction,
            self.caller,
            at,
            LogAction::Merge,
            (Object::Contact, &id),
            log::Entry {
                assigned_to: turn.map(|turn| turn.user.as_str()),
                prev_owner: text(contact, "owner_id"),
                reason: Some(self.id),
                diff: Some(diff),
                ..log::Entry::default()
            },
        )?;
        actions.push(format!("merged_into_contact:{id}"));
        Ok(id)
    }

    fn move_activities(
        &self,
        contact_id: &str,
        at: i64,
        actions: &mut Vec<String>,
    ) -> Result<(), Stop> {
        for object in [Object::Task, Object::Note] {
            let sql = format!(
                "UPDATE {} SET parent_id = ?, modified_at = ? WHERE parent_id = ?",
                object.table()
            );
            let moved =
                self.transaction.prepare_cached(&sql)?.execute(params![contact_id, at, self.id])?;
            if moved > 0 {
                actions.push(format!("moved_{}:{moved}", object.table()));
            }
        }
        Ok(())
    }

    /// Marks the lead as converted.
    fn close(
        &self,
        account_id: &str,
        contact_id: &str,
        owner: Option<&str>,
        turn: Option<&Turn>,
        at: i64,
    ) -> Result<(), Stop> {
        let before = text(self.lead, "owner_id");
        let changes = Map::from_iter([
            ("status".to_owned(), Value::from("Converted")),
            ("converted_account_id".to_owned(), account_id.into()),
            ("converted_contact_id".to_owned(), contact_id.into()),
            ("owner_id".to_owned(), json!(owner)),
        ]);
        let diff = record::update(self.transaction, Object::Lead, self.lead, &changes, at)?;
        trigger::own_change(self.transaction, self.id, at)?;
        self.transaction
            .prepare_cached("UPDATE leads SET converted_at = ? WHERE id = ?")?
            .execute(params![at, self.id])?;
        log::write(
            self.transaction,
            self.caller,
            at,
            LogAction::Convert,
            (Object::Lead, self.id),
            log::Entry {
                pool: self.call.set_owner_round_robin_pool.as_deref().filter(|_| turn.is_some()),
                assigned_to: owner,
                prev_owner: before,
                sequence: turn.map(|turn| turn.sequence),
                reason: None,
                diff: Some(diff),
            },
        )?;
        Ok(())
    }
}
