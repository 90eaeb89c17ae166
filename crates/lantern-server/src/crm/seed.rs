//! Generates a CRM from the directory, with duplicates, gaps and other spellings, as real ones
//! have. The same directory and seed give the same CRM.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::json;

use super::{
    CrmSize, InitialRecords, Object, ids, pool_rows,
    record::{self, Record},
    trigger,
};
use crate::directory::{Dice, Directory, host};

/// The stream of random numbers for the CRM.
const TABLE: u64 = 3;

const FIRST_NAMES: [&str; 12] = [
    "Maya", "Jonas", "Priya", "Luis", "Hanna", "Tom", "Aiko", "Omar", "Clara", "Pieter", "Nina",
    "Sam",
];
const LAST_NAMES: [&str; 12] = [
    "Reyes",
    "Lindqvist",
    "Nair",
    "Ferreira",
    "Vogel",
    "Baker",
    "Tanaka",
    "Haddad",
    "Rossi",
    "de Vries",
    "Kowalski",
    "Brooks",
];
const STAGES: [&str; 5] = ["Prospecting", "Qualification", "Proposal", "Closed Won", "Closed Lost"];
const SOURCES: [&str; 5] = ["Web", "Event", "Referral", "List", "Partner"];
const SUBJECTS: [&str; 4] = ["Call back", "Send offer", "Follow up", "Book demo"];

/// When the records were created: a fixed day, so that a CRM does not depend on the clock.
fn made_at() -> i64 {
    DateTime::parse_from_rfc3339("2026-01-01T00:00:00Z")
        .map(|time| time.timestamp_micros())
        .unwrap_or_default()
}

/// Fills an empty CRM.
pub(super) fn fill(
    transaction: &Transaction<'_>,
    directory: &Directory,
    beginning: &InitialRecords,
) -> rusqlite::Result<()> {
    let InitialRecords { size, seed, first_id, ref imported } = *beginning;
    let filled: Option<String> = transaction
        .query_row("SELECT value FROM settings WHERE name = 'crm'", [], |row| row.get(0))
        .optional()?;
    if filled.is_some() {
        return Ok(());
    }
    let at = made_at();
    if first_id > 0 {
        for object in Object::ALL {
            ids::begin_after(transaction, object, first_id)?;
        }
    }
    imported.write(transaction, at)?;
    let size = if imported.is_empty() {
        size
    } else {
        // Kinds without records stay empty, except for users, without which nothing could be
        // assigned.
        let users = if imported.has(Object::User) { 0 } else { size.users };
        CrmSize { accounts: 0, contacts: 0, leads: 0, users }
    };
    users(transaction, size.users, at)?;
    let users = all_users(transaction)?;
    let owner = |dice: &mut Dice| match users.len() {
        0 => json!(null),
        count => json!(users[dice.below(count)]),
    };
    accounts(transaction, directory, size.accounts, seed, at, &owner)?;
    let contacts = contacts(transaction, directory, size, (seed, first_id), at, &owner)?;
    leads(transaction, directory, size, seed, at, &owner, &contacts)?;
    opportunities(transaction, size.accounts / 3, (seed, first_id), at, &owner)?;
    imported.write_pools(transaction)?;
    if !users.is_empty() && !imported.has_pools() {
        pool_rows::put(transaction, "default", &users)?;
        let half = users.len().div_ceil(2);
        pool_rows::put(transaction, "emea", &users[..half])?;
        if half < users.len() {
            pool_rows::put(transaction, "amer", &users[half..])?;
        }
    }
    trigger::begin_here(transaction, at)?;
    transaction
        .execute("INSERT INTO settings VALUES ('crm', ?)", [Utc::now().to_rfc3339()])
        .map(drop)
}

