//! Groups the rows of one side that have the same values under all rules into one *profile*.
//!
//! Values and lists of rows are stored one after another in flat vectors. A vector for each of a
//! million different rows would cost more than finding their matches.

use std::{hash::BuildHasher, sync::Arc};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::tables::NULL;

/// Numbers, grouped into numbered lists.
pub struct Lists {
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Lists {
    /// `of` gives the list of each number; [`NULL`] if it is in none.
    pub fn of(of: &[u32], lists: usize) -> Self {
        let mut starts = vec![0_u32; lists + 1];
        for &list in of.iter().filter(|&&list| list != NULL) {
            starts[list as usize + 1] += 1;
        }
        for list in 1..=lists {
            starts[list] += starts[list - 1];
        }
        let mut next = starts.clone();
        let mut numbers = vec![0; starts[lists] as usize];
        for (number, &list) in (0_u32..).zip(of).filter(|&(_, &list)| list != NULL) {
            let at = &mut next[list as usize];
            numbers[*at as usize] = number;
            *at += 1;
        }
        Self { starts, numbers }
    }

    /// The numbers of a list, in ascending order.
    pub fn get(&self, list: usize) -> &[u32] {
        &self.numbers[self.starts[list] as usize..self.starts[list + 1] as usize]
    }

    /// Number of lists.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }
}

/// The profiles of one side, numbered in order of first appearance.
pub struct Profiles {
    /// The values of each profile, one after another.
    values: Vec<u32>,
    width: usize,
    rows: Lists,
}

impl Profiles {
    pub fn of(columns: &[&Arc<[u32]>], rows: usize) -> Self {
        let width = columns.len();
        let state = FixedState::default();
        let mut numbers: HashTable<u32> = HashTable::new();
        let mut values: Vec<u32> = Vec::new();
        let mut of = Vec::with_capacity(rows);
        let mut next = 0_u32;
        let mut key = vec![0; width];
        for row in 0..rows {
            for (slot, column) in key.iter_mut().zip(columns) {
                *slot = column[row];
            }
            let get = |number: u32| &values[number as usize * width..][..width];
            let hash = state.hash_one(key.as_slice());
            let number = match numbers.find(hash, |&number| get(number) == key) {
                Some(&number) => number,
                None => {
                    numbers.insert_unique(hash, next, |&number| state.hash_one(get(number)));
                    values.extend(&key);
                    next += 1;
                    next - 1
                }
            };
            of.push(number);
        }
        Self { values, width, rows: Lists::of(&of, next as usize) }
    }

    /// The values of a profile.
    pub fn get(&self, number: usize) -> &[u32] {
        &self.values[number * self.width..(number + 1) * self.width]
    }

    /// The rows of a profile, in ascending order.
    pub fn rows(&self, number: usize) -> &[u32] {
        self.rows.get(number)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Groups profiles with the same values in some slots. Profiles without one of these values are
    /// in no group.
    pub fn by_key(&self, slots: &[usize]) -> ByKey {
        let mut lists: HashTable<(u64, u32)> = HashTable::new();
        let mut next = 0_u32;
        let of: Vec<u32> = (0..self.len())
            .map(|number| {
                let Some(key) = key(self.get(number), slots) else { return NULL };
                match lists.find(key, |&(other, _)| other == key) {
                    Some(&(_, list)) => list,
                    None => {
                        lists.insert_unique(key, (key, next), |&(key, _)| key);
                        next += 1;
                        next - 1
                    }
                }
            })
            .collect();
        ByKey { profiles: Lists::of(&of, next as usize), lists }
    }
}

/// Profiles by the hash of some of their values. A collision only costs a comparison, because every
/// rule is checked again.
pub struct ByKey {
    lists: HashTable<(u64, u32)>,
    profiles: Lists,
}

impl ByKey {
    /// The profiles that have these values in some slots; none if a value is missing.
    pub fn get(&self, values: &[u32], slots: &[usize]) -> &[u32] {
        let list =
            key(values, slots).and_then(|key| self.lists.find(key, |&(other, _)| other == key));
        list.map_or(&[], |&(_, list)| self.profiles.get(list as usize))
    }
}

fn key(values: &[u32], slots: &[usize]) -> Option<u64> {
    use std::hash::Hasher;
    let mut hasher = FixedState::default().build_hasher();
    for &slot in slots {
        hasher.write_u32((values[slot] != NULL).then_some(values[slot])?);
    }
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_the_same_values_are_one_profile() {
        let (one, two): (Arc<[u32]>, Arc<[u32]>) =
            (vec![1, 2, 1, NULL, 2].into(), vec![7, 7, 7, 7, 8].into());
        let profiles = Profiles::of(&[&one, &two], 5);
        assert_eq!(profiles.len(), 4);
        assert_eq!((profiles.rows(0), profiles.rows(2)), (&[0, 2][..], &[3][..]));
        assert_eq!(profiles.get(3), [2, 8]);
        let by_first = profiles.by_key(&[0]);
        assert_eq!(by_first.get(&[2, 0], &[0]), [1, 3]);
        assert!(by_first.get(&[NULL, 7], &[0]).is_empty());
        assert_eq!(profiles.by_key(&[1]).get(&[0, 7], &[1]), [0, 1, 2]);
    }

    #[test]
    fn numbers_in_no_list_are_left_out() {
        let lists = Lists::of(&[1, NULL, 0, 1], 3);
        assert_eq!((lists.get(0), lists.get(1), lists.len()), (&[2][..], &[0, 3][..], 3));
        assert!(lists.get(2).is_empty());
    }
}
