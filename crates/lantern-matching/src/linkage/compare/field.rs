//! A field of two tables, ready to be compared.

use arrow::array::ArrayRef;

use super::{
    amounts::amounts,
    dates::dates,
    decoys,
    email::emails,
    letters::{self, Letters},
    list,
    other_half::OtherHalf,
    person,
    places::places,
    role::Role,
    vocabulary::Vocabulary,
    words,
};
use crate::{
    error::Result,
    tables::{Comparison, FieldSpec, Kind, NULL, Regions, Values},
};

/// Number of bins for the rarity of common words, in bits.
pub const BINS: usize = 12;

/// Number of contexts of a name: one to four words, and whether the right has all of them.
const CONTEXTS: usize = 8;

/// A pair of columns: their values and words, and how much evidence each of these is.
pub struct Field {
    pub name: String,
    /// The names of its columns on each side.
    pub columns: (Vec<String>, Vec<String>),
    pub kind: Kind,
    pub values: Values,
    /// The words of its values, if it is compared by words or letters.
    pub vocabulary: Option<Vocabulary>,
    /// How rare each value is on the right, in bits: 10 for one in 1,024 rows.
    pub bits: Vec<f32>,
    /// How much evidence it is that two rows have a value in common, in bits: see
    /// [`super::chance`].
    pub equal_bits: Vec<f32>,
    /// The number of right rows that are copies of others, as far as this field alone shows.
    pub copies: f64,
    /// What it says about a row: who it is, how to reach it, or where it belongs.
    pub role: Role,
    /// The value of each decoy: see [`decoys`].
    pub decoys: Vec<u32>,
    /// For a first name the last name, and the other way round.
    pub other_half: Option<OtherHalf>,
    /// The context of each value, if it is compared by words: see [`Field::context`].
    contexts: Vec<u8>,
}

impl Field {
    /// # Errors
    /// If a column cannot be read as text.
    pub fn of(
        spec: &FieldSpec,
        kind: Kind,
        role: Role,
        alone: bool,
        left: &[ArrayRef],
        right: Option<&[ArrayRef]>,
        regions: &Regions<'_>,
    ) -> Result<Self> {
        let mut values = if kind == Kind::Phone {
            Values::of_phones(&spec.name, left, right, regions)?
        } else {
            Values::of(kind, &spec.name, left, right)?
        };
        let decoys = decoys::of_field(kind, role, alone, &mut values);
        let by_letters = matches!(kind.comparison(), Comparison::Letters | Comparison::Email);
        let mut vocabulary =
            (kind.comparison().is_by_words() || by_letters).then(|| Vocabulary::of(&values, kind));
        if let Some(words) = &mut vocabulary {
            // One list may name a site by its organisation, and another one by its place.
            words.sites = kind == Kind::Company && matches!(role, Role::Identity(_));
        }
        let rows = f64::from(values.right_known.max(1));
        #[expect(clippy::cast_possible_truncation, reason = "bits are small")]
        let bits: Vec<f32> = values
            .right_counts
            .iter()
            .map(|&count| (rows / f64::from(count).max(0.5)).log2().max(0.0) as f32)
            .collect();
        let by_words = vocabulary.as_ref().filter(|_| kind.comparison().is_by_words());
        let contexts = by_words.map_or_else(Vec::new, |words| contexts(words, values.texts.len()));
        Ok(Self {
            name: spec.name.clone(),
            columns: (spec.left.clone(), spec.right.clone()),
            kind,
            values,
            vocabulary,
            equal_bits: bits.clone(),
            copies: 0.0,
            bits,
            role,
            decoys,
            other_half: None,
            contexts,
        })
    }

    /// Whether it says where a row belongs (employer, city) and not who it is.
    pub fn is_group(&self) -> bool {
        self.role == Role::Group
    }

    /// Whether its values name the rows: texts or identifiers, most of which only one row has.
    pub fn names_rows(&self) -> bool {
        let names = matches!(
            self.kind,
            Kind::Text
                | Kind::List
                | Kind::Code
                | Kind::Street
                | Kind::Company
                | Kind::Person
                | Kind::Email
                | Kind::Phone
                | Kind::Domain
                | Kind::Linkedin
        );
        let counts = || self.values.right_counts.iter().filter(|&&count| count > 0);
        names && 2 * counts().count() >= self.values.right_known as usize
    }

