//! The role of each field: whether it says who a row is, how to reach it, or where it belongs.
//!
//! Without roles, learning would find the most distinct groups in the data. If there are few
//! duplicates, these are employers and cities, and all colleagues would match as one person.

use crate::tables::Kind;

/// What a field says about the person, the company or the thing that a row describes.
///
/// The number is the maximum share of matches that differ in the field.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Role {
    /// An attribute. It identifies a row if no field does so by its kind.
    #[default]
    Other,
    /// The name: who it is.
    Identity(f64),
    /// An e-mail address or a profile of its own. It often consists of the name, so two similar
    /// ones only repeat that the names are similar.
    Handle(f64),
    /// A number that others may share. It identifies a row unless the names differ.
    Shared(f64),
    /// Where it belongs. Others with the same employer or place have the same value.
    Group,
}

impl Role {
    /// Whether equal values show that two rows are one.
    pub const fn identifies(self) -> bool {
        matches!(self, Self::Identity(_) | Self::Handle(_) | Self::Shared(_))
    }
}

/// The role of each field, by the kinds and names of all fields. `personal` says that the e-mail
/// addresses belong to people.
pub fn roles(fields: &[(Kind, &str)], personal: bool) -> Vec<Role> {
    let any = |kinds: &[Kind]| fields.iter().any(|(kind, _)| kinds.contains(kind));
    let people =
        any(&[Kind::Person, Kind::FirstName, Kind::LastName]) || personal && any(&[Kind::Email]);
    let companies = any(&[Kind::Company]);
    let employed = companies || any(&[Kind::Domain]);
    let mut roles: Vec<Role> = fields
        .iter()
        .map(|&(kind, name)| {
            if people {
                of_people(kind, name, employed)
            } else if companies {
                of_companies(kind)
            } else {
                of_things(kind)
            }
        })
        .collect();
    // If all fields are groups, the rows are places or categories.
    if roles.iter().all(|role| *role == Role::Group) {
        roles.fill(Role::Other);
    }
    roles
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
        // The street is that of the employer. Without an employer it is a home, in which few people
        // live.
        Kind::Street if employed => Role::Group,
        // Names change and are misspelled, but rarely beyond recognition.
        Kind::Person | Kind::LastName => Role::Identity(0.1),
        // A person with another first name is a relative.
        Kind::FirstName => Role::Identity(0.05),
        // A person has several addresses and phone numbers, and one profile.
        Kind::Phone => Role::Shared(0.5),
        Kind::Email => Role::Handle(0.5),
        Kind::Linkedin => Role::Handle(0.2),
        _ => Role::Other,
    }
}

fn of_companies(kind: Kind) -> Role {
    match kind {
        Kind::Company => Role::Identity(0.15),
        Kind::Domain => Role::Identity(0.5),
        // Several companies may share a switchboard, in a hotel or a mall.
        Kind::Phone => Role::Shared(0.5),
        Kind::Email => Role::Handle(0.5),
        Kind::Linkedin => Role::Handle(0.2),
        Kind::Country | Kind::Category | Kind::Postal | Kind::City | Kind::Street | Kind::Place => {
            Role::Group
        }
        _ => Role::Other,
    }
}

fn of_things(kind: Kind) -> Role {
    match kind {
        Kind::Country | Kind::Category | Kind::Postal | Kind::City | Kind::Place => Role::Group,
        _ => Role::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_employer_says_where_a_person_belongs_and_not_who_it_is() {
        let of = roles(
            &[(Kind::Person, "name"), (Kind::Company, "company"), (Kind::Phone, "phone")],
            false,
        );
        assert_eq!(of, [Role::Identity(0.1), Role::Group, Role::Shared(0.5)]);
        assert!(!of[1].identifies());
    }

    #[test]
    fn a_company_is_identified_by_its_name_and_domain() {
        let of = roles(
            &[(Kind::Company, "name"), (Kind::Domain, "website"), (Kind::City, "city")],
            false,
        );
        assert!(of[0].identifies() && of[1].identifies());
        assert_eq!(of[2], Role::Group);
    }

    #[test]
    fn a_list_of_cities_is_about_cities() {
        assert_eq!(
            roles(&[(Kind::City, "city"), (Kind::Country, "country")], false),
            [Role::Other; 2]
        );
        let of = roles(&[(Kind::City, "city"), (Kind::Text, "title")], false);
        assert_eq!(of, [Role::Group, Role::Other]);
    }

    #[test]
    fn whoever_has_an_address_of_his_own_is_not_his_employer() {
        let fields = [(Kind::Email, "email"), (Kind::Company, "company")];
        assert_eq!(roles(&fields, true), [Role::Handle(0.5), Role::Group]);
        assert!(roles(&fields, false)[1].identifies());
    }
}
