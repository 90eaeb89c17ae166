//! The kinds of records, with Salesforce's names and fields.

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

/// The names of a kind, and its fields.
struct Description {
    name: &'static str,
    prefix: &'static str,
    table: &'static str,
    fields: &'static [&'static str],
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

    const fn description(self) -> &'static Description {
        match self {
            Self::Account => &Description {
                name: "Account",
                prefix: "001",
                table: "accounts",
                fields: &[
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
            },
            Self::Contact => &Description {
                name: "Contact",
                prefix: "003",
                table: "contacts",
                fields: &[
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
            },
            Self::Lead => &Description {
                name: "Lead",
                prefix: "00Q",
                table: "leads",
                fields: &[
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
            },
            Self::Opportunity => &Description {
                name: "Opportunity",
                prefix: "006",
                table: "opportunities",
                fields: &["account_id", "name", "stage", "amount", "owner_id"],
            },
            Self::User => &Description {
                name: "User",
                prefix: "005",
                table: "users",
                fields: &["name", "email", "active"],
            },
            Self::Task => &Description {
                name: "Task",
                prefix: "00T",
                table: "tasks",
                fields: &["parent_id", "subject", "status", "owner_id"],
            },
            Self::Note => &Description {
                name: "Note",
                prefix: "002",
                table: "notes",
                fields: &["parent_id", "title", "body", "owner_id"],
            },
        }
    }

    /// The name as Salesforce spells it.
    pub const fn name(self) -> &'static str {
        self.description().name
    }

    /// The prefix of the kind's ids.
    pub const fn prefix(self) -> &'static str {
        self.description().prefix
    }

    pub const fn table(self) -> &'static str {
        self.description().table
    }

    /// The fields of a record, without its id and times.
    pub const fn fields(self) -> &'static [&'static str] {
        self.description().fields
    }

    pub fn named(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|object| object.name().eq_ignore_ascii_case(text) || object.table() == text)
    }
}

/// Converts objects in calls of the API into kinds of records.
macro_rules! kinds_of {
    ($($api:ident { $($name:ident),+ })+) => {
        $(
            impl From<$api> for Object {
                fn from(object: $api) -> Self {
                    match object {
                        $($api::$name => Self::$name,)+
                    }
                }
            }
        )+
    };
}

kinds_of! {
    SalesforceObject { Lead, Contact, Account, Opportunity }
    RoutedObject { Lead, Contact, Account, Opportunity }
    MatchObject { Lead, Contact, Account }
}
