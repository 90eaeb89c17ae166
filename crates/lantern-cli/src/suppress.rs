//! `lantern suppress`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{
    Session,
    failure::{Failure, Result},
    format::{self, Column},
};
use lantern::{
    jobs::suppression::{self, ListColumn},
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
    /// Column of the files to take, as COLUMN or KIND=COLUMN, where KIND is id, email, domain or linkedin
    /// (repeatable). By default all columns that are named as ids of records (id, contact_id, "Lead ID"),
    /// e-mail addresses, domains or LinkedIn pages
    #[arg(long, value_name = "COLUMN")]
    column: Vec<String>,
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

/// A file, and the columns that were taken from it.
type Taken = (PathBuf, Vec<ListColumn>);

/// Reads `COLUMN` or `KIND=COLUMN`.
fn wanted(text: &str) -> ListColumn {
    let kind = text
        .split_once('=')
        .and_then(|(kind, name)| Some((kind.parse::<Identifier>().ok()?, name)));
    match kind {
        Some((kind, name)) => ListColumn { name: name.to_owned(), kind: Some(kind) },
        None => ListColumn { name: text.to_owned(), kind: None },
    }
}

/// One line for each file that says which of its columns were taken.
fn taken_lines(taken: &[Taken]) -> String {
    let column = |column: &ListColumn| match column.kind {
        Some(kind) => format!("{:?} ({})", column.name, kind.name()),
        None => format!("{:?}", column.name),
    };
    let line = |(path, columns): &Taken| {
        let columns: Vec<String> = columns.iter().map(column).collect();
        let columns = if columns.is_empty() { "its lines".to_owned() } else { columns.join(", ") };
        format!("\n  from {}: {columns}", path.display())
    };
    taken.iter().map(line).collect()
}

/// The columns of each file, by its name.
fn taken_json(taken: &[Taken]) -> Value {
    let names = |columns: &[ListColumn]| -> Value {
        columns.iter().map(|column| Value::from(column.name.as_str())).collect()
    };
    let all = taken.iter().map(|(path, of)| (path.display().to_string(), names(of)));
    all.collect::<Map<_, _>>().into()
}

impl Entries {
    fn read(self) -> Result<(Vec<Entry>, Vec<Taken>)> {
        let (mut entries, mut taken) = (Vec::new(), Vec::new());
        let wanted: Vec<ListColumn> = self.column.iter().map(|text| wanted(text)).collect();
        if !wanted.is_empty() && self.files.is_empty() {
            return Err(Failure::usage("--column names a column of a file; give the file"));
        }
        for path in self.files {
            let list = suppression::list_in(&path, &wanted)?;
            entries.extend(list.entries);
            taken.push((path, list.columns));
        }
        for (kind, texts) in [
            (Identifier::Id, self.id),
            (Identifier::Email, self.email),
            (Identifier::Domain, self.domain),
            (Identifier::Linkedin, self.linkedin),
        ] {
            if texts.iter().any(|text| text.trim().is_empty()) {
                let option = kind.name();
                return Err(Failure::usage(format!(
                    "--{option} is empty; give a value, or leave it out"
                )));
            }
            entries.extend(texts.into_iter().map(|text| Entry { kind, text }));
        }
        if entries.is_empty() {
            return Err(Failure::usage("give a file, or an --id, --email, --domain or --linkedin"));
        }
        Ok((entries, taken))
    }
}

impl Suppress {
    pub async fn run(self, session: &Session) -> Result<()> {
        let ledger = session.connection.ledger()?;
        match self.command {
            Command::Add(entries) => {
                let (entries, taken) = entries.read()?;
                let count = ledger.run(move |store| store.suppress(&entries)).await?;
                let lines = taken_lines(&taken);
                session.output.print(
                    || format!("{} entries are suppressed{lines}", format::count(count)),
                    || json!({"suppressed": count, "columns": taken_json(&taken)}),
                )
            }
            Command::Remove(entries) => {
                let (entries, taken) = entries.read()?;
                let count = ledger.run(move |store| store.unsuppress(&entries)).await?;
                let lines = taken_lines(&taken);
                session.output.print(
                    || format!("{} entries are no longer suppressed{lines}", format::count(count)),
                    || json!({"removed": count, "columns": taken_json(&taken)}),
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
