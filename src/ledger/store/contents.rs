//! The contents of units: ids, requests, answers, and bodies that could not be read.

use std::collections::BTreeMap;

use super::super::{
    packed::{pack, pack_bytes, unpack_bytes},
    sql::{Row, Statement, sql},
};
use crate::error::{Error, Result};

pub(in crate::ledger) fn put_ids(job: i64, number: u32, ids: &[String]) -> Result<Statement> {
    Ok(sql!(
        "INSERT INTO lantern_unit_ids (job, number, ids) VALUES (?1, ?2, ?3)",
        job,
        number,
        pack(ids)?
    ))
}

pub(super) fn put_requests(job: i64, chunks: &[Vec<u8>]) -> impl Iterator<Item = Statement> {
    chunks.iter().enumerate().map(move |(at, chunk)| {
        sql!(
            "INSERT INTO lantern_requests (job, chunk, requests) VALUES (?1, ?2, ?3)",
            job,
            at,
            chunk.as_slice(),
        )
    })
}

pub(super) fn put_answer(job: i64, number: u32, rows: &[String]) -> Result<Statement> {
    Ok(sql!(
        "INSERT INTO lantern_answers (job, number, answers) VALUES (?1, ?2, ?3) \
         ON CONFLICT (job, number) DO UPDATE SET answers = excluded.answers",
        job,
        number,
        packed(format!("[{}]", rows.join(",")).as_bytes())?,
    ))
}

/// Stores an answer that could not be read, because it was paid for.
pub(super) fn put_body(job: i64, number: u32, body: Option<&str>) -> Result<Option<Statement>> {
    let Some(body) = body else { return Ok(None) };
    Ok(Some(sql!(
        "INSERT INTO lantern_bodies (job, number, body) VALUES (?1, ?2, ?3) \
         ON CONFLICT (job, number) DO UPDATE SET body = excluded.body",
        job,
        number,
        packed(body.as_bytes())?,
    )))
}

pub(super) fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    pack_bytes(bytes).map_err(|error| Error::ledger(format!("an answer cannot be kept: {error}")))
}

/// Decompresses what is stored for some units, by their numbers.
pub(super) fn unpack_by_unit(rows: Vec<Row>) -> Result<BTreeMap<u32, Vec<u8>>> {
    let read = |row: Row| {
        let mut row = row.read();
        let (number, packed): (u32, Vec<u8>) = (row.next()?, row.next()?);
        let bytes = unpack_bytes(&packed).map_err(|error| {
            Error::ledger(format!("an answer in the ledger is damaged ({error})"))
                .hint("restore the ledger from a backup")
                .caused_by(error)
        })?;
        Ok((number, bytes))
    };
    rows.into_iter().map(read).collect()
}
