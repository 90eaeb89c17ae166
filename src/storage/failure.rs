//! Describes failures of a store in one sentence and without secrets.

use std::{error::Error as _, time::Duration};

use http::StatusCode;
use object_store::{Error as StoreError, aws::AmazonS3ConfigKey};
use url::Url;

use super::{connection::is_region, location::Location, options::StorageOptions};
use crate::{Error, client::redaction};

/// The beginning of link-local addresses, at which a cloud offers credentials to its machines.
const LINK_LOCAL: &str = "://169.254.";

/// The error of a store about a file.
pub fn translate(error: &StoreError, location: &Location, options: &StorageOptions) -> Error {
    if lacks_credentials(error) {
        return no_credentials(location);
    }
    let why = cause(error, location, options);
    let code = code_of(error);
    if let Some(known) = code.as_deref().and_then(|code| by_code(code, &why, location)) {
        return known;
    }
    let is_s3 = matches!(location, Location::S3 { .. });
    match error {
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } if is_s3 => {
            denied(location, &why)
        }
        StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
            Error::config(format!("{location} cannot be read ({why})"))
                .hint("a signed URL may have expired; get a new one")
        }
        _ if why.contains("redirect without LOCATION") || why.contains("code: 30") => {
            elsewhere(location, &why)
        }
        _ => unreached(&why, location, options),
    }
}

/// Whether the store failed while looking for credentials: without any, the last place that it
/// tries is a link-local service of the cloud.
fn lacks_credentials(error: &StoreError) -> bool {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        if error.to_string().contains(LINK_LOCAL) {
            return true;
        }
        next = error.source();
    }
    false
}

fn no_credentials(location: &Location) -> Error {
    Error::config(format!("there are no AWS credentials for {location}")).hint(
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile in ~/.aws, or storage options",
    )
}

fn denied(location: &Location, why: &str) -> Error {
    Error::config(format!("{location} cannot be read with these credentials ({why})"))
        .hint("check the storage options or the AWS credentials, and that they may read the bucket")
}

fn elsewhere(location: &Location, why: &str) -> Error {
    Error::config(format!("{location} is in another region ({why})"))
        .hint("set the bucket's region, as AWS_REGION or as the storage option aws_region")
}

/// An error for S3's code, if the code says more than the status.
fn by_code(code: &str, why: &str, location: &Location) -> Option<Error> {
    if !matches!(location, Location::S3 { .. }) {
        return match code {
            "ExpiredToken" | "AccessDenied" | "RequestExpired" => Some(
                Error::config(format!("{location} cannot be read ({why})"))
                    .hint("a signed URL may have expired; get a new one"),
            ),
            _ => None,
        };
    }
    Some(match code {
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "RequestExpired" => {
            Error::config(format!("the AWS credentials for {location} have expired ({why})"))
                .hint("renew them, and try again; the next try takes the new ones")
        }
        "RequestTimeTooSkewed" => {
            Error::config(format!("{location} cannot be read, because clocks differ ({why})"))
                .hint("set the clock of this machine")
        }
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "IncorrectEndpoint" => elsewhere(location, why),
        "InvalidToken"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "AccessDenied"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException" => denied(location, why),
        _ => return None,
    })
}

/// Whether other credentials might help.
pub fn is_refusal(error: &StoreError) -> bool {
    matches!(error, StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. })
        || code_of(error).is_some_and(|code| {
            matches!(
                code.as_str(),
                "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "InvalidToken"
            )
        })
}

/// The region that the body of an S3 error names.
pub fn region_of(error: &StoreError) -> Option<String> {
    element(&error.to_string(), "Region").filter(|name| is_region(name)).map(str::to_owned)
}

fn code_of(error: &StoreError) -> Option<String> {
    element(&error.to_string(), "Code").map(str::to_owned)
}

/// The error if there was no answer, or one without a meaning of its own.
pub fn unreached(why: &str, location: &Location, options: &StorageOptions) -> Error {
    let why = redact(why, location, options);
    if why.contains("URL scheme is not allowed") {
        return Error::config(format!("{location} would be read without encryption"))
            .hint("use an https endpoint, or set the storage option aws_allow_http to true");
    }
    Error::results(location.to_string(), None, format!("{location} could not be fetched: {why}"))
}

/// Why a file was not fetched, if nothing came within the time for all attempts.
pub fn silent(patience: Duration) -> String {
    format!("no answer within {} s", patience.as_secs_f64())
}

