//! Assigns records from pools in turn, and manages the pools.

use rusqlite::Transaction;
use serde_json::Map;

use super::{
    Crm, Object, ids, pool_rows,
    record::{self, Record, iso, modstamp, text},
    routing_log as log, trigger,
};
use crate::{billing::Stop, caller::Caller, refusal::Refusal};
use lantern::api::{
    logs::LogAction,
    routing::{Assign, Assigned, Deleted, Pool, Pools, PutPool},
};

/// Checks that a record of this kind exists.
pub(crate) fn existing(
    transaction: &Transaction<'_>,
    object: Object,
    field: &str,
    sf_id: &str,
) -> Result<(String, Record), Stop> {
    let id = ids::normal(sf_id).ok_or_else(|| {
        Refusal::field(
            field,
            "value_error",
            format!("{field} is not a Salesforce id of 15 or 18 characters"),
        )
    })?;
    if ids::object_of(&id) != Some(object) {
        return Err(Refusal::field(
            field,
            "value_error",
            format!(
                "{field} is not of the kind {}: such ids begin with {}",
                object.name(),
                object.prefix()
            ),
        )
        .into());
    }
    match record::read(transaction, object, &id)? {
        Some(found) => Ok((id, found)),
        None => {
            Err(Refusal::NotFound(format!("there is no {} {id} in the CRM", object.name())).into())
        }
    }
}

fn no_pool(pool: &str) -> Refusal {
    Refusal::NotFound(format!(
        "there is no pool {pool:?}; GET /v1/routing/pools lists them, PUT makes one"
    ))
}

/// The outcome of a turn of a pool.
pub(crate) struct Turn {
    pub user: String,
    pub sequence: i64,
    pub pool_size: usize,
}

/// Takes the next turn of a pool.
pub(crate) fn take_turn(
    transaction: &Transaction<'_>,
    pool: &str,
    exclude_inactive: bool,
    pass_over: Option<&str>,
) -> Result<Turn, Stop> {
    let known = pool_rows::pool(transaction, pool)?.ok_or_else(|| no_pool(pool))?;
    let (user, sequence) = pool_rows::turn(transaction, pool, exclude_inactive, pass_over)?
        .ok_or_else(|| {
            Refusal::BadRequest(format!(
                "nobody in pool {pool:?} is active; activate a user, or add one"
            ))
        })?;
    let active = known.users.iter().filter(|user| user.active == Some(true)).count();
    Ok(Turn { user, sequence, pool_size: active })
}

/// `POST /v1/routing/assign`. Blocks.
///
/// With reset rules, the record goes to a user other than its owner if there is one, and
/// `place_user_at_top` is the next one in turn after that.
pub(crate) fn assign(crm: &Crm, caller: &Caller, call: &Assign) -> Result<Assigned, Refusal> {
    crm.ready()?;
    let ((turn, at), credits) = crm.billing.charged(caller, None, |transaction, bill| {
        bill.add("routing", if call.reset_rules.is_some() { 2 } else { 1 });
        within(transaction, caller, call)
    })?;
    Ok(Assigned {
        success: Some(true),
        assigned_to: Some(turn.user),
        sequence: Some(turn.sequence as f64),
        pool_size: Some(turn.pool_size as f64),
        timestamp: Some(iso(at)),
        metering: crm.billing.metering(caller, credits, Some(false)),
        extra: Map::new(),
    })
}

/// Assigns a record as a part of a larger transaction.
pub(crate) fn within(
    transaction: &Transaction<'_>,
    caller: &Caller,
    call: &Assign,
) -> Result<(Turn, i64), Stop> {
    let object = Object::from(call.object);
    let (id, before) = existing(transaction, object, "sf_id", &call.sf_id)?;
    let at = modstamp(transaction)?;
    let owner = text(&before, "owner_id").map(str::to_owned);
    let reset = call.reset_rules.as_ref();
    let pass_over = reset.and(owner.as_deref());
    let turn = take_turn(transaction, &call.pool, call.exclude_inactive, pass_over)?;
    if let Some(user) = reset.and_then(|reset| reset.place_user_at_top.as_deref()) {
        let user = ids::normal(user).unwrap_or_default();
        if !pool_rows::place_at_top(transaction, &call.pool, &user)? {
            return Err(Refusal::invalid(
                vec!["body".into(), "reset_rules".into(), "place_user_at_top".into()],
                "value_error",
                format!("place_user_at_top is not a user of pool {:?}", call.pool),
            )
            .into());
        }
    }
    let changes = Map::from_iter([("owner_id".to_owned(), turn.user.clone().into())]);
    let diff = record::update(transaction, object, &before, &changes, at)?;
    if !diff.is_empty() {
        trigger::own_change(transaction, &id, at)?;
    }
    log::write(
        transaction,
        caller,
        at,
        LogAction::Assign,
        (object, &id),
        log::Entry {
            pool: Some(&call.pool),
            assigned_to: Some(&turn.user),
            prev_owner: owner.as_deref(),
            sequence: Some(turn.sequence),
            reason: reset.map(|reset| reset.reason.as_str()),
            diff: Some(diff),
        },
    )?;
    Ok((turn, at))
}

/// `GET /v1/routing/pools`. Blocks.
pub(crate) fn list(crm: &Crm) -> Result<Pools, Refusal> {
    crm.ready()?;
    let pools = crm.database.with(|connection| {
        let mut pools = Vec::new();
        for name in pool_rows::names(connection)? {
            pools.extend(pool_rows::pool(connection, &name)?);
        }
        Ok(pools)
    })?;
    Ok(Pools { success: Some(true), pools, extra: Map::new() })
}

/// `PUT /v1/routing/pools/{pool}`. Blocks.
pub(crate) fn put(crm: &Crm, caller: &Caller, call: &PutPool) -> Result<Pool, Refusal> {
    crm.ready()?;
    let (pool, _) = crm.billing.charged(caller, None, |transaction, _| {
        let mut users = Vec::with_capacity(call.users.len());
        for (at, user) in call.users.iter().enumerate() {
            let place = || vec!["body".into(), "users".into(), at.into()];
            let known = ids::normal(user).filter(|id| ids::object_of(id) == Some(Object::User));
            let known = match known {
                Some(id) => record::read(transaction, Object::User, &id)?.map(|_| id),
                None => None,
            };
            let id = known.ok_or_else(|| {
                Refusal::invalid(place(), "value_error", "there is no such user in the CRM")
            })?;
            if users.contains(&id) {
                return Err(Refusal::invalid(
                    place(),
                    "value_error",
                    "the user is given twice; each user has one turn",
                )
                .into());
            }
            users.push(id);
        }
        pool_rows::put(transaction, &call.pool, &users)?;
        Ok(pool_rows::pool(transaction, &call.pool)?.ok_or_else(|| no_pool(&call.pool))?)
    })?;
    Ok(pool)
}

/// `DELETE /v1/routing/pools/{pool}`. Blocks.
pub(crate) fn delete(crm: &Crm, pool: &str) -> Result<Deleted, Refusal> {
    crm.ready()?;
    let deleted = crm.database.transact(|transaction| pool_rows::delete(transaction, pool))?;
    Ok(Deleted { success: Some(true), deleted: Some(deleted), extra: Map::new() })
}
