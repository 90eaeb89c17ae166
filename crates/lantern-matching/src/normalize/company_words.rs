//! Words that say what a company does or is, not which one it is.

use std::{collections::HashSet, sync::LazyLock};

use foldhash::fast::FixedState;

use super::tables;

/// The words, each with the other spellings that names use for it.
pub(super) fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    tables::colon_lines(include_str!("data/company_words.txt"))
}

static COMMON: LazyLock<HashSet<&'static str, FixedState>> = LazyLock::new(|| {
    lines().flat_map(|(out, variants)| variants.split_whitespace().chain([out])).collect()
});

/// Whether a word says what a company does or is, not which one it is.
pub(super) fn is_common(word: &str) -> bool {
    COMMON.contains(word)
}
