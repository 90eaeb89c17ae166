//! TLS: certificates of the user's own authorities, and the meaning of a refused certificate.

use std::{error::Error as StdError, path::Path};

use rustls::CertificateError;

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
    let path = paths::expanded(path)?;
    let unusable = |reason: &dyn std::fmt::Display| {
        Error::config(format!("the CA bundle {} cannot be used: {reason}", path.display()))
            .with_path(&path)
    };
    let bytes = std::fs::read(&path).map_err(|error| unusable(&error).caused_by(error))?;
    let pem = decoded(&bytes);
    let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes())
        .map_err(|error| unusable(&error).caused_by(error))?;
    if certificates.is_empty() {
        return Err(unusable(&"it holds no certificate in PEM form"));
    }
    Ok(certificates)
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
