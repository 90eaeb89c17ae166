//! The proxy between this machine and the API: which one is used, and how it is shown.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{StatusCode, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use percent_encoding::percent_decode_str;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::Url;

use super::ClientConfig;
use crate::{
    error::{Advice, Error, Result},
    process::loopback::is_loopback,
};

/// Environment variables that may name a proxy for plain and encrypted calls, as in curl.
const VARIABLES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The proxy of a client's calls.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// The proxy's URL, including its credentials.
    url: Url,
}

impl Proxy {
    /// The proxy that the configuration names; `None` if the environment decides.
    ///
    /// # Errors
    /// If the text is not the address of a proxy, or the environment names an invalid one.
    pub fn of(config: &ClientConfig) -> Result<Option<Self>> {
        if let Some(given) = &config.proxy {
            return parse(given).map(Some).map_err(|why| invalid("the proxy", given, &why));
        }
        if is_loopback(&config.base_url) {
            return Ok(None);
        }
        for variable in VARIABLES {
            let Some(value) = std::env::var_os(variable).filter(|value| !value.is_empty()) else {
                continue;
            };
            let text = value.to_string_lossy();
            // The HTTP client would silently ignore an invalid variable, and the calls would bypass
            // the proxy.
            parse(&text).map_err(|why| invalid(variable, &text, &why))?;
        }
        Ok(None)
    }

    /// The proxy's URL for the HTTP client.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The proxy of calls to the API, without its credentials; `None` if calls go directly.
    pub fn shown(config: &ClientConfig) -> Option<String> {
        if let Some(given) = &config.proxy {
            return parse(given).ok().map(|proxy| shown(&proxy.url));
        }
        if is_loopback(&config.base_url) {
            return None;
        }
        let target: Uri = config.base_url.as_str().parse().ok()?;
        let proxy = Matcher::from_env().intercept(&target)?.uri().to_string();
        parse(&proxy).ok().map(|proxy| shown(&proxy.url))
    }

    /// The password that is sent to the proxy.
    pub fn password(config: &ClientConfig) -> Option<String> {
        if let Some(given) = &config.proxy {
            let proxy = parse(given).ok()?;
            let password = percent_decode_str(proxy.url.password()?);
            return Some(password.decode_utf8_lossy().into_owned());
        }
        if is_loopback(&config.base_url) {
            return None;
        }
        let target: Uri = config.base_url.as_str().parse().ok()?;
        let proxy = Matcher::from_env().intercept(&target)?;
        let sent = proxy.basic_auth()?.to_str().ok()?.strip_prefix("Basic ")?;
        let pair = String::from_utf8(STANDARD.decode(sent).ok()?).ok()?;
        Some(pair.split_once(':')?.1.to_owned())
    }
}

/// The proxy through which calls to the API go; `None` if they go directly.
fn intercept(config: &ClientConfig) -> Option<Intercept> {
    let target: Uri = config.base_url.as_str().parse().ok()?;
    match &config.proxy {
        Some(given) => {
            let url = parse(given).ok()?.url.to_string();
            Matcher::builder().all(url).build().intercept(&target)
        }
        None if is_loopback(&config.base_url) => None,
        None => Matcher::from_env().intercept(&target),
    }
}

/// Maximum length of the first line of a proxy's answer, in bytes.
const LONGEST_LINE: usize = 8 << 10;

