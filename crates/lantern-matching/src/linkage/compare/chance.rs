//! How much evidence it is that two rows have a value in common: the rarer the value, the more.
//!
//! A row's own match must not count as chance, and neither must copies of one record: if every
//! record occurs twice, an equal value is as good a proof as if each occurred once. Therefore,
//! entities are counted instead of rows: rows with the same value that also agree on another
//! identifying field are one entity. How often a value would occur again in other rows follows from
//! the frequency of its words, or from Good and Turing's estimate, which compares the numbers of
//! values seen once and twice.

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::{Grade, Words, field::Field, role::Role, words};
use crate::tables::{Comparison, Kind, NULL};

/// Minimum number of other rows that are expected to have a value by chance.
const LEAST: f64 = 2e-5;
/// Maximum number of rows per distinct value of an identifier, on average.
const FEWEST: usize = 6;
/// Number of values that occur again by chance that is assumed before any is seen.
const SEEN_AGAIN: f64 = 0.1;
/// Maximum number of rows with a value that are all compared with each other.
const MOST_COMPARED: usize = 12;
/// Number of copies that is assumed before any is seen.
pub const COPIES: f64 = 2.0;
/// Maximum number of rows with a value that are counted as entities. A more frequent value is that
/// of a group.
const MOST_SHARING: usize = 1_000;

/// Sets how much evidence equal values of each field are, by the number of right entities with
/// them.
pub fn count_entities(fields: &mut [Field]) {
    let found: Vec<(Vec<f32>, f64)> = (0..fields.len())
        .into_par_iter()
        .map(|at| equal_bits(&fields[at], &entities(fields, at)))
        .collect();
    for (field, (bits, copies)) in fields.iter_mut().zip(found) {
        field.equal_bits = bits;
        field.copies = copies;
    }
}

/// Whether equal values of this kind mean the same entity if nothing else is known of the rows.
pub const fn names_one(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Company
            | Kind::Person
            | Kind::Email
            | Kind::Phone
            | Kind::Domain
            | Kind::Linkedin
            | Kind::Text
            | Kind::List
            | Kind::Code
            | Kind::Street
    )
}

/// The side whose rows are counted.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

impl Side {
    fn of(self, field: &Field) -> &[u32] {
        match self {
            Self::Left => &field.values.left,
            Self::Right => &field.values.right,
        }
    }
}

/// The number of entities with each value of a field: those on the right or, if it is more, those
/// that the left makes probable there. If several people of the left share a phone number, it does
/// not identify one of them, even if the right has only one.
fn entities(fields: &[Field], at: usize) -> Vec<f64> {
    let field = &fields[at];
    let rights = of_side(fields, at, &field.values.right_counts, Side::Right);
    let mut found: Vec<f64> = rights.iter().map(|&count| f64::from(count)).collect();
    if field.is_group() || Arc::ptr_eq(&field.values.left, &field.values.right) {
        return found;
    }
    let mut counts = vec![0_u32; rights.len()];
    let known = field.values.left.iter().filter(|&&value| value != NULL);
    known.clone().for_each(|&value| counts[value as usize] += 1);
    let share = (f64::from(field.values.right_known) / known.count().max(1) as f64).min(1.0);
    let lefts = of_side(fields, at, &counts, Side::Left);
    for (found, &left) in found.iter_mut().zip(&lefts) {
        if *found > 0.0 && left > 1 {
            *found = found.max(1.0 + f64::from(left - 1) * share);
        }
    }
    found
}

