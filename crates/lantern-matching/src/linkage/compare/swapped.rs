//! First and last names that were written into each other's columns.

use super::{
    field::Field,
    letters::{EQUAL, Letters, UNKNOWN},
};
use crate::tables::{Kind, NULL};

/// The other half of a name, and where the same text stands among its values.
#[derive(Clone, Debug)]
pub struct OtherHalf {
    /// The number of the field.
    pub field: usize,
    /// For each value, the same text among the other field's values, or [`NULL`].
    same: Vec<u32>,
}

impl OtherHalf {
    /// The value of the other field that is written like `value`.
    pub fn same(&self, value: u32) -> Option<u32> {
        self.same.get(value as usize).copied().filter(|&same| same != NULL)
    }
}

/// Tells the only first and the only last name of each other.
pub fn link(fields: &mut [Field]) {
    let only = |kind: Kind| {
        let mut of = (0..fields.len()).filter(|&at| fields[at].kind == kind);
        of.next().filter(|_| of.next().is_none())
    };
    let (Some(first), Some(last)) = (only(Kind::FirstName), only(Kind::LastName)) else { return };
    let half = |own: usize, field: usize| {
        let (own, other) = (&fields[own].values.texts, &fields[field].values.texts);
        let same = (0..own.len()).map(|value| {
            #[expect(clippy::cast_possible_truncation, reason = "numbers of texts fit")]
            let text = own.get(value as u32);
            other.find(text).unwrap_or(NULL)
        });
        OtherHalf { field, same: same.collect() }
    };
    let (of_first, of_last) = (half(first, last), half(last, first));
    fields[first].other_half = Some(of_first);
    fields[last].other_half = Some(of_last);
}

/// Whether a level of one half leaves room for both to be swapped.
const fn is_open(code: u8) -> bool {
    code != UNKNOWN && code != EQUAL && code != Letters::Nickname as u8
}

/// Whether this is a first name, and first and last name of the two rows are swapped. Returns the
/// number of the last name's field.
pub fn are_swapped(
    fields: &[Field],
    at: usize,
    left: &[u32],
    right: &impl Fn(usize) -> u32,
    code: impl Fn(usize) -> u8,
) -> Option<usize> {
    let half = fields[at].other_half.as_ref().filter(|_| fields[at].kind == Kind::FirstName)?;
    let last = half.field;
    if !is_open(code(at)) || !is_open(code(last)) {
        return None;
    }
    let back = fields[last].other_half.as_ref()?;
    let swapped = half.same(left[at])? == right(last) && back.same(left[last])? == right(at);
    swapped.then_some(last)
}
