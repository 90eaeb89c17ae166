//! The memory of records: what each record was answered, when, by which unit, and for how much.
//!
//! A *question* is what is asked of a record: an account, a family of kinds and their parameters. The
//! kinds `phone`, `email` and `phone-email` are one family, because each answers a [`Parts`] of the
//! same question. A record is known by a hash of its id that only this ledger can make.
//!
//! What a unit asks is noted when it is claimed (`asked`), so that no other job buys it at the same
//! time. Once the unit is loaded, its records are folded into sorted layers, which hold 27
//! bytes a record: the answers themselves stay where the unit put them, and the memory points there.

mod asked;
mod calls;
mod earlier;
mod entries;
mod held;
mod layers;
mod rates;
mod recall;
mod reuse;

pub use self::{
    asked::{Answer, pack_answers, unpack_answers},
    calls::{CallAnswers, EarlierCall},
    entries::{Entry, Hash, HashKey},
    held::Replanned,
    rates::{Rates, Seen},
    recall::{Recall, Recalled, ReusedIds, Source, Waiting},
    reuse::{Reuse, micros},
};
pub(super) use self::{
    asked::{Guard, note_answers},
    held::{asked_ids, leave_out, put_left_out},
    recall::{pack_reused, put_reused, reused_chunks, unpack_reused},
};
use crate::api::agents::BatchKind;

/// The parts of a question, and what was found of them, as bits. What is found of a part is the bit
/// above that of the part.
pub type Parts = u8;

/// The e-mail address of a person.
pub const EMAIL: Parts = 1;
/// The phone number of a person.
pub const PHONE: Parts = 4;
/// The whole of a question that has no parts.
pub const WHOLE: Parts = 16;
const EACH: [Parts; 3] = [EMAIL, PHONE, WHOLE];

/// The family of the kinds that ask for a person's contact data.
pub const CONTACT: &str = "contact";

/// The bit that says of a part that something was found.
pub const fn found(part: Parts) -> Parts {
    part << 1
}

/// The parts that a kind of batches asks for.
pub const fn parts(kind: BatchKind) -> Parts {
    match kind {
        BatchKind::Email => EMAIL,
        BatchKind::Phone => PHONE,
        BatchKind::PhoneEmail => EMAIL | PHONE,
        BatchKind::DeepResearch => WHOLE,
    }
}

/// The parts that a job asks for, by the name of its kind. A mapped call is a question of one part.
pub fn parts_of(kind: &str) -> Parts {
    kind.parse().map_or(WHOLE, parts)
}

/// The kind that asks for parts of what `kind` asks.
pub const fn kind_of(kind: BatchKind, wanted: Parts) -> BatchKind {
    match (kind, wanted) {
        (BatchKind::PhoneEmail, EMAIL) => BatchKind::Email,
        (BatchKind::PhoneEmail, PHONE) => BatchKind::Phone,
        (kind, _) => kind,
    }
}

/// The family that a kind of batches belongs to.
pub const fn family(kind: BatchKind) -> &'static str {
    match kind {
        BatchKind::DeepResearch => "deep-research",
        _ => CONTACT,
    }
}

/// What is asked of records. The family of a mapped call is its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub account: String,
    pub family: String,
    /// As JSON with sorted keys.
    pub parameters: String,
}

/// A question with what a job wants of it, and what it takes from memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    pub question: Question,
    pub parts: Parts,
    pub reuse: Reuse,
}

/// What a new job takes from memory.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMemory {
    pub wish: Wish,
    /// Up to here all that was asked is known to the plan; see [`Recall::as_of`].
    pub as_of: i64,
    /// For each batch the kind that it asks, where that is not the job's.
    pub kinds: Vec<Option<BatchKind>>,
    /// Ids that are answered already, and where.
    pub reused: Vec<(String, Recalled)>,
    /// Ids of which a part is known, and that are asked for the rest.
    pub partly: Vec<(String, Recalled)>,
}
