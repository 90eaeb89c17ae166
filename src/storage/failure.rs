//! What went wrong at a store, in one sentence and without secrets.

use std::error::Error as _;

use object_store::{Error as StoreError, aws::AmazonS3ConfigKey};

use super::{location::Location, options::StorageOptions};
use crate::Error;

/// An error of a store about a file.
pub fn translate(error: &StoreError, location: &Location, options: &StorageOptions) -> Error {
    let why = cause(error, location, options);
    let is_s3 = matches!(location, Location::S3 { .. });
    match error {
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } if is_s3 => {
            Error::config(format!("{location} cannot be read with these credentials ({why})")).hint(
                "check the storage options or the AWS credentials, and that they may read the bucket",
            )
        }
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
            Error::config(format!("{location} cannot be read ({why})"))
                .hint("a signed URL may have expired; get a new one")
        }
        _ if why.contains("URL scheme is not allowed") => {
            Error::config(format!("{location} would be read without encryption")).hint(
                "use an https endpoint, or set the storage option aws_allow_http to true",
            )
        }
        _ if why.contains("169.254.169.254") || why.contains("169.254.170.2") => {
            Error::config(format!("there are no AWS credentials for {location}")).hint(
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile in ~/.aws, or storage \
                 options",
            )
        }
        _ => Error::results(
            location.to_string(),
            None,
            format!("{location} could not be fetched: {why}"),
        ),
    }
}

/// Why, in the store's own words.
pub fn cause(error: &StoreError, location: &Location, options: &StorageOptions) -> String {
    redact(&reason(error), location, options)
}

/// An error of a store about its settings.
pub fn setting(error: &StoreError, options: &StorageOptions) -> Error {
    let why = hide(
        error.source().map_or_else(|| error.to_string(), |source| source.to_string()),
        options,
    );
    Error::config(format!("the storage options cannot be used: {why}"))
}

/// A bucket that is not there answers as a file that is not there, but will not come by waiting.
pub fn lacks_bucket(error: &StoreError) -> bool {
    matches!(error, StoreError::NotFound { source, .. } if source.to_string().contains("NoSuchBucket"))
}

/// What the store said: the code and message of an S3 answer, else the innermost cause.
fn reason(error: &StoreError) -> String {
    let mut text = error.to_string();
    if let Some(code) = element(&text, "Code") {
        return match element(&text, "Message") {
            Some(message) if !message.is_empty() => format!("{code}: {message}"),
            _ => code.to_owned(),
        };
    }
    let mut source = error.source();
    let mut instance_metadata = false;
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        instance_metadata |= inner_text.contains("169.254.");
        if !inner_text.is_empty() {
            text = inner_text;
        }
        source = inner.source();
    }
    if instance_metadata && !text.contains("169.254.") {
        text = format!("{text} (169.254.169.254)");
    }
    text.trim().trim_end_matches(':').to_owned()
}

fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

fn redact(text: &str, location: &Location, options: &StorageOptions) -> String {
    let mut text = text.to_owned();
    if let Location::Http(url) = location {
        for secret in [url.query(), url.password()].into_iter().flatten() {
            if !secret.is_empty() {
                text = text.replace(secret, "…");
            }
        }
    }
    hide(text, options)
}

/// Takes the values of secret options out of a text.
fn hide(mut text: String, options: &StorageOptions) -> String {
    for (key, value) in options.store() {
        let secret = matches!(
            key,
            AmazonS3ConfigKey::SecretAccessKey
                | AmazonS3ConfigKey::Token
                | AmazonS3ConfigKey::Encryption(_)
        );
        if secret && !value.is_empty() {
            text = text.replace(value, "…");
        }
    }
    text
}
