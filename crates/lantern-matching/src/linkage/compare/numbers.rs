//! Recognizes numbers in names: `Fund 3` is not `Fund IV`, `32GB` is not `8GB`, and `East` is not
//! `West`.
//!
//! Two names with the same words and different numbers are different things, even if they differ in
//! a single letter.

/// The class of a number. Two different numbers of one class exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Digits, an ordinal (`3rd`, `third`) or a Roman number of several letters.
    Count,
    /// A single letter that may be a Roman number.
    Letter,
    /// Digits and a unit.
    Quantity(u32),
    /// Letters and digits mixed: a model, a part, a unit of a building.
    Model,
    /// A direction of the compass.
    Direction,
}

/// A word as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    pub class: Class,
    pub value: u64,
}

/// The relation of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Equal,
    Conflict,
    Unrelated,
}

const ORDINALS: [&str; 13] = [
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth",
];
const ORDINAL_ENDINGS: [&str; 10] =
    ["st", "nd", "rd", "th", "er", "ere", "eme", "ieme", "ste", "te"];

/// Numbers that are written out, from one on: in English, German, French, Spanish, Italian,
/// Portuguese, Dutch and Turkish. Numbers that are everyday words or names in another of these
/// languages (`on`, `otto`, `quinta`) are left out, and so are those that mean `first`, as a bank calls
/// itself.
const SPELLED: [&str; 12] = [
    "one eins uno",
    "two zwei zwo zweite zweiter zweites deux deuxieme dos segundo segunda secondo seconda dois twee \
     tweede iki ikinci",
    "three drei dritte dritter drittes trois troisieme tres tercero tercera terzo terza drie derde \
     ucuncu",
    "four vier vierte vierter viertes quatre quatrieme cuatro cuarto cuarta quattro quarto quarta \
     quatro vierde dorduncu",
    "five funf fuenf funfte fuenfte cinq cinquieme cinco quinto cinque vijf vijfde besinci",
    "six sechs sechste sixieme seis sexto sexta zes zesde altinci",
    "seven sieben siebte septieme siete septimo septima sette settimo setimo zeven zevende yedinci",
    "eight acht achte huit huitieme ocho octavo octava ottavo oito oitavo achtste sekiz sekizinci",
    "nine neun neunte neuf neuvieme nueve noveno novena nove negen negende dokuz dokuzuncu",
    "ten zehn zehnte dix dixieme diez decimo decima dieci dez tien tiende onuncu",
    "eleven elfte onze undici",
    "twelve zwolf zwoelf zwolfte douze doce dodici doze twaalf",
];

/// Han numerals from nothing on, as they are counted with and as they stand on bank notes.
const HAN_DIGITS: [&str; 10] =
    ["〇零", "一壹壱", "二贰弐两兩", "三叁参參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"];

/// Directions and their degrees on the compass, in English, German, French, Spanish, Italian,
/// Portuguese, Dutch and Turkish.
const DIRECTIONS: [(&str, u64); 45] = [
    ("north", 0),
    ("northern", 0),
    ("nord", 0),
    ("norte", 0),
    ("noord", 0),
    ("kuzey", 0),
    ("northeast", 45),
    ("northeastern", 45),
    ("nordost", 45),
    ("nordest", 45),
    ("noreste", 45),
    ("noordoost", 45),
    ("east", 90),
    ("eastern", 90),
    ("ost", 90),
    ("est", 90),
    ("este", 90),
    ("leste", 90),
    ("oost", 90),
    ("dogu", 90),
    ("southeast", 135),
    ("southeastern", 135),
    ("sudost", 135),
    ("suedost", 135),
    ("sudest", 135),
    ("sureste", 135),
    ("south", 180),
    ("southern", 180),
    ("sud", 180),
    ("sued", 180),
    ("sur", 180),
    ("zuid", 180),
    ("guney", 180),
    ("southwest", 225),
    ("southwestern", 225),
    ("sudwest", 225),
    ("suedwest", 225),
    ("suroeste", 225),
    ("west", 270),
    ("western", 270),
    ("ouest", 270),
    ("oeste", 270),
    ("ovest", 270),
    ("bati", 270),
    ("northwest", 315),
];
const MORE_DIRECTIONS: [(&str, u64); 4] =
    [("northwestern", 315), ("nordwest", 315), ("nordouest", 315), ("noroeste", 315)];

