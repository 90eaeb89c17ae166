//! Memory that a thread uses again from pair to pair, so that scoring a pair allocates nothing.

use std::cell::RefCell;

use super::{
    codes::Encoder,
    grams::Table,
    queue::Registers,
    short_words::{Joined, ShortWords},
    strips::Scratch,
    text::{Latin1, Text},
    tokens::Words,
};

/// What a measure may need beside its two strings.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    pub(crate) encoder: Encoder,
    pub(crate) scratch: Scratch,
    pub(crate) registers: Registers,
    pub(crate) latin1: [Latin1; 2],
    pub(crate) words: [Words; 2],
    pub(crate) joined: [String; 2],
    pub(crate) short_words: [ShortWords; 2],
    pub(crate) short_joined: [Joined; 2],
    pub(crate) grams: Table,
}

/// Codes that a thread may keep memory for; what one 10 MB string took is given back.
const KEEP: usize = 1 << 16;

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// Runs `work` with this thread's workspace.
pub(crate) fn with<R>(work: impl FnOnce(&mut Workspace) -> R) -> R {
    WORKSPACE.with(|workspace| match workspace.try_borrow_mut() {
        Ok(mut workspace) => {
            let result = work(&mut workspace);
            workspace.encoder.trim(KEEP);
            workspace.scratch.trim(KEEP);
            workspace.grams.trim(KEEP);
            for joined in &mut workspace.joined {
                joined.clear();
                joined.shrink_to(KEEP);
            }
            result
        }
        // A caller's iterator that scores while it is read from within a measure.
        Err(_) => work(&mut Workspace::default()),
    })
}

/// Scores pairs row by row, each with this thread's workspace.
pub(crate) fn each(
    left: &[Text],
    right: &[Text],
    out: &mut [f64],
    mut score: impl FnMut(&str, &str, &mut Workspace) -> f64,
) {
    with(|workspace| {
        for ((a, b), out) in left.iter().zip(right).zip(out) {
            *out = score(a.as_str(), b.as_str(), workspace);
        }
    });
}
