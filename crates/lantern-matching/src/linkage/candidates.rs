//! Finds the pairs of rows that are worth comparing, without rules.
//!
//! Each row has tokens: words of names, whole values of other fields. Rows that share a rare token
//! are candidates. A frequent token only counts together with another, so that no key has very many
//! rows. Of the rows that were found, those that share the most bits are compared.

use std::{hash::BuildHasher, sync::Arc};

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::compare::field::Field;
use crate::tables::NULL;

/// Maximum number of rows with a rare token. A token of more rows is frequent.
pub const FREQUENT: u32 = 100;
/// Maximum number of frequent tokens of a row that are combined.
const MOST_COMBINED: usize = 8;
/// Maximum number of rows whose tokens are all counted.
const MOST_COUNTED: usize = 1_000;
/// Maximum number of rows that a key finds.
const MOST_FOUND: usize = 1_000;
/// Number of rows that an identifying value finds if more than `MOST_FOUND` rows have it.
const MOST_NEAR: usize = 256;

/// A token of a row: its number over all fields, how many right rows have it, and its rarity in
/// bits.
#[derive(Clone, Copy)]
struct Token {
    number: u32,
    count: u32,
    bits: f32,
    /// The position of the word in the row. Spellings of a word have its position.
    word: u32,
}

/// Finds right rows by tokens.
pub struct Index<'a> {
    fields: &'a [Field],
    keys: Arc<Keys>,
}

/// The keys of all right rows. They are kept with the matches, because making them takes as long as
/// matching, and each explanation of a pair that does not match needs them.
#[derive(Debug)]
pub struct Keys {
    /// The number of the first token of each field.
    bases: Vec<u32>,
    tokens: usize,
    rows: u32,
    shift: u32,
    starts: Vec<u32>,
    entries: Vec<(u32, u32)>,
    deduplicate: bool,
}

/// Memory that a thread reuses from row to row.
#[derive(Default)]
pub struct Scratch {
    tokens: Vec<Token>,
    keys: Vec<(u64, f32, bool)>,
    /// For each right row, the round in which it was last found, and the bits that it shares.
    seen: Vec<(u32, f32)>,
    /// For each token, the last round in which the left row had it.
    marks: Vec<u32>,
    round: u32,
    found: Vec<(f32, u32)>,
}

/// Number of candidates of a row.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// At least this many, however little they share.
    pub least: usize,
    /// At most this many. Those beyond `least` must share enough for a match. Copies (rows that
    /// also have an identifying value in common) do not count, because all of them are wanted.
    pub most: usize,
}

/// Candidates beyond `least` must share at least the bits that single out one row, minus these.
const SHORT: f32 = 2.0;

impl<'a> Index<'a> {
    pub fn of(fields: &'a [Field], rows: usize, deduplicate: bool) -> Self {
        let mut bases = Vec::new();
        let mut tokens = 0;
        for field in fields {
            bases.push(tokens);
            tokens += field.token_count();
        }
        let rows = u32::try_from(rows).unwrap_or(u32::MAX - 1);
        let keys = Keys {
            bases,
            tokens: tokens as usize,
            rows,
            shift: 0,
            starts: Vec::new(),
            entries: Vec::new(),
            deduplicate,
        };
        let empty = Self { fields, keys: Arc::new(keys) };
        let (shift, starts, entries) = empty.filled();
        let Keys { ref bases, tokens, .. } = *empty.keys;
        let keys = Keys { bases: bases.clone(), tokens, rows, shift, starts, entries, deduplicate };
        Self { fields, keys: Arc::new(keys) }
    }

    /// Uses keys that were made from the same fields.
    pub fn with(fields: &'a [Field], keys: Arc<Keys>) -> Self {
        Self { fields, keys }
    }

