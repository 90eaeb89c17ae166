//! The kinds of records, with the names and fields that Salesforce gives them.

use lantern::api::{matching::MatchObject, routing::RoutedObject, triggers::SalesforceObject};

/// A kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Object {
    Account,
    Contact,
    Lead,
    Opportunity,
    User,
    Task,
    Note,
}

impl Object {
    pub const ALL: [Self; 7] = [
        Self::Account,
        Self::Contact,
        Self::Lead,
        Self::Opportunity,
        Self::User,
        Self::Task,
        Self::Note,
    ];

    /// As Salesforce spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::Contact => "Contact",
            Self::Lead => "Lead",
            Self::Opportunity => "Opportunity",
            Self::User => "User",
            Self::Task => "Task",
            Self::Note => "Note",
        }
    }

    /// How ids of the kind begin.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Account => "001",
            Self::Contact => "003",
            Self::Lead => "00Q",
            Self::Opportunity => "006",
            Self::User => "005",
            Self::Task => "00T",
            Self::Note => "002",
        }
    }

    pub const fn table(self) -> &'static str {
        match self {
            Self::Account => "accounts",
            Self::Contact => "contacts",
            Self::Lead => "leads",
            Self::Opportunity => "opportunities",
            Self::User => "users",
            Self::Task => "tasks",
            Self::Note => "notes",
        }
    }

    /// The fields of a record, without its id and times.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Account => &[
                "name",
                "domain",
                "phone",
                "linkedin",
                "industry",
                "size_range",
                "country",
                "state",
                "city",
                "postal_code",
                "owner_id",
            ],
            Self::Contact => &[
                "account_id",
                "first_name",
                "last_name",
                "email",
                "phone",
                "title",
                "linkedin",
                "company",
                "domain",
                "country",
                "city",
                "owner_id",
            ],
            Self::Lead => &[
                "first_name",
                "last_name",
                "email",
                "phone",
                "title",
                "linkedin",
                "company",
                "domain",
                "country",
                "city",
                "source",
                "status",
                "converted_account_id",
                "converted_contact_id",
                "owner_id",
            ],
            Self::Opportunity => &["account_id", "name", "stage", "amount", "owner_id"],
            Self::User => &["name", "email", "active"],
            Self::Task => &["parent_id", "subject", "status", "owner_id"],
            Self::Note => &["parent_id", "title", "body", "owner_id"],
        }
    }

    pub fn named(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|object| object.name().eq_ignore_ascii_case(text) || object.table() == text)
    }
}

impl From<SalesforceObject> for Object {
    fn from(object: SalesforceObject) -> Self {
        match object {
            SalesforceObject::Lead => Self::Lead,
            SalesforceObject::Contact => Self::Contact,
            SalesforceObject::Account => Self::Account,
            SalesforceObject::Opportunity => Self::Opportunity,
        }
    }
}

impl From<RoutedObject> for Object {
    fn from(object: RoutedObject) -> Self {
        match object {
            RoutedObject::Lead => Self::Lead,
            RoutedObject::Contact => Self::Contact,
            RoutedObject::Account => Self::Account,
            RoutedObject::Opportunity => Self::Opportunity,
        }
    }
}

impl From<MatchObject> for Object {
    fn from(object: MatchObject) -> Self {
        match object {
            MatchObject::Lead => Self::Lead,
            MatchObject::Contact => Self::Contact,
            MatchObject::Account => Self::Account,
        }
    }
}
