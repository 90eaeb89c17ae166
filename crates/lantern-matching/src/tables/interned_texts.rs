//! Numbers distinct texts, so that comparing two of them is comparing two numbers.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// The number of a missing value.
pub const NULL: u32 = u32::MAX;

/// Distinct texts, numbered in order of first appearance.
#[derive(Default)]
pub struct Texts {
    bytes: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
}

impl Texts {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let begin = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.bytes[begin..self.ends[number]]
    }

    pub fn find(&self, text: &str) -> Option<u32> {
        let hash = FixedState::default().hash_one(text);
        self.table.find(hash, |&number| self.get(number) == text).copied()
    }

    /// The number of `text`; a new text gets the next number.
    pub fn number(&mut self, text: &str) -> u32 {
        let state = FixedState::default();
        let hash = state.hash_one(text);
        let (bytes, ends) = (&self.bytes, &self.ends);
        let of = |number: u32| {
            let number = number as usize;
            let begin = if number == 0 { 0 } else { ends[number - 1] };
            &bytes[begin..ends[number]]
        };
        if let Some(&number) = self.table.find(hash, |&number| of(number) == text) {
            return number;
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(NULL - 1);
        self.table.insert_unique(hash, number, |&number| state.hash_one(of(number)));
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        number
    }
}
