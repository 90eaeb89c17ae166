//! What a database has to do for the ledger: run statements in order, in one transaction.
//!
//! All statements of the ledger are written once, in [`super::store`], in the SQL that SQLite and
//! PostgreSQL share. sqlx and sea-query were looked at first. sea-query builds the text of a
//! statement for either dialect, but these statements are the same text in both but for the sign
//! of a placeholder and a row lock, so it would add a language and take nothing away. sqlx would
//! drive both databases, but its connections are pools of one async runtime, which the fork of an
//! Airflow worker breaks and SQLite forbids (see [`crate::process::sqlite`]); its PostgreSQL driver
//! prepares named statements, which poolers refuse, and sends one statement a round trip, where a
//! ledger 20 ms away needs them pipelined. So the two drivers stay, below a trait of three methods.

use std::borrow::Cow;

use crate::error::{Error, Result};

/// A value of a statement or a row.
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
    // Budgets are bounded far below this, so that nothing is ever cut off here.
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

/// One statement. Its placeholders are `?1`, `?2`, ...
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub text: Cow<'static, str>,
    pub values: Vec<Value>,
}

/// Makes a statement.
macro_rules! sql {
    ($text:expr $(, $value:expr)* $(,)?) => {
        $crate::ledger::sql::Statement {
            text: ::std::borrow::Cow::from($text),
            values: vec![$($crate::ledger::sql::Value::from($value)),*],
        }
    };
}
pub(super) use sql;

/// One row of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// Reads its columns in order.
    pub fn read(self) -> Reader {
        Reader(self.0.into_iter())
    }
}

/// The columns of a row that were not read yet.
pub struct Reader(std::vec::IntoIter<Value>);

impl Reader {
    /// The next column.
    ///
    /// # Errors
    /// If the column is of another type, or out of range: somebody else wrote to the ledger.
    pub fn next<T: FromValue>(&mut self) -> Result<T> {
        self.0.next().map_or_else(|| T::from_value(Value::Null), T::from_value)
    }
}

/// What a column can be read as.
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

/// A transaction that is under way.
pub trait Session {
    /// Runs statements in order and answers the rows of each. A server gets them in one round trip.
    ///
    /// # Errors
    /// The error of the first statement that fails; nothing of the transaction is kept then.
    fn run(&mut self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>>;

    /// [`Session::run`] as the last of the transaction: the commit goes along. Nothing may be run
    /// afterwards.
    ///
    /// # Errors
    /// As for [`Session::run`]. Also if the commit fails.
    fn commit(&mut self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>>;
}

/// What a transaction does. It may be called again where the connection turns out to be lost before
/// anything was committed.
pub type Work<'a> = dyn FnMut(&mut dyn Session) -> Result<()> + 'a;

/// A database that the ledger can be kept in.
pub trait Database: Send + Sync {
    /// Runs `work` in one transaction, which holds what it locks from its beginning. Blocks.
    ///
    /// # Errors
    /// If `work` fails. Also if the database cannot be used. Nothing is changed then.
    fn transact(&self, work: &mut Work<'_>) -> Result<()>;

    /// Gives back the room beside the database that large transactions took, if nobody else uses it now.
    fn give_back(&self) {}

    /// Ends a `SELECT` whose rows nobody else may change before the transaction ends.
    fn for_update(&self) -> &'static str;

    /// This process as others see it, and what shows them that it lives.
    ///
    /// # Errors
    /// If the sign of life cannot be given.
    fn owner(&self) -> Result<String>;

    /// Runs statements that change nothing, each for itself. A server gets them in one round trip.
    ///
    /// # Errors
    /// If the database cannot be used.
    fn read(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>>;

    /// Statements that a claim begins with: a sign of life that lies in the database, or what tells
    /// whether the ledger is still the one that was opened.
    fn before_claim(&self, until: i64) -> Vec<Statement>;

    /// Whether a claim may be made, by what [`Database::before_claim`] found.
    ///
    /// # Errors
    /// If the ledger was replaced, or cannot keep what a claim will bring.
    fn may_claim(&self, found: &[Vec<Row>]) -> Result<()>;

    /// Reads the signs of life that lie in the database; `None` where they lie elsewhere.
    fn leases(&self) -> Option<Statement>;

    /// Which of `owners` live, by what [`Database::leases`] found.
    ///
    /// # Errors
    /// If the ledger is damaged.
    fn living(&self, owners: &[String], leases: Vec<Row>) -> Result<Vec<String>>;

    /// Overwrites what was deleted. False if others hold the database.
    ///
    /// # Errors
    /// If the database cannot be used.
    fn scrub(&self) -> Result<bool>;

    /// Removes the signs of life of dead processes. Answers how many.
    ///
    /// # Errors
    /// If they cannot be read.
    fn remove_leftovers(&self) -> Result<u64>;

    /// Where results are kept beside the ledger.
    fn results_folder(&self) -> std::path::PathBuf;

    /// The ledger's place, without credentials.
    fn place(&self) -> String;
}
