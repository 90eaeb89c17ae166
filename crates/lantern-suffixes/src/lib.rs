//! The [public suffix list](https://publicsuffix.org), behind one function.
//!
//! The crate `psl` contains the list as thousands of functions, which are compiled again into each
//! crate that calls them; they were a third of the code of `lantern-matching`. Here they are
//! compiled once.

/// A public suffix: the end of a host name below which names can be registered by the public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suffix {
    /// Length of the suffix in bytes, counted from the end of the host name.
    pub length: usize,
    /// The section of the list that contains it; `None` if it is not in the list, and the last
    /// label is taken.
    pub section: Option<Section>,
}

/// The two sections of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Suffixes of registries, such as `co.uk`.
    Icann,
    /// Domains whose owners offer subdomains to others, such as `github.io`.
    Private,
}

/// The public suffix of a host name, which must be in lower case and without a trailing dot.
///
/// ```
/// use lantern_suffixes::{Section, public_suffix};
///
/// let suffix = public_suffix("www.acme.co.uk");
/// assert_eq!((suffix.length, suffix.section), ("co.uk".len(), Some(Section::Icann)));
/// assert_eq!(public_suffix("acme.github.io").section, Some(Section::Private));
/// assert_eq!(public_suffix("report.docx").section, None);
/// ```
#[must_use]
#[inline(never)]
pub fn public_suffix(host: &str) -> Suffix {
    use psl::Psl;
    let found = psl::List.find(host.rsplit('.').map(str::as_bytes));
    let section = found.typ.map(|section| match section {
        psl::Type::Icann => Section::Icann,
        psl::Type::Private => Section::Private,
    });
    Suffix { length: found.len, section }
}
