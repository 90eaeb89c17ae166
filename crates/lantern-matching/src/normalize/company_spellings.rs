//! Words that company names write in several ways, and what the key writes for all of them.

use std::{collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

use super::{company_words::lines, legal_form};

/// What a word of a company's name is written as.
pub(super) struct Spelled {
    pub out: &'static str,
    /// Legal forms of several words have this word, so it may complete one.
    pub in_legal_form: bool,
}

static SPELLINGS: LazyLock<HashMap<&'static str, Spelled, FixedState>> = LazyLock::new(|| {
    let mut spellings = HashMap::default();
    for (out, variants) in lines() {
        let in_legal_form = legal_form::has_word(out);
        for variant in variants.split_whitespace() {
            spellings.entry(variant).or_insert(Spelled { out, in_legal_form });
        }
    }
    spellings
});

/// The longest spelling, so that longer words need no look-up.
const LONGEST_SPELLING: usize = 18;

/// What a word is written as, where that is another word.
pub(super) fn spelled_out(word: &str) -> Option<&'static Spelled> {
    if word.len() > LONGEST_SPELLING { None } else { SPELLINGS.get(word) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_lead_to_words_that_are_no_spellings() {
        for spelled in SPELLINGS.values() {
            assert!(!SPELLINGS.contains_key(spelled.out), "{}", spelled.out);
        }
        let longest = SPELLINGS.keys().map(|spelling| spelling.len()).max();
        assert!(longest <= Some(LONGEST_SPELLING), "{longest:?}");
    }
}
