//! The [public suffix list](https://publicsuffix.org), behind one function.
//!
//! The crate `psl` holds the list as thousands of functions that are compiled again into each crate that
//! calls them; they were a third of the code of `lantern-matching`. Here they are compiled once.

/// A public suffix: the end of a host name below which the public registers names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suffix {
    /// Its length in bytes, counted from the end of the host name.
    pub length: usize,
    /// The section of the list that has it; `None` if the list does not know it, so that the last label
    /// is taken.
    pub section: Option<Section>,
}

/// The two sections of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Suffixes of registries, such as `co.uk`.
    Icann,
    /// Domains whose owners give subdomains to others, such as `github.io`.
    Private,
}

/// The public suffix of a host name in lower case, without a dot at its end.
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
