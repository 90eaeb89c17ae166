//! The last name that belongs to a first name, and the first name that belongs to a last name.

use crate::tables::{NULL, Texts};

/// The field with the other half of a name, and which of its values are written like values of this
/// half.
#[derive(Clone, Debug)]
pub struct OtherHalf {
    /// The number of the field.
    pub field: usize,
    /// For each value, the same text among the other field's values, or [`NULL`].
    same: Vec<u32>,
}

impl OtherHalf {
    /// Links the values of this half (`own`) with those of the other one, which is field number
    /// `field`.
    pub(super) fn of(own: &Texts, field: usize, other: &Texts) -> Self {
        let same = (0..own.len()).map(|value| {
            #[expect(clippy::cast_possible_truncation, reason = "numbers of texts fit")]
            let text = own.get(value as u32);
            other.find(text).unwrap_or(NULL)
        });
        Self { field, same: same.collect() }
    }

    /// The value of the other field that is written like `value`.
    pub fn same(&self, value: u32) -> Option<u32> {
        self.same.get(value as usize).copied().filter(|&same| same != NULL)
    }
}