/// The number of entities of a side with each value of a field. `counts` are the rows with each
/// value.
fn of_side(fields: &[Field], at: usize, counts: &[u32], side: Side) -> Vec<u32> {
    let field = &fields[at];
    let mut found = counts.to_vec();
    let identify = |field: &Field| field.role.identifies();
    let any = fields.iter().any(identify);
    // If no field identifies by its kind, all texts do together.
    let tells = |field: &Field| {
        if any { identify(field) } else { field.vocabulary.is_some() && !field.is_group() }
    };
    // Many people share a first or a last name: only the two together identify somebody.
    let is_half = |field: &Field| matches!(field.kind, Kind::FirstName | Kind::LastName);
    let tell = || fields.iter().enumerate().filter(|&(other, field)| other != at && tells(field));
    let mut others: Vec<Vec<&Field>> =
        tell().filter(|(_, field)| !is_half(field)).map(|(_, field)| vec![field]).collect();
    let halves: Vec<&Field> =
        tell().filter(|(_, field)| is_half(field)).map(|(_, field)| field).collect();
    if halves.len() > 1 {
        others.push(halves);
    }
    let distinct = counts.iter().filter(|&&count| count > 0).count();
    // A column of titles or categories is not an identifier: a few of its values are frequent and
    // most are rare, as for words of a language.
    let known = counts.iter().map(|&count| count as usize).sum::<usize>();
    let most = counts.iter().copied().max().unwrap_or(0) as usize;
    let own = distinct * FEWEST >= known && most * distinct <= 4 * known + 2 * distinct;
    let alone = names_one(field.kind) && (identify(field) || others.is_empty() && !any && own);
    // The rows of each value, one after another.
    let mut starts = vec![0_usize; counts.len() + 1];
    for (value, &count) in counts.iter().enumerate() {
        starts[value + 1] = starts[value] + count as usize;
    }
    let mut next = starts.clone();
    let mut rows = vec![0_u32; starts[counts.len()]];
    for (row, &value) in (0_u32..).zip(side.of(field)) {
        if value != NULL {
            rows[next[value as usize]] = row;
            next[value as usize] += 1;
        }
    }
    found.par_iter_mut().enumerate().for_each(|(value, found)| {
        let rows = &rows[starts[value]..starts[value + 1]];
        if (2..=MOST_SHARING).contains(&rows.len()) {
            *found = count(rows, &others, alone, side);
        } else if rows.len() > MOST_SHARING && alone && others.is_empty() {
            *found = 1;
        }
    });
    found
}

/// The number of entities among rows that share a value. Rows that agree on another identifying
/// field are one entity. With `alone`, a row without any other identifying value is not an entity
/// of its own.
fn count(rows: &[u32], others: &[Vec<&Field>], alone: bool, side: Side) -> u32 {
    let mut leaders: Vec<usize> = (0..rows.len()).collect();
    let mut known = vec![false; rows.len()];
    let join = |leaders: &mut Vec<usize>, one: usize, other: usize| {
        let (one, other) = (lead(leaders, one), lead(leaders, other));
        leaders[one.max(other)] = one.min(other);
    };
    for fields in others {
        let mut first: HashMap<u64, usize, FixedState> = HashMap::default();
        for (at, &row) in rows.iter().enumerate() {
            let values = || fields.iter().map(|field| side.of(field)[row as usize]);
            if values().any(|value| value == NULL) {
                continue;
            }
            known[at] = true;
            let key = values().fold(0, |all, value| (all << 32) | u64::from(value));
            let leader = *first.entry(key).or_insert(at);
            join(&mut leaders, leader, at);
        }
    }
    // Two spellings of one name are one entity.
    if rows.len() <= MOST_COMPARED {
        let mut scratch = words::Scratch::default();
        for (one, other) in (0..rows.len()).flat_map(|one| (0..one).map(move |other| (one, other)))
        {
            if lead(&leaders, one) == lead(&leaders, other) {
                continue;
            }
            let same = others.iter().any(|fields| {
                fields.iter().all(|field| {
                    let of = |at: usize| side.of(field)[rows[at] as usize];
                    is_written_otherwise(field, of(one), of(other), &mut scratch)
                })
            });
            if same {
                join(&mut leaders, one, other);
            }
        }
    }
    let own = (0..rows.len()).filter(|&at| leaders[at] == at && (known[at] || !alone)).count();
    u32::try_from(own.max(1)).unwrap_or(u32::MAX)
}