/// Units that follow digits, with or without a space.
pub const UNITS: [&str; 44] = [
    "kb",
    "mb",
    "gb",
    "tb",
    "mg",
    "kg",
    "lb",
    "lbs",
    "oz",
    "ml",
    "cl",
    "ltr",
    "mm",
    "cm",
    "km",
    "ft",
    "in",
    "inch",
    "inches",
    "hz",
    "khz",
    "mhz",
    "ghz",
    "kw",
    "kwh",
    "wh",
    "mah",
    "hp",
    "mp",
    "megapixel",
    "rpm",
    "btu",
    "dpi",
    "ppm",
    "fps",
    "px",
    "pk",
    "pack",
    "ct",
    "count",
    "pc",
    "pcs",
    "port",
    "disc",
];

/// Whether a word is a unit.
pub fn is_unit(word: &str) -> bool {
    UNITS.contains(&word)
}

/// The number that a folded word stands for, if it is one.
pub fn number(word: &str) -> Option<Number> {
    // Digits of other scripts are already folded to ASCII.
    if !word.is_ascii() || word.is_empty() || word.len() > 40 {
        return None;
    }
    let of = |class, value| Some(Number { class, value });
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == word.len() {
        return of(Class::Count, value(word));
    }
    if digits > 0 {
        let end = word.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = word.split_at(end);
        if !number.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            if ORDINAL_ENDINGS.contains(&rest) {
                return of(Class::Count, value(number));
            }
            if let Some(unit) = UNITS.iter().position(|&unit| unit == rest) {
                return of(Class::Quantity(u32::try_from(unit).unwrap_or(0)), value(number));
            }
        }
        return of(Class::Model, hash(word));
    }
    if let Some(at) = ORDINALS.iter().position(|&ordinal| ordinal == word) {
        return of(Class::Count, at as u64);
    }
    if let Some(at) = SPELLED.iter().position(|all| all.split(' ').any(|spelled| spelled == word)) {
        return of(Class::Count, at as u64 + 1);
    }
    if let Some(&(_, degree)) =
        DIRECTIONS.iter().chain(&MORE_DIRECTIONS).find(|&&(name, _)| name == word)
    {
        return of(Class::Direction, degree);
    }
    match roman(word) {
        Some(value) if word.len() > 1 => of(Class::Count, value),
        Some(value) => of(Class::Letter, value),
        None => None,
    }
}

/// The number that Han numerals or digits are, up to 99 where tens are written (`十二`, `二十`).
pub fn of_han(letters: &[char]) -> Option<u64> {
    const TENS: [char; 2] = ['十', '拾'];
    let digit = |letter: char| {
        let han = HAN_DIGITS.iter().position(|digits| digits.contains(letter));
        han.map(|at| at as u64).or_else(|| letter.to_digit(10).map(u64::from))
    };
    let of_digits = |letters: &[char]| {
        letters
            .iter()
            .try_fold(0_u64, |all, &letter| all.checked_mul(10)?.checked_add(digit(letter)?))
    };
    let Some(at) = letters.iter().position(|letter| TENS.contains(letter)) else {
        return if letters.is_empty() { None } else { of_digits(letters) };
    };
    let tens = match &letters[..at] {
        [] => 1,
        [tens] => digit(*tens)?,
        _ => return None,
    };
    match &letters[at + 1..] {
        [] => Some(10 * tens),
        [ones] => Some(10 * tens + digit(*ones)?),
        _ => None,
    }
}

/// The value of digits; of very many digits, a number that differs for other digits.
fn value(digits: &str) -> u64 {
    digits.parse().unwrap_or_else(|_| hash(digits.trim_start_matches('0')))
}

fn hash(text: &str) -> u64 {
    use std::hash::BuildHasher;
    foldhash::fast::FixedState::default().hash_one(text)
}

/// The value of a Roman number up to 39 in its standard form: `iv` and not `iiii`. Larger ones
/// (`mix`, `civil`, `dim`) are words.
fn roman(word: &str) -> Option<u64> {
    let tens = word.bytes().take_while(|&byte| byte == b'x').count();
    // The X of IX is not a ten of its own.
    let ones = word.get(tens..)?;
    const ONES: [&str; 10] = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"];
    let one = ONES.iter().position(|&digit| digit == ones)?;
    (tens <= 3 && tens + one > 0).then_some((10 * tens + one) as u64)
}

