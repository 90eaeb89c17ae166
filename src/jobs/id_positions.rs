//! Where the ids of a job are in its list, in whichever spelling they are looked for.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
};

use crate::results::record_id::canonical;

/// The position of each id.
pub(super) struct Positions<'a> {
    of: HashMap<Cow<'a, str>, u32>,
    twins: Vec<(u32, u32)>,
}

impl<'a> Positions<'a> {
    pub fn new(ids: &'a [String]) -> Self {
        let mut positions = Self { of: HashMap::with_capacity(ids.len()), twins: Vec::new() };
        for (at, id) in (0_u32..).zip(ids) {
            match positions.of.entry(canonical(id)) {
                Entry::Occupied(first) => positions.twins.push((*first.get(), at)),
                Entry::Vacant(new) => _ = new.insert(at),
            }
        }
        positions
    }

    pub fn get(&self, id: &str) -> Option<u32> {
        self.of.get(&*canonical(id)).copied()
    }

    /// Pairs of ids that are the same record: the first one, which [`Positions::get`] returns, and
    /// another. Only jobs of earlier versions have such ids.
    pub fn twins(&self) -> &[(u32, u32)] {
        &self.twins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_every_spelling_and_twins_are_told() {
        let lower = "8c6f2a10-0b1d-4e5f-9abc-def012345678".to_owned();
        let ids = ["P7".to_owned(), lower.to_uppercase(), "p7".to_owned(), lower.clone()];
        let positions = Positions::new(&ids);
        assert_eq!((positions.get("P7"), positions.get("p7")), (Some(0), Some(2)));
        assert_eq!((positions.get(&lower), positions.get(&ids[1])), (Some(1), Some(1)));
        assert_eq!(positions.get("P8"), None);
        assert_eq!(positions.twins(), [(1, 3)]);
    }
}
