//! TLS: certificates of the user's own authorities, and the meaning of a refused certificate.

use std::{error::Error as StdError, fmt, path::Path};

use rustls::{
    CertificateError, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{
    error::{Advice, Error, Result},
    process::paths,
};

/// Reads a file of certificates in PEM form, in any encoding that editors and shells write.
///
/// # Errors
/// If the file cannot be read, or contains no certificate.
pub fn read_bundle(path: &Path) -> Result<Vec<reqwest::Certificate>> {
    // Where the text of a file is given in place of its name, it may hold a private key.
    if path.to_string_lossy().contains("-----BEGIN") {
        return Err(Error::config(
            "the CA bundle is given as text, and the path of a file is needed",
        )
        .advise(Advice::text("write it to a file, and name that")));
    }
    // The user part of a URL may hold a password.
    if path.to_string_lossy().contains("://") {
        return Err(Error::config("the CA bundle is a URL, and the path of a file is needed")
            .advise(Advice::text("save it as a file, and name that by its path alone")));
    }
    let path = paths::expanded(path)?;
    let unusable = |reason: &dyn std::fmt::Display| {
        Error::config(format!("the CA bundle {} cannot be used: {reason}", path.display()))
            .with_path(&path)
    };
    let bytes = std::fs::read(&path).map_err(|error| unusable(&error).caused_by(error))?;
    let found = certificates(&decoded(&bytes))
        .map_err(|why| unusable(&why).advise(Advice::text(REPLACE)))?;
    let mut accepted = RootCertStore::empty();
    let mut bundle = Vec::with_capacity(found.len());
    for (place, certificate) in found {
        let der = certificate.to_vec();
        let invalid = |why: String| unusable(&why).advise(Advice::text(REPLACE));
        accepted
            .add(certificate)
            .map_err(|error| invalid(format!("{place} is invalid ({error})")).caused_by(error))?;
        let certificate = reqwest::Certificate::from_der(&der)
            .map_err(|error| invalid(format!("{place} is invalid ({error})")).caused_by(error))?;
        bundle.push(certificate);
    }
    Ok(bundle)
}

/// The advice for a file that cannot be used as it is.
const REPLACE: &str = "replace it in the file, or name a file of valid certificates in PEM form";
/// The first and the last line of a certificate in PEM form.
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Where a certificate is in a file of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1.
    pub number: usize,
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "certificate {} (line {})", self.number, self.line)
    }
}

/// The certificates in a text, at least one.
///
/// # Errors
/// If there is none, or one cannot be decoded. The reason names it, and quotes nothing of the text,
/// which may also hold a private key.
pub fn certificates(
    pem: &str,
) -> std::result::Result<Vec<(Place, CertificateDer<'static>)>, String> {
    let text = pem.replace("\r\n", "\n").replace('\r', "\n");
    let endless = |place: Place| format!("{place} has no last line ({END})");
    let mut found = Vec::new();
    let mut open: Option<(Place, String)> = None;
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content == BEGIN {
            if let Some((place, _)) = &open {
                return Err(endless(*place));
            }
            open = Some((Place { number: found.len() + 1, line }, String::new()));
        }
        let Some((place, section)) = &mut open else { continue };
        section.push_str(content);
        section.push('\n');
        if content == END {
            let certificate = CertificateDer::from_pem_slice(section.as_bytes())
                .map_err(|_| format!("{place} is not in base64"))?;
            found.push((*place, certificate));
            open = None;
        }
    }
    match open {
        Some((place, _)) => Err(endless(place)),
        None if found.is_empty() => Err("it holds no certificate in PEM form".to_owned()),
        None => Ok(found),
    }
}

/// The text of a file that may begin with a byte order mark: PowerShell writes UTF-16.
pub fn decoded(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The error of TLS that caused this one, if there is one.
pub fn cause<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    // `std::io::Error` does not return the error that it wraps as its source.
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(held) => cause(held),
        None => error.source().and_then(cause),
    }
}