fn all_users(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<String>> {
    transaction
        .prepare("SELECT id FROM users ORDER BY id")?
        .query_map([], |row| row.get(0))?
        .collect()
}

fn users(transaction: &Transaction<'_>, count: usize, at: i64) -> rusqlite::Result<()> {
    (0..count).try_for_each(|row| {
        let (first, last) = (FIRST_NAMES[row % 12], LAST_NAMES[(row + row / 12) % 12]);
        let spelled = |name: &str| name.to_lowercase().replace(' ', "");
        let user = Record::from_iter([
            ("name".to_owned(), json!(format!("{first} {last}"))),
            (
                "email".to_owned(),
                json!(format!("{}.{}@lantern.example", spelled(first), spelled(last))),
            ),
            ("active".to_owned(), json!(row % 6 != 5)),
        ]);
        record::insert(transaction, Object::User, &user, at).map(drop)
    })
}

type Owner<'a> = dyn Fn(&mut Dice) -> serde_json::Value + 'a;

fn accounts(
    transaction: &Transaction<'_>,
    directory: &Directory,
    count: usize,
    seed: u64,
    at: i64,
    owner: &Owner<'_>,
) -> rusqlite::Result<()> {
    let companies = directory.companies();
    for row in 0..count.min(companies.len()) {
        let mut dice = Dice::of(seed, TABLE, row);
        let known = |column| companies.text(column, row);
        let mut account = Record::new();
        for field in ["name", "domain"] {
            account.insert(field.to_owned(), json!(known(field)));
        }
        // Half of these fields are left empty.
        for field in
            ["linkedin", "industry", "size_range", "country", "state", "city", "postal_code"]
        {
            if dice.chance(0.5) {
                account.insert(field.to_owned(), json!(known(field)));
            }
        }
        account.insert("owner_id".to_owned(), owner(&mut dice));
        record::insert(transaction, Object::Account, &account, at)?;
    }
    Ok(())
}

fn person(directory: &Directory, row: usize) -> Record {
    let people = directory.people();
    let known = |column| json!(people.text(column, row));
    Record::from_iter([
        ("first_name".to_owned(), known("first_name")),
        ("last_name".to_owned(), known("last_name")),
        ("email".to_owned(), known("email")),
        ("phone".to_owned(), known("phone_number")),
        ("title".to_owned(), known("title")),
        ("linkedin".to_owned(), known("linkedin")),
        ("company".to_owned(), known("company_name")),
        ("domain".to_owned(), json!(people.text("company_url", row).map(host))),
        ("country".to_owned(), known("country")),
        ("city".to_owned(), known("city")),
    ])
}

/// Creates contacts from the first people of the directory. Returns their rows.
fn contacts(
    transaction: &Transaction<'_>,
    directory: &Directory,
    size: CrmSize,
    (seed, first_id): (u64, u64),
    at: i64,
    owner: &Owner<'_>,
) -> rusqlite::Result<Vec<usize>> {
    let mut rows = Vec::new();
    for row in 0..size.contacts.min(directory.people().len()) {
        let mut dice = Dice::of(seed, TABLE + 1, row);
        let mut contact = person(directory, row);
        for field in ["phone", "title", "linkedin", "country", "city"] {
            if dice.chance(0.4) {
                contact.remove(field);
            }
        }
        if let Some(company) = directory.company_of(row).filter(|&company| company < size.accounts)
        {
            // Accounts have the same numbers as their companies, from 1.
            let account = ids::id(Object::Account, first_id + company as u64 + 1);
            contact.insert("account_id".to_owned(), account.into());
        }
        contact.insert("owner_id".to_owned(), owner(&mut dice));
        record::insert(transaction, Object::Contact, &contact, at)?;
        rows.push(row);
    }
    Ok(rows)
}

/// Creates leads: one third are contacts in another spelling, and two thirds are other people.
fn leads(
    transaction: &Transaction<'_>,
    directory: &Directory,
    size: CrmSize,
    seed: u64,
    at: i64,
    owner: &Owner<'_>,
    contacts: &[usize],
) -> rusqlite::Result<()> {
    let people = directory.people().len();
    if people == 0 {
        return Ok(());
    }
    for number in 0..size.leads {
        let mut dice = Dice::of(seed, TABLE + 2, number);
        let twin = number % 3 == 0 && !contacts.is_empty();
        let row = if twin {
            contacts[dice.below(contacts.len())]
        } else {
            (contacts.len() + number) % people
        };
        let mut lead = person(directory, row);
        for field in ["phone", "title", "linkedin", "country", "city", "domain"] {
            if dice.chance(0.5) {
                lead.remove(field);
            }
        }
        if twin {
            respell(&mut lead, &mut dice);
        }
        lead.insert("source".to_owned(), json!(dice.pick(&SOURCES)));
        lead.insert("owner_id".to_owned(), owner(&mut dice));
        let id = record::insert(transaction, Object::Lead, &lead, at)?;
        activities(transaction, &id, &lead, &mut dice, at)?;
    }
    Ok(())
}

/// Changes the spelling of a person's name or company.
fn respell(lead: &mut Record, dice: &mut Dice) {
    let change = |lead: &mut Record, field: &str, change: fn(&str) -> String| {
        if let Some(text) = record::text(lead, field).map(change) {
            lead.insert(field.to_owned(), text.into());
        }
    };
    match dice.below(4) {
        0 => change(lead, "first_name", |name| name.chars().take(1).collect::<String>() + "."),
        1 => change(lead, "last_name", str::to_uppercase),
        2 => {
            // Swaps two letters.
            change(lead, "last_name", |name| {
                let mut letters: Vec<char> = name.chars().collect();
                if letters.len() > 3 {
                    letters.swap(1, 2);
                }
                letters.into_iter().collect()
            });
        }
        _ => {
            change(lead, "company", |name| {
                name.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
            });
        }
    }
    if dice.chance(0.3) {
        change(lead, "email", str::to_uppercase);
    }
}

fn activities(
    transaction: &Transaction<'_>,
    parent: &str,
    lead: &Record,
    dice: &mut Dice,
    at: i64,
) -> rusqlite::Result<()> {
    let owner = lead.get("owner_id").cloned().unwrap_or_default();
    if dice.chance(0.3) {
        let task = Record::from_iter([
            ("parent_id".to_owned(), json!(parent)),
            ("subject".to_owned(), json!(dice.pick(&SUBJECTS))),
            ("status".to_owned(), json!("Open")),
            ("owner_id".to_owned(), owner.clone()),
        ]);
        record::insert(transaction, Object::Task, &task, at)?;
    }
    if dice.chance(0.2) {
        let note = Record::from_iter([
            ("parent_id".to_owned(), json!(parent)),
            ("title".to_owned(), json!("First call")),
            ("body".to_owned(), json!("Asked for prices and a demo.")),
            ("owner_id".to_owned(), owner),
        ]);
        record::insert(transaction, Object::Note, &note, at)?;
    }
    Ok(())
}

fn opportunities(
    transaction: &Transaction<'_>,
    count: usize,
    (seed, first_id): (u64, u64),
    at: i64,
    owner: &Owner<'_>,
) -> rusqlite::Result<()> {
    for number in 0..count {
        let mut dice = Dice::of(seed, TABLE + 3, number);
        let account = ids::id(Object::Account, first_id + number as u64 * 3 + 1);
        let name: Option<String> = transaction
            .prepare_cached("SELECT name FROM accounts WHERE id = ?")?
            .query_row(params![account], |row| row.get(0))
            .optional()?
            .flatten();
        let Some(name) = name else { continue };
        let opportunity = Record::from_iter([
            ("account_id".to_owned(), json!(account)),
            ("name".to_owned(), json!(format!("{name}: renewal"))),
            ("stage".to_owned(), json!(dice.pick(&STAGES))),
            ("amount".to_owned(), json!((dice.below(500) + 10) as f64 * 100.0)),
            ("owner_id".to_owned(), owner(&mut dice)),
        ]);
        record::insert(transaction, Object::Opportunity, &opportunity, at)?;
    }
    Ok(())
}