/// Whether two identifying values are the same but for their spelling.
fn is_written_otherwise(field: &Field, a: u32, b: u32, scratch: &mut words::Scratch) -> bool {
    if a == NULL || b == NULL {
        return false;
    }
    if a == b {
        return true;
    }
    // A phone number that differs in a digit is another number of the same switchboard.
    if matches!(field.role, Role::Shared(_)) {
        return false;
    }
    let comparison = field.kind.comparison();
    let level = usize::from(field.compare(a, b, scratch).0) % field.levels();
    let whole = !comparison.is_by_words()
        || comparison == Comparison::Person
        || level <= Words::Initials as usize;
    whole && matches!(comparison.levels()[level].grade, Grade::Same | Grade::Alike)
}

fn lead(leaders: &[usize], mut at: usize) -> usize {
    while leaders[at] != at {
        at = leaders[at];
    }
    at
}

/// How much evidence each equal value is, in bits; and the number of right rows that are copies of
/// others, as far as this field shows.
#[expect(clippy::cast_possible_truncation, reason = "bits are small")]
fn equal_bits(field: &Field, entities: &[f64]) -> (Vec<f32>, f64) {
    let rows = f64::from(field.values.right_known.max(1));
    let seen = |from: f64, to: f64| {
        entities.iter().filter(|&&count| count > from && count <= to).count() as f64
    };
    let again = ((2.0 * seen(1.5, 2.0) + 0.05) / (seen(0.0, 1.5) + 1.0)).clamp(LEAST, 1.0);
    let by_words = by_words(field, entities);
    let (share, copied) = by_words
        .as_ref()
        .map_or((1.0, 1.0), |chance| by_chance(&field.values.right_counts, chance));
    let bearers = (field.kind == Kind::Person).then(|| bearers(field, entities)).flatten();
    let bits = entities
        .iter()
        .enumerate()
        .map(|(value, &count)| {
            let words = by_words.as_ref().and_then(|chance| Some(chance[value]? * share));
            let half = || bearers.as_ref().and_then(|bearers| bearers[value]);
            let chance = words.or_else(|| Some(half()?.max(again))).unwrap_or(again);
            let others = (count - 1.0).max(0.0) + chance.clamp(LEAST, 1e6);
            (rows / others).log2().max(0.0) as f32
        })
        .collect();
    let again: f64 = field
        .values
        .right_counts
        .iter()
        .zip(entities)
        .map(|(&rows, &entities)| (f64::from(rows) - entities).max(0.0))
        .sum();
    (bits, again * copied)
}

/// The share of the values of single rows that occur again by chance.
pub fn again(field: &Field) -> f64 {
    let rows = f64::from(field.values.right_known.max(1));
    let (mut values, mut again) = (0.0, 0.0);
    for (&bits, &count) in field.equal_bits.iter().zip(&field.values.right_counts) {
        if count == 1 {
            values += 1.0;
            again += (rows / f64::from(bits).exp2()).min(1.0);
        }
    }
    if values == 0.0 { 1.0 } else { again / values }
}

/// For each value that is only a first or a last name, the number of other names that contain it.
fn bearers(field: &Field, entities: &[f64]) -> Option<Vec<Option<f64>>> {
    let words = field.vocabulary.as_ref()?;
    let tokens = |value: usize| words.tokens(u32::try_from(value).unwrap_or(NULL));
    let mut counts = vec![0_u32; words.words.len()];
    for value in (0..entities.len()).filter(|&value| entities[value] > 0.0) {
        tokens(value).iter().for_each(|&word| counts[word as usize] += 1);
    }
    let others = |value: usize| match tokens(value) {
        [word] => Some(f64::from(counts[*word as usize]) - 1.0),
        _ => None,
    };
    Some((0..entities.len()).map(others).collect())
}

