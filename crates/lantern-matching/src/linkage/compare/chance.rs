//! How often two rows agree by chance: what it says that they have a value in common.
//!
//! A row's own match must not count as chance, nor must copies of one record: where every value
//! occurs twice because every record does, agreement is as good a proof as where each occurs once.
//! So rows that share a value are counted as entities: rows that also agree on another field that
//! identifies are one. Beyond what was seen, a value comes again as often as its words make it
//! likely, or as Good and Turing estimate from values seen once and twice.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::field::Field;
use crate::tables::{Kind, NULL};

/// The least number of other rows that are expected to have a value by chance.
const LEAST: f64 = 1e-4;
/// Of an identifier, one row in so many at least has a value of its own.
const FEWEST: usize = 20;
/// Values of more rows are groups, whatever the rows are.
const MOST_SHARING: usize = 1_000;

/// Sets what equal values of each field say, by how many entities of the right have them.
pub fn count_entities(fields: &mut [Field]) {
    let bits: Vec<Vec<f32>> = (0..fields.len())
        .into_par_iter()
        .map(|at| equal_bits(&fields[at], &entities(fields, at)))
        .collect();
    for (field, bits) in fields.iter_mut().zip(bits) {
        field.equal_bits = bits;
    }
}

/// Whether equal values of this kind mean the same entity where nothing else is known.
const fn names_one(kind: Kind) -> bool {
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
    )
}

/// How many entities of the right have each value of a field.
fn entities(fields: &[Field], at: usize) -> Vec<u32> {
    let field = &fields[at];
    let counts = &field.values.right_counts;
    let mut found = counts.clone();
    let identify = |field: &Field| field.role.identifies();
    let any = fields.iter().any(identify);
    // Where nothing identifies by its kind, texts do together.
    let tells = |field: &Field| {
        if any { identify(field) } else { field.vocabulary.is_some() && !field.is_group() }
    };
    let others: Vec<&Field> = fields
        .iter()
        .enumerate()
        .filter(|&(other, field)| other != at && tells(field))
        .map(|(_, field)| field)
        .collect();
    let distinct = counts.iter().filter(|&&count| count > 0).count();
    let own = distinct * FEWEST >= field.values.right_known as usize;
    let alone = names_one(field.kind) && (identify(field) || others.is_empty() && !any && own);
    // The rows of each value, one after another.
    let mut starts = vec![0_usize; counts.len() + 1];
    for (value, &count) in counts.iter().enumerate() {
        starts[value + 1] = starts[value] + count as usize;
    }
    let mut next = starts.clone();
    let mut rows = vec![0_u32; starts[counts.len()]];
    for (row, &value) in (0_u32..).zip(field.values.right.iter()) {
        if value != NULL {
            rows[next[value as usize]] = row;
            next[value as usize] += 1;
        }
    }
    found.par_iter_mut().enumerate().for_each(|(value, found)| {
        let rows = &rows[starts[value]..starts[value + 1]];
        if (2..=MOST_SHARING).contains(&rows.len()) {
            *found = count(rows, &others, alone);
        } else if rows.len() > MOST_SHARING && alone && others.is_empty() {
            *found = 1;
        }
    });
    found
}

/// The entities among rows that share a value: rows that agree on another identifying field are
/// one, and with `alone` a row of which nothing else is known is none of its own.
fn count(rows: &[u32], others: &[&Field], alone: bool) -> u32 {
    let mut leaders: Vec<usize> = (0..rows.len()).collect();
    let mut known = vec![false; rows.len()];
    for field in others {
        let mut first: HashMap<u32, usize, FixedState> = HashMap::default();
        for (at, &row) in rows.iter().enumerate() {
            let value = field.values.right[row as usize];
            if value == NULL {
                continue;
            }
            known[at] = true;
            let leader = *first.entry(value).or_insert(at);
            let (one, other) = (lead(&leaders, leader), lead(&leaders, at));
            leaders[one.max(other)] = one.min(other);
        }
    }
    let own = (0..rows.len()).filter(|&at| leaders[at] == at && (known[at] || !alone)).count();
    u32::try_from(own.max(1)).unwrap_or(u32::MAX)
}

fn lead(leaders: &[usize], mut at: usize) -> usize {
    while leaders[at] != at {
        at = leaders[at];
    }
    at
}

/// What it says that two rows have a value in common, in bits.
#[expect(clippy::cast_possible_truncation, reason = "bits are small")]
fn equal_bits(field: &Field, entities: &[u32]) -> Vec<f32> {
    let rows = f64::from(field.values.right_known.max(1));
    let seen = |times: u32| entities.iter().filter(|&&count| count == times).count() as f64;
    let again = ((2.0 * seen(2) + 0.05) / (seen(1) + 1.0)).clamp(LEAST, 1.0);
    entities
        .iter()
        .enumerate()
        .map(|(value, &count)| {
            let by_words = match &field.vocabulary {
                Some(words) if field.kind.comparison().is_by_words() => {
                    let value = u32::try_from(value).unwrap_or(NULL);
                    let bits: f32 =
                        words.tokens(value).iter().map(|&word| words.bits[word as usize]).sum();
                    let chance = rows * f64::from(-bits).exp2();
                    // A single word is as rare as its value.
                    if words.tokens(value).len() > 1 { chance } else { again }
                }
                _ => again,
            };
            let others = f64::from(count.saturating_sub(1)) + by_words.clamp(LEAST, 1e6);
            (rows / others).log2().max(0.0) as f32
        })
        .collect()
}
