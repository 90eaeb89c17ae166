//! Candidates of one row that are the same record: their shares add up, and one stands for all.

use super::{
    compare::field::Field,
    learn::{Model, Scorer},
};
use crate::tables::NULL;

/// Candidates with a smaller share of the best one's probability are not compared with others. Where
/// all matches of a row are asked for, they are copies if they lack something and have all else.
pub const LEAST: f64 = 0.02;

/// For each candidate, which one stands for its group: the first, the likeliest, for itself.
///
/// `found` are the shares and the right rows, in falling order.
pub fn groups(
    fields: &[Field],
    model: &Model,
    scorer: &Scorer,
    found: &[(f64, u32)],
    many: bool,
) -> Vec<usize> {
    let mut leaders: Vec<usize> = (0..found.len()).collect();
    for at in 1..found.len() {
        let is_small = found[at].0 < LEAST * found[0].0;
        if is_small && !many {
            break;
        }
        let same = (0..at).filter(|&other| leaders[other] == other).find(|&other| {
            let of = |row: u32| move |field: usize| fields[field].values.right[row as usize];
            let (one, two) = (of(found[other].1), of(found[at].1));
            if is_small {
                return is_part(fields, two, one);
            }
            let equal = (0..fields.len()).all(|field| one(field) == two(field));
            equal || model.pair(fields, scorer, one, two) >= 0.5
        });
        if let Some(leader) = same {
            leaders[at] = leader;
        }
    }
    leaders
}

/// Whether one row has the values of another one, except for some that it lacks, and what says who it
/// is among them.
fn is_part(fields: &[Field], part: impl Fn(usize) -> u32, whole: impl Fn(usize) -> u32) -> bool {
    let has = |field: usize| part(field) != NULL;
    let says = |field: &Field| field.role.identifies() || field.names_rows();
    (0..fields.len()).all(|field| !has(field) || part(field) == whole(field))
        && fields.iter().enumerate().any(|(at, field)| has(at) && says(field))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;
    use crate::{
        linkage::compare::role::Role,
        tables::{FieldSpec, Kind, Regions},
    };

    #[test]
    fn a_row_that_lacks_something_is_a_part_of_one_that_has_it() {
        let field = |kind, role, texts: [Option<&str>; 4]| {
            let column = vec![Arc::new(StringArray::from(texts.to_vec())) as ArrayRef];
            let spec = FieldSpec::new("x", Some(kind), "x", "x");
            Field::of(&spec, kind, role, false, &column, None, &Regions::default()).unwrap()
        };
        let names = [Some("Acme"), Some("Acme"), None, Some("Apex")];
        let domains = [Some("acme.com"), None, Some("acme.com"), Some("acme.com")];
        let cities = [Some("Bonn"), Some("Bonn"), Some("Bonn"), Some("Bonn")];
        let fields = [
            field(Kind::Company, Role::Identity(0.15), names),
            field(Kind::Domain, Role::Identity(0.5), domains),
            field(Kind::City, Role::Group, cities),
        ];
        let of = |row: usize| {
            let fields = &fields;
            move |field: usize| fields[field].values.left[row]
        };
        assert!(is_part(&fields, of(1), of(0)) && is_part(&fields, of(2), of(0)));
        assert!(!is_part(&fields, of(0), of(1)), "it has more than the other");
        assert!(!is_part(&fields, of(3), of(0)), "another name");
        // A city alone says nothing.
        let city = |field: usize| if field == 2 { of(0)(2) } else { NULL };
        assert!(!is_part(&fields, city, of(0)));
    }
}
