//! Composes letters whose accents, vowels or syllables are written with separate characters into
//! one character if Unicode has it (normalization form C): `é` is one letter, whether it came from
//! a keyboard or from the name of a file on a Mac. Nearly all texts are composed already, and are
//! only checked.

use std::borrow::Cow;

use arrow::{
    array::{
        ArrayAccessor, LargeStringArray, LargeStringBuilder, MAX_INLINE_VIEW_LEN, StringViewArray,
    },
    buffer::Buffer,
};
use icu_normalizer::ComposingNormalizerBorrowed;

/// The first byte of U+0300, the first combining character. No character with a lower lead byte
/// composes with the one before it.
const FIRST_LEAD: u8 = 0xCC;

/// A text with composed letters (normalization form C), as the similarities compare it.
pub fn composed(text: &str) -> Cow<'_, str> {
    if is_composed(text) {
        return Cow::Borrowed(text);
    }
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Whether a text is certainly composed. If not, composing it shows whether it was.
pub(crate) fn is_composed(text: &str) -> bool {
    are_plain(text.as_bytes()) || !text.chars().any(may_change)
}

/// How many bytes are looked at before the result is.
const STRETCH: usize = 1 << 12;

/// Whether none of some bytes begins a character that may compose with the one before it.
pub(crate) fn are_plain(bytes: &[u8]) -> bool {
    // Without a branch for each byte, sixteen and more are looked at at once.
    let is_plain =
        |stretch: &[u8]| !stretch.iter().fold(false, |found, &byte| found | (byte >= FIRST_LEAD));
    bytes.chunks(STRETCH).all(is_plain)
}

/// How many bytes of buffers a row of views may have for all of them to be looked at: a small part of
/// a large column keeps the buffers of all.
const MOST_A_ROW: usize = 64;

/// The same of the texts of a column of views. False if that would take longer than to look at each.
pub(crate) fn are_plain_views(texts: &StringViewArray) -> bool {
    let buffers = texts.data_buffers();
    let bytes: usize = buffers.iter().map(Buffer::len).sum();
    bytes <= texts.views().len().saturating_mul(MOST_A_ROW)
        && buffers.iter().all(|buffer| are_plain(buffer.as_slice()))
        && !texts.views().iter().fold(false, |found, &view| found | has_lead(view))
}

/// Whether a short text that is in its view has a byte of [`FIRST_LEAD`] or above.
#[expect(clippy::cast_possible_truncation, reason = "the lower half of a view is the length")]
const fn has_lead(view: u128) -> bool {
    const LOW: u128 = u128::from_ne_bytes([0x7F; 16]);
    const ADDED: u128 = u128::from_ne_bytes([0x80 - (FIRST_LEAD & 0x7F); 16]);
    let text = view >> 32;
    // The highest bit of each byte: set in the sum if the others are those of the lead or above.
    let above = ((text & LOW) + ADDED) & text & !LOW;
    view as u32 <= MAX_INLINE_VIEW_LEN && above != 0
}

/// The values of a column with composed letters; `None` if all are composed already.
pub(crate) fn composed_values<'a, T>(texts: T) -> Option<LargeStringArray>
where
    T: ArrayAccessor<Item = &'a str> + Copy,
{
    let valid = |row: &usize| texts.is_valid(*row);
    let first = (0..texts.len()).filter(valid).find(|row| !is_composed(texts.value(*row)))?;
    let mut out = LargeStringBuilder::with_capacity(texts.len(), 16 * texts.len());
    for row in 0..texts.len() {
        if texts.is_null(row) {
            out.append_null();
        } else if row < first {
            out.append_value(texts.value(row));
        } else {
            out.append_value(composed(texts.value(row)));
        }
    }
    Some(out.finish())
}