/// The factor, 0 to 1, by which words overestimate how often values occur again by chance; and the
/// share of copies among the values that occur again.
///
/// Values that occur again by chance consist of common words, and copies consist of any. The number
/// of values that occur again by chance is found by expectation maximisation: it makes the observed
/// values most likely. It is at most the number of values that do occur again.
fn by_chance(rows: &[u32], chance: &[Option<f64>]) -> (f64, f64) {
    let known = || {
        let all = rows.iter().zip(chance).filter(|&(&count, _)| count > 0);
        all.filter_map(|(&count, chance)| Some((count, (*chance)?)))
    };
    let values = known().count() as f64;
    // Each pair of equal values is counted from both sides, so half of the chance belongs to each.
    let expected: f64 = known().map(|(_, chance)| chance / 2.0).sum();
    if values == 0.0 || expected == 0.0 {
        return (1.0, 1.0);
    }
    let again: Vec<f64> =
        known().filter(|&(count, _)| count > 1).map(|(_, chance)| chance / 2.0).collect();
    let mut by_chance = again.len() as f64 / 2.0;
    for _ in 0..20 {
        // Some copies are assumed, even if chance alone explains all values that occur again.
        let copies = again.len() as f64 - by_chance + COPIES;
        by_chance = again
            .iter()
            .map(|chance| {
                let (by_chance, copied) = (by_chance * chance / expected, copies / values);
                by_chance / (by_chance + copied).max(f64::MIN_POSITIVE)
            })
            .sum();
    }
    let copied = 1.0 - by_chance / (again.len() as f64).max(1.0);
    (((by_chance + SEEN_AGAIN) / expected).min(1.0), copied)
}

