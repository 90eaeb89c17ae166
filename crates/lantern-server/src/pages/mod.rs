//! Pages for people: what the server did, and what it can do. They need no network and no script.

mod html;
mod reference;
mod status;

pub(super) use reference::page as reference;
pub(super) use status::{Calls, page as status};
