//! `lantern suppress`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, json};

use super::{
    Session,
    failure::{Failure, Result},
    format::{self, Column},
};
use lantern::{
    jobs::suppression,
    ledger::suppression::{Entry, Identifier},
};

/// Say who is never sent and never given back, in all jobs of the ledger
///
/// Ids, e-mail addresses, domains and LinkedIn pages. The ledger keeps keyed hashes of them only.
#[derive(Debug, Args)]
pub struct Suppress {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add entries to the list
    Add(Entries),
    /// Take entries from the list
    Remove(Entries),
    /// Show how many entries of each kind the list has
    List,
}

#[derive(Debug, Args)]
struct Entries {
    /// Files with columns id, email, domain or linkedin (CSV, Parquet or Arrow IPC), or with one entry
    /// a line
    files: Vec<PathBuf>,
    /// The id of a record
    #[arg(long, value_name = "ID")]
    id: Vec<String>,
    /// An e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// A domain, with those below it
    #[arg(long, value_name = "DOMAIN")]
    domain: Vec<String>,
    /// A LinkedIn page, by its URL or slug
    #[arg(long, value_name = "PAGE")]
    linkedin: Vec<String>,
}

impl Entries {
    fn read(self) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for path in &self.files {
            entries.extend(suppression::of_file(path)?);
        }
        for (kind, texts) in [
            (Identifier::Id, self.id),
            (Identifier::Email, self.email),
            (Identifier::Domain, self.domain),
            (Identifier::Linkedin, self.linkedin),
        ] {
            entries.extend(texts.into_iter().map(|text| Entry { kind, text }));
        }
        if entries.is_empty() {
            return Err(Failure::usage("give a file, or an --id, --email, --domain or --linkedin"));
        }
        Ok(entries)
    }
}

impl Suppress {
    pub async fn run(self, session: &Session) -> Result<()> {
        let ledger = session.connection.ledger()?;
        match self.command {
            Command::Add(entries) => {
                let entries = entries.read()?;
                let count = ledger.run(move |store| store.suppress(&entries)).await?;
                session.output.print(
                    || format!("{} entries are suppressed", format::count(count)),
                    || json!({"suppressed": count}),
                )
            }
            Command::Remove(entries) => {
                let entries = entries.read()?;
                let count = ledger.run(move |store| store.unsuppress(&entries)).await?;
                session.output.print(
                    || format!("{} entries are no longer suppressed", format::count(count)),
                    || json!({"removed": count}),
                )
            }
            Command::List => {
                let kinds = ledger.run(|store| store.suppressed_kinds()).await?;
                session.output.print(
                    || {
                        let columns = [Column::Left("KIND"), Column::Right("ENTRIES")];
                        let row = |(kind, count): &(Identifier, u64)| {
                            vec![kind.name().to_owned(), format::count(*count)]
                        };
                        format::table(&columns, kinds.iter().map(row))
                    },
                    || {
                        let counts = kinds
                            .iter()
                            .map(|(kind, count)| (kind.name().to_owned(), (*count).into()));
                        counts.collect::<Map<_, _>>().into()
                    },
                )
            }
        }
    }
}
