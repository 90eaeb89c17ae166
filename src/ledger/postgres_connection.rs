//! Reads the connection parameters of a `postgresql://` URL, above all those of TLS, and explains
//! refused connections.

use std::{error::Error as StdError, fmt::Display, path::Path, sync::Arc, time::Duration};

use percent_encoding::percent_decode_str;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ConfigBuilder, Error as TlsError,
    RootCertStore,
    client::WantsClientCert,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::{
    Config,
    config::SslMode,
    error::{Error as Failure, SqlState},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    client::tls,
    error::{Advice, Error, Result},
    process::{paths, runtime},
};

/// Time limit for connecting, if the URL does not set one.
pub(super) const CONNECT: Duration = Duration::from_secs(15);

/// The TLS parameters of a URL.
#[derive(Debug, Default, PartialEq)]
struct Tls {
    mode: Option<String>,
    /// The file of certificate authorities, or `system`.
    roots: Option<String>,
    /// The files of the client's certificate and of its key.
    certificate: Option<String>,
    key: Option<String>,
}

/// The connection parameters, and TLS unless the URL says `sslmode=disable`. The server's
/// certificate and host name are always verified, against the system's authorities or those in the
/// file that `sslrootcert` names.
pub(super) fn configured(url: &str) -> Result<(Config, Option<MakeRustlsConnect>)> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut said, mut rest) = (Tls::default(), Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let place = match name {
            "sslmode" => &mut said.mode,
            "sslrootcert" => &mut said.roots,
            "sslcert" => &mut said.certificate,
            "sslkey" => &mut said.key,
            _ => {
                rest.push(pair);
                continue;
            }
        };
        *place = Some(percent_decode_str(value).decode_utf8_lossy().into_owned());
    }
    let given =
        if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    let mut config: Config = given.parse().map_err(|error: Failure| {
        let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        Error::config(format!("the ledger's URL cannot be read ({error} {why})"))
            .hint("write it as postgresql://user:password@host:5432/database")
    })?;
    if config.get_password().is_none()
        && let Some(password) = std::env::var_os("PGPASSWORD")
    {
        config.password(password.to_string_lossy().as_bytes());
    }
    if config.get_application_name().is_none() {
        config.application_name("lantern");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    let mode = said.mode()?;
    config.ssl_mode(mode);
    let tls = if mode == SslMode::Disable { None } else { Some(said.connector()?) };
    Ok((config, tls))
}

impl Tls {
    /// A URL that names authorities or a certificate requires TLS, even without an `sslmode`.
    fn mode(&self) -> Result<SslMode> {
        let wanted = self.roots.is_some() || self.certificate.is_some() || self.key.is_some();
        match self.mode.as_deref() {
            Some("disable") if wanted => {
                Err(Error::config("sslmode=disable uses no TLS, and the URL names certificates")
                    .hint("leave out either sslmode=disable, or sslrootcert, sslcert and sslkey"))
            }
            Some("disable") => Ok(SslMode::Disable),
            None | Some("allow" | "prefer") if !wanted => Ok(SslMode::Prefer),
            None | Some("allow" | "prefer" | "require" | "verify-ca" | "verify-full") => {
                Ok(SslMode::Require)
            }
            Some(other) => Err(Error::config(format!("sslmode {other:?} is not known"))
                .hint("use disable, prefer, require or verify-full")),
        }
    }

    fn connector(&self) -> Result<MakeRustlsConnect> {
        runtime::install_crypto();
        let verified = self.verifier()?;
        let config = match (&self.certificate, &self.key) {
            (None, None) => verified.with_no_client_auth(),
            (Some(certificate), Some(key)) => {
                let chain = certificates("sslcert", certificate)?;
                let chain = chain.into_iter().map(|(_, certificate)| certificate).collect();
                let unusable = |error: &dyn Display| {
                    Error::config(format!("sslkey {key} cannot be used: {error}"))
                        .hint("name the certificate's private key, in PEM and not encrypted")
                };
                let pem = read(key).map_err(|error| unusable(&error))?;
                let private = PrivateKeyDer::from_pem_slice(pem.as_bytes())
                    .map_err(|error| unusable(&error))?;
                verified.with_client_auth_cert(chain, private).map_err(|error| unusable(&error))?
            }
            _ => {
                return Err(Error::config("sslcert and sslkey can only be used together")
                    .hint("name the files of both"));
            }
        };
        Ok(MakeRustlsConnect::new(config))
    }

    fn verifier(&self) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>> {
        match self.roots.as_deref() {
            None | Some("system") => {
                ClientConfig::builder().with_platform_verifier().map_err(|error| {
                    Error::config(format!("the system's certificates cannot be read: {error}"))
                })
            }
            Some(file) => {
                let mut store = RootCertStore::empty();
                for (place, certificate) in certificates("sslrootcert", file)? {
                    store.add(certificate).map_err(|error| {
                        let why = format!("{place} is invalid ({error})");
                        unusable("sslrootcert", file, &why)
                    })?;
                }
                Ok(ClientConfig::builder().with_root_certificates(Arc::new(store)))
            }
        }
    }
}