/// Why the server's certificate was refused, and what to do; `None` if it was not.
pub fn refusal(error: &(dyn StdError + 'static)) -> Option<(String, Advice)> {
    match cause(error)? {
        rustls::Error::InvalidCertificate(why) => Some((refused(why), advice(why))),
        _ => None,
    }
}

/// Describes why the server's certificate was refused.
pub fn refused(why: &CertificateError) -> String {
    let what = match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another name"
        }
        CertificateError::Revoked => "was revoked",
        _ => "is not trusted",
    };
    format!("the server's certificate {what} ({why})")
}

fn advice(why: &CertificateError) -> Advice {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            Advice::text("have it renewed on the server, and check the clock of this machine")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Advice::text("check the clock of this machine")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Advice::text("use a base URL with a name that the certificate is for")
        }
        CertificateError::Revoked => Advice::text("ask those who run the server for a new one"),
        _ => Advice::PassCaBundle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refused_certificate_has_an_advice_of_its_own() {
        let advice = |why| advice(&why);
        assert_eq!(advice(CertificateError::UnknownIssuer), Advice::PassCaBundle);
        for why in [CertificateError::Expired, CertificateError::NotValidYet] {
            assert!(matches!(advice(why), Advice::Text(text) if text.contains("clock")));
        }
        let Advice::Text(text) = advice(CertificateError::NotValidForName) else { panic!() };
        assert!(text.contains("base URL"), "{text}");
    }

    #[test]
    fn a_bundle_that_is_given_as_text_is_not_quoted() {
        let text = "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n";
        let error = read_bundle(Path::new(text)).unwrap_err();
        assert!(error.to_string().contains("the path of a file is needed"), "{error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }

    #[test]
    fn of_several_certificates_the_broken_one_is_named() {
        let whole = format!("{BEGIN}\nAAAA\n{END}\n");
        let places = |text: &str| -> std::result::Result<Vec<(usize, usize)>, String> {
            Ok(certificates(text)?.iter().map(|(place, _)| (place.number, place.line)).collect())
        };
        let text = format!("# mine\n{whole}\n{whole}");
        assert_eq!(places(&text), Ok(vec![(1, 2), (2, 6)]));
        assert_eq!(places(&text.replace('\n', "\r\n")), Ok(vec![(1, 2), (2, 6)]));
        assert_eq!(places(&text.replace('\n', "\r")), Ok(vec![(1, 2), (2, 6)]));
        let why = |text: &str| certificates(text).unwrap_err();
        let broken = format!("{whole}{BEGIN}\nA=secret=A\n{END}\n{whole}");
        assert_eq!(why(&broken), "certificate 2 (line 4) is not in base64");
        for cut in [format!("{whole}{BEGIN}\nAAAA\n"), format!("{whole}{BEGIN}\nAAAA\n{whole}")] {
            let expected = format!("certificate 2 (line 4) has no last line ({END})");
            assert_eq!(why(&cut), expected);
        }
        assert_eq!(why("no certificate"), "it holds no certificate in PEM form");
    }

    #[test]
    fn a_bundle_at_a_url_is_not_quoted() {
        for url in ["https://ada:pass-word@ca.example/ca.pem", "file:///pass-word/ca.pem"] {
            let error = read_bundle(Path::new(url)).unwrap_err().to_string();
            assert!(error.contains("is a URL") && !error.contains("pass-word"), "{error}");
        }
    }

    #[test]
    fn a_certificate_that_is_none_is_named_with_its_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("# mine\n{BEGIN}\nAAAA\n{END}\n")).unwrap();
        let error = read_bundle(file.path()).unwrap_err().to_string();
        assert!(error.contains("certificate 1 (line 2) is invalid"), "{error}");
    }

    #[test]
    fn a_bundle_may_begin_with_a_byte_order_mark() {
        let pem = "-----BEGIN CERTIFICATE-----";
        let wide = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            mark.into_iter().chain(pem.encode_utf16().flat_map(bytes)).collect()
        };
        for bytes in [
            pem.as_bytes().to_vec(),
            [&[0xef, 0xbb, 0xbf], pem.as_bytes()].concat(),
            wide([0xff, 0xfe], u16::to_le_bytes),
            wide([0xfe, 0xff], u16::to_be_bytes),
        ] {
            assert_eq!(decoded(&bytes), pem);
        }
    }
}
