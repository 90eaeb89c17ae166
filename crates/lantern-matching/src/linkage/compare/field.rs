//! A field of two tables, ready to be compared.

use arrow::array::ArrayRef;

use super::{
    amounts::amounts,
    dates::dates,
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
    linkage::calibrate::decoys,
    tables::{Comparison, FieldSpec, Kind, NULL, Regions, Values},
};

/// How many bins the bits of words fall into.
pub const BINS: usize = 12;

/// Contexts of names of words: one to four words, all known or not.
const CONTEXTS: usize = 8;

/// A pair of columns: values, words and what each tells.
pub struct Field {
    pub name: String,
    /// The columns of each side that it is made of.
    pub columns: (Vec<String>, Vec<String>),
    pub kind: Kind,
    pub values: Values,
    /// The words of its values, where it is compared by words or letters.
    pub vocabulary: Option<Vocabulary>,
    /// What each value tells, in bits, as a token.
    pub bits: Vec<f32>,
    /// What it tells that two rows have a value in common, in bits: see [`super::chance`].
    pub equal_bits: Vec<f32>,
    /// How many rows of the right are copies of others, as far as this field alone shows.
    pub copies: f64,
    /// What it tells among the other fields.
    pub role: Role,
    /// The value of each decoy: see [`decoys`].
    pub decoys: Vec<u32>,
    /// Of a first or a last name, the other one.
    pub other_half: Option<OtherHalf>,
    /// What kind of a left value each is, where it is compared by words: see [`Field::context`].
    contexts: Vec<u8>,
}

impl Field {
    /// # Errors
    /// A column that cannot be read as text.
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
            // One list names a site by its organisation and another one by its place.
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

    /// Whether it says where a row belongs and not who it is.
    pub fn is_group(&self) -> bool {
        self.role == Role::Group
    }

    /// Whether its values name the rows: texts and identifiers of which most are of one row.
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

    /// Whether its values are what things are called, of which most are of one row.
    pub fn is_title(&self) -> bool {
        self.role == Role::Other && self.kind == Kind::Text && self.names_rows()
    }

    pub fn token_count(&self) -> u32 {
        let count =
            self.vocabulary.as_ref().map_or(self.values.texts.len(), |words| words.words.len());
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// How many levels its comparison has.
    pub fn levels(&self) -> usize {
        self.kind.comparison().levels().len()
    }

    /// How many cells a comparison can fall into: levels of each context, in bins of bits.
    pub fn cells(&self) -> usize {
        self.levels() * self.contexts() * BINS
    }

    /// How many contexts its levels are told apart by.
    pub fn contexts(&self) -> usize {
        if self.kind.comparison().is_by_words() { CONTEXTS } else { 1 }
    }

    /// What kind of a left value it is: how many words it has, and whether the right knows them all.
    ///
    /// A name of two words is more often a shortened one, one with a word that is not known more
    /// often a misspelled one.
    pub fn context(&self, value: u32) -> usize {
        self.contexts.get(value as usize).copied().map_or(0, usize::from)
    }

    /// How two values agree of which others ask, too, where the right one is in several rows.
    ///
    /// `number` is that of the field.
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

    /// How two values agree, and what it tells by how rare they are, in bits.
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
                    _ => words::compare(vocabulary, left, right, scratch),
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
