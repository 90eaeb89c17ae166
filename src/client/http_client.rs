//! The HTTP client below the calls: its user agent, certificates, proxy and connections.

use std::time::Duration;

use http::HeaderValue;

use super::{config::ClientConfig, proxy::Proxy, tls};
use crate::error::{Advice, Error, Result};

/// How often the other end of an HTTP/2 connection is asked whether it is still there, and for how
/// long its answer is awaited.
const PINGS: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(10));

/// Sends pings on HTTP/2 connections, also on idle ones, so that a connection whose other end is
/// gone is closed and not used again. Firewalls and load balancers drop idle connections silently.
pub(crate) fn with_pings(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    let (interval, timeout) = PINGS;
    builder
        .http2_keep_alive_interval(interval)
        .http2_keep_alive_timeout(timeout)
        .http2_keep_alive_while_idle(true)
}

/// A client for HTTP, which keeps at most `idle` unused connections to each host.
pub(super) fn build(config: &ClientConfig, idle: usize) -> Result<reqwest::Client> {
    crate::process::runtime::install_crypto();
    let application = config.user_agent.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let agent = format!("lantern/{}{application}", env!("CARGO_PKG_VERSION"));
    let agent = HeaderValue::from_str(&agent).map_err(|error| {
        Error::config("the user agent has a character that no header may have")
            .advise(Advice::text("write it in letters, digits, spaces and signs"))
            .caused_by(error)
    })?;
    let mut builder = with_pings(reqwest::Client::builder())
        .user_agent(agent)
        .connect_timeout(config.timeouts.connect)
        .read_timeout(config.timeouts.read)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(idle)
        .tcp_nodelay(true)
        .gzip(true);
    if let Some(path) = &config.ca_bundle {
        for certificate in tls::read_bundle(path)? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    if let Some(proxy) = Proxy::of(config)? {
        // The message must not show the URL, which may hold a password.
        let proxy = reqwest::Proxy::all(proxy.url().as_str()).map_err(|_| {
            Error::config("the proxy cannot be used").advise(Advice::text("write http://host:port"))
        })?;
        builder = builder.proxy(proxy);
    } else if crate::process::loopback::is_loopback(&config.base_url) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        let error = error.without_url();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Error::config(format!("the HTTP client cannot be set up: {cause}")).caused_by(error)
    })
}
