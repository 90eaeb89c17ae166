//! Places that an answer names: two lines, a place of results and the place that is named.

use lantern::storage::{Location, Sources};
use url::Url;

use super::readable;

pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (prefix, place) = text.split_once('\n').unwrap_or(("", text));
    let far = Url::parse("https://api.example.com").expect("it is a URL");
    match Location::parse(place) {
        Ok(location) => {
            let shown = location.to_string();
            if let Location::Http(url) = &location {
                assert!(
                    !shown.contains('?') && !shown.contains('@') || url.path().contains(['?', '@']),
                    "{shown}"
                );
            }
        }
        Err(error) => readable(&error),
    }
    let sources = Sources::new(&far, &[]).expect("there is nothing to be wrong");
    match sources.admit(place) {
        Ok(Location::S3 { .. }) => {}
        Ok(Location::Http(url)) => assert_eq!(url.scheme(), "https", "{place:?}"),
        Ok(Location::Local(path)) => panic!("an answer reads {path:?}"),
        Err(error) => readable(&error),
    }
    let held = match Sources::new(&far, &[prefix.to_owned()]) {
        Ok(held) => held,
        Err(error) => return readable(&error),
    };
    match held.admit(place) {
        Ok(Location::S3 { bucket, key }) => {
            let rest = prefix.split_once("://").map_or("", |(_, rest)| rest);
            let (own, below) = rest.split_once('/').unwrap_or((rest, ""));
            assert_eq!(bucket, own, "{place:?} within {prefix:?}");
            assert!(key.starts_with(below.trim_end_matches('/')), "{place:?} within {prefix:?}");
            let climbs = key.split('/').any(|step| step == "..") && !below.is_empty();
            assert!(!climbs, "{place:?} climbs out of {prefix:?}");
        }
        Ok(Location::Http(url)) => {
            let own = Url::parse(prefix).expect("the place of results is one");
            assert_eq!(url.origin(), own.origin(), "{place:?} within {prefix:?}");
        }
        Ok(Location::Local(_)) => {
            assert!(!prefix.starts_with("s3:") && !prefix.starts_with("http"))
        }
        Err(error) => readable(&error),
    }
}
