//! Properties of every normalizer, for any text: it never panics, a key is its own key, long text
//! takes linear time, and no key changes without a new version.

use proptest::prelude::*;

use super::Normalizer;

/// All normalizers, those with a parameter with and without one.
fn normalizers() -> Vec<Normalizer> {
    let with_parameter = [
        "phone_e164:US",
        "phone_e164:DE",
        "phone_region:GB",
        "postal_code:US",
        "postal_code:GB",
        "postal_code:NL",
        "postal_code:JP",
        "postal_code:AD",
    ];
    let parsed = with_parameter.into_iter().filter_map(|name| name.parse().ok());
    Normalizer::ALL.into_iter().chain(parsed).collect()
}

/// Whether the key of a key is the key itself, which is not the case for normalizers that read one
/// kind of text and return another.
fn is_idempotent(normalizer: &Normalizer) -> bool {
    !matches!(
        normalizer,
        Normalizer::LegalForm
            | Normalizer::LegalFormCountry
            | Normalizer::Acronym
            | Normalizer::EmailDomain
            | Normalizer::IsFreeEmail
            | Normalizer::IsDisposableEmail
            | Normalizer::IsValidEmail
            | Normalizer::IsValidPhone { .. }
            | Normalizer::PhoneRegion { .. }
            | Normalizer::FamilyNameKey
            | Normalizer::Phonetic(_)
    )
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let (mut key, mut again) = (String::new(), String::new());
    for normalizer in normalizers() {
        if !normalizer.write(text, &mut key) {
            continue;
        }
        prop_assert!(!key.is_empty(), "{normalizer} of {text:?} is empty");
        if is_idempotent(&normalizer) {
            let found = normalizer.write(&key, &mut again);
            prop_assert!(
                found && again == key,
                "{normalizer} of {text:?} is {key:?}, whose own is {again:?}"
            );
        }
    }
    Ok(())
}

/// Words that rules look for, glued together at random, reach the rules that random letters miss.
fn tricky() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "the",
        "and",
        "&",
        "+",
        "und",
        "et",
        "y",
        "e",
        "i",
        "of",
        "co",
        "Co.",
        "inc",
        "Inc.",
        "ltd",
        "LLC",
        "GmbH",
        "KG",
        "S.A.",
        "s",
        "a",
        "de",
        "c",
        "v",
        "r",
        "l",
        "sp",
        "z",
        "o",
        "oo",
        "o.o.",
        "S.à r.l.",
        "PT",
        "Tbk",
        "ООО",
        "АО",
        "ИП",
        "株式会社",
        "ソニー",
        "(株)",
        "㈱",
        "有限公司",
        "Oy",
        "Ab",
        "AS",
        "A/S",
        "pty",
        "company",
        "limited",
        "liability",
        "natl",
        "assn",
        "association",
        "national",
        "prof",
        "corp",
        "tech",
        "mfg",
        "intl",
        "1st",
        "1,000",
        "3",
        "4",
        "com",
        "x",
        "acme",
        "Dr.",
        "Gen.",
        "Tan",
        "Sri",
        "General",
        "med.",
        "MBA",
        "Mba",
        "junior",
        "JRR",
        "EM",
        "MARIA",
        "SpA",
        "Spa",
        "EV",
        "e.V.",
        "doo",
        "S&T",
        "Kai",
        "και",
        "Og",
        "og",
        "AT",
        "T",
        "sc",
        "a spol.",
        "The",
        "Hon.",
        "CAIA",
        "SHRM-CP",
        "P.Eng.",
        "ИВАНОВ",
        "Иван",
        "No.",
        "no",
        "n.",
        "Nº",
        "2º",
        "izq",
        "c/o",
        "Attn",
        "Shop",
        "Lot",
        "Building",
        "EG",
        "links",
        "Basement",
        "Piso",
        "[at]",
        "(dot)",
        "%40",
        "{",
        "}",
        "&lt;",
        "&gt;",
        "2138.0",
        "1.067e3",
        "4155552671.0",
        "(cell)",
        "Flat",
        "Apt",
        "#400",
        "3B",
        "2. OG",
        "smtp:",
        "onmicrosoft.com",
        "ａ＠ａ．com",
        "\u{ad}",
        "Prof.",
        "Jr.",
        "Sr",
        "PhD",
        "ph",
        "d",
        "III",
        "van",
        "der",
        "von",
        "St.",
        "O'",
        "o",
        "brien",
        "Mc",
        "SMITH",
        "Smith",
        "Bob",
        "hans",
        "Jean",
        "marie",
        "J.",
        "J.R.",
        "ada@gmail.com",
        "a.b-c+d@yahoo.com",
        "@",
        "+",
        "<",
        ">",
        "mailto:",
        "https://",
        "www.",
        "acme.co.uk",
        "github.io",
        ".",
        "/",
        "//",
        ":80",
        "?x",
        "in/",
        "pub/",
        "linkedin.com/in/",
        "%C3%BC",
        "%",
        "ü",
        "u\u{308}",
        "ß",
        "İ",
        "ǅ",
        "ﬁ",
        "①",
        "１",
        "½",
        "™",
        "\u{345}",
        "\u{200d}",
        "한국",
        "ᄒ\u{1161}\u{11ab}",
        "か\u{3099}",
        "ｶﾞ",
        "(415) 555-2671",
        "020 7946 0958",
        "x12",
        "12",
        "St",
        "Ave",
        "N",
        "Suite",
        "5th",
        "Floor",
        "P.O.",
        "Box",
        "str",
        "Hauptstr.",
        "SW1A",
        "1AA",
        "D-",
        "NL-1012",
        "AB",
        "UK",
        "Germany",
        "(",
        ")",
        "\"",
        "'",
        ",",
        "-",
        "_",
        "\u{0}",
        "\t",
    ]);
    let joint = prop::sample::select(vec![" ", " ", " ", "", ",", ", ", "-", ".", "/", "'"]);
    prop::collection::vec((words, joint), 0..10)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, joint)| [word, joint]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_key_of_any_text_is_its_own_key(text in "\\PC{0,40}") {
        check(&text)?;
    }

    #[test]
    fn a_key_of_any_characters_is_its_own_key(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn a_key_of_words_that_rules_look_for_is_its_own_key(text in tricky()) {
        check(&text)?;
    }
}

#[test]
fn long_texts_of_repeated_pieces_end() {
    // What took quadratic time for one of these would not end on so much of it.
    let patterns = [
        "a",
        "a ",
        "ü",
        "Acme Inc. & Co. ",
        "株式会社",
        "a.",
        "(\"",
        "@",
        "a@",
        "Smith, Jr., ",
        "e\u{301}",
        "%41",
        "1",
        "/in/",
        "sp inc zoo ",
        "suite 5 ",
        "van der ",
        "the ",
        ", ",
        "-",
        "x and ",
    ];
    for normalizer in normalizers() {
        for pattern in patterns {
            let text = pattern.repeat((256 << 10) / pattern.len());
            normalizer.write(&text, &mut String::new());
        }
    }
}

#[test]
fn megabytes_are_no_more_than_a_long_text() {
    // Quadratic work on so much text would not end; 14 MB, or a tenth of it without optimisation.
    let repeats = if cfg!(debug_assertions) { 1 << 16 } else { 10 << 16 };
    let text = "Acme Inc. & Söhne, 12 ".repeat(repeats);
    for normalizer in Normalizer::ALL {
        normalizer.write(&text, &mut String::new());
    }
}
