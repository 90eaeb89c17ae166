//! Reads and writes the rows of pools and of their turns.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use lantern::api::routing::{Pool, PoolUser};

/// Users of a pool in the order of their turns; `None` if there is no such pool.
pub(super) fn pool(connection: &Connection, name: &str) -> rusqlite::Result<Option<Pool>> {
    let sequence: Option<i64> = connection
        .prepare_cached("SELECT sequence FROM pools WHERE name = ?")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    let Some(sequence) = sequence else { return Ok(None) };
    let users = connection
        .prepare_cached(
            "SELECT u.id, u.name, u.active, p.assigned FROM pool_users p \
             JOIN users u ON u.id = p.user_id WHERE p.pool = ? ORDER BY p.turn, p.position",
        )?
        .query_map([name], |row| {
            Ok(PoolUser {
                id: row.get(0)?,
                name: row.get(1)?,
                active: Some(row.get(2)?),
                assigned: Some(row.get::<_, i64>(3)? as f64),
                extra: serde_json::Map::new(),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(Pool {
        success: Some(true),
        pool: name.to_owned(),
        users,
        sequence: Some(sequence as f64),
        extra: serde_json::Map::new(),
    }))
}

pub(super) fn names(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection
        .prepare_cached("SELECT name FROM pools ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Creates a pool, or changes its users. Users who stay keep their turn and count.
pub(super) fn put(
    transaction: &Transaction<'_>,
    name: &str,
    users: &[String],
) -> rusqlite::Result<()> {
    transaction.execute("INSERT OR IGNORE INTO pools (name) VALUES (?)", [name])?;
    // A new user does not wait for more turns than the present users have had.
    let turn: i64 = transaction.query_row(
        "SELECT coalesce(min(turn), 0) FROM pool_users WHERE pool = ?",
        [name],
        |row| row.get(0),
    )?;
    transaction.execute("UPDATE pool_users SET position = -1 WHERE pool = ?", [name])?;
    for (position, user) in users.iter().enumerate() {
        transaction
            .prepare_cached(
                "INSERT INTO pool_users (pool, user_id, position, turn) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT DO UPDATE SET position = ?3",
            )?
            .execute(params![name, user, position as i64, turn])?;
    }
    transaction.execute("DELETE FROM pool_users WHERE pool = ? AND position = -1", [name]).map(drop)
}

pub(super) fn delete(transaction: &Transaction<'_>, name: &str) -> rusqlite::Result<bool> {
    Ok(transaction.execute("DELETE FROM pools WHERE name = ?", [name])? > 0)
}

/// Takes the next turn of a pool. Returns the user and the number of the assignment.
///
/// `pass_over` is only chosen if no other user is available. Returns `None` if no user is
/// available.
pub(super) fn turn(
    transaction: &Transaction<'_>,
    pool: &str,
    exclude_inactive: bool,
    pass_over: Option<&str>,
) -> rusqlite::Result<Option<(String, i64)>> {
    let user: Option<String> = transaction
        .prepare_cached(
            "SELECT p.user_id FROM pool_users p JOIN users u ON u.id = p.user_id \
             WHERE p.pool = ?1 AND (u.active OR NOT ?2) \
             ORDER BY p.user_id IS ?3, p.turn, p.position LIMIT 1",
        )?
        .query_row(params![pool, exclude_inactive, pass_over], |row| row.get(0))
        .optional()?;
    let Some(user) = user else { return Ok(None) };
    let sequence: i64 = transaction
        .prepare_cached(
            "UPDATE pools SET sequence = sequence + 1 WHERE name = ? RETURNING sequence",
        )?
        .query_row([pool], |row| row.get(0))?;
    transaction
        .prepare_cached(
            "UPDATE pool_users SET turn = ?, assigned = assigned + 1 WHERE pool = ? AND user_id = ?",
        )?
        .execute(params![sequence, pool, user])?;
    Ok(Some((user, sequence)))
}

/// Makes a user the next one in turn. Returns false if the user is not in the pool.
pub(super) fn place_at_top(
    transaction: &Transaction<'_>,
    pool: &str,
    user: &str,
) -> rusqlite::Result<bool> {
    let changed = transaction
        .prepare_cached(
            "UPDATE pool_users SET turn = (SELECT min(turn) - 1 FROM pool_users WHERE pool = ?1) \
             WHERE pool = ?1 AND user_id = ?2",
        )?
        .execute([pool, user])?;
    Ok(changed > 0)
}
