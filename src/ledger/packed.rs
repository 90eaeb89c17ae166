//! The stored form of lists of ids: compressed JSON.

use crate::error::{Error, Result};

const LEVEL: i32 = 3;

/// Compresses a list of ids.
///
/// # Errors
/// If there is not enough memory.
pub fn pack(ids: &[String]) -> Result<Vec<u8>> {
    serde_json::to_vec(ids)
        .map_err(std::io::Error::from)
        .and_then(|json| pack_bytes(&json))
        .map_err(|error| Error::ledger(format!("the ids cannot be written down: {error}")))
}

/// Decompresses a list of ids.
///
/// # Errors
/// If the bytes are damaged.
pub fn unpack(bytes: &[u8]) -> Result<Vec<String>> {
    unpack_bytes(bytes)
        .and_then(|json| Ok(serde_json::from_slice(&json)?))
        .map_err(|error| Error::ledger(format!("the ledger's list of ids is damaged: {error}")))
}

/// Compresses bytes.
///
/// # Errors
/// If there is not enough memory.
pub fn pack_bytes(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, LEVEL)
}

/// Decompresses bytes.
///
/// # Errors
/// If the bytes are damaged.
pub fn unpack_bytes(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::stream::decode_all(bytes)
}
