//! Which locations an answer of the API may name for its files.
//!
//! A file that the user names is read wherever it is. But an answer is not the user's decision: it
//! must not choose which file of this machine, or of its network, is read.

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::location::{Location, check_bucket};
use crate::{Error, Result, process::loopback::is_loopback};

/// The locations from which files of an API may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// Whether the API is on this machine; its files may then be on it, too.
    loopback: bool,
    /// If not empty, only these locations and what is below them are allowed.
    within: Vec<Location>,
}

impl Sources {
    /// The sources of the API at `base_url`: `s3://` and `https://`, and any location if the API is
    /// on this machine. If `within` is not empty, exactly these locations are allowed instead.
    ///
    /// # Errors
    /// If an entry of `within` is not a location.
    pub fn new(base_url: &Url, within: &[String]) -> Result<Self> {
        let within = within.iter().map(|place| prefix(place)).collect::<Result<_>>()?;
        Ok(Self { loopback: is_loopback(base_url), within })
    }

    /// The location that an answer names, if it is allowed.
    ///
    /// # Errors
    /// If the text is not a URL, or is not one of the sources.
    pub fn admit(&self, place: &str) -> Result<Location> {
        let refused = |location: &Location, why: &str| {
            Error::results(
                location.to_string(),
                None,
                format!("the API names {location} as the place of a result, and {why}"),
            )
            .hint("if you trust the API with it, name it as a place of results")
        };
        let location = Location::parse(place)?;
        if !self.within.is_empty() {
            return match self.within.iter().any(|prefix| lies_in(&location, prefix)) {
                true => Ok(location),
                false => Err(refused(&location, "results are not read from there")),
            };
        }
        match &location {
            Location::Local(_) if !self.loopback => {
                Err(refused(&location, "an answer must not decide which local file is read"))
            }
            Location::Http(url)
                if !self.loopback && (url.scheme() == "http" || leads_here(url)) =>
            {
                Err(refused(&location, "an answer must not lead into this machine"))
            }
            _ => Ok(location),
        }
    }
}

/// Parses a location below which results are stored. A bucket needs no key, and a server no path.
fn prefix(place: &str) -> Result<Location> {
    match place.split_once("://") {
        Some(("s3" | "s3a", rest)) => {
            let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
            if bucket.is_empty() {
                return Err(Error::config(format!("{place:?} names no bucket"))
                    .hint("write s3://bucket or s3://bucket/prefix"));
            }
            check_bucket(bucket)?;
            Ok(Location::S3 { bucket: bucket.to_owned(), key: key.to_owned() })
        }
        // Plain http to another machine is allowed here, because the user has named the server.
        Some(("http", _)) => Url::parse(place)
            .map(Location::Http)
            .map_err(|error| Error::config(format!("{place:?} is not a URL: {error}"))),
        _ => Location::parse(place),
    }
}

fn lies_in(location: &Location, prefix: &Location) -> bool {
    let below = |path: &str, prefix: &str| {
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        prefix.is_empty()
            || path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match (location, prefix) {
        (Location::S3 { bucket, key }, Location::S3 { bucket: own, key: prefix }) => {
            // For S3 a `..` is a name like any other, but a server in front of it may resolve it.
            bucket == own && below(key, prefix) && (prefix.is_empty() || !climbs(key))
        }
        (Location::Http(url), Location::Http(prefix)) => {
            // Some servers treat an escaped slash as a slash.
            let path = percent_decode_str(url.path()).decode_utf8_lossy();
            url.origin() == prefix.origin()
                && below(url.path(), prefix.path())
                && (prefix.path() == "/" || !climbs(&path))
        }
        // Links and `..` are resolved, as they will be when the file is opened.
        (Location::Local(path), Location::Local(prefix)) => {
            match (path.canonicalize(), prefix.canonicalize()) {
                (Ok(path), Ok(prefix)) => path.starts_with(prefix),
                (Err(_), Ok(prefix)) => {
                    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
                    folder.is_some_and(|folder| folder.starts_with(prefix))
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether a URL leads to this machine, which the unspecified address does as well.
fn leads_here(url: &Url) -> bool {
    let unspecified = match url.host() {
        Some(Host::Ipv4(address)) => address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_unspecified(),
        _ => false,
    };
    unspecified || is_loopback(url)
}

/// Whether a path has a `.` or `..` component.
fn climbs(path: &str) -> bool {
    path.split(['/', '\\']).any(|step| matches!(step, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(base_url: &str, within: &[&str]) -> Sources {
        let within: Vec<String> = within.iter().map(|place| (*place).to_owned()).collect();
        Sources::new(&Url::parse(base_url).unwrap(), &within).unwrap()
    }

    #[test]
    fn an_answer_from_elsewhere_names_no_file_and_no_server_of_this_machine() {
        let far = sources("https://api.example.com", &[]);
        for place in ["s3://b/k.csv", "https://files.example.com/k.csv?sig=1"] {
            assert!(far.admit(place).is_ok(), "{place}");
        }
        for place in [
            "file:///etc/passwd",
            "FILE:///etc/passwd",
            "/proc/self/environ",
            "answers.csv",
            "../a.csv",
            "",
            "http://127.0.0.1:9/a.csv",
            "http://[::1]/a.csv",
            "https://localhost/a.csv",
            "https://localhost./a.csv",
            "https://results.localhost./a.csv",
            "https://127.0.0.1:8443/a.csv",
            "https://[::ffff:127.0.0.1]/a.csv",
            "https://0.0.0.0/a.csv",
            "https://[::]/a.csv",
            "s3://evil.example#/a.csv",
            "ftp://example.com/a.csv",
        ] {
            assert!(far.admit(place).is_err(), "{place}");
        }
        let near = sources("http://localhost:8000", &[]);
        for place in ["file:///tmp/a.csv", "http://127.0.0.1:9/a.csv", "s3://b/k.csv"] {
            assert!(near.admit(place).is_ok(), "{place}");
        }
    }

    #[test]
    fn results_can_be_held_to_a_place() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("results");
        std::fs::create_dir(&inside).unwrap();
        let url = Url::from_file_path(&inside).unwrap();
        let held = sources(
            "https://api.example.com",
            &["s3://b/out/", "https://f.example.com/x", url.as_str()],
        );
        let a = format!("{url}/a.csv");
        for place in ["s3://b/out/k.csv", "https://f.example.com/x/k.csv", &a] {
            assert!(held.admit(place).is_ok(), "{place}");
        }
        let out = format!("{url}/../a.csv");
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/passwd", inside.join("link.csv")).unwrap();
        let link = format!("{url}/link.csv");
        for place in [
            "s3://b/outside/k.csv",
            "s3://other/out/k.csv",
            "s3://b/out/../k.csv",
            "s3://b/out/a/./k.csv",
            "https://f.example.com/x/../k.csv",
            "https://f.example.com/x/%2e%2e/k.csv",
            "https://f.example.com/x/..%2fk.csv",
            "https://f.example.com/x/%2e%2e%5ck.csv",
            "s3://b/out/..\\k.csv",
            "https://f.example.com.evil.com/x/k.csv",
            "https://f.example.com/xy",
            &out,
            &link,
            "/etc/passwd",
        ] {
            assert!(held.admit(place).is_err(), "{place}");
        }
    }
}
