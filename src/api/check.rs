//! Checks of request fields that several calls share.

use super::Invalid;

/// Checks that a required text is not empty.
pub(super) fn required(field: &'static str, text: &str, hint: &'static str) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new(field, format!("{field} is empty")).hint(hint));
    }
    Ok(())
}

/// Checks that `max_credits`, if given, is above 0 and fits the integers of every database.
pub(super) fn max_credits(max_credits: Option<u64>) -> Result<(), Invalid> {
    if max_credits == Some(0) {
        return Err(Invalid::new("max_credits", "max_credits is 0")
            .hint("give a number above 0, or leave it out"));
    }
    if let Some(credits) = max_credits.filter(|credits| i64::try_from(*credits).is_err()) {
        return Err(Invalid::new(
            "max_credits",
            format!("max_credits is {credits}, which is too large"),
        )
        .hint("leave it out for no limit"));
    }
    Ok(())
}

/// Checks that a list has at most `most` entries.
pub(super) fn at_most(field: &'static str, count: usize, most: usize) -> Result<(), Invalid> {
    if count <= most {
        return Ok(());
    }
    let message = format!("{field} holds {count} entries and one call takes at most {most}");
    Err(Invalid::new(field, message).hint("split them"))
}

/// Checks that a text is a domain, such as `acme.com`. Names in other scripts are allowed.
pub(super) fn domain(field: &'static str, text: &str) -> Result<(), Invalid> {
    if is_domain(text) {
        return Ok(());
    }
    let message = format!("{field} is {text:?}, which is not a domain");
    Err(Invalid::new(field, message).hint("write for example acme.com"))
}

fn is_domain(text: &str) -> bool {
    // The URL standard would take such a text apart (`http://a.b/c`), although no domain contains
    // these characters.
    if text.contains(|sign: char| sign.is_whitespace() || "/\\:@?#%[]".contains(sign)) {
        return false;
    }
    let Ok(url::Host::Domain(ascii)) = url::Host::parse(text) else { return false };
    let labels: Vec<&str> = ascii.split('.').collect();
    let label = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    labels.len() > 1 && ascii.len() <= 253 && labels.iter().all(label)
}

/// Checks an e-mail address. The error does not quote it, because it may be anything that a person
/// typed.
pub(super) fn email(field: &'static str, text: &str) -> Result<(), Invalid> {
    let valid = text.rsplit_once('@').is_some_and(|(name, domain)| {
        let unfit = |sign: char| sign.is_whitespace() || sign.is_control() || sign == '@';
        (1..=64).contains(&name.len())
            && !name.contains(unfit)
            && !name.starts_with('.')
            && !name.ends_with('.')
            && !name.contains("..")
            && is_domain(domain)
    });
    if valid {
        return Ok(());
    }
    Err(Invalid::new(field, format!("{field} is not an e-mail address"))
        .hint("write for example name@acme.com"))
}

/// Checks that a confidence is between 0 and 1.
pub(super) fn threshold(threshold: Option<f64>) -> Result<(), Invalid> {
    match threshold {
        Some(value) if !(0.0..=1.0).contains(&value) => {
            Err(Invalid::new("threshold", format!("threshold is {value}"))
                .hint("give a confidence from 0 to 1"))
        }
        _ => Ok(()),
    }
}

/// Whether an optional text is present and not blank.
pub(super) fn given(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(|text| !text.trim().is_empty())
}

/// Percent-encodes a part of a path, so that no character of it ends or leaves that part.
pub(super) fn path_part(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEEP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEEP).to_string()
}

/// Checks that a text can be a part of a path.
pub(super) fn name_in_path(field: &'static str, text: &str) -> Result<(), Invalid> {
    required(field, text, "give its name")?;
    // URL parsers resolve `.` and `..` as steps even where they are written as `%2e`.
    if text == "." || text == ".." {
        let message = format!("{field} {text:?} is a step in a path, not a name");
        return Err(Invalid::new(field, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_name_with_a_dot() {
        for text in
            ["acme.com", "www.acme.co.uk", "ACME.com", "müller.de", "xn--mller-kva.de", "a-b.io"]
        {
            assert!(domain("domain", text).is_ok(), "{text}");
        }
        let long = format!("{}.com", "a".repeat(64));
        for text in [
            "",
            "acme",
            "https://acme.com",
            "acme.com/about",
            "acme.com:80",
            "ada@acme.com",
            "a b.com",
            "-a.com",
            "a-.com",
            "a..com",
            ".com",
            "acme.com.",
            "127.0.0.1",
            "[::1]",
            "a_b.com",
            "a%2eb.com",
            "n/a",
            &long,
        ] {
            assert!(domain("domain", text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_email_address_has_a_name_and_a_domain() {
        for text in ["ada@acme.com", "ada+x@sub.acme.com", "o'neil@acme.ie", "a@müller.de"] {
            assert!(email("email", text).is_ok(), "{text}");
        }
        for text in [
            "",
            "ada",
            "@acme.com",
            "ada@",
            "ada@acme",
            "a da@acme.com",
            "a@b@acme.com",
            "ada@acme.com ",
            ".ada@acme.com",
            "a..b@acme.com",
            "ada@-acme.com",
            "ada@acme.com\n",
        ] {
            assert!(email("email", text).is_err(), "{text}");
        }
        // What a person typed is not shown.
        assert!(!email("email", "secret").unwrap_err().message.contains("secret"));
    }
}