/// The relation of two words that are numbers.
pub fn relation(a: (&str, Number), b: (&str, Number)) -> Relation {
    let ((text_a, a), (text_b, b)) = (a, b);
    match (a.class, b.class) {
        (Class::Model, Class::Model) => models(text_a, text_b),
        (Class::Letter | Class::Count, Class::Letter | Class::Count)
        | (Class::Direction, Class::Direction) => {
            if a.value == b.value {
                Relation::Equal
            } else {
                Relation::Conflict
            }
        }
        (one, other) if one == other => {
            if a.value == b.value {
                Relation::Equal
            } else {
                Relation::Conflict
            }
        }
        // Eight does not exclude 8GB or 16GB: it may count something else.
        _ => Relation::Unrelated,
    }
}

/// If one model continues the other, they are versions of one model (`FS105`, `FS105NA`). Models
/// with the same digits may be misspelled in a letter.
fn models(a: &str, b: &str) -> Relation {
    if a == b {
        return Relation::Equal;
    }
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.len() >= 4
        && (long
            .strip_prefix(short)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
            || long
                .strip_suffix(short)
                .is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_digit())))
    {
        return Relation::Equal;
    }
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).collect::<Vec<u8>>();
    if digits(a) == digits(b) { Relation::Unrelated } else { Relation::Conflict }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn between(a: &str, b: &str) -> Relation {
        relation((a, number(a).unwrap()), (b, number(b).unwrap()))
    }

    #[test]
    fn numbers_of_one_class_are_equal_or_exclude_each_other() {
        for (a, b) in [
            ("3", "iii"),
            ("3", "03"),
            ("3rd", "third"),
            ("5", "v"),
            ("2018", "2018"),
            ("32gb", "32gb"),
            ("fs105", "fs105na"),
            ("west", "ouest"),
            ("2nd", "ii"),
            ("ezxs88w", "ezxs88w"),
            ("one", "1"),
            ("zwei", "ii"),
            ("deuxieme", "2nd"),
            ("dos", "two"),
            ("iki", "2"),
        ] {
            assert_eq!(between(a, b), Relation::Equal, "{a} {b}");
        }
        for (a, b) in [
            ("3", "4"),
            ("2018", "2019"),
            ("v", "vi"),
            ("1204", "1205"),
            ("rs388", "rs387"),
            ("32gb", "8gb"),
            ("12a", "12b3"),
            ("east", "west"),
            ("first", "second"),
            ("i", "ii"),
            ("one", "three"),
            ("eins", "zwei"),
            ("deuxieme", "trois"),
            ("tercera", "cuarta"),
            ("two", "5"),
        ] {
            assert_eq!(between(a, b), Relation::Conflict, "{a} {b}");
        }
        for (a, b) in [("8", "8gb"), ("8gb", "8mb"), ("rs388", "388"), ("east", "3")] {
            assert_eq!(between(a, b), Relation::Unrelated, "{a} {b}");
        }
    }

    #[test]
    fn words_are_no_numbers() {
        for word in
            ["acme", "mix", "civil", "dim", "", "一", "fund", "nordic", "esta", "premier", "on"]
        {
            assert_eq!(number(word), None, "{word}");
        }
    }

    #[test]
    fn a_spelled_number_is_one_number() {
        let mut all: Vec<&str> = SPELLED.iter().flat_map(|all| all.split(' ')).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn han_numerals_are_numbers() {
        let of = |text: &str| of_han(&text.chars().collect::<Vec<_>>());
        for (text, value) in [
            ("一", 1),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("九十九", 99),
            ("二〇一八", 2018),
            ("叁", 3),
            ("12", 12),
        ] {
            assert_eq!(of(text), Some(value), "{text}");
        }
        for text in ["", "北", "一期", "十北", "北十"] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn relations_are_symmetric(a in "[0-9ivx]{1,4}(gb|th|a)?", b in "[0-9ivx]{1,4}(gb|th|a)?") {
            if let (Some(x), Some(y)) = (number(&a), number(&b)) {
                prop_assert_eq!(relation((&a, x), (&b, y)), relation((&b, y), (&a, x)));
                prop_assert_eq!(relation((&a, x), (&a, x)), Relation::Equal);
            }
        }
    }
}
