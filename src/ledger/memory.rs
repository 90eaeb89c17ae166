//! The memory of records: what each record was answered, when, by which unit, and at what cost.
//!
//! A *question* is what is asked about a record: an account, a family of kinds, and their
//! parameters. The kinds `phone`, `email` and `phone-email` are one family, because each answers a
//! [`Parts`] of the same question. A record is identified by a keyed hash of its id, which can only
//! be computed with this ledger's key. A UUID is hashed in lower case, whatever its spelling.
//!
//! What a unit asks is recorded when it is claimed (`asked`), so that no other job buys it at the
//! same time. Once the unit is loaded, its records are folded into sorted layers of 27 bytes a
//! record. The answers themselves stay with their unit, and the memory refers to it.

mod asked;
mod calls;
mod earlier;
mod entries;
mod filters;
mod guard;
mod held;
mod layers;
mod rates;
mod recall;
mod reuse;

pub(super) use self::{
    asked::note_answers,
    guard::Guard,
    held::{asked_ids, leave_out, put_left_out},
    recall::{pack_reused, put_reused, reused_chunks, unpack_reused},
};
pub use self::{
    asked::{pack_answers, unpack_answers},
    calls::{CallAnswers, EarlierCall},
    entries::{Entry, Hash, HashKey},
    held::Replanned,
    rates::{Rates, Seen},
    recall::{Recall, Recalled, ReusedIds, Source, Waiting},
    reuse::{Reuse, micros},
};
pub use super::answer::{Answer, Parts};
use crate::api::agents::BatchKind;

/// The e-mail address of a person.
pub const EMAIL: Parts = 1;
/// The phone number of a person.
pub const PHONE: Parts = 4;
/// The whole answer, for a question without parts.
pub const WHOLE: Parts = 16;
/// The answer was probably paid for, and it is unknown which row of the result it is. It is an answer
/// in which nothing was found, so that it is not bought again.
pub const UNCERTAIN: Parts = 64;
const EACH: [Parts; 3] = [EMAIL, PHONE, WHOLE];

/// The family of kinds that ask for a person's contact data.
pub const CONTACT: &str = "contact";

/// The bit that says that something was found of a part.
pub const fn found(part: Parts) -> Parts {
    part << 1
}

/// The parts that a kind of batch asks for.
pub const fn parts(kind: BatchKind) -> Parts {
    match kind {
        BatchKind::Email => EMAIL,
        BatchKind::Phone => PHONE,
        BatchKind::PhoneEmail => EMAIL | PHONE,
        BatchKind::DeepResearch => WHOLE,
    }
}

/// The parts that a job asks for, by the name of its kind. The question of a mapped call has one
/// part.
pub fn parts_of(kind: &str) -> Parts {
    kind.parse().map_or(WHOLE, parts)
}

/// The kind of batch that asks for some parts of what `kind` asks for.
pub const fn kind_of(kind: BatchKind, wanted: Parts) -> BatchKind {
    match (kind, wanted) {
        (BatchKind::PhoneEmail, EMAIL) => BatchKind::Email,
        (BatchKind::PhoneEmail, PHONE) => BatchKind::Phone,
        (kind, _) => kind,
    }
}

/// The family of a kind of batch.
pub const fn family(kind: BatchKind) -> &'static str {
    match kind {
        BatchKind::DeepResearch => "deep-research",
        _ => CONTACT,
    }
}

/// What is asked about records. The family of a mapped call is its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub account: String,
    pub family: String,
    /// Parameters as JSON with sorted keys.
    pub parameters: String,
}

/// A question, the parts of it that a job wants, and the known answers that the job accepts.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    pub question: Question,
    pub parts: Parts,
    pub reuse: Reuse,
}

/// What a new job takes from the memory.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMemory {
    pub wish: Wish,
    /// The plan takes into account everything that was asked up to this point; see
    /// [`Recall::as_of`].
    pub as_of: i64,
    /// For each batch the kind that it asks for, if that differs from the job's.
    pub kinds: Vec<Option<BatchKind>>,
    /// Ids that are already answered, and where.
    pub reused: Vec<(String, Recalled)>,
    /// Ids of which a part is already known, so that only the rest is asked for.
    pub partly: Vec<(String, Recalled)>,
}
