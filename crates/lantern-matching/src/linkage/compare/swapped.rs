//! Finds first and last names that were entered in each other's columns.

use super::{
    field::Field,
    letters::{EQUAL, Letters, UNKNOWN},
    other_half::OtherHalf,
};
use crate::tables::Kind;

/// Links the first name with the last name, if there is one of each.
pub fn link(fields: &mut [Field]) {
    let only = |kind: Kind| {
        let mut of = (0..fields.len()).filter(|&at| fields[at].kind == kind);
        of.next().filter(|_| of.next().is_none())
    };
    let (Some(first), Some(last)) = (only(Kind::FirstName), only(Kind::LastName)) else { return };
    let half = |own: usize, other: usize| {
        OtherHalf::of(&fields[own].values.texts, other, &fields[other].values.texts)
    };
    let (of_first, of_last) = (half(first, last), half(last, first));
    fields[first].other_half = Some(of_first);
    fields[last].other_half = Some(of_last);
}

/// Whether the values of one field differ enough that the two names may be swapped.
const fn is_open(code: u8) -> bool {
    code != UNKNOWN && code != EQUAL && code != Letters::Nickname as u8
}

/// Checks whether field `at` is the first name, and the first and last names of two rows are
/// swapped. If so, returns the field of the last name.
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
