//! Generates keys and tokens, and hashes those that are given.

use rand::RngExt;
use sha2::{Digest, Sha256};

/// A new S3 access key, in the form that S3 clients expect.
pub(crate) fn access_key() -> String {
    format!("LANTERN{}", random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 13))
}

/// A new id for a server's data.
pub(crate) fn instance() -> String {
    random(b"abcdefghijklmnopqrstuvwxyz234567", 20)
}

/// A new secret of 40 letters and digits.
pub(crate) fn secret() -> String {
    random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40)
}

fn random(letters: &[u8], count: usize) -> String {
    let mut rng = rand::rng();
    (0..count).map(|_| char::from(letters[rng.random_range(0..letters.len())])).collect()
}

/// The SHA-256 of a secret, in hexadecimal. Secrets are compared by their hashes, so that the
/// duration of a comparison reveals nothing about them.
pub(crate) fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}
