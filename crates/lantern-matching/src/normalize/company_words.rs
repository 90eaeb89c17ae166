//! Words that say what a company does or is, and not which company it is.

use std::{collections::HashSet, sync::LazyLock};

use foldhash::fast::FixedState;

use super::tables;

/// The words, each with its other spellings in names.
pub(super) fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    tables::colon_lines(include_str!("data/company_words.txt"))
}

static COMMON: LazyLock<HashSet<&'static str, FixedState>> = LazyLock::new(|| {
    lines().flat_map(|(out, variants)| variants.split_whitespace().chain([out])).collect()
});

/// Whether a word says what a company does or is, and not which company it is.
pub(super) fn is_common(word: &str) -> bool {
    COMMON.contains(word)
}
