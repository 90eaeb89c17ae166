//! Domains: the registrable part of a URL, an e-mail address or a host name, and the kind of
//! domain. The public suffix list in the crate `psl` says which part is registrable. Its private
//! section contains the domains of providers whose subdomains belong to their customers;
//! `data/tenant_domains.txt` contains those that are missing there.

use std::borrow::Cow;

use lantern_suffixes::{Section, public_suffix};

use super::{email, host, mail_domains};

/// Increases whenever the domain of any text changes; a newer public suffix list alone does not
/// increase it.
pub const DOMAIN_KEY_VERSION: u32 = 3;
/// Increases with [`DOMAIN_KEY_VERSION`], and when a domain's kind changes.
pub const COMPANY_DOMAIN_KEY_VERSION: u32 = 3;

/// Who uses a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DomainKind {
    /// The domain of a single organization.
    Company,
    /// Mailboxes that anyone may open: `gmail.com`.
    FreeMail,
    /// Throw-away mailboxes: `mailinator.com`.
    Disposable,
    /// Pages of many organizations on one website: `linkedin.com/company/acme`.
    Platform,
}

/// The registrable domain in lower-case ASCII: `"https://www.shop.acme.co.uk/x"` is `"acme.co.uk"`.
/// A customer of a provider is identified by its subdomain: `acme.onmicrosoft.com`. `None` for an
/// IP address, a public suffix, and text that is not a domain.
pub fn domain_key(text: &str) -> Option<Cow<'_, str>> {
    let mut domain = String::new();
    if !write_domain_key(text, &mut domain) {
        return None;
    }
    Some(if domain == text { Cow::Borrowed(text) } else { Cow::Owned(domain) })
}

/// The domain of a company: [`domain_key`], but `None` if [`domain_kind`] is not a company's own.
pub fn company_domain_key(text: &str) -> Option<Cow<'_, str>> {
    let domain = domain_key(text)?;
    (kind_of(text, &domain) == DomainKind::Company).then_some(domain)
}

/// The kind of domain of a URL, an e-mail address or a host name.
pub fn domain_kind(text: &str) -> Option<DomainKind> {
    let domain = domain_key(text)?;
    Some(kind_of(text, &domain))
}

pub(super) fn write_company_domain_key(text: &str, out: &mut String) -> bool {
    write_domain_key(text, out) && kind_of(text, out) == DomainKind::Company
}

fn kind_of(text: &str, domain: &str) -> DomainKind {
    if mail_domains::is_disposable(domain) {
        DomainKind::Disposable
    } else if mail_domains::is_free(domain) {
        DomainKind::FreeMail
    } else if mail_domains::is_platform(domain) && !host::path_of(text).is_empty() {
        DomainKind::Platform
    } else {
        DomainKind::Company
    }
}

pub(super) fn write_domain_key(text: &str, out: &mut String) -> bool {
    out.clear();
    if !host::write_host(host::host_of(text), out) {
        return false;
    }
    match registrable_start(out) {
        Some(start) => {
            out.drain(..start);
            true
        }
        None => false,
    }
}

/// Start of the part of a host name that identifies its owner: the registrable domain, or the
/// subdomain below a domain whose owner gives subdomains to others (`acme.onmicrosoft.com`).
pub(super) fn registrable_start(host: &str) -> Option<usize> {
    let suffix = public_suffix(host);
    let head = host.len().checked_sub(suffix.length)?;
    // A suffix that its owner entered (`github.io`) is also a domain; a suffix of a registry is
    // not.
    let of_owner = suffix.section == Some(Section::Private);
    if head > 0 && !(of_owner && &host[..head] == "www.") {
        let start = label_start(host, head)?;
        return Some(tenant_start(host, start));
    }
    of_owner.then(|| {
        let host = &host[head..];
        let last = host.rfind('.').unwrap_or(0);
        head + host[..last].rfind('.').map_or(0, |dot| dot + 1)
    })
}

/// Start of the label before `at`.
fn label_start(host: &str, at: usize) -> Option<usize> {
    let label = host[..at].strip_suffix('.')?;
    Some(label.rfind('.').map_or(0, |dot| dot + 1))
}

/// Subdomains that providers reserve for their own sites.
const OWN_SITES: &[&str] = &[
    "www",
    "account",
    "accounts",
    "admin",
    "api",
    "app",
    "apps",
    "auth",
    "blog",
    "careers",
    "cdn",
    "community",
    "dashboard",
    "developer",
    "developers",
    "docs",
    "en",
    "files",
    "go",
    "help",
    "id",
    "info",
    "jobs",
    "join",
    "login",
    "m",
    "mail",
    "mobile",
    "my",
    "secure",
    "static",
    "status",
    "store",
    "support",
    "web",
];

/// Start of the subdomain of a tenant, in a host whose registrable part starts at `start`.
fn tenant_start(host: &str, start: usize) -> usize {
    let (mut at, mut found) = (start, start);
    // A provider may insert a label of its own: acme.my.salesforce.com.
    while let Some(label) = label_start(host, at) {
        let is_own = OWN_SITES.contains(&&host[label..at - 1]);
        if mail_domains::gives_subdomains(&host[at..]) && !is_own {
            found = label;
        }
        at = label;
    }
    found
}

/// The whole domain of an e-mail address in lower-case ASCII: `"Ada@Mail.Acme.com"` is
/// `"mail.acme.com"`.
pub fn email_domain(text: &str) -> Option<Cow<'_, str>> {
    let mut domain = String::new();
    if !email::write_email_domain(text, &mut domain) {
        return None;
    }
    Some(if domain == text { Cow::Borrowed(text) } else { Cow::Owned(domain) })
}

#[cfg(test)]
mod tests;