/// Whether a character may be another one in form C, or compose with the one before it.
const fn may_change(c: char) -> bool {
    !matches!(c,
        // Latin, Greek, Cyrillic and Armenian letters, which contain their accents already.
        '\0'..='\u{2FF}'
        | '\u{388}'..='\u{482}'
        | '\u{48A}'..='\u{590}'
        | '\u{5D0}'..='\u{60F}'
        | '\u{620}'..='\u{64A}'
        | '\u{1E00}'..='\u{1EFF}'
        // Punctuation, kana, Han characters and syllables of Hangul.
        | '\u{2010}'..='\u{206F}'
        | '\u{3001}'..='\u{3029}'
        | '\u{3030}'..='\u{3098}'
        | '\u{309B}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{FF00}'..='\u{FFEF}'
        | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;
    use proptest::prelude::*;

    use super::*;
    use crate::similarity::{Distance, Similarity};

    #[test]
    fn no_character_that_may_change_is_missed() {
        let normalizer = ComposingNormalizerBorrowed::new_nfc();
        for c in (0..=0x0010_FFFF).filter_map(char::from_u32).filter(|c| !may_change(*c)) {
            let text = c.to_string();
            assert_eq!(normalizer.normalize(&text), text, "{c:?}");
            // Nor does it compose with the character before it: a letter, a syllable, an accent.
            for before in ["a", "\u{1112}", "か", "\u{AC00}", "\u{9C7}", "e\u{301}"] {
                let together = format!("{before}{c}");
                let apart = normalizer.normalize(before).into_owned() + &text;
                assert_eq!(normalizer.normalize(&together), apart, "{before:?} {c:?}");
            }
        }
    }

    #[test]
    fn a_column_of_views_is_plain_if_each_text_is() {
        let long = "of more letters than a view has";
        for (texts, expected) in [
            (vec!["", "Ada", "Müller", "\u{2FF}\u{2FF}", long], true),
            (vec![long; 500], true),
            (vec!["Ada", "Jose\u{301}"], false),
            (vec!["Ada", "\u{300}"], false),
            (vec!["elevenbytes\u{301}"], false),
            (vec![long, "of more letters than a view has\u{301}"], false),
            (vec!["Иван"], false),
        ] {
            let column: StringViewArray = texts.iter().copied().map(Some).collect();
            assert_eq!(are_plain_views(&column), expected, "{texts:?}");
            let each = texts.iter().all(|text| are_plain(text.as_bytes()));
            assert_eq!(each, expected, "{texts:?}");
        }
        // A part of a column keeps all of its buffers.
        let column: StringViewArray = vec![Some(long); 500].into_iter().collect();
        assert!(!are_plain_views(&column.slice(3, 2)));
    }

    #[test]
    fn a_letter_is_one_however_it_is_written() {
        for (a, b) in [
            ("Mu\u{308}ller", "Müller"),
            ("Jose\u{301}", "José"),
            ("\u{1112}\u{1161}\u{11ab}국", "한국"),
            ("か\u{3099}", "が"),
            ("Å", "\u{212B}"),
        ] {
            for similarity in Similarity::ALL {
                let columns = similarity
                    .columns(&StringArray::from(vec![a]), &StringArray::from(vec![b]), None)
                    .unwrap();
                let mut pairs = [0.0];
                similarity.pairs(&[a], &[b], None, &mut pairs);
                for found in [
                    similarity.similarity(a, b, None),
                    similarity.prepare(a).similarity(b, None),
                    columns.value(0),
                    pairs[0],
                ] {
                    assert_eq!(found, 1.0, "{similarity} {a:?} {b:?}");
                }
            }
            assert_eq!(Distance::Levenshtein.distance(a, b, None), 0);
        }
        assert_eq!(Distance::Levenshtein.distance("Mu\u{308}ller", "Moller", None), 1);
    }

    proptest! {
        #[test]
        fn similarities_are_symmetric_within_bounds_and_1_for_itself(
            a in "\\PC{0,12}", b in "\\PC{0,12}",
        ) {
            for similarity in Similarity::ALL {
                let score = similarity.similarity(&a, &b, None);
                prop_assert!((0.0..=1.0).contains(&score), "{similarity} {score}");
                let turned = similarity.similarity(&b, &a, None);
                prop_assert!((score - turned).abs() < 1e-12, "{similarity}: {score} {turned}");
                let own = similarity.similarity(&a, &a, None);
                prop_assert!(own == 1.0 || own == 0.0, "{similarity} of {a:?}: {own}");
                let nfd = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(&a);
                let apart = similarity.similarity(&nfd, &b, None);
                let together = similarity.similarity(&composed(&a), &b, None);
                prop_assert_eq!(apart, together, "{} of {:?}", similarity, a);
            }
        }
    }
}
