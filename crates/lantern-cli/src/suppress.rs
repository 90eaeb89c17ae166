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

/// Change the list of people who are never sent and never returned, in all jobs of the ledger
///
/// The list has ids, e-mail addresses, domains and LinkedIn pages. The ledger stores only keyed hashes
/// of them.
#[derive(Debug, Args)]
pub struct Suppress {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add entries to the list
    Add(Entries),
    /// Remove entries from the list
    Remove(Entries),
    /// Show how many entries of each kind the list has
    List,
}

#[derive(Debug, Args)]
struct Entries {
    /// CSV, Excel, Parquet or Arrow files with columns id, email, domain or linkedin, or files with one
    /// entry per line
    files: Vec<PathBuf>,
    /// Id of a record (repeatable)
    #[arg(long, value_name = "ID")]
    id: Vec<String>,
    /// E-mail address (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// Domain, including its subdomains (repeatable)
    #[arg(long, value_name = "DOMAIN")]
    domain: Vec<String>,
    /// LinkedIn page, as a URL or slug (repeatable)
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
