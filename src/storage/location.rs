//! The location of a file: `s3://bucket/key`, `https://…`, `file://…` or a path.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use url::Url;

use crate::{Error, Result, process::loopback::is_loopback};

/// A location from which a file is read.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    Local(PathBuf),
    S3 {
        bucket: String,
        /// The key as S3 has it, without encoding.
        key: String,
    },
    Http(Url),
}

impl Location {
    pub fn parse(text: &str) -> Result<Self> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(Self::Local(PathBuf::from(text)));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "s3" | "s3a" => match rest.split_once('/') {
                Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                    check_bucket(bucket)?;
                    Ok(Self::S3 { bucket: bucket.to_owned(), key: key.to_owned() })
                }
                _ => Err(Error::config(format!("{text:?} names no file in a bucket"))
                    .hint("write s3://bucket/key")),
            },
            "file" => Url::parse(text)
                .ok()
                .and_then(|url| url.to_file_path().ok())
                .map(Self::Local)
                .ok_or_else(|| {
                    Error::config(format!("{text:?} names no local file"))
                        .hint("write file:///path")
                }),
            "https" | "http" => {
                let url = Url::parse(text)
                    .map_err(|error| Error::config(format!("a URL cannot be read: {error}")))?;
                if url.scheme() == "http" && !is_loopback(&url) {
                    return Err(Error::config(format!(
                        "{} would be read without encryption",
                        Self::Http(url)
                    ))
                    .hint("use https (http is for this machine alone)"));
                }
                Ok(Self::Http(url))
            }
            _ => Err(Error::config(format!("files are not read from {scheme}://"))
                .hint("use s3://, https://, file:// or a path")),
        }
    }

    /// What one connection serves: the bucket, or the server.
    pub fn origin(&self) -> String {
        match self {
            Self::Local(_) => String::new(),
            Self::S3 { bucket, .. } => format!("s3://{bucket}"),
            Self::Http(url) => url.origin().ascii_serialization(),
        }
    }

    pub fn local(&self) -> Option<&Path> {
        match self {
            Self::Local(path) => Some(path),
            _ => None,
        }
    }
}

/// Checks the name of a bucket. The name becomes a part of a host name and of a path, so any other
/// character could lead to another server.
///
/// # Errors
/// If the name is invalid.
pub fn check_bucket(name: &str) -> Result<()> {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    // Old buckets may have names of up to 255 characters; newer ones have at most 63.
    if name.len() <= 255 && name.bytes().all(letters) && !name.bytes().all(|byte| byte == b'.') {
        return Ok(());
    }
    Err(Error::config(format!("{name:?} is not the name of a bucket"))
        .hint("a bucket's name has letters, digits, hyphens, underscores and dots"))
}

/// A URL's query and user part often contain a secret (a signature, a token), so they are left out.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::Http(url) => write!(f, "{}{}", url.origin().ascii_serialization(), url.path()),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Location::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn places_are_told_apart_by_their_scheme() {
        assert_eq!(
            Location::parse("s3://results/run 1/a#b.csv").unwrap(),
            Location::S3 { bucket: "results".into(), key: "run 1/a#b.csv".into() }
        );
        assert_eq!(
            Location::parse("file:///tmp/a%20b.csv").unwrap(),
            Location::Local("/tmp/a b.csv".into())
        );
        assert_eq!(Location::parse("a/b.csv").unwrap(), Location::Local("a/b.csv".into()));
        assert!(Location::parse("http://127.0.0.1:9000/a.csv").is_ok());
        assert!(Location::parse("http://[::1]:9000/a.csv").is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert!(error("http://example.com/a.csv").contains("without encryption"));
        assert!(error("http://10.0.0.1/a.csv").contains("without encryption"));
        assert!(error("s3://bucket").contains("s3://bucket/key"));
        assert!(error("gs://bucket/key").contains("not read from gs://"));
    }

    #[test]
    fn a_bucket_leads_to_no_other_server_and_no_other_path() {
        for bucket in [
            "evil.example#",
            "evil.example?",
            "me@evil.example",
            "a:80",
            "..",
            ".",
            "a%2fb",
            "a\\b",
            "a b",
            "é",
        ] {
            let said = error(&format!("s3://{bucket}/key"));
            assert!(said.contains("is not the name of a bucket"), "{said}");
        }
        assert!(error(&format!("s3://{}/key", "a".repeat(256))).contains("not the name"));
        for bucket in ["results", "acme.results-2", "Old_Bucket"] {
            assert!(Location::parse(&format!("s3://{bucket}/key")).is_ok());
        }
    }

    #[test]
    fn a_query_and_a_password_are_not_shown() {
        let place = Location::parse("https://me:pw@acme.com/a.csv?X-Amz-Signature=abc#f").unwrap();
        assert_eq!(place.to_string(), "https://acme.com/a.csv");
        assert_eq!(format!("{place:?}"), "\"https://acme.com/a.csv\"");
        assert!(!error("http://me:pw@acme.com/a?token=t").contains("pw"));
        assert!(!error("http://me:pw@acme.com/a?token=t").contains("token"));
    }
}