/// The certificates in a file, at least one.
fn certificates(parameter: &str, file: &str) -> Result<Vec<(tls::Place, CertificateDer<'static>)>> {
    let pem = read(file).map_err(|error| unusable(parameter, file, &error))?;
    tls::certificates(&pem).map_err(|why| unusable(parameter, file, &why))
}

/// Reads a file in PEM form, in any encoding that editors and shells write.
fn read(file: &str) -> Result<String> {
    let bytes = std::fs::read(paths::expanded(Path::new(file))?)
        .map_err(|error| Error::config(error.to_string()).caused_by(error))?;
    Ok(tls::decoded(&bytes))
}

fn unusable(parameter: &str, file: &str, error: &dyn Display) -> Error {
    Error::config(format!("{parameter} {file} cannot be used: {error}"))
        .hint("name a file of certificates in PEM")
}

/// Why a connection was refused because of the URL's TLS parameters, and what to change. Retrying
/// does not help.
pub(super) fn refused(error: &Failure) -> Option<(String, Advice)> {
    if let Some(said) = error.as_db_error() {
        // By code where there is one, because messages are in the server's language.
        let unencrypted = *said.code() == SqlState::INVALID_AUTHORIZATION_SPECIFICATION;
        return unencrypted.then(|| {
            let advice = "check the user, and what pg_hba.conf at the server asks of it: TLS \
                          (?sslmode=require), or a certificate (?sslcert=FILE&sslkey=FILE)";
            (said.message().to_owned(), Advice::text(advice))
        });
    }
    let advised = |happened: String, advice: &'static str| Some((happened, Advice::text(advice)));
    match tls::cause(error) {
        Some(TlsError::InvalidCertificate(why)) => advised(
            tls::refused(why),
            match why {
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => {
                    "connect by a name that the certificate is for; ?hostaddr=ADDRESS says where \
                     that is, if the DNS does not"
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "have it renewed on the server, and check the clock of this machine"
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    "check the clock of this machine"
                }
                _ => {
                    "name the file of its certificate authority with ?sslrootcert=FILE, or use no \
                     TLS (?sslmode=disable) on a network that you trust"
                }
            },
        ),
        Some(TlsError::AlertReceived(alert)) => match alert {
            AlertDescription::CertificateRequired | AlertDescription::NoCertificate => advised(
                format!("the server asks for a certificate of the client ({alert:?})"),
                "name its files with ?sslcert=FILE&sslkey=FILE",
            ),
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError => advised(
                format!("the server refuses the client's certificate ({alert:?})"),
                "name one that an authority of the server signed with ?sslcert=FILE&sslkey=FILE",
            ),
            _ => advised(format!("the server ended TLS ({alert:?})"), "ask who runs the server"),
        },
        Some(_) => None,
        None => {
            let cause = StdError::source(error)?.to_string();
            // The driver has no type for this error, only a text.
            (cause == "server does not support TLS").then(|| {
                let advice = "turn TLS on at the server (ssl = on), or use no TLS \
                              (?sslmode=disable) on a network that you trust";
                ("the server does not support TLS".to_owned(), Advice::text(advice))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_in_the_url_ask_for_tls() {
        let tls = |roots: Option<&str>, mode: Option<&str>| Tls {
            mode: mode.map(str::to_owned),
            roots: roots.map(str::to_owned),
            ..Tls::default()
        };
        assert_eq!(tls(None, None).mode().unwrap(), SslMode::Prefer);
        assert_eq!(tls(None, Some("allow")).mode().unwrap(), SslMode::Prefer);
        assert_eq!(tls(None, Some("require")).mode().unwrap(), SslMode::Require);
        assert_eq!(tls(Some("ca.pem"), None).mode().unwrap(), SslMode::Require);
        assert_eq!(tls(Some("ca.pem"), Some("prefer")).mode().unwrap(), SslMode::Require);
        assert_eq!(tls(None, Some("disable")).mode().unwrap(), SslMode::Disable);
        let error = tls(Some("ca.pem"), Some("disable")).mode().unwrap_err();
        assert!(error.to_string().contains("leave out either"), "{error}");
    }

    #[test]
    fn a_certificate_needs_its_key() {
        let error = configured("postgresql://u@h/d?sslcert=/a.pem").err().unwrap();
        assert!(error.to_string().contains("only be used together"), "{error}");
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("empty.pem");
        std::fs::write(&file, "no certificate").unwrap();
        let url = format!("postgresql://u:sentinel@h/d?sslrootcert={}", file.display());
        let error = configured(&url).err().unwrap().to_string();
        assert!(
            error.contains("it holds no certificate") && !error.contains("sentinel"),
            "{error}"
        );
    }
}
