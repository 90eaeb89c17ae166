//! What the ledger needs from a database: to run statements in order, in one transaction.
//!
//! All statements of the ledger are written once, in [`super::store`], in the SQL that SQLite and
//! PostgreSQL share. sqlx and sea-query were considered. sea-query generates the text of a
//! statement for either dialect, but here the texts differ only in the placeholder's sign and in a
//! row lock, so it would add a language without removing anything. sqlx would drive both databases,
//! but its connections are pools of one async runtime, which do not survive the fork of an Airflow
//! worker and which SQLite does not allow across forks (see [`crate::process::sqlite`]). Its
//! PostgreSQL driver also prepares named statements, which poolers refuse, and sends one statement
//! per round trip, while a ledger 20 ms away needs them pipelined. So the two drivers are used
//! directly, below a trait.

use std::borrow::Cow;

use crate::error::{Error, Result};

/// A value in a statement or a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

macro_rules! value_from {
    ($($from:ty => |$value:ident| $made:expr),+ $(,)?) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self { $made }
        })+
    };
}

value_from! {
    i64 => |value| Self::Integer(value),
    u32 => |value| Self::Integer(value.into()),
    // Budgets are limited far below `i64::MAX`, so this never changes a value.
    u64 => |value| Self::Integer(i64::try_from(value).unwrap_or(i64::MAX)),
    usize => |value| Self::Integer(i64::try_from(value).unwrap_or(i64::MAX)),
    bool => |value| Self::Integer(value.into()),
    &str => |value| Self::Text(value.to_owned()),
    &String => |value| Self::Text(value.clone()),
    String => |value| Self::Text(value),
    Vec<u8> => |value| Self::Bytes(value),
    &[u8] => |value| Self::Bytes(value.to_vec()),
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One statement, with the placeholders `?1`, `?2`, ...
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub text: Cow<'static, str>,
    pub values: Vec<Value>,
}

/// Builds a statement.
macro_rules! sql {
    ($text:expr $(, $value:expr)* $(,)?) => {
        $crate::ledger::sql::Statement {
            text: ::std::borrow::Cow::from($text),
            values: vec![$($crate::ledger::sql::Value::from($value)),*],
        }
    };
}
pub(super) use sql;

/// One row of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// Returns a reader of its columns, in order.
    pub fn read(self) -> Reader {
        Reader(self.0.into_iter())
    }
}

/// The columns of a row that were not read yet.
pub struct Reader(std::vec::IntoIter<Value>);

impl Reader {
    /// Reads the next column.
    ///
    /// # Errors
    /// If the column has another type or is out of range, so that somebody else must have written
    /// it.
    pub fn next<T: FromValue>(&mut self) -> Result<T> {
        self.0.next().map_or_else(|| T::from_value(Value::Null), T::from_value)
    }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// # Errors
    /// If the value is of another type, or out of range.
    fn from_value(value: Value) -> Result<Self>;
}

fn damaged(value: &Value) -> Error {
    Error::ledger(match value {
        Value::Integer(number) => format!("the ledger is damaged: {number} is out of range"),
        Value::Null => "the ledger is damaged: a value is missing".to_owned(),
        Value::Text(_) | Value::Bytes(_) => {
            "the ledger is damaged: a value is of another type".to_owned()
        }
    })
}

macro_rules! number_from_value {
    ($($number:ty),+) => {
        $(impl FromValue for $number {
            fn from_value(value: Value) -> Result<Self> {
                match value {
                    Value::Integer(number) => {
                        Self::try_from(number).map_err(|_| damaged(&Value::Integer(number)))
                    }
                    other => Err(damaged(&other)),
                }
            }
        })+
    };
}

number_from_value!(i64, u64, u32, usize);

impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self> {
        Ok(i64::from_value(value)? != 0)
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(damaged(&other)),
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(damaged(&other)),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            some => T::from_value(some).map(Some),
        }
    }
}

/// A transaction in progress.
pub trait Session {
    /// Runs statements in order and returns the rows of each. On a server this is one round trip.
    ///
    /// # Errors
    /// If a statement fails. The transaction is then rolled back.
    fn run(&mut self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>>;

    /// Like [`Session::run`], as the last call of the transaction: the commit is sent along.
    /// Nothing may be run afterwards.
    ///
    /// # Errors
    /// As for [`Session::run`], or if the commit fails.
    fn commit(&mut self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>>;
}

/// The work of a transaction. It may be called again if the connection was lost before anything was
/// committed.
pub type Work<'a> = dyn FnMut(&mut dyn Session) -> Result<()> + 'a;

/// A database in which the ledger can be stored.
pub trait Database: Send + Sync {
    /// Runs `work` in one transaction, which keeps its locks until it ends. Blocks.
    ///
    /// # Errors
    /// If `work` fails, or the database cannot be used. Nothing is changed then.
    fn transact(&self, work: &mut Work<'_>) -> Result<()>;

    /// Releases disk space that large transactions took outside of the database file, if nobody
    /// else is using it.
    fn give_back(&self) {}

    /// The end of a `SELECT` whose rows must not be changed by others before the transaction ends.
    fn for_update(&self) -> &'static str;

    /// The identifier of this process, by which others can see whether it is alive.
    ///
    /// # Errors
    /// If the sign of life cannot be created.
    fn owner(&self) -> Result<String>;

    /// Runs statements that change nothing, each in a transaction of its own. On a server this is
    /// one round trip.
    ///
    /// # Errors
    /// If the database cannot be used.
    fn read(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>>;

    /// Statements at the beginning of a claim: they renew a sign of life in the database, or check
    /// whether the ledger is still the one that was opened.
    fn before_claim(&self, until: i64) -> Vec<Statement>;

    /// Whether a claim may be made, by the results of [`Database::before_claim`].
    ///
    /// # Errors
    /// If the ledger was replaced, or cannot store what the claim will return.
    fn may_claim(&self, found: &[Vec<Row>]) -> Result<()>;

    /// Reads the signs of life in the database; `None` if they are stored elsewhere.
    fn leases(&self) -> Option<Statement>;

    /// Which of `owners` are alive, by the results of [`Database::leases`].
    ///
    /// # Errors
    /// If the ledger is damaged.
    fn living(&self, owners: &[String], leases: Vec<Row>) -> Result<Vec<String>>;

    /// Overwrites what was deleted. Returns false if others are using the database.
    ///
    /// # Errors
    /// If the database cannot be used.
    fn scrub(&self) -> Result<bool>;

    /// Removes the signs of life of dead processes. Returns how many there were.
    ///
    /// # Errors
    /// If they cannot be read.
    fn remove_leftovers(&self) -> Result<u64>;

    /// The folder in which results are stored beside the ledger.
    fn results_folder(&self) -> std::path::PathBuf;

    /// The ledger's location, without credentials.
    fn place(&self) -> String;
}