/// The status with which a proxy refuses a connection to the API; `None` if it cannot be learnt.
///
/// The HTTP client reports that the proxy refused, but not with which status. So the proxy is asked
/// once more. Nothing is sent to the API.
pub async fn refusal(config: &ClientConfig) -> Option<StatusCode> {
    let proxy = intercept(config)?;
    let uri = proxy.uri();
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let (host, port) = (uri.host()?, uri.port_u16().unwrap_or(80));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let url = &config.base_url;
    let target = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(credentials) = proxy.basic_auth() {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(credentials.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    let asked = async {
        let mut stream = TcpStream::connect((host, port)).await.ok()?;
        stream.write_all(&request).await.ok()?;
        let mut answer: Vec<u8> = Vec::new();
        while !answer.contains(&b'\n') && answer.len() < LONGEST_LINE {
            if stream.read_buf(&mut answer).await.ok()? == 0 {
                break;
            }
        }
        status(&answer)
    };
    tokio::time::timeout(config.timeouts.connect, asked).await.ok()?
}

/// The status in the first line of an answer, if it is not a success.
fn status(answer: &[u8]) -> Option<StatusCode> {
    let mut words = answer.split(|byte| byte.is_ascii_whitespace());
    words.next().filter(|version| version.starts_with(b"HTTP/"))?;
    let status = StatusCode::from_bytes(words.next()?).ok()?;
    (!status.is_success()).then_some(status)
}

/// The advice for a proxy that refuses a connection to the API.
pub fn opening(status: StatusCode) -> Advice {
    if status.is_server_error() {
        Advice::text("check that the proxy can reach the API, and try again")
    } else {
        Advice::text("ask those who run the proxy to allow connections to the API")
    }
}

/// A clause for messages that names the proxy of a failed connection.
pub fn through(proxy: Option<&str>) -> String {
    proxy.map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default()
}

/// The advice for a proxy that requires credentials.
pub fn credentials() -> Advice {
    Advice::text("write the proxy as http://user:password@host:port")
}

fn parse(text: &str) -> std::result::Result<Proxy, String> {
    let text = text.trim();
    let full = match text.split_once("://") {
        Some(_) => text.to_owned(),
        // curl assumes http without a scheme. But a text that looks like a scheme was meant as one.
        None if text.contains("//") || text.contains(":/") => {
            return Err("its scheme lacks ://".to_owned());
        }
        None => format!("http://{text}"),
    };
    let url = Url::parse(&full).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{}:// is not supported", url.scheme()));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it names no host".to_owned());
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() {
        return Err("text follows the port".to_owned());
    }
    Ok(Proxy { url })
}

fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// `place` is the environment variable or the setting that names the proxy.
fn invalid(place: &str, text: &str, why: &str) -> Error {
    // Everything before the last `@` may be a password.
    let open = text.rsplit('@').next().unwrap_or_default();
    Error::config(format!("{place} {open:?} is not the address of a proxy: {why}"))
        .advise(Advice::text("write http://host:port"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ApiKey;

    #[test]
    fn the_status_of_a_refusal_is_read_from_its_first_line() {
        let code = |answer: &[u8]| status(answer).map(|status| status.as_u16());
        assert_eq!(code(b"HTTP/1.1 403 Forbidden\r\n"), Some(403));
        assert_eq!(code(b"HTTP/1.0 502\r\nx: y\r\n"), Some(502));
        for other in [&b"HTTP/1.1 200 OK\r\n"[..], b"SSH-2.0-x\r\n", b"HTTP/1.1 4x3\r\n", b""] {
            assert_eq!(code(other), None);
        }
    }

    #[test]
    fn a_proxy_is_shown_without_its_password() {
        for (text, expected) in [
            ("http://user:pass@proxy.example:3128", "http://proxy.example:3128"),
            ("proxy.example:3128", "http://proxy.example:3128"),
            ("https://proxy.example/", "https://proxy.example"),
            ("10.0.0.1:8080", "http://10.0.0.1:8080"),
            ("localhost:8080", "http://localhost:8080"),
        ] {
            assert_eq!(shown(&parse(text).unwrap().url), expected, "{text}");
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_known_as_it_is_sent() {
        let base_url = Url::parse("https://api.example.com").unwrap();
        let mut config = ClientConfig::new(ApiKey::new("key").unwrap(), base_url);
        config.proxy = Some("user:p%40ss-word@proxy.example:3128".to_owned());
        assert_eq!(Proxy::password(&config).as_deref(), Some("p@ss-word"));
        config.proxy = Some("proxy.example:3128".to_owned());
        assert_eq!(Proxy::password(&config), None);
    }

    #[test]
    fn a_misspelt_proxy_is_said_and_its_password_is_not() {
        for text in [
            "http//proxy:3128",
            "http:/proxy:3128",
            "htp://proxy:3128",
            "http://user:pass-word@proxy:port",
            "socks5://proxy:1080",
            "http://",
            "http://proxy:3128/path",
            "http://pro xy:1",
        ] {
            let why = parse(text).unwrap_err();
            let error = invalid("HTTPS_PROXY", text, &why).to_string();
            assert!(error.contains("HTTPS_PROXY") && !error.contains("pass-word"), "{error}");
        }
    }
}
