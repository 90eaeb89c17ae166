//! Folds a character to the letters by which names are compared: lower case, without accents, and
//! in Latin letters if the script is an alphabet that is commonly romanized in names (Greek,
//! Cyrillic). Other scripts keep their letters: romanizing Han characters or removing Arabic vowels
//! would make different names equal.

use std::{borrow::Cow, sync::LazyLock};

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// The role of a character in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folded {
    /// It is replaced by these letters (at most four bytes of ASCII).
    Ascii(AsciiLetters),
    /// It is kept, in lower case.
    Letter(char),
    /// It is ignored: a separate accent, a soft hyphen, a zero-width character.
    Nothing,
    /// It is between letters and does not end the word (an apostrophe).
    Apostrophe,
    /// It ends a word.
    Break,
}

/// Up to four ASCII letters or digits, stored inline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AsciiLetters {
    len: u8,
    bytes: [u8; 4],
}

impl AsciiLetters {
    fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; 4];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { len: u8::try_from(text.len()).ok()?, bytes })
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

/// Characters whose romanization is not the letter without its accent: Latin letters without a
/// decomposition, Greek (ELOT 743 without its rules for digraphs), and Cyrillic (BGN/PCGN, which
/// companies themselves use: Yandex, Khimprom).
const ROMANIZED: &[(char, &str)] = &[
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('ł', "l"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ĸ', "k"),
    ('ŋ', "n"),
    ('ŧ', "t"),
    ('ə', "a"),
    ('ǝ', "a"),
    ('ɛ', "e"),
    ('ɔ', "o"),
    ('ƒ', "f"),
    ('ƙ', "k"),
    ('ɓ', "b"),
    ('ɗ', "d"),
    ('ƴ', "y"),
    ('ơ', "o"),
    ('ư', "u"),
    ('ƀ', "b"),
    ('ƶ', "z"),
    ('ǥ', "g"),
    ('ŀ', "l"),
    ('ŉ', "n"),
    ('ſ', "s"),
    ('α', "a"),
    ('β', "v"),
    ('γ', "g"),
    ('δ', "d"),
    ('ε', "e"),
    ('ζ', "z"),
    ('η', "i"),
    ('θ', "th"),
    ('ι', "i"),
    ('κ', "k"),
    ('λ', "l"),
    ('μ', "m"),
    ('ν', "n"),
    ('ξ', "x"),
    ('ο', "o"),
    ('π', "p"),
    ('ρ', "r"),
    ('σ', "s"),
    ('ς', "s"),
    ('τ', "t"),
    ('υ', "y"),
    ('φ', "f"),
    ('χ', "ch"),
    ('ψ', "ps"),
    ('ω', "o"),
    ('µ', "m"),
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('е', "e"),
    ('ё', "e"),
    ('ж', "zh"),
    ('з', "z"),
    ('и', "i"),
    ('й', "y"),
    ('к', "k"),
    ('л', "l"),
    ('м', "m"),
    ('н', "n"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "kh"),
    ('ц', "ts"),
    ('ч', "ch"),
    ('ш', "sh"),
    ('щ', "shch"),
    ('ъ', ""),
    ('ы', "y"),
    ('ь', ""),
    ('э', "e"),
    ('ю', "yu"),
    ('я', "ya"),
    ('і', "i"),
    ('ї', "yi"),
    ('є', "ye"),
    ('ґ', "g"),
    ('ў', "u"),
    ('ђ', "dj"),
    ('ј', "j"),
    ('љ', "lj"),
    ('њ', "nj"),
    ('ћ', "c"),
    ('џ', "dz"),
    ('ѓ', "gj"),
    ('ѕ', "dz"),
    ('ќ', "kj"),
    ('ә', "a"),
    ('ғ', "g"),
    ('қ', "q"),
    ('ң', "n"),
    ('ө', "o"),
    ('ұ', "u"),
    ('ү', "u"),
    ('һ', "h"),
];

/// Latin, Greek and Cyrillic up to this character are looked up in a table.
const FIRST_TABLE_END: u32 = 0x530;
/// So are Latin Extended Additional and Greek Extended.
const SECOND_TABLE: std::ops::Range<u32> = 0x1E00..0x2000;

static TABLE: LazyLock<Vec<Folded>> = LazyLock::new(|| {
    (0..FIRST_TABLE_END)
        .chain(SECOND_TABLE)
        .map(|code| char::from_u32(code).map_or(Folded::Break, fold_by_rule))
        .collect()
});

/// Folds a character by its Unicode decomposition and [`ROMANIZED`].
fn fold_by_rule(c: char) -> Folded {
    match c {
        '\'' | '`' | '´' | 'ʼ' | 'ʻ' | 'ʹ' | 'ʾ' | 'ʿ' | '΄' | '’' | '‘' => {
            return Folded::Apostrophe;
        }
        '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' => return Folded::Nothing,
        // Trade-mark signs decompose into letters that are not part of the name.
        '®' | '©' => return Folded::Break,
        _ => {}
    }
    let mut letters = String::new();
    let mut is_sign = true;
    for part in c.to_lowercase() {
        let mut buffer = [0; 4];
        if let Some((_, romanized)) = ROMANIZED.iter().find(|(from, _)| *from == part) {
            letters.push_str(romanized);
            is_sign = false;
            continue;
        }
        let part: &str = part.encode_utf8(&mut buffer);
        for base in DecomposingNormalizerBorrowed::new_nfkd().normalize(part).chars() {
            if let Some((_, romanized)) = ROMANIZED.iter().find(|(from, _)| *from == base) {
                letters.push_str(romanized);
                is_sign = false;
            } else if base.is_ascii_alphanumeric() {
                letters.push(base.to_ascii_lowercase());
                is_sign = false;
            } else if base.is_alphanumeric() && !('\u{300}'..='\u{36f}').contains(&base) {
                return Folded::Letter(c.to_lowercase().next().unwrap_or(c));
            }
        }
    }
    if is_sign {
        return Folded::Break;
    }
    if letters.is_empty() {
        return Folded::Nothing;
    }
    AsciiLetters::new(&letters).map_or(Folded::Break, Folded::Ascii)
}

/// The role of `c`, which is not ASCII, in a name. The text must have been passed through
/// [`compose`] first.
pub(super) fn fold(c: char) -> Folded {
    let code = u32::from(c);
    if code < FIRST_TABLE_END {
        return TABLE[code as usize];
    }
    if SECOND_TABLE.contains(&code) {
        return TABLE[(FIRST_TABLE_END + code - SECOND_TABLE.start) as usize];
    }
    match c {
        '‘' | '’' | '‛' | '′' | '׳' | '״' | '＇' => Folded::Apostrophe,
        // Hebrew points, Arabic vowels and the stretching tatweel, joiners, variation selectors.
        '\u{591}'..='\u{5bd}'
        | '\u{5bf}'..='\u{5c7}'
        | '\u{640}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => Folded::Nothing,
        'أ' | 'إ' | 'آ' | 'ٱ' => Folded::Letter('ا'),
        'ى' => Folded::Letter('ي'),
        'ة' => Folded::Letter('ه'),
        '\u{660}'..='\u{669}' => digit(code - 0x660),
        '\u{6f0}'..='\u{6f9}' => digit(code - 0x6f0),
        '\u{966}'..='\u{96f}' => digit(code - 0x966),
        // Dandas and the Thai repetition and end signs.
        '\u{964}' | '\u{965}' | '\u{e2f}' | '\u{e5a}' | '\u{e5b}' => Folded::Break,
        // Vowel signs of the Indic and South-East Asian scripts belong to their word.
        '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{17d3}' => Folded::Letter(c),
        _ if c.is_alphanumeric() => {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(one), None) => Folded::Letter(one),
                _ => Folded::Letter(c),
            }
        }
        _ => Folded::Break,
    }
}