/// For each value of several words, the number of distinct values that are expected to consist of
/// the same words by chance. A word is counted once for each distinct value, however many rows have
/// that value.
fn by_words(field: &Field, entities: &[f64]) -> Option<Vec<Option<f64>>> {
    let words = field.vocabulary.as_ref()?;
    if !field.kind.comparison().is_by_words() {
        return None;
    }
    let tokens = |value: usize| words.tokens(u32::try_from(value).unwrap_or(NULL));
    let mut counts = vec![0_u32; words.words.len()];
    let mut values = 0.0;
    for (value, &count) in entities.iter().enumerate() {
        if count > 0.0 {
            values += 1.0;
            tokens(value).iter().for_each(|&word| counts[word as usize] += 1);
        }
    }
    let share = |&word: &u32| f64::from(counts[word as usize].max(1)) / values;
    let chance = |value: usize| {
        let words = tokens(value);
        // For a single word, the count of its value is used.
        (words.len() > 1).then(|| values * words.iter().map(share).product::<f64>())
    };
    Some((0..entities.len()).map(chance).collect())
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, StringArray};

    use super::*;
    use crate::tables::{FieldSpec, Regions};

    fn field(name: &str, kind: Kind, role: Role, texts: Vec<String>) -> Field {
        let column: ArrayRef = Arc::new(StringArray::from(texts));
        let spec = FieldSpec::new(name, Some(kind), name, name);
        Field::of(&spec, kind, role, false, &[column], None, &Regions::default()).unwrap()
    }

    fn bits(field: &Field, row: usize) -> f32 {
        field.equal_bits[field.values.left[row] as usize]
    }

    #[test]
    fn copies_of_all_records_do_not_make_a_value_frequent() {
        let mail = |copies: usize| {
            let texts = (0..100 * copies).map(|row| format!("a{}@b{}.com", row % 100, row % 100));
            let mut fields = [field("email", Kind::Email, Role::Handle(0.5), texts.collect())];
            count_entities(&mut fields);
            bits(&fields[0], 0)
        };
        assert!((mail(5) - mail(1) - 5_f32.log2()).abs() < 0.1, "{} {}", mail(5), mail(1));
    }

    #[test]
    fn an_employer_of_many_people_is_frequent() {
        let names = (0..100).map(|row| format!("p{row} q{row}")).collect();
        let firms = (0..100).map(|row| format!("firm{} x{}", row / 20, row / 20)).collect();
        let mut fields = [
            field("name", Kind::Person, Role::Identity(0.1), names),
            field("company", Kind::Company, Role::Group, firms),
        ];
        count_entities(&mut fields);
        assert!(bits(&fields[1], 0) < 3.0, "{}", bits(&fields[1], 0));
        assert!(bits(&fields[0], 0) > 10.0, "{}", bits(&fields[0], 0));
    }

    #[test]
    fn names_of_common_words_come_again_by_chance() {
        // Of the first names and of the last names, each is half as frequent as the one before.
        let common = |number: u32| (number | 1 << 6).trailing_zeros();
        let names = (0..400_u32)
            .map(|row| {
                let mixed = row.wrapping_mul(2_654_435_769) >> 16;
                format!("g{} f{}", common(mixed), common(mixed >> 7))
            })
            .collect();
        let firms = (0..400).map(|row| format!("firm{row} x{row}")).collect();
        let mut fields = [
            field("name", Kind::Person, Role::Identity(0.1), names),
            field("company", Kind::Company, Role::Identity(0.1), firms),
        ];
        count_entities(&mut fields);
        // The evidence of each name is its rarity, also of those seen once, which alone would be
        // more than 20 bits.
        for row in 0..400_u32 {
            let mixed = row.wrapping_mul(2_654_435_769) >> 16;
            let rare = |number: u32| common(number).min(5) as f32 + 1.0;
            let (found, rare) = (bits(&fields[0], row as usize), rare(mixed) + rare(mixed >> 7));
            assert!((found - rare).abs() < 3.0, "row {row}: {found} for {rare}");
        }
    }

    #[test]
    fn where_no_name_comes_again_none_does_by_chance() {
        let names = (0..400).map(|row| format!("g{} f{}", row % 20, row / 20)).collect();
        let mut fields = [field("name", Kind::Person, Role::Identity(0.1), names)];
        count_entities(&mut fields);
        assert!(bits(&fields[0], 0) > 12.0, "{}", bits(&fields[0], 0));
    }

    #[test]
    fn half_a_name_is_as_frequent_as_its_word() {
        let names = (0..400).map(|row| match row {
            0 => "g1".to_owned(),
            _ => format!("g{} f{row}", row % 20),
        });
        let mut fields = [field("name", Kind::Person, Role::Identity(0.1), names.collect())];
        count_entities(&mut fields);
        assert!(bits(&fields[0], 0) < 6.0, "{}", bits(&fields[0], 0));
    }

    fn pair(name: &str, kind: Kind, role: Role, left: Vec<String>, right: Vec<String>) -> Field {
        let column = |texts| Arc::new(StringArray::from(texts)) as ArrayRef;
        let spec = FieldSpec::new(name, Some(kind), name, name);
        let (left, right) = ([column(left)], [column(right)]);
        Field::of(&spec, kind, role, false, &left, Some(&right), &Regions::default()).unwrap()
    }

    #[test]
    fn a_number_of_several_people_of_the_left_is_no_number_of_one() {
        let people = |count: usize| (0..count).map(|row| format!("p{row} q{row}")).collect();
        let phones = |shared: usize| {
            (0..100).map(|row| format!("+4930{:07}", 5_000_000 + 977 * (row / shared))).collect()
        };
        let bits_of = |shared: usize| {
            let mut fields = [
                pair("name", Kind::Person, Role::Identity(0.1), people(100), people(100)),
                pair("phone", Kind::Phone, Role::Shared(0.5), phones(shared), phones(1)),
            ];
            count_entities(&mut fields);
            bits(&fields[1], 0)
        };
        assert!(bits_of(1) > 12.0, "{}", bits_of(1));
        assert!(bits_of(5) < 6.0, "{}", bits_of(5));
    }

    #[test]
    fn two_spellings_of_a_name_under_one_number_are_one_person() {
        let names = (0..200).map(|row| {
            let end = if row % 2 == 0 { "" } else { "e" };
            format!("anton{} bergmann{end}", "xyzw".repeat(row / 2 % 7))
        });
        let phones = (0..200).map(|row| format!("+4930{:07}", 5_000_000 + 977 * (row / 2)));
        let mut fields = [
            field("name", Kind::Person, Role::Identity(0.1), names.collect()),
            field("phone", Kind::Phone, Role::Shared(0.5), phones.collect()),
        ];
        count_entities(&mut fields);
        assert!(bits(&fields[1], 0) > 12.0, "{}", bits(&fields[1], 0));
    }

    #[test]
    fn whole_addresses_are_found_again_where_nothing_else_is_known() {
        let streets = (0..200).map(|row| format!("weg{} {}, ort{}", row % 100, row % 100, row % 7));
        let mut fields = [field("address", Kind::Street, Role::Other, streets.collect())];
        count_entities(&mut fields);
        assert!(bits(&fields[0], 0) > 12.0, "{}", bits(&fields[0], 0));
    }
}