/// The error for an answer that is neither the file nor a 404.
pub fn answered(
    status: StatusCode,
    body: &str,
    location: &Location,
    options: &StorageOptions,
) -> Error {
    let text = match (element(body, "Code"), element(body, "Message")) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => body.split_whitespace().take(30).collect::<Vec<_>>().join(" "),
    };
    let said = if text.is_empty() { String::new() } else { format!(": {text}") };
    let why = redact(&format!("it answered {status}{said}"), location, options);
    if let Some(known) = element(body, "Code").and_then(|code| by_code(code, &why, location)) {
        return known;
    }
    let is_s3 = matches!(location, Location::S3 { .. });
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if is_s3 => denied(location, &why),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Error::config(format!("{location} cannot be read ({why})"))
                .hint("a signed URL may have expired; get a new one")
        }
        _ if status.is_redirection() && is_s3 => elsewhere(location, &why),
        _ => unreached(&why, location, options),
    }
}

/// The error for a redirect to another server, or in a circle.
pub fn redirected(location: &Location, to: Option<&Url>) -> Error {
    let to = match to {
        None => "nowhere".to_owned(),
        Some(to) if to.origin().ascii_serialization() == location.origin() => {
            return Error::config(format!("{location} redirects within its server without end"))
                .hint("check the URL");
        }
        Some(to) if to.origin().is_tuple() => to.origin().ascii_serialization(),
        Some(to) => format!("{}:", to.scheme()),
    };
    Error::config(format!("{location} redirects to {to}, which is not followed"))
        .hint("use the URL to which it redirects, if you trust that server")
}

pub fn no_bucket(location: &Location) -> Error {
    Error::config(format!("there is no bucket {}", location.origin()))
        .hint("check the endpoint and the region")
}

/// The innermost cause, which is the most specific.
pub fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// The cause in the store's own words, without secrets.
pub fn cause(error: &StoreError, location: &Location, options: &StorageOptions) -> String {
    redact(&reason(error), location, options)
}

/// The error of a store about its settings.
pub fn setting(error: &StoreError, options: &StorageOptions) -> Error {
    let why = hide(
        error.source().map_or_else(|| error.to_string(), |source| source.to_string()),
        options,
    );
    Error::config(format!("the storage options cannot be used: {why}"))
}

/// Whether the bucket is missing. The status is the same as for a missing file, but waiting does
/// not help.
pub fn lacks_bucket(error: &StoreError) -> bool {
    matches!(error, StoreError::NotFound { source, .. } if source.to_string().contains("NoSuchBucket"))
}

/// What the store said: the code and message of an S3 answer, or else the innermost cause.
fn reason(error: &StoreError) -> String {
    let mut text = error.to_string();
    if let Some(code) = element(&text, "Code") {
        return match element(&text, "Message") {
            Some(message) if !message.is_empty() => format!("{code}: {message}"),
            _ => code.to_owned(),
        };
    }
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !inner_text.is_empty() {
            text = inner_text;
        }
        source = inner.source();
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
            text = without(text, secret);
        }
    }
    hide(text, options)
}

/// Removes the values of secret options from a text.
fn hide(mut text: String, options: &StorageOptions) -> String {
    for (key, value) in options.store() {
        let secret = matches!(
            key,
            AmazonS3ConfigKey::SecretAccessKey
                | AmazonS3ConfigKey::Token
                | AmazonS3ConfigKey::Encryption(_)
        );
        if secret {
            text = without(text, value);
        }
    }
    text
}

/// Removes a secret from a text, even a short one.
fn without(text: String, secret: &str) -> String {
    if secret.is_empty() {
        return text;
    }
    match redaction::replaced(text.as_bytes(), secret.as_bytes()) {
        Some(clean) => String::from_utf8_lossy(&clean).into_owned(),
        None => text.replace(secret, redaction::HIDDEN),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn generic(text: &str) -> StoreError {
        StoreError::Generic { store: "S3", source: Box::new(io::Error::other(text.to_owned())) }
    }

    #[test]
    fn a_failure_to_ask_the_machine_for_credentials_is_one_of_missing_credentials() {
        let location = Location::parse("s3://bucket/a.csv").unwrap();
        let said = |text: &str| {
            translate(&generic(text), &location, &StorageOptions::default()).to_string()
        };
        let asked = said(&format!("error sending request for url (http{LINK_LOCAL}0.1/latest)"));
        assert!(asked.starts_with("there are no AWS credentials for s3://bucket/a.csv"), "{asked}");
        let other = said("error sending request for url (http://127.0.0.1:1/bucket)");
        assert!(!other.contains("credentials"), "{other}");
    }
}