    /// The keys, for [`Index::with`].
    pub fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys)
    }

    /// Whether left and right are the same table.
    pub fn deduplicates(&self) -> bool {
        self.keys.deduplicate
    }

    /// Number of right rows.
    pub fn rows(&self) -> u32 {
        self.keys.rows
    }

    /// The bits that identify a bucket, the positions at which buckets begin, and their contents.
    fn filled(&self) -> (u32, Vec<u32>, Vec<(u32, u32)>) {
        let chunk = 4_096;
        let keyed: Vec<Vec<(u64, u32)>> = (0..(self.keys.rows as usize).div_ceil(chunk))
            .into_par_iter()
            .map(|part| {
                let (mut tokens, mut keys, mut out) = (Vec::new(), Vec::new(), Vec::new());
                for row in part * chunk..((part + 1) * chunk).min(self.keys.rows as usize) {
                    self.tokens_of(|at| self.fields[at].values.right[row], &mut tokens);
                    self.keys_of(|at| self.fields[at].values.right[row], &mut tokens, &mut keys);
                    #[expect(clippy::cast_possible_truncation, reason = "rows fit")]
                    out.extend(keys.iter().map(|&(key, ..)| (key, row as u32)));
                }
                out
            })
            .collect();
        let total: usize = keyed.iter().map(Vec::len).sum();
        let buckets = total.next_power_of_two().max(2);
        let shift = 64 - buckets.trailing_zeros();
        let mut starts = vec![0_u32; buckets + 1];
        for &(key, _) in keyed.iter().flatten() {
            starts[(key >> shift) as usize + 1] += 1;
        }
        for bucket in 1..=buckets {
            starts[bucket] += starts[bucket - 1];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0_u32, 0_u32); total];
        for &(key, row) in keyed.iter().flatten() {
            let at = &mut next[(key >> shift) as usize];
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the low half tells keys of a bucket apart"
            )]
            {
                entries[*at as usize] = (key as u32, row);
            }
            *at += 1;
        }
        (shift, starts, entries)
    }

    fn tokens_of(&self, value: impl Fn(usize) -> u32, tokens: &mut Vec<Token>) {
        tokens.clear();
        let mut place = 0;
        for (at, (field, &base)) in self.fields.iter().zip(&self.keys.bases).enumerate() {
            let value = value(at);
            if value == NULL {
                continue;
            }
            let mut add = |number: u32, count: u32, bits: f32, word: u32| {
                let number = base + number;
                if count > 0 && !tokens.iter().any(|token| token.number == number) {
                    tokens.push(Token { number, count, bits, word });
                }
            };
            if let Some(words) = &field.vocabulary {
                for &word in words.tokens(value) {
                    place += 1;
                    add(word, words.counts[word as usize], words.bits[word as usize], place);
                    for other in words.spellings(word) {
                        let (count, bits) =
                            (words.counts[other as usize], words.bits[other as usize]);
                        add(other, count, bits, place);
                    }
                }
                if let Some(word) = words.acronym(value) {
                    add(word, words.counts[word as usize], words.bits[word as usize], place);
                }
            } else {
                place += 1;
                let (count, bits) =
                    (field.values.right_counts[value as usize], field.bits[value as usize]);
                add(value, count, bits, place);
            }
            self.add_swapped(field, value, place, tokens);
        }
    }

    /// Adds the last name that is written like a first name, and the other way round, which finds
    /// rows with swapped names.
    fn add_swapped(&self, field: &Field, value: u32, place: u32, tokens: &mut Vec<Token>) {
        let Some(half) = &field.other_half else { return };
        let (other, base) = (&self.fields[half.field], self.keys.bases[half.field]);
        if let Some(value) = half.same(value)
            && let Some(words) = &other.vocabulary
            && let &[word] = words.tokens(value)
        {
            let (count, number) = (words.counts[word as usize], base + word);
            if count > 0 && !tokens.iter().any(|token| token.number == number) {
                let bits = words.bits[word as usize];
                tokens.push(Token { number, count, bits, word: place });
            }
        }
    }

    fn keys_of(
        &self,
        value: impl Fn(usize) -> u32,
        tokens: &mut [Token],
        keys: &mut Vec<(u64, f32, bool)>,
    ) {
        let state = FixedState::default();
        keys.clear();
        tokens.sort_unstable_by_key(|token| token.count);
        let rare = tokens.partition_point(|token| token.count <= FREQUENT);
        keys.extend(
            tokens[..rare].iter().map(|token| (state.hash_one(token.number), token.bits, false)),
        );
        // There may be many copies of one record. An identifying value finds them, however frequent
        // it is.
        for (at, field) in self.fields.iter().enumerate().filter(|(_, field)| !field.is_group()) {
            let value = value(at);
            if value != NULL && field.values.right_counts[value as usize] > FREQUENT {
                let bits = field.equal_bits[value as usize];
                keys.push((state.hash_one((at, value, "whole")), bits, true));
            }
        }
        let frequent = &tokens[rare..];
        let frequent = &frequent[..frequent.len().min(MOST_COMBINED)];
        for (at, one) in frequent.iter().enumerate() {
            for other in &frequent[at + 1..] {
                // A row has only one spelling of a word.
                if other.word == one.word {
                    continue;
                }
                let expected =
                    f64::from(one.count) * f64::from(other.count) / f64::from(self.keys.rows);
                if expected <= f64::from(FREQUENT) {
                    let pair = (one.number.min(other.number), one.number.max(other.number));
                    keys.push((state.hash_one(pair), one.bits + other.bits, false));
                }
            }
        }
    }

    /// The right rows that share the most bits with a row, which is given by its values, the best
    /// first; in one table, only rows before `before`.
    pub fn candidates<'s>(
        &self,
        values: &[u32],
        before: u32,
        limits: Limits,
        scratch: &'s mut Scratch,
    ) -> &'s [(f32, u32)] {
        if scratch.seen.len() != self.keys.rows as usize {
            scratch.seen = vec![(0, 0.0); self.keys.rows as usize];
            scratch.marks.clear();
            scratch.round = 0;
        }
        scratch.round += 1;
        let round = scratch.round;
        let Scratch { tokens, keys, seen, marks, found, .. } = scratch;
        found.clear();
        self.tokens_of(|at| values[at], tokens);
        self.keys_of(|at| values[at], tokens, keys);
        for &(key, bits, whole) in keys.iter() {
            let bucket = (key >> self.keys.shift) as usize;
            let entries = &self.keys.entries
                [self.keys.starts[bucket] as usize..self.keys.starts[bucket + 1] as usize];
            // The rows of a bucket are in order. Of very many, those right before this one are
            // used.
            let entries = if entries.len() > MOST_FOUND {
                if !whole {
                    continue;
                }
                let end = entries.partition_point(|&(_, other)| other < before);
                &entries[end.saturating_sub(MOST_NEAR)..end]
            } else {
                entries
            };
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the low half tells keys of a bucket apart"
            )]
            let key = key as u32;
            for &(other_key, other) in entries {
                if other_key != key || (self.keys.deduplicate && other >= before) {
                    continue;
                }
                let (last, shared) = &mut seen[other as usize];
                if *last == round {
                    *shared += bits;
                } else {
                    *last = round;
                    *shared = bits;
                    found.push((0.0, other));
                }
            }
        }
        for (shared, other) in found.iter_mut() {
            *shared = seen[*other as usize].1;
        }
        let Limits { least: most, most: upper } = limits;
        if found.len() > most {
            let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
            // So far, rows that were found by the same key are equal. Counting all tokens
            // distinguishes them.
            let (_, &mut (least, _), _) = found.select_nth_unstable_by(most - 1, order);
            let enough = (self.keys.rows as f32).log2() - SHORT;
            let least = if upper > most { least.min(enough) } else { least };
            found.retain(|&(shared, _)| shared >= least);
            if found.len() > most {
                found.truncate(MOST_COUNTED);
                if marks.len() != self.keys.tokens {
                    *marks = vec![0; self.keys.tokens];
                }
                for token in tokens.iter() {
                    marks[token.number as usize] = round;
                }
                for (shared, other) in found.iter_mut() {
                    *shared = self.shared(*other as usize, values, marks, round);
                }
                found.sort_unstable_by(order);
                let beyond = |at: usize, other: u32| {
                    at >= upper && (upper == most || !self.is_copy(other as usize, values))
                };
                let ends = |&(at, &(shared, other)): &(usize, &(f32, u32))| {
                    shared < enough || beyond(at, other)
                };
                let kept = found.iter().enumerate().find(ends).map(|(at, _)| at);
                found.truncate(kept.unwrap_or(found.len()).max(most));
            }
        }
        found.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found
    }

    /// Whether a right row has an identifying value in common with these values.
    fn is_copy(&self, row: usize, values: &[u32]) -> bool {
        self.fields.iter().zip(values).any(|(field, &value)| {
            value != NULL && !field.is_group() && field.values.right[row] == value
        })
    }

    /// The bits of the marked tokens that a right row has.
    fn shared(&self, row: usize, values: &[u32], marks: &[u32], round: u32) -> f32 {
        let mut shared = 0.0;
        for (at, (field, &base)) in self.fields.iter().zip(&self.keys.bases).enumerate() {
            let value = field.values.right[row];
            if value == NULL {
                continue;
            }
            if value == values[at] && !field.is_group() {
                shared += field.equal_bits[value as usize];
                continue;
            }
            if let Some(words) = &field.vocabulary {
                for &word in words.tokens(value) {
                    if marks[(base + word) as usize] == round {
                        shared += words.bits[word as usize];
                    }
                }
            } else if marks[(base + value) as usize] == round {
                shared += field.bits[value as usize];
            }
        }
        shared
    }
}

#[cfg(test)]
mod tests;