    /// Whether its values are titles, most of which only one row has.
    pub fn is_title(&self) -> bool {
        self.role == Role::Other && self.kind == Kind::Text && self.names_rows()
    }

    pub fn token_count(&self) -> u32 {
        let count =
            self.vocabulary.as_ref().map_or(self.values.texts.len(), |words| words.words.len());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The number of levels of its comparison.
    pub fn levels(&self) -> usize {
        self.kind.comparison().levels().len()
    }

    /// The number of cells that a comparison can fall into: a context, a level and a bin of bits.
    pub fn cells(&self) -> usize {
        self.levels() * self.contexts() * BINS
    }

    /// The number of contexts in which its levels are counted separately.
    pub fn contexts(&self) -> usize {
        if self.kind.comparison().is_by_words() { CONTEXTS } else { 1 }
    }

    /// The context of a left value: its number of words, and whether the right has all of them.
    ///
    /// A name of two words is more often a shortened name, and a name with a word that the right
    /// does not have is more often misspelled.
    pub fn context(&self, value: u32) -> usize {
        self.contexts.get(value as usize).copied().map_or(0, usize::from)
    }

    /// Like [`Field::compare`], but keeps the result if several right rows have the right value,
    /// because the same two values are then compared again. `number` is the number of the field.
    pub fn compare_once(
        &self,
        number: usize,
        left: u32,
        right: u32,
        scratch: &mut words::Scratch,
    ) -> (u8, f32) {
        let repeats = left != right
            && left != NULL
            && right != NULL
            && self.values.right_counts[right as usize] > 1
            && self.kind.comparison() != Comparison::Equality;
        if !repeats {
            return self.compare(left, right, scratch);
        }
        let field = u32::try_from(number).unwrap_or(u32::MAX - 1);
        scratch.once(field, (left, right), |scratch| self.compare(left, right, scratch))
    }

    /// The level at which two values agree, and the rarity of what they have in common, in bits.
    pub fn compare(&self, left: u32, right: u32, scratch: &mut words::Scratch) -> (u8, f32) {
        if left == NULL || right == NULL {
            return (letters::UNKNOWN, 0.0);
        }
        if left == right {
            let base = u8::try_from(self.context(left) * self.levels()).unwrap_or(0);
            return (base + letters::EQUAL, self.equal_bits[left as usize]);
        }
        if let Some(aliases) = &self.values.aliases
            && aliases[left as usize] == aliases[right as usize]
        {
            return (Letters::Nickname as u8, 0.0);
        }
        let (a, b) = (self.values.texts.get(left), self.values.texts.get(right));
        let level = match (self.kind.comparison(), &self.vocabulary) {
            (comparison, Some(vocabulary)) if comparison.is_by_words() => {
                let tokens = (vocabulary.tokens(left), vocabulary.tokens(right));
                let (level, bits) = match comparison {
                    Comparison::Person => {
                        person::compare(vocabulary, (a, b), tokens.0, tokens.1, scratch)
                    }
                    Comparison::List => list::compare(vocabulary, tokens.0, tokens.1),
                    _ => words::compare(vocabulary, (a, b), (left, right), scratch),
                };
                let base = u8::try_from(self.context(left) * self.levels()).unwrap_or(0);
                return (base + level as u8, bits);
            }
            (Comparison::Email, _) => emails(a, b) as u8,
            (Comparison::Domain, _) => letters::domains(a, b) as u8,
            (Comparison::Digits, _) => letters::digits(a, b) as u8,
            (Comparison::Date, _) => dates(a, b) as u8,
            (Comparison::Amount, _) => amounts(a, b) as u8,
            (Comparison::Place, _) => places(a, b) as u8,
            (Comparison::Equality, _) => 2,
            _ => letters::names(a, b) as u8,
        };
        (level, 0.0)
    }
}

/// The context of each value: see [`Field::context`].
fn contexts(words: &Vocabulary, values: usize) -> Vec<u8> {
    let of = |value: usize| {
        let tokens = words.tokens(u32::try_from(value).unwrap_or(NULL));
        let unknown = tokens.iter().any(|&word| words.counts[word as usize] == 0);
        tokens.len().clamp(1, CONTEXTS / 2) - 1 + if unknown { CONTEXTS / 2 } else { 0 }
    };
    (0..values).map(|value| u8::try_from(of(value)).unwrap_or(0)).collect()
}
