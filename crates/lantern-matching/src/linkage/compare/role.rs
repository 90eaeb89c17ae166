//! What fields say of a row: who it is, how to reach it, where it belongs.

use super::field::{Field, Role};
use crate::tables::Kind;

/// Says what each field tells, where the fields show whether rows are people or companies.
///
/// Without it, learning finds the groups that the data shows best, and where there are few
/// duplicates these are employers and cities: all colleagues would be one person.
pub fn assign_roles(fields: &mut [Field]) {
    let any = |kinds: &[Kind]| fields.iter().any(|field| kinds.contains(&field.kind));
    let people = any(&[Kind::Person, Kind::FirstName, Kind::LastName]);
    let companies = any(&[Kind::Company]);
    let employed = companies || any(&[Kind::Domain]);
    for field in fields {
        field.role = if people {
            of_people(field.kind, &field.name, employed)
        } else if companies {
            of_companies(field.kind)
        } else {
            Role::Other
        };
    }
}

fn of_people(kind: Kind, name: &str, employed: bool) -> Role {
    let name = name.to_lowercase();
    let of_company = ["company", "account", "organization", "organisation", "employer"]
        .iter()
        .any(|word| name.contains(word));
    match kind {
        Kind::Company | Kind::Domain => Role::Group,
        _ if of_company => Role::Group,
        Kind::Country | Kind::Category | Kind::Postal | Kind::City | Kind::Place => Role::Group,
        // A street is where an employer is, or where few people live.
        Kind::Street if employed => Role::Group,
        // Names change and are misspelled, but seldom beyond recognition.
        Kind::Person | Kind::FirstName | Kind::LastName => Role::Identity(0.15),
        // People have several addresses and numbers, and one profile.
        Kind::Phone => Role::Identity(0.5),
        Kind::Email => Role::Handle(0.5),
        Kind::Linkedin => Role::Handle(0.2),
        Kind::Street | Kind::Date | Kind::Code | Kind::Amount | Kind::List | Kind::Text => {
            Role::Other
        }
    }
}

fn of_companies(kind: Kind) -> Role {
    match kind {
        Kind::Company => Role::Identity(0.15),
        Kind::Domain | Kind::Phone => Role::Identity(0.5),
        Kind::Email => Role::Handle(0.5),
        Kind::Linkedin => Role::Handle(0.2),
        Kind::Country | Kind::Category | Kind::Postal | Kind::City | Kind::Street | Kind::Place => {
            Role::Group
        }
        _ => Role::Other,
    }
}