fn digit(value: u32) -> Folded {
    let digit = char::from_digit(value, 10).unwrap_or('0');
    AsciiLetters::new(digit.encode_utf8(&mut [0; 4])).map_or(Folded::Break, Folded::Ascii)
}

/// Whether [`fold`] may need `c` composed with its neighbours or replaced by its plain form first.
pub(super) fn needs_composing(c: char) -> bool {
    match u32::from(c) {
        // Letters with a place of their own in the table; accents are dropped there.
        0..FIRST_TABLE_END | 0x1E00..0x2000 => false,
        // Punctuation, kana, Han characters: nearly always composed already, but kana may be
        // followed by a voicing mark of its own.
        0x2010..=0x2027 | 0x3000..=0x3098 | 0x309B..=0x30FF | 0x4E00..=0x9FFF => false,
        _ => true,
    }
}

/// Compatibility composition (NFKC): full-width and half-width forms, `㈱`, ligatures, letters
/// with separate accents. Trade-mark signs are dropped rather than spelled out.
pub(super) fn compose(text: &str) -> Cow<'_, str> {
    let normalizer = ComposingNormalizerBorrowed::new_nfkc();
    if text.contains(['™', '℠']) {
        let plain = text.chars().map(|c| if matches!(c, '™' | '℠') { ' ' } else { c });
        return Cow::Owned(normalizer.normalize_iter(plain).collect());
    }
    normalizer.normalize(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(c: char) -> String {
        match fold(c) {
            Folded::Ascii(letters) => letters.as_str().to_owned(),
            Folded::Letter(c) => c.to_string(),
            Folded::Nothing => "-".to_owned(),
            Folded::Apostrophe => "'".to_owned(),
            Folded::Break => " ".to_owned(),
        }
    }

    #[test]
    fn letters_lose_accents_and_case() {
        for (from, to) in [
            ('É', "e"),
            ('ü', "u"),
            ('Å', "a"),
            ('Ø', "o"),
            ('ß', "ss"),
            ('Æ', "ae"),
            ('ñ', "n"),
            ('Ł', "l"),
            ('İ', "i"),
            ('ı', "i"),
            ('ş', "s"),
            ('Ő', "o"),
            ('ế', "e"),
            ('đ', "d"),
            ('Þ', "th"),
            ('ǆ', "dz"),
            ('ẞ', "ss"),
            ('²', "2"),
            ('ª', "a"),
        ] {
            assert_eq!(letters(from), to, "{from}");
        }
    }

    #[test]
    fn greek_and_cyrillic_are_romanized_and_other_scripts_kept() {
        for (from, to) in [
            ('Ω', "o"),
            ('ά', "a"),
            ('Ή', "i"),
            ('ᾳ', "a"),
            ('Щ', "shch"),
            ('Я', "ya"),
            ('й', "y"),
            ('ъ', "-"),
            ('Ї', "yi"),
            ('株', "株"),
            ('ソ', "ソ"),
            ('ש', "ש"),
            ('한', "한"),
            ('أ', "ا"),
            ('٣', "3"),
            ('Ա', "ա"),
        ] {
            assert_eq!(letters(from), to, "{from}");
        }
    }

    #[test]
    fn signs_end_words_and_invisible_characters_do_not() {
        for (from, to) in [
            ('®', " "),
            ('—', " "),
            ('😀', " "),
            ('\u{a0}', " "),
            ('\u{ad}', "-"),
            ('\u{301}', "-"),
            ('\u{200b}', "-"),
            ('’', "'"),
            ('・', " "),
        ] {
            assert_eq!(letters(from), to, "{:?}", from);
        }
    }

    #[test]
    fn composing_spells_out_compatibility_forms_but_no_trade_marks() {
        assert_eq!(compose("㈱ＡＢＣ"), "(株)ABC");
        assert_eq!(compose("ｿﾆｰ"), "ソニー");
        assert_eq!(compose("Sony™"), "Sony ");
    }
}
