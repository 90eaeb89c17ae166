//! The tables of the ledger, and the migrations from earlier versions.

/// The migrations of a SQLite file, each to the next version.
pub const SQLITE: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
    include_str!("schema-5.sql"),
    include_str!("schema-6.sql"),
    include_str!("schema-7.sql"),
];

/// The migrations of a PostgreSQL database, each to the next version.
#[cfg(feature = "postgres")]
pub const POSTGRES: &[&str] = &[
    include_str!("postgres-1.sql"),
    include_str!("postgres-2.sql"),
    include_str!("postgres-3.sql"),
    include_str!("postgres-4.sql"),
    include_str!("postgres-5.sql"),
    include_str!("postgres-6.sql"),
];
