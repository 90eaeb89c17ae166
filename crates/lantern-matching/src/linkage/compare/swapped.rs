//! Finds first and last names that were entered in each other's columns.

use super::{
    field::Field,
    letters::{self, EQUAL, Letters, UNKNOWN},
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
/// swapped, with a typing error in at most one of them. If so, returns the field of the last name.
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
    let misspelled = |one: (usize, u32), other: (usize, u32)| {
        let text = |(field, value): (usize, u32)| fields[field].values.texts.get(value);
        letters::names(text(one), text(other)) == Letters::Misspelled
    };
    let first_is_last = half.same(left[at]) == Some(right(last));
    let last_is_first = back.same(left[last]) == Some(right(at));
    let swapped = match (first_is_last, last_is_first) {
        (true, true) => true,
        (true, false) => misspelled((last, left[last]), (at, right(at))),
        (false, true) => misspelled((at, left[at]), (last, right(last))),
        (false, false) => false,
    };
    swapped.then_some(last)
}
