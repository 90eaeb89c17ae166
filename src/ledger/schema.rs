//! The tables of the ledger, and how those of earlier versions become them.

/// What brings a SQLite file from one version to the next.
pub const SQLITE: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
    include_str!("schema-5.sql"),
    include_str!("schema-6.sql"),
];

/// What brings a PostgreSQL database from one version to the next.
#[cfg(feature = "postgres")]
pub const POSTGRES: &[&str] = &[
    include_str!("postgres-1.sql"),
    include_str!("postgres-2.sql"),
    include_str!("postgres-3.sql"),
    include_str!("postgres-4.sql"),
    include_str!("postgres-5.sql"),
];
