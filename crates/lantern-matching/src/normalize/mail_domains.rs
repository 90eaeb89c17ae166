//! Domains that give mailboxes or pages to anyone: the lists under `data/`, each of which is read
//! into a set at first use.

use std::{collections::HashSet, sync::LazyLock};

use foldhash::fast::FixedState;

use super::tables;

type Domains = LazyLock<HashSet<&'static str, FixedState>>;

static FREE: Domains =
    LazyLock::new(|| tables::lines(include_str!("data/free_mail_domains.txt")).collect());
static DISPOSABLE: Domains =
    LazyLock::new(|| tables::lines(include_str!("data/disposable_mail_domains.txt")).collect());
static PLATFORMS: Domains =
    LazyLock::new(|| tables::lines(include_str!("data/platform_domains.txt")).collect());
static TENANTS: Domains =
    LazyLock::new(|| tables::lines(include_str!("data/tenant_domains.txt")).collect());

/// Whether a domain, or a domain above it, gives free mailboxes.
pub(super) fn is_free(domain: &str) -> bool {
    any_parent(domain, |domain| FREE.contains(domain))
}

/// Whether a domain, or a domain above it, gives disposable mailboxes.
pub(super) fn is_disposable(domain: &str) -> bool {
    any_parent(domain, |domain| DISPOSABLE.contains(domain))
}

/// Whether a domain's website has pages of many organizations. A tenant's subdomain belongs to the
/// tenant.
pub(super) fn is_platform(domain: &str) -> bool {
    PLATFORMS.contains(domain)
}

/// Whether subdomains of a domain belong to the provider's customers although the public suffix
/// list does not contain it.
pub(super) fn gives_subdomains(domain: &str) -> bool {
    TENANTS.contains(domain)
}

fn any_parent(domain: &str, is_listed: impl Fn(&str) -> bool) -> bool {
    let mut rest = domain;
    loop {
        if is_listed(rest) {
            return true;
        }
        match rest.split_once('.') {
            Some((_, parent)) if parent.contains('.') => rest = parent,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_of_lower_case_domains_and_do_not_overlap() {
        for domain in
            FREE.iter().chain(DISPOSABLE.iter()).chain(PLATFORMS.iter()).chain(TENANTS.iter())
        {
            let mut host = String::new();
            assert!(super::super::host::write_host(domain, &mut host), "{domain}");
            assert_eq!(host, **domain);
        }
        assert_eq!(FREE.intersection(&DISPOSABLE).count(), 0);
        assert!(FREE.len() > 4_000 && DISPOSABLE.len() > 10_000);
    }

    #[test]
    fn the_public_suffix_list_is_the_authority_where_it_has_a_provider() {
        let known: Vec<_> = TENANTS
            .iter()
            .filter(|domain| lantern_suffixes::public_suffix(domain).length == domain.len())
            .collect();
        assert!(known.is_empty(), "these are in the list; take them out of the table: {known:?}");
    }
}
