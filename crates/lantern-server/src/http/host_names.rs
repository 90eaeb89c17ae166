//! The host names of a server.
//!
//! A web page can make a browser send requests to this machine under a host name that the page's
//! owner points here (DNS rebinding). Such requests have that name in their `Host` header.

use std::net::IpAddr;

use http::{HeaderMap, Uri, header};

/// The accepted host names: those of loopback, and those that were configured.
#[derive(Debug, Clone)]
pub(crate) struct HostNames {
    names: Vec<String>,
    /// Whether any IP address is accepted, because the server listens on all of them.
    any_address: bool,
}

impl HostNames {
    /// `host` is where the server listens, and `names` are additional names.
    pub fn new(host: &str, names: &[String]) -> Self {
        let host = host.trim().trim_start_matches('[').trim_end_matches(']');
        let any_address = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified());
        let names = names.iter().map(|name| name.trim().to_owned());
        Self { names: std::iter::once(host.to_owned()).chain(names).collect(), any_address }
    }

    /// Whether a request is for this server. One without a host is accepted, because browsers
    /// always send one.
    pub fn accept(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let named = headers.get_all(header::HOST).iter();
        uri.host().is_none_or(|host| self.holds(host))
            && named.into_iter().all(|host| host.to_str().is_ok_and(|host| self.holds(host)))
    }

    fn holds(&self, host: &str) -> bool {
        let (name, port) = match host.strip_prefix('[') {
            Some(rest) => rest.split_once(']').unwrap_or_default(),
            None => host.split_at(host.find(':').unwrap_or(host.len())),
        };
        let no_port =
            |port: &str| !port.is_empty() && !port.bytes().all(|digit| digit.is_ascii_digit());
        if !port.is_empty() && port.strip_prefix(':').is_none_or(no_port) {
            return false;
        }
        let address = name.parse::<IpAddr>();
        name.eq_ignore_ascii_case("localhost")
            || address.is_ok_and(|ip| self.any_address || ip.to_canonical().is_loopback())
            || self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_configured_names_are_the_servers_own() {
        let own = HostNames::new("127.0.0.1", &["Lantern.test".to_owned()]);
        for host in ["localhost:8000", "LOCALHOST", "127.0.0.1", "127.1.2.3:1", "[::1]:1"] {
            assert!(own.holds(host), "{host}");
        }
        assert!(own.holds("lantern.test:80"));
        for host in
            ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "10.0.0.1"]
                .into_iter()
                .chain(["[::1].evil.example", "[::1", "localhost:80.evil.example", "localhost:x"])
                .chain(["localhost@evil.example", "localhost:@evil.example", "0.0.0.0", "[::]"])
        {
            assert!(!own.holds(host), "{host}");
        }
        let everywhere = HostNames::new("0.0.0.0", &[]);
        assert!(everywhere.holds("10.0.0.1:8000") && !everywhere.holds("evil.example"));
    }

    #[test]
    fn every_name_that_a_request_carries_counts() {
        let own = HostNames::new("127.0.0.1", &[]);
        let mut headers = HeaderMap::new();
        assert!(own.accept(&headers, &Uri::from_static("/v1")));
        headers.append(header::HOST, http::HeaderValue::from_static("localhost"));
        assert!(own.accept(&headers, &Uri::from_static("/v1")));
        assert!(!own.accept(&headers, &Uri::from_static("http://evil.example/v1")));
        headers.append(header::HOST, http::HeaderValue::from_static("evil.example"));
        assert!(!own.accept(&headers, &Uri::from_static("/v1")));
    }
}
